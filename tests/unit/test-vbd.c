/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/vbd.h"

#include <string.h>

#define TEXT(text) text, sizeof (text) - 1
#define MAX_NODES 40
#define NO_DEVICE FALSE, 0, 0

/* What was recorded of a running PV guest under Xen 4.17: a read-only root over a loop device, and a volatile volume
 * over dm-crypt. */
static const LiveVbdNode recorded_root[] = {
  { "bootable", TEXT ("1") },
  { "dev", TEXT ("xvda") },
  { "device-type", TEXT ("disk") },
  { "discard-enable", TEXT ("0") },
  { "feature-barrier", TEXT ("0") },
  { "feature-flush-cache", TEXT ("0") },
  { "feature-max-indirect-segments", TEXT ("256") },
  { "feature-persistent", TEXT ("1") },
  { "frontend", TEXT ("/local/domain/1/device/vbd/51712") },
  { "frontend-id", TEXT ("1") },
  { "hotplug-status", TEXT ("connected") },
  { "info", TEXT ("4") },
  { "max-ring-page-order", TEXT ("4") },
  { "mode", TEXT ("r") },
  { "multi-queue-max-queues", TEXT ("1") },
  { "online", TEXT ("1") },
  { "params", TEXT ("/dev/loop0") },
  { "physical-device", TEXT ("7:0") },
  { "physical-device-path", TEXT ("/dev/loop0") },
  { "physical-sector-size", TEXT ("512") },
  { "removable", TEXT ("0") },
  { "script", TEXT ("/etc/xen/scripts/block") },
  { "sector-size", TEXT ("512") },
  { "sectors", TEXT ("131072") },
  { "specification", TEXT ("xen") },
  { "state", TEXT ("4") },
  { "type", TEXT ("phy") },
};
static const LiveVbdNode recorded_volatile[] = {
  { "dev", TEXT ("xvdc") },
  { "discard-enable", TEXT ("1") },
  { "hotplug-status", TEXT ("connected") },
  { "info", TEXT ("0") },
  { "mode", TEXT ("w") },
  { "params", TEXT ("/dev/mapper/volatile") },
  { "physical-device", TEXT ("fe:0") },
  { "physical-device-path", TEXT ("/dev/dm-0") },
  { "state", TEXT ("4") },
  { "type", TEXT ("phy") },
};

static void
test_recorded (void)
{
  g_autoptr (LiveVbd) root = live_vbd_parse (1, 51712, recorded_root, G_N_ELEMENTS (recorded_root));
  g_autoptr (LiveVbd) rest = live_vbd_parse (1, 51744, recorded_volatile, G_N_ELEMENTS (recorded_volatile));

  g_assert_cmpuint (root->domid, ==, 1);
  g_assert_cmpuint (root->devid, ==, 51712);
  g_assert_cmpstr (root->dev, ==, "xvda");
  g_assert_true (root->read_only);
  g_assert_true (root->connected);
  g_assert_true (root->has_device);
  g_assert_cmpuint (root->major, ==, 7);
  g_assert_cmpuint (root->minor, ==, 0);
  g_assert_cmpstr (rest->dev, ==, "xvdc");
  g_assert_false (rest->read_only);
  g_assert_true (rest->connected);
  g_assert_cmpuint (rest->major, ==, 254);
  g_assert_cmpuint (rest->minor, ==, 0);
}

/* Every part of the recording, as it is there while a device comes or goes: only all of it is connected, and what is
 * not there does not look better. */
static void
test_truncated (void)
{
  const char *const *keys = live_vbd_get_keys ();

  g_assert_cmpuint (g_strv_length ((char **)keys), ==, 5);
  for (guint set = 0; set < 32; set++)
    {
      LiveVbdNode nodes[MAX_NODES];
      gsize n_nodes = 0;
      g_autoptr (LiveVbd) vbd = NULL;
      gboolean has_mode = FALSE;
      gboolean has_dev = FALSE;
      gboolean has_device = FALSE;

      for (gsize i = 0; i < G_N_ELEMENTS (recorded_root); i++)
        {
          gboolean is_left_out = FALSE;

          for (guint k = 0; keys[k] != NULL; k++)
            if (g_str_equal (keys[k], recorded_root[i].key) && (set & (1u << k)) == 0)
              is_left_out = TRUE;
          if (is_left_out)
            continue;
          has_mode = has_mode || g_str_equal (recorded_root[i].key, "mode");
          has_dev = has_dev || g_str_equal (recorded_root[i].key, "dev");
          has_device = has_device || g_str_equal (recorded_root[i].key, "physical-device");
          nodes[n_nodes++] = recorded_root[i];
        }
      vbd = live_vbd_parse (1, 51712, nodes, n_nodes);
      g_assert_cmpstr (vbd->dev, ==, has_dev ? "xvda" : NULL);
      g_assert_cmpint (vbd->read_only, ==, has_mode);
      g_assert_cmpint (vbd->has_device, ==, has_device);
      /* dev and mode are not needed for that. */
      g_assert_cmpint (vbd->connected, ==, (set & 0x1c) == 0x1c);
    }
}

static const struct
{
  const char *name;
  const char *key;
  const char *value;
  gsize length;
  const char *dev;
  gboolean read_only;
  gboolean connected;
  gboolean has_device;
  guint major;
  guint minor;
} value_rows[] = {
  { "mode/r", "mode", TEXT ("r"), "xvda", TRUE, TRUE, TRUE, 7, 0 },
  { "mode/w", "mode", TEXT ("w"), "xvda", FALSE, TRUE, TRUE, 7, 0 },
  { "mode/empty", "mode", TEXT (""), "xvda", FALSE, TRUE, TRUE, 7, 0 },
  { "mode/upper-case", "mode", TEXT ("R"), "xvda", FALSE, TRUE, TRUE, 7, 0 },
  { "mode/both", "mode", TEXT ("rw"), "xvda", FALSE, TRUE, TRUE, 7, 0 },
  { "mode/word", "mode", TEXT ("ro"), "xvda", FALSE, TRUE, TRUE, 7, 0 },
  { "mode/force", "mode", TEXT ("r!"), "xvda", FALSE, TRUE, TRUE, 7, 0 },
  { "mode/newline", "mode", TEXT ("r\n"), "xvda", FALSE, TRUE, TRUE, 7, 0 },
  { "mode/space", "mode", TEXT (" r"), "xvda", FALSE, TRUE, TRUE, 7, 0 },
  { "mode/nul", "mode", TEXT ("r\0w"), "xvda", FALSE, TRUE, TRUE, 7, 0 },
  { "mode/trailing-nul", "mode", TEXT ("r\0"), "xvda", FALSE, TRUE, TRUE, 7, 0 },
  { "mode/not-utf-8", "mode", TEXT ("\xff"), "xvda", FALSE, TRUE, TRUE, 7, 0 },

  { "dev/other", "dev", TEXT ("xvdb"), NULL, TRUE, TRUE, TRUE, 7, 0 },
  { "dev/empty", "dev", TEXT (""), NULL, TRUE, TRUE, TRUE, 7, 0 },
  { "dev/path", "dev", TEXT ("/dev/xvda"), NULL, TRUE, TRUE, TRUE, 7, 0 },
  { "dev/partition", "dev", TEXT ("xvda1"), NULL, TRUE, TRUE, TRUE, 7, 0 },
  { "dev/ide", "dev", TEXT ("hda"), NULL, TRUE, TRUE, TRUE, 7, 0 },
  { "dev/nul", "dev", TEXT ("xvda\0"), NULL, TRUE, TRUE, TRUE, 7, 0 },
  { "dev/upper-case", "dev", TEXT ("XVDA"), NULL, TRUE, TRUE, TRUE, 7, 0 },
  { "dev/not-utf-8", "dev", TEXT ("xvd\xe4"), NULL, TRUE, TRUE, TRUE, 7, 0 },

  { "device/mapper", "physical-device", TEXT ("fe:0"), "xvda", TRUE, TRUE, TRUE, 254, 0 },
  { "device/hexadecimal", "physical-device", TEXT ("10:10"), "xvda", TRUE, TRUE, TRUE, 16, 16 },
  { "device/capitals", "physical-device", TEXT ("FE:1A"), "xvda", TRUE, TRUE, TRUE, 254, 26 },
  { "device/blkext", "physical-device", TEXT ("103:a"), "xvda", TRUE, TRUE, TRUE, 259, 10 },
  { "device/largest", "physical-device", TEXT ("fff:fffff"), "xvda", TRUE, TRUE, TRUE, 4095, 1048575 },
  { "device/major-too-long", "physical-device", TEXT ("1fff:0"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/minor-too-long", "physical-device", TEXT ("7:100000"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/zero", "physical-device", TEXT ("0:0"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/major-zero", "physical-device", TEXT ("0:7"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/empty", "physical-device", TEXT (""), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/colon", "physical-device", TEXT (":"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/no-major", "physical-device", TEXT (":0"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/no-minor", "physical-device", TEXT ("7:"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/no-colon", "physical-device", TEXT ("7"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/prefix", "physical-device", TEXT ("0x7:0x0"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/sign", "physical-device", TEXT ("+7:0"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/negative", "physical-device", TEXT ("7:-1"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/space", "physical-device", TEXT (" 7:0"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/newline", "physical-device", TEXT ("7:0\n"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/more", "physical-device", TEXT ("7:0:1"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/nul", "physical-device", TEXT ("7:0\0"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/path", "physical-device", TEXT ("/dev/loop0"), "xvda", TRUE, FALSE, NO_DEVICE },
  { "device/not-hexadecimal", "physical-device", TEXT ("7g:0"), "xvda", TRUE, FALSE, NO_DEVICE },

  { "hotplug/error", "hotplug-status", TEXT ("error"), "xvda", TRUE, FALSE, TRUE, 7, 0 },
  { "hotplug/empty", "hotplug-status", TEXT (""), "xvda", TRUE, FALSE, TRUE, 7, 0 },
  { "hotplug/more", "hotplug-status", TEXT ("connected "), "xvda", TRUE, FALSE, TRUE, 7, 0 },
  { "hotplug/not-connected", "hotplug-status", TEXT ("disconnected"), "xvda", TRUE, FALSE, TRUE, 7, 0 },
  { "hotplug/nul", "hotplug-status", TEXT ("connected\0"), "xvda", TRUE, FALSE, TRUE, 7, 0 },

  { "state/unknown", "state", TEXT ("0"), "xvda", TRUE, FALSE, TRUE, 7, 0 },
  { "state/initialising", "state", TEXT ("1"), "xvda", TRUE, TRUE, TRUE, 7, 0 },
  { "state/waiting", "state", TEXT ("2"), "xvda", TRUE, TRUE, TRUE, 7, 0 },
  { "state/initialised", "state", TEXT ("3"), "xvda", TRUE, TRUE, TRUE, 7, 0 },
  { "state/closing", "state", TEXT ("5"), "xvda", TRUE, FALSE, TRUE, 7, 0 },
  { "state/closed", "state", TEXT ("6"), "xvda", TRUE, FALSE, TRUE, 7, 0 },
  { "state/reconfiguring", "state", TEXT ("7"), "xvda", TRUE, TRUE, TRUE, 7, 0 },
  { "state/reconfigured", "state", TEXT ("8"), "xvda", TRUE, TRUE, TRUE, 7, 0 },
  { "state/too-large", "state", TEXT ("9"), "xvda", TRUE, FALSE, TRUE, 7, 0 },
  { "state/wraps", "state", TEXT ("4294967300"), "xvda", TRUE, FALSE, TRUE, 7, 0 },
  { "state/wraps-twice", "state", TEXT ("18446744073709551620"), "xvda", TRUE, FALSE, TRUE, 7, 0 },
  { "state/empty", "state", TEXT (""), "xvda", TRUE, FALSE, TRUE, 7, 0 },
  { "state/leading-zero", "state", TEXT ("04"), "xvda", TRUE, FALSE, TRUE, 7, 0 },
  { "state/word", "state", TEXT ("four"), "xvda", TRUE, FALSE, TRUE, 7, 0 },
};

static void
test_value (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  LiveVbdNode nodes[MAX_NODES];
  gboolean is_set = FALSE;
  g_autoptr (LiveVbd) vbd = NULL;

  memcpy (nodes, recorded_root, sizeof (recorded_root));
  for (gsize i = 0; i < G_N_ELEMENTS (recorded_root); i++)
    if (g_str_equal (nodes[i].key, value_rows[row].key))
      {
        nodes[i].value = value_rows[row].value;
        nodes[i].length = value_rows[row].length;
        is_set = TRUE;
      }
  g_assert_true (is_set);
  vbd = live_vbd_parse (1, 51712, nodes, G_N_ELEMENTS (recorded_root));
  g_assert_cmpstr (vbd->dev, ==, value_rows[row].dev);
  g_assert_cmpint (vbd->read_only, ==, value_rows[row].read_only);
  g_assert_cmpint (vbd->connected, ==, value_rows[row].connected);
  g_assert_cmpint (vbd->has_device, ==, value_rows[row].has_device);
  g_assert_cmpuint (vbd->major, ==, value_rows[row].major);
  g_assert_cmpuint (vbd->minor, ==, value_rows[row].minor);
}

/* Up to 4 KiB of anything in every key. */
static void
test_garbage (void)
{
  GRand *rand = g_rand_new_with_seed (20260303);
  const char *const *keys = live_vbd_get_keys ();
  guint n_rounds = g_test_thorough () ? 20000 : 500;

  for (guint round = 0; round < n_rounds; round++)
    {
      LiveVbdNode nodes[5];
      char *values[5];
      g_autoptr (LiveVbd) vbd = NULL;

      for (gsize i = 0; i < 5; i++)
        {
          gsize length = (gsize)g_rand_int_range (rand, 2, 4097);

          /* Exactly as long, so that the sanitizer sees one byte too many. */
          values[i] = g_malloc (length);
          for (gsize b = 0; b < length; b++)
            values[i][b] = (char)g_rand_int_range (rand, 0, 256);
          /* Some begin as they should. */
          if (round % 2 == 0)
            values[i][0] = "xrc47"[i];
          nodes[i] = (LiveVbdNode){ keys[i], values[i], length };
        }
      vbd = live_vbd_parse (3, 51712, nodes, 5);
      g_assert_null (vbd->dev);
      g_assert_false (vbd->read_only);
      g_assert_false (vbd->connected);
      g_assert_cmpuint (vbd->domid, ==, 3);
      for (gsize i = 0; i < 5; i++)
        g_free (values[i]);
    }
  g_rand_free (rand);
}

static void
test_twice (void)
{
  LiveVbdNode nodes[MAX_NODES];
  g_autoptr (LiveVbd) vbd = NULL;
  g_autoptr (LiveVbd) nothing = live_vbd_parse (1, 51712, NULL, 0);

  memcpy (nodes, recorded_root, sizeof (recorded_root));
  nodes[G_N_ELEMENTS (recorded_root)] = (LiveVbdNode){ "mode", TEXT ("r") };
  nodes[G_N_ELEMENTS (recorded_root) + 1] = (LiveVbdNode){ "dev", TEXT ("xvda") };
  vbd = live_vbd_parse (1, 51712, nodes, G_N_ELEMENTS (recorded_root) + 2);
  g_assert_false (vbd->read_only);
  g_assert_null (vbd->dev);
  g_assert_true (vbd->connected);
  g_assert_null (nothing->dev);
  g_assert_false (nothing->read_only);
  g_assert_false (nothing->connected);
  g_assert_false (nothing->has_device);
}

static const struct
{
  const char *dev;
  guint devid;
} name_rows[] = {
  { "xvda", 51712 },
  { "xvdb", 51728 },
  { "xvdc", 51744 },
  { "xvdd", 51760 },
  { "xvdi", 51840 },
  { "xvdp", 51952 },
  { "xvdq", 268435456 + 16 * 256 },
  { "xvdz", 268435456 + 25 * 256 },
  { "xvdaa", 268435456 + 26 * 256 },
  { "xvdzz", 268435456 + 701 * 256 },
  { "", 0 },
  { "xvd", 0 },
  { "xvda1", 0 },
  { "xvda ", 0 },
  { "xvdaaa", 0 },
  { "xvdA", 0 },
  { "xvd1", 0 },
  { "sda", 0 },
  { "51712", 0 },
};

static void
test_names (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (name_rows); i++)
    {
      const LiveVbdNode node = { "dev", name_rows[i].dev, strlen (name_rows[i].dev) };
      g_autoptr (LiveVbd) vbd = live_vbd_parse (1, name_rows[i].devid, &node, 1);
      g_autoptr (LiveVbd) other = live_vbd_parse (1, name_rows[i].devid + 16, &node, 1);

      g_assert_cmpuint (live_vbd_name_to_devid (name_rows[i].dev), ==, name_rows[i].devid);
      g_assert_cmpstr (vbd->dev, ==, name_rows[i].devid != 0 ? name_rows[i].dev : NULL);
      g_assert_null (other->dev);
    }
}

static const struct
{
  const char *text;
  guint max;
  gboolean is_number;
  guint number;
} number_rows[] = {
  { "0", 10, TRUE, 0 },
  { "10", 10, TRUE, 10 },
  { "11", 10, FALSE, 0 },
  { "32751", LIVE_DOMID_FIRST_RESERVED - 1, TRUE, 32751 },
  { "32752", LIVE_DOMID_FIRST_RESERVED - 1, FALSE, 0 },
  { "4294967295", G_MAXUINT, TRUE, G_MAXUINT },
  { "4294967296", G_MAXUINT, FALSE, 0 },
  { "99999999999999999999999999", G_MAXUINT, FALSE, 0 },
  { "", 10, FALSE, 0 },
  { "00", 10, FALSE, 0 },
  { "01", 10, FALSE, 0 },
  { "-1", 10, FALSE, 0 },
  { "+1", 10, FALSE, 0 },
  { " 1", 10, FALSE, 0 },
  { "1 ", 10, FALSE, 0 },
  { "0x1", 10, FALSE, 0 },
  { "1.", 10, FALSE, 0 },
  { "\xd9\xa1", 10, FALSE, 0 },
};

static void
test_numbers (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (number_rows); i++)
    {
      guint number = 4711;

      g_assert_cmpint (live_vbd_parse_number (number_rows[i].text, number_rows[i].max, &number), ==,
                       number_rows[i].is_number);
      g_assert_cmpuint (number, ==, number_rows[i].is_number ? number_rows[i].number : 4711);
    }
}

static LiveVbd *
parse_dev (guint devid, const char *dev, const char *mode)
{
  const LiveVbdNode nodes[] = { { "dev", dev, strlen (dev) }, { "mode", mode, strlen (mode) } };

  return live_vbd_parse (1, devid, nodes, G_N_ELEMENTS (nodes));
}

static GPtrArray *
make_list (void)
{
  GPtrArray *vbds = g_ptr_array_new_with_free_func ((GDestroyNotify)live_vbd_free);

  g_ptr_array_add (vbds, parse_dev (51712, "xvda", "r"));
  g_ptr_array_add (vbds, parse_dev (51728, "xvdc", "w"));
  g_ptr_array_add (vbds, parse_dev (51760, "xvdd", "r"));
  return vbds;
}

static void
test_find (void)
{
  g_autoptr (GPtrArray) vbds = make_list ();

  g_assert_true (live_vbd_find (vbds, "xvda") == vbds->pdata[0]);
  g_assert_true (live_vbd_find (vbds, "xvdd") == vbds->pdata[2]);
  /* One has the number of xvdb and the name of xvdc: it is neither. */
  g_assert_null (live_vbd_find (vbds, "xvdb"));
  g_assert_null (live_vbd_find (vbds, "xvdc"));
  g_assert_null (live_vbd_find (vbds, ""));
  g_assert_null (live_vbd_find (NULL, "xvda"));
  /* Two of a name are none. */
  g_ptr_array_add (vbds, parse_dev (51712, "xvda", "r"));
  g_assert_null (live_vbd_find (vbds, "xvda"));
}

static void
test_equal (void)
{
  g_autoptr (GPtrArray) vbds = make_list ();
  LiveVbd *vbd = vbds->pdata[2];
  guint *numbers[] = { &vbd->domid, &vbd->devid, &vbd->major, &vbd->minor };
  gboolean *flags[] = { &vbd->read_only, &vbd->connected, &vbd->has_device };
  g_autoptr (GPtrArray) other = make_list ();

  g_assert_true (live_vbds_equal (NULL, NULL));
  g_assert_false (live_vbds_equal (vbds, NULL));
  g_assert_false (live_vbds_equal (NULL, vbds));
  g_assert_true (live_vbds_equal (vbds, other));
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      *numbers[i] += 1;
      g_assert_false (live_vbds_equal (vbds, other));
      *numbers[i] -= 1;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      *flags[i] = !*flags[i];
      g_assert_false (live_vbds_equal (vbds, other));
      *flags[i] = !*flags[i];
    }
  g_assert_true (live_vbds_equal (vbds, other));
  g_clear_pointer (&vbd->dev, g_free);
  g_assert_false (live_vbds_equal (vbds, other));
  g_ptr_array_set_size (other, 2);
  g_assert_false (live_vbds_equal (vbds, other));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vbd/recorded", test_recorded);
  g_test_add_func ("/vbd/truncated", test_truncated);
  for (gsize i = 0; i < G_N_ELEMENTS (value_rows); i++)
    {
      g_autofree char *path = g_strconcat ("/vbd/value/", value_rows[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_value);
    }
  g_test_add_func ("/vbd/garbage", test_garbage);
  g_test_add_func ("/vbd/twice", test_twice);
  g_test_add_func ("/vbd/names", test_names);
  g_test_add_func ("/vbd/numbers", test_numbers);
  g_test_add_func ("/vbd/find", test_find);
  g_test_add_func ("/vbd/equal", test_equal);
  return g_test_run ();
}
