/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Programs: the one that is installed, and the same without encryption. */
typedef enum
{
  LIVE_STORAGE_REAL,
  LIVE_STORAGE_UNENCRYPTED
} LiveStorageProgram;

/**
 * live_storage_fixture_begin:
 *
 * Gives the process a view of the mounts of its own, with an empty /run, and waits until no other test changes zram
 * devices. A second process stays behind to take apart what is left when this one ends, however that comes about.
 * To be called first in main().
 *
 * Returns: %FALSE when the caller is not root
 */
gboolean live_storage_fixture_begin (void);

/* Ends the second process. */
void live_storage_fixture_end (void);

/* A new directory on the disk for files of a test; the fixture removes it at the end, with what is directly in it. */
const char *live_storage_fixture_get_directory (void);

/**
 * LiveStorageRun:
 *
 * One request under way, or done.
 */
typedef struct _LiveStorageRun LiveStorageRun;

/* @options: (nullable) (array zero-terminated=1): arguments of the program. @request: without the end of line. */
LiveStorageRun *live_storage_run_start (LiveStorageProgram program, const char *const *options, const char *request);
/* Sends bytes as they are. */
LiveStorageRun *live_storage_run_start_raw (LiveStorageProgram program, const char *bytes, gsize length);
GPid live_storage_run_get_pid (LiveStorageRun *run);
/* Waits for an answer with that step. */
void live_storage_run_wait_step (LiveStorageRun *run, const char *step);
/* Closes the connection. */
void live_storage_run_hang_up (LiveStorageRun *run);
/* Waits for the end. (transfer none) (nullable): the last line; %NULL when it was none of an ended request. */
JsonObject *live_storage_run_finish (LiveStorageRun *run);
/* After the end: the signal that ended it, or 0. */
int live_storage_run_get_signal (LiveStorageRun *run);
void live_storage_run_free (LiveStorageRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveStorageRun, live_storage_run_free)

/* Asks, and fails the test if the answer is an error. (transfer full): what is in `ok` */
JsonObject *live_storage_ask (LiveStorageProgram program, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Asks, and fails the test unless the answer is this error. (transfer full): the answer */
JsonObject *live_storage_ask_error (LiveStorageProgram program, const char *error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* (transfer full) (nullable): of the list, the pool of that name. */
JsonObject *live_storage_find (const char *name);

/* Fails the test if there is a pool, a zram device, a mount, a loop device or a file more than before. */
void live_storage_assert_nothing_left (void);

/* Puts a script in the place of a program or of a file, until live_storage_uncover(). */
void live_storage_cover (const char *path, const char *text);
void live_storage_uncover (const char *path);

G_END_DECLS
