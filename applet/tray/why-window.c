/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/why-window.h"

#include <glib/gi18n.h>

/* Wide enough for a sentence in two lines. */
#define WIDTH_IN_CHARACTERS 56
#define SPACING 12

struct _LiveWhyWindow
{
  GtkWindow parent_instance;

  GtkWidget *heading;
  GtkWidget *text;
};

G_DEFINE_FINAL_TYPE (LiveWhyWindow, live_why_window, GTK_TYPE_WINDOW)

static gboolean
key_pressed (GtkWidget *widget, GdkEventKey *event)
{
  if (event->keyval == GDK_KEY_Escape)
    {
      gtk_window_close (GTK_WINDOW (widget));
      return GDK_EVENT_STOP;
    }
  return GTK_WIDGET_CLASS (live_why_window_parent_class)->key_press_event (widget, event);
}

static void
live_why_window_class_init (LiveWhyWindowClass *class)
{
  GTK_WIDGET_CLASS (class)->key_press_event = key_pressed;
}

static GtkWidget *
new_label (gboolean bold)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "wrap", TRUE, "max-width-chars", WIDTH_IN_CHARACTERS,
                                   "selectable", TRUE, "visible", TRUE, NULL);

  if (bold)
    {
      g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

      pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
      gtk_label_set_attributes (GTK_LABEL (label), attributes);
    }
  return label;
}

static void
live_why_window_init (LiveWhyWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, SPACING);
  GtkWidget *close = gtk_button_new_with_mnemonic (_ ("_Close"));

  self->heading = new_label (TRUE);
  self->text = new_label (FALSE);
  gtk_widget_set_halign (close, GTK_ALIGN_END);
  gtk_widget_set_can_default (close, TRUE);
  g_signal_connect_swapped (close, "clicked", G_CALLBACK (gtk_window_close), self);
  gtk_container_set_border_width (GTK_CONTAINER (box), SPACING);
  gtk_box_pack_start (GTK_BOX (box), self->heading, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), self->text, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), close, FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (self), box);
  gtk_widget_show_all (box);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Qubes Live"));
  gtk_window_set_resizable (GTK_WINDOW (self), FALSE);
  gtk_window_set_position (GTK_WINDOW (self), GTK_WIN_POS_CENTER);
  gtk_window_set_type_hint (GTK_WINDOW (self), GDK_WINDOW_TYPE_HINT_DIALOG);
  gtk_widget_grab_default (close);
  /* Text that can be selected takes the focus, and would then show up as selected. */
  gtk_widget_grab_focus (close);
}

LiveWhyWindow *
live_why_window_new (void)
{
  return g_object_new (LIVE_TYPE_WHY_WINDOW, "type", GTK_WINDOW_TOPLEVEL, NULL);
}

void
live_why_window_set_text (LiveWhyWindow *self, const char *heading, GPtrArray *lines)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_return_if_fail (LIVE_IS_WHY_WINDOW (self));

  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n\n" : "", (const char *)lines->pdata[i]);
  gtk_label_set_text (GTK_LABEL (self->heading), heading);
  gtk_label_set_text (GTK_LABEL (self->text), text->str);
}
