/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* The simulated dom0 must answer as the recorded qubesd did, byte for byte. */

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "recording.h"
#include "simulator.h"

typedef struct
{
  /* Of the recorded qubesd, and the option that makes the simulator be it. */
  const char *recorded;
  const char *version;
} Version;

static const Version versions[] = {
  { "4.2.39", "4.2" },
  { "4.3.50", "4.3" },
  { "4.4.0-dev", "4.4" },
};

/* The sessions, in the order they were recorded: one run against one store, so that what one leaves the next finds. */
static const struct
{
  const char *exchanges;
  const char *events;
} sessions[] = {
  { "01-list-state-props.txt", "events-main.txt" },   { "02-volumes.txt", "events-main.txt" },
  { "03-pools.txt", "events-lifecycle.txt" },         { "04-features-tags.txt", "events-lifecycle.txt" },
  { "05-create-remove.txt", "events-lifecycle.txt" }, { "06-start-stop.txt", "events-lifecycle.txt" },
  { "07-framing.txt", "events-lifecycle.txt" },
};

#define UUID "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

/* Everything in which a reply may differ. A pattern is replaced in both, so that ours must have the same shape. */
static const struct
{
  const char *method;
  const char *pattern;
  const char *replacement;
  const char *reason;
} deviations[] = {
  { "admin.vm.List", " uuid=" UUID, " uuid=UUID", "qubesd draws a qube's uuid at random" },
  { "admin.vm.property.GetAll", "\\\\nuuid default=False type=str " UUID, "\\\\nuuid default=False type=str UUID",
    "as above" },
  { "admin.vm.CurrentState", "cputime=[1-9][0-9]*", "cputime=N", "the recordings show the time of day there" },
  { "admin.pool.Info", "\\\\nsize=[0-9]+\\\\nusage=[0-9]+\\\\n", "\\\\nsize=N\\\\nusage=N\\\\n",
    "the disk that the recordings were made on" },
  { "admin.pool.UsageDetails", "data_size=[0-9]+\\\\ndata_usage=[0-9]+", "data_size=N\\\\ndata_usage=N", "as above" },
  { "admin.pool.Remove", "object at 0x[0-9a-f]+>", "object at ADDRESS>", "4.4 tells an address in its memory" },
  { "admin.vm.CreateDisposable", "^0\\\\x00disp[0-9]{1,4}$", "0\\\\x00dispN",
    "the number is drawn at random; in what follows, the recorded name is replaced by ours" },
  { "admin.vm.volume.CloneFrom", "^0\\\\x00[A-Za-z0-9]{32}$", "0\\\\x00TOKEN", "a random token" },
};

static char *
get_path (const Version *version, const char *file)
{
  return g_test_build_filename (G_TEST_DIST, "data", "admin-api", version->recorded, file, NULL);
}

/* Bytes as printable text, in which patterns can be looked for although there are NULs. */
static char *
make_printable (const GByteArray *bytes)
{
  GString *text = g_string_sized_new (bytes->len + 16);

  for (guint i = 0; i < bytes->len; i++)
    {
      guint8 byte = bytes->data[i];

      if (byte == '\n')
        g_string_append (text, "\\n");
      else if (byte == '\\')
        g_string_append (text, "\\\\");
      else if (byte >= 0x20 && byte < 0x7f)
        g_string_append_c (text, (char)byte);
      else
        g_string_append_printf (text, "\\x%02x", byte);
    }
  return g_string_free (text, FALSE);
}

static char *
get_method (const GByteArray *request)
{
  gsize length = 0;

  while (length < request->len && !strchr ("+ ", request->data[length]))
    length++;
  return length > 0 ? g_strndup ((const char *)request->data, length) : g_strdup ("");
}

static char *
forgive (const char *method, const char *text)
{
  char *result = g_strdup (text);

  for (guint i = 0; i < G_N_ELEMENTS (deviations); i++)
    if (g_str_equal (deviations[i].method, method))
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (GRegex) regex = g_regex_new (deviations[i].pattern, 0, 0, &error);
        g_autofree char *before = result;

        g_assert_no_error (error);
        result = g_regex_replace (regex, before, -1, 0, deviations[i].replacement, 0, &error);
        g_assert_no_error (error);
      }
  return result;
}

/* Replaces a name that the recording drew at random by the one that the simulator drew. */
static GByteArray *
rename_disposable (const GByteArray *bytes, const char *recorded, const char *ours)
{
  GByteArray *result = g_byte_array_new ();
  gsize length = recorded ? strlen (recorded) : 0;

  for (guint i = 0; i < bytes->len;)
    {
      if (length > 0 && i + length <= bytes->len && memcmp (bytes->data + i, recorded, length) == 0)
        {
          g_byte_array_append (result, (const guint8 *)ours, (guint)strlen (ours));
          i += (guint)length;
        }
      else
        g_byte_array_append (result, bytes->data + i++, 1);
    }
  return result;
}

typedef struct
{
  LiveSimulator *simulator;
  int events;
  /* Sections of the recording of events that is now followed, and the next of them. */
  GPtrArray *sections;
  guint section;
  /* Frames that came after the last section began; they are compared at the end. */
  GByteArray *last_frames;
  char *recorded_name;
  char *our_name;
  guint n_requests;
  guint n_frames;
  guint n_different;
} Run;

static guint
count_frames (const GByteArray *bytes)
{
  guint n = 0;

  /* A frame begins with 1 NUL; what it holds never ends like one. */
  for (guint i = 0; i + 1 < bytes->len; i++)
    if (bytes->data[i] == '1' && bytes->data[i + 1] == '\0' && (i == 0 || bytes->data[i - 1] == '\0'))
      n++;
  return n;
}

static void
compare (Run *run,
         const char *what,
         const char *method,
         const GByteArray *request,
         const GByteArray *expected,
         const GByteArray *actual)
{
  g_autoptr (GByteArray) renamed = rename_disposable (expected, run->recorded_name, run->our_name);
  g_autofree char *expected_text = make_printable (renamed);
  g_autofree char *actual_text = make_printable (actual);
  g_autofree char *expected_shape = forgive (method, expected_text);
  g_autofree char *actual_shape = forgive (method, actual_text);
  g_autofree char *request_text = make_printable (request);

  if (g_str_equal (expected_shape, actual_shape))
    return;
  run->n_different++;
  g_test_message ("%s differs: %.200s\n  recorded  %.2000s\n  simulated %.2000s", what, request_text, expected_shape,
                  actual_shape);
}

/* The section's title must be that of the request that we are at, or the two are out of step. */
static void
check_title (const LiveSection *section, const GByteArray *request, Run *run)
{
  g_autofree char *header = g_strndup ((const char *)request->data, request->len);
  g_auto (GStrv) words = g_strsplit (header, " ", 4);
  g_autofree char *title = g_strdup_printf ("%s -> %s", words[0], words[3]);
  g_autoptr (GByteArray) recorded = g_byte_array_new ();
  g_autoptr (GByteArray) renamed = NULL;
  g_autofree char *expected = NULL;

  g_byte_array_append (recorded, (const guint8 *)section->title, (guint)strlen (section->title));
  renamed = rename_disposable (recorded, run->recorded_name, run->our_name);
  expected = g_strndup ((const char *)renamed->data, renamed->len);
  g_assert_cmpstr (title, ==, expected);
}

static void
compare_events (Run *run, const GByteArray *request, const GByteArray *frames)
{
  gboolean last = run->section + 1 >= run->sections->len;

  run->n_frames += count_frames (frames);
  if (run->section < run->sections->len)
    {
      LiveSection *section = g_ptr_array_index (run->sections, run->section);

      check_title (section, request, run);
      if (!last)
        compare (run, "events", "", request, section->frames, frames);
      run->section++;
    }
  /* The recording does not tell after which of the last calls a frame came. */
  if (last)
    g_byte_array_append (run->last_frames, frames->data, frames->len);
}

static void
finish_sections (Run *run)
{
  g_autoptr (GByteArray) nothing = g_byte_array_new ();
  LiveSection *section;

  if (!run->sections)
    return;
  g_assert_cmpuint (run->section, ==, run->sections->len);
  section = g_ptr_array_index (run->sections, run->sections->len - 1);
  compare (run, "events at the end", "", nothing, section->frames, run->last_frames);
  g_clear_pointer (&run->sections, g_ptr_array_unref);
  g_byte_array_set_size (run->last_frames, 0);
}

static void
start_sections (Run *run, const char *path)
{
  g_autoptr (GByteArray) greeting = live_simulator_take_events (run->simulator, run->events, NULL);
  LiveSection *first;

  run->sections = live_recording_read_sections (path);
  /* Before the first call there is only the greeting, which each recording has and our one stream had once. */
  first = g_ptr_array_index (run->sections, 0);
  if (run->n_requests == 0)
    g_assert_cmpmem (greeting->data, greeting->len, first->frames->data, first->frames->len);
  else
    g_assert_cmpuint (greeting->len, ==, 0);
  run->section = 1;
}

static void
replay (Run *run, const LiveExchange *exchange)
{
  g_autoptr (GByteArray) request = rename_disposable (exchange->request, run->recorded_name, run->our_name);
  g_autoptr (GByteArray) reply = live_simulator_call_bytes (run->simulator, request->data, request->len);
  g_autoptr (GByteArray) frames = live_simulator_take_events (run->simulator, run->events, NULL);
  g_autofree char *method = get_method (request);

  run->n_requests++;
  compare (run, "reply", method, request, exchange->reply, reply);
  if (g_str_equal (method, "admin.vm.CreateDisposable") && reply->len > 2 && exchange->reply->len > 2)
    {
      g_assert_null (run->our_name);
      run->recorded_name = g_strndup ((const char *)exchange->reply->data + 2, exchange->reply->len - 2);
      run->our_name = g_strndup ((const char *)reply->data + 2, reply->len - 2);
    }
  compare_events (run, request, frames);
}

static void
test_replay (gconstpointer data)
{
  const Version *version = data;
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version->version, NULL);
  Run run = { .simulator = simulator, .last_frames = g_byte_array_new () };
  guint n_recorded = 0;

  run.events = live_simulator_subscribe (simulator, "dom0");
  for (guint i = 0; i < G_N_ELEMENTS (sessions); i++)
    {
      g_autofree char *path = get_path (version, sessions[i].exchanges);
      g_autofree char *events_path = get_path (version, sessions[i].events);
      g_autoptr (GPtrArray) exchanges = live_recording_read_exchanges (path);

      if (i == 0 || !g_str_equal (sessions[i].events, sessions[i - 1].events))
        {
          finish_sections (&run);
          start_sections (&run, events_path);
        }
      g_assert_cmpuint (exchanges->len, >, 0);
      n_recorded += exchanges->len;
      for (guint k = 0; k < exchanges->len; k++)
        replay (&run, g_ptr_array_index (exchanges, k));
    }
  finish_sections (&run);
  close (run.events);
  g_test_message ("%s: %u requests and %u event frames compared, %u differ", version->recorded, run.n_requests,
                  run.n_frames, run.n_different);
  g_assert_cmpuint (run.n_requests, ==, n_recorded);
  /* A recording that was cut short would otherwise pass. */
  g_assert_cmpuint (run.n_requests, ==, 294);
  g_assert_cmpuint (run.n_frames, >=, 200);
  g_assert_cmpuint (run.n_different, ==, 0);
  g_byte_array_unref (run.last_frames);
  g_free (run.recorded_name);
  g_free (run.our_name);
}

/* So long as the client has not closed its side, there is no answer; then there is the recorded one. */
static void
test_half_close (gconstpointer data)
{
  static const char request[] = "admin.vm.List dom0 name app1";
  const Version *version = data;
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version->version, NULL);
  g_autofree char *path = get_path (version, "07-framing.txt");
  g_autoptr (GByteArray) expected = live_recording_read_comment (path, "then SHUT_WR -> ");
  g_autoptr (GByteArray) reply = NULL;
  g_autofree char *expected_text = make_printable (expected);
  g_autofree char *expected_shape = forgive ("admin.vm.List", expected_text);
  g_autofree char *reply_text = NULL;
  g_autofree char *reply_shape = NULL;
  int fd = live_simulator_connect (simulator);
  struct pollfd waiting = { .fd = fd, .events = POLLIN };

  live_socket_send (fd, request, sizeof request);
  /* The simulator is one thread: when it has answered others, it has seen this one too. */
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *other = live_simulator_call (simulator, "admin.vm.List", "app2", "");
      g_assert_true (g_str_has_prefix (other, "0|app2 class=AppVM state=Halted"));
    }
  g_assert_cmpint (poll (&waiting, 1, 0), ==, 0);
  g_assert_cmpint (shutdown (fd, SHUT_WR), ==, 0);
  reply = live_socket_read_all (fd);
  close (fd);
  reply_text = make_printable (reply);
  reply_shape = forgive ("admin.vm.List", reply_text);
  g_assert_cmpstr (reply_shape, ==, expected_shape);
}

/* However a request is cut up on its way, it is the same request. */
static void
test_chunks (gconstpointer data)
{
  static const char request[] = "admin.vm.feature.Set+cut dom0 name app1\0a value";
  static const gsize sizes[] = { 1, 2, 7, sizeof request };
  const Version *version = data;
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version->version, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GByteArray) reply = NULL;
      g_autofree char *value = NULL;
      g_autofree char *removed = NULL;
      int fd = live_simulator_connect (simulator);

      /* The literal's NUL is not part of the payload. */
      for (gsize at = 0; at < sizeof request - 1; at += sizes[i])
        {
          live_socket_send (fd, request + at, MIN (sizes[i], sizeof request - 1 - at));
          /* Any other call makes the simulator read what there is so far. */
          g_free (live_simulator_control (simulator, "state app1"));
        }
      live_socket_request (fd, "", 0);
      reply = live_socket_read_all (fd);
      close (fd);
      g_assert_cmpmem (reply->data, reply->len, "0\0", 2);
      value = live_simulator_call (simulator, "admin.vm.feature.Get+cut", "app1", "");
      g_assert_cmpstr (value, ==, "0|a value");
      removed = live_simulator_call (simulator, "admin.vm.feature.Remove+cut", "app1", "");
      g_assert_cmpstr (removed, ==, "0|");
    }
}

static void
test_literals (void)
{
  static const struct
  {
    const char *text;
    const char *bytes;
    gsize length;
    const char *rest;
  } good[] = {
    { "b''", "", 0, "" },
    { "b'a\\x00\\xffb' (EOF)",
      "a\0\xff"
      "b",
      4, " (EOF)" },
    { "b\"it's\"", "it's", 4, "" },
    { "b'\\n\\t\\r\\\\\\'\\\"'", "\n\t\r\\'\"", 6, "" },
    { "b'ab'...(5 bytes)", "abbbb", 5, "" },
    { "b'x' + 3 * b'a' + b'\\x00'", "xaaa", 5, "" },
  };
  static const char *const bad[]
      = { "", "'a'", "b'a", "b'\\q'", "b'\\x0'", "b'a'...(0 bytes)", "b'a' + ", "b'a' + 3 * ", "b'a'...(9 byt" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      const char *end;
      g_autoptr (GByteArray) bytes = live_literal_parse (good[i].text, &end);

      g_assert_nonnull (bytes);
      g_assert_cmpmem (bytes->data, bytes->len, good[i].bytes, good[i].length);
      g_assert_cmpstr (end, ==, good[i].rest);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const char *end;
      g_assert_null (live_literal_parse (bad[i], &end));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dom0/conformance/literals", test_literals);
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *replay_path = g_strconcat ("/dom0/conformance/replay/", versions[i].recorded, NULL);
      g_autofree char *half_close_path = g_strconcat ("/dom0/conformance/half-close/", versions[i].recorded, NULL);
      g_autofree char *chunks_path = g_strconcat ("/dom0/conformance/chunks/", versions[i].recorded, NULL);

      g_test_add_data_func (replay_path, &versions[i], test_replay);
      g_test_add_data_func (half_close_path, &versions[i], test_half_close);
      g_test_add_data_func (chunks_path, &versions[i], test_chunks);
    }
  return g_test_run ();
}
