/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveError:
 * @LIVE_ERROR_FAILED: something that has no code of its own
 * @LIVE_ERROR_NOT_AUTHORIZED: polkit said no, or could not be asked
 * @LIVE_ERROR_NOT_HALTED: the qube has to be shut down first
 * @LIVE_ERROR_NOT_FOUND: there is no such qube, pool or volume (any more)
 * @LIVE_ERROR_IN_USE: another qube or pool still needs the thing
 * @LIVE_ERROR_NO_SPACE: not enough room in the pool or on the disk
 * @LIVE_ERROR_NO_MEMORY: not enough memory in dom0
 * @LIVE_ERROR_NOT_SUPPORTED: this qube, pool or version of Qubes cannot do it
 * @LIVE_ERROR_QUBESD_UNREACHABLE: qubesd does not run or does not answer in time
 * @LIVE_ERROR_QUBESD_ERROR: qubesd answered with an exception that has no code here
 * @LIVE_ERROR_PROTOCOL: qubesd closed the connection without an answer, or sent something that is not its protocol
 * @LIVE_ERROR_BUSY: another change of the same thing is under way
 * @LIVE_ERROR_INVALID_ARGUMENT: the caller asked for something that does not exist
 * @LIVE_ERROR_CONFLICT: another setting of the qube, such as its policy, stands against it
 * @LIVE_ERROR_CANCELLED: the caller went away or took the request back
 *
 * The one error domain of Qubes Live, on the bus as `org.qubes.Live1.Error.NAME`. The message is English, names the
 * qube or pool, and says what to do; what a person sees is made from the code by the applet.
 */
typedef enum
{
  LIVE_ERROR_FAILED,
  LIVE_ERROR_NOT_AUTHORIZED,
  LIVE_ERROR_NOT_HALTED,
  LIVE_ERROR_NOT_FOUND,
  LIVE_ERROR_IN_USE,
  LIVE_ERROR_NO_SPACE,
  LIVE_ERROR_NO_MEMORY,
  LIVE_ERROR_NOT_SUPPORTED,
  LIVE_ERROR_QUBESD_UNREACHABLE,
  LIVE_ERROR_QUBESD_ERROR,
  LIVE_ERROR_PROTOCOL,
  LIVE_ERROR_BUSY,
  LIVE_ERROR_INVALID_ARGUMENT,
  LIVE_ERROR_CONFLICT,
  LIVE_ERROR_CANCELLED,
  LIVE_ERROR_N_CODES
} LiveError;

/**
 * LIVE_ERROR:
 *
 * Error domain of #LiveError. Its first use registers the names for D-Bus, on both ends: call it before the first
 * bus call of a program that wants to tell errors apart.
 */
#define LIVE_ERROR (live_error_quark ())
GQuark live_error_quark (void);

G_END_DECLS
