/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveOptionFlags:
 * @LIVE_OPTION_JSON: `--json`
 * @LIVE_OPTION_WAIT: `--wait SECONDS`
 * @LIVE_OPTION_SECONDS: `--seconds N`
 * @LIVE_OPTION_UNTIL_CLOSED: `--until-closed`
 * @LIVE_OPTION_KILL: `--kill`
 * @LIVE_OPTION_SIZE: `--size SIZE`
 * @LIVE_OPTION_DRY_RUN: `--dry-run`
 * @LIVE_OPTION_YES: `--yes`
 * @LIVE_OPTION_INTO_TEMPLATE: `--into-template`
 * @LIVE_OPTION_QREXEC_CLIENT: `--qrexec-client PATH`, for tests
 * @LIVE_OPTION_QVM_PREFS: `--qvm-prefs PATH`, for tests
 * @LIVE_OPTION_GUEST_FILES: `--guest-files DIRECTORY`, for tests
 * @LIVE_OPTION_HELP: `--help`
 * @LIVE_OPTION_VERSION: `--version`
 * @LIVE_OPTION_LIMIT: `--limit SIZE`
 * @LIVE_OPTION_ALGORITHM: `--algorithm NAME`
 * @LIVE_OPTION_BACKING: `--backing PATH`
 * @LIVE_OPTION_TMPFS: `--tmpfs`
 * @LIVE_OPTION_DEFAULT: `--default`
 * @LIVE_OPTION_NAME: `--name NAME`
 * @LIVE_OPTION_POOL: `--pool NAME`
 * @LIVE_OPTION_WITH_FILES: `--with-files`
 *
 * Which options were given, or which a verb takes.
 */
typedef enum
{
  LIVE_OPTION_JSON = 1 << 0,
  LIVE_OPTION_WAIT = 1 << 1,
  LIVE_OPTION_SECONDS = 1 << 2,
  LIVE_OPTION_UNTIL_CLOSED = 1 << 3,
  LIVE_OPTION_KILL = 1 << 4,
  LIVE_OPTION_SIZE = 1 << 5,
  LIVE_OPTION_DRY_RUN = 1 << 6,
  LIVE_OPTION_YES = 1 << 7,
  LIVE_OPTION_INTO_TEMPLATE = 1 << 8,
  LIVE_OPTION_QREXEC_CLIENT = 1 << 9,
  LIVE_OPTION_QVM_PREFS = 1 << 10,
  LIVE_OPTION_GUEST_FILES = 1 << 11,
  LIVE_OPTION_HELP = 1 << 12,
  LIVE_OPTION_VERSION = 1 << 13,
  LIVE_OPTION_LIMIT = 1 << 14,
  LIVE_OPTION_ALGORITHM = 1 << 15,
  LIVE_OPTION_BACKING = 1 << 16,
  LIVE_OPTION_TMPFS = 1 << 17,
  LIVE_OPTION_DEFAULT = 1 << 18,
  LIVE_OPTION_NAME = 1 << 19,
  LIVE_OPTION_POOL = 1 << 20,
  LIVE_OPTION_WITH_FILES = 1 << 21,
} LiveOptionFlags;

/**
 * LiveOptions:
 * @given: which were on the command line
 * @wait_seconds: of `--wait`, or 10
 * @seconds: of `--seconds`: any whole number; the verb knows its bounds
 * @size: (nullable): of `--size`, as typed
 * @qrexec_client: (nullable): an absolute path
 * @qvm_prefs: (nullable): an absolute path
 * @guest_files: (nullable): an absolute path
 * @limit: (nullable): of `--limit`, as typed
 * @algorithm: (nullable): of `--algorithm`, as typed
 * @backing: (nullable): an absolute path, of any bytes
 * @name: (nullable): of `--name`, as typed
 * @pool: (nullable): of `--pool`, as typed
 *
 * The strings are those of the command line and live as long as that.
 */
typedef struct
{
  LiveOptionFlags given;
  double wait_seconds;
  gint64 seconds;
  const char *size;
  const char *qrexec_client;
  const char *qvm_prefs;
  const char *guest_files;
  const char *limit;
  const char *algorithm;
  const char *backing;
  const char *name;
  const char *pool;
} LiveOptions;

/**
 * live_options_parse:
 * @options: (out): what was found
 * @words: (element-type utf8): takes what is no option; not copied, without a %NULL at the end
 * @argc: as of main()
 * @argv: as of main(), %NULL-terminated
 *
 * Takes the command line apart. Options may stand anywhere before `--`, with their value as the next argument or behind
 * `=`.
 *
 * Returns: (transfer full) (nullable): %NULL, or a translated complaint
 */
char *live_options_parse (LiveOptions *options, GPtrArray *words, int argc, char **argv);

/**
 * live_options_find_other:
 * @options: what was given
 * @taken: what a verb takes
 *
 * Returns: (nullable): an option that was given and is not taken, as it is written; `--wait` goes with everything
 */
const char *live_options_find_other (const LiveOptions *options, LiveOptionFlags taken);

G_END_DECLS
