/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/create-pool-dialog.h"

#include "client/pool-words.h"

#include <glib/gi18n.h>
#include <string.h>

#define WIDTH_IN_CHARACTERS 56
#define SPACING 12
#define NAME_MAX_LENGTH 31

#define MIB ((guint64) 1 << 20)
/* Sizes are chosen in tenths of a gibibyte. */
#define TENTHS 10
#define BYTES_OF_TENTH ((double) (MIB * 1024) / TENTHS)
/* XFS takes 300 MiB. */
#define LEAST_TENTHS 3
/* What is offered first when it is not known how much is free. */
#define USUAL_TENTHS 10
/* Where dom0's own RAM is not known. */
#define MOST_TENTHS (1024 * TENTHS)
/* What the helper leaves to dom0 itself, and what a pool of a size can come to hold beyond that size. */
#define DOM0_KEEPS (512 * MIB)
#define OVERHEAD_SHARE 16

struct _LiveCreatePoolDialog
{
  GtkDialog parent_instance;

  LiveClient *client;
  GtkWidget *name;
  GtkWidget *size;
  GtkWidget *is_default;
  GtkWidget *available;
  GtkWidget *problem;
};

G_DEFINE_FINAL_TYPE (LiveCreatePoolDialog, live_create_pool_dialog, GTK_TYPE_DIALOG)

static guint accepted_signal;

/* Sizes. */

/* The largest pool for which there is enough RAM now, in tenths of a gibibyte; -1: not known. */
static int
get_most (LiveCreatePoolDialog *self)
{
  guint64 free_now = live_client_get_memory_free (self->client);
  guint64 spare = free_now > DOM0_KEEPS ? free_now - DOM0_KEEPS : 0;
  double most = (double) spare * OVERHEAD_SHARE / (OVERHEAD_SHARE + 1) / BYTES_OF_TENTH;

  if (live_client_get_memory_total (self->client) == 0)
    return -1;
  return (int) MIN (most, MOST_TENTHS);
}

static int
get_tenths (LiveCreatePoolDialog *self)
{
  return (int) (gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->size)) * TENTHS + 0.5);
}

guint64
live_create_pool_dialog_get_size (LiveCreatePoolDialog *self)
{
  g_return_val_if_fail (LIVE_IS_CREATE_POOL_DIALOG (self), 0);
  /* In whole mebibytes. */
  return (guint64) (get_tenths (self) * BYTES_OF_TENTH) / MIB * MIB;
}

const char *
live_create_pool_dialog_get_name (LiveCreatePoolDialog *self)
{
  g_return_val_if_fail (LIVE_IS_CREATE_POOL_DIALOG (self), NULL);
  return gtk_entry_get_text (GTK_ENTRY (self->name));
}

gboolean
live_create_pool_dialog_get_is_default (LiveCreatePoolDialog *self)
{
  g_return_val_if_fail (LIVE_IS_CREATE_POOL_DIALOG (self), FALSE);
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->is_default));
}

/* (transfer full): bytes as a person reads them. */
static char *
tenths_to_words (int tenths)
{
  return live_pool_words_size ((guint64) (tenths * BYTES_OF_TENTH));
}

/* What is wrong with it. */

static gboolean
is_pool_name (const char *name)
{
  gsize length = strlen (name);

  if (length == 0 || length > NAME_MAX_LENGTH || !g_ascii_isalpha (*name))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isalnum (name[i]) && name[i] != '-' && name[i] != '_')
        return FALSE;
    }
  return TRUE;
}

/* (transfer full) (nullable) */
static char *
find_name_problem (LiveCreatePoolDialog *self)
{
  const char *name = live_create_pool_dialog_get_name (self);

  if (*name == '\0')
    return g_strdup (_ ("The pool needs a name."));
  if (!is_pool_name (name))
    return g_strdup (_ ("A name begins with a letter and has up to 31 letters, digits, - and _."));
  if (live_client_find_pool (self->client, name) != NULL)
    return g_strdup_printf (_ ("There is a pool %s already."), name);
  return NULL;
}

static char *
find_size_problem (LiveCreatePoolDialog *self)
{
  int most = get_most (self);
  g_autofree char *words = NULL;

  if (most < 0 || get_tenths (self) <= most)
    return NULL;
  if (most < LEAST_TENTHS)
    return g_strdup (
        _ ("There is too little RAM free for a pool. Shut qubes down, or give dom0 more with dom0_mem=max: "
           "on Xen's command line."));
  words = tenths_to_words (most);
  return g_strdup_printf (_ ("There is RAM for %s at most: dom0 keeps some for itself."), words);
}

static void
describe (GtkWidget *widget, const char *problem)
{
  atk_object_set_description (gtk_widget_get_accessible (widget), problem != NULL ? problem : "");
}

/* Whether it can be made like this. */
static gboolean
check (LiveCreatePoolDialog *self)
{
  g_autofree char *name_problem = find_name_problem (self);
  g_autofree char *size_problem = find_size_problem (self);
  const char *problem = name_problem != NULL ? name_problem : size_problem;

  describe (self->name, name_problem);
  describe (self->size, size_problem);
  gtk_label_set_text (GTK_LABEL (self->problem), problem != NULL ? problem : "");
  gtk_dialog_set_response_sensitive (GTK_DIALOG (self), GTK_RESPONSE_ACCEPT, problem == NULL);
  return problem == NULL;
}

static void
update_available (LiveCreatePoolDialog *self)
{
  guint64 total_bytes = live_client_get_memory_total (self->client);
  g_autofree char *free_now = live_pool_words_size (live_client_get_memory_free (self->client));
  g_autofree char *total = live_pool_words_size (total_bytes);
  g_autofree char *words = total_bytes == 0 ? g_strdup (_ ("It is not known how much RAM is free in dom0."))
                                            : g_strdup_printf (_ ("%s of dom0's %s of RAM are free."), free_now, total);

  gtk_label_set_text (GTK_LABEL (self->available), words);
  check (self);
}

static void
live_create_pool_dialog_response (GtkDialog *dialog, int response)
{
  LiveCreatePoolDialog *self = LIVE_CREATE_POOL_DIALOG (dialog);
  g_autoptr (GtkDialog) keep = g_object_ref (dialog);

  if (response == GTK_RESPONSE_ACCEPT)
    {
      /* What was typed is no value yet when Enter or the mnemonic of the button follows at once. */
      gtk_spin_button_update (GTK_SPIN_BUTTON (self->size));
      if (!check (self))
        return;
      g_signal_emit (self, accepted_signal, 0);
    }
  gtk_widget_destroy (GTK_WIDGET (dialog));
}

static void
live_create_pool_dialog_dispose (GObject *object)
{
  LiveCreatePoolDialog *self = LIVE_CREATE_POOL_DIALOG (object);

  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (live_create_pool_dialog_parent_class)->dispose (object);
}

static void
live_create_pool_dialog_class_init (LiveCreatePoolDialogClass *class)
{
  G_OBJECT_CLASS (class)->dispose = live_create_pool_dialog_dispose;
  GTK_DIALOG_CLASS (class)->response = live_create_pool_dialog_response;
  accepted_signal
      = g_signal_new ("accepted", LIVE_TYPE_CREATE_POOL_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/* What it looks like. */

static GtkWidget *
new_label (const char *text, gboolean bold)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "wrap", TRUE, "width-chars",
                                   WIDTH_IN_CHARACTERS, "max-width-chars", WIDTH_IN_CHARACTERS, NULL);

  if (bold)
    {
      g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

      pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
      gtk_label_set_attributes (GTK_LABEL (label), attributes);
    }
  return label;
}

/* A label with a mnemonic, and what it is for. */
static void
attach (GtkGrid *grid, int row, const char *mnemonic, GtkWidget *widget, GtkWidget *unit)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (mnemonic);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), widget);
  atk_object_set_name (gtk_widget_get_accessible (widget), gtk_label_get_text (GTK_LABEL (label)));
  gtk_grid_attach (grid, label, 0, row, 1, 1);
  gtk_grid_attach (grid, widget, 1, row, unit == NULL ? 2 : 1, 1);
  if (unit != NULL)
    gtk_grid_attach (grid, unit, 2, row, 1, 1);
}

static GtkWidget *
new_size (LiveCreatePoolDialog *self)
{
  guint64 total = live_client_get_memory_total (self->client);
  double highest = total == 0 ? MOST_TENTHS : (double) (guint64) ((double) total / BYTES_OF_TENTH);
  int most = get_most (self);
  /* Half of what can be had: qubes that run already may want more, too. */
  int offered = most < 0 ? USUAL_TENTHS : MAX (most / 2, LEAST_TENTHS);
  GtkWidget *size = gtk_spin_button_new_with_range ((double) LEAST_TENTHS / TENTHS,
                                                    MAX (highest, LEAST_TENTHS) / TENTHS, 1.0 / TENTHS);

  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (size), 1);
  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (size), TRUE);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (size), (double) offered / TENTHS);
  gtk_entry_set_activates_default (GTK_ENTRY (size), TRUE);
  return size;
}

/* (transfer full): one that is not taken. */
static char *
find_free_name (LiveClient *client)
{
  for (guint i = 1;; i++)
    {
      g_autofree char *name = g_strdup_printf ("ram%u", i);

      if (live_client_find_pool (client, name) == NULL)
        return g_steal_pointer (&name);
    }
}

static void
build_buttons (LiveCreatePoolDialog *self)
{
  GtkWidget *button = NULL;

  gtk_dialog_add_button (GTK_DIALOG (self), _ ("_Cancel"), GTK_RESPONSE_CANCEL);
  button = gtk_dialog_add_button (GTK_DIALOG (self), _ ("C_reate"), GTK_RESPONSE_ACCEPT);
  gtk_style_context_add_class (gtk_widget_get_style_context (button), GTK_STYLE_CLASS_SUGGESTED_ACTION);
  gtk_dialog_set_default_response (GTK_DIALOG (self), GTK_RESPONSE_ACCEPT);
}

static void
build (LiveCreatePoolDialog *self)
{
  GtkWidget *content = gtk_dialog_get_content_area (GTK_DIALOG (self));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, SPACING);
  GtkGrid *grid = GTK_GRID (gtk_grid_new ());
  GtkWidget *heading = new_label (_ ("Create a pool in RAM"), TRUE);
  GtkWidget *text = new_label (_ ("Whatever qubes keep in it is in dom0's RAM, and lost when dom0 stops or the pool is "
                                  "destroyed. RAM is taken as the pool fills."),
                               FALSE);
  AtkObject *accessible = gtk_widget_get_accessible (GTK_WIDGET (self));
  g_autofree char *name = find_free_name (self->client);

  self->name = gtk_entry_new ();
  gtk_entry_set_text (GTK_ENTRY (self->name), name);
  gtk_entry_set_max_length (GTK_ENTRY (self->name), NAME_MAX_LENGTH);
  gtk_entry_set_activates_default (GTK_ENTRY (self->name), TRUE);
  gtk_widget_set_hexpand (self->name, TRUE);
  self->size = new_size (self);
  gtk_widget_set_hexpand (self->size, TRUE);
  self->is_default = gtk_check_button_new_with_mnemonic (_ ("New _qubes go to this pool"));
  self->available = new_label ("", FALSE);
  self->problem = new_label ("", FALSE);
  gtk_style_context_add_class (gtk_widget_get_style_context (self->problem), GTK_STYLE_CLASS_ERROR);
  atk_object_set_role (gtk_widget_get_accessible (self->problem), ATK_ROLE_NOTIFICATION);
  gtk_grid_set_row_spacing (grid, SPACING / 2);
  gtk_grid_set_column_spacing (grid, SPACING);
  attach (grid, 0, _ ("_Name"), self->name, NULL);
  attach (grid, 1, _ ("_Size"), self->size, gtk_label_new (_ ("GiB")));
  gtk_grid_attach (grid, self->available, 1, 2, 2, 1);
  gtk_grid_attach (grid, self->is_default, 1, 3, 2, 1);
  gtk_container_set_border_width (GTK_CONTAINER (self), SPACING / 2);
  gtk_container_set_border_width (GTK_CONTAINER (box), SPACING / 2);
  gtk_box_pack_start (GTK_BOX (box), heading, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), text, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), GTK_WIDGET (grid), FALSE, FALSE, 0);
  /* Its place is there while it is empty, so that the window does not jump. */
  gtk_box_pack_start (GTK_BOX (box), self->problem, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (content), box, TRUE, TRUE, 0);
  gtk_widget_show_all (box);
  atk_object_set_name (accessible, gtk_label_get_text (GTK_LABEL (heading)));
  atk_object_set_description (accessible, gtk_label_get_text (GTK_LABEL (text)));
}

static void
live_create_pool_dialog_init (LiveCreatePoolDialog *self)
{
  gtk_window_set_title (GTK_WINDOW (self), _ ("Qubes Live"));
  gtk_window_set_icon_name (GTK_WINDOW (self), "qubes-live");
  gtk_window_set_resizable (GTK_WINDOW (self), FALSE);
  gtk_window_set_position (GTK_WINDOW (self), GTK_WIN_POS_CENTER);
}

LiveCreatePoolDialog *
live_create_pool_dialog_new (LiveClient *client)
{
  LiveCreatePoolDialog *self = g_object_new (LIVE_TYPE_CREATE_POOL_DIALOG, NULL);

  self->client = g_object_ref (client);
  build_buttons (self);
  build (self);
  update_available (self);
  gtk_widget_grab_focus (self->name);
  g_signal_connect_swapped (self->name, "changed", G_CALLBACK (check), self);
  g_signal_connect_swapped (self->size, "value-changed", G_CALLBACK (check), self);
  g_signal_connect_swapped (client, "manager-changed", G_CALLBACK (update_available), self);
  g_signal_connect_swapped (client, "pool-added", G_CALLBACK (check), self);
  g_signal_connect_swapped (client, "pool-removed", G_CALLBACK (check), self);
  return self;
}
