/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LIVE_TEST_DISPLAY_WIDTH 1280
#define LIVE_TEST_DISPLAY_HEIGHT 800

/**
 * LiveTestArea:
 * @x: left edge in pixels
 * @y: top edge in pixels
 * @width: in pixels
 * @height: in pixels
 *
 * A rectangle of the screen.
 */
typedef struct
{
  int x;
  int y;
  int width;
  int height;
} LiveTestArea;

/**
 * LiveTestImage:
 * @width: in pixels
 * @height: in pixels
 * @pixels: three bytes (red, green, blue) per pixel, rows from top to bottom without padding
 *
 * What was on the screen at one moment, without the pointer.
 */
typedef struct
{
  int width;
  int height;
  GBytes *pixels;
} LiveTestImage;

void live_test_image_free (LiveTestImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveTestImage, live_test_image_free)

/**
 * live_test_image_get_pixel:
 * @image: an image
 * @x: column, inside the image
 * @y: row, inside the image
 *
 * Returns: the colour as 0xRRGGBB
 */
guint32 live_test_image_get_pixel (const LiveTestImage *image, int x, int y);

/**
 * live_test_colour_is_near:
 * @one: a colour as 0xRRGGBB
 * @other: another
 *
 * Whether no channel differs by more than 8 of 255: what the rounding in a renderer does to a flat colour. The colours
 * of the indicator are at least 30 apart in some channel.
 *
 * Returns: %TRUE if a person would call them the same
 */
gboolean live_test_colour_is_near (guint32 one, guint32 other);

/**
 * live_test_image_find_colour:
 * @image: an image
 * @area: where to look; cut to the image
 * @colour: the wanted colour as 0xRRGGBB
 * @found: (out) (optional): the smallest rectangle that holds every pixel of that colour; its width is 0 if there is
 *   none
 *
 * Returns: the number of pixels near that colour
 */
guint live_test_image_find_colour (const LiveTestImage *image, LiveTestArea area, guint32 colour, LiveTestArea *found);

/**
 * live_test_image_equal:
 * @one: an image
 * @other: another
 * @area: (nullable): the part to compare; %NULL for all
 *
 * Returns: %TRUE if every pixel is the same
 */
gboolean live_test_image_equal (const LiveTestImage *one, const LiveTestImage *other, const LiveTestArea *area);

/**
 * LiveTestDisplay:
 *
 * An X server without a screen (Xvfb), 1280 by 800 pixels of 24 bits, that only holders of its own authority file may
 * use, on the first free display number.
 */
typedef struct _LiveTestDisplay LiveTestDisplay;

/**
 * live_test_display_new:
 * @directory: (type filename): an existing directory for the authority file and the server's log
 * @environment: (array zero-terminated=1): environment for the server and for the programs that look at the screen
 * @error: return location for a #GError
 *
 * Returns: (transfer full): a server that accepts clients, or %NULL with @error set
 */
LiveTestDisplay *live_test_display_new (const char *directory, const char *const *environment, GError **error);
void live_test_display_free (LiveTestDisplay *display);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveTestDisplay, live_test_display_free)

/**
 * live_test_display_get_environment:
 * @display: a display
 *
 * Returns: (transfer none) (array zero-terminated=1): the environment given at the start, with DISPLAY and XAUTHORITY
 */
const char *const *live_test_display_get_environment (LiveTestDisplay *display);

/**
 * live_test_display_copy_authority:
 * @display: a display
 * @uid: a user
 * @error: return location for a #GError
 *
 * Makes a copy of the authority file that belongs to another user, so that a program of theirs may draw on the display.
 * Only root can do that.
 *
 * Returns: (transfer full) (type filename): the copy, for XAUTHORITY; it lies beside the original
 */
char *live_test_display_copy_authority (LiveTestDisplay *display, guint uid, GError **error);

/**
 * live_test_display_capture:
 * @display: a display
 * @error: return location for a #GError
 *
 * Returns: (transfer full): the whole screen as it is now, or %NULL with @error set
 */
LiveTestImage *live_test_display_capture (LiveTestDisplay *display, GError **error);

/**
 * live_test_display_wait_stable:
 * @display: a display
 * @seconds: after so long it fails
 * @error: return location for a #GError
 *
 * Waits until two captures, some tens of milliseconds apart, are the same: nothing is being drawn, faded or moved.
 *
 * Returns: (transfer full): the second capture, or %NULL with @error set when the screen did not come to rest
 */
LiveTestImage *live_test_display_wait_stable (LiveTestDisplay *display, double seconds, GError **error);

/**
 * live_test_display_save:
 * @display: a display
 * @path: (type filename): where the PNG goes; its directory is made if needed
 * @error: return location for a #GError
 *
 * Saves the whole screen as a PNG file.
 *
 * Returns: %TRUE if the file is there
 */
gboolean live_test_display_save (LiveTestDisplay *display, const char *path, GError **error);

G_END_DECLS
