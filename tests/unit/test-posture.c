/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* How a boot command line is read, and how each item of the posture is judged. */

#include <string.h>

#include "model/arguments.h"
#include "model/posture.h"

#define QUBES_KERNEL "6.12.25-1.qubes.fc41.x86_64\n"
#define FOREIGN_KERNEL "6.1.0-40-amd64\n"

/* One fact set: its text, and what everything else is. */
typedef struct
{
  LivePostureText text;
  const char *value;
} Text;

static void
set_text (LivePostureFacts *facts, LivePostureText text, const char *value)
{
  g_free (facts->texts[text]);
  facts->texts[text] = g_strdup (value);
}

/* A dom0 of which the lines and the kernel are known, and Xen said its line itself. */
static LivePostureFacts *
make_facts (const char *linux_line, const char *xen_line)
{
  LivePostureFacts *facts = live_posture_facts_new ();

  set_text (facts, LIVE_POSTURE_LINUX_LINE, linux_line);
  set_text (facts, LIVE_POSTURE_XEN_LINE, xen_line);
  set_text (facts, LIVE_POSTURE_KERNEL_RELEASE, FOREIGN_KERNEL);
  set_text (facts, LIVE_POSTURE_HYPERVISOR, "xen\n");
  facts->xen_source = LIVE_POSTURE_XEN_LOG;
  facts->live = LIVE_POSTURE_YES;
  return facts;
}

/* (transfer full): "VERDICT|REMEDY|FOUND" of the finding; "" when there is none. A second one fails the test. */
static char *
judge_one (const LivePostureFacts *facts, const char *wanted)
{
  g_autoptr (GVariant) posture = live_posture_judge (facts);
  GVariantIter iter;
  const char *code = NULL, *verdict = NULL, *remedy = NULL;
  GVariant *parameters = NULL;
  char *result = NULL;

  g_assert_true (g_variant_is_of_type (posture, G_VARIANT_TYPE (LIVE_FINDINGS_TYPE)));
  g_variant_iter_init (&iter, posture);
  while (g_variant_iter_loop (&iter, "(&s&s&s@a{sv})", &code, &verdict, &remedy, &parameters))
    {
      const char *found = NULL;

      g_assert_true (g_variant_lookup (parameters, "found", "&s", &found));
      g_assert_true (g_variant_lookup (parameters, "expected", "&s", NULL));
      if (!g_str_equal (code, wanted))
        continue;
      g_assert_null (result);
      result = g_strdup_printf ("%s|%s|%s", verdict, remedy, found);
    }
  return result != NULL ? result : g_strdup ("");
}

static void
assert_verdict (const LivePostureFacts *facts, const char *code, const char *expected, const char *what)
{
  g_autofree char *is = judge_one (facts, code);
  g_autofree char *verdict = g_strndup (is, strcspn (is, "|"));

  if (!g_str_equal (verdict, expected))
    g_error ("%s with “%s” is “%s”, not “%s”", code, what != NULL ? what : "(null)", is, expected);
}

/* ---- Arguments. ---- */

static char *
print_arguments (GPtrArray *arguments)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < arguments->len; i++)
    {
      const LiveArgument *argument = g_ptr_array_index (arguments, i);

      g_string_append_printf (text, "%s%s%s%s%s", i > 0 ? ";" : "", argument->negated ? "!" : "", argument->name,
                              argument->value != NULL ? "=" : "", argument->value != NULL ? argument->value : "");
    }
  return g_string_free (text, FALSE);
}

static void
test_linux_arguments (void)
{
  static const struct
  {
    const char *line;
    const char *expected;
  } rows[] = {
    { NULL, "" },
    { "", "" },
    { " \t\n", "" },
    { "ro quiet\n", "ro;quiet" },
    { "  a   b\tc\vd\fe\r\n", "a;b;c;d;e" },
    { "a\xa0"
      "b",
      "a;b" },
    { "a=1 b= c", "a=1;b=;c" },
    { "a=b=c", "a=b=c" },
    { "=a", "=a" },
    { "=a=b", "=a=b" },
    { "rd.luks-uuid=x-y", "rd.luks_uuid=x-y" },
    { "a=\"b c\" d", "a=b c;d" },
    { "\"a=b c\" d", "a=b c;d" },
    { "\"a b\" c", "a b;c" },
    { "a=\"b", "a=b" },
    { "a=\"b c", "a=b c" },
    { "a=b\"c d\"e f", "a=b\"c d\"e;f" },
    { "\"", "" },
    { "a -- b=1", "a" },
    { "a --b", "a;__b" },
    { "a -- ", "a" },
    { "a --=1 b", "a;__=1;b" },
    { "\"--\" b", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GPtrArray) arguments = live_arguments_parse_linux (rows[i].line);
      g_autofree char *is = print_arguments (arguments);

      g_assert_cmpstr (is, ==, rows[i].expected);
    }
}

static void
test_xen_arguments (void)
{
  static const struct
  {
    const char *line;
    const char *expected;
  } rows[] = {
    { NULL, "" },
    { "", "" },
    { "placeholder console=none dom0_mem=min:1024M\n", "placeholder;console=none;dom0_mem=min:1024M" },
    { "no-smt no-bootscrub=0", "!smt;!bootscrub=0" },
    { "smt=off -- smt=on", "smt=off" },
    { "scrub_domheap=1", "scrub_domheap=1" },
    { "a=\"b c\"", "a=\"b;c\"" },
    { "a\tb c", "a\tb;c" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GPtrArray) arguments = live_arguments_parse_xen (rows[i].line);
      g_autofree char *is = print_arguments (arguments);

      g_assert_cmpstr (is, ==, rows[i].expected);
    }
}

static void
test_find_last (void)
{
  g_autoptr (GPtrArray) arguments = live_arguments_parse_linux ("a=1 ab=2 a=3 b=4");

  g_assert_cmpstr (live_arguments_find_last (arguments, "a")->value, ==, "3");
  g_assert_null (live_arguments_find_last (arguments, "c"));
  g_assert_null (live_arguments_find_last (arguments, ""));
}

static void
test_switches (void)
{
  static const struct
  {
    const char *text;
    LiveSwitch of_linux, of_xen, of_systemd;
  } rows[] = {
    { NULL, LIVE_SWITCH_INVALID, LIVE_SWITCH_INVALID, LIVE_SWITCH_INVALID },
    { "", LIVE_SWITCH_INVALID, LIVE_SWITCH_INVALID, LIVE_SWITCH_INVALID },
    { "1", LIVE_SWITCH_ON, LIVE_SWITCH_ON, LIVE_SWITCH_ON },
    { "0", LIVE_SWITCH_OFF, LIVE_SWITCH_OFF, LIVE_SWITCH_OFF },
    { "on", LIVE_SWITCH_ON, LIVE_SWITCH_ON, LIVE_SWITCH_ON },
    { "off", LIVE_SWITCH_OFF, LIVE_SWITCH_OFF, LIVE_SWITCH_OFF },
    { "oof", LIVE_SWITCH_INVALID, LIVE_SWITCH_INVALID, LIVE_SWITCH_INVALID },
    { "o", LIVE_SWITCH_INVALID, LIVE_SWITCH_INVALID, LIVE_SWITCH_INVALID },
    { "Y\n", LIVE_SWITCH_ON, LIVE_SWITCH_INVALID, LIVE_SWITCH_INVALID },
    { "N\n", LIVE_SWITCH_OFF, LIVE_SWITCH_INVALID, LIVE_SWITCH_INVALID },
    { "YES", LIVE_SWITCH_ON, LIVE_SWITCH_INVALID, LIVE_SWITCH_ON },
    { "enable", LIVE_SWITCH_INVALID, LIVE_SWITCH_ON, LIVE_SWITCH_INVALID },
    { "disable", LIVE_SWITCH_INVALID, LIVE_SWITCH_OFF, LIVE_SWITCH_INVALID },
    { "2", LIVE_SWITCH_INVALID, LIVE_SWITCH_INVALID, LIVE_SWITCH_INVALID },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpint (live_switch_from_linux (rows[i].text), ==, rows[i].of_linux);
      g_assert_cmpint (live_switch_from_xen (rows[i].text), ==, rows[i].of_xen);
      g_assert_cmpint (live_switch_from_systemd (rows[i].text), ==, rows[i].of_systemd);
    }
}

/* ---- Items by a line. ---- */

typedef struct
{
  const char *code;
  const char *line;
  const char *verdict;
} LineRow;

static const LineRow linux_rows[] = {
  { "init-on-alloc", "init_on_alloc=1", "good" },
  { "init-on-alloc", "init-on-alloc=1", "good" },
  { "init-on-alloc", "init_on_alloc=on", "good" },
  { "init-on-alloc", "\"init_on_alloc=1\"", "good" },
  { "init-on-alloc", "init_on_alloc=\"1\"", "good" },
  { "init-on-alloc", "init_on_alloc=0", "bad" },
  { "init-on-alloc", "init_on_alloc=1 init_on_alloc=0", "bad" },
  { "init-on-alloc", "init_on_alloc=0 init_on_alloc=1", "good" },
  { "init-on-alloc", "init_on_alloc=1 init_on_alloc=maybe", "good" },
  { "init-on-alloc", "init_on_alloc", "weak" },
  { "init-on-alloc", "init_on_alloc=", "weak" },
  { "init-on-alloc", "init_on_allocx=1", "weak" },
  { "init-on-alloc", "xinit_on_alloc=1", "weak" },
  { "init-on-alloc", "x=\"a init_on_alloc=1\"", "weak" },
  { "init-on-alloc", "-- init_on_alloc=1", "weak" },
  { "init-on-alloc", "", "weak" },
  { "init-on-free", "init_on_free=1", "good" },
  { "init-on-free", "init_on_free=0", "bad" },
  { "init-on-free", "init_on_alloc=1", "weak" },
  { "slab-nomerge", "slab_nomerge", "good" },
  { "slab-nomerge", "slub_nomerge", "good" },
  { "slab-nomerge", "slab_nomerge slab_merge", "weak" },
  { "slab-nomerge", "slab_merge slab_nomerge", "good" },
  { "slab-nomerge", "slab_nomerges", "weak" },
  { "slab-nomerge", "", "weak" },
  { "kernel-stack-offset", "randomize_kstack_offset=on", "good" },
  { "kernel-stack-offset", "randomize_kstack_offset=off", "weak" },
  { "kernel-stack-offset", "", "weak" },
  { "vsyscall", "vsyscall=none", "good" },
  { "vsyscall", "vsyscall=nonex", "weak" },
  { "vsyscall", "vsyscall=none vsyscall=emulate", "weak" },
  { "vsyscall", "vsyscall=xonly", "weak" },
  { "vsyscall", "", "weak" },
  { "page-alloc-shuffle", "page_alloc.shuffle=1", "good" },
  { "page-alloc-shuffle", "page_alloc.shuffle", "good" },
  { "page-alloc-shuffle", "page-alloc.shuffle=Y", "good" },
  { "page-alloc-shuffle", "page_alloc.shuffle=0", "weak" },
  { "page-alloc-shuffle", "page_alloc_shuffle=1", "weak" },
  { "page-alloc-shuffle", "", "weak" },
  { "efi-pstore", "efi_pstore.pstore_disable=1", "good" },
  { "efi-pstore", "efi_pstore.pstore_disable=0", "weak" },
  { "efi-pstore", "", "weak" },
  { "erst", "erst_disable", "good" },
  { "erst", "erst_disabled", "weak" },
  { "erst", "", "weak" },
  { "debugfs", "debugfs=off", "good" },
  { "debugfs", "debugfs=no-mount", "good" },
  { "debugfs", "debugfs=off debugfs=on", "weak" },
  { "debugfs", "debugfs=offf", "weak" },
  { "debugfs", "", "weak" },
  { "module-signatures", "module.sig_enforce=1", "good" },
  { "module-signatures", "module.sig_enforce", "good" },
  { "module-signatures", "module.sig_enforce=1 module.sig_enforce=0", "good" },
  { "module-signatures", "module.sig_enforce=0", "weak" },
  { "module-signatures", "sig_enforce=1", "weak" },
  { "module-signatures", "", "weak" },
  { "hibernation", "nohibernate", "good" },
  { "hibernation", "hibernate=no", "good" },
  { "hibernation", "hibernate=noresume", "weak" },
  { "hibernation", "nohibernatex", "weak" },
  { "hibernation", "xnohibernate", "weak" },
  { "hibernation", "x=\"nohibernate\"", "weak" },
  { "hibernation", "", "weak" },
  { "swap-units", "systemd.swap=0", "good" },
  { "swap-units", "systemd.swap=No", "good" },
  { "swap-units", "systemd.swap", "weak" },
  { "swap-units", "systemd.swap=0 systemd.swap=1", "weak" },
  { "swap-units", "rd.systemd.swap=0", "weak" },
  { "swap-units", "", "weak" },
  { "linux-mitigations", "mitigations=off nosmt", "not-applicable" },
  { "linux-iommu", "intel_iommu=on", "not-applicable" },
  { "lockdown", "lockdown=confidentiality", "not-applicable" },
  /* The other line's do nothing here. */
  { "smt", "smt=off", "weak" },
  { "scrub-domheap", "scrub-domheap=1", "weak" },
  { "iommu", "iommu=off", "good" },
  { "spec-ctrl", "mitigations=off spec-ctrl=no", "good" },
};

static void
test_linux_line (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (linux_rows); i++)
    {
      g_autofree char *line = g_strdup_printf ("placeholder root=/dev/x ro %s quiet\n", linux_rows[i].line);
      g_autoptr (LivePostureFacts) facts = make_facts (line, "placeholder");

      assert_verdict (facts, linux_rows[i].code, linux_rows[i].verdict, linux_rows[i].line);
    }
}

static const LineRow xen_rows[] = {
  { "scrub-domheap", "scrub-domheap=1", "good" },
  { "scrub-domheap", "scrub-domheap", "good" },
  { "scrub-domheap", "scrub-domheap=0", "weak" },
  { "scrub-domheap", "scrub-domheap=1 scrub-domheap=off", "weak" },
  { "scrub-domheap", "scrub-domheap=off scrub-domheap=on", "good" },
  { "scrub-domheap", "scrub-domheap=1 scrub-domheap=maybe", "good" },
  { "scrub-domheap", "no-scrub-domheap", "weak" },
  { "scrub-domheap", "no-scrub-domheap=0", "good" },
  { "scrub-domheap", "scrub_domheap=1", "weak" },
  { "scrub-domheap", "scrub-domheapx=1", "weak" },
  { "scrub-domheap", "-- scrub-domheap=1", "weak" },
  { "scrub-domheap", "", "weak" },
  { "bootscrub", "", "good" },
  { "bootscrub", "bootscrub", "good" },
  { "bootscrub", "bootscrub=1", "good" },
  { "bootscrub", "bootscrub=idle", "good" },
  { "bootscrub", "bootscrub=0", "bad" },
  { "bootscrub", "no-bootscrub", "bad" },
  { "bootscrub", "bootscrub=0 bootscrub=idle", "good" },
  { "bootscrub", "bootscrub=idle bootscrub=false", "bad" },
  { "bootscrub", "bootscrubx=0", "good" },
  { "smt", "smt=off", "good" },
  { "smt", "smt=0", "good" },
  { "smt", "no-smt", "good" },
  { "smt", "smt=off smt=on", "bad" },
  { "smt", "smt", "bad" },
  { "smt", "smtx=off", "weak" },
  { "smt", "", "weak" },
  { "spec-ctrl", "", "good" },
  { "spec-ctrl", "spec-ctrl=gds-mit", "good" },
  { "spec-ctrl", "spec-ctrl=no", "bad" },
  { "spec-ctrl", "no-spec-ctrl", "bad" },
  { "spec-ctrl", "spec-ctrl=no-ibpb", "weak" },
  { "spec-ctrl", "spec-ctrl=ibrs,bti-thunk=jmp,l1d-flush=off", "weak" },
  { "spec-ctrl", "spec-ctrlx=no", "good" },
  { "iommu", "", "good" },
  { "iommu", "iommu=no-igfx", "good" },
  { "iommu", "iommu=force", "good" },
  { "iommu", "iommu=off", "bad" },
  { "iommu", "iommu=no-igfx,0", "bad" },
  { "iommu", "no-iommu", "bad" },
  { "iommu", "iommu=off iommu=on", "good" },
  { "iommu", "iommu=on iommu=off", "bad" },
  { "iommu", "iommu=no-intremap", "weak" },
  { "iommu", "iommu=intremap=off", "weak" },
  { "iommu", "iommu=dom0-passthrough", "weak" },
  { "iommu", "iommux=off", "good" },
  /* Linux' do nothing here. */
  { "init-on-free", "init_on_free=1", "weak" },
  { "hibernation", "nohibernate", "weak" },
};

static void
test_xen_line (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (xen_rows); i++)
    {
      g_autofree char *line = g_strdup_printf ("placeholder console=none %s ucode=scan", xen_rows[i].line);
      g_autoptr (LivePostureFacts) facts = make_facts ("placeholder", line);

      assert_verdict (facts, xen_rows[i].code, xen_rows[i].verdict, xen_rows[i].line);
    }
}

/* What only GRUB's configuration says is never good, and what nobody says is not known. */
static void
test_xen_source (void)
{
  static const char *const codes[] = { "scrub-domheap", "bootscrub", "smt", "spec-ctrl", "iommu" };
  static const char good[] = "scrub-domheap=1 smt=off";
  static const char bad[] = "no-scrub-domheap no-bootscrub smt spec-ctrl=no iommu=no";

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr (LivePostureFacts) facts = make_facts ("", good);
      const char *when_bad = i == 0 ? "weak" : "bad";

      assert_verdict (facts, codes[i], "good", good);
      facts->xen_source = LIVE_POSTURE_XEN_GRUB;
      assert_verdict (facts, codes[i], "unknown", good);
      set_text (facts, LIVE_POSTURE_XEN_LINE, bad);
      assert_verdict (facts, codes[i], when_bad, bad);
      facts->xen_source = LIVE_POSTURE_XEN_NOWHERE;
      assert_verdict (facts, codes[i], "unknown", bad);
      facts->xen_source = LIVE_POSTURE_XEN_LOG;
      set_text (facts, LIVE_POSTURE_XEN_LINE, NULL);
      assert_verdict (facts, codes[i], "unknown", NULL);
      /* No Xen at all, and one whose type is not known. */
      set_text (facts, LIVE_POSTURE_XEN_LINE, good);
      set_text (facts, LIVE_POSTURE_HYPERVISOR, "");
      assert_verdict (facts, codes[i], "not-applicable", "no hypervisor");
      set_text (facts, LIVE_POSTURE_HYPERVISOR, NULL);
      assert_verdict (facts, codes[i], "good", good);
    }
}

static void
test_misplaced (void)
{
  static const struct
  {
    const char *linux_line;
    const char *xen_line;
    const char *expected;
  } rows[] = {
    { "bootscrub=1", "", "weak|move-to-xen-line|bootscrub=1" },
    { "scrub-domheap=1", "", "weak|move-to-xen-line|scrub-domheap=1" },
    { "scrub_domheap=1", "", "weak|move-to-xen-line|scrub_domheap=1" },
    { "no-smt", "", "weak|move-to-xen-line|no-smt" },
    { "spec-ctrl=no", "", "weak|move-to-xen-line|spec-ctrl=no" },
    { "bootscrubx=1 nosmt", "", "" },
    { "iommu=off", "", "" },
    { "", "init_on_free=1", "weak|move-to-linux-line|init_on_free=1" },
    { "", "nohibernate", "weak|move-to-linux-line|nohibernate" },
    { "", "debugfs=off -- nohibernate", "weak|move-to-linux-line|debugfs=off" },
    { "init_on_free=1", "bootscrub=1", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (LivePostureFacts) facts = make_facts (rows[i].linux_line, rows[i].xen_line);
      g_autofree char *is = judge_one (facts, "misplaced-argument");

      g_assert_cmpstr (is, ==, rows[i].expected);
    }
}

/* ---- What depends on more than the line. ---- */

typedef struct
{
  const char *code;
  const char *line;
  Text texts[3];
  LivePostureAnswer live;
  LivePostureAnswer answer; /* whether there is EFI, an error store, a directory of journals */
  const char *verdict;
} FactRow;

static const FactRow fact_rows[] = {
  /* Qubes' kernel needs no argument, but obeys one. */
  { "init-on-free", "", { { LIVE_POSTURE_KERNEL_RELEASE, QUBES_KERNEL } }, 0, 0, "not-applicable" },
  { "init-on-free", "init_on_free=0", { { LIVE_POSTURE_KERNEL_RELEASE, QUBES_KERNEL } }, 0, 0, "bad" },
  { "vsyscall", "", { { LIVE_POSTURE_KERNEL_RELEASE, QUBES_KERNEL } }, 0, 0, "not-applicable" },
  { "slab-nomerge", "", { { LIVE_POSTURE_KERNEL_RELEASE, NULL } }, 0, 0, "unknown" },
  { "debugfs", "", { { LIVE_POSTURE_KERNEL_RELEASE, QUBES_KERNEL } }, 0, 0, "weak" },
  /* No line, nothing known. */
  { "init-on-free", NULL, { { LIVE_POSTURE_LINUX_LINE, NULL } }, 0, 0, "unknown" },
  { "debugfs", NULL, { { LIVE_POSTURE_LINUX_LINE, NULL } }, 0, 0, "unknown" },
  { "swap-units", NULL, { { LIVE_POSTURE_LINUX_LINE, NULL } }, LIVE_POSTURE_YES, 0, "unknown" },
  /* The running kernel knows better than its line. */
  { "page-alloc-shuffle", "", { { LIVE_POSTURE_PAGE_ALLOC_SHUFFLE, "Y\n" } }, 0, 0, "good" },
  { "page-alloc-shuffle", "page_alloc.shuffle=1", { { LIVE_POSTURE_PAGE_ALLOC_SHUFFLE, "N\n" } }, 0, 0, "weak" },
  { "module-signatures", "", { { LIVE_POSTURE_MODULE_SIG_ENFORCE, "Y\n" } }, 0, 0, "good" },
  { "module-signatures", "module.sig_enforce=1", { { LIVE_POSTURE_MODULE_SIG_ENFORCE, "N\n" } }, 0, 0, "weak" },
  { "efi-pstore", "", { { LIVE_POSTURE_PSTORE_DISABLE, "Y\n" } }, 0, 0, "good" },
  { "efi-pstore", "", { { LIVE_POSTURE_PSTORE_DISABLE, "N\n" } }, 0, LIVE_POSTURE_YES, "weak" },
  { "efi-pstore", "", { { 0 } }, 0, LIVE_POSTURE_NO, "not-applicable" },
  { "erst", "", { { 0 } }, 0, LIVE_POSTURE_NO, "not-applicable" },
  { "erst", "", { { 0 } }, 0, LIVE_POSTURE_YES, "weak" },
  { "hibernation", "", { { LIVE_POSTURE_HIBERNATION, "[disabled]\n" } }, 0, 0, "good" },
  { "hibernation", "nohibernate", { { LIVE_POSTURE_HIBERNATION, "[platform] shutdown\n" } }, 0, 0, "weak" },
  { "hibernation", "", { { LIVE_POSTURE_HIBERNATION, "" } }, 0, 0, "not-applicable" },
  { "hibernation", "", { { LIVE_POSTURE_HIBERNATION, "garbage" } }, 0, 0, "weak" },
  /* Only a dom0 in memory has to do without swap. */
  { "swap-units", "", { { 0 } }, LIVE_POSTURE_NO, 0, "not-applicable" },
  { "swap-units", "", { { 0 } }, LIVE_POSTURE_UNKNOWN, 0, "unknown" },
  { "swap-units", "systemd.swap=0", { { 0 } }, LIVE_POSTURE_NO, 0, "good" },
  /* Settings. */
  { "sysrq", "", { { LIVE_POSTURE_SYSRQ, "0\n" } }, 0, 0, "good" },
  { "sysrq", "", { { LIVE_POSTURE_SYSRQ, "16\n" } }, 0, 0, "good" },
  { "sysrq", "", { { LIVE_POSTURE_SYSRQ, "176\n" } }, 0, 0, "good" },
  { "sysrq", "", { { LIVE_POSTURE_SYSRQ, "1\n" } }, 0, 0, "bad" },
  { "sysrq", "", { { LIVE_POSTURE_SYSRQ, "438\n" } }, 0, 0, "bad" },
  { "sysrq", "", { { LIVE_POSTURE_SYSRQ, "64\n" } }, 0, 0, "bad" },
  { "sysrq", "", { { LIVE_POSTURE_SYSRQ, "24\n" } }, 0, 0, "weak" },
  { "sysrq", "", { { LIVE_POSTURE_SYSRQ, "-1\n" } }, 0, 0, "unknown" },
  { "sysrq", "", { { LIVE_POSTURE_SYSRQ, "0 0\n" } }, 0, 0, "unknown" },
  { "sysrq", "", { { LIVE_POSTURE_SYSRQ, "99999999999999999999\n" } }, 0, 0, "unknown" },
  { "sysrq", "", { { LIVE_POSTURE_SYSRQ, "" } }, 0, 0, "not-applicable" },
  { "sysrq", "", { { LIVE_POSTURE_SYSRQ, NULL } }, 0, 0, "unknown" },
  { "kptr-restrict", "", { { LIVE_POSTURE_KPTR_RESTRICT, "0\n" } }, 0, 0, "weak" },
  { "kptr-restrict", "", { { LIVE_POSTURE_KPTR_RESTRICT, "2\n" } }, 0, 0, "good" },
  { "kptr-restrict", "", { { LIVE_POSTURE_KPTR_RESTRICT, NULL } }, 0, 0, "unknown" },
  { "dmesg-restrict", "", { { LIVE_POSTURE_DMESG_RESTRICT, "1\n" } }, 0, 0, "good" },
  { "dmesg-restrict", "", { { LIVE_POSTURE_DMESG_RESTRICT, "0\n" } }, 0, 0, "weak" },
  { "kexec-load", "", { { LIVE_POSTURE_KEXEC_LOAD_DISABLED, "1\n" } }, 0, 0, "good" },
  { "kexec-load", "", { { LIVE_POSTURE_KEXEC_LOAD_DISABLED, "0\n" } }, 0, 0, "weak" },
  { "kexec-load", "", { { LIVE_POSTURE_KEXEC_LOAD_DISABLED, "" } }, 0, 0, "not-applicable" },
  { "ptrace-scope", "", { { LIVE_POSTURE_PTRACE_SCOPE, "1\n" } }, 0, 0, "good" },
  { "ptrace-scope", "", { { LIVE_POSTURE_PTRACE_SCOPE, "0\n" } }, 0, 0, "weak" },
  { "ptrace-scope", "", { { LIVE_POSTURE_PTRACE_SCOPE, "" } }, 0, 0, "weak" },
  { "ptrace-scope", "", { { LIVE_POSTURE_PTRACE_SCOPE, NULL } }, 0, 0, "unknown" },
  { "unprivileged-bpf", "", { { LIVE_POSTURE_UNPRIVILEGED_BPF_DISABLED, "2\n" } }, 0, 0, "good" },
  { "unprivileged-bpf", "", { { LIVE_POSTURE_UNPRIVILEGED_BPF_DISABLED, "0\n" } }, 0, 0, "weak" },
  /* Swap. */
  { "swap", "", { { LIVE_POSTURE_SWAPS, "Filename Type Size Used Priority\n" } }, LIVE_POSTURE_YES, 0, "good" },
  { "swap", "", { { LIVE_POSTURE_SWAPS, "" } }, LIVE_POSTURE_YES, 0, "good" },
  { "swap", "", { { LIVE_POSTURE_SWAPS, "Filename\n/dev/zram0 partition 1 0 100\n" } }, LIVE_POSTURE_YES, 0, "good" },
  { "swap", "", { { LIVE_POSTURE_SWAPS, "Filename\n/dev/dm-1 partition 1 0 -2\n" } }, LIVE_POSTURE_YES, 0, "bad" },
  { "swap", "", { { LIVE_POSTURE_SWAPS, "Filename\n/dev/dm-1 partition 1 0 -2\n" } }, LIVE_POSTURE_NO, 0, "weak" },
  { "swap", "", { { LIVE_POSTURE_SWAPS, "Filename\n/dev/dm-1 partition 1\n" } }, LIVE_POSTURE_UNKNOWN, 0, "weak" },
  { "swap", "", { { LIVE_POSTURE_SWAPS, "Filename\n/dev/zram0 p\n/swap file\n" } }, LIVE_POSTURE_YES, 0, "bad" },
  { "swap", "", { { LIVE_POSTURE_SWAPS, "garbage" } }, LIVE_POSTURE_YES, 0, "unknown" },
  { "swap", "", { { LIVE_POSTURE_SWAPS, NULL } }, LIVE_POSTURE_YES, 0, "unknown" },
  /* The journal. */
  { "journal", "", { { LIVE_POSTURE_JOURNALD_STORAGE, "volatile" } }, 0, LIVE_POSTURE_YES, "good" },
  { "journal", "", { { LIVE_POSTURE_JOURNALD_STORAGE, "none" } }, 0, LIVE_POSTURE_YES, "good" },
  { "journal", "", { { LIVE_POSTURE_JOURNALD_STORAGE, "persistent" } }, 0, LIVE_POSTURE_NO, "weak" },
  { "journal", "", { { LIVE_POSTURE_JOURNALD_STORAGE, "" } }, 0, LIVE_POSTURE_YES, "weak" },
  { "journal", "", { { LIVE_POSTURE_JOURNALD_STORAGE, "auto" } }, 0, LIVE_POSTURE_NO, "good" },
  { "journal", "", { { LIVE_POSTURE_JOURNALD_STORAGE, "" } }, 0, LIVE_POSTURE_UNKNOWN, "unknown" },
  { "journal", "", { { LIVE_POSTURE_JOURNALD_STORAGE, "garbage" } }, 0, LIVE_POSTURE_NO, "unknown" },
  { "journal", "", { { LIVE_POSTURE_JOURNALD_STORAGE, NULL } }, 0, LIVE_POSTURE_NO, "unknown" },
  /* Core dumps. */
  { "core-dumps", "", { { LIVE_POSTURE_CORE_PATTERN, "core\n" } }, 0, 0, "weak" },
  { "core-dumps", "", { { LIVE_POSTURE_CORE_PATTERN, "\n" } }, 0, 0, "weak" },
  { "core-dumps", "", { { LIVE_POSTURE_CORE_PATTERN, "" } }, 0, 0, "not-applicable" },
  { "core-dumps", "", { { LIVE_POSTURE_CORE_PATTERN, "|/bin/false\n" } }, 0, 0, "good" },
  { "core-dumps", "", { { LIVE_POSTURE_CORE_PATTERN, "|/bin/falsehood\n" } }, 0, 0, "unknown" },
  { "core-dumps",
    "",
    { { LIVE_POSTURE_CORE_PATTERN, "|/usr/lib/systemd/systemd-coredump %P\n" },
      { LIVE_POSTURE_COREDUMP_STORAGE, "none" } },
    0,
    0,
    "good" },
  { "core-dumps",
    "",
    { { LIVE_POSTURE_CORE_PATTERN, "|/usr/lib/systemd/systemd-coredump %P\n" }, { LIVE_POSTURE_COREDUMP_STORAGE, "" } },
    0,
    0,
    "weak" },
  { "core-dumps", "", { { LIVE_POSTURE_CORE_PATTERN, "|/usr/lib/systemd/systemd-coredump\n" } }, 0, 0, "unknown" },
  { "core-dumps", "", { { LIVE_POSTURE_CORE_PATTERN, NULL } }, 0, 0, "unknown" },
  /* Logs. */
  { "xen-console-logs", "", { { 0 } }, 0, LIVE_POSTURE_YES, "weak" },
  { "libvirt-logs", "", { { 0 } }, 0, LIVE_POSTURE_NO, "good" },
  { "qubes-logs", "", { { 0 } }, 0, LIVE_POSTURE_UNKNOWN, "unknown" },
  { "cpu-vulnerabilities", "", { { LIVE_POSTURE_VULNERABLE, "mds" } }, 0, 0, "not-applicable" },
};

static void
test_facts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (fact_rows); i++)
    {
      const FactRow *row = &fact_rows[i];
      g_autoptr (LivePostureFacts) facts = make_facts (row->line, "");

      for (guint j = 0; j < G_N_ELEMENTS (row->texts); j++)
        if (row->texts[j].value != NULL || row->texts[j].text != LIVE_POSTURE_LINUX_LINE)
          set_text (facts, row->texts[j].text, row->texts[j].value);
      facts->live = row->live;
      facts->efi = facts->erst = facts->journal_directory = row->answer;
      facts->xen_logs = facts->libvirt_logs = facts->qubes_logs = row->answer;
      assert_verdict (facts, row->code, row->verdict, row->texts[0].value);
    }
}

/* A remedy has to work for what was found. */
static void
test_core_dump_remedy (void)
{
  g_autoptr (LivePostureFacts) facts = make_facts ("", "");
  g_autofree char *of_file = NULL, *of_program = NULL;

  set_text (facts, LIVE_POSTURE_COREDUMP_STORAGE, "");
  set_text (facts, LIVE_POSTURE_CORE_PATTERN, "core\n");
  of_file = judge_one (facts, "core-dumps");
  g_assert_cmpstr (of_file, ==, "weak|set-sysctl|core");
  set_text (facts, LIVE_POSTURE_CORE_PATTERN, "|/usr/lib/systemd/systemd-coredump %P\n");
  of_program = judge_one (facts, "core-dumps");
  g_assert_cmpstr (of_program, ==, "weak|set-coredump-storage|external");
}

/* A name says that a swap is under plain dm-crypt: that is neither good nor bad. */
static void
test_plain_swap (void)
{
  static const char *const plain[] = { "/dev/dm-1", NULL };
  g_autoptr (LivePostureFacts) facts = make_facts ("", "");

  facts->plain_swaps = g_strdupv ((char **) plain);
  set_text (facts, LIVE_POSTURE_SWAPS, "Filename\n/dev/dm-1 partition 1 0 -2\n");
  assert_verdict (facts, "swap", "unknown", "/dev/dm-1");
  set_text (facts, LIVE_POSTURE_SWAPS, "Filename\n/dev/dm-1 partition 1 0 -2\n/dev/dm-10 partition 1 0 -3\n");
  assert_verdict (facts, "swap", "bad", "/dev/dm-1 and /dev/dm-10");
}

static void
test_live (void)
{
  g_assert_cmpint (live_posture_is_live ("persistent"), ==, LIVE_POSTURE_NO);
  g_assert_cmpint (live_posture_is_live ("overlay"), ==, LIVE_POSTURE_YES);
  g_assert_cmpint (live_posture_is_live ("zram"), ==, LIVE_POSTURE_YES);
  g_assert_cmpint (live_posture_is_live ("unknown"), ==, LIVE_POSTURE_UNKNOWN);
  g_assert_cmpint (live_posture_is_live (""), ==, LIVE_POSTURE_UNKNOWN);
  g_assert_cmpint (live_posture_is_live (NULL), ==, LIVE_POSTURE_UNKNOWN);
}

/* What nobody knows is not good, and nothing needs to be done about it. */
static void
test_nothing_known (void)
{
  g_autoptr (LivePostureFacts) facts = live_posture_facts_new ();
  g_autoptr (GVariant) posture = live_posture_judge (facts);
  GVariantIter iter;
  const char *code = NULL, *verdict = NULL, *remedy = NULL;
  guint count = 0;

  g_variant_iter_init (&iter, posture);
  while (g_variant_iter_next (&iter, "(&s&s&s@a{sv})", &code, &verdict, &remedy, NULL))
    {
      count++;
      g_assert_cmpstr (remedy, ==, "");
      if (!g_str_equal (verdict, "unknown"))
        g_assert_cmpstr (verdict, ==, "not-applicable");
    }
  g_assert_cmpuint (count, ==, 33);
}

/* ---- Ugly input. ---- */

static void
test_garbage (void)
{
  g_autofree char *noise = g_malloc (4097);
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (guint round = 0; round < 50; round++)
    {
      g_autoptr (LivePostureFacts) facts = make_facts ("", "");
      g_autoptr (GVariant) posture = NULL;

      for (guint i = 0; i < LIVE_POSTURE_N_TEXTS; i++)
        {
          for (guint j = 0; j < 4096; j++)
            noise[j] = (char) g_rand_int_range (random, 1, 256);
          noise[4096] = '\0';
          set_text (facts, (LivePostureText) i, noise);
        }
      posture = live_posture_judge (facts);
      g_assert_true (g_variant_is_normal_form (posture));
    }
}

static void
test_long_lines (void)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autoptr (LivePostureFacts) facts = NULL;
  g_autofree char *is = NULL;
  gint64 start = 0;

  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (line, "init_on_free=%u smt=%u filler%u=\"a b\" ", i % 2, i % 2, i);
  facts = make_facts (line->str, line->str);
  start = g_get_monotonic_time ();
  is = judge_one (facts, "init-on-free");
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_TIME_SPAN_SECOND);
  g_assert_cmpstr (is, ==, "good||init_on_free=1");
  assert_verdict (facts, "smt", "bad", "the last of 5,000");

  /* One argument of 4 KiB, cut for people in the middle of a character. */
  g_string_assign (line, "debugfs=a");
  for (guint i = 0; i < 2048; i++)
    g_string_append (line, "ä");
  set_text (facts, LIVE_POSTURE_LINUX_LINE, line->str);
  g_free (is);
  is = judge_one (facts, "debugfs");
  g_assert_true (g_str_has_prefix (is, "weak|add-linux-argument|debugfs=aä"));
  g_assert_true (g_utf8_validate (is, -1, NULL));
  g_assert_cmpuint (strlen (is), <, 300);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/posture/arguments/linux", test_linux_arguments);
  g_test_add_func ("/posture/arguments/xen", test_xen_arguments);
  g_test_add_func ("/posture/arguments/find-last", test_find_last);
  g_test_add_func ("/posture/arguments/switches", test_switches);
  g_test_add_func ("/posture/linux-line", test_linux_line);
  g_test_add_func ("/posture/xen-line", test_xen_line);
  g_test_add_func ("/posture/xen-source", test_xen_source);
  g_test_add_func ("/posture/misplaced", test_misplaced);
  g_test_add_func ("/posture/facts", test_facts);
  g_test_add_func ("/posture/core-dump-remedy", test_core_dump_remedy);
  g_test_add_func ("/posture/plain-swap", test_plain_swap);
  g_test_add_func ("/posture/live", test_live);
  g_test_add_func ("/posture/nothing-known", test_nothing_known);
  g_test_add_func ("/posture/garbage", test_garbage);
  g_test_add_func ("/posture/long-lines", test_long_lines);
  return g_test_run ();
}
