/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "client/leak-words.h"
#include "client/posture-words.h"
#include "client/words.h"
#include "model/error.h"
#include "model/leaks.h"
#include "model/reason.h"

#include <locale.h>
#include <string.h>

static GVariant *
parse (const char *type, const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (G_VARIANT_TYPE (type), text, NULL, NULL, &error);

  g_assert_no_error (error);
  return g_variant_ref_sink (value);
}

static void
test_indicator (void)
{
  static const struct
  {
    const char *indicator, *reasons, *expected;
  } cases[] = {
    { "live", "[]", "Live: dom0 runs from RAM" },
    { "live-leaky", "[]", "Live, but some things still reach the disk" },
    { "live-leaky", "[('leaks', {'count': <'1'>}), ('dom0-in-ram', {})]", "Live, but 1 thing still reaches the disk" },
    { "live-leaky", "[('leaks', {'count': <'2'>}), ('qube-keeps', {'qube': <'a'>})]",
      "Live, but 3 things still reach the disk" },
    { "live-leaky", "[('leaks', {'count': <'-2'>})]", "Live, but some things still reach the disk" },
    { "live-leaky", "[('qube-not-verified', {'qube': <'a'>})]",
      "dom0 runs from RAM, but not every running qube was verified" },
    { "alarm", "[('boot-contradicted', {'argument': <'rootovl'>}), ('qube-contradicted', {'qube': <'work'>})]",
      "Something is not as it claims: dom0 was started with rootovl, but it runs from a disk" },
    { "ephemeral", "[('dom0-on-disk', {})]", "dom0 is on disk; the running qubes leave nothing in it but metadata" },
    { "ephemeral", "[('no-qube-running', {}), ('dom0-on-disk', {})]", "dom0 is on disk; no qube is running" },
    { "persistent", "[('qube-keeps', {'qube': <'work'>})]", "Persistent: 1 running qube keeps what it writes" },
    { "persistent", "[('qube-keeps', {'qube': <'a'>}), ('x', {}), ('qube-keeps', {'qube': <'b'>})]",
      "Persistent: 2 running qubes keep what they write" },
    { "persistent", "[('qube-keeps', {'qube': <'a'>, 'class': <'AppVM'>})]",
      "Persistent: 1 running qube keeps what it writes" },
    /* A disposable keeps nothing. */
    { "persistent", "[('qube-keeps', {'qube': <'disp1'>, 'class': <'DispVM'>})]",
      "Persistent: 1 running qube writes to the disk" },
    { "persistent",
      "[('qube-keeps', {'qube': <'a'>, 'class': <'AppVM'>}), ('qube-keeps', {'qube': <'d'>, 'class': <'DispVM'>})]",
      "Persistent: 2 running qubes write to the disk" },
    { "persistent", "[]", "Persistent: running qubes keep what they write" },
    { "unknown", "[('qubesd-unreachable', {})]", "Not known: qubesd does not answer" },
    { "unknown", "[]", "Not known: no reason was given" },
    { "alarm", "[('dom0-on-disk', {}), ('qube-contradicted', {'qube': <'work'>})]",
      "Something is not as it claims: work can write where it is not supposed to: restart it" },
    { "alarm", "[]", "Something is not as it claims: no reason was given" },
    { "secure", "[]", "Not known: secure" },
    { "", "[]", "Not known: " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) reasons = parse ("a(sa{sv})", cases[i].reasons);
      g_autofree char *words = live_words_indicator (cases[i].indicator, reasons);

      g_assert_cmpstr (words, ==, cases[i].expected);
    }
}

static void
test_reasons (void)
{
  static const struct
  {
    const char *code, *parameters, *expected;
  } cases[] = {
    { LIVE_REASON_QUBESD_UNREACHABLE, "{}", "qubesd does not answer" },
    { LIVE_REASON_STARTING, "{}", "the first reading is not done yet" },
    { LIVE_REASON_BOOT_MODE_UNKNOWN, "{}", "it is not known what dom0 runs from" },
    { LIVE_REASON_DOM0_ON_DISK, "{}", "dom0 is on a disk: it records that a qube ran, whatever the qube keeps" },
    { LIVE_REASON_QUBE_KEEPS, "{'qube': <'work'>, 'persistence': <'persistent'>}", "work keeps what it writes" },
    { LIVE_REASON_QUBE_KEEPS, "{'qube': <'work'>, 'persistence': <'root-ephemeral'>}",
      "work keeps its files (its root is thrown away)" },
    { LIVE_REASON_QUBE_KEEPS, "{}", "a qube keeps what it writes" },
    { LIVE_REASON_QUBE_KEEPS, "{'qube': <'disp7'>, 'persistence': <'persistent'>, 'class': <'DispVM'>}",
      "disp7 writes to the disk until it ends" },
    { LIVE_REASON_QUBE_KEEPS, "{'qube': <'disp7'>, 'persistence': <'root-ephemeral'>, 'class': <'DispVM'>}",
      "disp7 writes its files to the disk until it ends" },
    { LIVE_REASON_QUBE_KEEPS, "{'qube': <'work'>, 'persistence': <'persistent'>, 'class': <'AppVM'>}",
      "work keeps what it writes" },
    { LIVE_REASON_BOOT_MODE_UNKNOWN, "{'why': <'no-root'>}",
      "it is not known what dom0 runs from: nothing is mounted at /" },
    { LIVE_REASON_BOOT_MODE_UNKNOWN, "{'why': <'weather'>}", "it is not known what dom0 runs from" },
    { LIVE_REASON_BOOT_CONTRADICTED, "{'argument': <'qubes.live=zram'>}",
      "dom0 was started with qubes.live=zram, but it runs from a disk" },
    { LIVE_REASON_BOOT_CONTRADICTED, "{}", "dom0 was started to run from RAM, but it runs from a disk" },
    { LIVE_REASON_DOM0_IN_RAM, "{'mode': <'overlay'>}", "dom0 runs from RAM" },
    { LIVE_REASON_LEAKS, "{'count': <'3'>}", "leaks of dom0 to the disk: 3" },
    { LIVE_REASON_LEAKS, "{}", "dom0 leaks to the disk" },
    { LIVE_REASON_QUBE_NOT_VERIFIED, "{'qube': <'w'>}", "what w leaves behind was not verified" },
    { LIVE_REASON_QUBE_CONTRADICTED, "{'qube': <uint32 7>}",
      "a qube can write where it is not supposed to: restart it" },
    { LIVE_REASON_QUBES_VERIFIED, "{'count': <uint32 1>}", "1 running qube was verified" },
    { LIVE_REASON_QUBES_VERIFIED, "{'count': <uint32 5>}", "5 running qubes were verified" },
    { LIVE_REASON_QUBES_VERIFIED, "{'count': <'5'>}", "running qubes were verified" },
    { LIVE_REASON_NO_QUBE_RUNNING, "{}", "no qube is running" },
    { LIVE_REASON_ROOT_WRITABLE, "{'pool': <'vm-pool'>}", "Its root volume is writable, in the pool vm-pool" },
    { LIVE_REASON_ROOT_WRITABLE, "{}", "Its root volume is writable" },
    { LIVE_REASON_ROOT_WRITABLE, "{'pool': <'%s%n'>}", "Its root volume is writable, in the pool %s%n" },
    { LIVE_REASON_PRIVATE_WRITABLE, "{'pool': <'p'>}", "Its private volume is writable, in the pool p" },
    { LIVE_REASON_VOLATILE_NOT_EPHEMERAL, "{'pool': <'p'>}",
      "Its volatile volume has no throw-away key, in the pool p" },
    { LIVE_REASON_DEVICE_ON_DISK, "{'volume': <'root'>}",
      "What it writes to its root volume reaches the disk, as seen in its devices" },
    { LIVE_REASON_DEVICE_ON_DISK, "{'volume': <'other'>}", "A device that was given to it writes to the disk" },
    { LIVE_REASON_DEVICE_ON_DISK, "{'volume': <'a\\nb%s'>}",
      "What it writes to its volume a\uFFFDb%s reaches the disk, as seen in its devices" },
    { LIVE_REASON_DEVICE_UNKNOWN, "{'volume': <'volatile'>}",
      "Where its volatile volume writes to cannot be told from its devices" },
    { LIVE_REASON_DEVICE_UNKNOWN, "{'volume': <'news'>}",
      "Where its volume news writes to cannot be told from its devices" },
    { LIVE_REASON_CONTRADICTED, "{'claimed': <'root-ephemeral'>, 'seen': <'persistent'>}",
      "It is set to throw its root away. Its devices show that what it writes reaches the disk." },
    { LIVE_REASON_CONTRADICTED, "{'claimed': <'ephemeral'>, 'seen': <'root-ephemeral'>}",
      "It is set to leave nothing. Its devices show that its files reach the disk." },
    { LIVE_REASON_CONTRADICTED, "{'claimed': <'ephemeral'>, 'seen': <'ghost'>}",
      "Its devices are not what is configured: it can write where it is not supposed to." },
    { LIVE_REASON_NOT_VERIFIED, "{}", "it runs, and its devices were not looked at" },
    { LIVE_REASON_UNREADABLE, "{'error': <'no\\nsuch'>}", "qubesd did not tell about its volumes: no\uFFFDsuch" },
    { LIVE_REASON_POLICY_INVALID, "{'value': <'<b>'>}",
      "Its feature live.policy is “<b>”, which is no policy: choose one here" },
    { LIVE_REASON_SAVED_INVALID, "{'value': <'x'>}",
      "Its feature live.saved is “x”, which cannot be read: remove the feature" },
    { LIVE_REASON_POLICY_UNSUPPORTED, "{'policy': <'root'>, 'why': <'template'>}",
      "The policy “root” cannot be applied: a template has to keep what is installed in it" },
    { LIVE_REASON_POLICY_UNSUPPORTED, "{'policy': <'root'>, 'why': <'weather'>}",
      "The policy “root” cannot be applied: weather" },
    { LIVE_REASON_APPLY_FAILED, "{'step': <'root-read-only'>, 'error': <'boom'>}",
      "Could not be set (root volume read-only): boom" },
    { LIVE_REASON_REPAIRED, "{'step': <'root-read-only'>}",
      "Was not as its policy wants, and was repaired: root volume read-only" },
    { "brand-new", "{}", "brand-new" },
    { "brand-new", "{'pool': <'x'>}", "brand-new {'pool': <'x'>}" },
    { "two\nlines", "{}", "two\uFFFDlines" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) parameters = parse ("a{sv}", cases[i].parameters);
      g_autofree char *words = live_words_reason (cases[i].code, parameters);

      g_assert_cmpstr (words, ==, cases[i].expected);
    }
}

/* Every code that the helper has, as its header lists them: each has a sentence of its own, whatever is missing. */
static void
test_every_reason (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "backend-helper", "model", "reason.h", NULL);
  g_autofree char *header = NULL;
  g_autoptr (GRegex) define = g_regex_new ("^#define LIVE_REASON_\\w+ \"([^\"]*)\"", G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GVariant) parameters = parse ("a{sv}", "{}");
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint count = 0;

  g_file_get_contents (path, &header, NULL, &error);
  g_assert_no_error (error);
  for (g_regex_match (define, header, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      g_autofree char *code = g_match_info_fetch (match, 1);
      g_autofree char *words = live_words_reason (code, parameters);

      g_test_message ("%s: %s", code, words);
      g_assert_cmpstr (words, !=, code);
      g_assert_nonnull (strchr (words, ' '));
      g_assert_null (strchr (words, '%'));
      g_assert_true (g_hash_table_add (seen, g_steal_pointer (&words)));
      count++;
    }
  /* None was overlooked by the expression: the header names each once. */
  for (const char *at = header; (at = strstr (at, "#define LIVE_REASON_")) != NULL; at++)
    g_assert_cmpuint (count--, >, 0);
  g_assert_cmpuint (count, ==, 0);
  g_assert_cmpuint (g_hash_table_size (seen), >, 20);
}

static void
test_leaves (void)
{
  static const struct
  {
    const char *persistence, *evidence, *expected;
  } cases[] = {
    { "persistent", "verified", "keeps files" },
    { "persistent", "unknown", "keeps files" },
    { "root-ephemeral", "verified", "keeps its files; root is thrown away, verified" },
    { "root-ephemeral", "configured", "keeps its files; root is set to be thrown away" },
    { "root-ephemeral", "unknown", "keeps its files; root is set to be thrown away, not verified" },
    { "ephemeral", "verified", "leaves nothing, verified" },
    { "ephemeral", "configured", "set to leave nothing (checked when it starts)" },
    { "ephemeral", "unknown", "set to leave nothing, not verified" },
    { "ephemeral", "never-heard", "set to leave nothing, not verified" },
    { "ephemeral", "contradicted", "not as it claims" },
    { "persistent", "contradicted", "not as it claims" },
    { "ram", "verified", "in RAM, verified" },
    { "unknown", "verified", "not known" },
    { "never-heard", "verified", "never-heard" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = live_words_leaves (cases[i].persistence, cases[i].evidence, "AppVM");

      g_assert_cmpstr (words, ==, cases[i].expected);
    }
}

/* Only "verified" may sound like a promise, whatever the code is combined with. */
static void
test_no_promise (void)
{
  static const char *const persistences[] = { "root-ephemeral", "ephemeral", "ram" };
  static const char *const evidences[] = { "configured", "unknown", "contradicted", "", "x" };

  for (gsize i = 0; i < G_N_ELEMENTS (persistences); i++)
    {
      for (gsize j = 0; j < G_N_ELEMENTS (evidences); j++)
        {
          g_autofree char *words = live_words_leaves (persistences[i], evidences[j], "DispVM");

          g_assert_false (g_str_has_suffix (words, ", verified"));
          g_assert_false (g_str_has_prefix (words, "leaves"));
          g_assert_null (strstr (words, "is thrown away"));
        }
    }
}

static void
test_codes (void)
{
  static const struct
  {
    char *(*words) (const char *);
    const char *code, *expected;
  } cases[] = {
    { live_words_state, "running", "Running" },
    { live_words_state, "transient", "Starting" },
    { live_words_state, "dying", "Shutting down" },
    { live_words_state, "unknown", "State not known" },
    { live_words_state, "levitating", "levitating" },
    { live_words_evidence, "verified", "verified from Xen" },
    { live_words_evidence, "unknown", "not verified" },
    { live_words_evidence, "rumour", "rumour" },
    { live_words_class, "TemplateVM", "Template" },
    { live_words_class, "", "Qube" },
    { live_words_class, "NewVM", "NewVM" },
    { live_words_label_group, "red", "Red qubes" },
    { live_words_label_group, "", "Qubes without a label" },
    { live_words_label_group, "pink", "Qubes labelled pink" },
    { live_words_step, "private-writable", "private volume writable" },
    { live_words_step, "dance", "dance" },
    { live_words_not_manageable, "AdminVM", "Nothing to set: dom0 has no volumes of this kind" },
    { live_words_not_manageable, "AppVM", "Nothing to set: it has no volumes of its own" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = cases[i].words (cases[i].code);

      g_assert_cmpstr (words, ==, cases[i].expected);
    }
}

static void
test_pending (void)
{
  const char *const nothing[] = { NULL };
  const char *const two[] = { "root-read-only", "volatile-ephemeral", NULL };
  g_autofree char *words = live_words_pending (two);
  g_autofree char *line = live_words_state_and_evidence ("running", "verified");

  g_assert_null (live_words_pending (nothing));
  g_assert_cmpstr (words, ==,
                   "Waits until it is shut down: root volume read-only, volatile volume under a throw-away key");
  g_assert_cmpstr (line, ==, "Running; verified from Xen");
}

static void
test_usage (void)
{
  static const struct
  {
    guint64 used, size;
    const char *expected;
  } cases[] = {
    { (guint64)40 << 30, (guint64)100 << 30, "40.0 GiB of 100.0 GiB used" },
    { 0, (guint64)1 << 20, "0 bytes of 1.0 MiB used" },
    { (guint64)1 << 20, 0, "1.0 MiB used, size not known" },
    { 0, 0, "size not known" },
    { G_MAXUINT64, G_MAXUINT64, "16.0 EiB of 16.0 EiB used" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = live_words_usage (cases[i].used, cases[i].size);
      g_auto (GStrv) parts = g_strsplit (words, "\302\240", -1);
      g_autofree char *plain = g_strjoinv (" ", parts); /* GLib writes a no-break space before the unit */

      g_assert_cmpstr (plain, ==, cases[i].expected);
    }
}

static void
test_clean (void)
{
  g_autofree char *control = live_words_clean ("a\tb\033[31m\r\n");
  g_autofree char *direction = live_words_clean ("a\u202Eb\u2028");
  g_autofree char *invalid = live_words_clean ("a\xff");
  g_autofree char *many = g_strnfill (5000, 'x');
  g_autofree char *shortened = live_words_clean (many);

  g_assert_cmpstr (control, ==, "a\uFFFDb\uFFFD[31m\uFFFD\uFFFD");
  g_assert_cmpstr (direction, ==, "a\uFFFDb\uFFFD");
  g_assert_cmpstr (invalid, ==, "a\uFFFD");
  g_assert_cmpint (g_utf8_strlen (shortened, -1), ==, 201);
  g_assert_true (g_str_has_suffix (shortened, "x…"));
}

static void
test_errors (void)
{
  for (int code = 0; code < LIVE_ERROR_N_CODES; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (LIVE_ERROR, code, "Technical <text>");
      g_autofree char *title = NULL;
      g_autofree char *body = NULL;
      g_autofree char *general = NULL;
      g_autofree char *second_body = NULL;

      live_words_error (error, "w%srk", &title, &body);
      g_assert_nonnull (strstr (title, "w%srk"));
      g_assert_cmpuint (strlen (body), >, 10);
      live_words_error (error, NULL, &general, &second_body);
      g_assert_null (strstr (general, "%s"));
      g_assert_null (strstr (general, "w%srk"));
      g_assert_cmpstr (body, ==, second_body);
      if (code == LIVE_ERROR_QUBESD_ERROR)
        g_assert_nonnull (strstr (body, "(Technical <text>)"));
      if (code == LIVE_ERROR_NOT_HALTED)
        g_assert_null (strstr (body, "Technical"));
    }
}

static void
test_other_errors (void)
{
  static const struct
  {
    const char *subject, *title;
    gboolean client;
  } cases[] = {
    { "work", "work: the helper of Qubes Live does not answer", TRUE },
    { NULL, "The helper of Qubes Live does not answer", TRUE },
    { "work", "work was not changed", FALSE },
    { "", "Nothing was changed", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (cases[i].client ? LIVE_CLIENT_ERROR : G_IO_ERROR, 0, "Why");
      g_autofree char *title = NULL;
      g_autofree char *body = NULL;

      live_words_error (error, cases[i].subject, &title, &body);
      g_assert_cmpstr (title, ==, cases[i].title);
      g_assert_true ((strstr (body, "(Why)") != NULL) == !cases[i].client);
    }
}

static void
test_leaks (void)
{
  static const struct
  {
    const char *code, *parameters, *expected;
  } cases[] = {
    { LIVE_LEAK_MOUNT_WRITABLE, "{'target': <'/boot'>, 'place': <'disk'>}",
      "/boot is on a disk and can be written to" },
    { LIVE_LEAK_MOUNT_WRITABLE, "{'target': <'/boot'>, 'place': <'unknown'>}",
      "/boot can be written to, and may be on a disk" },
    { LIVE_LEAK_MOUNT_WRITABLE, "{'target': <'/%s\\n%n'>, 'place': <'disk'>}",
      "/%s\357\277\275%n is on a disk and can be written to" },
    { LIVE_LEAK_MOUNT_WRITABLE, "{}", "? can be written to, and may be on a disk" },
    { LIVE_LEAK_FIRMWARE_WRITABLE, "{'target': <'/e'>}", "The variables of the firmware can be written to: /e" },
    { LIVE_LEAK_SWAP_ON_DISK, "{'device': <'/dev/dm-2'>, 'place': <'disk'>}",
      "Memory is swapped out to a disk: /dev/dm-2" },
    { LIVE_LEAK_JOURNAL_PERSISTENT, "{'target': <'/'>, 'place': <'disk'>}", "The journal is kept on a disk, below /" },
    { LIVE_LEAK_CORE_DUMPS_TO_DISK, "{'pattern': <'core'>, 'place': <'disk'>}",
      "The memory of programs that crash is written to a disk: core" },
    { LIVE_LEAK_HIBERNATION_POSSIBLE, "{'device': <'/dev/dm-2'>, 'place': <'disk'>}",
      "Hibernating would write all memory to /dev/dm-2" },
    { LIVE_LEAK_ZRAM_BACKING_DEVICE, "{'device': <'zram0'>, 'place': <'disk'>}",
      "The RAM disk zram0 also writes to a disk" },
    { LIVE_LEAK_NOT_READ, "{'what': <'swaps'>}", "The swaps of dom0 could not be read" },
    { LIVE_LEAK_NOT_READ, "{'what': <'news'>}", "Something of dom0 could not be read: news" },
    { "later-version", "{}", "later-version" },
  };
  static const char *const remedies[]
      = { LIVE_REMEDY_MOUNT_READ_ONLY, LIVE_REMEDY_SWAP_OFF,     LIVE_REMEDY_JOURNAL_VOLATILE,
          LIVE_REMEDY_CORE_DUMPS_OFF,  LIVE_REMEDY_NO_HIBERNATE, LIVE_REMEDY_ZRAM_WITHOUT_BACKING,
          LIVE_REMEDY_CHECK_HELPER };
  g_autofree char *odd = live_leak_words_remedy ("later-version");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) parameters = parse ("a{sv}", cases[i].parameters);
      g_autofree char *words = live_leak_words (cases[i].code, parameters);

      g_assert_cmpstr (words, ==, cases[i].expected);
    }
  /* A code is no sentence. */
  for (gsize i = 0; i < G_N_ELEMENTS (remedies); i++)
    {
      g_autofree char *words = live_leak_words_remedy (remedies[i]);

      g_assert_nonnull (strchr (words, ' '));
    }
  g_assert_null (live_leak_words_remedy (""));
  g_assert_cmpstr (odd, ==, "later-version");
}

/* Each code of the helper has its own sentences for every verdict, and each remedy says what to do. */
static void
test_posture (void)
{
  static const char *const codes[]
      = { "init-on-alloc", "init-on-free", "slab-nomerge", "kernel-stack-offset", "vsyscall", "page-alloc-shuffle",
          "efi-pstore", "erst", "debugfs", "module-signatures", "hibernation", "swap-units", "linux-mitigations",
          "linux-iommu", "lockdown", "scrub-domheap", "bootscrub", "smt", "spec-ctrl", "iommu", "misplaced-argument",
          "sysrq", "kptr-restrict", "dmesg-restrict", "kexec-load", "ptrace-scope", "unprivileged-bpf", "swap",
          "core-dumps", "journal", "xen-console-logs", "libvirt-logs", "qubes-logs", "cpu-vulnerabilities" };
  static const char *const verdicts[] = { "bad", "weak", "unknown", "good", "not-applicable", "awful" };
  static const char *const remedies[]
      = { "add-linux-argument", "add-xen-argument", "remove-xen-argument", "move-to-xen-line", "move-to-linux-line",
          "set-sysctl", "remove-swap", "set-journald-storage", "set-coredump-storage", "remove-old-logs" };
  g_autoptr (GVariant) parameters = g_variant_ref_sink (
      g_variant_new_parsed ("{'found': <'FOUND'>, 'expected': <'EXPECTED'>, 'source': <'xen-log'>}"));

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_assert_cmpstr (live_words_posture_why (codes[i]), !=, "");
      for (guint j = 0; j < G_N_ELEMENTS (verdicts); j++)
        {
          g_autofree char *text = live_words_posture_text (codes[i], verdicts[j], "move-to-xen-line", parameters);

          g_assert_cmpstr (text, !=, codes[i]);
          g_assert_cmpuint (strlen (text), >, 10);
          g_assert_null (strstr (text, "%"));
          g_assert_null (strstr (text, "Project-Id"));
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (remedies); i++)
    {
      g_autofree char *text = live_words_posture_remedy (remedies[i], parameters);

      g_assert_cmpstr (text, !=, remedies[i]);
      g_assert_true (g_str_has_suffix (text, "."));
    }
}

int
main (int argc, char **argv)
{
  /* The sentences are compared in the language of the source. */
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_unsetenv ("LANGUAGE");
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/words/indicator", test_indicator);
  g_test_add_func ("/words/reasons", test_reasons);
  g_test_add_func ("/words/every-reason", test_every_reason);
  g_test_add_func ("/words/leaves", test_leaves);
  g_test_add_func ("/words/no-promise", test_no_promise);
  g_test_add_func ("/words/codes", test_codes);
  g_test_add_func ("/words/pending", test_pending);
  g_test_add_func ("/words/usage", test_usage);
  g_test_add_func ("/words/clean", test_clean);
  g_test_add_func ("/words/errors", test_errors);
  g_test_add_func ("/words/posture", test_posture);
  g_test_add_func ("/words/other-errors", test_other_errors);
  g_test_add_func ("/words/leaks", test_leaks);
  return g_test_run ();
}
