/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "live-bus.h"
#include "test-bed.h"

G_BEGIN_DECLS

/**
 * LiveHelperFixture:
 *
 * A test bed with the helper in it, and what the helper's objects say, read anew each time: no cache of the test's own
 * can hide what is really on the bus.
 */
typedef struct
{
  LiveTestBed *bed;
  GDBusConnection *bus; /* who calls: uid 0, or another one */
} LiveHelperFixture;

/* @dom0 is %NULL or arguments of the simulated dom0. Returns when the helper has read everything. */
void live_helper_fixture_open (LiveHelperFixture *fixture, const char *const *dom0);
void live_helper_fixture_close (LiveHelperFixture *fixture);

/* Waits until the helper has read everything. */
void live_helper_fixture_wait_synchronized (LiveHelperFixture *fixture);

/* One property; %NULL when the object is not there. (transfer full) */
GVariant *live_helper_fixture_get (LiveHelperFixture *fixture, const char *path, const char *interface,
                                   const char *property);
GVariant *live_helper_fixture_get_qube (LiveHelperFixture *fixture, const char *qube, const char *property);

/* As text, in GVariant's notation without types; "(none)" when the object is not there. (transfer full) */
char *live_helper_fixture_text (LiveHelperFixture *fixture, const char *qube, const char *property);
/* The same of the manager. */
char *live_helper_fixture_manager (LiveHelperFixture *fixture, const char *property);

/* Waits until a property of @qube is printed as @expected; fails the test when it is not within some seconds. */
void live_helper_fixture_wait (LiveHelperFixture *fixture, const char *qube, const char *property,
                               const char *expected);
void live_helper_fixture_wait_manager (LiveHelperFixture *fixture, const char *property, const char *expected);
/* Waits until a command of the simulated dom0 answers @expected. */
void live_helper_fixture_wait_control (LiveHelperFixture *fixture, const char *command, const char *expected);

/* Whether the property Reasons of @qube holds @code. */
gboolean live_helper_fixture_has_reason (LiveHelperFixture *fixture, const char *qube, const char *code);

/* Methods, as the fixture's caller, without interaction. */
GVariant *live_helper_fixture_call (LiveHelperFixture *fixture, const char *qube, const char *method,
                                    GVariant *arguments, GError **error);
/* SetPolicy; whether it was applied; an error fails the test. */
gboolean live_helper_fixture_set_policy (LiveHelperFixture *fixture, const char *qube, const char *policy);

#define live_assert_qube(fixture, qube, property, expected)                                                           \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *live_assert_is = live_helper_fixture_text (fixture, qube, property);                             \
    g_assert_cmpstr (live_assert_is, ==, expected);                                                                    \
  }                                                                                                                    \
  G_STMT_END

#define live_assert_control(fixture, expected, ...)                                                                   \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *live_assert_is = live_test_bed_control ((fixture)->bed, __VA_ARGS__);                            \
    g_assert_cmpstr (live_assert_is, ==, expected);                                                                    \
  }                                                                                                                    \
  G_STMT_END

G_END_DECLS
