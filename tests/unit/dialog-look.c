/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "dialog-look.h"

GtkDialog *
live_dialog_find (GType type)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *each = windows; each != NULL; each = each->next)
    if (G_TYPE_CHECK_INSTANCE_TYPE (each->data, type))
      return each->data;
  return NULL;
}

static void
append_labels (GtkWidget *widget, gpointer data)
{
  GString *text = data;

  if (GTK_IS_BUTTON (widget) || !gtk_widget_get_visible (widget))
    return;
  if (GTK_IS_LABEL (widget))
    g_string_append_printf (text, "%s%s", text->len > 0 ? "|" : "", gtk_label_get_text (GTK_LABEL (widget)));
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), append_labels, text);
}

char *
live_dialog_get_text (GtkDialog *dialog)
{
  g_autoptr (GString) text = g_string_new (NULL);

  append_labels (gtk_dialog_get_content_area (dialog), text);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
live_dialog_assert_button (GtkDialog *dialog, int response, const char *label)
{
  GtkWidget *button = gtk_dialog_get_widget_for_response (dialog, response);
  AtkObject *accessible = gtk_widget_get_accessible (button);
  g_auto (GStrv) parts = g_strsplit (label, "_", 2);
  g_autofree char *name = g_strjoinv ("", parts);

  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (button)), ==, label);
  g_assert_true (gtk_button_get_use_underline (GTK_BUTTON (button)));
  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  g_assert_true (gtk_widget_get_can_focus (button));
  g_assert_cmpstr (atk_object_get_name (accessible), ==, name);
}

void
live_dialog_assert_question (GtkDialog *dialog, const char *question, const char *accept, const char *refuse)
{
  GtkWidget *safe = gtk_dialog_get_widget_for_response (dialog, GTK_RESPONSE_CANCEL);

  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (dialog)));
  g_assert_cmpstr (atk_object_get_name (gtk_widget_get_accessible (GTK_WIDGET (dialog))), ==, question);
  g_assert_cmpstr (atk_object_get_description (gtk_widget_get_accessible (GTK_WIDGET (dialog))), !=, "");
  live_dialog_assert_button (dialog, GTK_RESPONSE_ACCEPT, accept);
  live_dialog_assert_button (dialog, GTK_RESPONSE_CANCEL, refuse);
  g_assert_true (gtk_window_get_default_widget (GTK_WINDOW (dialog)) == safe);
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (dialog)) == safe);
}
