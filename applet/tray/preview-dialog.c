/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/preview-dialog.h"

#include <glib/gi18n.h>

/* Wide enough for a sentence in two lines. */
#define WIDTH_IN_CHARACTERS 56
#define SPACING 12
#define LINE_SPACING 4
#define INDENT 12
/* The sections scroll when they would be higher. */
#define HIGHEST_LIST 320

struct _LivePreviewDialog
{
  GtkDialog parent_instance;

  GtkWidget *box;
  GtkWidget *list; /* NULL before the first section */
};

G_DEFINE_FINAL_TYPE (LivePreviewDialog, live_preview_dialog, GTK_TYPE_DIALOG)

static guint accepted_signal;

static void
live_preview_dialog_response (GtkDialog *dialog, int response)
{
  g_autoptr (GtkDialog) keep = g_object_ref (dialog);

  if (response == GTK_RESPONSE_ACCEPT)
    g_signal_emit (dialog, accepted_signal, 0);
  gtk_widget_destroy (GTK_WIDGET (dialog));
}

static void
live_preview_dialog_class_init (LivePreviewDialogClass *class)
{
  GTK_DIALOG_CLASS (class)->response = live_preview_dialog_response;
  accepted_signal
      = g_signal_new ("accepted", LIVE_TYPE_PREVIEW_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
live_preview_dialog_init (LivePreviewDialog *self)
{
  GtkWidget *content = gtk_dialog_get_content_area (GTK_DIALOG (self));

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, SPACING);
  /* Half of it around the buttons too, which have as much of their own. */
  gtk_container_set_border_width (GTK_CONTAINER (self), SPACING / 2);
  gtk_container_set_border_width (GTK_CONTAINER (self->box), SPACING / 2);
  gtk_box_pack_start (GTK_BOX (content), self->box, TRUE, TRUE, 0);
  gtk_widget_show (self->box);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Qubes Live"));
  gtk_window_set_icon_name (GTK_WINDOW (self), "qubes-live");
  gtk_window_set_resizable (GTK_WINDOW (self), FALSE);
  gtk_window_set_position (GTK_WINDOW (self), GTK_WIN_POS_CENTER);
}

static GtkWidget *
new_label (const char *text, gboolean bold)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "wrap", TRUE, "wrap-mode",
                                   PANGO_WRAP_WORD_CHAR, "width-chars", WIDTH_IN_CHARACTERS, "max-width-chars",
                                   WIDTH_IN_CHARACTERS, "visible", TRUE, NULL);

  if (bold)
    {
      g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

      pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
      gtk_label_set_attributes (GTK_LABEL (label), attributes);
    }
  return label;
}

/* What a screen reader says when the dialog comes up. */
static void
describe (LivePreviewDialog *self, GtkWidget *heading, GtkWidget *text)
{
  AtkObject *dialog = gtk_widget_get_accessible (GTK_WIDGET (self));

  atk_object_set_role (dialog, ATK_ROLE_ALERT);
  atk_object_set_name (dialog, gtk_label_get_text (GTK_LABEL (heading)));
  atk_object_set_description (dialog, gtk_label_get_text (GTK_LABEL (text)));
}

LivePreviewDialog *
live_preview_dialog_new (
    const char *question, const char *text, const char *accept, const char *refuse, gboolean destructive)
{
  LivePreviewDialog *self = g_object_new (LIVE_TYPE_PREVIEW_DIALOG, NULL);
  GtkWidget *heading = new_label (question, TRUE);
  GtkWidget *body = new_label (text, FALSE);
  GtkWidget *button = NULL;

  gtk_box_pack_start (GTK_BOX (self->box), heading, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (self->box), body, FALSE, FALSE, 0);
  gtk_dialog_add_button (GTK_DIALOG (self), refuse, GTK_RESPONSE_CANCEL);
  button = gtk_dialog_add_button (GTK_DIALOG (self), accept, GTK_RESPONSE_ACCEPT);
  if (destructive)
    gtk_style_context_add_class (gtk_widget_get_style_context (button), GTK_STYLE_CLASS_DESTRUCTIVE_ACTION);
  gtk_dialog_set_default_response (GTK_DIALOG (self), GTK_RESPONSE_CANCEL);
  gtk_widget_grab_focus (gtk_dialog_get_widget_for_response (GTK_DIALOG (self), GTK_RESPONSE_CANCEL));
  describe (self, heading, body);
  return self;
}

/* The place of the sections, which can be reached and scrolled by keyboard. */
static void
make_list (LivePreviewDialog *self)
{
  GtkWidget *scrolled
      = g_object_new (GTK_TYPE_SCROLLED_WINDOW, "hscrollbar-policy", GTK_POLICY_NEVER, "propagate-natural-height", TRUE,
                      "max-content-height", HIGHEST_LIST, "visible", TRUE, NULL);

  self->list = gtk_box_new (GTK_ORIENTATION_VERTICAL, LINE_SPACING);
  gtk_widget_show (self->list);
  gtk_container_add (GTK_CONTAINER (scrolled), self->list);
  gtk_box_pack_start (GTK_BOX (self->box), scrolled, TRUE, TRUE, 0);
}

void
live_preview_dialog_add_section (LivePreviewDialog *self, const char *heading, GPtrArray *lines)
{
  GtkWidget *title = NULL;

  g_return_if_fail (LIVE_IS_PREVIEW_DIALOG (self));

  if (lines->len == 0)
    return;
  if (self->list == NULL)
    make_list (self);
  title = new_label (heading, TRUE);
  gtk_widget_set_margin_top (title, LINE_SPACING);
  gtk_box_pack_start (GTK_BOX (self->list), title, FALSE, FALSE, 0);
  for (guint i = 0; i < lines->len; i++)
    {
      GtkWidget *line = new_label (lines->pdata[i], FALSE);

      gtk_widget_set_margin_start (line, INDENT);
      gtk_box_pack_start (GTK_BOX (self->list), line, FALSE, FALSE, 0);
    }
}
