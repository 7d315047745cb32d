/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "bus/authority.h"

G_BEGIN_DECLS

/**
 * LiveRequest:
 * @name: (nullable): the qube or pool that is asked about
 * @text: (nullable): an argument of the method
 * @size: (nullable): an argument of the method
 * @flag: an argument of the method
 * @seconds: an argument of the method
 * @bytes: an argument of the method
 * @values: (nullable): an argument of the method
 * @invocation: the call to answer
 * @owner: whatever @perform needs
 *
 * A method call on its way through the gate: asked about, then carried out, then answered. It is freed when it is
 * answered.
 */
typedef struct _LiveRequest LiveRequest;

/* Called when polkit has said yes; ends in live_request_succeed() or live_request_fail(), now or later. */
typedef void (*LivePerform) (LiveRequest *request);

struct _LiveRequest
{
  GDBusMethodInvocation *invocation;
  GObject *owner;
  LivePerform perform;
  char *name;
  char *text;
  char *size;
  gboolean flag;
  gint64 seconds;
  guint64 bytes;
  GVariant *values;
};

/**
 * live_request_begin:
 * @authority: who is asked
 * @invocation: (transfer full): the call
 * @action: name of the polkit action without its prefix
 * @detail: (nullable): what @name is, as a key of the details that rules can look at: `qube` or `pool`
 * @name: (nullable): which one
 * @owner: kept alive until the answer
 * @perform: what to do when polkit says yes
 *
 * Returns: (transfer none): the request, whose @text, @size and @flag the caller may still set: polkit answers later
 */
LiveRequest *live_request_begin (LiveAuthority *authority, GDBusMethodInvocation *invocation, const char *action,
                                 const char *detail, const char *name, GObject *owner, LivePerform perform);

/* Answers with @values, a floating tuple or %NULL for none, and frees the request. */
void live_request_succeed (LiveRequest *request, GVariant *values);
/* Answers with @error (transfer full), and frees the request. */
void live_request_fail (LiveRequest *request, GError *error);

G_END_DECLS
