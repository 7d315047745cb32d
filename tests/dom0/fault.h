/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "store.h"

typedef enum
{
  LIVE_DOM0_FAULT_NONE,
  LIVE_DOM0_FAULT_EMPTY,
  LIVE_DOM0_FAULT_CUT,
  LIVE_DOM0_FAULT_ERROR,
  LIVE_DOM0_FAULT_HANG,
  LIVE_DOM0_FAULT_MUTE,
  LIVE_DOM0_FAULT_UNSAVED,
} LiveDom0FaultKind;

typedef struct
{
  LiveDom0FaultKind kind;
  /* Of a cut: how many bytes still arrive. */
  gsize bytes;
  /* Of an error. */
  char *type;
  char *message;
} LiveDom0Fault;

void live_dom0_fault_free (LiveDom0Fault *fault);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveDom0Fault, live_dom0_fault_free)

LiveDom0Faults *live_dom0_faults_new (void);
void live_dom0_faults_free (LiveDom0Faults *faults);

/**
 * live_dom0_fault_add:
 * @pattern: `*`, or METHOD, METHOD+ARGUMENT, either with @QUBE after it
 * @fault: (transfer full): what happens
 * @skip: how many matching requests are left alone first
 * @count: to how many of those after them
 */
void live_dom0_fault_add (LiveDom0 *dom0, const char *pattern, LiveDom0Fault *fault, guint skip, guint count);
/* Takes all faults and delays back; and nothing has met one any more. */
void live_dom0_faults_clear (LiveDom0 *dom0);

/**
 * live_dom0_fault_take:
 *
 * Returns: (transfer full) (nullable): the fault that this request meets
 */
LiveDom0Fault *live_dom0_fault_take (LiveDom0 *dom0, const char *method, const char *argument, const char *dest);

/* How many requests have met a fault. */
guint live_dom0_faults_get_met (LiveDom0 *dom0);

void live_dom0_delay_set (LiveDom0 *dom0, const char *pattern, guint milliseconds);
guint live_dom0_delay_get (LiveDom0 *dom0, const char *method, const char *argument, const char *dest);

void live_dom0_count_request (LiveDom0 *dom0, const char *method);
guint live_dom0_count_get (LiveDom0 *dom0, const char *method);
void live_dom0_counts_reset (LiveDom0 *dom0);

/**
 * live_dom0_counts_describe:
 *
 * Returns: (transfer full): `METHOD=N` for every method called so far, in alphabetical order
 */
char *live_dom0_counts_describe (LiveDom0 *dom0);
