/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Domain ids from here on are not of domains (Xen's DOMID_FIRST_RESERVED). */
#define LIVE_DOMID_FIRST_RESERVED 0x7ff0u

/**
 * LiveVbdNode:
 * @key: last part of the node's path
 * @value: bytes, not terminated
 * @length: of @value
 *
 * One node of a backend's directory in xenstore, as it was read: anything may be in it.
 */
typedef struct
{
  const char *key;
  const char *value;
  gsize length;
} LiveVbdNode;

/**
 * LiveVbd:
 * @domid: the domain that has the device
 * @devid: the number of the device as the domain sees it, 0 when the store has a name there that is no number
 * @dev: (nullable): its name in the domain, such as `xvda`; %NULL (unknown) unless the store's name is the one that
 *   @devid stands for
 * @read_only: the backend takes no writes: the mode is `r`. Everything but a plain `r`, also no mode at all, counts as
 *   writable
 * @connected: the device is set up: its hotplug script is done, the backend's device is known, and it is not being
 *   closed. Before that nothing else here is final
 * @has_device: @major and @minor are known
 * @major: of dom0's block device behind it
 * @minor: of dom0's block device behind it
 *
 * A block device of a domain, from the directory of its backend in dom0, where the domain itself cannot write.
 */
typedef struct
{
  guint domid;
  guint devid;
  char *dev;
  gboolean read_only;
  gboolean connected;
  gboolean has_device;
  guint major;
  guint minor;
} LiveVbd;

void live_vbd_free (LiveVbd *vbd);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveVbd, live_vbd_free)

/**
 * live_vbd_get_keys:
 *
 * Returns: (transfer none): the keys that live_vbd_parse() looks at, %NULL-terminated
 */
const char *const *live_vbd_get_keys (void);

/**
 * live_vbd_parse:
 * @domid: the domain
 * @devid: the number of the device, 0 for unknown
 * @nodes: (array length=n_nodes): what is in the backend's directory; other keys than live_vbd_get_keys() are ignored
 * @n_nodes: how many
 *
 * Never fails: what is missing, garbage or there twice is unknown, and unknown never looks better than what it may be.
 *
 * Returns: (transfer full): the device
 */
LiveVbd *live_vbd_parse (guint domid, guint devid, const LiveVbdNode *nodes, gsize n_nodes);

/**
 * live_vbd_find:
 * @vbds: (nullable) (element-type LiveVbd): the devices of one domain
 * @dev: a name, such as `xvda`
 *
 * Finds a device by name and number, which have to agree. That there is no such device says nothing about the others
 * in @vbds: whoever wants to vouch for a domain has to look at each of them.
 *
 * Returns: (transfer none) (nullable): the device
 */
const LiveVbd *live_vbd_find (GPtrArray *vbds, const char *dev);

/* Whether two lists (nullable) say the same, in the same order. */
gboolean live_vbds_equal (GPtrArray *one, GPtrArray *other);

/**
 * live_vbd_name_to_devid:
 * @dev: `xvda` to `xvdz`, `xvdaa` to `xvdzz`: whole disks
 *
 * How Xen numbers them: 202 × 256 + 16 × index up to `xvdp`, from there on 2^28 + 256 × index.
 *
 * Returns: the number, 0 when @dev is not such a name
 */
guint live_vbd_name_to_devid (const char *dev);

/**
 * live_vbd_parse_number:
 * @text: what should be a number
 * @max: the largest that is allowed
 * @number: (out): the number
 *
 * Decimal digits only: no sign, no space, no leading zero.
 *
 * Returns: whether it is one
 */
gboolean live_vbd_parse_number (const char *text, guint max, guint *number);

G_END_DECLS
