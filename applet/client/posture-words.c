/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "client/posture-words.h"

#include "client/words.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  const char *code;
  const char *label; /* short, for what is not known */
  const char *good;
  const char *poor;
  const char *not_applicable; /* NULL: the general sentence */
  const char *why;
} Item;

#define BY_QUBES N_ ("The kernel of Qubes does this without being told (%s).")
#define BY_XEN N_ ("This is Xen's business in dom0; what Linux is told has no effect (%s).")

static const Item items[] = {
  { "init-on-alloc", N_ ("clearing memory that is given out"), N_ ("Linux clears memory when it is given out."),
    N_ ("Linux does not clear memory when it is given out."), BY_QUBES,
    N_ ("A program could otherwise find in new memory what another one left there.") },
  { "init-on-free", N_ ("clearing memory that is freed"), N_ ("Linux clears memory as soon as it is freed."),
    N_ ("Linux does not clear memory when it is freed."), BY_QUBES,
    N_ ("What was in memory otherwise stays there until something else needs the place, and can be found after a "
        "shutdown.") },
  { "slab-nomerge", N_ ("separate caches in the kernel"), N_ ("The kernel keeps its caches apart."),
    N_ ("The kernel may merge caches of different things."), BY_QUBES,
    N_ ("With merged caches a flaw in one part of the kernel reaches the data of another.") },
  { "kernel-stack-offset", N_ ("random kernel stacks"), N_ ("Each system call starts at a random place of its stack."),
    N_ ("System calls start at a place of the stack that can be foreseen."), BY_QUBES,
    N_ ("Attacks on the kernel often rely on where its stack is.") },
  { "vsyscall", N_ ("the old vsyscall page"), N_ ("The old vsyscall page is off."),
    N_ ("The old vsyscall page is not switched off."), BY_QUBES,
    N_ ("It is code at a fixed address, which attacks can use.") },
  { "page-alloc-shuffle", N_ ("random order of free memory"), N_ ("The kernel hands out pages in random order."),
    N_ ("The kernel hands out pages in an order that can be foreseen."), NULL,
    N_ ("It makes it harder to place things in memory on purpose, and costs next to nothing.") },
  { "efi-pstore", N_ ("crash messages in the EFI variables"),
    N_ ("The kernel writes no crash messages to EFI variables."),
    N_ ("The kernel writes its last messages to EFI variables when it crashes."),
    N_ ("There is no EFI firmware to write crash messages to."),
    N_ ("The firmware keeps them across restarts, outside of every disk and its encryption.") },
  { "erst", N_ ("crash messages in the firmware's error store"),
    N_ ("The kernel writes no crash messages to the firmware's error store."),
    N_ ("The kernel writes its last messages to the firmware's error store when it crashes."),
    N_ ("The firmware has no error store to write crash messages to."),
    N_ ("The firmware keeps them across restarts, outside of every disk and its encryption.") },
  { "debugfs", N_ ("debugfs"), N_ ("The kernel's debugging file system is off."),
    N_ ("The kernel's debugging file system is available."), NULL,
    N_ ("It shows and changes much of the kernel's inside; nothing in dom0 needs it.") },
  { "module-signatures", N_ ("signed kernel modules"), N_ ("The kernel loads signed modules only."),
    N_ ("The kernel also loads modules that nobody signed."), NULL,
    N_ ("A module can do everything. All modules in Qubes' packages are signed; those built on this machine are "
        "not.") },
  { "hibernation", N_ ("hibernation"), N_ ("Hibernation is not possible."), N_ ("Hibernation is not ruled out."),
    N_ ("This kernel cannot hibernate."), N_ ("Hibernating writes all memory to the disk.") },
  { "swap-units", N_ ("swap being switched on by systemd"), N_ ("systemd is told not to use any swap."),
    N_ ("systemd may switch on a swap that it finds."), N_ ("dom0 runs from its disk and may use its swap."),
    N_ ("dom0 runs from memory so that nothing reaches the disk, and swap is on the disk.") },
  { "linux-mitigations", N_ ("Linux' own mitigations"), "", "", BY_XEN,
    N_ ("The processors are Xen's: see spec-ctrl and smt.") },
  { "linux-iommu", N_ ("Linux' own IOMMU settings"), "", "", BY_XEN, N_ ("The IOMMU is Xen's: see iommu.") },
  { "lockdown", N_ ("lockdown"), "", "", N_ ("The kernel of Qubes has no lockdown; the argument has no effect (%s)."),
    N_ ("It would have to be among the security modules that the kernel starts with.") },
  { "scrub-domheap", N_ ("clearing the memory of domains that end"),
    N_ ("Xen clears the memory of every domain that ends."),
    N_ ("Xen is not told to clear the memory of domains that end."), NULL,
    N_ ("What a qube had in memory otherwise stays there until the memory is given to another one.") },
  { "bootscrub", N_ ("clearing memory at the start"), N_ ("Xen clears free memory when it starts."),
    N_ ("Xen does not clear free memory when it starts."), NULL,
    N_ ("What was in memory before a restart could otherwise reach a qube.") },
  { "smt", N_ ("hyper-threading"), N_ ("Xen does not use hyper-threading."), N_ ("Xen may use hyper-threading."), NULL,
    N_ ("Two threads of one core see traces of each other: one qube could spy on another.") },
  { "spec-ctrl", N_ ("protection from speculation attacks"),
    N_ ("Nothing on Xen's line weakens its protection from speculation attacks."),
    N_ ("Xen's line weakens its protection from speculation attacks."), NULL,
    N_ ("Flaws of processors let one qube read the memory of another; Xen guards against those that are known.") },
  { "iommu", N_ ("the IOMMU"), N_ ("Nothing on Xen's line weakens the IOMMU."), N_ ("Xen's line weakens the IOMMU."),
    NULL, N_ ("Without it a device that a qube was given can read and write all memory.") },
  { "misplaced-argument", N_ ("arguments on the wrong line"), "", "", NULL,
    N_ ("Whoever put it there relies on something that does not happen.") },
  { "sysrq", N_ ("the SysRq keys"), N_ ("The SysRq keys do nothing that matters."),
    N_ ("The SysRq keys can do more than to sync and restart."), NULL,
    N_ ("They work on a locked screen too: some of them end programs, also the one that locks the screen.") },
  { "kptr-restrict", N_ ("hidden kernel addresses"), N_ ("Addresses in the kernel are hidden from programs."),
    N_ ("Programs can read addresses in the kernel."), NULL,
    N_ ("Attacks on the kernel need to know where things are.") },
  { "dmesg-restrict", N_ ("who may read the kernel's messages"), N_ ("Only root may read the kernel's messages."),
    N_ ("Every program may read the kernel's messages."), NULL,
    N_ ("They hold addresses, device names and serial numbers.") },
  { "kexec-load", N_ ("loading another kernel"), N_ ("No other kernel can be loaded into the running one."),
    N_ ("Another kernel can be loaded into the running one."), N_ ("This kernel cannot load another one."),
    N_ ("It goes round all checks that were made at the start.") },
  { "ptrace-scope", N_ ("programs that watch other programs"), N_ ("A program can watch only what it started itself."),
    N_ ("A program can read the memory of the person's other programs."), NULL,
    N_ ("One program that was taken over could otherwise take passwords from the others.") },
  { "unprivileged-bpf", N_ ("BPF for everybody"), N_ ("Only root may load BPF programs."),
    N_ ("Every program may load BPF programs."), N_ ("This kernel has no BPF."),
    N_ ("BPF runs inside the kernel and has had many flaws.") },
  { "swap", N_ ("swap"), N_ ("No swap on a disk is in use."), N_ ("Swap on a disk is in use."), NULL,
    N_ ("Swap is memory written to the disk: what programs in dom0 show and hold ends up there.") },
  { "core-dumps", N_ ("core dumps"), N_ ("Memory of programs that crash is not kept."),
    N_ ("Memory of programs that crash is kept in files."), N_ ("This kernel makes no core dumps."),
    N_ ("It holds whatever the program held, also what was never meant to be saved.") },
  { "journal", N_ ("the journal"), N_ ("The journal is kept in memory."), N_ ("The journal is kept in files."), NULL,
    N_ ("It records which qubes ran and when.") },
  { "xen-console-logs", N_ ("logs of Xen's consoles"), N_ ("There are no logs of Xen's consoles."),
    N_ ("There are logs of Xen's consoles."), NULL, N_ ("They carry the names of qubes, and what these said.") },
  { "libvirt-logs", N_ ("logs of libvirt"), N_ ("There are no logs of libvirt about qubes."),
    N_ ("There are logs of libvirt about qubes."), NULL, N_ ("They carry the names of qubes and when they ran.") },
  { "qubes-logs", N_ ("logs of Qubes"), N_ ("There are no logs of Qubes."), N_ ("There are logs of Qubes."), NULL,
    N_ ("They carry the names of qubes and what was done with them.") },
  { "cpu-vulnerabilities", N_ ("what Linux says about the processor"), "", "",
    N_ ("What Linux says about flaws of the processor is about the virtual one that it sees (%s)."),
    N_ ("Xen has the real one: see spec-ctrl and smt.") },
};

static const struct
{
  const char *remedy;
  const char *words; /* with %s for what is expected */
} remedies[] = {
  { "add-linux-argument", N_ ("Add “%s” to GRUB_CMDLINE_LINUX in /etc/default/grub, run “grub2-mkconfig -o "
                              "/boot/grub2/grub.cfg” and restart. "
                              "Remove what says the opposite.") },
  { "add-xen-argument",
    N_ ("Add “%s” to GRUB_CMDLINE_XEN_DEFAULT in /etc/default/grub, run “grub2-mkconfig -o /boot/grub2/grub.cfg” and "
        "restart. Remove what says the opposite.") },
  { "remove-xen-argument",
    N_ ("Remove “%s” from GRUB_CMDLINE_XEN_DEFAULT in /etc/default/grub, run “grub2-mkconfig -o /boot/grub2/grub.cfg” "
        "and restart.") },
  { "move-to-xen-line",
    N_ ("Move “%s” to GRUB_CMDLINE_XEN_DEFAULT in /etc/default/grub, run “grub2-mkconfig -o /boot/grub2/grub.cfg” and "
        "restart.") },
  { "move-to-linux-line",
    N_ ("Move “%s” to GRUB_CMDLINE_LINUX in /etc/default/grub, run “grub2-mkconfig -o /boot/grub2/grub.cfg” and "
        "restart.") },
  { "set-sysctl", N_ ("Write “%s” to /etc/sysctl.d/99-qubes-live.conf and run “sysctl --system”.") },
  { "remove-swap", N_ ("Switch it off with “swapoff -a”, and for good by removing its line from /etc/fstab.") },
  { "set-journald-storage",
    N_ ("Write “[Journal]” and “Storage=%s” to /etc/systemd/journald.conf.d/qubes-live.conf and restart "
        "systemd-journald. What was written before stays until it is removed.") },
  { "set-coredump-storage",
    N_ ("Write “[Coredump]” and “Storage=%s” to /etc/systemd/coredump.conf.d/qubes-live.conf. What was written before "
        "stays until it is removed.") },
  { "remove-old-logs",
    N_ ("Remove those that you do not need. They are written anew, so this does not last; a dom0 that runs from memory "
        "writes them there.") },
};

static const struct
{
  const char *verdict;
  const char *heading; /* with %u */
} groups[LIVE_POSTURE_N_GROUPS] = {
  [LIVE_POSTURE_GROUP_BAD] = { "bad", N_ ("Bad (%u)") },
  [LIVE_POSTURE_GROUP_WEAK] = { "weak", N_ ("Weak (%u)") },
  [LIVE_POSTURE_GROUP_UNKNOWN] = { "unknown", N_ ("Not known (%u)") },
  [LIVE_POSTURE_GROUP_GOOD] = { "good", N_ ("Good (%u)") },
  [LIVE_POSTURE_GROUP_NOT_APPLICABLE] = { "not-applicable", N_ ("Not applicable (%u)") },
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

/* All sentences that take one text are in the tables above. (transfer full) */
static char *
fill_in (const char *words, const char *text)
{
  return g_strdup_printf (words, text);
}

char *
live_words_posture_group (LivePostureGroup group, guint count)
{
  g_return_val_if_fail ((int) group >= 0 && group < LIVE_POSTURE_N_GROUPS, NULL);
  return g_strdup_printf (_ (groups[group].heading), count);
}

#pragma GCC diagnostic pop

LivePostureGroup
live_posture_group_from_verdict (const char *verdict)
{
  for (guint i = 0; i < LIVE_POSTURE_N_GROUPS; i++)
    if (g_str_equal (groups[i].verdict, verdict))
      return (LivePostureGroup) i;
  return LIVE_POSTURE_GROUP_UNKNOWN;
}

const char *
live_posture_group_to_verdict (LivePostureGroup group)
{
  g_return_val_if_fail ((int) group >= 0 && group < LIVE_POSTURE_N_GROUPS, NULL);
  return groups[group].verdict;
}

/* (transfer full): clean, empty when it is missing. */
static char *
get_parameter (GVariant *parameters, const char *key)
{
  const char *value = NULL;

  if (!g_variant_lookup (parameters, key, "&s", &value))
    return g_strdup ("");
  return live_words_clean (value);
}

static const Item *
find_item (const char *code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (items); i++)
    if (g_str_equal (items[i].code, code))
      return &items[i];
  return NULL;
}

static char *
describe_misplaced (const char *remedy, const char *found)
{
  if (g_str_equal (remedy, "move-to-xen-line"))
    return g_strdup_printf (_ ("“%s” is Xen's, and stands on the line of Linux, where it does nothing."), found);
  return g_strdup_printf (_ ("“%s” is Linux', and stands on the line of Xen, where it does nothing."), found);
}

static char *
describe_unknown (const Item *item, GVariant *parameters)
{
  g_autofree char *source = get_parameter (parameters, "source");

  if (g_str_equal (source, "grub"))
    return g_strdup_printf (_ ("Set up so in GRUB's configuration, but not confirmed by Xen: %s."), _ (item->label));
  return g_strdup_printf (_ ("Not known: %s."), _ (item->label));
}

static char *
describe_not_applicable (const Item *item, const char *found)
{
  if (item->not_applicable == NULL)
    return g_strdup_printf (_ ("Nothing to judge on this machine: %s."), _ (item->label));
  return fill_in (_ (item->not_applicable), *found != '\0' ? found : _ ("nothing is set"));
}

char *
live_words_posture_text (const char *code, const char *verdict, const char *remedy, GVariant *parameters)
{
  const Item *item = find_item (code);
  LivePostureGroup group = live_posture_group_from_verdict (verdict);
  g_autofree char *found = get_parameter (parameters, "found");
  const char *sentence = NULL;

  if (item == NULL)
    return live_words_clean (code);
  if (g_str_equal (code, "misplaced-argument"))
    return describe_misplaced (remedy, found);
  if (group == LIVE_POSTURE_GROUP_NOT_APPLICABLE)
    return describe_not_applicable (item, found);
  if (group == LIVE_POSTURE_GROUP_UNKNOWN)
    return describe_unknown (item, parameters);
  sentence = group == LIVE_POSTURE_GROUP_GOOD ? item->good : item->poor;
  /* gettext's answer to an empty text is not one. */
  if (*sentence == '\0')
    sentence = item->label;
  if (*found == '\0')
    return g_strdup (_ (sentence));
  /* Translators: a sentence, then what was found, such as an argument or a value */
  return g_strdup_printf (_ ("%s Found: %s"), _ (sentence), found);
}

const char *
live_words_posture_why (const char *code)
{
  const Item *item = find_item (code);

  return item != NULL ? _ (item->why) : "";
}

char *
live_words_posture_remedy (const char *remedy, GVariant *parameters)
{
  g_autofree char *found = get_parameter (parameters, "found");
  g_autofree char *expected = get_parameter (parameters, "expected");
  gboolean is_about_found = g_str_has_prefix (remedy, "move-") || g_str_has_prefix (remedy, "remove-");

  for (gsize i = 0; i < G_N_ELEMENTS (remedies); i++)
    if (g_str_equal (remedies[i].remedy, remedy))
      return fill_in (_ (remedies[i].words), is_about_found ? found : expected);
  return live_words_clean (remedy);
}
