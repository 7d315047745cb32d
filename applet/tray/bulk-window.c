/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/bulk-window.h"

#include "client/words.h"
#include "model/error.h"
#include "tray/check-item.h"
#include "tray/preview-dialog.h"

#include <glib/gi18n.h>

#define POLICY "full"
/* Of the notification that says how it went; no name of a qube has a space in it. */
#define SUBJECT "disposable templates"

struct _LiveBulkWindow
{
  grefcount references; /* one is the owner's, one that of a run under way */
  LiveClient *client;
  LiveNotifier *notifier;
  gboolean freed;
  gboolean busy;
  GHashTable *templates; /* LiveClientQube, the disposable templates */
  GtkWidget *item;
  LivePreviewDialog *dialog;
  GPtrArray *chosen; /* names that the dialog shows */
};

/* The disposable templates, by what can be done about them; names, sorted. */
typedef struct
{
  GPtrArray *now;
  GPtrArray *waiting;
  GPtrArray *cannot;
} Preview;

/* One after the other: a single refusal is enough to stop, and qubesd does them one by one anyway. */
typedef struct
{
  LiveBulkWindow *window;
  GPtrArray *names;
  guint next;
  guint n_applied;
  GPtrArray *waiting;
  GPtrArray *failures; /* sentences */
} Run;

static void
live_bulk_window_unref (LiveBulkWindow *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  g_hash_table_unref (self->templates);
  g_clear_pointer (&self->chosen, g_ptr_array_unref);
  g_object_unref (self->item);
  g_object_unref (self->client);
  g_object_unref (self->notifier);
  g_free (self);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

static void
preview_fill (Preview *preview, LiveBulkWindow *self)
{
  GHashTableIter iter;
  gpointer key = NULL;

  preview->now = g_ptr_array_new_with_free_func (g_free);
  preview->waiting = g_ptr_array_new_with_free_func (g_free);
  preview->cannot = g_ptr_array_new_with_free_func (g_free);
  g_hash_table_iter_init (&iter, self->templates);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      LiveClientQube *qube = key;
      char *name = g_strdup (live_client_qube_get_name (qube));

      if (g_str_equal (live_client_qube_get_policy (qube), POLICY))
        g_free (name);
      else if (!live_client_qube_accepts_policy (qube, POLICY))
        g_ptr_array_add (preview->cannot, name);
      else if (live_client_qube_is_halted (qube))
        g_ptr_array_add (preview->now, name);
      else
        g_ptr_array_add (preview->waiting, name);
    }
  g_ptr_array_sort (preview->now, compare_names);
  g_ptr_array_sort (preview->waiting, compare_names);
  g_ptr_array_sort (preview->cannot, compare_names);
}

static void
preview_clear (Preview *preview)
{
  g_ptr_array_unref (preview->now);
  g_ptr_array_unref (preview->waiting);
  g_ptr_array_unref (preview->cannot);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Preview, preview_clear)

static void
update (LiveBulkWindow *self)
{
  g_auto (Preview) preview = { 0 };
  const char *label = _ ("Make every disposable template fully ephemeral…");
  gboolean any = FALSE;

  if (self->freed)
    return;
  preview_fill (&preview, self);
  any = preview.now->len + preview.waiting->len > 0;
  if (self->busy)
    label = _ ("Make every disposable template fully ephemeral (under way)");
  else if (!any && preview.cannot->len > 0)
    label = _ ("Make every disposable template fully ephemeral (the others cannot be)");
  else if (!any)
    label = _ ("Make every disposable template fully ephemeral (they all are)");
  live_menu_item_set_label (self->item, label);
  live_menu_item_set_sensitive (self->item, any && !self->busy);
  live_menu_item_set_visible (self->item, g_hash_table_size (self->templates) > 0);
}

/* The run. */

static char *
join (GPtrArray *words, const char *separator)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < words->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? separator : "", (const char *) words->pdata[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
tell_end (Run *run)
{
  guint n_left = run->names->len - run->next;
  g_autoptr (GPtrArray) sentences = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *body = NULL;

  if (run->n_applied > 0)
    g_ptr_array_add (sentences, g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u leaves nothing now.",
                                                              "%u leave nothing now.", run->n_applied),
                                                 run->n_applied));
  if (run->waiting->len > 0)
    {
      g_autofree char *names = join (run->waiting, C_ ("enumeration", ", "));

      g_ptr_array_add (sentences, g_strdup_printf (_ ("These run, and change when they shut down: %s."), names));
    }
  for (guint i = 0; i < run->failures->len; i++)
    g_ptr_array_add (sentences, g_strdup_printf (C_ ("sentence", "%s."), (const char *) run->failures->pdata[i]));
  if (n_left > 0)
    g_ptr_array_add (sentences, g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u more was not tried.",
                                                              "%u more were not tried.", n_left),
                                                 n_left));
  body = join (sentences, " ");
  live_notifier_send (run->window->notifier, SUBJECT,
                      run->failures->len > 0 ? _ ("Some disposable templates not changed")
                                             : _ ("Disposable templates set to ephemeral"),
                      body, LIVE_NOTIFIER_NORMAL);
}

static void
run_end (Run *run)
{
  tell_end (run);
  run->window->busy = FALSE;
  update (run->window);
  live_bulk_window_unref (run->window);
  g_ptr_array_unref (run->names);
  g_ptr_array_unref (run->waiting);
  g_ptr_array_unref (run->failures);
  g_free (run);
}

static void run_next (Run *run);

/* What would meet the next one as well, and ask for the same password again. */
static gboolean
is_general (const GError *error)
{
  return error->domain == LIVE_CLIENT_ERROR || g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED)
         || g_error_matches (error, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE)
         || g_error_matches (error, LIVE_ERROR, LIVE_ERROR_CANCELLED);
}

static void
policy_set (GObject *client, GAsyncResult *result, gpointer user_data)
{
  Run *run = user_data;
  const char *name = run->names->pdata[run->next++];
  g_autoptr (GError) error = NULL;
  gboolean applied = FALSE;

  if (live_client_set_policy_finish (LIVE_CLIENT (client), result, &applied, &error))
    {
      if (applied)
        run->n_applied++;
      else
        g_ptr_array_add (run->waiting, g_strdup (name));
    }
  else
    {
      char *title = NULL;
      g_autofree char *body = NULL;

      live_words_error (error, name, &title, &body);
      g_ptr_array_add (run->failures, title);
    }
  if (error != NULL && is_general (error))
    run_end (run);
  else
    run_next (run);
}

static void
run_next (Run *run)
{
  LiveClient *client = run->window->client;

  for (; run->next < run->names->len; run->next++)
    {
      LiveClientQube *qube = live_client_find_qube (client, run->names->pdata[run->next]);

      /* It may have been removed, or changed by somebody else, since it was shown. */
      if (qube == NULL || g_str_equal (live_client_qube_get_policy (qube), POLICY))
        continue;
      live_client_set_policy_async (client, qube, POLICY, NULL, policy_set, run);
      return;
    }
  run_end (run);
}

/* Only what was shown is changed. */
static void
accepted (LivePreviewDialog *dialog, LiveBulkWindow *self)
{
  Run *run = NULL;

  if (self->busy || self->chosen == NULL)
    return;
  run = g_new0 (Run, 1);
  run->window = self;
  run->names = g_steal_pointer (&self->chosen);
  run->waiting = g_ptr_array_new_with_free_func (g_free);
  run->failures = g_ptr_array_new_with_free_func (g_free);
  g_ref_count_inc (&self->references);
  self->busy = TRUE;
  update (self);
  run_next (run);
}

/* The window. */

static void
make_dialog (LiveBulkWindow *self, Preview *preview)
{
  guint count = preview->now->len + preview->waiting->len;
  g_autofree char *accept
      = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "_Make %u ephemeral", "_Make %u ephemeral", count), count);

  self->dialog = live_preview_dialog_new (
      _ ("Make every disposable template fully ephemeral?"),
      _ ("Then nothing that is written in them is kept, unless a customization window is open. Disposables that are "
         "made "
         "from them get the same; those that exist already are listed in the menu of their template."),
      accept, _ ("_Keep as they are"), FALSE);
  live_preview_dialog_add_section (self->dialog, _ ("Changed now"), preview->now);
  live_preview_dialog_add_section (self->dialog, _ ("Running: changed when they shut down"), preview->waiting);
  live_preview_dialog_add_section (self->dialog, _ ("Cannot be (their pool, or this version of Qubes)"),
                                   preview->cannot);
  g_clear_pointer (&self->chosen, g_ptr_array_unref);
  self->chosen = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < preview->now->len; i++)
    g_ptr_array_add (self->chosen, g_strdup (preview->now->pdata[i]));
  for (guint i = 0; i < preview->waiting->len; i++)
    g_ptr_array_add (self->chosen, g_strdup (preview->waiting->pdata[i]));
  g_signal_connect (self->dialog, "accepted", G_CALLBACK (accepted), self);
  g_signal_connect (self->dialog, "destroy", G_CALLBACK (gtk_widget_destroyed), &self->dialog);
}

static void
item_chosen (GtkMenuItem *item, LiveBulkWindow *self)
{
  g_auto (Preview) preview = { 0 };

  preview_fill (&preview, self);
  if (self->busy || preview.now->len + preview.waiting->len == 0)
    return;
  if (self->dialog == NULL)
    make_dialog (self, &preview);
  gtk_window_present (GTK_WINDOW (self->dialog));
}

static void
qube_removed (LiveClient *client, LiveClientQube *qube, LiveBulkWindow *self)
{
  if (g_hash_table_remove (self->templates, qube))
    update (self);
}

static void
qube_changed (LiveClient *client, LiveClientQube *qube, LiveBulkWindow *self)
{
  if (!live_client_qube_get_template_for_dispvms (qube))
    {
      qube_removed (client, qube, self);
      return;
    }
  g_hash_table_add (self->templates, qube);
  update (self);
}

LiveBulkWindow *
live_bulk_window_new (LiveClient *client, LiveNotifier *notifier)
{
  LiveBulkWindow *self = g_new0 (LiveBulkWindow, 1);
  g_autoptr (GPtrArray) qubes = live_client_get_qubes (client);

  g_ref_count_init (&self->references);
  self->client = g_object_ref (client);
  self->notifier = g_object_ref (notifier);
  self->templates = g_hash_table_new (NULL, NULL);
  self->item = g_object_ref_sink (live_menu_item_new ("", TRUE));
  for (guint i = 0; i < qubes->len; i++)
    qube_changed (client, qubes->pdata[i], self);
  update (self);
  g_signal_connect (self->item, "activate", G_CALLBACK (item_chosen), self);
  g_signal_connect (client, "qube-added", G_CALLBACK (qube_changed), self);
  g_signal_connect (client, "qube-changed", G_CALLBACK (qube_changed), self);
  g_signal_connect (client, "qube-removed", G_CALLBACK (qube_removed), self);
  return self;
}

void
live_bulk_window_free (LiveBulkWindow *self)
{
  self->freed = TRUE;
  g_signal_handlers_disconnect_by_data (self->client, self);
  if (self->dialog != NULL)
    gtk_widget_destroy (GTK_WIDGET (self->dialog));
  gtk_widget_destroy (self->item);
  live_bulk_window_unref (self);
}

GtkWidget *
live_bulk_window_get_item (LiveBulkWindow *self)
{
  return self->item;
}
