/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>
#include <sys/types.h>

G_BEGIN_DECLS

/**
 * live_test_namespace_enter:
 *
 * Moves the calling process into a mount namespace of its own, from which nothing gets back to the machine. Must be
 * called before the process has threads.
 *
 * Returns: %FALSE when the caller may not do that
 */
gboolean live_test_namespace_enter (void);

/**
 * live_test_namespace_bind:
 * @source: existing file or directory
 * @target: existing file or directory that @source takes the place of, inside the namespace
 *
 * A failure ends the test program: without it a test could reach the machine's own files.
 */
void live_test_namespace_bind (const char *source, const char *target);

/* Takes away the topmost mount at @target; waits a moment for a program that is just ending. */
void live_test_namespace_unbind (const char *target);

/**
 * live_test_namespace_add_users:
 * @directory: where the altered copies of the user and group files are kept
 *
 * Puts the users of test-bed.h and the group qubes into /etc/passwd and /etc/group of the namespace.
 */
void live_test_namespace_add_users (const char *directory);
void live_test_namespace_remove_users (void);

#define LIVE_TEST_MAX_GROUPS 32

/* A user with all groups, as the user and group files have it. */
typedef struct
{
  uid_t uid;
  gid_t gid;
  gid_t groups[LIVE_TEST_MAX_GROUPS];
  int n_groups;
} LiveTestUser;

/* That there is such a user is checked. */
void live_test_namespace_look_up (uid_t uid, LiveTestUser *user);

/**
 * live_test_namespace_become:
 * @user: a user
 *
 * Changes the user of the whole process, with a way back: live_test_namespace_become_root().
 */
void live_test_namespace_become (const LiveTestUser *user);
void live_test_namespace_become_root (void);

G_END_DECLS
