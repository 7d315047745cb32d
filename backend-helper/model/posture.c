/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/posture.h"

#include "model/posture-private.h"

#include <string.h>

/* Longer texts are cut: a finding is for people. */
#define LONGEST_FOUND 200

LivePostureFacts *
live_posture_facts_new (void)
{
  return g_new0 (LivePostureFacts, 1);
}

void
live_posture_facts_free (LivePostureFacts *facts)
{
  if (facts == NULL)
    return;
  for (guint i = 0; i < LIVE_POSTURE_N_TEXTS; i++)
    g_free (facts->texts[i]);
  g_strfreev (facts->plain_swaps);
  g_free (facts);
}

LivePostureAnswer
live_posture_is_live (const char *boot_mode)
{
  static const char *const live[] = { "overlay", "zram", "volatile", "dracut-live", NULL };

  if (g_strcmp0 (boot_mode, "persistent") == 0)
    return LIVE_POSTURE_NO;
  return boot_mode != NULL && g_strv_contains (live, boot_mode) ? LIVE_POSTURE_YES : LIVE_POSTURE_UNKNOWN;
}

/* Fit for the bus and for a line: valid UTF-8, short, no white space at the ends. */
static char *
clean (const char *text)
{
  g_autofree char *cut = g_strndup (text != NULL ? text : "", LONGEST_FOUND);

  return g_utf8_make_valid (g_strstrip (cut), -1);
}

void
live_posture_add (GVariantBuilder *findings,
                  const char *code,
                  LiveVerdict verdict,
                  const char *remedy,
                  const char *found,
                  const char *expected)
{
  g_autofree char *clean_found = clean (found);
  gboolean act = verdict == LIVE_VERDICT_WEAK || verdict == LIVE_VERDICT_BAD;

  live_finding_add (findings, code, verdict, act ? remedy : "", "found", clean_found, "expected", expected, NULL);
}

void
live_posture_add_by_xen_line (GVariantBuilder *findings,
                              const LivePostureFacts *facts,
                              const char *code,
                              LiveVerdict verdict,
                              const char *remedy,
                              const char *found,
                              const char *expected)
{
  static const char *const sources[] = {
    [LIVE_POSTURE_XEN_NOWHERE] = "",
    [LIVE_POSTURE_XEN_LOG] = "xen-log",
    [LIVE_POSTURE_XEN_GRUB] = "grub",
  };
  g_autofree char *clean_found = clean (found);

  /* What only GRUB's configuration says may never have reached Xen. */
  if (verdict == LIVE_VERDICT_GOOD && facts->xen_source != LIVE_POSTURE_XEN_LOG)
    verdict = LIVE_VERDICT_UNKNOWN;
  live_finding_add (findings, code, verdict, verdict == LIVE_VERDICT_WEAK || verdict == LIVE_VERDICT_BAD ? remedy : "",
                    "found", clean_found, "expected", expected, "source", sources[facts->xen_source], NULL);
}

/* ---- Settings of the running kernel. ---- */

static LiveVerdict
judge_sysrq (guint64 value)
{
  /* 1 is everything; 4 and 64 can kill the program that locks the screen. */
  if (value == 1 || (value & (4 | 64)) != 0)
    return LIVE_VERDICT_BAD;
  /* Left over: to sync, to remount read-only, to restart. */
  return (value & ~(guint64) (16 | 32 | 128)) == 0 ? LIVE_VERDICT_GOOD : LIVE_VERDICT_WEAK;
}

static LiveVerdict
judge_not_zero (guint64 value)
{
  return value != 0 ? LIVE_VERDICT_GOOD : LIVE_VERDICT_WEAK;
}

static const struct
{
  const char *code;
  LivePostureText text;
  LiveVerdict (*judge) (guint64 value);
  const char *expected;
} sysctls[] = {
  { "sysrq", LIVE_POSTURE_SYSRQ, judge_sysrq, "kernel.sysrq = 0" },
  { "kptr-restrict", LIVE_POSTURE_KPTR_RESTRICT, judge_not_zero, "kernel.kptr_restrict = 2" },
  { "dmesg-restrict", LIVE_POSTURE_DMESG_RESTRICT, judge_not_zero, "kernel.dmesg_restrict = 1" },
  { "kexec-load", LIVE_POSTURE_KEXEC_LOAD_DISABLED, judge_not_zero, "kernel.kexec_load_disabled = 1" },
  { "ptrace-scope", LIVE_POSTURE_PTRACE_SCOPE, judge_not_zero, "kernel.yama.ptrace_scope = 1" },
  { "unprivileged-bpf", LIVE_POSTURE_UNPRIVILEGED_BPF_DISABLED, judge_not_zero,
    "kernel.unprivileged_bpf_disabled = 1" },
};

static gboolean
is_absent (const char *text)
{
  return text != NULL && *text == '\0';
}

static void
judge_sysctls (const LivePostureFacts *facts, GVariantBuilder *findings)
{
  for (guint i = 0; i < G_N_ELEMENTS (sysctls); i++)
    {
      const char *text = facts->texts[sysctls[i].text];
      g_autofree char *stripped = g_strstrip (g_strdup (text != NULL ? text : ""));
      guint64 value = 0;
      LiveVerdict verdict = LIVE_VERDICT_UNKNOWN;

      if (g_ascii_string_to_unsigned (stripped, 10, 0, G_MAXUINT32, &value, NULL))
        verdict = sysctls[i].judge (value);
      else if (is_absent (text) && sysctls[i].text != LIVE_POSTURE_PTRACE_SCOPE)
        /* A kernel without the setting is one without the thing, except for Yama, which is the protection. */
        verdict = LIVE_VERDICT_NOT_APPLICABLE;
      else if (is_absent (text))
        verdict = LIVE_VERDICT_WEAK;
      live_posture_add (findings, sysctls[i].code, verdict, "set-sysctl", text, sysctls[i].expected);
    }
}

/* ---- What dom0 writes down. ---- */

/* The devices in /proc/swaps that are not memory; %NULL when the text is not one. */
static GPtrArray *
list_disk_swaps (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  GPtrArray *swaps = NULL;

  if (lines[0] == NULL || !g_str_has_prefix (lines[0], "Filename"))
    return NULL;
  swaps = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 1; lines[i] != NULL; i++)
    {
      gsize length = strcspn (lines[i], " \t");

      if (length > 0 && !g_str_has_prefix (lines[i], "/dev/zram"))
        g_ptr_array_add (swaps, g_strndup (lines[i], length));
    }
  g_ptr_array_add (swaps, NULL);
  return swaps;
}

static void
judge_swap (const LivePostureFacts *facts, GVariantBuilder *findings)
{
  g_autoptr (GPtrArray) swaps = list_disk_swaps (facts->texts[LIVE_POSTURE_SWAPS]);
  g_autofree char *found = swaps != NULL ? g_strjoinv (", ", (char **) swaps->pdata) : g_strdup ("");
  LiveVerdict verdict = LIVE_VERDICT_UNKNOWN;

  /* A kernel without swap has no such file. */
  if (is_absent (facts->texts[LIVE_POSTURE_SWAPS]) || (swaps != NULL && swaps->len == 1))
    verdict = LIVE_VERDICT_GOOD;
  else if (swaps != NULL)
    {
      gboolean all_plain = facts->plain_swaps != NULL;

      /* Plain dm-crypt may have a key that nobody keeps, or one in a file: its name does not tell. */
      for (guint i = 0; all_plain && i + 1 < swaps->len; i++)
        all_plain = g_strv_contains ((const char *const *) facts->plain_swaps, g_ptr_array_index (swaps, i));
      if (!all_plain)
        verdict = facts->live == LIVE_POSTURE_YES ? LIVE_VERDICT_BAD : LIVE_VERDICT_WEAK;
    }
  live_posture_add (findings, "swap", verdict, "remove-swap", found, "");
}

static void
judge_journal (const LivePostureFacts *facts, GVariantBuilder *findings)
{
  static const char *const memory[] = { "volatile", "none", NULL };
  const char *storage = facts->texts[LIVE_POSTURE_JOURNALD_STORAGE];
  LiveVerdict verdict = LIVE_VERDICT_UNKNOWN;

  if (storage != NULL && g_strv_contains (memory, storage))
    verdict = LIVE_VERDICT_GOOD;
  else if (g_strcmp0 (storage, "persistent") == 0)
    verdict = LIVE_VERDICT_WEAK;
  else if (is_absent (storage) || g_strcmp0 (storage, "auto") == 0)
    /* On the disk if, and only if, there is a place for it. */
    verdict = facts->journal_directory == LIVE_POSTURE_YES  ? LIVE_VERDICT_WEAK
              : facts->journal_directory == LIVE_POSTURE_NO ? LIVE_VERDICT_GOOD
                                                            : LIVE_VERDICT_UNKNOWN;
  live_posture_add (findings, "journal", verdict, "set-journald-storage", is_absent (storage) ? "auto" : storage,
                    "volatile");
}

static void
judge_core_dumps (const LivePostureFacts *facts, GVariantBuilder *findings)
{
  static const char *const nowhere[] = { "|/bin/false", "|/usr/bin/false", "|/bin/true", "|/usr/bin/true", NULL };
  const char *pattern = facts->texts[LIVE_POSTURE_CORE_PATTERN];
  const char *storage = facts->texts[LIVE_POSTURE_COREDUMP_STORAGE];
  g_autofree char *program = g_strdup (pattern != NULL ? pattern : "");
  const char *found = pattern, *remedy = "set-sysctl", *expected = "kernel.core_pattern = |/bin/false";
  LiveVerdict verdict = LIVE_VERDICT_UNKNOWN;

  program[strcspn (program, " \t\n")] = '\0';
  if (pattern == NULL)
    verdict = LIVE_VERDICT_UNKNOWN;
  else if (is_absent (pattern))
    verdict = LIVE_VERDICT_NOT_APPLICABLE;
  else if (g_strv_contains (nowhere, program))
    verdict = LIVE_VERDICT_GOOD;
  else if (program[0] == '|' && g_str_has_suffix (program, "/systemd-coredump"))
    {
      found = is_absent (storage) ? "external" : storage;
      remedy = "set-coredump-storage";
      expected = "none";
      if (storage != NULL)
        verdict = g_str_equal (storage, "none") ? LIVE_VERDICT_GOOD : LIVE_VERDICT_WEAK;
    }
  else if (program[0] != '|')
    verdict = LIVE_VERDICT_WEAK;
  live_posture_add (findings, "core-dumps", verdict, remedy, found, expected);
}

static void
judge_log (GVariantBuilder *findings, const char *code, LivePostureAnswer holds_something, const char *directory)
{
  LiveVerdict verdict = LIVE_VERDICT_UNKNOWN;

  if (holds_something != LIVE_POSTURE_UNKNOWN)
    verdict = holds_something == LIVE_POSTURE_YES ? LIVE_VERDICT_WEAK : LIVE_VERDICT_GOOD;
  live_posture_add (findings, code, verdict, "remove-old-logs",
                    holds_something == LIVE_POSTURE_YES ? directory : "", "");
}

GVariant *
live_posture_judge (const LivePostureFacts *facts)
{
  g_autoptr (GPtrArray) linux_line = live_arguments_parse_linux (facts->texts[LIVE_POSTURE_LINUX_LINE]);
  g_autoptr (GPtrArray) xen_line = live_arguments_parse_xen (facts->texts[LIVE_POSTURE_XEN_LINE]);
  GVariantBuilder findings;

  g_variant_builder_init (&findings, G_VARIANT_TYPE (LIVE_FINDINGS_TYPE));
  live_posture_judge_linux_line (facts, linux_line, &findings);
  live_posture_judge_xen_line (facts, xen_line, &findings);
  live_posture_find_misplaced (linux_line, xen_line, &findings);
  judge_sysctls (facts, &findings);
  judge_swap (facts, &findings);
  judge_core_dumps (facts, &findings);
  judge_journal (facts, &findings);
  judge_log (&findings, "xen-console-logs", facts->xen_logs, "/var/log/xen/console");
  judge_log (&findings, "libvirt-logs", facts->libvirt_logs, "/var/log/libvirt/libxl");
  judge_log (&findings, "qubes-logs", facts->qubes_logs, "/var/log/qubes");
  /* Linux in dom0 sees virtual processors: what it says about them is about these. */
  live_posture_add (&findings, "cpu-vulnerabilities", LIVE_VERDICT_NOT_APPLICABLE, "",
                    facts->texts[LIVE_POSTURE_VULNERABLE], "");
  return g_variant_ref_sink (g_variant_builder_end (&findings));
}
