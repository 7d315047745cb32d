/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "store.h"

typedef struct _LiveDom0Property LiveDom0Property;

/**
 * live_dom0_property_find:
 * @qube: (nullable): the holder, or %NULL for the global properties
 *
 * Returns: (transfer none) (nullable): the property, if that holder has it in this version
 */
const LiveDom0Property *live_dom0_property_find (LiveDom0 *dom0, LiveDom0Qube *qube, const char *name);

/**
 * live_dom0_property_next:
 * @previous: (nullable): where to go on, %NULL for the first
 *
 * Returns: (transfer none) (nullable): the holder's next property in qubesd's order
 */
const LiveDom0Property *live_dom0_property_next (LiveDom0 *dom0, LiveDom0Qube *qube, const LiveDom0Property *previous);

const char *live_dom0_property_name (const LiveDom0Property *property);

/**
 * live_dom0_property_describe:
 *
 * Returns: (transfer full): `default=… type=… VALUE`
 */
char *live_dom0_property_describe (LiveDom0 *dom0, LiveDom0Qube *qube, const LiveDom0Property *property);

/**
 * live_dom0_property_describe_default:
 *
 * Returns: (transfer full): `type=… VALUE`
 */
char *live_dom0_property_describe_default (LiveDom0 *dom0, LiveDom0Qube *qube, const LiveDom0Property *property);

/**
 * live_dom0_property_get:
 *
 * Returns: (transfer full): the value as text, "" for None; the property must exist
 */
char *live_dom0_property_get (LiveDom0 *dom0, LiveDom0Qube *qube, const char *name);

gboolean live_dom0_property_is_true (LiveDom0 *dom0, LiveDom0Qube *qube, const char *name);

/**
 * live_dom0_property_set:
 *
 * Sets a property with all its checks, consequences and events.
 */
gboolean live_dom0_property_set (
    LiveDom0 *dom0, LiveDom0Qube *qube, const LiveDom0Property *property, const char *value, GError **error);
gboolean
live_dom0_property_reset (LiveDom0 *dom0, LiveDom0Qube *qube, const LiveDom0Property *property, GError **error);

/**
 * live_dom0_property_refers:
 *
 * Returns: whether @qube is what some other qube (explicitly) or the system (in any way) refers to
 */
gboolean live_dom0_property_refers (LiveDom0 *dom0, LiveDom0Qube *qube);

/**
 * live_dom0_label_color:
 *
 * Returns: (nullable): the label's colour, if there is such a label
 */
const char *live_dom0_label_color (const char *label);

/**
 * live_dom0_label_name:
 *
 * Returns: (nullable): the name of the label at @index, counted from 0
 */
const char *live_dom0_label_name (guint index);
