/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "property.h"

/* The classes (and the system as a whole) that have a property. */
enum
{
  LIVE_DOM0_HOLDER_ADMIN = 1 << LIVE_DOM0_CLASS_ADMIN,
  LIVE_DOM0_HOLDER_APP = 1 << LIVE_DOM0_CLASS_APP,
  LIVE_DOM0_HOLDER_DISPOSABLE = 1 << LIVE_DOM0_CLASS_DISPOSABLE,
  LIVE_DOM0_HOLDER_STANDALONE = 1 << LIVE_DOM0_CLASS_STANDALONE,
  LIVE_DOM0_HOLDER_TEMPLATE = 1 << LIVE_DOM0_CLASS_TEMPLATE,
  LIVE_DOM0_HOLDER_SYSTEM = 1 << 8,
  LIVE_DOM0_HOLDER_QUBES
  = LIVE_DOM0_HOLDER_APP | LIVE_DOM0_HOLDER_DISPOSABLE | LIVE_DOM0_HOLDER_STANDALONE | LIVE_DOM0_HOLDER_TEMPLATE,
  LIVE_DOM0_HOLDER_ALL = LIVE_DOM0_HOLDER_QUBES | LIVE_DOM0_HOLDER_ADMIN,
};

enum
{
  /* Computed, or set once and for all: cannot be set. */
  LIVE_DOM0_PROPERTY_FIXED = 1 << 0,
  /* An empty value means None. */
  LIVE_DOM0_PROPERTY_NULLABLE = 1 << 1,
  /* Always explicit. */
  LIVE_DOM0_PROPERTY_STORED = 1 << 2,
  /* The default is the template's value. */
  LIVE_DOM0_PROPERTY_INHERITED = 1 << 3,
};

struct _LiveDom0Property
{
  const char *name;
  const char *type;
  guint holders;
  guint flags;
  /* The first version that has it, 0 for all. */
  LiveDom0Version since;
  const char *value;
  char *(*compute) (LiveDom0 *dom0, LiveDom0Qube *qube);
};

/* In qubesd's order; ends with a property without a name. */
extern const LiveDom0Property live_dom0_property_table[];
