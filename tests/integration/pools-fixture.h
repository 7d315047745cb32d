/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "helper-fixture.h"
#include "storage-fixture.h"
#include "storage-socket.h"

G_BEGIN_DECLS

#define MIB (G_GUINT64_CONSTANT (1024) * 1024)

/**
 * LivePoolsFixture:
 *
 * A helper with a storage program beside it that makes real storage; only the encryption is left out.
 */
typedef struct
{
  LiveHelperFixture helper;
  LiveStorageSocket *socket;
} LivePoolsFixture;

/* @dom0: (nullable): as of live_helper_fixture_open() */
void live_pools_fixture_open (LivePoolsFixture *fixture, const char *const *dom0);
/* Stops the helper if it runs, and starts one that ends by SIGKILL at the @nth place between two steps; 0: never. */
void live_pools_fixture_restart (LivePoolsFixture *fixture, guint nth);
/* Whether the helper still owns its name on the bus. */
gboolean live_pools_fixture_is_alive (LivePoolsFixture *fixture);
/* Waits until a job has ended, or the helper; TRUE when it was the helper. (transfer full) for @job and @error */
gboolean live_pools_fixture_wait_crash (LivePoolsFixture *fixture, char *job, GError *error);
/* Fails the test if anything is left. */
void live_pools_fixture_close (LivePoolsFixture *fixture);

/**
 * live_pools_fixture_call:
 * @pool: (nullable): %NULL: the manager
 * @arguments: of the method; floating
 *
 * Returns: (transfer full) (nullable): the path of the job, or empty if the method has none; %NULL with @error
 */
char *live_pools_fixture_call (
    LivePoolsFixture *fixture, const char *pool, const char *method, GVariant *arguments, GError **error);

/* CreateRamPool, of @mib MiB. @kind: (nullable) */
char *
live_pools_fixture_create (LivePoolsFixture *fixture, const char *name, guint64 mib, const char *kind, GError **error);
/* Destroy. @qubes: separated by spaces */
char *live_pools_fixture_destroy (
    LivePoolsFixture *fixture, const char *name, const char *qubes, gboolean kill, GError **error);

/* Waits until the job has ended. Returns: (transfer full) (nullable): its error, of %LIVE_ERROR if it is one of ours */
GError *live_pools_fixture_wait (LivePoolsFixture *fixture, const char *job);
/* The same of a call, which has to have begun a job, that has to succeed. (transfer full) for @job */
void live_pools_fixture_expect_success (LivePoolsFixture *fixture, char *job, GError *error);
/* That fails, at once or as a job. */
void
live_pools_fixture_expect_error (LivePoolsFixture *fixture, char *job, GError *error, int code, const char *message);

/* A property as text; "(none)": there is no such object. (transfer full) */
char *live_pools_fixture_text (LivePoolsFixture *fixture, const char *pool, const char *property);
guint64 live_pools_fixture_number (LivePoolsFixture *fixture, const char *pool, const char *property);
void
live_pools_fixture_wait_text (LivePoolsFixture *fixture, const char *pool, const char *property, const char *expected);

/* Whether qubesd has a pool of that name. */
gboolean live_pools_fixture_has_pool (LivePoolsFixture *fixture, const char *pool);
/* Whether the journal has an entry. */
gboolean live_pools_fixture_has_entry (LivePoolsFixture *fixture, const char *id);

#define live_assert_pool(fixture, pool, property, expected)                                                            \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *live_assert_is = live_pools_fixture_text (fixture, pool, property);                               \
    g_assert_cmpstr (live_assert_is, ==, expected);                                                                    \
  }                                                                                                                    \
  G_STMT_END

G_END_DECLS
