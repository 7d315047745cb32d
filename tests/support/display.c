/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "display.h"

#include "child.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define IMPORT "/usr/bin/import"
#define XVFB "/usr/bin/Xvfb"
/* More than rounding, less than the distance between two colours of the indicator. */
#define COLOUR_TOLERANCE 8
#define STABLE_INTERVAL_MICROSECONDS 60000

struct _LiveTestDisplay
{
  GSubprocess *server;
  char **environment;
};

void
live_test_image_free (LiveTestImage *image)
{
  g_bytes_unref (image->pixels);
  g_free (image);
}

static const guint8 *
get_pixel_bytes (const LiveTestImage *image, int x, int y)
{
  const guint8 *bytes = g_bytes_get_data (image->pixels, NULL);

  return bytes + 3 * ((gsize)y * (gsize)image->width + (gsize)x);
}

guint32
live_test_image_get_pixel (const LiveTestImage *image, int x, int y)
{
  const guint8 *pixel;

  g_return_val_if_fail (x >= 0 && x < image->width && y >= 0 && y < image->height, 0);
  pixel = get_pixel_bytes (image, x, y);
  return (guint32)pixel[0] << 16 | (guint32)pixel[1] << 8 | pixel[2];
}

gboolean
live_test_colour_is_near (guint32 one, guint32 other)
{
  for (int shift = 0; shift <= 16; shift += 8)
    {
      int difference = (int)(one >> shift & 0xff) - (int)(other >> shift & 0xff);

      if (ABS (difference) > COLOUR_TOLERANCE)
        return FALSE;
    }
  return TRUE;
}

static LiveTestArea
cut_to_image (const LiveTestImage *image, LiveTestArea area)
{
  int right = MIN (area.x + area.width, image->width);
  int bottom = MIN (area.y + area.height, image->height);

  area.x = MAX (area.x, 0);
  area.y = MAX (area.y, 0);
  area.width = MAX (right - area.x, 0);
  area.height = MAX (bottom - area.y, 0);
  return area;
}

guint
live_test_image_find_colour (const LiveTestImage *image, LiveTestArea area, guint32 colour, LiveTestArea *found)
{
  int left = G_MAXINT, top = G_MAXINT, right = -1, bottom = -1;
  guint count = 0;

  area = cut_to_image (image, area);
  for (int y = area.y; y < area.y + area.height; y++)
    for (int x = area.x; x < area.x + area.width; x++)
      if (live_test_colour_is_near (live_test_image_get_pixel (image, x, y), colour))
        {
          left = MIN (left, x);
          right = MAX (right, x);
          top = MIN (top, y);
          bottom = MAX (bottom, y);
          count++;
        }
  if (found != NULL)
    *found = count > 0 ? (LiveTestArea){ left, top, right - left + 1, bottom - top + 1 } : (LiveTestArea){ 0 };
  return count;
}

gboolean
live_test_image_equal (const LiveTestImage *one, const LiveTestImage *other, const LiveTestArea *area)
{
  LiveTestArea part;

  if (one->width != other->width || one->height != other->height)
    return FALSE;
  if (area == NULL)
    return g_bytes_equal (one->pixels, other->pixels);
  part = cut_to_image (one, *area);
  for (int y = part.y; y < part.y + part.height; y++)
    if (memcmp (get_pixel_bytes (one, part.x, y), get_pixel_bytes (other, part.x, y), 3 * (gsize)part.width) != 0)
      return FALSE;
  return TRUE;
}

/*
 * An authority file of one entry that fits every display number: which one the server takes is known only once it
 * runs, and it reads the file before. The format (big-endian lengths, family 0xffff = "wild") is in Xau(3).
 */
static gboolean
write_authority (const char *path, GError **error)
{
  static const char method[] = "MIT-MAGIC-COOKIE-1";
  g_autoptr (GByteArray) entry = g_byte_array_new ();
  const guint8 head[] = { 0xff, 0xff, 0, 0, 0, 0, 0, sizeof method - 1 };
  const guint8 cookie_length[] = { 0, 16 };

  g_byte_array_append (entry, head, sizeof head);
  g_byte_array_append (entry, (const guint8 *)method, sizeof method - 1);
  g_byte_array_append (entry, cookie_length, sizeof cookie_length);
  for (int i = 0; i < 4; i++)
    {
      guint32 word = g_random_int ();

      g_byte_array_append (entry, (const guint8 *)&word, sizeof word);
    }
  return g_file_set_contents_full (path, (const char *)entry->data, entry->len, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                   error);
}

/* The server writes its display number and a newline once it accepts clients. */
static char *
read_display_number (GSubprocess *server, GError **error)
{
  g_autoptr (GDataInputStream) output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (server));
  g_autofree char *line = g_data_input_stream_read_line_utf8 (output, NULL, NULL, error);

  if (line == NULL)
    {
      if (error != NULL && *error == NULL)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Xvfb ended before it was ready; see Xvfb.log");
      return NULL;
    }
  return g_strdup_printf (":%s", line);
}

LiveTestDisplay *
live_test_display_new (const char *directory, const char *const *environment, GError **error)
{
  g_autoptr (LiveTestDisplay) display = g_new0 (LiveTestDisplay, 1);
  g_autofree char *authority = g_build_filename (directory, "Xauthority", NULL);
  g_autofree char *log_file = g_build_filename (directory, "Xvfb.log", NULL);
  g_autofree char *screen = g_strdup_printf ("%dx%dx24", LIVE_TEST_DISPLAY_WIDTH, LIVE_TEST_DISPLAY_HEIGHT);
  /* -noreset: otherwise the server forgets its state each time the last client leaves. */
  const char *argv[] = { XVFB,      "-displayfd", "1",   "-screen",  "0",    screen, "-auth",
                         authority, "-nolisten",  "tcp", "-noreset", "-dpi", "96",   NULL };
  g_autofree char *name = NULL;

  display->environment = g_strdupv ((char **)environment);
  if (!write_authority (authority, error))
    return NULL;
  display->server = live_test_child_spawn (argv, environment, G_SUBPROCESS_FLAGS_STDOUT_PIPE, log_file, error);
  if (display->server == NULL)
    return NULL;
  name = read_display_number (display->server, error);
  if (name == NULL)
    return NULL;
  display->environment = g_environ_setenv (display->environment, "DISPLAY", name, TRUE);
  display->environment = g_environ_setenv (display->environment, "XAUTHORITY", authority, TRUE);
  return g_steal_pointer (&display);
}

void
live_test_display_free (LiveTestDisplay *display)
{
  live_test_child_end (display->server);
  g_strfreev (display->environment);
  g_free (display);
}

const char *const *
live_test_display_get_environment (LiveTestDisplay *display)
{
  return (const char *const *)display->environment;
}

char *
live_test_display_copy_authority (LiveTestDisplay *display, guint uid, GError **error)
{
  const char *original = g_environ_getenv (display->environment, "XAUTHORITY");
  g_autofree char *copy = g_strdup_printf ("%s-%u", original, uid);
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (original, &text, &length, error)
      || !g_file_set_contents_full (copy, text, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error))
    return NULL;
  if (chown (copy, uid, (gid_t)-1) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Cannot give %s to user %u: %s", copy, uid,
                   g_strerror (errno));
      return NULL;
    }
  return g_steal_pointer (&copy);
}

LiveTestImage *
live_test_display_capture (LiveTestDisplay *display, GError **error)
{
  const char *argv[] = { IMPORT, "-silent", "-window", "root", "-depth", "8", "rgb:-", NULL };
  const gsize expected = (gsize)3 * LIVE_TEST_DISPLAY_WIDTH * LIVE_TEST_DISPLAY_HEIGHT;
  g_autoptr (GBytes) pixels = NULL;
  LiveTestImage *image;

  if (!live_test_child_run (argv, live_test_display_get_environment (display), &pixels, error))
    return NULL;
  if (g_bytes_get_size (pixels) != expected)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "The capture of the screen has %" G_GSIZE_FORMAT " bytes instead of %" G_GSIZE_FORMAT,
                   g_bytes_get_size (pixels), expected);
      return NULL;
    }
  image = g_new0 (LiveTestImage, 1);
  image->width = LIVE_TEST_DISPLAY_WIDTH;
  image->height = LIVE_TEST_DISPLAY_HEIGHT;
  image->pixels = g_steal_pointer (&pixels);
  return image;
}

LiveTestImage *
live_test_display_wait_stable (LiveTestDisplay *display, double seconds, GError **error)
{
  const gint64 deadline = g_get_monotonic_time () + (gint64)(seconds * G_USEC_PER_SEC);
  g_autoptr (LiveTestImage) previous = live_test_display_capture (display, error);

  while (previous != NULL)
    {
      g_autoptr (LiveTestImage) current = NULL;

      g_usleep (STABLE_INTERVAL_MICROSECONDS);
      current = live_test_display_capture (display, error);
      if (current == NULL)
        return NULL;
      if (live_test_image_equal (previous, current, NULL))
        return g_steal_pointer (&current);
      if (g_get_monotonic_time () > deadline)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "The screen did not come to rest within %g s", seconds);
          return NULL;
        }
      live_test_image_free (previous);
      previous = g_steal_pointer (&current);
    }
  return NULL;
}

gboolean
live_test_display_save (LiveTestDisplay *display, const char *path, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *target = g_strconcat ("png:", path, NULL);
  const char *argv[] = { IMPORT, "-silent", "-window", "root", target, NULL };

  if (g_mkdir_with_parents (directory, 0755) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Cannot make %s: %s", directory,
                   g_strerror (errno));
      return FALSE;
    }
  return live_test_child_run (argv, live_test_display_get_environment (display), NULL, error);
}
