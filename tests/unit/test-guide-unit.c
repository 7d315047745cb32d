/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "model/guide-unit.h"

/* What a unit of systemd does to volumes, by tables, and what garbage does to the reader: nothing. */

/* A unit as people write it after the forum's guide: several spellings, a comment, a line that goes on. */
static const char whole_unit[] = "[Unit]\n"
                                 "Description=Volumes that must not keep anything\n"
                                 "After=qubesd.service\n"
                                 "\n"
                                 "[Service]\n"
                                 "Type=oneshot\n"
                                 "# the browser\n"
                                 "ExecStart=/usr/bin/qvm-volume config web-dvm:root rw False\n"
                                 "ExecStart=-/usr/bin/qvm-volume config web-dvm:private rw False\n"
                                 "ExecStart=/bin/sh -c 'qvm-volume config mail:root rw 0; qvm-volume config "
                                 "mail:private rw no'\n"
                                 "ExecStartPost=/usr/bin/qvm-volume config \\\n"
                                 "; not this one\n"
                                 "  vault:root rw false\n"
                                 "RemainAfterExit=yes\n"
                                 "\n"
                                 "[Install]\n"
                                 "WantedBy=multi-user.target\n";

static char *
describe (const char *const *texts, const gsize *lengths)
{
  g_autoptr (LiveGuideUnit) unit = live_guide_unit_new ();
  g_autoptr (GPtrArray) settings = NULL;
  GString *description = g_string_new (NULL);
  guint n_others = 0;

  for (guint i = 0; texts[i] != NULL; i++)
    if (!live_guide_unit_add (unit, texts[i], lengths != NULL ? lengths[i] : strlen (texts[i])))
      g_string_append (description, "refused ");
  settings = live_guide_unit_finish (unit, &n_others);
  for (guint i = 0; i < settings->len; i++)
    {
      const LiveGuideSetting *setting = g_ptr_array_index (settings, i);

      g_string_append_printf (description, "%s:%s=%s ", setting->qube, setting->volume,
                              setting->writable ? "rw" : "ro");
    }
  g_string_append_printf (description, "+%u", n_others);
  return g_string_free (description, FALSE);
}

typedef struct
{
  const char *name;
  const char *text; /* below [Service] */
  const char *expected;
} LineCase;

#define SET "/usr/bin/qvm-volume config "

static const LineCase line_cases[] = {
  { "plain", "ExecStart=" SET "a:root rw False", "a:root=ro +0" },
  { "private", "ExecStart=" SET "a:private rw False", "a:private=ro +0" },
  { "true", "ExecStart=" SET "a:root rw True", "a:root=rw +0" },
  { "zero", "ExecStart=" SET "a:root rw 0", "a:root=ro +0" },
  { "no", "ExecStart=" SET "a:root rw NO", "a:root=ro +0" },
  { "off", "ExecStart=" SET "a:root rw off", "a:root=ro +0" },
  { "not-a-boolean", "ExecStart=" SET "a:root rw nope", "+1" },
  { "verb-s", "ExecStart=/usr/bin/qvm-volume s a:root rw False", "a:root=ro +0" },
  { "verb-set", "ExecStart=/usr/bin/qvm-volume set a:root rw False", "a:root=ro +0" },
  { "verb-other", "ExecStart=/usr/bin/qvm-volume info a:root rw False", "+1" },
  { "property-other", "ExecStart=" SET "a:volatile ephemeral True", "+1" },
  { "volume-other", "ExecStart=" SET "a:volatile rw False", "+1" },
  { "too-few-words", "ExecStart=" SET "a:root rw", "+1" },
  { "too-many-words", "ExecStart=" SET "a:root rw False b", "+1" },
  { "and-without-shell", "ExecStart=" SET "a:root rw False && " SET "b:root rw False", "+1" },
  { "by-path", "ExecStart=qvm-volume config a:root rw False", "a:root=ro +0" },
  { "in-bin", "ExecStart=/bin/qvm-volume config a:root rw False", "a:root=ro +0" },
  { "elsewhere", "ExecStart=/usr/local/bin/qvm-volume config a:root rw False", "+1" },
  { "other-program", "ExecStart=/usr/bin/qvm-volumes config a:root rw False", "+1" },
  { "prefix-ignore", "ExecStart=-" SET "a:root rw False", "a:root=ro +0" },
  { "prefix-many", "ExecStart=-+!!:" SET "a:root rw False", "a:root=ro +0" },
  { "prefix-name", "ExecStart=@/usr/bin/qvm-volume volumes config a:root rw False", "a:root=ro +0" },
  { "prefix-name-alone", "ExecStart=@/usr/bin/qvm-volume", "+1" },
  { "prefix-alone", "ExecStart=-", "+1" },
  { "double-quotes", "ExecStart=\"/usr/bin/qvm-volume\" config \"a:root\" rw \"False\"", "a:root=ro +0" },
  { "single-quotes", "ExecStart=" SET "'a:root' 'rw' False", "a:root=ro +0" },
  { "quotes-inside", "ExecStart=" SET "a:'root' r\"w\" False", "a:root=ro +0" },
  { "open-quote", "ExecStart=" SET "\"a:root rw False", "+1" },
  { "escape-hexadecimal", "ExecStart=" SET "\\x61:root rw False", "a:root=ro +0" },
  { "escape-octal", "ExecStart=" SET "\\141:root rw False", "a:root=ro +0" },
  { "escape-space", "ExecStart=" SET "a:root\\srw False", "+1" },
  { "escape-short", "ExecStart=" SET "a:root rw False\\x6", "+1" },
  { "escape-nul", "ExecStart=" SET "a:root rw False\\x00", "+1" },
  { "escape-unknown", "ExecStart=" SET "a:root rw Fals\\e", "+1" },
  { "semicolon", "ExecStart=" SET "a:root rw False ; " SET "b:private rw no", "a:root=ro b:private=ro +0" },
  { "semicolon-prefix", "ExecStart=" SET "a:root rw False ; -" SET "b:root rw 0", "a:root=ro b:root=ro +0" },
  { "semicolon-last", "ExecStart=" SET "a:root rw False ;", "a:root=ro +0" },
  { "semicolon-attached", "ExecStart=" SET "a:root rw False;", "+1" },
  { "semicolon-escaped", "ExecStart=" SET "a:root rw False \\; b", "+1" },
  { "semicolon-mixed", "ExecStart=" SET "a:root rw False ; /usr/bin/true", "a:root=ro +1" },
  { "variable", "ExecStart=" SET "$QUBE:root rw False", "+1" },
  { "specifier", "ExecStart=" SET "%i:root rw False", "+1" },
  { "blanks", "  ExecStart  =  \t" SET "  a:root\trw  False  ", "a:root=ro +0" },
  { "order", "ExecStartPost=" SET "c:root rw 0\nExecStart=" SET "b:root rw 0\nExecStartPre=" SET "a:root rw 0",
    "a:root=ro b:root=ro c:root=ro +0" },
  { "reset", "ExecStart=" SET "a:root rw 0\nExecStart=/usr/bin/true\nExecStart=\nExecStart=" SET "b:root rw 0",
    "b:root=ro +0" },
  { "reset-own-list", "ExecStart=" SET "a:root rw 0\nExecStartPre=", "a:root=ro +0" },
  { "comments", "#ExecStart=" SET "a:root rw 0\n ; ExecStart=" SET "b:root rw 0", "+0" },
  { "continued", "ExecStart=/usr/bin/qvm-volume \\\n config \\\n a:root rw False", "a:root=ro +0" },
  { "continued-over-comment", "ExecStart=" SET "\\\n# b\n a:root rw 0", "a:root=ro +0" },
  { "continued-to-the-end", "ExecStart=" SET "a:root rw False\\", "a:root=ro +0" },
  { "not-continued", "ExecStart=" SET "a:root rw False\\\\\nExecStart=" SET "b:root rw 0", "b:root=ro +1" },
  { "carriage-returns", "ExecStart=/usr/bin/qvm-volume config \\\r\n a:root rw False\r\nExecStart=\r\n", "+0" },
  { "carriage-returns-kept", "ExecStart=/usr/bin/qvm-volume config \\\r\n a:root rw False\r\n", "a:root=ro +0" },
  { "stop", "ExecStart=" SET "a:root rw 0\nExecStop=" SET "a:root rw True", "a:root=ro +1" },
  { "stop-reset", "ExecStop=/usr/bin/true\nExecStop=\nExecStopPost=/usr/bin/true", "+1" },
  { "condition", "ExecCondition=/usr/bin/true\nExecReload=/usr/bin/true", "+2" },
  { "section-other", "[Unit]\nExecStart=" SET "a:root rw 0", "+0" },
  { "section-again", "[Unit]\n[Service]\nExecStart=" SET "a:root rw 0", "a:root=ro +0" },
  { "also", "ExecStart=" SET "a:root rw 0\n[Install]\nAlso=other.service", "a:root=ro +1" },
  { "also-elsewhere", "Also=other.service", "+0" },
  { "key-other", "execstart=" SET "a:root rw 0\nExecStarts=" SET "a:root rw 0", "+0" },
  { "no-equals", "ExecStart\n=x\n[\n]\n[]", "+0" },

  { "name-empty", "ExecStart=" SET ":root rw False", "+1" },
  { "name-digit", "ExecStart=" SET "1a:root rw False", "+1" },
  { "name-option", "ExecStart=" SET "-a:root rw False", "+1" },
  { "name-slash", "ExecStart=" SET "a/b:root rw False", "+1" },
  { "name-31", "ExecStart=" SET "aaaaaaaaaabbbbbbbbbbcccccccccc1:root rw False",
    "aaaaaaaaaabbbbbbbbbbcccccccccc1:root=ro +0" },
  { "name-32", "ExecStart=" SET "aaaaaaaaaabbbbbbbbbbcccccccccc12:root rw False", "+1" },
  { "name-two-colons", "ExecStart=" SET "a:b:root rw False", "+1" },
  { "name-foreign", "ExecStart=" SET "ä:root rw False", "+1" },

  { "sh", "ExecStart=/bin/sh -c '" SET "a:root rw False'", "a:root=ro +0" },
  { "bash", "ExecStart=/usr/bin/bash -c \"" SET "a:root rw False; " SET "b:root rw False\"", "a:root=ro b:root=ro +0" },
  { "sh-and", "ExecStart=-sh -c '" SET "a:root rw 0 && " SET "a:private rw 0&&" SET "b:root rw 0;'",
    "a:root=ro a:private=ro b:root=ro +0" },
  { "sh-newlines", "ExecStart=/bin/sh -ec '\\n" SET "a:root rw 0\\n\\n" SET "b:root rw 0 &&\\n" SET "c:root rw 0\\n'",
    "a:root=ro b:root=ro c:root=ro +0" },
  { "sh-quotes", "ExecStart=/bin/sh -c \"" SET "'a:root' rw 'False'\"", "a:root=ro +0" },
  { "sh-quote-open", "ExecStart=/bin/sh -c \"" SET "'a:root rw False\"", "+1" },
  { "sh-quote-other", "ExecStart=/bin/sh -c \"" SET "'a:root\\\" rw False\"", "+1" },
  { "sh-other-command", "ExecStart=/bin/sh -c 'sleep 5; " SET "a:root rw False'", "+1" },
  { "sh-or", "ExecStart=/bin/sh -c '" SET "a:root rw 0 || " SET "b:root rw 0'", "+1" },
  { "sh-background", "ExecStart=/bin/sh -c '" SET "a:root rw 0 & " SET "b:root rw 0'", "+1" },
  { "sh-pipe", "ExecStart=/bin/sh -c '" SET "a:root rw 0 | cat'", "+1" },
  { "sh-redirection", "ExecStart=/bin/sh -c '" SET "a:root rw 0 >/dev/null'", "+1" },
  { "sh-variable", "ExecStart=/bin/sh -c '" SET "$q:root rw 0'", "+1" },
  { "sh-loop", "ExecStart=/bin/sh -c 'for q in a b; do " SET "$q:root rw False; done'", "+1" },
  { "sh-substitution", "ExecStart=/bin/sh -c '" SET "`x`:root rw 0'", "+1" },
  { "sh-comment", "ExecStart=/bin/sh -c '" SET "a:root rw 0 # b'", "+1" },
  { "sh-braces", "ExecStart=/bin/sh -c '" SET "{a,b}:root rw 0'", "+1" },
  { "sh-assignment", "ExecStart=/bin/sh -c 'A=b " SET "a:root rw 0'", "+1" },
  { "sh-double-semicolon", "ExecStart=/bin/sh -c '" SET "a:root rw 0;; " SET "b:root rw 0'", "+1" },
  { "sh-semicolon-first", "ExecStart=/bin/sh -c ';" SET "a:root rw 0'", "+1" },
  { "sh-and-last", "ExecStart=/bin/sh -c '" SET "a:root rw 0 &&'", "+1" },
  { "sh-and-semicolon", "ExecStart=/bin/sh -c '" SET "a:root rw 0 &&;" SET "b:root rw 0'", "+1" },
  { "sh-empty", "ExecStart=/bin/sh -c ''", "+1" },
  { "sh-empty-word", "ExecStart=/bin/sh -c \"'' " SET "a:root rw 0\"", "+1" },
  { "sh-no-script", "ExecStart=/bin/sh -c", "+1" },
  { "sh-file", "ExecStart=/bin/sh /root/rw.sh", "+1" },
  { "sh-arguments", "ExecStart=/bin/sh -c '" SET "a:root rw 0' x", "+1" },
  { "sh-options", "ExecStart=/bin/sh -n '" SET "a:root rw 0'", "+1" },
};

static void
test_line (gconstpointer data)
{
  const LineCase *row = data;
  g_autofree char *text = g_strconcat ("[Service]\n", row->text, NULL);
  g_autofree char *text_with_end = g_strconcat (text, "\n", NULL);
  g_autofree char *is = describe ((const char *const[]){ text, NULL }, NULL);
  g_autofree char *is_with_end = describe ((const char *const[]){ text_with_end, NULL }, NULL);

  g_assert_cmpstr (is, ==, row->expected);
  g_assert_cmpstr (is_with_end, ==, row->expected);
}

static void
test_whole (void)
{
  g_autofree char *is = describe ((const char *const[]){ whole_unit, NULL }, NULL);
  g_autofree char *marked = g_strconcat ("\xef\xbb\xbf", whole_unit, NULL);
  g_autofree char *is_marked = describe ((const char *const[]){ marked, NULL }, NULL);

  g_assert_cmpstr (is, ==, "web-dvm:root=ro web-dvm:private=ro mail:root=ro mail:private=ro vault:root=ro +0");
  g_assert_cmpstr (is_marked, ==, is);
}

static void
test_drop_ins (void)
{
  static const char *const adds[] = { whole_unit, "[Service]\nExecStart=/usr/bin/true\n", NULL };
  static const char *const replaces[]
      = { whole_unit, "[Service]\nExecStart=\nExecStartPost=\nExecStart=" SET "x:root rw 0\n", NULL };
  /* The section of the file before is not that of the next one. */
  static const char *const headless[] = { whole_unit, "ExecStart=/usr/bin/true\n", NULL };
  g_autofree char *added = describe (adds, NULL);
  g_autofree char *replaced = describe (replaces, NULL);
  g_autofree char *ignored = describe (headless, NULL);

  g_assert_true (g_str_has_suffix (added, "vault:root=ro +1"));
  g_assert_cmpstr (replaced, ==, "x:root=ro +0");
  g_assert_true (g_str_has_suffix (ignored, "vault:root=ro +0"));
}

static void
test_unreadable (void)
{
  g_autoptr (LiveGuideUnit) unit = live_guide_unit_new ();
  g_autoptr (GPtrArray) settings = NULL;
  guint n_others = 0;

  g_assert_true (live_guide_unit_add (unit, whole_unit, strlen (whole_unit)));
  live_guide_unit_add_unreadable (unit);
  settings = live_guide_unit_finish (unit, &n_others);
  g_assert_cmpuint (settings->len, ==, 5);
  g_assert_cmpuint (n_others, ==, 1);
}

/* What is refused leaves no trace, also of its good part. */
static void
test_hostile (void)
{
  static const char nul[] = "[Service]\nExecStart=" SET "a:root rw 0\n\0ExecStart=" SET "b:root rw 0\n";
  static const char latin[] = "[Service]\nExecStart=" SET "a:root rw 0\n# \xe4\n";
  const gsize lengths[] = { sizeof nul - 1, sizeof latin - 1, LIVE_GUIDE_UNIT_MAX_BYTES + 1 };
  g_autofree char *huge = g_strnfill (LIVE_GUIDE_UNIT_MAX_BYTES + 1, '\n');
  g_autofree char *is = describe ((const char *const[]){ nul, latin, huge, NULL }, lengths);
  const gsize fitting[] = { LIVE_GUIDE_UNIT_MAX_BYTES };
  g_autofree char *fits = describe ((const char *const[]){ huge, NULL }, fitting);

  g_assert_cmpstr (is, ==, "refused refused refused +0");
  g_assert_cmpstr (fits, ==, "+0");
}

/* More than anybody sets: the rest is counted, so that the unit is not given up. */
static void
test_many (void)
{
  g_autoptr (GString) text = g_string_new ("[Service]\n");
  g_autoptr (LiveGuideUnit) unit = live_guide_unit_new ();
  g_autoptr (GPtrArray) settings = NULL;
  guint n_others = 0;

  for (guint i = 0; i < LIVE_GUIDE_UNIT_MAX_SETTINGS + 3; i++)
    g_string_append (text, "ExecStart=qvm-volume s a:root rw 0\n");
  g_assert_true (live_guide_unit_add (unit, text->str, text->len));
  settings = live_guide_unit_finish (unit, &n_others);
  g_assert_cmpuint (settings->len, ==, LIVE_GUIDE_UNIT_MAX_SETTINGS);
  g_assert_cmpuint (n_others, ==, 3);
}

/* Cut off anywhere, in memory of exactly that size: no setting appears that is not in the whole. */
static void
test_truncated (void)
{
  for (gsize length = 0; length < strlen (whole_unit); length++)
    {
      g_autofree char *text = g_memdup2 (whole_unit, length);
      g_autoptr (LiveGuideUnit) unit = live_guide_unit_new ();
      g_autoptr (GPtrArray) settings = NULL;
      guint n_others = 0;

      g_assert_true (live_guide_unit_add (unit, text != NULL ? text : "", length));
      settings = live_guide_unit_finish (unit, &n_others);
      g_assert_cmpuint (settings->len, <=, 5);
      g_assert_cmpuint (n_others, <=, 1);
      for (guint i = 0; i < settings->len; i++)
        {
          const LiveGuideSetting *setting = g_ptr_array_index (settings, i);
          g_autofree char *volume = g_strdup_printf ("%s:%s ", setting->qube, setting->volume);

          g_assert_nonnull (strstr (whole_unit, volume));
          g_assert_false (setting->writable);
        }
    }
}

/* Bytes that mean something to the reader, in random order; whatever comes out holds names that are safe to use. */
static void
test_garbage (void)
{
  static const char *const pieces[] = { "ExecStart=", "ExecStartPre=",
                                        "[Service]",  "[",
                                        "]",          "=",
                                        "\n",         "\r",
                                        "\\",         "\\\n",
                                        "\"",         "'",
                                        ";",          " ; ",
                                        "&&",         "&",
                                        "#",          " ",
                                        "\t",         "qvm-volume",
                                        " config ",   "a:root",
                                        " rw ",       "False",
                                        "sh -c ",     "@",
                                        "-",          "\\x",
                                        "\\u12",      "\\0",
                                        "$",          "%",
                                        "\xc3\xa4",   "\xff",
                                        "x" };

  for (guint round = 0; round < 4000; round++)
    {
      g_autoptr (GString) text = g_string_new ("[Service]\nExecStart=");
      g_autoptr (LiveGuideUnit) unit = live_guide_unit_new ();
      g_autoptr (GPtrArray) settings = NULL;
      guint n_others = 0;
      guint n_pieces = (guint) g_test_rand_int_range (0, 60);

      for (guint i = 0; i < n_pieces; i++)
        g_string_append (text, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
      if (live_guide_unit_add (unit, text->str, text->len))
        g_assert_null (strchr (text->str, '\xff'));
      else
        g_assert_nonnull (strchr (text->str, '\xff'));
      settings = live_guide_unit_finish (unit, &n_others);
      for (guint i = 0; i < settings->len; i++)
        {
          const LiveGuideSetting *setting = g_ptr_array_index (settings, i);

          g_assert_cmpstr (setting->volume, ==, "root");
          g_assert_cmpuint (strspn (setting->qube, "aelqvmouxrwinc-volumeconfigFalseshEtPSrd"), ==,
                            strlen (setting->qube));
        }
    }
}

typedef struct
{
  const char *name;
  const char *settings; /* in GVariant's notation */
  const char *expected;
} DecisionCase;

static const DecisionCase decision_cases[] = {
  { "none", "@a(ssb) []", "" },
  { "root", "[('a', 'root', false)]", "a=root " },
  { "both", "[('a', 'root', false), ('a', 'private', false)]", "a=full " },
  { "both-other-order", "[('a', 'private', false), ('a', 'root', false)]", "a=full " },
  { "private-alone", "[('a', 'private', false)]", "a=- " },
  { "writable-alone", "[('a', 'root', true)]", "a=- " },
  { "taken-back", "[('a', 'root', false), ('a', 'root', true)]", "a=- " },
  { "taken-back-and-again", "[('a', 'root', true), ('a', 'root', false)]", "a=root " },
  { "private-taken-back", "[('a', 'root', false), ('a', 'private', false), ('a', 'private', true)]", "a=root " },
  { "root-taken-back", "[('a', 'root', false), ('a', 'private', false), ('a', 'root', true)]", "a=- " },
  { "several", "[('b', 'root', false), ('a', 'root', false), ('c', 'private', false), ('b', 'private', false)]",
    "b=full a=root c=- " },
};

static void
test_decision (gconstpointer data)
{
  const DecisionCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) settings = g_variant_parse (G_VARIANT_TYPE ("a(ssb)"), row->settings, NULL, NULL, &error);
  g_autoptr (GVariant) unit = NULL;
  g_autoptr (GPtrArray) wishes = NULL;
  g_autoptr (GString) is = g_string_new (NULL);

  g_assert_no_error (error);
  unit = g_variant_ref_sink (g_variant_new ("(sb@a(ssb)u)", "/rw.service", TRUE, settings, 0));
  wishes = live_guide_unit_decide (unit);
  for (guint i = 0; i < wishes->len; i++)
    {
      const LiveGuideWish *wish = g_ptr_array_index (wishes, i);

      g_string_append_printf (is, "%s=%s ", wish->qube, wish->policy != NULL ? wish->policy : "-");
    }
  g_assert_cmpstr (is->str, ==, row->expected);
}

static void
test_variant (void)
{
  g_autoptr (LiveGuideUnit) unit = live_guide_unit_new ();
  g_autoptr (GPtrArray) settings = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GVariant) none = g_variant_ref_sink (live_guide_unit_make_none ());
  g_autofree char *is = NULL;
  g_autofree char *is_none = g_variant_print (none, FALSE);
  static const char text[]
      = "[Service]\nExecStart=" SET "a:root rw 0\nExecStart=" SET "a:private rw 1\nExecStart=/bin/true";
  guint n_others = 0;

  g_assert_true (live_guide_unit_add (unit, text, strlen (text)));
  settings = live_guide_unit_finish (unit, &n_others);
  variant = g_variant_ref_sink (live_guide_unit_to_variant ("/rw.service", TRUE, settings, n_others));
  is = g_variant_print (variant, FALSE);
  g_assert_true (g_variant_is_of_type (variant, G_VARIANT_TYPE (LIVE_GUIDE_UNIT_TYPE)));
  g_assert_true (g_variant_is_of_type (none, G_VARIANT_TYPE (LIVE_GUIDE_UNIT_TYPE)));
  g_assert_cmpstr (is, ==, "('/rw.service', true, [('a', 'root', false), ('a', 'private', true)], 1)");
  g_assert_cmpstr (is_none, ==, "('', false, [], 0)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (line_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/guide-unit/line/", line_cases[i].name, NULL);

      g_test_add_data_func (path, &line_cases[i], test_line);
    }
  for (guint i = 0; i < G_N_ELEMENTS (decision_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/guide-unit/decision/", decision_cases[i].name, NULL);

      g_test_add_data_func (path, &decision_cases[i], test_decision);
    }
  g_test_add_func ("/guide-unit/whole", test_whole);
  g_test_add_func ("/guide-unit/drop-ins", test_drop_ins);
  g_test_add_func ("/guide-unit/unreadable", test_unreadable);
  g_test_add_func ("/guide-unit/hostile", test_hostile);
  g_test_add_func ("/guide-unit/many", test_many);
  g_test_add_func ("/guide-unit/truncated", test_truncated);
  g_test_add_func ("/guide-unit/garbage", test_garbage);
  g_test_add_func ("/guide-unit/variant", test_variant);
  return g_test_run ();
}
