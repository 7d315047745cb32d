/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/guide-unit.h"

#include <string.h>

#include "model/object-path.h"
#include "model/unit-words.h"

/* Commands run in this order; what else systemd can run for a unit is not for its start. */
typedef enum
{
  PHASE_BEFORE,
  PHASE_START,
  PHASE_AFTER,
  N_PHASES
} Phase;

static const char *const phase_keys[N_PHASES] = { "ExecStartPre", "ExecStart", "ExecStartPost" };

/* Each a list of its own, which an empty assignment empties (systemd.exec(5), systemd.service(5), systemd.unit(5)). */
static const char *const other_keys[]
    = { "ExecCondition", "ExecReload", "ExecReloadPost", "ExecStop", "ExecStopPost", "Also" };

typedef struct
{
  GPtrArray *settings; /* (element-type LiveGuideSetting) */
  guint n_others;
} Commands;

struct _LiveGuideUnit
{
  Commands phases[N_PHASES];
  guint n_others[G_N_ELEMENTS (other_keys)];
  guint n_unreadable;
};

static void
setting_free (gpointer data)
{
  LiveGuideSetting *setting = data;

  g_free (setting->qube);
  g_free (setting->volume);
  g_free (setting);
}

LiveGuideUnit *
live_guide_unit_new (void)
{
  LiveGuideUnit *unit = g_new0 (LiveGuideUnit, 1);

  for (guint i = 0; i < N_PHASES; i++)
    unit->phases[i].settings = g_ptr_array_new_with_free_func (setting_free);
  return unit;
}

void
live_guide_unit_free (LiveGuideUnit *unit)
{
  if (unit == NULL)
    return;
  for (guint i = 0; i < N_PHASES; i++)
    g_ptr_array_unref (unit->phases[i].settings);
  g_free (unit);
}

/* ---- One command. ---- */

static gboolean
is_program (const char *word, const char *name)
{
  static const char *const directories[] = { "", "/usr/bin/", "/bin/" };

  for (guint i = 0; i < G_N_ELEMENTS (directories); i++)
    if (g_str_has_prefix (word, directories[i]) && g_str_equal (word + strlen (directories[i]), name))
      return TRUE;
  return FALSE;
}

static gboolean
is_one_of (const char *word, const char *const *words)
{
  for (; *words != NULL; words++)
    if (g_ascii_strcasecmp (word, *words) == 0)
      return TRUE;
  return FALSE;
}

/* As qubesd reads the value of a boolean (qubes/__init__.py, bool). */
static gboolean
parse_boolean (const char *word, gboolean *value)
{
  static const char *const yes[] = { "1", "yes", "true", "on", NULL };
  static const char *const no[] = { "0", "no", "false", "off", NULL };

  *value = is_one_of (word, yes);
  return *value || is_one_of (word, no);
}

/* `QUBE:VOLUME` */
static gboolean
parse_volume (const char *word, char **qube, const char **volume)
{
  const char *colon = strchr (word, ':');
  g_autofree char *name = NULL;

  if (colon == NULL || (!g_str_equal (colon + 1, "root") && !g_str_equal (colon + 1, "private")))
    return FALSE;
  name = g_strndup (word, (gsize) (colon - word));
  /* Longer names and others at the start are a pool's (live_name_is_valid()). */
  if (!live_name_is_valid (name) || strlen (name) > 31 || !g_ascii_isalpha (*name))
    return FALSE;
  *qube = g_steal_pointer (&name);
  *volume = colon + 1;
  return TRUE;
}

/* What `qvm-volume ARGUMENTS…` sets; %NULL when it does anything else. */
static LiveGuideSetting *
parse_command (GPtrArray *words)
{
  /* The verb's names in qubesadmin/tools/qvm_volume.py. */
  static const char *const verbs[] = { "config", "c", "set", "s" };
  LiveGuideSetting *setting = NULL;
  g_autofree char *qube = NULL;
  const char *volume = NULL;
  gboolean writable = FALSE;
  gboolean is_verb = FALSE;

  if (words->len != 5 || !is_program (g_ptr_array_index (words, 0), "qvm-volume"))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    is_verb = is_verb || g_str_equal (g_ptr_array_index (words, 1), verbs[i]);
  if (!is_verb || !parse_volume (g_ptr_array_index (words, 2), &qube, &volume)
      || !g_str_equal (g_ptr_array_index (words, 3), "rw") || !parse_boolean (g_ptr_array_index (words, 4), &writable))
    return NULL;
  setting = g_new0 (LiveGuideSetting, 1);
  setting->qube = g_steal_pointer (&qube);
  setting->volume = g_strdup (volume);
  setting->writable = writable;
  return setting;
}

/* Whether all of a shell's script is settings, which are added to @settings then. */
static gboolean
parse_script (const char *script, GPtrArray *settings)
{
  g_autoptr (GPtrArray) commands = live_unit_words_split_script (script);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (setting_free);

  if (commands == NULL)
    return FALSE;
  for (guint i = 0; i < commands->len; i++)
    {
      LiveGuideSetting *setting = parse_command (g_ptr_array_index (commands, i));

      if (setting == NULL)
        return FALSE;
      g_ptr_array_add (found, setting);
    }
  g_ptr_array_extend_and_steal (settings, g_steal_pointer (&found));
  return commands->len > 0;
}

static gboolean
is_script (GPtrArray *words)
{
  return words->len == 3
         && (is_program (g_ptr_array_index (words, 0), "sh") || is_program (g_ptr_array_index (words, 0), "bash"))
         && (g_str_equal (g_ptr_array_index (words, 1), "-c") || g_str_equal (g_ptr_array_index (words, 1), "-ec"));
}

/* ---- One assignment. ---- */

/* Removes what systemd.service(5) allows before the path. %FALSE when nothing is left to run. */
static gboolean
strip_prefixes (GPtrArray *words)
{
  const char *path = g_ptr_array_index (words, 0);
  gsize n_prefixes = strspn (path, "@-:+!|");
  gboolean has_name = memchr (path, '@', n_prefixes) != NULL;
  char *stripped = g_strdup (path + n_prefixes);

  g_free (g_ptr_array_index (words, 0));
  g_ptr_array_index (words, 0) = stripped;
  if (*stripped == '\0' || (has_name && words->len < 2))
    return FALSE;
  /* The name that the program is told as its own changes nothing for these. */
  if (has_name)
    g_ptr_array_remove_index (words, 1);
  return TRUE;
}

static void
add_commands (Commands *commands, const char *value)
{
  g_autoptr (GPtrArray) lines = live_unit_words_split_line (value);

  /* What systemd itself would not understand may become something when somebody mends it. */
  if (lines == NULL)
    {
      commands->n_others++;
      return;
    }
  for (guint i = 0; i < lines->len; i++)
    {
      GPtrArray *words = g_ptr_array_index (lines, i);
      LiveGuideSetting *setting = NULL;

      if (!strip_prefixes (words))
        commands->n_others++;
      else if (is_script (words))
        commands->n_others += parse_script (g_ptr_array_index (words, 2), commands->settings) ? 0 : 1;
      else if ((setting = parse_command (words)) != NULL)
        g_ptr_array_add (commands->settings, setting);
      else
        commands->n_others++;
    }
}

static void
assign (LiveGuideUnit *unit, const char *section, const char *key, const char *value)
{
  gboolean is_reset = *value == '\0';

  for (guint i = 0; i < N_PHASES && g_str_equal (section, "Service"); i++)
    if (g_str_equal (key, phase_keys[i]))
      {
        if (is_reset)
          {
            g_ptr_array_set_size (unit->phases[i].settings, 0);
            unit->phases[i].n_others = 0;
          }
        else
          add_commands (&unit->phases[i], value);
      }
  for (guint i = 0; i < G_N_ELEMENTS (other_keys); i++)
    if (g_str_equal (key, other_keys[i]) && g_str_equal (section, g_str_equal (key, "Also") ? "Install" : "Service"))
      unit->n_others[i] = is_reset ? 0 : unit->n_others[i] + 1;
}

/* ---- The file. ---- */

static void
read_line (LiveGuideUnit *unit, char *line, char **section)
{
  char *equals = NULL;
  gsize length;

  g_strstrip (line);
  length = strlen (line);
  if (*line == '[' && line[length - 1] == ']')
    {
      g_free (*section);
      *section = g_strndup (line + 1, length - 2);
      return;
    }
  equals = strchr (line, '=');
  if (equals == NULL || *section == NULL)
    return;
  *equals = '\0';
  assign (unit, *section, g_strstrip (line), g_strstrip (equals + 1));
}

/* Whether @line goes on in the next one: a backslash at its end that no other one escapes. */
static gboolean
is_continued (const char *line)
{
  gsize length = strlen (line);
  gsize n = 0;

  while (n < length && line[length - 1 - n] == '\\')
    n++;
  return n % 2 == 1;
}

gboolean
live_guide_unit_add (LiveGuideUnit *unit, const char *text, gsize length)
{
  g_autoptr (GString) copy = NULL;
  g_auto (GStrv) lines = NULL;
  g_autofree char *section = NULL;
  g_autoptr (GString) whole = g_string_new (NULL);

  if (length > LIVE_GUIDE_UNIT_MAX_BYTES || memchr (text, '\0', length) != NULL
      || !g_utf8_validate (text, (gssize) length, NULL))
    return FALSE;
  copy = g_string_new_len (text, (gssize) length);
  if (g_str_has_prefix (copy->str, "\xef\xbb\xbf"))
    g_string_erase (copy, 0, 3);
  /* A line may end in any of these. */
  g_string_replace (copy, "\r\n", "\n", 0);
  g_strdelimit (copy->str, "\r", '\n');
  lines = g_strsplit (copy->str, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = lines[i] + strspn (lines[i], " \t");

      /* Comments do not interrupt a line that goes on after them (systemd.syntax(7)). */
      if (*line == '#' || *line == ';')
        continue;
      g_string_append (whole, line);
      if (is_continued (line))
        {
          whole->str[whole->len - 1] = ' ';
          continue;
        }
      read_line (unit, whole->str, &section);
      g_string_truncate (whole, 0);
    }
  if (whole->len > 0)
    read_line (unit, whole->str, &section);
  return TRUE;
}

void
live_guide_unit_add_unreadable (LiveGuideUnit *unit)
{
  unit->n_unreadable++;
}

GPtrArray *
live_guide_unit_finish (LiveGuideUnit *unit, guint *n_others)
{
  GPtrArray *settings = g_ptr_array_new_with_free_func (setting_free);

  *n_others = unit->n_unreadable;
  for (guint i = 0; i < G_N_ELEMENTS (other_keys); i++)
    *n_others += unit->n_others[i];
  for (guint i = 0; i < N_PHASES; i++)
    {
      GPtrArray *found = unit->phases[i].settings;

      *n_others += unit->phases[i].n_others;
      while (found->len > 0 && settings->len < LIVE_GUIDE_UNIT_MAX_SETTINGS)
        g_ptr_array_add (settings, g_ptr_array_steal_index (found, 0));
      *n_others += found->len;
    }
  return settings;
}

GVariant *
live_guide_unit_to_variant (const char *path, gboolean enabled, GPtrArray *settings, guint n_others)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ssb)"));
  for (guint i = 0; i < settings->len; i++)
    {
      const LiveGuideSetting *setting = g_ptr_array_index (settings, i);

      g_variant_builder_add (&builder, "(ssb)", setting->qube, setting->volume, setting->writable);
    }
  return g_variant_new (LIVE_GUIDE_UNIT_TYPE, path, enabled, &builder, n_others);
}

GVariant *
live_guide_unit_make_none (void)
{
  return g_variant_new (LIVE_GUIDE_UNIT_TYPE, "", FALSE, NULL, 0);
}

/* ---- The decision. ---- */

static void
wish_free (gpointer data)
{
  LiveGuideWish *wish = data;

  g_free (wish->qube);
  g_free (wish);
}

/* What the last lines about a qube say. */
typedef struct
{
  gboolean root_read_only;
  gboolean private_read_only;
} LastLines;

GPtrArray *
live_guide_unit_decide (GVariant *unit)
{
  g_autoptr (GPtrArray) wishes = g_ptr_array_new_with_free_func (wish_free);
  g_autoptr (GHashTable) last_lines = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (GVariantIter) iter = NULL;
  const char *qube = NULL;
  const char *volume = NULL;
  gboolean writable = FALSE;

  g_variant_get (unit, LIVE_GUIDE_UNIT_TYPE, NULL, NULL, &iter, NULL);
  while (g_variant_iter_next (iter, "(&s&sb)", &qube, &volume, &writable))
    {
      LastLines *last = g_hash_table_lookup (last_lines, qube);

      if (last == NULL)
        {
          LiveGuideWish *wish = g_new0 (LiveGuideWish, 1);

          wish->qube = g_strdup (qube);
          g_ptr_array_add (wishes, wish);
          last = g_new0 (LastLines, 1);
          g_hash_table_insert (last_lines, wish->qube, last);
        }
      if (g_str_equal (volume, "root"))
        last->root_read_only = !writable;
      else
        last->private_read_only = !writable;
    }
  for (guint i = 0; i < wishes->len; i++)
    {
      LiveGuideWish *wish = g_ptr_array_index (wishes, i);
      const LastLines *last = g_hash_table_lookup (last_lines, wish->qube);

      if (last->root_read_only)
        wish->policy = last->private_read_only ? "full" : "root";
    }
  return g_steal_pointer (&wishes);
}
