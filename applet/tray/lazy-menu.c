/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "tray/lazy-menu.h"

#include "tray/check-item.h"

struct _LiveLazyMenu
{
  const LiveLazyItem *items;
  guint n_items;
  gpointer data;
  GtkWidget *menu;
  GtkWidget **widgets; /* NULL where none was made yet */
};

/* Which of the items @widget is: the list is short, and this happens when somebody clicks. */
static void
chosen (GtkWidget *widget, LiveLazyMenu *self)
{
  for (guint i = 0; i < self->n_items; i++)
    {
      if (self->widgets[i] != widget)
        continue;
      if (self->items[i].chosen != NULL && gtk_widget_get_visible (widget) && gtk_widget_is_sensitive (widget))
        self->items[i].chosen (self->data);
      return;
    }
}

LiveLazyMenu *
live_lazy_menu_new (const LiveLazyItem *items, guint n_items, gpointer data)
{
  LiveLazyMenu *self = g_new0 (LiveLazyMenu, 1);

  self->items = items;
  self->n_items = n_items;
  self->data = data;
  self->menu = g_object_ref_sink (gtk_menu_new ());
  self->widgets = g_new0 (GtkWidget *, n_items);
  return self;
}

void
live_lazy_menu_free (LiveLazyMenu *self)
{
  for (guint i = 0; i < self->n_items; i++)
    if (self->widgets[i] != NULL)
      g_signal_handlers_disconnect_by_data (self->widgets[i], self);
  g_object_unref (self->menu);
  g_free (self->widgets);
  g_free (self);
}

GtkWidget *
live_lazy_menu_get_menu (LiveLazyMenu *self)
{
  return self->menu;
}

static GtkWidget *
make (LiveLazyMenu *self, guint item, const char *label)
{
  GtkWidget *widget = NULL;
  int place = 0;

  switch (self->items[item].kind)
    {
    case LIVE_LAZY_SEPARATOR:
      widget = live_menu_separator_new ();
      break;
    case LIVE_LAZY_CHECK:
    case LIVE_LAZY_RADIO:
      widget = live_check_item_new (label, self->items[item].kind == LIVE_LAZY_RADIO);
      g_signal_connect (widget, "chosen", G_CALLBACK (chosen), self);
      break;
    case LIVE_LAZY_ACTION:
      widget = live_menu_item_new (label, TRUE);
      g_signal_connect (widget, "activate", G_CALLBACK (chosen), self);
      break;
    case LIVE_LAZY_LINE:
    default:
      widget = live_menu_item_new (label, FALSE);
      break;
    }
  for (guint i = 0; i < item; i++)
    place += self->widgets[i] != NULL;
  self->widgets[item] = widget;
  gtk_menu_shell_insert (GTK_MENU_SHELL (self->menu), widget, place);
  return widget;
}

void
live_lazy_menu_show (LiveLazyMenu *self, guint item, const char *label, gboolean sensitive)
{
  GtkWidget *widget = NULL;

  g_return_if_fail (item < self->n_items);

  widget = self->widgets[item];
  if (widget == NULL)
    widget = make (self, item, label);
  if (self->items[item].kind != LIVE_LAZY_SEPARATOR)
    {
      live_menu_item_set_label (widget, label);
      live_menu_item_set_sensitive (widget, sensitive);
    }
  live_menu_item_set_visible (widget, TRUE);
}

void
live_lazy_menu_show_marked (LiveLazyMenu *self, guint item, const char *label, gboolean sensitive, gboolean marked)
{
  live_lazy_menu_show (self, item, label, sensitive);
  live_check_item_set_shown (LIVE_CHECK_ITEM (self->widgets[item]), marked);
}

void
live_lazy_menu_hide (LiveLazyMenu *self, guint item)
{
  g_return_if_fail (item < self->n_items);

  if (self->widgets[item] != NULL)
    live_menu_item_set_visible (self->widgets[item], FALSE);
}
