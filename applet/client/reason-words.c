/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "client/words.h"

#include "model/reason.h"

#include <glib/gi18n-lib.h>

/* A code and its sentence, not yet translated. */
typedef struct
{
  const char *code;
  const char *words;
} Entry;

/* (nullable): the translated sentence. */
static const char *
look_up (const Entry *entries, gsize n_entries, const char *code)
{
  for (gsize i = 0; i < n_entries; i++)
    {
      if (g_str_equal (entries[i].code, code))
        return _ (entries[i].words);
    }
  return NULL;
}

/* (transfer full): the parameter as clean text; @fallback when it is missing. */
static char *
parameter (GVariant *parameters, const char *key, const char *fallback)
{
  const char *value = NULL;

  if (!g_variant_lookup (parameters, key, "&s", &value) || *value == '\0')
    return g_strdup (fallback);
  return live_words_clean (value);
}

/* (transfer full): @with for the parameter @key, @without when that is missing; both are translated. */
static char *
with_parameter (GVariant *parameters, const char *key, const char *with, const char *without)
{
  g_autofree char *value = parameter (parameters, key, "");

  if (*value == '\0')
    return g_strdup (without);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return g_strdup_printf (with, value);
#pragma GCC diagnostic pop
}

static char *
words_for_unknown (const char *code, GVariant *parameters)
{
  g_autofree char *name = live_words_clean (code);
  g_autofree char *text = NULL;
  g_autofree char *clean = NULL;

  if (g_variant_n_children (parameters) == 0)
    return g_steal_pointer (&name);
  text = g_variant_print (parameters, FALSE);
  clean = live_words_clean (text);
  return g_strdup_printf ("%s %s", name, clean);
}

/* Of the indicator. */

static char *
words_for_keeps (GVariant *parameters)
{
  g_autofree char *qube = parameter (parameters, "qube", _ ("a qube"));
  g_autofree char *persistence = parameter (parameters, "persistence", "");
  g_autofree char *class = parameter (parameters, "class", "");
  const gboolean only_files = g_str_equal (persistence, "root-ephemeral");

  if (g_str_equal (class, "DispVM"))
    return only_files ? g_strdup_printf (_ ("%s writes its files to the disk until it ends"), qube)
                      : g_strdup_printf (_ ("%s writes to the disk until it ends"), qube);
  if (only_files)
    return g_strdup_printf (_ ("%s keeps its files (its root is thrown away)"), qube);
  return g_strdup_printf (_ ("%s keeps what it writes"), qube);
}

static char *
words_for_boot_unknown (GVariant *parameters)
{
  static const Entry whys[] = {
    { "mounts-unreadable", N_ ("it is not known what dom0 runs from: its mounts could not be read") },
    { "no-root", N_ ("it is not known what dom0 runs from: nothing is mounted at /") },
    { "upper-unknown", N_ ("it is not known what dom0 runs from: where its overlay writes to cannot be told") },
    { "device-unknown", N_ ("it is not known what dom0 runs from: the device below / cannot be told") },
  };
  g_autofree char *code = parameter (parameters, "why", "");
  const char *words = look_up (whys, G_N_ELEMENTS (whys), code);

  return g_strdup (words != NULL ? words : _ ("it is not known what dom0 runs from"));
}

static char *
words_for_verified (GVariant *parameters)
{
  guint32 count = 0;

  if (!g_variant_lookup (parameters, "count", "u", &count))
    return g_strdup (_ ("running qubes were verified"));
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u running qube was verified", "%u running qubes were verified", count), count);
}

/* (transfer full) (nullable): %NULL for other codes */
static char *
words_of_indicator (const char *code, GVariant *parameters)
{
  static const Entry plain[] = {
    { LIVE_REASON_QUBESD_UNREACHABLE, N_ ("qubesd does not answer") },
    { LIVE_REASON_STARTING, N_ ("the first reading is not done yet") },
    { LIVE_REASON_DOM0_ON_DISK, N_ ("dom0 is on a disk: it records that a qube ran, whatever the qube keeps") },
    { LIVE_REASON_DOM0_IN_RAM, N_ ("dom0 runs from RAM") },
    { LIVE_REASON_NO_QUBE_RUNNING, N_ ("no qube is running") },
  };
  const char *words = look_up (plain, G_N_ELEMENTS (plain), code);

  if (words != NULL)
    return g_strdup (words);
  if (g_str_equal (code, LIVE_REASON_BOOT_MODE_UNKNOWN))
    return words_for_boot_unknown (parameters);
  if (g_str_equal (code, LIVE_REASON_BOOT_CONTRADICTED))
    return with_parameter (parameters, "argument", _ ("dom0 was started with %s, but it runs from a disk"),
                           _ ("dom0 was started to run from RAM, but it runs from a disk"));
  if (g_str_equal (code, LIVE_REASON_LEAKS))
    return with_parameter (parameters, "count", _ ("leaks of dom0 to the disk: %s"), _ ("dom0 leaks to the disk"));
  if (g_str_equal (code, LIVE_REASON_QUBE_KEEPS))
    return words_for_keeps (parameters);
  if (g_str_equal (code, LIVE_REASON_QUBE_NOT_VERIFIED))
    return with_parameter (parameters, "qube", _ ("what %s leaves behind was not verified"),
                           _ ("what a qube leaves behind was not verified"));
  if (g_str_equal (code, LIVE_REASON_QUBE_CONTRADICTED))
    return with_parameter (parameters, "qube", _ ("%s can write where it is not supposed to: restart it"),
                           _ ("a qube can write where it is not supposed to: restart it"));
  if (g_str_equal (code, LIVE_REASON_QUBES_VERIFIED))
    return words_for_verified (parameters);
  return NULL;
}

/* Of a qube. */

static char *
words_for_device (const char *code, GVariant *parameters)
{
  static const Entry on_disk[] = {
    { "root", N_ ("What it writes to its root volume reaches the disk, as seen in its devices") },
    { "private", N_ ("What it writes to its private volume reaches the disk, as seen in its devices") },
    { "volatile", N_ ("What it writes to its volatile volume reaches the disk, as seen in its devices") },
    { "other", N_ ("A device that was given to it writes to the disk") },
  };
  static const Entry not_known[] = {
    { "root", N_ ("Where its root volume writes to cannot be told from its devices") },
    { "private", N_ ("Where its private volume writes to cannot be told from its devices") },
    { "volatile", N_ ("Where its volatile volume writes to cannot be told from its devices") },
    { "other", N_ ("Where a device that was given to it writes to cannot be told") },
  };
  const gboolean seen = g_str_equal (code, LIVE_REASON_DEVICE_ON_DISK);
  g_autofree char *volume = parameter (parameters, "volume", "other");
  const char *words = look_up (seen ? on_disk : not_known, G_N_ELEMENTS (on_disk), volume);

  if (words != NULL)
    return g_strdup (words);
  return seen ? g_strdup_printf (_ ("What it writes to its volume %s reaches the disk, as seen in its devices"), volume)
              : g_strdup_printf (_ ("Where its volume %s writes to cannot be told from its devices"), volume);
}

/* What is claimed and what is seen, each a sentence of its own: a translator cannot build one from two halves. */
static char *
words_for_contradicted (GVariant *parameters)
{
  static const Entry claims[] = {
    { "root-ephemeral", N_ ("It is set to throw its root away.") },
    { "ephemeral", N_ ("It is set to leave nothing.") },
    { "ram", N_ ("It is set to stay in RAM.") },
  };
  static const Entry sights[] = {
    { "persistent", N_ ("Its devices show that what it writes reaches the disk.") },
    { "root-ephemeral", N_ ("Its devices show that its files reach the disk.") },
  };
  g_autofree char *claimed = parameter (parameters, "claimed", "");
  g_autofree char *seen = parameter (parameters, "seen", "");
  const char *claim = look_up (claims, G_N_ELEMENTS (claims), claimed);
  const char *sight = look_up (sights, G_N_ELEMENTS (sights), seen);

  if (claim == NULL || sight == NULL)
    return g_strdup (_ ("Its devices are not what is configured: it can write where it is not supposed to."));
  /* Translators: two whole sentences: what is configured, what was seen */
  return g_strdup_printf (C_ ("two sentences", "%s %s"), claim, sight);
}

static char *
words_for_unsupported (GVariant *parameters)
{
  static const Entry whys[] = {
    { "template", N_ ("a template has to keep what is installed in it") },
    { "no-volumes", N_ ("it has no volumes of its own") },
    { "volatile-read-only", N_ ("its volatile volume is read-only") },
    { "thin-pool", N_ ("this version of Qubes cannot keep a volume in an LVM thin pool read-only") },
  };
  g_autofree char *policy = parameter (parameters, "policy", "?");
  g_autofree char *code = parameter (parameters, "why", _ ("no reason was given"));
  const char *why = look_up (whys, G_N_ELEMENTS (whys), code);

  return g_strdup_printf (_ ("The policy “%s” cannot be applied: %s"), policy, why != NULL ? why : code);
}

static char *
words_for_step (GVariant *parameters, gboolean failed)
{
  g_autofree char *code = parameter (parameters, "step", "?");
  g_autofree char *step = live_words_step (code);
  g_autofree char *error = parameter (parameters, "error", _ ("no reason was given"));

  if (failed)
    return g_strdup_printf (_ ("Could not be set (%s): %s"), step, error);
  return g_strdup_printf (_ ("Was not as its policy wants, and was repaired: %s"), step);
}

/* What stands in its features and cannot be understood; %NULL for other codes. */
static char *
words_for_feature (const char *code, GVariant *parameters)
{
  g_autofree char *value = parameter (parameters, "value", "");

  if (g_str_equal (code, LIVE_REASON_POLICY_INVALID))
    return g_strdup_printf (_ ("Its feature live.policy is “%s”, which is no policy: choose one here"), value);
  if (g_str_equal (code, LIVE_REASON_SAVED_INVALID))
    return g_strdup_printf (_ ("Its feature live.saved is “%s”, which cannot be read: remove the feature"), value);
  return NULL;
}

static char *
words_of_qube (const char *code, GVariant *parameters)
{
  if (g_str_equal (code, LIVE_REASON_ROOT_WRITABLE))
    return with_parameter (parameters, "pool", _ ("Its root volume is writable, in the pool %s"),
                           _ ("Its root volume is writable"));
  if (g_str_equal (code, LIVE_REASON_PRIVATE_WRITABLE))
    return with_parameter (parameters, "pool", _ ("Its private volume is writable, in the pool %s"),
                           _ ("Its private volume is writable"));
  if (g_str_equal (code, LIVE_REASON_VOLATILE_NOT_EPHEMERAL))
    return with_parameter (parameters, "pool", _ ("Its volatile volume has no throw-away key, in the pool %s"),
                           _ ("Its volatile volume has no throw-away key"));
  if (g_str_equal (code, LIVE_REASON_DEVICE_ON_DISK) || g_str_equal (code, LIVE_REASON_DEVICE_UNKNOWN))
    return words_for_device (code, parameters);
  if (g_str_equal (code, LIVE_REASON_CONTRADICTED))
    return words_for_contradicted (parameters);
  if (g_str_equal (code, LIVE_REASON_NOT_VERIFIED))
    return g_strdup (_ ("it runs, and its devices were not looked at"));
  if (g_str_equal (code, LIVE_REASON_UNREADABLE))
    return with_parameter (parameters, "error", _ ("qubesd did not tell about its volumes: %s"),
                           _ ("qubesd did not tell about its volumes"));
  if (g_str_equal (code, LIVE_REASON_POLICY_UNSUPPORTED))
    return words_for_unsupported (parameters);
  if (g_str_equal (code, LIVE_REASON_APPLY_FAILED))
    return words_for_step (parameters, TRUE);
  if (g_str_equal (code, LIVE_REASON_WAITS_FOR_DISPOSABLES))
    return g_strdup (_ ("what is pending has to wait until none of its disposables runs"));
  if (g_str_equal (code, LIVE_REASON_REPAIRED))
    return words_for_step (parameters, FALSE);
  return words_for_feature (code, parameters);
}

char *
live_words_reason (const char *code, GVariant *parameters)
{
  char *words = words_of_indicator (code, parameters);

  if (words == NULL)
    words = words_of_qube (code, parameters);
  return words != NULL ? words : words_for_unknown (code, parameters);
}
