/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

#include "cli/print.h"
#include "client/client.h"

G_BEGIN_DECLS

/*
 * The JSON that scripts read. Codes are those of the bus (data/dbus/org.qubes.Live1.xml) and never translated;
 * `text` and `title` are for people, in their language.
 */

/**
 * live_document_from_client:
 * @client: the mirror of the helper, in any state
 * @synchronized: whether what it holds is known to be all there is
 *
 * Returns: (transfer full): an object with `indicator`, `reasons`, `dom0`, `qubes`, `pools` and `helper`
 */
JsonNode *live_document_from_client (LiveClient *client, gboolean synchronized);

/* (transfer full): the array that live_document_from_client() has as `pools`. */
JsonNode *live_document_from_pools (LiveClient *client);

/* (transfer full): one element of `qubes`, of `pools`. */
JsonNode *live_document_from_qube (LiveClientQube *qube);
JsonNode *live_document_from_pool (LiveClientPool *pool);

/* (transfer full): an array of objects `code`, `text` and `parameters`. @reasons is of type a(sa{sv}). */
JsonNode *live_document_from_reasons (GVariant *reasons);

/* (transfer full): an object with `items` and `counts` by verdict. @posture is of type a(sssa{sv}). */
JsonNode *live_document_from_posture (GVariant *posture);

/**
 * live_document_print:
 * @document: a document
 * @pretty: over several lines; %FALSE for one line
 * @out: where to
 */
void live_document_print (JsonNode *document, gboolean pretty, LivePrint *out);

G_END_DECLS
