/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE
#include "namespace.h"

#include "test-bed.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The group qubes. */
#define QUBES_GID 4242

gboolean
live_test_namespace_enter (void)
{
  if (geteuid () != 0 || unshare (CLONE_NEWNS) < 0)
    return FALSE;
  /* Shared propagation is the usual default: a mount made here would appear on the machine. */
  if (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
    g_error ("cannot make the mounts private: %s", g_strerror (errno));
  return TRUE;
}

void
live_test_namespace_bind (const char *source, const char *target)
{
  if (mount (source, target, NULL, MS_BIND, NULL) < 0)
    g_error ("cannot mount %s over %s: %s", source, target, g_strerror (errno));
}

void
live_test_namespace_unbind (const char *target)
{
  gint64 deadline = g_get_monotonic_time () + 2 * G_USEC_PER_SEC;

  while (umount2 (target, UMOUNT_NOFOLLOW) < 0)
    {
      if (errno != EBUSY || g_get_monotonic_time () > deadline)
        g_error ("cannot unmount %s: %s", target, g_strerror (errno));
      g_usleep (5000);
    }
}

/* Mounts @text in the place of @target, kept in the file @copy. */
static void
replace_file (const char *target, const char *copy, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents_full (copy, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, &error))
    g_error ("%s", error->message);
  live_test_namespace_bind (copy, target);
}

/* The lines of @file that are not about @name, each with its end. */
static char *
read_without (const char *file, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *start = g_strconcat (name, ":", NULL);
  g_auto (GStrv) lines = NULL;
  GString *kept = g_string_new (NULL);

  if (!g_file_get_contents (file, &text, NULL, &error))
    g_error ("%s", error->message);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0' && !g_str_has_prefix (lines[i], start))
      g_string_append_printf (kept, "%s\n", lines[i]);
  return g_string_free (kept, FALSE);
}

void
live_test_namespace_add_users (const char *directory)
{
  g_autofree char *passwd = g_build_filename (directory, "passwd", NULL);
  g_autofree char *group = g_build_filename (directory, "group", NULL);
  g_autofree char *old_passwd = read_without ("/etc/passwd", "live-test-user");
  /* A machine may have a group qubes already: its members are of no use here. */
  g_autofree char *old_group = read_without ("/etc/group", "qubes");
  g_autofree char *new_passwd
      = g_strdup_printf ("%slive-test-user:x:%d:%d::/nonexistent:/usr/sbin/nologin\n"
                         "live-test-stranger:x:%d:%d::/nonexistent:/usr/sbin/nologin\n",
                         old_passwd, LIVE_TEST_USER_UID, QUBES_GID, LIVE_TEST_STRANGER_UID, LIVE_TEST_STRANGER_UID);
  g_autofree char *new_group = g_strdup_printf ("%squbes:x:%d:live-test-user\nlive-test-stranger:x:%d:\n", old_group,
                                                QUBES_GID, LIVE_TEST_STRANGER_UID);

  replace_file ("/etc/passwd", passwd, new_passwd);
  replace_file ("/etc/group", group, new_group);
}

void
live_test_namespace_remove_users (void)
{
  live_test_namespace_unbind ("/etc/group");
  live_test_namespace_unbind ("/etc/passwd");
}

void
live_test_namespace_look_up (uid_t uid, LiveTestUser *user)
{
  struct passwd *entry = getpwuid (uid);

  if (entry == NULL)
    g_error ("there is no user %u", (guint)uid);
  user->uid = entry->pw_uid;
  user->gid = entry->pw_gid;
  user->n_groups = LIVE_TEST_MAX_GROUPS;
  if (getgrouplist (entry->pw_name, entry->pw_gid, user->groups, &user->n_groups) < 0)
    g_error ("user %u has too many groups", (guint)uid);
}

void
live_test_namespace_become (const LiveTestUser *user)
{
  /* The saved user stays root: that is the way back. */
  if (setgroups (user->n_groups, user->groups) < 0 || setresgid (user->gid, user->gid, 0) < 0
      || setresuid (user->uid, user->uid, 0) < 0)
    g_error ("cannot become user %u: %s", (guint)user->uid, g_strerror (errno));
}

void
live_test_namespace_become_root (void)
{
  if (setresuid (0, 0, 0) < 0 || setresgid (0, 0, 0) < 0 || setgroups (0, NULL) < 0)
    g_error ("cannot become root again: %s", g_strerror (errno));
  /* Lost with the change of user; leak checkers and debuggers need it. */
  prctl (PR_SET_DUMPABLE, 1);
}
