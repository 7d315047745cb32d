/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Parsers of what qubesd answers. They do no I/O and trust nothing: every one fails with LIVE_ERROR_PROTOCOL on NUL
 * bytes, invalid UTF-8 and an unfinished last line (each line of a listing ends with a newline, so that one without
 * was cut). Keys are looked up by name; unknown ones are ignored, because every version of Qubes adds some.
 */

/**
 * LiveQubeListing:
 * @name: valid by live_name_is_valid()
 * @klass: `AppVM`, `TemplateVM`, `StandaloneVM`, `DispVM`, `AdminVM`, `RemoteVM` …
 * @state: `Halted`, `Running`, `Paused`, `Transient`, `Halting`, `Crashed`, `Suspended`, `NA` …
 * @uuid: (nullable): since Qubes 4.3
 *
 * One line of `admin.vm.List`.
 */
typedef struct
{
  char *name;
  char *klass;
  char *state;
  char *uuid;
} LiveQubeListing;

void live_qube_listing_free (LiveQubeListing *listing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveQubeListing, live_qube_listing_free)

/**
 * LiveVolumeInfo:
 * @pool: name of the pool, unchecked
 * @vid: name of the volume in its pool
 * @source: (nullable): @vid of the volume that it is a snapshot of
 * @path: (nullable): block device or file in dom0; it need not exist
 * @size: bytes
 * @usage: bytes
 * @rw: whether the qube may write to it
 * @save_on_stop: what was written is kept when the qube stops
 * @snap_on_start: made anew from @source at each start
 * @ephemeral: encrypted with a key that only memory knows
 * @revisions_to_keep: -1 on 4.3 and later: no snapshots, the volume itself is attached
 *
 * `admin.vm.volume.Info`. pool, rw, save_on_stop and snap_on_start have to be there, each once: a guess could call a
 * volume harmless that is not. The others may be missing (0, %FALSE, %NULL).
 */
typedef struct
{
  char *pool;
  char *vid;
  char *source;
  char *path;
  guint64 size;
  guint64 usage;
  gboolean rw;
  gboolean save_on_stop;
  gboolean snap_on_start;
  gboolean ephemeral;
  gint revisions_to_keep;
} LiveVolumeInfo;

void live_volume_info_free (LiveVolumeInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveVolumeInfo, live_volume_info_free)

/**
 * LivePoolInfo:
 * @driver: `lvm_thin`, `file-reflink`, `file`, `linux-kernel`, `zfs` …
 * @dir_path: (nullable): directory of the pools that have one
 * @volume_group: (nullable): of `lvm_thin`
 * @thin_pool: (nullable): of `lvm_thin`
 * @included_in: (nullable): pool that it shares its room with
 * @has_size: whether the pool told its size and use
 * @size: bytes
 * @usage: bytes
 * @has_ephemeral_volatile: whether the pool told; pools of kernels do not
 * @ephemeral_volatile: new volatile volumes get ephemeral
 * @has_revisions_to_keep: whether the pool told
 * @revisions_to_keep: default of its volumes
 *
 * `admin.pool.Info`. Only driver has to be there.
 */
typedef struct
{
  char *driver;
  char *dir_path;
  char *volume_group;
  char *thin_pool;
  char *included_in;
  gboolean has_size;
  guint64 size;
  guint64 usage;
  gboolean has_ephemeral_volatile;
  gboolean ephemeral_volatile;
  gboolean has_revisions_to_keep;
  gint revisions_to_keep;
} LivePoolInfo;

void live_pool_info_free (LivePoolInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LivePoolInfo, live_pool_info_free)

/**
 * LivePropertyValue:
 * @is_default: nobody set it
 * @type: `str`, `int`, `bool`, `vm`, `label`
 * @value: text of it, empty for none; may hold spaces and newlines
 *
 * `admin.vm.property.Get` and its like.
 */
typedef struct
{
  gboolean is_default;
  char *type;
  char *value;
} LivePropertyValue;

void live_property_value_free (LivePropertyValue *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LivePropertyValue, live_property_value_free)

/**
 * live_qubesd_reply_parse_vm_list:
 * @n_skipped: (out) (optional): number of lines whose name is not a valid one
 *
 * `admin.vm.List`. A line without class or state, and a name that is there twice, are errors.
 *
 * Returns: (transfer full) (element-type LiveQubeListing): in qubesd's order; the array owns its elements
 */
GPtrArray *live_qubesd_reply_parse_vm_list (GBytes *reply, guint *n_skipped, GError **error);

/**
 * live_qubesd_reply_parse_volume_info:
 *
 * Returns: (transfer full): `admin.vm.volume.Info`
 */
LiveVolumeInfo *live_qubesd_reply_parse_volume_info (GBytes *reply, GError **error);

/**
 * live_qubesd_reply_parse_pool_info:
 *
 * Returns: (transfer full): `admin.pool.Info`
 */
LivePoolInfo *live_qubesd_reply_parse_pool_info (GBytes *reply, GError **error);

/**
 * live_qubesd_reply_parse_pool_list:
 * @n_skipped: (out) (optional): number of lines that are no valid name
 *
 * `admin.pool.List`, and every other listing of one name a line (`admin.vm.volume.List`, `admin.label.List` …).
 *
 * Returns: (transfer full): names, valid by live_name_is_valid(), %NULL-terminated
 */
char **live_qubesd_reply_parse_pool_list (GBytes *reply, guint *n_skipped, GError **error);

/**
 * live_qubesd_reply_parse_feature_list:
 * @n_skipped: (out) (optional): number of lines that are no name of a feature
 *
 * `admin.vm.feature.List`. A name is any printable ASCII without a space: 4.2 lets more through than letters.
 *
 * Returns: (transfer full): names, %NULL-terminated
 */
char **live_qubesd_reply_parse_feature_list (GBytes *reply, guint *n_skipped, GError **error);

/**
 * live_qubesd_reply_parse_property:
 *
 * Returns: (transfer full): `admin.vm.property.Get`, `admin.property.Get`
 */
LivePropertyValue *live_qubesd_reply_parse_property (GBytes *reply, GError **error);

/**
 * live_qubesd_reply_parse_property_all:
 *
 * `admin.vm.property.GetAll`, `admin.property.GetAll`; the escapes for backslash and newline are undone.
 *
 * Returns: (transfer full) (element-type utf8 LivePropertyValue): by name
 */
GHashTable *live_qubesd_reply_parse_property_all (GBytes *reply, GError **error);

/**
 * live_qubesd_reply_parse_text:
 *
 * A value that is free text, as of `admin.vm.feature.Get`.
 *
 * Returns: (transfer full): the text, valid UTF-8, may hold newlines
 */
char *live_qubesd_reply_parse_text (GBytes *reply, GError **error);

G_END_DECLS
