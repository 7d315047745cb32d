/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/qube-menu.h"

#include "client/words.h"
#include "tray/check-item.h"

#include <glib/gi18n.h>

struct _LiveQubeMenu
{
  grefcount references; /* one is the owner's, one each action's that is under way */
  LiveClient *client;
  LiveClientQube *qube;
  LiveNotifier *notifier;
  gboolean freed; /* by the owner */
  gboolean busy;  /* an action is under way */

  GtkWidget *row;
  /* NULL before live_qube_menu_prepare(). */
  GtkWidget *menu;
  GtkWidget *state;
  GtkWidget *pending;
  GtkWidget *not_manageable;
  GtkWidget *heading;
  GtkWidget *policy_root;
  GtkWidget *policy_persistent;
  GtkWidget *root_read_only;
  GtkWidget *private_read_only;
  GtkWidget *start;
  GtkWidget *shut_down;
};

static LiveQubeMenu *
live_qube_menu_ref (LiveQubeMenu *self)
{
  g_ref_count_inc (&self->references);
  return self;
}

static void
live_qube_menu_unref (LiveQubeMenu *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  g_object_unref (self->row);
  g_object_unref (self->client);
  g_object_unref (self->qube);
  g_object_unref (self->notifier);
  g_free (self);
}

/* Actions. */

static void
action_begins (LiveQubeMenu *self)
{
  live_qube_menu_ref (self);
  self->busy = TRUE;
  live_qube_menu_update (self);
}

/* @error: (nullable) (transfer full) */
static void
action_ended (LiveQubeMenu *self, GError *error)
{
  self->busy = FALSE;
  if (error != NULL)
    live_notifier_send_error (self->notifier, live_client_qube_get_name (self->qube), error);
  g_clear_error (&error);
  live_qube_menu_update (self);
  live_qube_menu_unref (self);
}

static void
policy_set (GObject *client, GAsyncResult *result, gpointer user_data)
{
  LiveQubeMenu *self = user_data;
  const char *name = live_client_qube_get_name (self->qube);
  gboolean applied = FALSE;
  GError *error = NULL;

  if (live_client_set_policy_finish (LIVE_CLIENT (client), result, &applied, &error) && !applied)
    {
      g_autofree char *title = g_strdup_printf (_ ("%s is running"), name);

      live_notifier_send (self->notifier, name, title, _ ("The change takes effect when it shuts down."),
                          LIVE_NOTIFIER_LOW);
    }
  action_ended (self, error);
}

static void
volume_set (GObject *client, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  live_client_set_volume_writable_finish (LIVE_CLIENT (client), result, &error);
  action_ended (user_data, error);
}

static void
started (GObject *client, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  live_client_start_qube_finish (LIVE_CLIENT (client), result, &error);
  action_ended (user_data, error);
}

static void
shut_down (GObject *client, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  live_client_shutdown_qube_finish (LIVE_CLIENT (client), result, &error);
  action_ended (user_data, error);
}

/* What may be done now. Handlers ask again: a click can be older than what it was aimed at. */

static gboolean
may_set_policy (LiveQubeMenu *self, const char *policy)
{
  return !self->busy && live_client_qube_accepts_policy (self->qube, policy);
}

static gboolean
may_set_volume (LiveQubeMenu *self)
{
  return !self->busy && live_client_qube_get_manageable (self->qube) && live_client_qube_is_halted (self->qube);
}

static gboolean
may_start (LiveQubeMenu *self)
{
  return !self->busy && live_client_qube_is_halted (self->qube);
}

static gboolean
may_shut_down (LiveQubeMenu *self)
{
  return !self->busy && g_str_equal (live_client_qube_get_state (self->qube), "running");
}

static void
policy_chosen (LiveQubeMenu *self, const char *policy)
{
  if (!may_set_policy (self, policy) || g_str_equal (live_client_qube_get_policy (self->qube), policy))
    return;
  action_begins (self);
  live_client_set_policy_async (self->client, self->qube, policy, NULL, policy_set, self);
}

static void
policy_root_chosen (LiveCheckItem *item, LiveQubeMenu *self)
{
  policy_chosen (self, "root");
}

static void
policy_persistent_chosen (LiveCheckItem *item, LiveQubeMenu *self)
{
  policy_chosen (self, "persistent");
}

static void
root_read_only_chosen (LiveCheckItem *item, LiveQubeMenu *self)
{
  if (!may_set_volume (self))
    return;
  action_begins (self);
  live_client_set_volume_writable_async (self->client, self->qube, "root",
                                         !live_client_qube_get_root_writable (self->qube), NULL, volume_set, self);
}

static void
private_read_only_chosen (LiveCheckItem *item, LiveQubeMenu *self)
{
  if (!may_set_volume (self))
    return;
  action_begins (self);
  live_client_set_volume_writable_async (self->client, self->qube, "private",
                                         !live_client_qube_get_private_writable (self->qube), NULL, volume_set, self);
}

static void
start_chosen (GtkMenuItem *item, LiveQubeMenu *self)
{
  if (!may_start (self))
    return;
  action_begins (self);
  live_client_start_qube_async (self->client, self->qube, NULL, started, self);
}

static void
shut_down_chosen (GtkMenuItem *item, LiveQubeMenu *self)
{
  if (!may_shut_down (self))
    return;
  action_begins (self);
  live_client_shutdown_qube_async (self->client, self->qube, NULL, shut_down, self);
}

/* What is shown. */

static gboolean
is_prepared (LiveQubeMenu *self)
{
  return self->menu != NULL;
}

static void
update_row (LiveQubeMenu *self)
{
  const char *name = live_client_qube_get_name (self->qube);
  g_autofree char *leaves
      = live_words_leaves (live_client_qube_get_persistence (self->qube), live_client_qube_get_evidence (self->qube),
                           live_client_qube_get_class (self->qube));
  g_autofree char *label = NULL;

  if (live_client_qube_get_pending (self->qube)[0] != NULL)
    /* Translators: a qube's row in the menu: its name, then what it leaves behind */
    label = g_strdup_printf (_ ("%s: %s, change pending"), name, leaves);
  else
    /* Translators: a qube's row in the menu: its name, then what it leaves behind */
    label = g_strdup_printf (_ ("%s: %s"), name, leaves);
  live_menu_item_set_label (self->row, label);
}

static void
update_lines (LiveQubeMenu *self)
{
  g_autofree char *state = live_words_state_and_evidence (live_client_qube_get_state (self->qube),
                                                          live_client_qube_get_evidence (self->qube));
  g_autofree char *pending = live_words_pending (live_client_qube_get_pending (self->qube));
  g_autofree char *not_manageable = live_words_not_manageable (live_client_qube_get_class (self->qube));
  gboolean manageable = live_client_qube_get_manageable (self->qube);

  live_menu_item_set_label (self->state, self->busy ? _ ("A change is under way…") : state);
  if (pending != NULL)
    live_menu_item_set_label (self->pending, pending);
  live_menu_item_set_visible (self->pending, pending != NULL);
  live_menu_item_set_label (self->not_manageable, not_manageable);
  live_menu_item_set_visible (self->not_manageable,
                              !manageable && live_client_qube_get_policies (self->qube)[0] == NULL);
}

static void
update_policy (LiveQubeMenu *self)
{
  const char *policy = live_client_qube_get_policy (self->qube);
  gboolean any = live_client_qube_get_policies (self->qube)[0] != NULL;
  gboolean accepts_root = live_client_qube_accepts_policy (self->qube, "root");

  live_menu_item_set_label (self->policy_root, accepts_root ? _ ("Its files: root is thrown away")
                                                            : _ ("Its files: root is thrown away (not this qube)"));
  live_menu_item_set_sensitive (self->policy_root, may_set_policy (self, "root"));
  live_menu_item_set_sensitive (self->policy_persistent, may_set_policy (self, "persistent"));
  live_check_item_set_shown (LIVE_CHECK_ITEM (self->policy_root), g_str_equal (policy, "root"));
  live_check_item_set_shown (LIVE_CHECK_ITEM (self->policy_persistent), g_str_equal (policy, "persistent"));
  live_menu_item_set_visible (self->heading, any);
  live_menu_item_set_visible (self->policy_root, any);
  live_menu_item_set_visible (self->policy_persistent, any);
}

static void
update_volumes (LiveQubeMenu *self)
{
  gboolean manageable = live_client_qube_get_manageable (self->qube);
  gboolean halted = live_client_qube_is_halted (self->qube);

  live_menu_item_set_label (self->root_read_only, halted ? _ ("Root volume read-only")
                                                         : _ ("Root volume read-only (shut the qube down first)"));
  live_menu_item_set_label (self->private_read_only, halted
                                                         ? _ ("Private volume read-only")
                                                         : _ ("Private volume read-only (shut the qube down first)"));
  live_menu_item_set_sensitive (self->root_read_only, may_set_volume (self));
  live_menu_item_set_sensitive (self->private_read_only, may_set_volume (self));
  live_check_item_set_shown (LIVE_CHECK_ITEM (self->root_read_only),
                             manageable && !live_client_qube_get_root_writable (self->qube));
  live_check_item_set_shown (LIVE_CHECK_ITEM (self->private_read_only),
                             manageable && !live_client_qube_get_private_writable (self->qube));
  live_menu_item_set_visible (self->root_read_only, manageable);
  live_menu_item_set_visible (self->private_read_only, manageable);
}

void
live_qube_menu_update (LiveQubeMenu *self)
{
  gboolean halted = FALSE;

  if (self->freed)
    return;
  halted = live_client_qube_is_halted (self->qube);
  update_row (self);
  if (!is_prepared (self))
    return;
  update_lines (self);
  update_policy (self);
  update_volumes (self);
  live_menu_item_set_sensitive (self->start, may_start (self));
  live_menu_item_set_sensitive (self->shut_down, may_shut_down (self));
  live_menu_item_set_visible (self->start, halted);
  live_menu_item_set_visible (self->shut_down, !halted);
}

static GtkWidget *
add (GtkWidget *menu, GtkWidget *item)
{
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
  return item;
}

static GtkWidget *
add_check (LiveQubeMenu *self, const char *label, gboolean radio, GCallback chosen)
{
  GtkWidget *item = add (self->menu, live_check_item_new (label, radio));

  g_signal_connect (item, "chosen", chosen, self);
  return item;
}

void
live_qube_menu_prepare (LiveQubeMenu *self)
{
  if (is_prepared (self))
    return;
  self->menu = gtk_menu_new ();
  self->state = add (self->menu, live_menu_item_new ("", FALSE));
  self->pending = add (self->menu, live_menu_item_new ("", FALSE));
  self->not_manageable = add (self->menu, live_menu_item_new ("", FALSE));
  self->heading = add (self->menu, live_menu_item_new (_ ("What it leaves behind"), FALSE));
  self->policy_root = add_check (self, "", TRUE, G_CALLBACK (policy_root_chosen));
  self->policy_persistent = add_check (self, _ ("Everything"), TRUE, G_CALLBACK (policy_persistent_chosen));
  add (self->menu, live_menu_separator_new ());
  self->root_read_only = add_check (self, "", FALSE, G_CALLBACK (root_read_only_chosen));
  self->private_read_only = add_check (self, "", FALSE, G_CALLBACK (private_read_only_chosen));
  self->start = add (self->menu, live_menu_item_new (_ ("Start"), TRUE));
  self->shut_down = add (self->menu, live_menu_item_new (_ ("Shut down"), TRUE));
  g_signal_connect (self->start, "activate", G_CALLBACK (start_chosen), self);
  g_signal_connect (self->shut_down, "activate", G_CALLBACK (shut_down_chosen), self);
  live_qube_menu_update (self);
  /* Only now: a panel that gets the submenu in pieces may size its window for the first piece. */
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (self->row), self->menu);
}

LiveQubeMenu *
live_qube_menu_new (LiveClient *client, LiveClientQube *qube, LiveNotifier *notifier)
{
  LiveQubeMenu *self = g_new0 (LiveQubeMenu, 1);

  g_ref_count_init (&self->references);
  self->client = g_object_ref (client);
  self->qube = g_object_ref (qube);
  self->notifier = g_object_ref (notifier);
  self->row = g_object_ref_sink (live_menu_item_new ("", TRUE));
  live_qube_menu_update (self);
  return self;
}

void
live_qube_menu_free (LiveQubeMenu *self)
{
  self->freed = TRUE;
  gtk_widget_destroy (self->row);
  live_qube_menu_unref (self);
}

LiveClientQube *
live_qube_menu_get_qube (LiveQubeMenu *self)
{
  return self->qube;
}

GtkWidget *
live_qube_menu_get_row (LiveQubeMenu *self)
{
  return self->row;
}
