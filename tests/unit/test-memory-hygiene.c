/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "model/memory-hygiene.h"
#include "model/upper-layer.h"

static void
test_judge (void)
{
  static const struct
  {
    const char *options;
    const char *common;
    const char *built_in; /* a: alloc, f: free */
    const char *expected;
  } table[] = {
    { "", "", "", "off" },
    { "swiotlb=2048", NULL, "", "off" },
    { "init_on_alloc=1 init_on_free=1", NULL, "", "on" },
    { "swiotlb=2048 init_on_free=1 init_on_alloc=1", NULL, "", "on" },
    { "init-on-alloc=1 init-on-free=1", NULL, "", "on" },
    { "init_on_alloc=y init_on_free=on", NULL, "", "on" },
    { "\"init_on_alloc=1\" init_on_free=\"1\"", NULL, "", "on" },
    { "init_on_alloc=1", NULL, "", "off" },
    { "init_on_free=1", NULL, "", "off" },
    /* The last one counts, and one without a sensible value for nothing. */
    { "init_on_alloc=1 init_on_free=1 init_on_free=0", NULL, "", "off" },
    { "init_on_free=0 init_on_alloc=1 init_on_free=1", NULL, "", "on" },
    { "init_on_alloc=1 init_on_free=1 init_on_free", NULL, "", "on" },
    { "init_on_alloc=1 init_on_free=1 init_on_free=", NULL, "", "on" },
    { "init_on_alloc init_on_free", NULL, "", "off" },
    { "init_on_alloc=x init_on_free=1", NULL, "", "off" },
    /* Something else. */
    { "xinit_on_alloc=1 init_on_free=1", NULL, "", "off" },
    { "init_on_alloc=1init_on_free=1", NULL, "", "off" },
    { "a=\"init_on_alloc=1 init_on_free=1\"", NULL, "", "off" },
    { "INIT_ON_ALLOC=1 init_on_free=1", NULL, "", "off" },
    { "-- init_on_alloc=1 init_on_free=1", NULL, "", "off" },
    { "init_on_alloc=1 -- init_on_free=1", NULL, "", "off" },
    /* By the kernel. */
    { "", NULL, "af", "built-in" },
    { "", NULL, "a", "off" },
    { "init_on_free=1", NULL, "a", "on" },
    { "init_on_alloc=1 init_on_free=1", NULL, "af", "on" },
    { "init_on_free=0", NULL, "af", "off" },
    { "", "init_on_alloc=1 init_on_free=1", "", "built-in" },
    { "", "init_on_alloc=1", "f", "built-in" },
    { "", "init_on_free=0", "af", "off" },
    { "init_on_alloc=0", "init_on_alloc=1 init_on_free=1", "", "off" },
    { "init_on_alloc=1", "root=/dev/mapper/dmroot init_on_free=1", "", "on" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      LiveQubeFacts facts = { .klass = LIVE_QUBE_KLASS_APP,
                              .kernel_name = "6.6",
                              .kernel_options = table[i].options,
                              .kernel = { .common_options = table[i].common,
                                          .init_on_alloc = strchr (table[i].built_in, 'a') != NULL,
                                          .init_on_free = strchr (table[i].built_in, 'f') != NULL } };

      g_test_message ("row %u: %s", i, table[i].options);
      g_assert_cmpstr (live_memory_hygiene_to_string (live_memory_hygiene_judge (&facts)), ==, table[i].expected);
      /* Its own kernel, whatever dom0's would do. */
      facts.kernel_name = "";
      g_assert_cmpint (live_memory_hygiene_judge (&facts), ==, LIVE_MEMORY_HYGIENE_NOT_APPLICABLE);
      facts.kernel_name = NULL;
      g_assert_cmpint (live_memory_hygiene_judge (&facts), ==, LIVE_MEMORY_HYGIENE_UNKNOWN);
      facts.kernel_name = "6.6";
      facts.kernel_options = NULL;
      g_assert_cmpint (live_memory_hygiene_judge (&facts), ==, LIVE_MEMORY_HYGIENE_UNKNOWN);
    }
}

static void
test_add (void)
{
  static const char *const table[][2] = {
    { "", "init_on_alloc=1 init_on_free=1" },
    { "swiotlb=2048", "swiotlb=2048 init_on_alloc=1 init_on_free=1" },
    { "init_on_free=1 quiet", "init_on_free=1 quiet init_on_alloc=1" },
    { "init_on_free=0", "init_on_free=0 init_on_alloc=1 init_on_free=1" },
    { "a init_on_alloc=1 init_on_free=1", "a init_on_alloc=1 init_on_free=1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *text = live_memory_hygiene_add (table[i][0]);
      g_autofree char *again = live_memory_hygiene_add (text);

      g_assert_cmpstr (text, ==, table[i][1]);
      g_assert_cmpstr (again, ==, text);
      g_assert_true (live_memory_hygiene_is_in (text));
    }
  {
    g_autofree char *lost = live_memory_hygiene_add ("quiet --");

    g_assert_false (live_memory_hygiene_is_in (lost));
  }
}

static void
test_before (void)
{
  static const struct
  {
    const char *feature;
    gboolean known;
    const char *value;
  } table[] = {
    { NULL, FALSE, NULL },       { "", FALSE, NULL },         { "default", TRUE, NULL }, { "=", TRUE, "" },
    { "=a b=c", TRUE, "a b=c" }, { "defaults", FALSE, NULL }, { "a", FALSE, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      LiveQubeFacts facts = { .features = { [LIVE_FEATURE_KERNEL_OPTIONS] = table[i].feature } };
      const char *value = "unset";

      g_assert_cmpint (live_kernel_options_before (&facts, &value), ==, table[i].known);
      g_assert_cmpstr (value, ==, table[i].value);
    }
}

static void
test_upper_layer (void)
{
  static const char *const good[]
      = { "1%", "50%", "90%", "16M", "500M", "999999M", "16384K", "999999K", "1G", "999999G" };
  static const char *const bad[] = { "",
                                     "%",
                                     "0%",
                                     "91%",
                                     "100%",
                                     "050%",
                                     "15M",
                                     "016M",
                                     "16",
                                     "16m",
                                     "16MB",
                                     "16 M",
                                     " 16M",
                                     "16M ",
                                     "-1G",
                                     "+1G",
                                     "1.5G",
                                     "0G",
                                     "16383K",
                                     "1024",
                                     "1000000M",
                                     "1T",
                                     "99999999999999999999G",
                                     "16M\n",
                                     "M",
                                     "1G1",
                                     "\xc2\xbd" };
  LiveQubeFacts facts = { .klass = LIVE_QUBE_KLASS_APP };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (live_upper_layer_is_size (good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("\"%s\"", bad[i]);
      g_assert_false (live_upper_layer_is_size (bad[i]));
    }
  g_assert_cmpstr (live_upper_layer_get (&facts), ==, "volatile");
  facts.features[LIVE_FEATURE_UPPER_SIZE] = "1G";
  g_assert_cmpstr (live_upper_layer_get_size (&facts), ==, "");
  facts.features[LIVE_FEATURE_UPPER] = "cow";
  g_assert_cmpstr (live_upper_layer_get (&facts), ==, "volatile");
  facts.features[LIVE_FEATURE_UPPER] = "tmpfs";
  g_assert_cmpstr (live_upper_layer_get (&facts), ==, "ram");
  g_assert_cmpstr (live_upper_layer_get_size (&facts), ==, "1G");
  /* What the qube will not take either. */
  facts.features[LIVE_FEATURE_UPPER_SIZE] = "lots";
  g_assert_cmpstr (live_upper_layer_get_size (&facts), ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory-hygiene/judge", test_judge);
  g_test_add_func ("/memory-hygiene/add", test_add);
  g_test_add_func ("/memory-hygiene/before", test_before);
  g_test_add_func ("/upper-layer", test_upper_layer);
  return g_test_run ();
}
