/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/window.h"

#include "model/window.h"

G_BEGIN_DECLS

/* What the files of #LiveWindows share. */

struct _LiveWindows
{
  GObject parent;

  LiveSystem *system;
  LiveQubesdClient *client;
  LiveQubesdSync *sync;
  LiveTurns *turns;
  LiveVolumePolicy *policy;
  LiveClock *clock;

  GHashTable *windows; /* LiveQube → LiveWindow: only of qubes that have one, or are getting one */
};

/**
 * LiveWindow:
 * @owner: whose it is; not counted
 * @qube: the qube
 * @now: what the verdict is drawn from
 * @text: (nullable): what stands at the qube as far as @now takes it into account
 * @replaced: (nullable): what stood there before we wrote @text: a late reading may still bring it
 * @wall_end: the end that @text says, in seconds since 1970
 * @writing: we are writing @text at the qube
 * @step: while it is being opened, the step that is under way
 * @undoing: that step is being undone
 * @alarm: to look again; 0: none
 * @acting: a request for the qube to end is under way
 * @killed: we ended the qube
 * @was_used: its qube was seen running in it
 * @was_halted: its qube was seen halted with it, after nobody was opening it any more
 * @failed: it could not be opened
 * @was_held: its qube was paused or suspended when it was last looked at
 * @retry_at: when to try again to close it, on the clock since boot; 0: it has not failed
 * @retrying: it is being tried again
 * @waiters: of LiveWindowWaiter: those who wait for it to be closed
 */
typedef struct
{
  LiveWindows *owner;
  LiveQube *qube;
  LiveWindowNow now;
  char *text;
  char *replaced;
  gint64 wall_end;
  gboolean writing;
  const char *step;
  gboolean undoing;
  guint alarm;
  gboolean acting;
  gboolean killed;
  gboolean was_used;
  gboolean was_halted;
  gboolean failed;
  gboolean was_held;
  gint64 retry_at;
  gboolean retrying;
  GPtrArray *waiters;
} LiveWindow;

/* (nullable): %NULL when the qube has none */
LiveWindow *live_windows_find (LiveWindows *self, LiveQube *qube);
/* Finds it, or makes one that nothing is known of yet. */
LiveWindow *live_windows_take (LiveWindows *self, LiveQube *qube);

/* Judges it, shows what it is, and does what has to be done; @window may be gone afterwards. */
void live_window_update (LiveWindow *window);

/* From now on it ends in @seconds, or when it is closed (%LIVE_WINDOW_UNTIL_CLOSED). Nothing is written. */
void live_window_set_left (LiveWindow *window, gint64 seconds);

/* What stands at the qube is taken anew at the next look. */
void live_window_forget_text (LiveWindow *window);

/**
 * live_window_write_async:
 *
 * Writes at the qube when it ends.
 */
void live_window_write_async (LiveWindow *window, GAsyncReadyCallback callback, gpointer data);
gboolean live_window_write_finish (LiveQube *qube, GAsyncResult *result, GError **error);

/**
 * live_window_wait:
 * @task: (transfer full): is answered when the window is closed, or cannot be
 * @error: (transfer full) (nullable): what it is answered with when it is closed; %NULL: with success
 */
void live_window_wait (LiveWindow *window, GTask *task, GError *error);

G_END_DECLS
