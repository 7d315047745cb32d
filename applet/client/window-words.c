/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "client/window-words.h"

#include "client/words.h"
#include "model/window.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_HOUR 3600
/* Up to here minutes are counted. */
#define MOST_MINUTES 120
/* A deadline further away than any window may be is that of a clock that was set. */
#define MOST_HOURS 48
/* More names than that say nothing. */
#define MOST_NAMES 8

/* A code and its sentence, not yet translated. */
typedef struct
{
  const char *code;
  const char *words;
} Entry;

/* A code and what a notification says, not yet translated, each with one %s for the qube. */
typedef struct
{
  const char *code;
  const char *title;
  const char *body;
} Notice;

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

/* (transfer full): @words, which is translated and has one %s, with the name in it. */
static char *
with_name (const char *words, const char *name)
{
  g_autofree char *clean = live_words_clean (name);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return g_strdup_printf (words, clean);
#pragma GCC diagnostic pop
}

static void
fill_notice (const Notice *notice, const char *qube, char **title, char **body)
{
  *title = with_name (_ (notice->title), qube);
  *body = with_name (_ (notice->body), qube);
}

/* The window. */

char *
live_words_window_time_left (gint64 deadline, gint64 now)
{
  gint64 left = 0;
  guint minutes = 0, hours = 0;

  if (deadline == LIVE_WINDOW_UNTIL_CLOSED)
    return g_strdup (_ ("until you close it"));
  if (__builtin_sub_overflow (deadline, now, &left))
    left = deadline > now ? G_MAXINT64 : 0;
  if (deadline <= 0)
    return g_strdup (_ ("end not known"));
  if (left <= 0)
    return g_strdup (_ ("time is over"));
  if (left < SECONDS_PER_MINUTE)
    return g_strdup (_ ("less than a minute left"));
  if (left <= MOST_MINUTES * SECONDS_PER_MINUTE)
    {
      minutes = (guint) ((left + SECONDS_PER_MINUTE - 1) / SECONDS_PER_MINUTE);
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u minute left", "%u minutes left", minutes), minutes);
    }
  hours = (guint) MIN ((left - 1) / SECONDS_PER_HOUR, MOST_HOURS);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "more than %u hour left", "more than %u hours left", hours),
                          hours);
}

char *
live_words_window_step (const char *step)
{
  static const Entry steps[] = {
    { LIVE_WINDOW_STEP_RECORD, N_ ("writing down that there is a window") },
    { LIVE_WINDOW_STEP_HOLD_PRELOADED, N_ ("sending its preloaded disposables away") },
    { LIVE_WINDOW_STEP_PRIVATE_WRITABLE, N_ ("making its private volume writable") },
    { LIVE_WINDOW_STEP_START, N_ ("starting the qube") },
    { LIVE_WINDOW_STEP_SHUTDOWN, N_ ("shutting the qube down") },
    { LIVE_WINDOW_STEP_NOT_SHUTTING_DOWN, N_ ("the qube does not shut down") },
    { LIVE_WINDOW_STEP_PRIVATE_READ_ONLY, N_ ("making its private volume read-only") },
    { LIVE_WINDOW_STEP_TIDY, N_ ("tidying up") },
  };
  const char *words = look_up (steps, G_N_ELEMENTS (steps), step);

  return words != NULL ? g_strdup (words) : live_words_clean (step);
}

char *
live_words_window_state (const char *state, const char *step, gint64 deadline, gint64 now)
{
  g_autofree char *doing = live_words_window_step (step);
  g_autofree char *left = NULL;

  if (g_str_equal (state, LIVE_WINDOW_CLOSED) || *state == '\0')
    return NULL;
  if (g_str_equal (state, LIVE_WINDOW_OPENING))
    return *doing == '\0' ? g_strdup (_ ("opening…")) : g_strdup_printf (_ ("opening…: %s"), doing);
  if (g_str_equal (state, LIVE_WINDOW_CLOSING))
    return *doing == '\0' ? g_strdup (_ ("closing…")) : g_strdup_printf (_ ("closing…: %s"), doing);
  if (!g_str_equal (state, LIVE_WINDOW_OPEN))
    return live_words_clean (state);
  if (deadline == LIVE_WINDOW_UNTIL_CLOSED)
    return g_strdup (_ ("customising until you close it"));
  left = live_words_window_time_left (deadline, now);
  /* Translators: how long a customization window stays open: "customising, 8 minutes left" */
  return g_strdup_printf (_ ("customising, %s"), left);
}

char *
live_words_window_refusal (const char *refusal, const char *qube)
{
  static const Entry refusals[] = {
    { LIVE_WINDOW_REFUSAL_POLICY,
      N_ ("%s keeps its files already, so there is nothing to open. Customization windows are for qubes of the policy "
          "“full”: set that first.") },
    { LIVE_WINDOW_REFUSAL_PENDING,
      N_ ("The policy of %s is not applied yet. Shut the qube down, so that it can be, and try again.") },
    { LIVE_WINDOW_REFUSAL_RUNNING,
      N_ ("%s is running. Shut it down and try again: what it holds now must not get into what is kept.") },
    { "disposables-running",
      N_ ("Disposables that are made from %s are running, and its pool does not let it be changed meanwhile. Shut them "
          "down and try again.") },
    { LIVE_WINDOW_REFUSAL_DISPOSABLE,
      N_ ("%s is a disposable and keeps nothing. Customise the disposable template that it is made from.") },
    { LIVE_WINDOW_REFUSAL_NO_PRIVATE,
      N_ ("%s has no private volume that keeps anything, so there is nothing to customise.") },
    { LIVE_WINDOW_REFUSAL_OPEN,
      N_ ("%s has a customization window already. Extend it, or close it and open a new one.") },
    { LIVE_WINDOW_REFUSAL_UNKNOWN,
      N_ ("qubesd did not tell enough about %s. Refresh, and check it with: systemctl status qubesd.") },
  };
  const char *words = look_up (refusals, G_N_ELEMENTS (refusals), refusal);
  g_autofree char *name = NULL;
  g_autofree char *code = NULL;

  if (*refusal == '\0')
    return NULL;
  if (words != NULL)
    return with_name (words, qube);
  name = live_words_clean (qube);
  code = live_words_clean (refusal);
  return g_strdup_printf (_ ("No customization window can be opened for %s now (%s)."), name, code);
}

char *
live_words_window_refusal_label (const char *refusal)
{
  static const Entry labels[] = {
    { "", N_ ("Customise") },
    { LIVE_WINDOW_REFUSAL_POLICY, N_ ("Customise (only with the policy “full”)") },
    { LIVE_WINDOW_REFUSAL_PENDING, N_ ("Customise (its policy is not applied yet)") },
    { LIVE_WINDOW_REFUSAL_RUNNING, N_ ("Customise (shut the qube down first)") },
    { "disposables-running", N_ ("Customise (shut its disposables down first)") },
    { LIVE_WINDOW_REFUSAL_DISPOSABLE, N_ ("Customise (customise its disposable template)") },
    { LIVE_WINDOW_REFUSAL_NO_PRIVATE, N_ ("Customise (it has nothing that is kept)") },
    { LIVE_WINDOW_REFUSAL_OPEN, N_ ("Customise (a window is open already)") },
    { LIVE_WINDOW_REFUSAL_UNKNOWN, N_ ("Customise (qubesd did not tell enough)") },
  };
  const char *words = look_up (labels, G_N_ELEMENTS (labels), refusal);
  g_autofree char *code = NULL;

  if (words != NULL)
    return g_strdup (words);
  code = live_words_clean (refusal);
  return g_strdup_printf (_ ("Customise (not now: %s)"), code);
}

void
live_words_window_outcome (const char *outcome, const char *qube, char **title, char **body)
{
  static const Notice notices[] = {
    { LIVE_WINDOW_OUTCOME_KEPT, N_ ("Customization window of %s closed"),
      N_ ("%s was shut down and its changes are kept. Its private volume is read-only again.") },
    { LIVE_WINDOW_OUTCOME_KILLED, N_ ("Customization window of %s closed: the qube was ended"),
      N_ ("%s did not shut down by itself. What it had written is kept, what it had not written yet is lost. Its file "
          "system may need a check: another window repairs it. Its private volume is read-only again.") },
    { LIVE_WINDOW_OUTCOME_FAILED, N_ ("Customization window of %s was not opened"),
      N_ ("Nothing was changed: the private volume of %s is as it was before.") },
    { LIVE_WINDOW_OUTCOME_RECOVERED, N_ ("Customization window of %s closed after an interruption"),
      N_ ("A window of %s was found as it was left behind, with the qube halted. What it had written is kept. Its "
          "private volume is read-only again.") },
  };
  g_autofree char *name = NULL;
  g_autofree char *code = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (notices); i++)
    {
      if (!g_str_equal (notices[i].code, outcome))
        continue;
      fill_notice (&notices[i], qube, title, body);
      return;
    }
  name = live_words_clean (qube);
  code = live_words_clean (outcome);
  *title = g_strdup_printf (_ ("Customization window of %s closed"), name);
  *body = g_strdup_printf (_ ("It is not known whether the changes are kept (%s)."), code);
}

void
live_words_window_last_minute (const char *qube, char **title, char **body)
{
  static const Notice notice
      = { NULL, N_ ("One minute left to customise %s"),
          N_ ("Then %s is shut down and its private volume becomes read-only again. Save what is open in it.") };

  fill_notice (&notice, qube, title, body);
}

void
live_words_window_not_shutting_down (const char *qube, char **title, char **body)
{
  static const Notice notice = {
    NULL, N_ ("%s does not shut down. End it?"),
    N_ ("Until %s is halted, it can still write to its private volume. If it is ended, what it has not written yet "
        "is lost, and its file system may need a check.")
  };

  fill_notice (&notice, qube, title, body);
}

/* The qube's own time. */

char *
live_words_guest_window (gint64 deadline, gint64 now)
{
  g_autofree char *left = NULL;

  if (deadline <= 0 || deadline <= now)
    return NULL;
  left = live_words_window_time_left (deadline, now);
  /* Translators: a qube keeps the time itself; %s is "8 minutes left" */
  return g_strdup_printf (_ ("keeps its files by its own clock, %s (not verified)"), left);
}

void
live_words_guest_window_over (const char *qube, char **title, char **body)
{
  static const Notice notice
      = { NULL, N_ ("%s should keep nothing more"),
          N_ ("The time that %s takes itself is over: it should not write to its private volume any more. dom0 did not "
              "verify that.") };

  fill_notice (&notice, qube, title, body);
}

/* What goes with the policy full. */

char *
live_words_memory_hygiene (const char *hygiene)
{
  static const Entry states[] = {
    { "on", N_ ("Its kernel erases memory that is freed") },
    { "off", N_ ("Its kernel does not erase memory that is freed") },
    { "built-in", N_ ("Its kernel erases memory that is freed (built in)") },
    { "not-applicable", N_ ("Whether memory that is freed is erased is up to the kernel that it brings itself") },
    { "unknown", N_ ("Whether its kernel erases memory that is freed is not known") },
  };
  const char *words = look_up (states, G_N_ELEMENTS (states), hygiene);

  return words != NULL ? g_strdup (words) : live_words_clean (hygiene);
}

char *
live_words_upper_layer (const char *layer, const char *size)
{
  static const Entry layers[] = {
    { "volatile", N_ ("What it writes to its files goes to its volatile volume") },
    { "ram", N_ ("What it writes to its files stays in its memory") },
  };
  const char *words = look_up (layers, G_N_ELEMENTS (layers), layer);
  g_autofree char *limit = NULL;

  if (words == NULL)
    return live_words_clean (layer);
  if (*size == '\0' || !g_str_equal (layer, "ram"))
    return g_strdup (words);
  limit = live_words_clean (size);
  return g_strdup_printf (_ ("What it writes to its files stays in its memory, up to %s"), limit);
}

char *
live_words_old_disposables (const char *const *names)
{
  g_autoptr (GString) list = g_string_new (NULL);
  guint count = 0;

  for (; names[count] != NULL; count++)
    {
      g_autofree char *name = live_words_clean (names[count]);

      if (count > MOST_NAMES)
        continue;
      if (count > 0)
        /* Translators: between the parts of an enumeration */
        g_string_append (list, C_ ("enumeration", ", "));
      g_string_append (list, count == MOST_NAMES ? "…" : name);
    }
  if (count == 0)
    return NULL;
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u disposable still has an older policy: %s",
                                       "%u disposables still have an older policy: %s", count),
                          count, list->str);
}
