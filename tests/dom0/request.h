/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "changes.h"
#include "connection.h"

typedef struct
{
  LiveDom0 *dom0;
  LiveDom0Connection *connection;
  const char *method;
  const char *argument;
  LiveDom0Qube *source;
  LiveDom0Qube *dest;
  /* NUL-terminated after @length bytes, for convenience. */
  const char *payload;
  gsize length;
  /* What follows the dot in `admin.vm.Create.CLASS`. */
  LiveDom0Class class;
  /* How long the answer is held back, in milliseconds. */
  guint delay;
  /* Its entry in the list of changes, or NULL. */
  LiveDom0Change *change;
} LiveDom0Request;

typedef struct _LiveDom0Promise LiveDom0Promise;

/**
 * LiveDom0Outcome:
 * @LIVE_DOM0_FAILED: @error says why
 * @LIVE_DOM0_DONE: what was put into the reply is sent
 * @LIVE_DOM0_LATER: live_dom0_request_complete() will be called, or was already
 * @LIVE_DOM0_STREAM: the connection is now a stream of events
 */
typedef enum
{
  LIVE_DOM0_FAILED,
  LIVE_DOM0_DONE,
  LIVE_DOM0_LATER,
  LIVE_DOM0_STREAM,
} LiveDom0Outcome;

typedef LiveDom0Outcome (*LiveDom0Handler) (LiveDom0Request *request, GString *reply, GError **error);

/* Whether 4.4 wants something in a request; the versions before leave it to each method. */
typedef enum
{
  LIVE_DOM0_ANY,
  LIVE_DOM0_NO,
  LIVE_DOM0_YES,
} LiveDom0Wants;

typedef struct
{
  const char *name;
  LiveDom0Handler handler;
  LiveDom0Wants argument;
  LiveDom0Wants payload;
  /* LIVE_DOM0_YES: only dom0 can be the destination. */
  LiveDom0Wants admin;
  /* What the call costs the real qubesd, in microseconds. */
  guint cost;
} LiveDom0Method;

/* Each ends with a method without a name. */
extern const LiveDom0Method live_dom0_vm_methods[];
extern const LiveDom0Method live_dom0_volume_methods[];
extern const LiveDom0Method live_dom0_pool_methods[];
extern const LiveDom0Method live_dom0_property_methods[];
extern const LiveDom0Method live_dom0_feature_methods[];
extern const LiveDom0Method live_dom0_tag_methods[];

/* A call that changes something also writes qubes.xml, and waits until that is on the disk. */
#define LIVE_DOM0_COST_READ 270
#define LIVE_DOM0_COST_WRITE 5000

/**
 * live_dom0_request_handle:
 *
 * Answers one complete request.
 */
void live_dom0_request_handle (LiveDom0 *dom0, LiveDom0Connection *connection, const guint8 *bytes, gsize length);

/**
 * live_dom0_request_promise:
 *
 * For a handler that returns %LIVE_DOM0_LATER.
 *
 * Returns: (transfer full): what live_dom0_request_complete() needs to answer
 */
LiveDom0Promise *live_dom0_request_promise (LiveDom0Request *request);

/**
 * live_dom0_request_complete:
 * @promise: (transfer full): a #LiveDom0Promise
 *
 * Fits #LiveDom0Done: answers a call whose handler returned %LIVE_DOM0_LATER.
 */
void live_dom0_request_complete (gpointer promise, const GError *error);

/* For handlers: sets @error and returns %LIVE_DOM0_FAILED. */
LiveDom0Outcome live_dom0_fail (GError **error, LiveDom0Error code, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* For handlers: reads a whole number as qubesd does. */
gboolean live_dom0_request_number (
    LiveDom0Request *request, const char *what, gboolean allow_negative, gint64 *number, GError **error);
/* For handlers: reads a boolean payload as qubesd does. */
gboolean live_dom0_request_boolean (LiveDom0Request *request, gboolean *value, GError **error);
