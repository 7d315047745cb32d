/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/qube-menu.h"

#include "client/window-words.h"
#include "client/words.h"
#include "model/window.h"
#include "tray/check-item.h"
#include "tray/lazy-menu.h"
#include "tray/qube-control.h"
#include "tray/qube-labels.h"

#include <glib/gi18n.h>

#define MINUTES(n) ((n) *60)

struct _LiveQubeMenu
{
  LiveClient *client;
  LiveClientQube *qube;
  LiveNotifier *notifier;
  LiveWindows *windows;

  GtkWidget *row;
  /* NULL before live_qube_menu_prepare(). */
  LiveQubeControl *control;
  LiveLazyMenu *items;
};

/* What the submenu may hold, from top to bottom. */
typedef enum
{
  STATE,
  PENDING,
  NOT_MANAGEABLE,
  HEADING,
  POLICY_FULL,
  POLICY_ROOT,
  POLICY_PERSISTENT,
  RENEW,
  WINDOW_SEPARATOR,
  WINDOW_STATE,
  WINDOW_REFUSED,
  CUSTOMISE_SHORT,
  CUSTOMISE_MEDIUM,
  CUSTOMISE_LONG,
  CUSTOMISE_UNTIL_CLOSED,
  WINDOW_EXTEND,
  WINDOW_CLOSE,
  WINDOW_END,
  WINDOW_WAIT,
  VOLUMES_SEPARATOR,
  ROOT_READ_ONLY,
  PRIVATE_READ_ONLY,
  MEMORY_HYGIENE,
  UPPER_LAYER,
  RUN_IN_RAM,
  START,
  SHUT_DOWN,
  N_ITEMS
} Item;

/* What is chosen. */

static void
policy_full_chosen (gpointer data)
{
  live_qube_control_set_policy (((LiveQubeMenu *) data)->control, "full");
}

static void
policy_root_chosen (gpointer data)
{
  live_qube_control_set_policy (((LiveQubeMenu *) data)->control, "root");
}

static void
policy_persistent_chosen (gpointer data)
{
  live_qube_control_set_policy (((LiveQubeMenu *) data)->control, "persistent");
}

static void
renew_chosen (gpointer data)
{
  live_qube_control_renew_disposables (((LiveQubeMenu *) data)->control);
}

static void
customise (LiveQubeMenu *self, gint64 seconds)
{
  if (!live_qube_control_is_busy (self->control))
    live_windows_open (self->windows, self->qube, seconds);
}

static void
customise_short_chosen (gpointer data)
{
  customise (data, MINUTES (10));
}

static void
customise_medium_chosen (gpointer data)
{
  customise (data, MINUTES (30));
}

static void
customise_long_chosen (gpointer data)
{
  customise (data, MINUTES (60));
}

static void
customise_until_closed_chosen (gpointer data)
{
  customise (data, LIVE_WINDOW_UNTIL_CLOSED);
}

static void
extend_chosen (gpointer data)
{
  LiveQubeMenu *self = data;

  live_windows_extend (self->windows, self->qube);
}

static void
close_chosen (gpointer data)
{
  LiveQubeMenu *self = data;

  live_windows_close (self->windows, self->qube);
}

static void
end_chosen (gpointer data)
{
  LiveQubeMenu *self = data;

  live_windows_ask_to_end (self->windows, self->qube);
}

static void
wait_chosen (gpointer data)
{
  LiveQubeMenu *self = data;

  live_windows_keep_waiting (self->windows, self->qube);
}

static void
root_read_only_chosen (gpointer data)
{
  live_qube_control_toggle_volume (((LiveQubeMenu *) data)->control, "root");
}

static void
private_read_only_chosen (gpointer data)
{
  live_qube_control_toggle_volume (((LiveQubeMenu *) data)->control, "private");
}

static void
memory_hygiene_chosen (gpointer data)
{
  live_qube_control_toggle_memory_hygiene (((LiveQubeMenu *) data)->control);
}

static void
upper_layer_chosen (gpointer data)
{
  live_qube_control_toggle_upper_layer (((LiveQubeMenu *) data)->control);
}

static void
run_in_ram_chosen (gpointer data)
{
  live_qube_control_run_in_ram (((LiveQubeMenu *) data)->control);
}

static void
start_chosen (gpointer data)
{
  live_qube_control_start (((LiveQubeMenu *) data)->control);
}

static void
shut_down_chosen (gpointer data)
{
  live_qube_control_shut_down (((LiveQubeMenu *) data)->control);
}

static const LiveLazyItem item_kinds[N_ITEMS] = {
  [STATE] = { LIVE_LAZY_LINE, NULL },
  [PENDING] = { LIVE_LAZY_LINE, NULL },
  [NOT_MANAGEABLE] = { LIVE_LAZY_LINE, NULL },
  [HEADING] = { LIVE_LAZY_LINE, NULL },
  [POLICY_FULL] = { LIVE_LAZY_RADIO, policy_full_chosen },
  [POLICY_ROOT] = { LIVE_LAZY_RADIO, policy_root_chosen },
  [POLICY_PERSISTENT] = { LIVE_LAZY_RADIO, policy_persistent_chosen },
  [RENEW] = { LIVE_LAZY_ACTION, renew_chosen },
  [WINDOW_SEPARATOR] = { LIVE_LAZY_SEPARATOR, NULL },
  [WINDOW_STATE] = { LIVE_LAZY_LINE, NULL },
  [WINDOW_REFUSED] = { LIVE_LAZY_LINE, NULL },
  [CUSTOMISE_SHORT] = { LIVE_LAZY_ACTION, customise_short_chosen },
  [CUSTOMISE_MEDIUM] = { LIVE_LAZY_ACTION, customise_medium_chosen },
  [CUSTOMISE_LONG] = { LIVE_LAZY_ACTION, customise_long_chosen },
  [CUSTOMISE_UNTIL_CLOSED] = { LIVE_LAZY_ACTION, customise_until_closed_chosen },
  [WINDOW_EXTEND] = { LIVE_LAZY_ACTION, extend_chosen },
  [WINDOW_CLOSE] = { LIVE_LAZY_ACTION, close_chosen },
  [WINDOW_END] = { LIVE_LAZY_ACTION, end_chosen },
  [WINDOW_WAIT] = { LIVE_LAZY_ACTION, wait_chosen },
  [VOLUMES_SEPARATOR] = { LIVE_LAZY_SEPARATOR, NULL },
  [ROOT_READ_ONLY] = { LIVE_LAZY_CHECK, root_read_only_chosen },
  [PRIVATE_READ_ONLY] = { LIVE_LAZY_CHECK, private_read_only_chosen },
  [MEMORY_HYGIENE] = { LIVE_LAZY_CHECK, memory_hygiene_chosen },
  [UPPER_LAYER] = { LIVE_LAZY_CHECK, upper_layer_chosen },
  [RUN_IN_RAM] = { LIVE_LAZY_ACTION, run_in_ram_chosen },
  [START] = { LIVE_LAZY_ACTION, start_chosen },
  [SHUT_DOWN] = { LIVE_LAZY_ACTION, shut_down_chosen },
};

/* What is shown. */

static void
show_line (LiveQubeMenu *self, Item item, const char *text)
{
  if (text != NULL)
    live_lazy_menu_show (self->items, item, text, FALSE);
  else
    live_lazy_menu_hide (self->items, item);
}

/* (transfer full) (nullable): what is said about its window, or about the time that it keeps itself. */
static char *
window_words (LiveQubeMenu *self)
{
  gint64 now = live_windows_get_now (self->windows);
  char *words = live_words_window_state (live_client_qube_get_window_state (self->qube),
                                         live_client_qube_get_window_step (self->qube),
                                         live_client_qube_get_window_deadline (self->qube), now);

  if (words == NULL && live_client_qube_is_running (self->qube))
    words = live_words_guest_window (live_client_qube_get_guest_window_deadline (self->qube), now);
  return words;
}

static void
update_row (LiveQubeMenu *self)
{
  const char *name = live_client_qube_get_name (self->qube);
  const char *evidence = live_client_qube_get_evidence (self->qube);
  /* That something is not as it claims must not be hidden behind a countdown. */
  g_autofree char *window = g_str_equal (evidence, "contradicted") ? NULL : window_words (self);
  /* What waits while there is a window is its end. */
  gboolean pending = window == NULL && live_client_qube_get_pending (self->qube)[0] != NULL;
  g_autofree char *leaves = window != NULL ? g_steal_pointer (&window)
                                           : live_words_leaves (live_client_qube_get_persistence (self->qube), evidence,
                                                                live_client_qube_get_class (self->qube));
  g_autofree char *label = NULL;

  if (pending)
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
  g_autofree char *not_manageable = NULL;

  if (!live_client_qube_get_manageable (self->qube) && live_client_qube_get_policies (self->qube)[0] == NULL)
    not_manageable = live_words_not_manageable (live_client_qube_get_class (self->qube));
  show_line (self, STATE, live_qube_control_is_busy (self->control) ? _ ("A change is under way…") : state);
  show_line (self, PENDING, pending);
  show_line (self, NOT_MANAGEABLE, not_manageable);
}

static void
show_policy (LiveQubeMenu *self, Item item, const char *policy, const char *label)
{
  live_lazy_menu_show_marked (self->items, item, label, live_qube_control_may_set_policy (self->control, policy),
                              g_str_equal (live_client_qube_get_policy (self->qube), policy));
}

static void
update_policy (LiveQubeMenu *self)
{
  guint n_old = g_strv_length ((char **) live_client_qube_get_old_disposables (self->qube));
  g_autofree char *renew = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "Give %u old disposable this policy", "Give %u old disposables this policy", n_old),
      n_old);

  if (live_client_qube_get_policies (self->qube)[0] == NULL)
    {
      for (Item item = HEADING; item <= RENEW; item++)
        live_lazy_menu_hide (self->items, item);
      return;
    }
  show_line (self, HEADING, _ ("What it leaves behind"));
  show_policy (self, POLICY_FULL, "full", live_qube_labels_full (self->qube));
  show_policy (self, POLICY_ROOT, "root", live_qube_labels_root (self->qube));
  show_policy (self, POLICY_PERSISTENT, "persistent", _ ("Everything"));
  if (n_old > 0)
    live_lazy_menu_show (self->items, RENEW, renew, live_qube_control_may_renew_disposables (self->control));
  else
    live_lazy_menu_hide (self->items, RENEW);
}

/* Shows an item for as long as @shown. */
static void
show_action (LiveQubeMenu *self, Item item, const char *label, gboolean shown, gboolean sensitive)
{
  if (shown)
    live_lazy_menu_show (self->items, item, label, sensitive);
  else
    live_lazy_menu_hide (self->items, item);
}

/* Whether there can ever be a window. */
static gboolean
has_windows (LiveQubeMenu *self)
{
  return !g_str_equal (live_client_qube_get_window_state (self->qube), LIVE_WINDOW_CLOSED)
         || (live_client_qube_accepts_policy (self->qube, "full")
             && !g_str_equal (live_client_qube_get_class (self->qube), "DispVM"));
}

static void
update_window (LiveQubeMenu *self)
{
  const char *state = live_client_qube_get_window_state (self->qube);
  const char *refusal = live_client_qube_get_window_refusal (self->qube);
  gboolean stuck = g_str_equal (live_client_qube_get_window_step (self->qube), LIVE_WINDOW_STEP_NOT_SHUTTING_DOWN);
  gboolean closed = g_str_equal (state, LIVE_WINDOW_CLOSED);
  gboolean open = g_str_equal (state, LIVE_WINDOW_OPEN);
  gboolean any = has_windows (self);
  gboolean offered = any && closed && *refusal == '\0';
  gboolean may_open = live_windows_may_open (self->windows, self->qube) && !live_qube_control_is_busy (self->control);
  g_autofree char *words = window_words (self);
  g_autofree char *refused = any && closed && !offered ? live_words_window_refusal_label (refusal) : NULL;

  show_action (self, WINDOW_SEPARATOR, NULL, any || words != NULL, FALSE);
  show_line (self, WINDOW_STATE, words);
  show_line (self, WINDOW_REFUSED, refused);
  show_action (self, CUSTOMISE_SHORT, _ ("Customise for 10 minutes"), offered, may_open);
  show_action (self, CUSTOMISE_MEDIUM, _ ("Customise for 30 minutes"), offered, may_open);
  show_action (self, CUSTOMISE_LONG, _ ("Customise for 1 hour"), offered, may_open);
  show_action (self, CUSTOMISE_UNTIL_CLOSED, _ ("Customise until I close it"), offered, may_open);
  show_action (self, WINDOW_EXTEND, _ ("Extend by 10 minutes"),
               open && live_client_qube_get_window_deadline (self->qube) > 0,
               live_windows_may_extend (self->windows, self->qube));
  show_action (self, WINDOW_CLOSE, _ ("Close now"), open, live_windows_may_close (self->windows, self->qube));
  show_action (self, WINDOW_END, _ ("End it now, what it has not written is lost…"), stuck,
               live_windows_may_end (self->windows, self->qube));
  show_action (self, WINDOW_WAIT, _ ("Keep waiting"), stuck, TRUE);
}

/* What the next start takes up. */
static void
update_start_options (LiveQubeMenu *self)
{
  const char *hygiene = live_client_qube_get_memory_hygiene (self->qube);
  gboolean full = g_str_equal (live_client_qube_get_policy (self->qube), "full");
  gboolean in_ram = g_str_equal (live_client_qube_get_upper_layer (self->qube), "ram");

  if (live_client_qube_get_manageable (self->qube))
    live_lazy_menu_show_marked (self->items, MEMORY_HYGIENE, live_qube_labels_memory_hygiene (self->qube),
                                live_qube_control_may_set_memory_hygiene (self->control),
                                g_str_equal (hygiene, "on") || g_str_equal (hygiene, "built-in"));
  else
    live_lazy_menu_hide (self->items, MEMORY_HYGIENE);
  /* Without that policy it has no such layer. */
  if (full || in_ram)
    live_lazy_menu_show_marked (self->items, UPPER_LAYER, _ ("Keep changes in the qube's RAM"),
                                live_qube_control_may_set_upper_layer (self->control), in_ram);
  else
    live_lazy_menu_hide (self->items, UPPER_LAYER);
}

static void
update_volumes (LiveQubeMenu *self)
{
  gboolean halted = live_client_qube_is_halted (self->qube);
  gboolean may_set = live_qube_control_may_set_volume (self->control);

  live_lazy_menu_show (self->items, VOLUMES_SEPARATOR, NULL, FALSE);
  if (!live_client_qube_get_manageable (self->qube))
    {
      live_lazy_menu_hide (self->items, ROOT_READ_ONLY);
      live_lazy_menu_hide (self->items, PRIVATE_READ_ONLY);
      return;
    }
  live_lazy_menu_show_marked (self->items, ROOT_READ_ONLY,
                              halted ? _ ("Root volume read-only")
                                     : _ ("Root volume read-only (shut the qube down first)"),
                              may_set, !live_client_qube_get_root_writable (self->qube));
  live_lazy_menu_show_marked (self->items, PRIVATE_READ_ONLY,
                              halted ? _ ("Private volume read-only")
                                     : _ ("Private volume read-only (shut the qube down first)"),
                              may_set, !live_client_qube_get_private_writable (self->qube));
}

void
live_qube_menu_update (LiveQubeMenu *self)
{
  gboolean halted = live_client_qube_is_halted (self->qube);

  update_row (self);
  if (self->items == NULL)
    return;
  update_lines (self);
  update_policy (self);
  update_window (self);
  update_volumes (self);
  update_start_options (self);
  show_action (self, RUN_IN_RAM, live_qube_labels_run_in_ram (self->qube), live_client_qube_get_manageable (self->qube),
               live_qube_control_may_run_in_ram (self->control));
  show_action (self, START, _ ("Start"), halted, live_qube_control_may_start (self->control));
  show_action (self, SHUT_DOWN, _ ("Shut down"), !halted, live_qube_control_may_shut_down (self->control));
}

static void
control_changed (gpointer data)
{
  live_qube_menu_update (data);
}

static void
windows_changed (LiveWindows *windows, LiveClientQube *qube, LiveQubeMenu *self)
{
  if (qube == self->qube)
    live_qube_menu_update (self);
}

void
live_qube_menu_prepare (LiveQubeMenu *self)
{
  if (self->items != NULL)
    return;
  self->control
      = live_qube_control_new (self->client, self->qube, self->notifier, self->windows, control_changed, self);
  self->items = live_lazy_menu_new (item_kinds, N_ITEMS, self);
  g_signal_connect (self->windows, "changed", G_CALLBACK (windows_changed), self);
  live_qube_menu_update (self);
  /* Only now: a panel that gets the submenu in pieces may size its window for the first piece. */
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (self->row), live_lazy_menu_get_menu (self->items));
}

LiveQubeMenu *
live_qube_menu_new (LiveClient *client, LiveClientQube *qube, LiveNotifier *notifier, LiveWindows *windows)
{
  LiveQubeMenu *self = g_new0 (LiveQubeMenu, 1);

  self->client = g_object_ref (client);
  self->qube = g_object_ref (qube);
  self->notifier = g_object_ref (notifier);
  self->windows = g_object_ref (windows);
  self->row = g_object_ref_sink (live_menu_item_new ("", TRUE));
  live_qube_menu_update (self);
  return self;
}

void
live_qube_menu_free (LiveQubeMenu *self)
{
  g_signal_handlers_disconnect_by_data (self->windows, self);
  g_clear_pointer (&self->control, live_qube_control_free);
  /* Before its items go with the row. */
  g_clear_pointer (&self->items, live_lazy_menu_free);
  gtk_widget_destroy (self->row);
  g_object_unref (self->row);
  g_object_unref (self->client);
  g_object_unref (self->qube);
  g_object_unref (self->notifier);
  g_object_unref (self->windows);
  g_free (self);
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
