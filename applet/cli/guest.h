/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

#include "cli/guest-part.h"

G_BEGIN_DECLS

/* So long a file of the part can be. */
#define LIVE_GUEST_LARGEST_FILE 65536

/* What can go wrong with it, beside what live_program_run_finish() says. */
typedef enum
{
  LIVE_GUEST_ERROR_ANSWER,  /* the qube's answer is none */
  LIVE_GUEST_ERROR_COMMAND, /* a command failed in the qube; the message is what it said, to be cleaned */
  LIVE_GUEST_ERROR_ARRIVED, /* what arrived is not what was sent */
  LIVE_GUEST_ERROR_FILES    /* the files in dom0 cannot be read */
} LiveGuestError;

#define LIVE_GUEST_ERROR (live_guest_error_quark ())
GQuark live_guest_error_quark (void);

/**
 * LiveGuest:
 * @qrexec_client: absolute path of the program that runs a command in a qube
 * @qube: name of the qube
 * @timeout_seconds: how long one command may take
 * @cancellable: ends the command that is running
 *
 * A running qube in which commands can be run, as root. Nothing that it answers is trusted.
 */
typedef struct
{
  const char *qrexec_client;
  const char *qube;
  double timeout_seconds;
  GCancellable *cancellable;
} LiveGuest;

/**
 * LiveGuestPayload:
 * @bytes: a file of the part
 * @sum: its SHA-256
 * @there: what the qube has in its place
 */
typedef struct
{
  GBytes *bytes;
  char *sum;
  LiveGuestSum there;
} LiveGuestPayload;

/* All of these run the default main context while the qube works. */

/**
 * live_guest_probe:
 * @whonix: (out): whether it is Whonix or Kicksecure
 *
 * Asks what the qube runs, and so whether it answers at all.
 */
gboolean live_guest_probe (LiveGuest *guest, gboolean *whonix, GError **error);

/**
 * live_guest_load:
 * @directory: the directory of guest files
 * @part: the part
 *
 * Returns: (transfer full) (element-type LiveGuestPayload) (nullable): the files of @part, in its order
 */
GPtrArray *live_guest_load (LiveGuest *guest, const char *directory, const LiveGuestPart *part, GError **error);

/**
 * live_guest_look:
 * @part: the part
 * @payloads: of @part; `there` is set
 * @enabled: (out): whether its unit is enabled; %TRUE when it has none
 *
 * Asks which files the qube has.
 */
gboolean
live_guest_look (LiveGuest *guest, const LiveGuestPart *part, GPtrArray *payloads, gboolean *enabled, GError **error);

/* Sends the files that are not there as they should be, and enables the unit. Each file is put in place only when all
 * of them arrived as they were sent, and what is in place is looked at again. */
gboolean live_guest_install (LiveGuest *guest, const LiveGuestPart *part, GPtrArray *payloads, GError **error);

/* Disables the unit if it is enabled, and removes the files. */
gboolean
live_guest_remove (LiveGuest *guest, const LiveGuestPart *part, GPtrArray *payloads, gboolean enabled, GError **error);

G_END_DECLS
