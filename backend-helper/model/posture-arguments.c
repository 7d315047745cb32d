/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/posture-private.h"

#include <string.h>

/* ---- Linux' line. ---- */

/* Who says what holds without the argument. */
typedef enum
{
  WITHOUT_QUBES, /* Qubes builds its kernel so; another kernel needs the argument */
  WITHOUT_WEAK,
  WITHOUT_LIVE /* needed by a dom0 that runs from RAM, and by no other */
} Without;

/*
 * What one argument says: INVALID when it changes nothing, as a value that the kernel does not understand. Flags of
 * the kernel's oldest kind are found by it even with letters behind them (`nohibernatex`); nobody should rely on that,
 * and it counts for nothing here.
 */
typedef LiveSwitch (*Reader) (const LiveArgument *argument);

static LiveSwitch
read_value (const LiveArgument *argument)
{
  return live_switch_from_linux (argument->value);
}

/* A module's parameter of the kind that needs no value to be on. */
static LiveSwitch
read_parameter (const LiveArgument *argument)
{
  return argument->value == NULL ? LIVE_SWITCH_ON : live_switch_from_linux (argument->value);
}

/* It can be switched on, and never off again. */
static LiveSwitch
read_latch (const LiveArgument *argument)
{
  return read_parameter (argument) == LIVE_SWITCH_ON ? LIVE_SWITCH_ON : LIVE_SWITCH_INVALID;
}

static LiveSwitch
read_flag (const LiveArgument *argument)
{
  return LIVE_SWITCH_ON;
}

static LiveSwitch
read_opposite_flag (const LiveArgument *argument)
{
  return LIVE_SWITCH_OFF;
}

static LiveSwitch
read_vsyscall (const LiveArgument *argument)
{
  if (g_strcmp0 (argument->value, "none") == 0)
    return LIVE_SWITCH_ON;
  if (g_strcmp0 (argument->value, "emulate") == 0 || g_strcmp0 (argument->value, "xonly") == 0)
    return LIVE_SWITCH_OFF;
  return LIVE_SWITCH_INVALID;
}

static LiveSwitch
read_debugfs (const LiveArgument *argument)
{
  if (g_strcmp0 (argument->value, "off") == 0 || g_strcmp0 (argument->value, "no-mount") == 0)
    return LIVE_SWITCH_ON;
  return g_strcmp0 (argument->value, "on") == 0 ? LIVE_SWITCH_OFF : LIVE_SWITCH_INVALID;
}

static LiveSwitch
read_hibernate (const LiveArgument *argument)
{
  return g_strcmp0 (argument->value, "no") == 0 ? LIVE_SWITCH_ON : LIVE_SWITCH_INVALID;
}

/* systemd's, not the kernel's; without a value it is on. What is wanted is that it is off. */
static LiveSwitch
read_swap (const LiveArgument *argument)
{
  if (argument->value == NULL)
    return LIVE_SWITCH_OFF;
  switch (live_switch_from_systemd (argument->value))
    {
    case LIVE_SWITCH_ON:
      return LIVE_SWITCH_OFF;
    case LIVE_SWITCH_OFF:
      return LIVE_SWITCH_ON;
    case LIVE_SWITCH_INVALID:
    default:
      return LIVE_SWITCH_INVALID;
    }
}

typedef struct
{
  const char *name; /* with `_` for `-` */
  Reader read;
} Spelling;

typedef struct
{
  const char *code;
  const char *expected;
  Spelling spellings[4];
  Without without;
  LiveVerdict when_off;
} LinuxItem;

static const LinuxItem linux_items[] = {
  { "init-on-alloc", "init_on_alloc=1", { { "init_on_alloc", read_value } }, WITHOUT_QUBES, LIVE_VERDICT_BAD },
  { "init-on-free", "init_on_free=1", { { "init_on_free", read_value } }, WITHOUT_QUBES, LIVE_VERDICT_BAD },
  { "slab-nomerge",
    "slab_nomerge",
    { { "slab_nomerge", read_flag },
      { "slub_nomerge", read_flag },
      { "slab_merge", read_opposite_flag },
      { "slub_merge", read_opposite_flag } },
    WITHOUT_QUBES,
    LIVE_VERDICT_WEAK },
  { "kernel-stack-offset",
    "randomize_kstack_offset=on",
    { { "randomize_kstack_offset", read_value } },
    WITHOUT_QUBES,
    LIVE_VERDICT_WEAK },
  { "vsyscall", "vsyscall=none", { { "vsyscall", read_vsyscall } }, WITHOUT_QUBES, LIVE_VERDICT_WEAK },
  { "page-alloc-shuffle",
    "page_alloc.shuffle=1",
    { { "page_alloc.shuffle", read_parameter } },
    WITHOUT_WEAK,
    LIVE_VERDICT_WEAK },
  { "efi-pstore",
    "efi_pstore.pstore_disable=1",
    { { "efi_pstore.pstore_disable", read_parameter } },
    WITHOUT_WEAK,
    LIVE_VERDICT_WEAK },
  { "erst", "erst_disable", { { "erst_disable", read_flag } }, WITHOUT_WEAK, LIVE_VERDICT_WEAK },
  { "debugfs", "debugfs=off", { { "debugfs", read_debugfs } }, WITHOUT_WEAK, LIVE_VERDICT_WEAK },
  { "module-signatures",
    "module.sig_enforce=1",
    { { "module.sig_enforce", read_latch } },
    WITHOUT_WEAK,
    LIVE_VERDICT_WEAK },
  { "hibernation",
    "nohibernate",
    { { "nohibernate", read_flag }, { "hibernate", read_hibernate } },
    WITHOUT_WEAK,
    LIVE_VERDICT_WEAK },
  { "swap-units", "systemd.swap=0", { { "systemd.swap", read_swap } }, WITHOUT_LIVE, LIVE_VERDICT_WEAK },
};

static const Spelling *
find_spelling (const LinuxItem *item, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (item->spellings) && item->spellings[i].name != NULL; i++)
    if (g_str_equal (item->spellings[i].name, name))
      return &item->spellings[i];
  return NULL;
}

/* What the last argument that says anything says. @found stays as it is when none does. */
static LiveSwitch
read_line (const LinuxItem *item, GPtrArray *line, const char **found)
{
  LiveSwitch state = LIVE_SWITCH_INVALID;

  for (guint i = 0; i < line->len; i++)
    {
      const LiveArgument *argument = g_ptr_array_index (line, i);
      const Spelling *spelling = find_spelling (item, argument->name);
      LiveSwitch each = spelling != NULL ? spelling->read (argument) : LIVE_SWITCH_INVALID;

      if (spelling != NULL && (each != LIVE_SWITCH_INVALID || state == LIVE_SWITCH_INVALID))
        *found = argument->text;
      if (each != LIVE_SWITCH_INVALID)
        state = each;
    }
  return state;
}

static LiveVerdict
judge_without (const LivePostureFacts *facts, Without without)
{
  const char *release = facts->texts[LIVE_POSTURE_KERNEL_RELEASE];

  switch (without)
    {
    case WITHOUT_QUBES:
      if (release == NULL || *release == '\0')
        return LIVE_VERDICT_UNKNOWN;
      return strstr (release, ".qubes.") != NULL ? LIVE_VERDICT_NOT_APPLICABLE : LIVE_VERDICT_WEAK;
    case WITHOUT_LIVE:
      if (facts->live == LIVE_POSTURE_UNKNOWN)
        return LIVE_VERDICT_UNKNOWN;
      return facts->live == LIVE_POSTURE_YES ? LIVE_VERDICT_WEAK : LIVE_VERDICT_NOT_APPLICABLE;
    case WITHOUT_WEAK:
    default:
      return LIVE_VERDICT_WEAK;
    }
}

/* What the running kernel itself says, which counts more than what it was asked for. */
static LiveSwitch
read_running (const LivePostureFacts *facts, const LinuxItem *item)
{
  if (g_str_equal (item->code, "page-alloc-shuffle"))
    return live_switch_from_linux (facts->texts[LIVE_POSTURE_PAGE_ALLOC_SHUFFLE]);
  if (g_str_equal (item->code, "module-signatures"))
    return live_switch_from_linux (facts->texts[LIVE_POSTURE_MODULE_SIG_ENFORCE]);
  if (g_str_equal (item->code, "efi-pstore"))
    return live_switch_from_linux (facts->texts[LIVE_POSTURE_PSTORE_DISABLE]);
  if (g_str_equal (item->code, "hibernation") && facts->texts[LIVE_POSTURE_HIBERNATION] != NULL)
    {
      if (strstr (facts->texts[LIVE_POSTURE_HIBERNATION], "[disabled]") != NULL)
        return LIVE_SWITCH_ON;
      if (strchr (facts->texts[LIVE_POSTURE_HIBERNATION], '[') != NULL)
        return LIVE_SWITCH_OFF;
    }
  return LIVE_SWITCH_INVALID;
}

/* Whether the machine or the kernel lacks what the item is about. */
static gboolean
is_missing (const LivePostureFacts *facts, const LinuxItem *item)
{
  const char *hibernation = facts->texts[LIVE_POSTURE_HIBERNATION];

  if (g_str_equal (item->code, "efi-pstore"))
    return facts->efi == LIVE_POSTURE_NO;
  if (g_str_equal (item->code, "erst"))
    return facts->erst == LIVE_POSTURE_NO;
  return g_str_equal (item->code, "hibernation") && hibernation != NULL && *hibernation == '\0';
}

static void
judge_linux_item (const LivePostureFacts *facts, const LinuxItem *item, GPtrArray *line, GVariantBuilder *findings)
{
  const char *found = "";
  LiveSwitch state = read_line (item, line, &found);
  LiveSwitch running = read_running (facts, item);
  LiveVerdict verdict = LIVE_VERDICT_UNKNOWN;

  if (running != LIVE_SWITCH_INVALID)
    state = running;
  if (state == LIVE_SWITCH_ON)
    verdict = LIVE_VERDICT_GOOD;
  else if (is_missing (facts, item))
    verdict = LIVE_VERDICT_NOT_APPLICABLE;
  else if (state == LIVE_SWITCH_OFF)
    verdict = item->when_off;
  else if (facts->texts[LIVE_POSTURE_LINUX_LINE] != NULL)
    verdict = judge_without (facts, item->without);
  live_posture_add (findings, item->code, verdict, "add-linux-argument", found, item->expected);
}

/* The last argument of any of the names. */
static const char *
find_any (GPtrArray *line, const char *const *names)
{
  const char *found = "";

  for (guint i = 0; i < line->len; i++)
    {
      const LiveArgument *argument = g_ptr_array_index (line, i);

      if (g_strv_contains (names, argument->name))
        found = argument->text;
    }
  return found;
}

void
live_posture_judge_linux_line (const LivePostureFacts *facts, GPtrArray *linux_line, GVariantBuilder *findings)
{
  static const char *const processor[] = { "mitigations",
                                           "nosmt",
                                           "spectre_v2",
                                           "spec_store_bypass_disable",
                                           "l1tf",
                                           "mds",
                                           "tsx_async_abort",
                                           "retbleed",
                                           "srbds",
                                           "mmio_stale_data",
                                           "gather_data_sampling",
                                           "spec_rstack_overflow",
                                           "pti",
                                           "nopti",
                                           "nospectre_v1",
                                           "nospectre_v2",
                                           NULL };
  static const char *const iommu[] = { "intel_iommu", "amd_iommu", "iommu", "iommu.strict", "iommu.passthrough", NULL };
  static const char *const lockdown[] = { "lockdown", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (linux_items); i++)
    judge_linux_item (facts, &linux_items[i], linux_line, findings);

  /* No effect in dom0: the processors and the IOMMU are Xen's, and Qubes' kernel has no lockdown in its list of LSMs.
   */
  live_posture_add (findings, "linux-mitigations", LIVE_VERDICT_NOT_APPLICABLE, "", find_any (linux_line, processor),
                    "");
  live_posture_add (findings, "linux-iommu", LIVE_VERDICT_NOT_APPLICABLE, "", find_any (linux_line, iommu), "");
  live_posture_add (findings, "lockdown", LIVE_VERDICT_NOT_APPLICABLE, "", find_any (linux_line, lockdown), "");
}

/* ---- Xen's line. ---- */

static LiveSwitch
negate (LiveSwitch state)
{
  if (state == LIVE_SWITCH_INVALID)
    return state;
  return state == LIVE_SWITCH_ON ? LIVE_SWITCH_OFF : LIVE_SWITCH_ON;
}

/* A plain yes or no. */
static LiveSwitch
read_xen_boolean (const LiveArgument *argument)
{
  LiveSwitch state
      = argument->value == NULL || *argument->value == '\0' ? LIVE_SWITCH_ON : live_switch_from_xen (argument->value);

  return argument->negated ? negate (state) : state;
}

/* What an option with a reader of its own gets to read; %NULL for what Xen refuses. */
static const char *
get_xen_value (const LiveArgument *argument)
{
  if (!argument->negated)
    return argument->value != NULL ? argument->value : "";
  return argument->value == NULL || *argument->value == '\0' ? "no" : NULL;
}

static LiveSwitch
read_bootscrub (const LiveArgument *argument)
{
  const char *value = get_xen_value (argument);

  if (value != NULL && (*value == '\0' || g_str_equal (value, "idle")))
    return LIVE_SWITCH_ON;
  return live_switch_from_xen (value);
}

static LiveVerdict
judge_switch (LiveSwitch state, LiveVerdict on, LiveVerdict off, LiveVerdict without)
{
  if (state == LIVE_SWITCH_INVALID)
    return without;
  return state == LIVE_SWITCH_ON ? on : off;
}

/* The last argument of that name that Xen understands. */
static LiveSwitch
read_xen_line (GPtrArray *line, const char *name, LiveSwitch (*read) (const LiveArgument *argument), const char **found)
{
  LiveSwitch state = LIVE_SWITCH_INVALID;

  for (guint i = 0; i < line->len; i++)
    {
      const LiveArgument *argument = g_ptr_array_index (line, i);
      LiveSwitch each = LIVE_SWITCH_INVALID;

      if (!g_str_equal (argument->name, name))
        continue;
      each = read (argument);
      if (each != LIVE_SWITCH_INVALID || state == LIVE_SWITCH_INVALID)
        *found = argument->text;
      if (each != LIVE_SWITCH_INVALID)
        state = each;
    }
  return state;
}

static gboolean
is_switched_off (const char *part)
{
  const char *equals = strchr (part, '=');

  return g_str_has_prefix (part, "no-") || (equals != NULL && live_switch_from_xen (equals + 1) == LIVE_SWITCH_OFF);
}

/*
 * Options that are lists: a lone yes or no is about the whole thing, the other parts about parts of it. What is on by
 * itself is weakened by each part that switches something off (@harmless aside), and by parts that pass devices round
 * it.
 */
static LiveVerdict
judge_xen_list (
    GPtrArray *line, const char *name, const char *const *harmless, const char *const *harmful, const char **found)
{
  LiveSwitch whole = LIVE_SWITCH_ON;
  gboolean weakened = FALSE;

  for (guint i = 0; i < line->len; i++)
    {
      const LiveArgument *argument = g_ptr_array_index (line, i);
      const char *value = g_str_equal (argument->name, name) ? get_xen_value (argument) : NULL;
      g_auto (GStrv) parts = g_strsplit (value != NULL ? value : "", ",", -1);

      if (value != NULL)
        *found = argument->text;
      for (guint j = 0; parts[j] != NULL; j++)
        {
          LiveSwitch each = live_switch_from_xen (parts[j]);

          if (each != LIVE_SWITCH_INVALID)
            whole = each;
          else if (g_strv_contains (harmful, parts[j])
                   || (is_switched_off (parts[j]) && !g_strv_contains (harmless, parts[j])))
            weakened = TRUE;
        }
    }
  if (whole == LIVE_SWITCH_OFF)
    return LIVE_VERDICT_BAD;
  return weakened ? LIVE_VERDICT_WEAK : LIVE_VERDICT_GOOD;
}

void
live_posture_judge_xen_line (const LivePostureFacts *facts, GPtrArray *xen_line, GVariantBuilder *findings)
{
  /* Qubes leaves the graphics of Intel out of the IOMMU; sharing page tables is about speed. */
  static const char *const iommu_harmless[] = { "no-igfx",
                                                "igfx=0",
                                                "igfx=no",
                                                "igfx=off",
                                                "igfx=false",
                                                "igfx=disable",
                                                "no-sharept",
                                                "sharept=0",
                                                "sharept=no",
                                                "no-verbose",
                                                "no-debug",
                                                "verbose=0",
                                                "debug=0",
                                                "no-dom0-passthrough",
                                                "dom0-passthrough=0",
                                                "dom0-passthrough=no",
                                                "dom0-passthrough=off",
                                                "dom0-passthrough=false",
                                                "no-crash-disable",
                                                "crash-disable=0",
                                                "crash-disable=no",
                                                "no-quarantine-scratch-page",
                                                NULL };
  static const char *const iommu_harmful[] = { "dom0-passthrough",    "dom0-passthrough=1",    "dom0-passthrough=yes",
                                               "dom0-passthrough=on", "dom0-passthrough=true", NULL };
  static const char *const none[] = { NULL };
  static const struct
  {
    const char *code;
    const char *expected;
  } items[] = {
    { "scrub-domheap", "scrub-domheap=1" },
    { "bootscrub", "" },
    { "smt", "smt=off" },
    { "spec-ctrl", "" },
    { "iommu", "" },
  };
  const char *found[G_N_ELEMENTS (items)] = { "", "", "", "", "" };
  LiveVerdict verdicts[G_N_ELEMENTS (items)] = { LIVE_VERDICT_UNKNOWN };
  g_autofree char *hypervisor = g_strstrip (
      g_strdup (facts->texts[LIVE_POSTURE_HYPERVISOR] != NULL ? facts->texts[LIVE_POSTURE_HYPERVISOR] : ""));

  if (facts->texts[LIVE_POSTURE_HYPERVISOR] != NULL && !g_str_equal (hypervisor, "xen"))
    {
      for (guint i = 0; i < G_N_ELEMENTS (items); i++)
        verdicts[i] = LIVE_VERDICT_NOT_APPLICABLE;
    }
  else if (facts->texts[LIVE_POSTURE_XEN_LINE] != NULL && facts->xen_source != LIVE_POSTURE_XEN_NOWHERE)
    {
      verdicts[0] = judge_switch (read_xen_line (xen_line, "scrub-domheap", read_xen_boolean, &found[0]),
                                  LIVE_VERDICT_GOOD, LIVE_VERDICT_WEAK, LIVE_VERDICT_WEAK);
      /* By itself Xen scrubs all free memory while it starts dom0. */
      verdicts[1] = judge_switch (read_xen_line (xen_line, "bootscrub", read_bootscrub, &found[1]), LIVE_VERDICT_GOOD,
                                  LIVE_VERDICT_BAD, LIVE_VERDICT_GOOD);
      verdicts[2] = judge_switch (read_xen_line (xen_line, "smt", read_xen_boolean, &found[2]), LIVE_VERDICT_BAD,
                                  LIVE_VERDICT_GOOD, LIVE_VERDICT_WEAK);
      verdicts[3] = judge_xen_list (xen_line, "spec-ctrl", none, none, &found[3]);
      verdicts[4] = judge_xen_list (xen_line, "iommu", iommu_harmless, iommu_harmful, &found[4]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    live_posture_add_by_xen_line (findings, facts, items[i].code, verdicts[i],
                                  *items[i].expected != '\0' ? "add-xen-argument" : "remove-xen-argument", found[i],
                                  items[i].expected);
}

/* ---- On the wrong line. ---- */

void
live_posture_find_misplaced (GPtrArray *linux_line, GPtrArray *xen_line, GVariantBuilder *findings)
{
  /* Without those that both know: iommu. */
  static const char *const xens[] = { "bootscrub", "scrub-domheap", "smt", "spec-ctrl" };

  for (guint i = 0; i < G_N_ELEMENTS (xens); i++)
    {
      g_autofree char *name = g_strdelimit (g_strdup (xens[i]), "-", '_');
      g_autofree char *negated = g_strconcat ("no_", name, NULL);
      const LiveArgument *argument = live_arguments_find_last (linux_line, name);

      if (argument == NULL)
        argument = live_arguments_find_last (linux_line, negated);
      if (argument != NULL)
        live_posture_add (findings, "misplaced-argument", LIVE_VERDICT_WEAK, "move-to-xen-line", argument->text,
                          xens[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (linux_items); i++)
    {
      const LiveArgument *found = NULL;

      for (guint j = 0; j < xen_line->len; j++)
        {
          const LiveArgument *argument = g_ptr_array_index (xen_line, j);
          g_autofree char *name = g_strdelimit (g_strdup (argument->name), "-", '_');

          if (find_spelling (&linux_items[i], name) != NULL)
            found = argument;
        }
      if (found != NULL)
        live_posture_add (findings, "misplaced-argument", LIVE_VERDICT_WEAK, "move-to-linux-line", found->text,
                          linux_items[i].expected);
    }
}
