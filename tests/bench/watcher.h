/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LiveWatcher:
 *
 * Notes when signals arrive on a bus, in a thread and over a connection of its own: whatever the benchmark does in
 * its own thread, the time of a signal is the time at which a client of the bus had it.
 */
typedef struct _LiveWatcher LiveWatcher;

/**
 * LiveWatcherMatch:
 * @interface: of the signal
 * @member: its name
 * @path: (nullable): its object, %NULL for any
 * @property: (nullable): for `PropertiesChanged`: the property that has to be among the changed ones
 * @value: (nullable): the value it has to have, as g_variant_print() without types writes it
 * @name: (nullable): for `NameOwnerChanged`: the name that has to have got an owner
 *
 * What to wait for.
 */
typedef struct
{
  const char *interface;
  const char *member;
  const char *path;
  const char *property;
  const char *value;
  const char *name;
} LiveWatcherMatch;

/* Connected and subscribed to every signal when it returns; a bus that cannot be reached ends the program. */
LiveWatcher *live_watcher_new (const char *bus_address);
void live_watcher_free (LiveWatcher *watcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveWatcher, live_watcher_free)

/* Forgets the signals seen so far. */
void live_watcher_forget (LiveWatcher *watcher);

/**
 * live_watcher_wait:
 * @watcher: a watcher
 * @match: what to wait for
 * @seconds: how long at most
 * @when: (out) (optional): monotonic time in microseconds at which the first such signal since
 *   live_watcher_forget() arrived
 *
 * Blocks the calling thread.
 *
 * Returns: %FALSE when no such signal came in time
 */
gboolean live_watcher_wait (LiveWatcher *watcher, const LiveWatcherMatch *match, double seconds, gint64 *when);

/* PropertiesChanged. */
#define LIVE_WATCHER_PROPERTY(object_path, name, wanted)                                                               \
  ((LiveWatcherMatch){ .interface = "org.freedesktop.DBus.Properties",                                                 \
                       .member = "PropertiesChanged",                                                                  \
                       .path = (object_path),                                                                          \
                       .property = (name),                                                                             \
                       .value = (wanted) })

G_END_DECLS
