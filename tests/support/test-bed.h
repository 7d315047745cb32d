/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LiveTestBed:
 *
 * A small world for one test: a private temporary directory with HOME and every XDG directory, a private system bus
 * (real dbus-daemon, with the project's own bus policy), the real polkitd with the project's own actions, the
 * simulated dom0 and the helper. Everything it starts is ended by pid and waited for when it is freed, also after a
 * failed test (the children die with the parent), and everything it mounts is in a private mount namespace.
 */
typedef struct _LiveTestBed LiveTestBed;

/**
 * LiveTestBedOptions:
 * @dom0_arguments: (nullable): further arguments of the simulated dom0 (`--version`, `--qubes`, …), %NULL-terminated
 * @helper_arguments: (nullable): further arguments of the helper
 * @polkit_rules: (nullable): text of a rules file for polkitd; %NULL for the defaults of the actions
 * @without_polkitd: do not start polkitd
 * @without_helper: do not start the helper
 * @without_dom0: do not start the simulated dom0
 */
typedef struct
{
  const char *const *dom0_arguments;
  const char *const *helper_arguments;
  const char *polkit_rules;
  gboolean without_polkitd;
  gboolean without_helper;
  gboolean without_dom0;
} LiveTestBedOptions;

/**
 * live_test_bed_init:
 *
 * Makes the private mount namespace that the real polkitd needs. Call it first in main(), before any thread exists
 * (so before g_test_init() and gtk_init()).
 *
 * Returns: %FALSE when the program is not run by root, who alone may do that: the caller skips its tests and says so
 */
gboolean live_test_bed_init (void);

LiveTestBed *live_test_bed_new (const LiveTestBedOptions *options);
void live_test_bed_free (LiveTestBed *bed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveTestBed, live_test_bed_free)

/* The private system bus: its address, and a connection of uid 0 to it. (transfer none) */
const char *live_test_bed_get_bus_address (LiveTestBed *bed);
GDBusConnection *live_test_bed_get_bus (LiveTestBed *bed);
/* The temporary directory; files in it vanish with the bed. */
const char *live_test_bed_get_directory (LiveTestBed *bed);
/* Environment for children: only what they need, with HOME, XDG_* and DBUS_SYSTEM_BUS_ADDRESS. (transfer full) */
char **live_test_bed_get_environment (LiveTestBed *bed);
const char *live_test_bed_get_qubesd_socket (LiveTestBed *bed);

/* Sends one command to the simulated dom0's control channel; the reply without its "ok ". An "error" fails the test. */
char *live_test_bed_control (LiveTestBed *bed, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Starting returns when the thing answers; stopping, when it is gone. */
void live_test_bed_start_dom0 (LiveTestBed *bed);
void live_test_bed_stop_dom0 (LiveTestBed *bed);
void live_test_bed_start_helper (LiveTestBed *bed);
void live_test_bed_stop_helper (LiveTestBed *bed);
void live_test_bed_kill_helper (LiveTestBed *bed); /* SIGKILL: a crash */
void live_test_bed_start_polkitd (LiveTestBed *bed);
void live_test_bed_stop_polkitd (LiveTestBed *bed);
GPid live_test_bed_get_helper_pid (LiveTestBed *bed);

/**
 * live_test_bed_advance:
 * @bed: a bed
 * @elapsed: seconds that pass, in sleep or awake
 * @set: seconds by which somebody sets the wall clock forward, or back
 *
 * Moves the clock of the helper, and of every program that is given live_test_bed_get_clock_file() as its `--clock`.
 * Whoever asks for the time after that gets the new one; alarms go off a moment later.
 */
void live_test_bed_advance (LiveTestBed *bed, gint64 elapsed, gint64 set);
/* The wall clock of the bed, in seconds since 1970. */
gint64 live_test_bed_get_wall (LiveTestBed *bed);
/* The file for `--clock`. (transfer none) */
const char *live_test_bed_get_clock_file (LiveTestBed *bed);

/* Starts a program that ends with the bed (@argv[0] is an absolute path, @environment as from
 * live_test_bed_get_environment() or %NULL for that). (transfer none) */
GSubprocess *live_test_bed_spawn (LiveTestBed *bed, const char *const *argv, const char *const *environment);

/* Runs a program to its end, as the user @uid (0: root); the exit code; standard output and error when asked. */
int
live_test_bed_run (LiveTestBed *bed, guint uid, const char *const *argv, char **standard_output, char **standard_error);

/**
 * live_test_wait:
 * @condition: what is waited for
 * @data: for @condition
 * @seconds: after so long the test fails
 *
 * Runs the default main context until @condition holds, looking again after every event and at least every 20
 * milliseconds.
 *
 * Returns: %FALSE when the time ran out
 */
gboolean live_test_wait (gboolean (*condition) (gpointer data), gpointer data, double seconds);

/**
 * live_test_wait_for_name:
 * @bus: a connection to a bus
 * @name: a name on it
 * @process: (nullable): the program that is going to own @name
 * @seconds: after so long the test program ends with a message: nothing after it could work
 *
 * Waits until @name has an owner. That @process ends meanwhile is a failure, too.
 */
void live_test_wait_for_name (GDBusConnection *bus, const char *name, GSubprocess *process, double seconds);

/* Waits until @name has no owner (any more). */
void live_test_wait_for_no_name (GDBusConnection *bus, const char *name);

/* The prefix that stands for the machine's root in what the helper reads; holds the proc/cmdline and
 * proc/self/mountinfo of a dom0 on a disk. Change them before the helper starts. */
const char *live_test_bed_get_root (LiveTestBed *bed);

/* 0 when it does not run. */
GPid live_test_bed_get_polkitd_pid (LiveTestBed *bed);
/* SIGKILL: a crash */
void live_test_bed_kill_polkitd (LiveTestBed *bed);
/* Replaces the rules; returns when polkitd, if it runs, has taken them up. */
void live_test_bed_set_polkit_rules (LiveTestBed *bed, const char *rules);

/* The people of a bed, apart from root. */
#define LIVE_TEST_USER_UID 4242     /* live-test-user, in the group qubes, as the person at dom0 is */
#define LIVE_TEST_STRANGER_UID 4243 /* live-test-stranger, in no group but its own */

/* A connection of its own to the bus, as the user @uid: another caller, in the same process. (transfer full) */
GDBusConnection *live_test_bed_connect (LiveTestBed *bed, guint uid);

G_END_DECLS
