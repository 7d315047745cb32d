/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/error.h"
#include "sources/qubesd-reply.h"

#include <string.h>

static const char *const versions[] = { "4.2", "4.3", "4.4" };

static GBytes *
load (const char *version, const char *file)
{
  g_autofree char *directory = g_strdup_printf ("qubesd-%s", version);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", directory, file, NULL);
  g_autoptr (GError) error = NULL;
  char *data = NULL;
  gsize length = 0;

  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (length, >, 0);
  return g_bytes_new_take (data, length);
}

static GBytes *
text (const char *string)
{
  return g_bytes_new (string, strlen (string));
}

/* Which case it is, in one line of ASCII. */
static void
say (const char *reply)
{
  g_autofree char *escaped = g_strescape (reply, NULL);

  g_test_message ("case: %s", escaped);
}

static void
test_vm_list (void)
{
  for (gsize v = 0; v < G_N_ELEMENTS (versions); v++)
    {
      g_autoptr (GBytes) reply = load (versions[v], "vm-list.bin");
      g_autoptr (GError) error = NULL;
      guint n_skipped = 99;
      g_autoptr (GPtrArray) qubes = live_qubesd_reply_parse_vm_list (reply, &n_skipped, &error);
      const LiveQubeListing *dom0 = NULL;
      const LiveQubeListing *named = NULL;

      g_assert_no_error (error);
      g_assert_cmpuint (qubes->len, ==, 12);
      g_assert_cmpuint (n_skipped, ==, 0);
      dom0 = qubes->pdata[0];
      g_assert_cmpstr (dom0->name, ==, "dom0");
      g_assert_cmpstr (dom0->klass, ==, "AdminVM");
      g_assert_cmpstr (dom0->state, ==, "Running");
      if (v == 0)
        g_assert_null (dom0->uuid);
      else
        g_assert_cmpstr (dom0->uuid, ==, "00000000-0000-0000-0000-000000000000");
      named = qubes->pdata[8];
      g_assert_cmpstr (named->name, ==, "disp-named");
      g_assert_cmpstr (named->klass, ==, "DispVM");
      g_assert_cmpstr (named->state, ==, "Halted");
    }
}

static void
test_vm_list_odd (void)
{
  static const struct
  {
    const char *reply;
    gint n_qubes; /* -1: an error */
    guint n_skipped;
  } cases[] = {
    { "", 0, 0 },
    { "a class=AppVM state=Halted\n", 1, 0 },
    { "a new=1 state=Halted x class=AppVM\n", 1, 0 },
    { "a.b-c_D9 class=AppVM state=Halted\n", 1, 0 },
    { "../etc class=AppVM state=Halted\nb class=AppVM state=NA\n", 1, 1 },
    { " class=AppVM state=Halted\n", 0, 1 },
    { "\n\n", 0, 2 },
    { "a class=AppVM state=Halted", -1, 0 },
    { "a class=AppVM\n", -1, 0 },
    { "a state=Halted\n", -1, 0 },
    { "a class= state=Halted\n", -1, 0 },
    { "a\n", -1, 0 },
    { "a class=AppVM state=Halted\na class=AppVM state=Running\n", -1, 0 },
    { "a class=AppVM state=H\xffted\n", -1, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) reply = text (cases[i].reply);
      g_autoptr (GError) error = NULL;
      guint n_skipped = 0;
      g_autoptr (GPtrArray) qubes = live_qubesd_reply_parse_vm_list (reply, &n_skipped, &error);

      say (cases[i].reply);
      if (cases[i].n_qubes < 0)
        {
          g_assert_null (qubes);
          g_assert_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpuint (qubes->len, ==, (guint)cases[i].n_qubes);
      g_assert_cmpuint (n_skipped, ==, cases[i].n_skipped);
    }
}

static void
test_vm_list_huge (void)
{
  g_autoptr (GString) listing = g_string_new (NULL);
  g_autoptr (GBytes) reply = NULL;
  g_autoptr (GPtrArray) qubes = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (listing, "qube%u class=AppVM state=Halted uuid=%08u\n", i, i);
  reply = text (listing->str);
  qubes = live_qubesd_reply_parse_vm_list (reply, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (qubes->len, ==, 20000);
  g_assert_cmpstr (((LiveQubeListing *)qubes->pdata[19999])->name, ==, "qube19999");
}

static void
test_volume_info (void)
{
  for (gsize v = 0; v < G_N_ELEMENTS (versions); v++)
    {
      g_autoptr (GBytes) root_reply = load (versions[v], "volume-info-root.bin");
      g_autoptr (GBytes) private_reply = load (versions[v], "volume-info-private.bin");
      g_autoptr (GBytes) kernel_reply = load (versions[v], "volume-info-kernel.bin");
      g_autoptr (GError) error = NULL;
      g_autoptr (LiveVolumeInfo) root = live_qubesd_reply_parse_volume_info (root_reply, &error);
      g_autoptr (LiveVolumeInfo) private = NULL;
      g_autoptr (LiveVolumeInfo) kernel = NULL;

      g_assert_no_error (error);
      g_assert_cmpstr (root->pool, ==, "bench");
      g_assert_cmpstr (root->vid, ==, "appvms/app1/root");
      g_assert_cmpstr (root->source, ==, "vm-templates/debian-12/root");
      g_assert_cmpstr (root->path, ==, "/srv/pool-bench/appvms/app1/root-dirty.img");
      g_assert_cmpuint (root->size, ==, G_GUINT64_CONSTANT (10737418240));
      g_assert_cmpuint (root->usage, ==, 0);
      g_assert_true (root->rw);
      g_assert_false (root->save_on_stop);
      g_assert_true (root->snap_on_start);
      g_assert_false (root->ephemeral);
      g_assert_cmpint (root->revisions_to_keep, ==, 1);

      private = live_qubesd_reply_parse_volume_info (private_reply, &error);
      g_assert_no_error (error);
      g_assert_null (private->source);
      g_assert_true (private->save_on_stop);
      g_assert_false (private->snap_on_start);

      kernel = live_qubesd_reply_parse_volume_info (kernel_reply, &error);
      g_assert_no_error (error);
      g_assert_false (kernel->rw);
      g_assert_cmpint (kernel->revisions_to_keep, ==, 0);
    }
}

#define ESSENTIAL "pool=p\nrw=True\nsave_on_stop=True\nsnap_on_start=False\n"

static void
test_volume_info_odd (void)
{
  static const struct
  {
    const char *reply;
    gboolean is_good;
  } cases[] = {
    { ESSENTIAL, TRUE },
    { ESSENTIAL "new_key=whatever\nno value\n\n", TRUE },
    { ESSENTIAL "revisions_to_keep=-1\n", TRUE },
    { ESSENTIAL "source=\nsize=\nusage=\nephemeral=\n", TRUE },
    { ESSENTIAL "path=/a=b\n", TRUE },
    { ESSENTIAL "size=18446744073709551615\n", TRUE },
    { "", FALSE },
    { "rw=True\nsave_on_stop=True\nsnap_on_start=False\n", FALSE },
    { "pool=p\nsave_on_stop=True\nsnap_on_start=False\n", FALSE },
    { "pool=p\nrw=True\nsnap_on_start=False\n", FALSE },
    { "pool=p\nrw=True\nsave_on_stop=True\n", FALSE },
    { "pool=p\nrw=\nsave_on_stop=True\nsnap_on_start=False\n", FALSE },
    { "pool=\nrw=True\nsave_on_stop=True\nsnap_on_start=False\n", FALSE },
    { "pool=p\nrw=true\nsave_on_stop=True\nsnap_on_start=False\n", FALSE },
    { "pool=p\nrw=1\nsave_on_stop=True\nsnap_on_start=False\n", FALSE },
    { ESSENTIAL "rw=False\n", FALSE },
    { ESSENTIAL "rw=True\n", FALSE },
    { ESSENTIAL "size=-1\n", FALSE },
    { ESSENTIAL "size=18446744073709551616\n", FALSE },
    { ESSENTIAL "size=12 \n", FALSE },
    { ESSENTIAL "revisions_to_keep=99999999999\n", FALSE },
    { ESSENTIAL "ephemeral=maybe\n", FALSE },
    { ESSENTIAL "path=/x", FALSE },
    { ESSENTIAL "path=\xff\n", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) reply = text (cases[i].reply);
      g_autoptr (GError) error = NULL;
      g_autoptr (LiveVolumeInfo) info = live_qubesd_reply_parse_volume_info (reply, &error);

      say (cases[i].reply);
      if (cases[i].is_good)
        {
          g_assert_no_error (error);
          g_assert_cmpstr (info->pool, ==, "p");
          g_assert_true (info->rw);
        }
      else
        {
          g_assert_null (info);
          g_assert_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
        }
    }
}

static void
test_pool_info (void)
{
  for (gsize v = 0; v < G_N_ELEMENTS (versions); v++)
    {
      g_autoptr (GBytes) disk_reply = load (versions[v], "pool-info-bench.bin");
      g_autoptr (GBytes) kernel_reply = load (versions[v], "pool-info-linux-kernel.bin");
      g_autoptr (GError) error = NULL;
      g_autoptr (LivePoolInfo) disk = live_qubesd_reply_parse_pool_info (disk_reply, &error);
      g_autoptr (LivePoolInfo) kernel = NULL;

      g_assert_no_error (error);
      g_assert_cmpstr (disk->driver, ==, "file-reflink");
      g_assert_cmpstr (disk->dir_path, ==, "/srv/pool-bench");
      g_assert_true (disk->has_size);
      g_assert_cmpuint (disk->size, ==, G_GUINT64_CONSTANT (270553174016));
      g_assert_cmpuint (disk->usage, >, 0);
      g_assert_true (disk->has_ephemeral_volatile);
      g_assert_false (disk->ephemeral_volatile);
      g_assert_true (disk->has_revisions_to_keep);
      g_assert_cmpint (disk->revisions_to_keep, ==, 1);
      g_assert_null (disk->included_in);

      kernel = live_qubesd_reply_parse_pool_info (kernel_reply, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (kernel->driver, ==, "linux-kernel");
      g_assert_cmpstr (kernel->included_in, ==, "varlibqubes");
      g_assert_false (kernel->has_size);
      g_assert_false (kernel->has_ephemeral_volatile);
    }
}

static void
test_pool_info_odd (void)
{
  static const char *const bad[] = { "",
                                     "name=p\n",
                                     "driver=\n",
                                     "driver=file",
                                     "driver=file\ndriver=lvm_thin\n",
                                     "driver=file\nephemeral_volatile=yes\n",
                                     "driver=file\nsize=1e9\n" };
  g_autoptr (GBytes) reply
      = text ("driver=lvm_thin\nvolume_group=qubes_dom0\nthin_pool=vm-pool\nephemeral_volatile=True\nname=vm-pool\n");
  g_autoptr (LivePoolInfo) info = live_qubesd_reply_parse_pool_info (reply, NULL);

  g_assert_nonnull (info);
  g_assert_cmpstr (info->volume_group, ==, "qubes_dom0");
  g_assert_cmpstr (info->thin_pool, ==, "vm-pool");
  g_assert_true (info->ephemeral_volatile);
  g_assert_null (info->dir_path);

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) bad_reply = text (bad[i]);
      g_autoptr (GError) error = NULL;

      say (bad[i]);
      g_assert_null (live_qubesd_reply_parse_pool_info (bad_reply, &error));
      g_assert_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
    }
}

static void
test_names (void)
{
  g_autoptr (GBytes) pools = text ("varlibqubes\nlinux-kernel\nbench\n../x\na b\n");
  g_autoptr (GBytes) features = text ("gone-mark\nlive.policy\nbad/name\nwith space\n\nt\tab\n\xc3\xa4\n");
  g_autoptr (GBytes) cut = text ("varlibqubes\nlinux");
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
  g_autoptr (GError) error = NULL;
  guint n_skipped = 0;
  g_auto (GStrv) pool_names = live_qubesd_reply_parse_pool_list (pools, &n_skipped, &error);
  g_auto (GStrv) feature_names = NULL;
  g_auto (GStrv) no_names = NULL;
  const char *const expected_pools[] = { "varlibqubes", "linux-kernel", "bench", NULL };
  const char *const expected_features[] = { "gone-mark", "live.policy", "bad/name", NULL };

  g_assert_no_error (error);
  g_assert_cmpstrv (pool_names, expected_pools);
  g_assert_cmpuint (n_skipped, ==, 2);
  feature_names = live_qubesd_reply_parse_feature_list (features, &n_skipped, &error);
  g_assert_no_error (error);
  g_assert_cmpstrv (feature_names, expected_features);
  g_assert_cmpuint (n_skipped, ==, 4);
  no_names = live_qubesd_reply_parse_feature_list (nothing, &n_skipped, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (no_names), ==, 0);
  g_assert_cmpuint (n_skipped, ==, 0);
  g_assert_null (live_qubesd_reply_parse_pool_list (cut, &n_skipped, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
}

static void
test_property (void)
{
  static const struct
  {
    const char *reply;
    const char *type; /* NULL: an error */
    const char *value;
    gboolean is_default;
  } cases[] = {
    { "default=False type=str app1", "str", "app1", FALSE },
    { "default=True type=bool False", "bool", "False", TRUE },
    { "default=True type=int ", "int", "", TRUE },
    { "default=True type=str 10.139.1.1 10.139.1.2", "str", "10.139.1.1 10.139.1.2", TRUE },
    { "default=False type=str two\nlines\\n", "str", "two\nlines\\n", FALSE },
    { "default=False type=str  type=int ", "str", " type=int ", FALSE },
    { "default=False type=int", NULL, NULL, FALSE },
    { "default=false type=int 1", NULL, NULL, FALSE },
    { "default= type=int 1", NULL, NULL, FALSE },
    { "type=int default=True 1", NULL, NULL, FALSE },
    { "default=True type= 1", NULL, NULL, FALSE },
    { "default=True int 1", NULL, NULL, FALSE },
    { "", NULL, NULL, FALSE },
    { "default=True", NULL, NULL, FALSE },
    { "default=True type=str \xc0\x80", NULL, NULL, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) reply = text (cases[i].reply);
      g_autoptr (GError) error = NULL;
      g_autoptr (LivePropertyValue) property = live_qubesd_reply_parse_property (reply, &error);

      say (cases[i].reply);
      if (cases[i].type == NULL)
        {
          g_assert_null (property);
          g_assert_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (property->type, ==, cases[i].type);
      g_assert_cmpstr (property->value, ==, cases[i].value);
      g_assert_cmpint (property->is_default, ==, cases[i].is_default);
    }
}

static void
test_property_all (void)
{
  static const char *const bad[] = { "a\n",
                                     "a default=True type=str x",
                                     " default=True type=str x\n",
                                     "a default=True type=str x\\y\n",
                                     "a default=True type=str x\\\n",
                                     "a default=True type=str x\na default=True type=str y\n" };
  g_autoptr (GBytes) escaped = text ("a default=False type=str one\\ntwo\\\\nthree\nb default=True type=vm \n");
  g_autoptr (GHashTable) two = live_qubesd_reply_parse_property_all (escaped, NULL);
  const LivePropertyValue *property = NULL;

  for (gsize v = 0; v < G_N_ELEMENTS (versions); v++)
    {
      g_autoptr (GBytes) reply = load (versions[v], "property-get-all.bin");
      g_autoptr (GError) error = NULL;
      g_autoptr (GHashTable) properties = live_qubesd_reply_parse_property_all (reply, &error);

      g_assert_no_error (error);
      property = g_hash_table_lookup (properties, "template");
      g_assert_cmpstr (property->type, ==, "vm");
      g_assert_cmpstr (property->value, ==, "debian-12");
      g_assert_false (property->is_default);
      property = g_hash_table_lookup (properties, "label");
      g_assert_cmpstr (property->value, ==, "blue");
      property = g_hash_table_lookup (properties, "dns");
      g_assert_cmpstr (property->value, ==, "10.139.1.1 10.139.1.2");
    }

  g_assert_nonnull (two);
  g_assert_cmpuint (g_hash_table_size (two), ==, 2);
  property = g_hash_table_lookup (two, "a");
  g_assert_cmpstr (property->value, ==, "one\ntwo\\nthree");
  property = g_hash_table_lookup (two, "b");
  g_assert_cmpstr (property->value, ==, "");
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) reply = text (bad[i]);
      g_autoptr (GError) error = NULL;

      say (bad[i]);
      g_assert_null (live_qubesd_reply_parse_property_all (reply, &error));
      g_assert_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
    }
}

static void
test_text (void)
{
  g_autoptr (GBytes) good = text ("a\nb \xc3\xa4");
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) with_nul = g_bytes_new ("a\0b", 3);
  g_autoptr (GBytes) invalid = text ("\xed\xa0\x80");
  g_autofree char *value = live_qubesd_reply_parse_text (good, NULL);
  g_autofree char *empty = live_qubesd_reply_parse_text (nothing, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (value, ==, "a\nb \xc3\xa4");
  g_assert_cmpstr (empty, ==, "");
  g_assert_null (live_qubesd_reply_parse_text (with_nul, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
  g_clear_error (&error);
  g_assert_null (live_qubesd_reply_parse_text (invalid, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
}

static void
check_result (gboolean has_result, GError *error)
{
  if (has_result)
    g_assert_no_error (error);
  else
    g_assert_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
  g_clear_error (&error);
}

/* Every parser: a result or an error of ours, never both, never a crash. */
static void
feed_all_parsers (GBytes *reply)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) qubes = live_qubesd_reply_parse_vm_list (reply, NULL, &error);
  g_autoptr (LiveVolumeInfo) volume = NULL;
  g_autoptr (LivePoolInfo) pool = NULL;
  g_autoptr (LivePropertyValue) property = NULL;
  g_autoptr (GHashTable) properties = NULL;
  g_auto (GStrv) pools = NULL;
  g_auto (GStrv) features = NULL;
  g_autofree char *value = NULL;

  check_result (qubes != NULL, g_steal_pointer (&error));
  volume = live_qubesd_reply_parse_volume_info (reply, &error);
  check_result (volume != NULL, g_steal_pointer (&error));
  pool = live_qubesd_reply_parse_pool_info (reply, &error);
  check_result (pool != NULL, g_steal_pointer (&error));
  property = live_qubesd_reply_parse_property (reply, &error);
  check_result (property != NULL, g_steal_pointer (&error));
  properties = live_qubesd_reply_parse_property_all (reply, &error);
  check_result (properties != NULL, g_steal_pointer (&error));
  pools = live_qubesd_reply_parse_pool_list (reply, NULL, &error);
  check_result (pools != NULL, g_steal_pointer (&error));
  features = live_qubesd_reply_parse_feature_list (reply, NULL, &error);
  check_result (features != NULL, g_steal_pointer (&error));
  value = live_qubesd_reply_parse_text (reply, &error);
  check_result (value != NULL, g_steal_pointer (&error));
  if (value != NULL)
    g_assert_true (g_utf8_validate (value, -1, NULL));
}

static const char *const recorded[] = { "vm-list.bin",         "volume-info-root.bin",       "volume-info-private.bin",
                                        "pool-info-bench.bin", "pool-info-linux-kernel.bin", "property-get-all.bin" };

static void
test_truncation (void)
{
  for (gsize v = 0; v < G_N_ELEMENTS (versions); v++)
    {
      for (gsize f = 0; f < G_N_ELEMENTS (recorded); f++)
        {
          g_autoptr (GBytes) whole = load (versions[v], recorded[f]);
          gsize length = 0;
          const char *data = g_bytes_get_data (whole, &length);

          for (gsize cut = 0; cut < length; cut++)
            {
              /* A copy, so that the sanitizer sees one byte too many. */
              g_autoptr (GBytes) part = g_bytes_new (data, cut);
              gboolean is_in_line = cut > 0 && data[cut - 1] != '\n';

              feed_all_parsers (part);
              if (g_str_has_prefix (recorded[f], "volume"))
                {
                  g_autoptr (LiveVolumeInfo) info = live_qubesd_reply_parse_volume_info (part, NULL);

                  /* Not before all that is essential was there, and never in the middle of a line. */
                  g_assert_true (info == NULL
                                 || (!is_in_line && g_strstr_len (data, (gssize)cut, "snap_on_start=") != NULL));
                }
              if (is_in_line)
                g_assert_null (live_qubesd_reply_parse_vm_list (part, NULL, NULL));
            }
        }
    }
}

static void
test_garbage (void)
{
  GRand *rand = g_rand_new_with_seed (20260102);
  guint n_rounds = g_test_thorough () ? 50000 : 3000;

  for (guint round = 0; round < n_rounds; round++)
    {
      g_autoptr (GBytes) whole = load (versions[round % 3], recorded[round % G_N_ELEMENTS (recorded)]);
      g_autoptr (GByteArray) bytes = g_bytes_unref_to_array (g_steal_pointer (&whole));
      guint n_changes = (guint)g_rand_int_range (rand, 1, 8);
      g_autoptr (GBytes) reply = NULL;

      for (guint i = 0; i < n_changes && bytes->len > 1; i++)
        {
          guint at = (guint)g_rand_int_range (rand, 0, (gint32)bytes->len);
          guint n_removed = (guint)g_rand_int_range (rand, 1, 20);

          switch (g_rand_int_range (rand, 0, 4))
            {
            case 0:
              bytes->data[at] = (guint8)g_rand_int_range (rand, 0, 256);
              break;
            case 1:
              bytes->data[at] = (guint8) "\n =\\\0dTF1"[g_rand_int_range (rand, 0, 9)];
              break;
            case 2:
              g_byte_array_remove_range (bytes, at, MIN (bytes->len - at, n_removed));
              break;
            default:
              g_byte_array_append (bytes,
                                   (const guint8 *)"rw=True\nrw=False\npool=", (guint)g_rand_int_range (rand, 1, 23));
              break;
            }
        }
      reply = g_bytes_new (bytes->data, bytes->len);
      feed_all_parsers (reply);
    }
  g_rand_free (rand);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qubesd-reply/vm-list", test_vm_list);
  g_test_add_func ("/qubesd-reply/vm-list/odd", test_vm_list_odd);
  g_test_add_func ("/qubesd-reply/vm-list/huge", test_vm_list_huge);
  g_test_add_func ("/qubesd-reply/volume-info", test_volume_info);
  g_test_add_func ("/qubesd-reply/volume-info/odd", test_volume_info_odd);
  g_test_add_func ("/qubesd-reply/pool-info", test_pool_info);
  g_test_add_func ("/qubesd-reply/pool-info/odd", test_pool_info_odd);
  g_test_add_func ("/qubesd-reply/names", test_names);
  g_test_add_func ("/qubesd-reply/property", test_property);
  g_test_add_func ("/qubesd-reply/property-all", test_property_all);
  g_test_add_func ("/qubesd-reply/text", test_text);
  g_test_add_func ("/qubesd-reply/truncation", test_truncation);
  g_test_add_func ("/qubesd-reply/garbage", test_garbage);
  return g_test_run ();
}
