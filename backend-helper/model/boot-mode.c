/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/boot-mode.h"

#include "model/persistence.h"
#include "model/reason.h"

#include <string.h>

/* systemd makes its upper layer here, on a tmpfs of its own that it unmounts again, so that the name leads nowhere. */
#define SYSTEMD_UPPER "/run/systemd/overlay-sysroot/upper"
/* dracut: a directory in /run, or a link to one on a disk when it was told of a disk. */
#define DRACUT_UPPER "/run/overlayfs"

/* ---- The kernel command line ---- */

/* (transfer full): the arguments, quotes taken off. */
static char **
split_arguments (const char *command_line)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr (GString) argument = g_string_new (NULL);
  gboolean quoted = FALSE;

  for (const char *at = command_line != NULL ? command_line : "";; at++)
    {
      if (*at == '"')
        quoted = !quoted;
      else if (*at != '\0' && (quoted || !g_ascii_isspace (*at)))
        g_string_append_c (argument, *at);
      else if (argument->len > 0)
        {
          g_ptr_array_add (arguments, g_strdup (argument->str));
          g_string_truncate (argument, 0);
        }
      if (*at == '\0')
        break;
    }
  g_ptr_array_add (arguments, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&arguments), FALSE);
}

/* %NULL when @argument is not @name; "" for one without a value. */
static const char *
get_value (const char *argument, const char *name)
{
  gsize length = strlen (name);

  if (strncmp (argument, name, length) != 0)
    return NULL;
  if (argument[length] == '\0')
    return "";
  return argument[length] == '=' ? argument + length + 1 : NULL;
}

static gboolean
is_off (const char *value)
{
  static const char *const words[] = { "0", "no", "off", "false", "n", "f", "none", NULL };

  return g_strv_contains (words, value);
}

/* @value_needed: without one it means nothing. */
static gboolean
claims (const char *argument, const char *name, gboolean value_needed)
{
  const char *value = get_value (argument, name);

  if (value == NULL || is_off (value))
    return FALSE;
  return *value != '\0' || !value_needed;
}

static gboolean
claims_live (const char *argument)
{
  static const char *const volatile_modes[] = { "yes", "y", "true", "t", "on", "1", "overlay", "", NULL };
  const char *value = NULL;

  if (claims (argument, "qubes.live", TRUE) || claims (argument, "rootovl", FALSE) || claims (argument, "ramovl", FALSE)
      || claims (argument, "rootzram", FALSE) || claims (argument, "rd.live.overlay.overlayfs", FALSE))
    return TRUE;
  /* systemd.volatile=state leaves the root where it is. */
  value = get_value (argument, "systemd.volatile");
  return value != NULL && g_strv_contains (volatile_modes, value);
}

/* (transfer full) (nullable): the last argument that says that the root is in RAM; the last one counts. */
static char *
find_claim (const char *command_line)
{
  g_auto (GStrv) arguments = split_arguments (command_line);

  for (guint i = g_strv_length (arguments); i > 0; i--)
    if (claims_live (arguments[i - 1]))
      return g_utf8_make_valid (arguments[i - 1], -1);
  return NULL;
}

/* Whether dracut may have been told of a disk to put the upper layer on. */
static gboolean
may_have_overlay_disk (const char *command_line)
{
  g_auto (GStrv) arguments = split_arguments (command_line);

  for (guint i = 0; arguments[i] != NULL; i++)
    if (claims (arguments[i], "rd.live.overlay", TRUE) || claims (arguments[i], "rd.overlay", TRUE)
        || claims (arguments[i], "overlay", TRUE))
      return TRUE;
  return FALSE;
}

/* ---- The root file system ---- */

static char *
get_upper (const LiveMount *root)
{
  static const char key[] = ",upperdir=";
  g_autofree char *list = g_strconcat (",", root->options, NULL);
  char *start = strstr (list, key), *end = NULL;

  if (start == NULL)
    return NULL;
  start += strlen (key);
  end = strchr (start, ',');
  return end != NULL ? g_strndup (start, (gsize)(end - start)) : g_strdup (start);
}

char *
live_boot_mode_find_upper (GPtrArray *mounts)
{
  const LiveMount *root = mounts != NULL ? live_mounts_find_target (mounts, "/") : NULL;

  return root != NULL && g_str_equal (root->type, "overlay") ? get_upper (root) : NULL;
}

static LiveBootMode
judge_overlay (GPtrArray *mounts, GPtrArray *blocks, const LiveMount *root, const char *command_line, const char **why)
{
  g_autofree char *upper = get_upper (root);

  *why = "upper-unknown";
  if (upper == NULL)
    return LIVE_BOOT_MODE_UNKNOWN;
  switch (live_mount_judge (blocks, mounts, root))
    {
    case LIVE_REST_DISK:
      return LIVE_BOOT_MODE_PERSISTENT;
    case LIVE_REST_RAM:
      break;
    case LIVE_REST_THROW_AWAY:
    case LIVE_REST_UNKNOWN:
    default:
      return LIVE_BOOT_MODE_UNKNOWN;
    }
  if (g_str_equal (upper, SYSTEMD_UPPER))
    return LIVE_BOOT_MODE_VOLATILE;
  if (!g_str_equal (upper, DRACUT_UPPER))
    return LIVE_BOOT_MODE_OVERLAY;
  return command_line == NULL || may_have_overlay_disk (command_line) ? LIVE_BOOT_MODE_UNKNOWN
                                                                      : LIVE_BOOT_MODE_DRACUT_LIVE;
}

static const LiveBlock *
find_block (GPtrArray *blocks, const LiveMount *mount)
{
  for (guint i = 0; i < blocks->len; i++)
    {
      const LiveBlock *block = g_ptr_array_index (blocks, i);

      if (mount->major != 0 && block->major == mount->major && block->minor == mount->minor)
        return block;
      if (mount->major == 0 && g_str_has_prefix (mount->source, "/dev/")
          && g_strcmp0 (block->name, mount->source + strlen ("/dev/")) == 0)
        return block;
    }
  return NULL;
}

/* Only for what cannot be looked at: to say persistent without reason promises nothing. */
static gboolean
looks_persistent (const LiveMount *root, const LiveBlock *block)
{
  static const char *const types[] = { "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs", "reiserfs", NULL };

  if (block != NULL && block->kind != LIVE_BLOCK_UNKNOWN && block->kind != LIVE_BLOCK_CRYPT
      && block->kind != LIVE_BLOCK_MAPPED)
    return FALSE;
  if (g_str_equal (root->type, "zfs") || g_str_equal (root->type, "bcachefs"))
    return TRUE;
  return g_strv_contains (types, root->type) && g_str_has_prefix (root->source, "/dev/")
         && !g_str_has_prefix (root->source, "/dev/zram") && !g_str_has_prefix (root->source, "/dev/ram")
         && !g_str_has_prefix (root->source, "/dev/loop");
}

static LiveBootMode
judge_device (GPtrArray *mounts, GPtrArray *blocks, const LiveMount *root, const char **why)
{
  const LiveBlock *block = find_block (blocks, root);

  *why = "device-unknown";
  switch (live_mount_judge (blocks, mounts, root))
    {
    case LIVE_REST_DISK:
      /* A RAM disk that also writes to a disk was meant for something else than to be persistent. */
      return block != NULL && block->kind == LIVE_BLOCK_ZRAM ? LIVE_BOOT_MODE_UNKNOWN : LIVE_BOOT_MODE_PERSISTENT;
    case LIVE_REST_RAM:
      return block != NULL && block->kind == LIVE_BLOCK_ZRAM ? LIVE_BOOT_MODE_ZRAM : LIVE_BOOT_MODE_UNKNOWN;
    case LIVE_REST_THROW_AWAY:
      return LIVE_BOOT_MODE_UNKNOWN;
    case LIVE_REST_UNKNOWN:
    default:
      return looks_persistent (root, block) ? LIVE_BOOT_MODE_PERSISTENT : LIVE_BOOT_MODE_UNKNOWN;
    }
}

static LiveBootMode
judge_root (GPtrArray *mounts, GPtrArray *blocks, const char *command_line, const char **why)
{
  const LiveMount *root = NULL;

  *why = "mounts-unreadable";
  if (mounts == NULL)
    return LIVE_BOOT_MODE_UNKNOWN;
  root = live_mounts_find_target (mounts, "/");
  *why = "no-root";
  if (root == NULL)
    return LIVE_BOOT_MODE_UNKNOWN;
  if (g_str_equal (root->type, "overlay"))
    return judge_overlay (mounts, blocks, root, command_line, why);
  /* Not ramfs: a root that is still the initramfs is no way to run dom0. */
  if (g_str_equal (root->type, "tmpfs"))
    return LIVE_BOOT_MODE_VOLATILE;
  return judge_device (mounts, blocks, root, why);
}

LiveBootMode
live_boot_mode_judge (GPtrArray *mounts,
                      GPtrArray *blocks,
                      const char *kernel_command_line,
                      char **contradicted,
                      GVariantBuilder *reasons)
{
  const char *why = NULL;
  LiveBootMode mode = judge_root (mounts, blocks, kernel_command_line, &why);

  if (contradicted != NULL)
    *contradicted = mode == LIVE_BOOT_MODE_PERSISTENT ? find_claim (kernel_command_line) : NULL;
  if (mode == LIVE_BOOT_MODE_UNKNOWN)
    live_reason_add (reasons, LIVE_REASON_BOOT_MODE_UNKNOWN, "why", why, NULL);
  return mode;
}

gboolean
live_boot_mode_is_live (LiveBootMode mode)
{
  switch (mode)
    {
    case LIVE_BOOT_MODE_OVERLAY:
    case LIVE_BOOT_MODE_ZRAM:
    case LIVE_BOOT_MODE_VOLATILE:
    case LIVE_BOOT_MODE_DRACUT_LIVE:
      return TRUE;
    case LIVE_BOOT_MODE_PERSISTENT:
    case LIVE_BOOT_MODE_UNKNOWN:
    default:
      return FALSE;
    }
}

const char *
live_boot_mode_to_string (LiveBootMode mode)
{
  switch (mode)
    {
    case LIVE_BOOT_MODE_PERSISTENT:
      return "persistent";
    case LIVE_BOOT_MODE_OVERLAY:
      return "overlay";
    case LIVE_BOOT_MODE_ZRAM:
      return "zram";
    case LIVE_BOOT_MODE_VOLATILE:
      return "volatile";
    case LIVE_BOOT_MODE_DRACUT_LIVE:
      return "dracut-live";
    case LIVE_BOOT_MODE_UNKNOWN:
    default:
      return "unknown";
    }
}
