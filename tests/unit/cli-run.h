/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

#include "mock-service.h"

G_BEGIN_DECLS

/* The real qubes-live, which is named by the environment variable LIVE_CLI, and the mock of the helper that it asks. */

/**
 * LiveRun:
 * @code: what it exited with
 * @out: its standard output
 * @err: its standard error
 *
 * One run of the program that has ended.
 */
typedef struct
{
  int code;
  char *out;
  char *err;
} LiveRun;

void live_run_clear (LiveRun *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LiveRun, live_run_clear)

typedef struct
{
  LiveMockBus *bus;
  LiveMockService *service;
} LiveFixture;

void live_fixture_set_up (LiveFixture *fixture, gconstpointer data);
void live_fixture_tear_down (LiveFixture *fixture, gconstpointer data);

/* Starts it with its standard input at /dev/null. A failed test leaves none behind. (transfer full) */
GSubprocess *live_run_spawn (const char *address, const char *command_line);
/* Waits for what live_run_spawn() started. */
LiveRun live_run_finish (GSubprocess *process);
/* Both, with the bus at @address. */
LiveRun live_run_at (const char *address, const char *command_line);
/* Both, with the bus of @fixture. */
LiveRun live_run_cli (LiveFixture *fixture, const char *command_line);
/* The same with a terminal, on which @answer is typed; what it prints, and the echo of the answer, are in @out. */
LiveRun live_run_on_terminal (LiveFixture *fixture, const char *command_line, const char *answer);
/* A GAsyncReadyCallback whose user_data is a GAsyncResult**. */
void live_run_on_finished (GObject *source, GAsyncResult *result, gpointer user_data);

void live_assert_contains (const char *text, const char *part);
void live_assert_lacks (const char *text, const char *part);
/* The calls of the helper's methods since the last time; live_mock_service_take_calls() says how they are written. */
void live_assert_calls (LiveFixture *fixture, const char *expected);
void live_assert_no_calls (LiveFixture *fixture);

G_END_DECLS
