/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/vbd.h"

#include <string.h>

/* The widest dev_t that the kernel makes (linux/kdev_t.h): 12 bits and 20 bits. */
#define MAJOR_DIGITS 3
#define MINOR_DIGITS 5

/* XenbusState values (xen/io/xenbus.h). */
#define STATE_INITIALISING 1
#define STATE_CONNECTED 4
#define STATE_RECONFIGURING 7
#define STATE_RECONFIGURED 8

void
live_vbd_free (LiveVbd *vbd)
{
  g_free (vbd->dev);
  g_free (vbd);
}

const char *const *
live_vbd_get_keys (void)
{
  static const char *const keys[] = { "dev", "mode", "physical-device", "hotplug-status", "state", NULL };

  return keys;
}

gboolean
live_vbd_parse_number (const char *text, guint max, guint *number)
{
  guint64 value = 0;

  if (*text == '\0' || (*text == '0' && text[1] != '\0'))
    return FALSE;
  for (const char *c = text; *c != '\0'; c++)
    {
      if (!g_ascii_isdigit (*c))
        return FALSE;
      value = value * 10 + (guint64)g_ascii_digit_value (*c);
      if (value > max)
        return FALSE;
    }
  *number = (guint)value;
  return TRUE;
}

guint
live_vbd_name_to_devid (const char *dev)
{
  guint index = 0;

  if (!g_str_has_prefix (dev, "xvd"))
    return 0;
  dev += strlen ("xvd");
  if (!g_ascii_islower (dev[0]))
    return 0;
  if (dev[1] == '\0')
    index = (guint)(dev[0] - 'a');
  else if (g_ascii_islower (dev[1]) && dev[2] == '\0')
    index = ((guint)(dev[0] - 'a') + 1) * 26 + (guint)(dev[1] - 'a');
  else
    return 0;
  return index < 16 ? (202u << 8) + (index << 4) : (1u << 28) + (index << 8);
}

/* The only node of that name whose value is text without a NUL in it, copied; NULL otherwise. */
static char *
get_text (const LiveVbdNode *nodes, gsize n_nodes, const char *key)
{
  const LiveVbdNode *found = NULL;

  for (gsize i = 0; i < n_nodes; i++)
    {
      if (!g_str_equal (nodes[i].key, key))
        continue;
      if (found != NULL)
        return NULL;
      found = &nodes[i];
    }
  if (found == NULL || found->value == NULL || memchr (found->value, '\0', found->length) != NULL)
    return NULL;
  return g_strndup (found->value, found->length);
}

/* Up to @max_digits hexadecimal digits, and nothing but digits until @end. */
static gboolean
parse_hexadecimal (const char **text, char end, guint max_digits, guint *number)
{
  guint n_digits = 0;

  *number = 0;
  for (; g_ascii_isxdigit (**text); (*text)++)
    {
      if (++n_digits > max_digits)
        return FALSE;
      *number = (*number << 4) | (guint)g_ascii_xdigit_value (**text);
    }
  return n_digits > 0 && **text == end;
}

static gboolean
parse_device (const char *text, guint *major, guint *minor)
{
  if (!parse_hexadecimal (&text, ':', MAJOR_DIGITS, major))
    return FALSE;
  text++;
  /* Major 0 is of no block device. */
  return parse_hexadecimal (&text, '\0', MINOR_DIGITS, minor) && *major != 0;
}

static gboolean
parse_is_open (const char *state)
{
  guint number = 0;

  if (state == NULL || !live_vbd_parse_number (state, STATE_RECONFIGURED, &number))
    return FALSE;
  return (number >= STATE_INITIALISING && number <= STATE_CONNECTED) || number == STATE_RECONFIGURING
         || number == STATE_RECONFIGURED;
}

LiveVbd *
live_vbd_parse (guint domid, guint devid, const LiveVbdNode *nodes, gsize n_nodes)
{
  g_autofree char *dev = get_text (nodes, n_nodes, "dev");
  g_autofree char *mode = get_text (nodes, n_nodes, "mode");
  g_autofree char *device = get_text (nodes, n_nodes, "physical-device");
  g_autofree char *hotplug = get_text (nodes, n_nodes, "hotplug-status");
  g_autofree char *state = get_text (nodes, n_nodes, "state");
  LiveVbd *vbd = g_new0 (LiveVbd, 1);

  vbd->domid = domid;
  vbd->devid = devid;
  if (devid != 0 && dev != NULL && live_vbd_name_to_devid (dev) == devid)
    vbd->dev = g_steal_pointer (&dev);
  vbd->read_only = g_strcmp0 (mode, "r") == 0;
  vbd->has_device = device != NULL && parse_device (device, &vbd->major, &vbd->minor);
  if (!vbd->has_device)
    vbd->major = vbd->minor = 0;
  vbd->connected = vbd->has_device && g_strcmp0 (hotplug, "connected") == 0 && parse_is_open (state);
  return vbd;
}

const LiveVbd *
live_vbd_find (GPtrArray *vbds, const char *dev)
{
  const LiveVbd *found = NULL;

  for (guint i = 0; vbds != NULL && i < vbds->len; i++)
    {
      const LiveVbd *vbd = g_ptr_array_index (vbds, i);

      if (g_strcmp0 (vbd->dev, dev) != 0 || vbd->devid != live_vbd_name_to_devid (dev))
        continue;
      /* A store has each directory once: two of them are a mistake that nobody should build on. */
      if (found != NULL)
        return NULL;
      found = vbd;
    }
  return found;
}

static gboolean
is_equal (const LiveVbd *one, const LiveVbd *other)
{
  return one->domid == other->domid && one->devid == other->devid && g_strcmp0 (one->dev, other->dev) == 0
         && one->read_only == other->read_only && one->connected == other->connected
         && one->has_device == other->has_device && one->major == other->major && one->minor == other->minor;
}

gboolean
live_vbds_equal (GPtrArray *one, GPtrArray *other)
{
  if (one == NULL || other == NULL)
    return one == other;
  if (one->len != other->len)
    return FALSE;
  for (guint i = 0; i < one->len; i++)
    if (!is_equal (g_ptr_array_index (one, i), g_ptr_array_index (other, i)))
      return FALSE;
  return TRUE;
}
