/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

/**
 * LiveExchange:
 *
 * One recorded request and its reply, an empty one if qubesd closed without a word.
 */
typedef struct
{
  GByteArray *request;
  GByteArray *reply;
} LiveExchange;

/**
 * LiveSection:
 * @title: `METHOD+ARGUMENT -> QUBE`, or %NULL for what came before the first call
 * @frames: the event frames received under that call, one after the other
 */
typedef struct
{
  char *title;
  GByteArray *frames;
} LiveSection;

/**
 * live_recording_read_exchanges:
 *
 * Reads a `0?-….txt` file. A line that it does not understand is a fatal error: a recording is never skipped silently.
 *
 * Returns: (transfer full) (element-type LiveExchange): in recorded order
 */
GPtrArray *live_recording_read_exchanges (const char *path);

/**
 * live_recording_read_sections:
 *
 * Reads an `events-….txt` file.
 *
 * Returns: (transfer full) (element-type LiveSection): in recorded order
 */
GPtrArray *live_recording_read_sections (const char *path);

/**
 * live_recording_read_comment:
 * @prefix: how the comment begins, without the `# `
 *
 * Returns: (transfer full): the bytes of the literal that follows @prefix in a comment of the file
 */
GByteArray *live_recording_read_comment (const char *path, const char *prefix);

/**
 * live_literal_parse:
 * @text: starts with a Python byte literal
 * @end: (out): what follows the last part of it
 *
 * Understands `b'…'`, `b"…"`, `b'…'...(N bytes)` and `b'…' + N * b'…' + b'…'`.
 *
 * Returns: (transfer full) (nullable): the bytes, %NULL if @text is no such literal
 */
GByteArray *live_literal_parse (const char *text, const char **end);
