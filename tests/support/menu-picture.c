/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "menu-picture.h"

/* The window's own border. */
#define MARGIN 3
/* A dot over an i is closer to its stem, and the text of the next row farther away. */
#define MAXIMUM_GAP 3
#define MINIMUM_TEXT_HEIGHT 4

/* A menu that does not fit hangs over the edge. */
static LiveTestArea
cut_to_screen (const LiveTestImage *image, LiveTestArea menu)
{
  int right = MIN (menu.x + menu.width, image->width);
  int bottom = MIN (menu.y + menu.height, image->height);

  menu.x = MAX (menu.x, 0);
  menu.y = MAX (menu.y, 0);
  menu.width = right - menu.x;
  menu.height = bottom - menu.y;
  return menu;
}

static guint32
find_background (const LiveTestImage *image, LiveTestArea menu)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (NULL, NULL);
  guint32 background = 0;
  guint most = 0;

  for (int y = menu.y + MARGIN; y < menu.y + menu.height - MARGIN; y++)
    for (int x = menu.x + MARGIN; x < menu.x + menu.width - MARGIN; x++)
      {
        guint32 colour = live_test_image_get_pixel (image, x, y);
        guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, GUINT_TO_POINTER (colour))) + 1;

        g_hash_table_insert (counts, GUINT_TO_POINTER (colour), GUINT_TO_POINTER (count));
        if (count > most)
          {
            most = count;
            background = colour;
          }
      }
  return background;
}

static gboolean
line_is_plain (const LiveTestImage *image, LiveTestArea menu, int y, guint32 background)
{
  for (int x = menu.x + MARGIN; x < menu.x + menu.width - MARGIN; x++)
    if (live_test_image_get_pixel (image, x, y) != background)
      return FALSE;
  return TRUE;
}

GArray *
live_test_menu_picture_find_rows (const LiveTestImage *image, LiveTestArea menu)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (LiveTestArea));
  int top = -1, last = -1;
  guint32 background;

  menu = cut_to_screen (image, menu);
  background = find_background (image, menu);
  for (int y = menu.y + MARGIN; y <= menu.y + menu.height - MARGIN; y++)
    {
      gboolean end = y == menu.y + menu.height - MARGIN;

      if (!end && !line_is_plain (image, menu, y, background))
        {
          if (top < 0)
            top = y;
          last = y;
        }
      else if (top >= 0 && (end || y - last > MAXIMUM_GAP))
        {
          LiveTestArea row = { menu.x, top, menu.width, last - top + 1 };

          if (row.height >= MINIMUM_TEXT_HEIGHT)
            g_array_append_val (rows, row);
          top = -1;
        }
    }
  return rows;
}

gboolean
live_test_menu_picture_row_is_selected (const LiveTestImage *image, LiveTestArea menu, LiveTestArea row)
{
  menu = cut_to_screen (image, menu);
  return live_test_image_get_pixel (image, menu.x + MARGIN, row.y + row.height / 2) != find_background (image, menu);
}
