/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "pools-fixture.h"

#include "model/error.h"

#include <string.h>

/* Creates a pool that has to come about. */
static void
create (LivePoolsFixture *fixture, const char *name, guint64 mib, const char *kind)
{
  GError *error = NULL;
  char *job = live_pools_fixture_create (fixture, name, mib, kind, &error);

  live_pools_fixture_expect_success (fixture, job, error);
}

static void
destroy (LivePoolsFixture *fixture, const char *name, const char *qubes)
{
  GError *error = NULL;
  char *job = live_pools_fixture_destroy (fixture, name, qubes, FALSE, &error);

  live_pools_fixture_expect_success (fixture, job, error);
}

static gboolean
is_mounted (const char *name)
{
  g_autofree char *mounts = NULL;
  g_autofree char *path = g_strdup_printf (" /run/qubes-live/pools/%s ", name);

  g_assert_true (g_file_get_contents ("/proc/self/mountinfo", &mounts, NULL, NULL));
  return strstr (mounts, path) != NULL;
}

static void
test_life (void)
{
  LivePoolsFixture fixture;

  live_pools_fixture_open (&fixture, NULL);
  create (&fixture, "ram1", 320, NULL);
  g_assert_true (is_mounted ("ram1"));
  g_assert_true (live_pools_fixture_has_pool (&fixture, "ram1"));
  g_assert_false (live_pools_fixture_has_entry (&fixture, "pool-ram1"));
  live_assert_pool (&fixture, "ram1", "Driver", "file-reflink");
  live_assert_pool (&fixture, "ram1", "Kind", "ram");
  live_assert_pool (&fixture, "ram1", "State", "ready");
  live_assert_pool (&fixture, "ram1", "Managed", "true");
  live_assert_pool (&fixture, "ram1", "Default", "false");
  live_assert_pool (&fixture, "ram1", "Qubes", "[]");
  g_assert_cmpuint (live_pools_fixture_number (&fixture, "ram1", "Size"), >, 160 * MIB);
  g_assert_cmpuint (live_pools_fixture_number (&fixture, "ram1", "Size"), <=, 320 * MIB);
  g_assert_cmpuint (live_pools_fixture_number (&fixture, "ram1", "MemoryUsed"), >, 0);
  destroy (&fixture, "ram1", "");
  g_assert_false (is_mounted ("ram1"));
  g_assert_false (live_pools_fixture_has_pool (&fixture, "ram1"));
  live_assert_pool (&fixture, "ram1", "State", "(none)");
  live_pools_fixture_close (&fixture);
}

int
main (int argc, char **argv)
{
  int result = 0;

  if (!live_storage_fixture_begin ())
    {
      g_print ("1..0 # SKIP only root can mount\n");
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pools/life", test_life);
  result = g_test_run ();
  live_storage_fixture_end ();
  return result;
}
