/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/guide-units.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "sources/root-directory.h"

#define UNIT_DIRECTORY "/etc/systemd/system"
#define GUIDE_NAME "rw.service"

/* Nobody has so many; they bound what a reading costs. */
#define MAX_NAMES 4096
#define MAX_UNITS 512
#define MAX_DIRECTORIES 128
#define MAX_DROP_INS 64

/* An installation writes many files at once: one reading is enough for all that comes within this time. */
#define SETTLE_MILLISECONDS 100

/* Directories in which files come, go and change; and such that are watched only until the next one appears in them. */
#define CHANGE_MASK                                                                                                    \
  (IN_ATTRIB | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVED_FROM | IN_MOVED_TO | IN_MOVE_SELF    \
   | IN_ONLYDIR)
#define APPEAR_MASK (IN_CREATE | IN_DELETE_SELF | IN_MOVED_TO | IN_MOVE_SELF | IN_ONLYDIR)

struct _LiveGuideUnits
{
  GObject parent;

  LiveSystem *system;
  char *root;
  int inotify; /* -1: nothing is watched */
  guint changed_source;
  guint settle_timeout;
  GPtrArray *served;  /* (element-type GTask): those whom the reading under way answers; NULL when there is none */
  GPtrArray *waiting; /* (element-type GTask): those for the one after it */
};

G_DEFINE_FINAL_TYPE (LiveGuideUnits, live_guide_units, G_TYPE_OBJECT)

/* ---- In the thread. ---- */

typedef struct
{
  LiveRootDirectory *root;
  int inotify;
  GVariant *unit;
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_clear_pointer (&reading->root, live_root_directory_close);
  g_clear_pointer (&reading->unit, g_variant_unref);
  if (reading->inotify >= 0)
    close (reading->inotify);
  g_free (reading);
}

/* The directory of the units, or, when it is not there, the nearest above it in which its way could appear. */
static void
watch_unit_directory (Reading *reading)
{
  static const char *const levels[] = { UNIT_DIRECTORY, "/etc/systemd", "/etc", "/" };

  for (guint tries = 0; tries < 8; tries++)
    {
      guint level = 0;

      while (level < G_N_ELEMENTS (levels)
             && !live_root_directory_watch (reading->root, reading->inotify, levels[level],
                                            level == 0 ? CHANGE_MASK : APPEAR_MASK))
        level++;
      /* Unless it appeared before it was watched for. */
      if (level == 0 || level == G_N_ELEMENTS (levels)
          || !live_root_directory_stat (reading->root, levels[level - 1], NULL))
        return;
    }
}

static void
add_drop_ins (Reading *reading, LiveGuideUnit *unit, const char *name)
{
  g_autofree char *directory = g_strdup_printf (UNIT_DIRECTORY "/%s.d", name);
  g_autoptr (GPtrArray) files = NULL;

  live_root_directory_watch (reading->root, reading->inotify, directory, CHANGE_MASK);
  files = live_root_directory_list (reading->root, directory, MAX_DROP_INS + 1);
  for (guint i = 0; files != NULL && i < files->len; i++)
    {
      g_autofree char *path = g_build_filename (directory, g_ptr_array_index (files, i), NULL);
      g_autofree char *text = NULL;

      if (!g_str_has_suffix (path, ".conf"))
        continue;
      text = live_root_directory_read (reading->root, path, LIVE_GUIDE_UNIT_MAX_BYTES);
      if (i == MAX_DROP_INS || text == NULL || !live_guide_unit_add (unit, text, strlen (text)))
        live_guide_unit_add_unreadable (unit);
    }
}

static gboolean
makes_read_only (GPtrArray *settings)
{
  for (guint i = 0; i < settings->len; i++)
    if (!((const LiveGuideSetting *) g_ptr_array_index (settings, i))->writable)
      return TRUE;
  return FALSE;
}

/* Whether the manager starts @name when it starts one of what has a directory in @pullers (systemd.unit(5)). */
static gboolean
is_enabled (Reading *reading, GPtrArray *pullers, const char *name)
{
  for (guint i = 0; i < pullers->len; i++)
    {
      g_autofree char *link = g_build_filename (UNIT_DIRECTORY, g_ptr_array_index (pullers, i), name, NULL);

      if (live_root_directory_is_link (reading->root, link))
        return TRUE;
    }
  return FALSE;
}

/* What @name is as a LiveGuideUnit; NULL when it makes nothing read-only. */
static GVariant *
read_unit (Reading *reading, GPtrArray *pullers, const char *name)
{
  g_autofree char *path = g_build_filename (UNIT_DIRECTORY, name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (LiveGuideUnit) unit = live_guide_unit_new ();
  g_autoptr (GPtrArray) settings = NULL;
  guint n_others = 0;

  if (live_root_directory_is_link (reading->root, path))
    return NULL;
  text = live_root_directory_read (reading->root, path, LIVE_GUIDE_UNIT_MAX_BYTES);
  if (text == NULL || strstr (text, "qvm-volume") == NULL || !live_guide_unit_add (unit, text, strlen (text)))
    return NULL;
  add_drop_ins (reading, unit, name);
  settings = live_guide_unit_finish (unit, &n_others);
  if (!makes_read_only (settings))
    return NULL;
  return live_guide_unit_to_variant (path, is_enabled (reading, pullers, name), settings, n_others);
}

static gboolean
is_puller (const char *name)
{
  return g_str_has_suffix (name, ".wants") || g_str_has_suffix (name, ".requires");
}

static int
compare_units (gconstpointer one, gconstpointer other)
{
  const char *a = *(const char *const *) one;
  const char *b = *(const char *const *) other;
  gboolean a_first = g_str_equal (a, GUIDE_NAME);
  gboolean b_first = g_str_equal (b, GUIDE_NAME);

  return a_first != b_first ? (a_first ? -1 : 1) : strcmp (a, b);
}

static GVariant *
find_unit (Reading *reading)
{
  g_autoptr (GPtrArray) names = live_root_directory_list (reading->root, UNIT_DIRECTORY, MAX_NAMES);
  g_autoptr (GPtrArray) pullers = g_ptr_array_new ();
  g_autoptr (GPtrArray) services = g_ptr_array_new ();
  GVariant *found = NULL;

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      char *name = g_ptr_array_index (names, i);

      if (is_puller (name) && pullers->len < MAX_DIRECTORIES)
        {
          g_autofree char *path = g_build_filename (UNIT_DIRECTORY, name, NULL);

          live_root_directory_watch (reading->root, reading->inotify, path, CHANGE_MASK);
          g_ptr_array_add (pullers, name);
        }
      else if (g_str_has_suffix (name, ".service") && g_utf8_validate (name, -1, NULL))
        g_ptr_array_add (services, name);
    }
  g_ptr_array_sort (services, compare_units);
  for (guint i = 0; i < services->len && i < MAX_UNITS; i++)
    {
      g_autoptr (GVariant) unit = read_unit (reading, pullers, g_ptr_array_index (services, i));
      gboolean enabled = FALSE;

      if (unit == NULL)
        continue;
      g_variant_ref_sink (unit);
      g_variant_get_child (unit, 1, "b", &enabled);
      if (enabled || found == NULL)
        {
          g_clear_pointer (&found, g_variant_unref);
          found = g_steal_pointer (&unit);
        }
      if (enabled)
        break;
    }
  return found != NULL ? found : g_variant_ref_sink (live_guide_unit_make_none ());
}

static Reading *
read_units (const char *path)
{
  g_autoptr (GError) error = NULL;
  Reading *reading = g_new0 (Reading, 1);

  reading->inotify = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  if (reading->inotify < 0)
    g_warning ("changes in " UNIT_DIRECTORY " are not seen: %s", g_strerror (errno));
  reading->root = live_root_directory_open (path, &error);
  if (reading->root == NULL)
    {
      g_warning ("%s", error->message);
      reading->unit = g_variant_ref_sink (live_guide_unit_make_none ());
      return reading;
    }
  /* Watched before it is read, so that no change falls between the two. */
  watch_unit_directory (reading);
  reading->unit = find_unit (reading);
  return reading;
}

static gpointer
read_in_thread (gpointer data)
{
  /* Without a source object: the last reference may end here, and no object of the main loop with it. */
  g_autoptr (GTask) task = data;

  g_task_return_pointer (task, read_units (g_task_get_task_data (task)), reading_free);
  return NULL;
}

/* ---- In the main loop. ---- */

static void start_reading (LiveGuideUnits *self);

static void
unwatch (LiveGuideUnits *self)
{
  g_clear_handle_id (&self->changed_source, g_source_remove);
  g_clear_handle_id (&self->settle_timeout, g_source_remove);
  if (self->inotify >= 0)
    close (self->inotify);
  self->inotify = -1;
}

static gboolean
on_settled (gpointer data)
{
  LiveGuideUnits *self = data;

  self->settle_timeout = 0;
  live_guide_units_refresh_async (self, NULL, NULL);
  return G_SOURCE_REMOVE;
}

/* What changed does not matter: all is read again, and watched anew. */
static gboolean
on_changed (int inotify, GIOCondition condition, gpointer data)
{
  LiveGuideUnits *self = data;

  self->changed_source = 0;
  self->settle_timeout = g_timeout_add (SETTLE_MILLISECONDS, on_settled, self);
  return G_SOURCE_REMOVE;
}

static void
watch (LiveGuideUnits *self, Reading *reading)
{
  unwatch (self);
  self->inotify = reading->inotify;
  reading->inotify = -1;
  if (self->inotify >= 0)
    self->changed_source = g_unix_fd_add (self->inotify, G_IO_IN, on_changed, self);
}

static void
on_read (GObject *unused, GAsyncResult *result, gpointer data)
{
  g_autoptr (LiveGuideUnits) self = data;
  g_autoptr (GPtrArray) served = g_steal_pointer (&self->served);
  Reading *reading = g_task_propagate_pointer (G_TASK (result), NULL);

  if (self->system != NULL)
    {
      watch (self, reading);
      live_system_set_guide_unit (self->system, reading->unit);
      if (self->waiting->len > 0)
        start_reading (self);
    }
  reading_free (reading);
  for (guint i = 0; i < served->len; i++)
    g_task_return_boolean (g_ptr_array_index (served, i), TRUE);
}

static void
start_reading (LiveGuideUnits *self)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_read, g_object_ref (self));

  g_task_set_task_data (task, g_strdup (self->root), g_free);
  self->served = g_steal_pointer (&self->waiting);
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  /* Not from a pool: its threads stay for a while, and wake up only to end. */
  g_thread_unref (g_thread_new ("guide-units", read_in_thread, g_steal_pointer (&task)));
}

void
live_guide_units_refresh_async (LiveGuideUnits *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (LIVE_IS_GUIDE_UNITS (self));

  g_ptr_array_add (self->waiting, g_task_new (self, NULL, callback, user_data));
  if (self->served == NULL)
    start_reading (self);
}

void
live_guide_units_refresh_finish (LiveGuideUnits *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

static void
live_guide_units_dispose (GObject *object)
{
  LiveGuideUnits *self = LIVE_GUIDE_UNITS (object);

  unwatch (self);
  g_clear_object (&self->system);
  G_OBJECT_CLASS (live_guide_units_parent_class)->dispose (object);
}

static void
live_guide_units_finalize (GObject *object)
{
  LiveGuideUnits *self = LIVE_GUIDE_UNITS (object);

  g_free (self->root);
  g_ptr_array_unref (self->waiting);
  G_OBJECT_CLASS (live_guide_units_parent_class)->finalize (object);
}

static void
live_guide_units_class_init (LiveGuideUnitsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = live_guide_units_dispose;
  G_OBJECT_CLASS (klass)->finalize = live_guide_units_finalize;
}

static void
live_guide_units_init (LiveGuideUnits *self)
{
  self->inotify = -1;
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

LiveGuideUnits *
live_guide_units_new (LiveSystem *system, const char *root)
{
  LiveGuideUnits *self = g_object_new (LIVE_TYPE_GUIDE_UNITS, NULL);

  self->system = g_object_ref (system);
  self->root = g_strdup (root);
  return self;
}
