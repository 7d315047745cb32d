/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "client/window-words.h"
#include "model/window.h"

#include <locale.h>
#include <string.h>

/* Any time will do; also one at which the deadline is a negative number of seconds away. */
#define NOW G_GINT64_CONSTANT (1800000000)

static void
assert_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” does not hold “%s”", text, part);
}

/* What comes from outside cannot paint over anything. */
static void
assert_clean (const char *text)
{
  g_assert_nonnull (text);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_null (strpbrk (text, "\033\n\r\t"));
}

static void
test_time_left (void)
{
  static const struct
  {
    gint64 deadline;
    const char *expected;
  } cases[] = {
    { NOW + 1, "less than a minute left" },
    { NOW + 59, "less than a minute left" },
    { NOW + 60, "1 minute left" },
    { NOW + 61, "2 minutes left" },
    { NOW + 599, "10 minutes left" },
    { NOW + 600, "10 minutes left" },
    { NOW + 601, "11 minutes left" },
    { NOW + 7200, "120 minutes left" },
    { NOW + 7201, "more than 2 hours left" },
    { NOW + 86399, "more than 23 hours left" },
    { NOW + 86400, "more than 23 hours left" },
    { NOW, "time is over" },
    { NOW - 1, "time is over" },
    { 1, "time is over" },
    { 0, "end not known" },
    { -2, "end not known" },
    { G_MININT64, "end not known" },
    { G_MAXINT64, "more than 48 hours left" },
    { LIVE_WINDOW_UNTIL_CLOSED, "until you close it" },
  };
  g_autofree char *far = live_words_window_time_left (G_MAXINT64, G_MININT64);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = live_words_window_time_left (cases[i].deadline, NOW);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
  g_assert_cmpstr (far, ==, "more than 48 hours left");
}

static void
test_state (void)
{
  static const struct
  {
    const char *state, *step;
    gint64 deadline;
    const char *expected;
  } cases[] = {
    { "closed", "", 0, NULL },
    { "closed", "tidy", NOW + 60, NULL },
    { "", "", 0, NULL },
    { "opening", "", 0, "opening…" },
    { "opening", "record", 0, "opening…: writing down that there is a window" },
    { "opening", "hold-preloaded", 0, "opening…: sending its preloaded disposables away" },
    { "opening", "private-writable", 0, "opening…: making its private volume writable" },
    { "opening", "start", NOW + 600, "opening…: starting the qube" },
    { "opening", "dance", 0, "opening…: dance" },
    { "open", "", NOW + 480, "customising, 8 minutes left" },
    { "open", "", NOW + 30, "customising, less than a minute left" },
    { "open", "", NOW - 30, "customising, time is over" },
    { "open", "", -1, "customising until you close it" },
    { "open", "", 0, "customising, end not known" },
    { "closing", "", 0, "closing…" },
    { "closing", "shutdown", 0, "closing…: shutting the qube down" },
    { "closing", "not-shutting-down", 0, "closing…: the qube does not shut down" },
    { "closing", "private-read-only", 0, "closing…: making its private volume read-only" },
    { "closing", "tidy", 0, "closing…: tidying up" },
    { "ajar", "start", 0, "ajar" },
    { "a\033[2J", "", 0, "a\357\277\275[2J" },
    { "closing", "\342\200\256x", 0, "closing…: \357\277\275x" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = live_words_window_state (cases[i].state, cases[i].step, cases[i].deadline, NOW);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

static void
test_refusal (void)
{
  static const struct
  {
    const char *refusal, *sentence, *label;
  } cases[] = {
    { "policy", "set that first", "Customise (only with the policy “full”)" },
    { "pending", "Shut the qube down", "Customise (its policy is not applied yet)" },
    { "running", "Shut it down and try again", "Customise (shut the qube down first)" },
    { "disposables-running", "Shut them down", "Customise (shut its disposables down first)" },
    { "disposable", "Customise the disposable template", "Customise (customise its disposable template)" },
    { "no-private", "nothing to customise", "Customise (it has nothing that is kept)" },
    { "open", "Extend it, or close it", "Customise (a window is open already)" },
    { "unknown", "systemctl status qubesd", "Customise (qubesd did not tell enough)" },
    { "dance", "(dance)", "Customise (not now: dance)" },
    { "a\033b", "(a\357\277\275b)", "Customise (not now: a\357\277\275b)" },
  };
  g_autofree char *none = live_words_window_refusal ("", "work");
  g_autofree char *free_label = live_words_window_refusal_label ("");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *sentence = live_words_window_refusal (cases[i].refusal, "work");
      g_autofree char *hostile = live_words_window_refusal (cases[i].refusal, "w%s\033\n");
      g_autofree char *label = live_words_window_refusal_label (cases[i].refusal);

      assert_contains (sentence, "work");
      assert_contains (sentence, cases[i].sentence);
      assert_contains (hostile, "w%s");
      assert_clean (hostile);
      g_assert_cmpstr (label, ==, cases[i].label);
    }
  g_assert_null (none);
  g_assert_cmpstr (free_label, ==, "Customise");
}

static void
test_outcome (void)
{
  static const struct
  {
    const char *outcome, *title, *body;
  } cases[] = {
    { "kept", "Customization window of work closed", "changes are kept" },
    { "killed", "work closed: the qube was ended", "another window repairs it" },
    { "killed", "work", "may need a check" },
    { "failed", "work was not opened", "as it was before" },
    { "recovered", "work closed after an interruption", "read-only again" },
    { "dance", "Customization window of work closed", "not known whether the changes are kept (dance)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *title = NULL, *body = NULL;
      g_autofree char *hostile_title = NULL, *hostile_body = NULL;

      live_words_window_outcome (cases[i].outcome, "work", &title, &body);
      assert_contains (title, cases[i].title);
      assert_contains (body, cases[i].body);
      live_words_window_outcome (cases[i].outcome, "%n\033", &hostile_title, &hostile_body);
      assert_contains (hostile_title, "%n");
      assert_clean (hostile_title);
      assert_clean (hostile_body);
    }
}

static void
test_notices (void)
{
  static const struct
  {
    void (*words) (const char *qube, char **title, char **body);
    const char *title, *body;
  } cases[] = {
    { live_words_window_last_minute, "One minute left to customise work", "Then work is shut down" },
    { live_words_window_not_shutting_down, "work does not shut down. End it?", "not written yet is lost" },
    { live_words_guest_window_over, "work should keep nothing more", "dom0 did not verify that" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *title = NULL, *body = NULL, *hostile_title = NULL, *hostile_body = NULL;

      cases[i].words ("work", &title, &body);
      g_assert_cmpstr (title, ==, cases[i].title);
      assert_contains (body, cases[i].body);
      cases[i].words ("\n%s", &hostile_title, &hostile_body);
      assert_contains (hostile_title, "%s");
      assert_clean (hostile_title);
      assert_clean (hostile_body);
    }
}

static void
test_guest_window (void)
{
  static const struct
  {
    gint64 deadline;
    const char *expected;
  } cases[] = {
    { NOW + 30, "keeps its files by its own clock, less than a minute left (not verified)" },
    { NOW + 90, "keeps its files by its own clock, 2 minutes left (not verified)" },
    { NOW, NULL },
    { 0, NULL },
    { -1, NULL },
    { G_MININT64, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = live_words_guest_window (cases[i].deadline, NOW);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

static void
test_hygiene (void)
{
  static const struct
  {
    const char *hygiene, *expected;
  } cases[] = {
    { "on", "Its kernel erases memory that is freed" },
    { "off", "Its kernel does not erase memory that is freed" },
    { "built-in", "Its kernel erases memory that is freed (built in)" },
    { "not-applicable", "Whether memory that is freed is erased is up to the kernel that it brings itself" },
    { "unknown", "Whether its kernel erases memory that is freed is not known" },
    { "dance\n", "dance\357\277\275" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = live_words_memory_hygiene (cases[i].hygiene);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

static void
test_upper_layer (void)
{
  static const struct
  {
    const char *layer, *size, *expected;
  } cases[] = {
    { "volatile", "", "What it writes to its files goes to its volatile volume" },
    { "volatile", "1G", "What it writes to its files goes to its volatile volume" },
    { "ram", "", "What it writes to its files stays in its memory" },
    { "ram", "50%", "What it writes to its files stays in its memory, up to 50%" },
    { "ram", "1\033", "What it writes to its files stays in its memory, up to 1\357\277\275" },
    { "moon", "1G", "moon" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = live_words_upper_layer (cases[i].layer, cases[i].size);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

static void
test_old_disposables (void)
{
  static const struct
  {
    const char *names, *expected;
  } cases[] = {
    { "", NULL },
    { "disp1", "1 disposable still has an older policy: disp1" },
    { "disp1 disp2", "2 disposables still have an older policy: disp1, disp2" },
    { "a b c d e f g h", "8 disposables still have an older policy: a, b, c, d, e, f, g, h" },
    { "a b c d e f g h i", "9 disposables still have an older policy: a, b, c, d, e, f, g, h, …" },
    { "a b c d e f g h i j", "10 disposables still have an older policy: a, b, c, d, e, f, g, h, …" },
    { "x\033", "1 disposable still has an older policy: x\357\277\275" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) names = *cases[i].names != '\0' ? g_strsplit (cases[i].names, " ", -1) : g_new0 (char *, 1);
      g_autofree char *text = live_words_old_disposables ((const char *const *) names);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/window-words/time-left", test_time_left);
  g_test_add_func ("/window-words/state", test_state);
  g_test_add_func ("/window-words/refusal", test_refusal);
  g_test_add_func ("/window-words/outcome", test_outcome);
  g_test_add_func ("/window-words/notices", test_notices);
  g_test_add_func ("/window-words/guest-window", test_guest_window);
  g_test_add_func ("/window-words/hygiene", test_hygiene);
  g_test_add_func ("/window-words/upper-layer", test_upper_layer);
  g_test_add_func ("/window-words/old-disposables", test_old_disposables);
  return g_test_run ();
}
