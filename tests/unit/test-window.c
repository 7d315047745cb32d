/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/window.h"

#include <string.h>

#define WALL G_GINT64_CONSTANT (1800000000)
#define BOOT 5000

static void
test_parse (void)
{
  static const struct
  {
    const char *text;
    LiveWindowEnd end;
    gint64 left;
  } rows[] = {
    { "until-closed", LIVE_WINDOW_END_WHEN_CLOSED, 0 },
    { "1800000001", LIVE_WINDOW_END_AT, 1 },
    { "1800000600", LIVE_WINDOW_END_AT, 600 },
    { "1800086400", LIVE_WINDOW_END_AT, 86400 },
    /* Further away than any window lasts. */
    { "1800086401", LIVE_WINDOW_END_OVER, 0 },
    { "9223372036854775807", LIVE_WINDOW_END_OVER, 0 },
    { "9223372036854775808", LIVE_WINDOW_END_OVER, 0 },
    { "1800000000", LIVE_WINDOW_END_OVER, 0 },
    { "1799999999", LIVE_WINDOW_END_OVER, 0 },
    { "0", LIVE_WINDOW_END_OVER, 0 },
    { "-1", LIVE_WINDOW_END_OVER, 0 },
    { "-1800000600", LIVE_WINDOW_END_OVER, 0 },
    { "", LIVE_WINDOW_END_OVER, 0 },
    { "1", LIVE_WINDOW_END_OVER, 0 },
    { "soon", LIVE_WINDOW_END_OVER, 0 },
    { " 1800000600", LIVE_WINDOW_END_OVER, 0 },
    { "1800000600 ", LIVE_WINDOW_END_OVER, 0 },
    { "+1800000600", LIVE_WINDOW_END_AT, 600 },
    { "1800000600.5", LIVE_WINDOW_END_OVER, 0 },
    { "0x6b49d458", LIVE_WINDOW_END_OVER, 0 },
    { "Until-Closed", LIVE_WINDOW_END_OVER, 0 },
    { "until-closed ", LIVE_WINDOW_END_OVER, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gint64 left = 77;

      g_test_message ("“%s”", rows[i].text);
      g_assert_cmpint (live_window_parse (rows[i].text, WALL, &left), ==, rows[i].end);
      g_assert_cmpint (left, ==, rows[i].left);
    }
}

static void
test_format (void)
{
  const gint64 deadlines[] = { WALL + 60, LIVE_WINDOW_UNTIL_CLOSED };

  for (gsize i = 0; i < G_N_ELEMENTS (deadlines); i++)
    {
      g_autofree char *text = live_window_format (deadlines[i]);
      gint64 left = 0;
      LiveWindowEnd end = live_window_parse (text, WALL, &left);

      g_assert_cmpint (end, ==, i == 0 ? LIVE_WINDOW_END_AT : LIVE_WINDOW_END_WHEN_CLOSED);
      g_assert_cmpint (left, ==, i == 0 ? 60 : 0);
    }
}

static void
test_guest (void)
{
  static const struct
  {
    const char *text;
    gint64 seconds;
  } rows[] = {
    { NULL, 0 },    { "", 0 },    { "60", 60 },  { "1", 1 },    { "86400", 86400 }, { "86401", 0 },
    { "0", 0 },     { "-60", 0 }, { "60 ", 0 },  { " 60", 0 },  { "60s", 0 },       { "1e3", 0 },
    { "sixty", 0 }, { "6 0", 0 }, { "+60", 60 }, { "060", 60 }, { "60.0", 0 },      { "99999999999999999999", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (live_window_guest_seconds (rows[i].text), ==, rows[i].seconds);
}

typedef struct
{
  const char *name;
  LiveQubeState state;
  const char *feature; /* NULL: none */
  LiveWindowNow now;   /* without the times that are the same everywhere */
  gboolean private_read_only;
  /* What comes of it. */
  LiveWindowVerdict verdict;
} LiveRow;

#define HALTED LIVE_QUBE_STATE_HALTED
#define RUNNING LIVE_QUBE_STATE_RUNNING
#define AT LIVE_WINDOW_END_AT
#define OVER LIVE_WINDOW_END_OVER
#define ENDLESS LIVE_WINDOW_END_WHEN_CLOSED

static const LiveRow rows[] = {
  { "nothing", HALTED, NULL, { .end = OVER }, TRUE, { "closed", 0, "", LIVE_WINDOW_DEED_NONE, 0 } },
  { "nothing, running", RUNNING, NULL, { .end = OVER }, TRUE, { "closed", 0, "", LIVE_WINDOW_DEED_NONE, 0 } },
  { "the feature is gone",
    RUNNING,
    NULL,
    { .end = AT, .deadline = BOOT + 60 },
    FALSE,
    { "closed", 0, "", LIVE_WINDOW_DEED_NONE, 0 } },
  { "about to be written down",
    HALTED,
    NULL,
    { .opening = TRUE },
    TRUE,
    { "opening", 0, NULL, LIVE_WINDOW_DEED_NONE, 0 } },
  { "opening, written down",
    HALTED,
    "x",
    { .opening = TRUE, .end = AT, .deadline = BOOT + 60 },
    TRUE,
    { "opening", WALL + 60, NULL, LIVE_WINDOW_DEED_NONE, 0 } },
  { "opening, and the start takes longer than the window",
    RUNNING,
    "x",
    { .opening = TRUE, .end = AT, .deadline = BOOT - 60 },
    FALSE,
    { "opening", WALL - 60, NULL, LIVE_WINDOW_DEED_NONE, 0 } },
  { "opening until closed",
    HALTED,
    "x",
    { .opening = TRUE, .end = ENDLESS },
    FALSE,
    { "opening", -1, NULL, LIVE_WINDOW_DEED_NONE, 0 } },
  { "open",
    RUNNING,
    "x",
    { .end = AT, .deadline = BOOT + 60 },
    FALSE,
    { "open", WALL + 60, "", LIVE_WINDOW_DEED_NONE, BOOT + 60 } },
  { "its last second",
    RUNNING,
    "x",
    { .end = AT, .deadline = BOOT + 1 },
    FALSE,
    { "open", WALL + 1, "", LIVE_WINDOW_DEED_NONE, BOOT + 1 } },
  { "its end",
    RUNNING,
    "x",
    { .end = AT, .deadline = BOOT },
    FALSE,
    { "closing", WALL, "shutdown", LIVE_WINDOW_DEED_SHUTDOWN, 0 } },
  { "its end was missed",
    RUNNING,
    "x",
    { .end = AT, .deadline = BOOT - 4000 },
    FALSE,
    { "closing", WALL - 4000, "shutdown", LIVE_WINDOW_DEED_SHUTDOWN, 0 } },
  { "until closed", RUNNING, "x", { .end = ENDLESS }, FALSE, { "open", -1, "", LIVE_WINDOW_DEED_NONE, 0 } },
  { "until closed, and closed",
    RUNNING,
    "x",
    { .end = ENDLESS, .close_asked = TRUE },
    FALSE,
    { "closing", -1, "shutdown", LIVE_WINDOW_DEED_SHUTDOWN, 0 } },
  { "closed before its end",
    RUNNING,
    "x",
    { .end = AT, .deadline = BOOT + 60, .close_asked = TRUE },
    FALSE,
    { "closing", WALL + 60, "shutdown", LIVE_WINDOW_DEED_SHUTDOWN, 0 } },
  { "a feature that means nothing",
    RUNNING,
    "x",
    { .end = OVER },
    FALSE,
    { "closing", 0, "shutdown", LIVE_WINDOW_DEED_SHUTDOWN, 0 } },
  { "asked just now",
    RUNNING,
    "x",
    { .end = OVER, .shutdown_asked = TRUE, .shutdown_at = BOOT },
    FALSE,
    { "closing", 0, "shutdown", LIVE_WINDOW_DEED_NONE, BOOT + 60 } },
  { "asked 59 seconds ago",
    RUNNING,
    "x",
    { .end = OVER, .shutdown_asked = TRUE, .shutdown_at = BOOT - 59 },
    FALSE,
    { "closing", 0, "shutdown", LIVE_WINDOW_DEED_NONE, BOOT + 1 } },
  { "asked a minute ago",
    RUNNING,
    "x",
    { .end = OVER, .shutdown_asked = TRUE, .shutdown_at = BOOT - 60 },
    FALSE,
    { "closing", 0, "not-shutting-down", LIVE_WINDOW_DEED_NONE, 0 } },
  { "ended on demand",
    RUNNING,
    "x",
    { .end = AT, .deadline = BOOT + 60, .close_asked = TRUE, .kill_asked = TRUE },
    FALSE,
    { "closing", WALL + 60, "shutdown", LIVE_WINDOW_DEED_KILL, 0 } },
  { "ended after it was asked",
    RUNNING,
    "x",
    { .end = OVER, .close_asked = TRUE, .kill_asked = TRUE, .shutdown_asked = TRUE, .shutdown_at = BOOT - 60 },
    FALSE,
    { "closing", 0, "shutdown", LIVE_WINDOW_DEED_KILL, 0 } },
  { "halted, still writable",
    HALTED,
    "x",
    { .end = AT, .deadline = BOOT + 60 },
    FALSE,
    { "closing", WALL + 60, "private-read-only", LIVE_WINDOW_DEED_NONE, 0 } },
  { "halted, read-only again",
    HALTED,
    "x",
    { .end = ENDLESS },
    TRUE,
    { "closing", -1, "tidy", LIVE_WINDOW_DEED_NONE, 0 } },
  { "halted, and over",
    HALTED,
    "x",
    { .end = OVER, .close_asked = TRUE, .shutdown_asked = TRUE },
    FALSE,
    { "closing", 0, "private-read-only", LIVE_WINDOW_DEED_NONE, 0 } },
  { "paused",
    LIVE_QUBE_STATE_PAUSED,
    "x",
    { .end = AT, .deadline = BOOT + 60 },
    FALSE,
    { "open", WALL + 60, "", LIVE_WINDOW_DEED_NONE, BOOT + 60 } },
  { "its person shuts it down",
    LIVE_QUBE_STATE_HALTING,
    "x",
    { .end = AT, .deadline = BOOT + 60 },
    FALSE,
    { "closing", WALL + 60, "shutdown", LIVE_WINDOW_DEED_NONE, BOOT + 60 } },
  { "its volumes are being committed",
    LIVE_QUBE_STATE_DYING,
    "x",
    { .end = ENDLESS },
    FALSE,
    { "closing", -1, "shutdown", LIVE_WINDOW_DEED_NONE, 0 } },
  { "crashed",
    LIVE_QUBE_STATE_CRASHED,
    "x",
    { .end = AT, .deadline = BOOT + 60 },
    FALSE,
    { "open", WALL + 60, "", LIVE_WINDOW_DEED_NONE, BOOT + 60 } },
};

static LiveQubeFacts
make_facts (LiveQubeKlass klass, LiveQubeState state, const char *feature, gboolean private_read_only)
{
  LiveQubeFacts facts = { .klass = klass, .state = state };

  facts.features[LIVE_FEATURE_WINDOW] = feature;
  facts.volumes[LIVE_VOLUME_PRIVATE] = (LiveVolume){ .known = TRUE, .rw = !private_read_only, .save_on_stop = TRUE };
  return facts;
}

static void
test_rows (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const LiveRow *row = &rows[i];
      LiveQubeFacts facts = make_facts (LIVE_QUBE_KLASS_APP, row->state, row->feature, row->private_read_only);
      LiveWindowNow now = row->now;
      LiveWindowVerdict verdict;

      now.wall = WALL;
      now.boot = BOOT;
      verdict = live_window_judge (&facts, &now);
      g_test_message ("%s", row->name);
      g_assert_cmpstr (verdict.state, ==, row->verdict.state);
      g_assert_cmpint (verdict.deadline, ==, row->verdict.deadline);
      g_assert_cmpstr (verdict.step, ==, row->verdict.step);
      g_assert_cmpint (verdict.deed, ==, row->verdict.deed);
      g_assert_cmpint (verdict.again_at, ==, row->verdict.again_at);

      /* The same feature on a disposable is its template's. */
      facts.klass = LIVE_QUBE_KLASS_DISPOSABLE;
      now.opening = FALSE;
      verdict = live_window_judge (&facts, &now);
      g_assert_cmpstr (verdict.state, ==, "closed");
      g_assert_cmpint (verdict.deed, ==, LIVE_WINDOW_DEED_NONE);
      g_assert_cmpint (verdict.again_at, ==, 0);
    }
}

/* That nobody can set the clock that counts: neither what is done nor when depends on the wall clock. */
static void
test_wall_clock (void)
{
  const gint64 walls[] = { 0, WALL - 3600, WALL + 3600, G_GINT64_CONSTANT (1) << 40 };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (walls); j++)
      {
        LiveQubeFacts facts = make_facts (LIVE_QUBE_KLASS_APP, rows[i].state, rows[i].feature, FALSE);
        LiveWindowNow now = rows[i].now;
        LiveWindowVerdict one, other;

        now.boot = BOOT;
        now.wall = WALL;
        one = live_window_judge (&facts, &now);
        now.wall = walls[j];
        other = live_window_judge (&facts, &now);
        g_assert_cmpstr (one.state, ==, other.state);
        g_assert_cmpstr (one.step, ==, other.step);
        g_assert_cmpint (one.deed, ==, other.deed);
        g_assert_cmpint (one.again_at, ==, other.again_at);
        if (now.end == AT && one.deadline != 0)
          g_assert_cmpint (one.deadline - WALL, ==, other.deadline - walls[j]);
      }
}

static void
check_combination (LiveQubeState state, gboolean recorded, gboolean private_read_only, const LiveWindowNow *now)
{
  LiveQubeFacts facts = make_facts (LIVE_QUBE_KLASS_APP, state, recorded ? "x" : NULL, private_read_only);
  LiveWindowVerdict verdict = live_window_judge (&facts, now);
  gboolean is_over = now->end == OVER || (now->end == AT && now->deadline <= now->boot);
  gboolean runs = live_qube_state_is_running (state);
  gboolean has_to_end = recorded && !now->opening && runs && (is_over || now->close_asked);
  const char *verdict_state = verdict.state;

  /* A state has one cause. */
  g_assert_cmpint (g_str_equal (verdict_state, LIVE_WINDOW_OPENING), ==, now->opening);
  g_assert_cmpint (g_str_equal (verdict_state, LIVE_WINDOW_CLOSED), ==, !recorded && !now->opening);
  g_assert_cmpint (g_str_equal (verdict_state, LIVE_WINDOW_OPEN), ==,
                   recorded && !now->opening && runs && !has_to_end && state != LIVE_QUBE_STATE_HALTING
                       && state != LIVE_QUBE_STATE_DYING);
  /* Nothing is done to a qube but what has to be, and it is not asked twice. */
  if (!has_to_end)
    g_assert_cmpint (verdict.deed, ==, LIVE_WINDOW_DEED_NONE);
  else
    g_assert_cmpint (verdict.deed, ==,
                     now->kill_asked       ? LIVE_WINDOW_DEED_KILL
                     : now->shutdown_asked ? LIVE_WINDOW_DEED_NONE
                                           : LIVE_WINDOW_DEED_SHUTDOWN);
  if (!now->kill_asked)
    g_assert_cmpint (verdict.deed, !=, LIVE_WINDOW_DEED_KILL);
  /* Whoever waits is woken: something is to be done, or there is a time, or nothing can be done without an event. */
  if (has_to_end && verdict.deed == LIVE_WINDOW_DEED_NONE)
    g_assert_cmpint (verdict.again_at != 0, ==, !g_str_equal (verdict.step, LIVE_WINDOW_STEP_NOT_SHUTTING_DOWN));
  if (verdict.again_at != 0)
    g_assert_cmpint (verdict.again_at, >, now->boot);
  if (recorded && !now->opening && runs && !has_to_end)
    g_assert_cmpint (verdict.again_at, ==, now->end == AT ? now->deadline : 0);
  /* Steps are for what is going on. */
  if (g_str_equal (verdict_state, LIVE_WINDOW_CLOSED) || g_str_equal (verdict_state, LIVE_WINDOW_OPEN))
    g_assert_cmpstr (verdict.step, ==, "");
  else if (g_str_equal (verdict_state, LIVE_WINDOW_CLOSING))
    g_assert_cmpstr (verdict.step, !=, "");
  else
    g_assert_null (verdict.step);
  if (g_str_equal (verdict_state, LIVE_WINDOW_CLOSING) && state == HALTED)
    g_assert_cmpstr (verdict.step, ==, private_read_only ? LIVE_WINDOW_STEP_TIDY : LIVE_WINDOW_STEP_PRIVATE_READ_ONLY);
}

static void
test_combinations (void)
{
  const gint64 deadlines[] = { BOOT - 1, BOOT, BOOT + 1, BOOT + 86400 };
  const gint64 asked_at[] = { BOOT, BOOT - 59, BOOT - 60, BOOT - 61 };
  guint n = 0;

  for (guint state = LIVE_QUBE_STATE_UNKNOWN; state <= LIVE_QUBE_STATE_CRASHED; state++)
    for (guint bits = 0; bits < 1u << 6; bits++)
      for (guint end = LIVE_WINDOW_END_OVER; end <= LIVE_WINDOW_END_WHEN_CLOSED; end++)
        for (guint i = 0; i < G_N_ELEMENTS (deadlines); i++)
          for (guint j = 0; j < G_N_ELEMENTS (asked_at); j++)
            {
              LiveWindowNow now = {
                .opening = (bits & 1) != 0,
                .close_asked = (bits & 2) != 0,
                .kill_asked = (bits & 4) != 0,
                .shutdown_asked = (bits & 8) != 0,
                .shutdown_at = asked_at[j],
                .end = (LiveWindowEnd) end,
                .deadline = deadlines[i],
                .boot = BOOT,
                .wall = WALL,
              };

              check_combination ((LiveQubeState) state, (bits & 16) != 0, (bits & 32) != 0, &now);
              n++;
            }
  g_assert_cmpuint (n, ==, 9 * 64 * 3 * 16);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/window/parse", test_parse);
  g_test_add_func ("/window/format", test_format);
  g_test_add_func ("/window/guest", test_guest);
  g_test_add_func ("/window/rows", test_rows);
  g_test_add_func ("/window/wall-clock", test_wall_clock);
  g_test_add_func ("/window/combinations", test_combinations);
  return g_test_run ();
}
