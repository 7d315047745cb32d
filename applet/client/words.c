/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "client/words.h"

#include "model/error.h"
#include "model/reason.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define LONGEST 200

/* A code and its sentence, not yet translated. */
typedef struct
{
  const char *code;
  const char *words;
} Entry;

/* (transfer full): the translated sentence, or the code itself. */
static char *
look_up (const Entry *entries, gsize n_entries, const char *code)
{
  for (gsize i = 0; i < n_entries; i++)
    {
      if (g_str_equal (entries[i].code, code))
        return g_strdup (_ (entries[i].words));
    }
  return live_words_clean (code);
}

char *
live_words_clean (const char *text)
{
  g_autoptr (GString) clean = g_string_new (NULL);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  guint length = 0;

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);
      GUnicodeType type = g_unichar_type (character);

      if (length++ == LONGEST)
        {
          g_string_append (clean, "…");
          break;
        }
      if (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT || type == G_UNICODE_LINE_SEPARATOR
          || type == G_UNICODE_PARAGRAPH_SEPARATOR)
        character = 0xfffd;
      g_string_append_unichar (clean, character);
    }
  return g_string_free (g_steal_pointer (&clean), FALSE);
}

/* The indicator. */

static guint
count_reasons (GVariant *reasons, const char *code)
{
  GVariantIter iter;
  const char *each = NULL;
  guint count = 0;

  g_variant_iter_init (&iter, reasons);
  while (g_variant_iter_next (&iter, "(&s@a{sv})", &each, NULL))
    count += g_str_equal (each, code);
  return count;
}

/* The sentence of the reason that decided, which the helper puts first. */
static char *
first_reason (GVariant *reasons)
{
  const char *code = NULL;
  g_autoptr (GVariant) parameters = NULL;

  if (g_variant_n_children (reasons) == 0)
    return g_strdup (_ ("no reason was given"));
  g_variant_get_child (reasons, 0, "(&s@a{sv})", &code, &parameters);
  return live_words_reason (code, parameters);
}

/* As the first, but of this code if there is one. */
static char *
reason_of (GVariant *reasons, const char *code)
{
  for (gsize i = 0; i < g_variant_n_children (reasons); i++)
    {
      const char *each = NULL;
      g_autoptr (GVariant) parameters = NULL;

      g_variant_get_child (reasons, i, "(&s@a{sv})", &each, &parameters);
      if (g_str_equal (each, code))
        return live_words_reason (each, parameters);
    }
  return first_reason (reasons);
}

/* How many things reach the disk, as far as the reasons tell: leaks of dom0, and qubes that keep what they write. */
static guint64
count_what_reaches_disk (GVariant *reasons)
{
  guint64 count = count_reasons (reasons, LIVE_REASON_QUBE_KEEPS);

  for (gsize i = 0; i < g_variant_n_children (reasons); i++)
    {
      const char *code = NULL, *text = NULL;
      g_autoptr (GVariant) parameters = NULL;
      guint64 leaks = 0;

      g_variant_get_child (reasons, i, "(&s@a{sv})", &code, &parameters);
      if (g_str_equal (code, LIVE_REASON_LEAKS) && g_variant_lookup (parameters, "count", "&s", &text)
          && g_ascii_string_to_unsigned (text, 10, 1, 10000, &leaks, NULL))
        count += leaks;
    }
  return count;
}

static char *
words_for_leaky (GVariant *reasons)
{
  gulong count = (gulong) count_what_reaches_disk (reasons);

  if (count > 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Live, but %lu thing still reaches the disk",
                                         "Live, but %lu things still reach the disk", count),
                            count);
  if (count_reasons (reasons, LIVE_REASON_QUBE_NOT_VERIFIED) > 0)
    return g_strdup (_ ("dom0 runs from RAM, but not every running qube was verified"));
  return g_strdup (_ ("Live, but some things still reach the disk"));
}

/* Whether a disposable is among the qubes that keep what they write: it keeps nothing, once it has ended. */
static gboolean
has_disposable (GVariant *reasons)
{
  for (gsize i = 0; i < g_variant_n_children (reasons); i++)
    {
      const char *code = NULL, *class = NULL;
      g_autoptr (GVariant) parameters = NULL;

      g_variant_get_child (reasons, i, "(&s@a{sv})", &code, &parameters);
      if (g_str_equal (code, LIVE_REASON_QUBE_KEEPS) && g_variant_lookup (parameters, "class", "&s", &class)
          && g_str_equal (class, "DispVM"))
        return TRUE;
    }
  return FALSE;
}

static char *
words_for_persistent (GVariant *reasons)
{
  guint count = count_reasons (reasons, LIVE_REASON_QUBE_KEEPS);

  if (count == 0)
    return g_strdup (_ ("Persistent: running qubes keep what they write"));
  if (has_disposable (reasons))
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Persistent: %u running qube writes to the disk",
                                         "Persistent: %u running qubes write to the disk", count),
                            count);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Persistent: %u running qube keeps what it writes",
                                       "Persistent: %u running qubes keep what they write", count),
                          count);
}

char *
live_words_indicator (const char *indicator, GVariant *reasons)
{
  g_autofree char *why = NULL;

  if (g_str_equal (indicator, "live"))
    return g_strdup (_ ("Live: dom0 runs from RAM"));
  if (g_str_equal (indicator, "live-leaky"))
    return words_for_leaky (reasons);
  if (g_str_equal (indicator, "ephemeral"))
    {
      if (count_reasons (reasons, LIVE_REASON_NO_QUBE_RUNNING) > 0)
        return g_strdup (_ ("dom0 is on disk; no qube is running"));
      return g_strdup (_ ("dom0 is on disk; the running qubes leave nothing in it but metadata"));
    }
  if (g_str_equal (indicator, "persistent"))
    return words_for_persistent (reasons);
  if (g_str_equal (indicator, "alarm"))
    {
      why = reason_of (reasons, count_reasons (reasons, LIVE_REASON_BOOT_CONTRADICTED) > 0
                                    ? LIVE_REASON_BOOT_CONTRADICTED
                                    : LIVE_REASON_QUBE_CONTRADICTED);
      return g_strdup_printf (_ ("Something is not as it claims: %s"), why);
    }
  if (g_str_equal (indicator, "unknown"))
    why = first_reason (reasons);
  else
    why = live_words_clean (indicator);
  return g_strdup_printf (_ ("Not known: %s"), why);
}

const char *
live_words_no_helper (LiveClientState state)
{
  switch (state)
    {
    case LIVE_CLIENT_HELPER_GONE:
      return _ ("Not known: the helper of Qubes Live does not run");
    case LIVE_CLIENT_NOT_AUTHORIZED:
      return _ ("Not known: you are not allowed to see it");
    case LIVE_CLIENT_CONNECTING:
    case LIVE_CLIENT_READY:
    default:
      return _ ("Not known yet: asking the helper");
    }
}

char *
live_words_status (LiveClient *client)
{
  LiveClientState state = live_client_get_state (client);

  if (state != LIVE_CLIENT_READY)
    return g_strdup (live_words_no_helper (state));
  return live_words_indicator (live_client_get_indicator (client), live_client_get_indicator_reasons (client));
}

const char *
live_words_indicator_title (const char *indicator)
{
  static const Entry titles[] = {
    { "live", N_ ("Qubes Live: live") },           { "live-leaky", N_ ("Qubes Live: live, with leaks") },
    { "ephemeral", N_ ("Qubes Live: ephemeral") }, { "persistent", N_ ("Qubes Live: persistent") },
    { "alarm", N_ ("Qubes Live: alarm") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (titles); i++)
    {
      if (g_str_equal (titles[i].code, indicator))
        return _ (titles[i].words);
    }
  return _ ("Qubes Live: not known");
}

/* Qubes. */

char *
live_words_leaves (const char *persistence, const char *evidence, const char *klass)
{
  /* By evidence: verified, configured, anything else. */
  static const struct
  {
    const char *persistence;
    const char *words[3];
  } leaves[] = {
    { "persistent", { N_ ("keeps files"), N_ ("keeps files"), N_ ("keeps files") } },
    { "root-ephemeral",
      { N_ ("keeps its files; root is thrown away, verified"), N_ ("keeps its files; root is set to be thrown away"),
        N_ ("keeps its files; root is set to be thrown away, not verified") } },
    { "ephemeral",
      { N_ ("leaves nothing, verified"), N_ ("set to leave nothing (checked when it starts)"),
        N_ ("set to leave nothing, not verified") } },
    { "ram",
      { N_ ("in RAM, verified"), N_ ("set to stay in RAM (checked when it starts)"),
        N_ ("set to stay in RAM, not verified") } },
    { "unknown", { N_ ("not known"), N_ ("not known"), N_ ("not known") } },
  };
  gsize column = g_str_equal (evidence, "verified") ? 0 : g_str_equal (evidence, "configured") ? 1 : 2;

  if (g_str_equal (evidence, "contradicted"))
    return g_strdup (_ ("not as it claims"));
  /* A disposable keeps nothing, but until it ends, and where nobody overwrites it afterwards, it is on the disk. */
  if (g_str_equal (klass, "DispVM") && g_str_equal (persistence, "persistent"))
    return g_strdup (_ ("on the disk until it ends"));
  if (g_str_equal (klass, "DispVM") && g_str_equal (persistence, "root-ephemeral"))
    return g_strdup (_ ("its files are on the disk until it ends"));
  for (gsize i = 0; i < G_N_ELEMENTS (leaves); i++)
    {
      if (g_str_equal (leaves[i].persistence, persistence))
        return g_strdup (_ (leaves[i].words[column]));
    }
  return live_words_clean (persistence);
}

char *
live_words_state (const char *state)
{
  static const Entry states[] = {
    { "halted", N_ ("Halted") },       { "transient", N_ ("Starting") },  { "running", N_ ("Running") },
    { "paused", N_ ("Paused") },       { "suspended", N_ ("Suspended") }, { "halting", N_ ("Shutting down") },
    { "dying", N_ ("Shutting down") }, { "crashed", N_ ("Crashed") },     { "unknown", N_ ("State not known") },
  };

  return look_up (states, G_N_ELEMENTS (states), state);
}

char *
live_words_evidence (const char *evidence)
{
  static const Entry evidences[] = {
    { "configured", N_ ("configured (checked when it starts)") },
    { "verified", N_ ("verified from Xen") },
    { "contradicted", N_ ("its devices are not what is configured") },
    { "unknown", N_ ("not verified") },
  };

  return look_up (evidences, G_N_ELEMENTS (evidences), evidence);
}

char *
live_words_state_and_evidence (const char *state, const char *evidence)
{
  g_autofree char *first = live_words_state (state);
  g_autofree char *second = live_words_evidence (evidence);

  /* Translators: state of a qube, then how sure we are: "Running; verified from Xen" */
  return g_strdup_printf (_ ("%s; %s"), first, second);
}

char *
live_words_class (const char *class)
{
  static const Entry classes[] = {
    { "AppVM", N_ ("App qube") },
    { "TemplateVM", N_ ("Template") },
    { "StandaloneVM", N_ ("Standalone qube") },
    { "DispVM", N_ ("Disposable") },
    { "AdminVM", N_ ("Admin qube") },
    { "RemoteVM", N_ ("Remote qube") },
    { "", N_ ("Qube") },
  };

  return look_up (classes, G_N_ELEMENTS (classes), class);
}

char *
live_words_label_group (const char *label)
{
  static const Entry labels[] = {
    { "red", N_ ("Red qubes") },       { "orange", N_ ("Orange qubes") }, { "yellow", N_ ("Yellow qubes") },
    { "green", N_ ("Green qubes") },   { "gray", N_ ("Gray qubes") },     { "blue", N_ ("Blue qubes") },
    { "purple", N_ ("Purple qubes") }, { "black", N_ ("Black qubes") },   { "", N_ ("Qubes without a label") },
  };
  g_autofree char *name = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      if (g_str_equal (labels[i].code, label))
        return g_strdup (_ (labels[i].words));
    }
  name = live_words_clean (label);
  return g_strdup_printf (_ ("Qubes labelled %s"), name);
}

char *
live_words_step (const char *step)
{
  static const Entry steps[] = {
    { "root-read-only", N_ ("root volume read-only") },
    { "root-writable", N_ ("root volume writable") },
    { "volatile-ephemeral", N_ ("volatile volume under a throw-away key") },
    { "volatile-not-ephemeral", N_ ("volatile volume without a throw-away key") },
    { "private-read-only", N_ ("private volume read-only") },
    { "private-writable", N_ ("private volume writable") },
  };

  return look_up (steps, G_N_ELEMENTS (steps), step);
}

char *
live_words_pending (const char *const *steps)
{
  g_autoptr (GPtrArray) words = NULL;
  g_autofree char *joined = NULL;

  if (steps == NULL || steps[0] == NULL)
    return NULL;
  words = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; steps[i] != NULL; i++)
    g_ptr_array_add (words, live_words_step (steps[i]));
  g_ptr_array_add (words, NULL);
  /* Translators: between the parts of an enumeration */
  joined = g_strjoinv (C_ ("enumeration", ", "), (char **)words->pdata);
  return g_strdup_printf (_ ("Waits until it is shut down: %s"), joined);
}

char *
live_words_not_manageable (const char *class)
{
  if (g_str_equal (class, "AdminVM"))
    return g_strdup (_ ("Nothing to set: dom0 has no volumes of this kind"));
  if (g_str_equal (class, "RemoteVM"))
    return g_strdup (_ ("Nothing to set: its volumes are on another machine"));
  return g_strdup (_ ("Nothing to set: it has no volumes of its own"));
}

char *
live_words_usage (guint64 used, guint64 size)
{
  g_autofree char *used_text = g_format_size_full (used, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *size_text = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);

  if (size == 0 && used == 0)
    return g_strdup (_ ("size not known"));
  if (size == 0)
    return g_strdup_printf (_ ("%s used, size not known"), used_text);
  return g_strdup_printf (_ ("%s of %s used"), used_text, size_text);
}

/* Errors. */

typedef struct
{
  const char *title; /* with %s for the qube or pool */
  const char *general_title;
  const char *body;
} ErrorWords;

static const ErrorWords error_words[] = {
  [LIVE_ERROR_FAILED] = { N_ ("%s was not changed"), N_ ("Nothing was changed"),
                          N_ ("The helper's log says more: journalctl -u qubes-live-helper.") },
  [LIVE_ERROR_NOT_AUTHORIZED] = { N_ ("%s was not changed: not allowed"), N_ ("Not allowed"),
                                  N_ ("The system did not authorise it. Try again and confirm with a password, or ask "
                                      "whoever administers this computer.") },
  [LIVE_ERROR_NOT_HALTED] = { N_ ("%s is running"), N_ ("A qube is running"),
                              N_ ("This can be changed only while the qube is halted. Shut it down and try again.") },
  [LIVE_ERROR_NOT_FOUND] = { N_ ("%s does not exist any more"), N_ ("It does not exist any more"),
                             N_ ("It was removed or renamed. Nothing was changed.") },
  [LIVE_ERROR_IN_USE]
  = { N_ ("%s is in use"), N_ ("It is in use"), N_ ("Something else still needs it. Free it there and try again.") },
  [LIVE_ERROR_NO_SPACE] = { N_ ("Not enough room for %s"), N_ ("Not enough room"),
                            N_ ("Remove what is not needed from its pool, or use another pool.") },
  [LIVE_ERROR_NO_MEMORY] = { N_ ("Not enough memory for %s"), N_ ("Not enough memory"),
                             N_ ("Shut down a qube to free memory and try again.") },
  [LIVE_ERROR_NOT_SUPPORTED] = { N_ ("%s cannot do this"), N_ ("This is not supported"),
                                 N_ ("This qube, its pool or this version of Qubes does not support it.") },
  [LIVE_ERROR_QUBESD_UNREACHABLE] = { N_ ("%s: qubesd does not answer"), N_ ("qubesd does not answer"),
                                      N_ ("What was asked for may or may not have been done. Check qubesd with: systemctl "
                                          "status qubesd.") },
  [LIVE_ERROR_QUBESD_ERROR] = { N_ ("%s was not changed: qubesd refused"), N_ ("qubesd refused"),
                                N_ ("Its log says more: journalctl -u qubesd.") },
  [LIVE_ERROR_PROTOCOL] = { N_ ("%s: qubesd gave no usable answer"), N_ ("qubesd gave no usable answer"),
                            N_ ("It may or may not have been done. Refresh to see; the log says more: "
                                "journalctl -u qubesd.") },
  [LIVE_ERROR_BUSY] = { N_ ("%s is being changed already"), N_ ("A change is under way already"),
                        N_ ("Wait until it is done and try again.") },
  [LIVE_ERROR_INVALID_ARGUMENT] = { N_ ("%s was not changed: not understood"), N_ ("Not understood"),
                                    N_ ("The helper does not know what was asked for. Is it the same version as this "
                                        "program?") },
  [LIVE_ERROR_CONFLICT] = { N_ ("%s was not changed: another setting stands against it"),
                            N_ ("Another setting stands against it"), N_ ("Change that one first.") },
  [LIVE_ERROR_CANCELLED]
  = { N_ ("%s: taken back"), N_ ("Taken back"), N_ ("It may already have been done. Refresh to see.") },
};
G_STATIC_ASSERT (G_N_ELEMENTS (error_words) == LIVE_ERROR_N_CODES);

static const ErrorWords helper_gone_words
    = { N_ ("%s: the helper of Qubes Live does not answer"), N_ ("The helper of Qubes Live does not answer"),
        N_ ("It may or may not have been done. Check the helper with: systemctl status qubes-live-helper.") };

/* Codes whose cause is only in the message: it is worth showing, English as it is. */
static gboolean
message_matters (const GError *error)
{
  if (error->domain != LIVE_ERROR)
    return error->domain != LIVE_CLIENT_ERROR;
  return error->code == LIVE_ERROR_FAILED || error->code == LIVE_ERROR_QUBESD_ERROR
         || error->code == LIVE_ERROR_NOT_SUPPORTED || error->code == LIVE_ERROR_INVALID_ARGUMENT
         || error->code == LIVE_ERROR_IN_USE || error->code == LIVE_ERROR_CONFLICT;
}

void
live_words_error (const GError *error, const char *subject, char **title, char **body)
{
  const ErrorWords *words = &error_words[LIVE_ERROR_FAILED];

  g_return_if_fail (error != NULL && title != NULL && body != NULL);

  if (error->domain == LIVE_CLIENT_ERROR)
    words = &helper_gone_words;
  else if (error->domain == LIVE_ERROR && error->code >= 0 && error->code < LIVE_ERROR_N_CODES)
    words = &error_words[error->code];

  if (subject != NULL && *subject != '\0')
    {
      g_autofree char *name = live_words_clean (subject);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      *title = g_strdup_printf (_ (words->title), name);
#pragma GCC diagnostic pop
    }
  else
    *title = g_strdup (_ (words->general_title));

  if (message_matters (error) && error->message != NULL && *error->message != '\0')
    {
      g_autofree char *message = live_words_clean (error->message);

      /* Translators: what to do, then the technical message */
      *body = g_strdup_printf (_ ("%s (%s)"), _ (words->body), message);
    }
  else
    *body = g_strdup (_ (words->body));
}
