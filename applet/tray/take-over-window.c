/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/take-over-window.h"

#include "client/words.h"
#include "tray/check-item.h"
#include "tray/preview-dialog.h"

#include <glib/gi18n.h>

/* Of the notification that says how it went; no name of a qube has a space in it. */
#define SUBJECT "take over"

struct _LiveTakeOverWindow
{
  grefcount references; /* one is the owner's, one that of a call under way */
  LiveClient *client;
  LiveNotifier *notifier;
  gboolean freed;
  gboolean busy;
  GtkWidget *item;
  LivePreviewDialog *dialog;
};

/* What the last lines of the unit say about a qube. */
typedef enum
{
  NOT_SET,
  READ_ONLY,
  WRITABLE
} Setting;

typedef struct
{
  char *qube;
  Setting root;
  Setting private;
} Wish;

static void
wish_free (gpointer data)
{
  Wish *wish = data;

  g_free (wish->qube);
  g_free (wish);
}

static void
live_take_over_window_unref (LiveTakeOverWindow *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  g_object_unref (self->item);
  g_object_unref (self->client);
  g_object_unref (self->notifier);
  g_free (self);
}

/* (transfer full): the unit's name, fit to be shown. */
static char *
get_unit_name (LiveTakeOverWindow *self)
{
  const char *path = NULL;
  g_autofree char *name = NULL;

  g_variant_get_child (live_client_get_guide_unit (self->client), 0, "&s", &path);
  name = g_path_get_basename (path);
  return live_words_clean (name);
}

static gboolean
has_enabled_unit (LiveTakeOverWindow *self)
{
  const char *path = NULL;
  gboolean enabled = FALSE;

  g_variant_get (live_client_get_guide_unit (self->client), "(&sba(ssb)u)", &path, &enabled, NULL, NULL);
  return *path != '\0' && enabled;
}

static void
update (LiveTakeOverWindow *self)
{
  g_autofree char *name = NULL;
  g_autofree char *label = NULL;

  if (self->freed)
    return;
  name = get_unit_name (self);
  label = g_strdup_printf (
      self->busy ? _ ("Take over from the guide's %s (under way)") : _ ("Take over from the guide's %s…"), name);
  live_menu_item_set_label (self->item, label);
  live_menu_item_set_sensitive (self->item, !self->busy);
  live_menu_item_set_visible (self->item, self->busy || has_enabled_unit (self));
  /* What it shows is about a unit that is not there any more. */
  if (self->dialog != NULL && !has_enabled_unit (self))
    gtk_widget_destroy (GTK_WIDGET (self->dialog));
}

/* What the unit says. */

static Wish *
get_wish (GPtrArray *wishes, const char *qube)
{
  Wish *wish = NULL;

  for (guint i = 0; i < wishes->len; i++)
    {
      wish = wishes->pdata[i];
      if (g_str_equal (wish->qube, qube))
        return wish;
    }
  wish = g_new0 (Wish, 1);
  wish->qube = g_strdup (qube);
  g_ptr_array_add (wishes, wish);
  return wish;
}

/* (transfer full) (element-type Wish): in the order in which the unit names the qubes. */
static GPtrArray *
read_wishes (GVariant *unit)
{
  GPtrArray *wishes = g_ptr_array_new_with_free_func (wish_free);
  g_autoptr (GVariant) settings = g_variant_get_child_value (unit, 2);
  GVariantIter iter;
  const char *qube = NULL, *volume = NULL;
  gboolean writable = FALSE;

  g_variant_iter_init (&iter, settings);
  while (g_variant_iter_next (&iter, "(&s&sb)", &qube, &volume, &writable))
    {
      Wish *wish = get_wish (wishes, qube);

      if (g_str_equal (volume, "root"))
        wish->root = writable ? WRITABLE : READ_ONLY;
      else if (g_str_equal (volume, "private"))
        wish->private = writable ? WRITABLE : READ_ONLY;
    }
  return wishes;
}

/* (nullable): the policy that does the same, as the helper decides it. */
static const char *
get_policy (const Wish *wish)
{
  if (wish->root != READ_ONLY)
    return NULL;
  return wish->private == READ_ONLY ? "full" : "root";
}

/* (transfer full) (nullable): what becomes of it, if it becomes a policy. */
static char *
words_for_policy (LiveTakeOverWindow *self, const Wish *wish)
{
  LiveClientQube *qube = live_client_find_qube (self->client, wish->qube);
  const char *policy = get_policy (wish);
  g_autofree char *name = live_words_clean (wish->qube);

  if (qube == NULL || policy == NULL || !live_client_qube_accepts_policy (qube, policy))
    return NULL;
  if (g_str_equal (policy, "full"))
    return g_strdup_printf (_ ("%s leaves nothing: root and private are thrown away"), name);
  return g_strdup_printf (_ ("%s leaves its files: root is thrown away"), name);
}

/* (transfer full): why not, otherwise. */
static char *
words_for_rest (LiveTakeOverWindow *self, const Wish *wish)
{
  g_autofree char *name = live_words_clean (wish->qube);

  if (live_client_find_qube (self->client, wish->qube) == NULL)
    return g_strdup_printf (_ ("%s: there is no such qube"), name);
  if (get_policy (wish) == NULL)
    return g_strdup_printf (_ ("%s: no policy does what the unit does"), name);
  return g_strdup_printf (_ ("%s: it cannot have that policy"), name);
}

/* Pools whose volatile volumes are under a throw-away key: the guide's other half, which is as good as it is. */
static GPtrArray *
list_pools (LiveTakeOverWindow *self)
{
  g_autoptr (GPtrArray) pools = live_client_get_pools (self->client);
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < pools->len; i++)
    if (live_client_pool_get_ephemeral_volatile (pools->pdata[i]))
      g_ptr_array_add (lines, g_strdup_printf (_ ("Pool %s: volatile volumes under a throw-away key"),
                                               live_client_pool_get_name (pools->pdata[i])));
  return lines;
}

/* How it went. */

/* (transfer full): the error's name is for developers; what follows from it is the same for each. */
static char *
words_for_result (const char *qube, const char *policy, const char *how)
{
  g_autofree char *name = live_words_clean (qube);

  if (g_str_equal (how, "waiting"))
    return g_strdup_printf (_ ("%s runs, and changes when it shuts down."), name);
  if (!g_str_equal (how, "applied"))
    return g_strdup_printf (_ ("%s is left to the unit."), name);
  if (g_str_equal (policy, "full"))
    return g_strdup_printf (_ ("%s is set to leave nothing."), name);
  return g_strdup_printf (_ ("%s is set to leave only its files."), name);
}

static void
tell (LiveTakeOverWindow *self, GVariant *policies, gboolean disabled)
{
  g_autoptr (GString) body = g_string_new (NULL);
  GVariantIter iter;
  const char *qube = NULL, *policy = NULL, *how = NULL;

  g_string_append (body, disabled ? _ ("The unit is disabled; its file is as it was.")
                                  : _ ("The unit stays enabled: it still does what has no policy."));
  g_variant_iter_init (&iter, policies);
  while (g_variant_iter_next (&iter, "(&s&s&s)", &qube, &policy, &how))
    {
      g_autofree char *words = words_for_result (qube, policy, how);

      g_string_append_printf (body, " %s", words);
    }
  live_notifier_send (self->notifier, SUBJECT,
                      disabled ? _ ("The guide's unit was taken over") : _ ("The guide's unit was taken over in part"),
                      body->str, LIVE_NOTIFIER_NORMAL);
}

static void
taken_over (GObject *client, GAsyncResult *result, gpointer user_data)
{
  LiveTakeOverWindow *self = user_data;
  g_autoptr (GVariant) policies = NULL;
  g_autoptr (GError) error = NULL;
  gboolean disabled = FALSE;

  if (live_client_take_over_finish (LIVE_CLIENT (client), result, &policies, &disabled, &error))
    tell (self, policies, disabled);
  else
    live_notifier_send_error (self->notifier, NULL, error);
  self->busy = FALSE;
  update (self);
  live_take_over_window_unref (self);
}

static void
accepted (LivePreviewDialog *dialog, LiveTakeOverWindow *self)
{
  if (self->busy)
    return;
  g_ref_count_inc (&self->references);
  self->busy = TRUE;
  update (self);
  live_client_take_over_async (self->client, NULL, taken_over, self);
}

/* The window. */

static void
make_dialog (LiveTakeOverWindow *self)
{
  GVariant *unit = live_client_get_guide_unit (self->client);
  g_autoptr (GPtrArray) wishes = read_wishes (unit);
  g_autoptr (GPtrArray) policies = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) rest = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) pools = list_pools (self);
  g_autofree char *name = get_unit_name (self);
  g_autofree char *question = g_strdup_printf (_ ("Take over from the guide's %s?"), name);
  guint32 n_others = 0;

  g_variant_get_child (unit, 3, "u", &n_others);
  for (guint i = 0; i < wishes->len; i++)
    {
      char *words = words_for_policy (self, wishes->pdata[i]);

      if (words != NULL)
        g_ptr_array_add (policies, words);
      else
        g_ptr_array_add (rest, words_for_rest (self, wishes->pdata[i]));
    }
  if (n_others > 0)
    g_ptr_array_add (
        rest,
        g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u other command", "%u other commands", n_others), n_others));
  self->dialog = live_preview_dialog_new (
      question,
      rest->len == 0
          ? _ ("What it does at every boot becomes policies, which hold at every start of a qube and are seen "
               "here. Then the unit is disabled; its file is not touched.")
          : _ ("What it does at every boot becomes policies, which hold at every start of a qube and are seen "
               "here. Because something stays with it, the unit is not disabled. Its file is not touched."),
      _ ("_Take over"), _ ("_Leave it"), FALSE);
  live_preview_dialog_add_section (self->dialog, _ ("Becomes a policy"), policies);
  live_preview_dialog_add_section (self->dialog, _ ("Stays with the unit"), rest);
  live_preview_dialog_add_section (self->dialog, _ ("Stays as it is"), pools);
  g_signal_connect (self->dialog, "accepted", G_CALLBACK (accepted), self);
  g_signal_connect (self->dialog, "destroy", G_CALLBACK (gtk_widget_destroyed), &self->dialog);
}

static void
item_chosen (GtkMenuItem *item, LiveTakeOverWindow *self)
{
  if (self->busy || !has_enabled_unit (self))
    return;
  if (self->dialog == NULL)
    make_dialog (self);
  gtk_window_present (GTK_WINDOW (self->dialog));
}

LiveTakeOverWindow *
live_take_over_window_new (LiveClient *client, LiveNotifier *notifier)
{
  LiveTakeOverWindow *self = g_new0 (LiveTakeOverWindow, 1);

  g_ref_count_init (&self->references);
  self->client = g_object_ref (client);
  self->notifier = g_object_ref (notifier);
  self->item = g_object_ref_sink (live_menu_item_new ("", TRUE));
  update (self);
  g_signal_connect (self->item, "activate", G_CALLBACK (item_chosen), self);
  g_signal_connect_swapped (client, "manager-changed", G_CALLBACK (update), self);
  return self;
}

void
live_take_over_window_free (LiveTakeOverWindow *self)
{
  self->freed = TRUE;
  g_signal_handlers_disconnect_by_data (self->client, self);
  if (self->dialog != NULL)
    gtk_widget_destroy (GTK_WIDGET (self->dialog));
  gtk_widget_destroy (self->item);
  live_take_over_window_unref (self);
}

GtkWidget *
live_take_over_window_get_item (LiveTakeOverWindow *self)
{
  return self->item;
}
