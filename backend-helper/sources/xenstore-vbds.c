/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/xenstore-vbds.h"

#include "model/vbd.h"

#include <errno.h>
#include <stdlib.h>

/* A domain has a handful of devices; Xen's names end at 702. */
#define MAX_VBDS 1024

gboolean
live_xenstore_is_answer (int code)
{
  return code == ENOENT || code == EACCES || code == EINVAL || code == EAGAIN || code == ENOSPC;
}

int
live_xenstore_get_failure (void)
{
  return errno != 0 ? errno : EBADF;
}

static int
compare_vbds (gconstpointer one, gconstpointer other)
{
  guint a = (*(const LiveVbd *const *)one)->devid;
  guint b = (*(const LiveVbd *const *)other)->devid;

  return a < b ? -1 : a > b;
}

/* 0 or an errno. */
static int
read_vbd (struct xs_handle *handle,
          xs_transaction_t transaction,
          const char *directory,
          guint domid,
          guint devid,
          LiveVbd **vbd)
{
  const char *const *keys = live_vbd_get_keys ();
  g_autofree LiveVbdNode *nodes = g_new0 (LiveVbdNode, g_strv_length ((char **)keys));
  gsize n_nodes = 0;
  int code = 0;

  for (gsize i = 0; keys[i] != NULL && code == 0; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%u/%s", directory, devid, keys[i]);
      unsigned int length = 0;
      char *value = xs_read (handle, transaction, path, &length);

      if (value != NULL)
        nodes[n_nodes++] = (LiveVbdNode){ keys[i], value, length };
      else if (errno != ENOENT)
        code = live_xenstore_get_failure ();
    }
  if (code == 0)
    *vbd = live_vbd_parse (domid, devid, nodes, n_nodes);
  for (gsize i = 0; i < n_nodes; i++)
    free ((char *)nodes[i].value);
  return code;
}

static int
read_vbds (struct xs_handle *handle, xs_transaction_t transaction, const char *directory, guint domid, GPtrArray *vbds)
{
  unsigned int n_names = 0;
  char **names = xs_directory (handle, transaction, directory, &n_names);
  int code = 0;

  if (names == NULL)
    return errno == ENOENT ? 0 : live_xenstore_get_failure ();
  if (n_names > MAX_VBDS)
    code = EINVAL;
  for (unsigned int i = 0; i < n_names && code == 0; i++)
    {
      guint devid = 0;
      LiveVbd *vbd = NULL;

      /* What has no number is no device that can be understood, and not to be passed over either. */
      if (!live_vbd_parse_number (names[i], G_MAXINT, &devid) || devid == 0)
        vbd = live_vbd_parse (domid, 0, NULL, 0);
      else
        code = read_vbd (handle, transaction, directory, domid, devid, &vbd);
      if (vbd != NULL)
        g_ptr_array_add (vbds, vbd);
    }
  free (names);
  return code;
}

int
live_xenstore_read_domain (struct xs_handle *handle, const char *root, guint domid, GPtrArray *vbds)
{
  g_autofree char *directory = g_strdup_printf ("%s/%u", root, domid);
  xs_transaction_t transaction = XBT_NULL;
  int code = 0;

  errno = 0;
  transaction = xs_transaction_start (handle);
  if (transaction == XBT_NULL)
    return live_xenstore_get_failure ();
  code = read_vbds (handle, transaction, directory, domid, vbds);
  /* Nothing was written. */
  if (!xs_transaction_end (handle, transaction, true) && code == 0)
    code = live_xenstore_get_failure ();
  if (code == 0)
    g_ptr_array_sort (vbds, compare_vbds);
  return code;
}
