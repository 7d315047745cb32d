/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/saved.h"

#include <string.h>

/* More than any qubesd takes. */
#define MAX_REVISIONS 1000

typedef enum
{
  WORD_OF = 1 << 0,
  WORD_ROOT = 1 << 1,
  WORD_ROOT_REVISIONS = 1 << 2,
  WORD_VOLATILE = 1 << 3,
  WORD_PRIVATE = 1 << 4,
  WORD_PRIVATE_REVISIONS = 1 << 5,
  WORD_GUEST = 1 << 6
} LiveSavedWord;

/* Whether @text is @yes, and whether it is one of the two at all. */
static gboolean
take_choice (const char *text, const char *yes, const char *no, gboolean *value)
{
  *value = g_str_equal (text, yes);
  return *value || g_str_equal (text, no);
}

static gboolean
take_revisions (const char *text, int *value)
{
  gint64 number = 0;

  if (!g_ascii_string_to_signed (text, 10, -1, MAX_REVISIONS, &number, NULL))
    return FALSE;
  *value = (int) number;
  return TRUE;
}

static gboolean
take_flag (const char *text, LiveSavedFlag *value)
{
  static const char *const names[] = { "unset", "off", "on" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (text, names[i]))
      {
        *value = (LiveSavedFlag) i;
        return TRUE;
      }
  return FALSE;
}

/* One `NAME=VALUE`; 0 when it is none that we know. */
static LiveSavedWord
take_word (const LiveQubeFacts *facts, const char *word, LiveSaved *saved)
{
  const char *value = strchr (word, '=');
  gsize length = 0;

  if (value == NULL)
    return 0;
  length = (gsize) (value++ - word);
#define IS(name) (length == strlen (name) && strncmp (word, name, length) == 0)
  if (IS ("of") && g_strcmp0 (value, facts->name) == 0)
    return WORD_OF;
  if (IS ("root") && take_choice (value, "rw", "ro", &saved->root_rw))
    return WORD_ROOT;
  if (IS ("root-revisions") && take_revisions (value, &saved->root_revisions))
    return WORD_ROOT_REVISIONS;
  if (IS ("volatile") && take_choice (value, "ephemeral", "plain", &saved->volatile_ephemeral))
    return WORD_VOLATILE;
  if (IS ("private") && take_choice (value, "rw", "ro", &saved->private_rw))
    return WORD_PRIVATE;
  if (IS ("private-revisions") && take_revisions (value, &saved->private_revisions))
    return WORD_PRIVATE_REVISIONS;
  if (IS ("guest") && take_flag (value, &saved->guest_flag))
    return WORD_GUEST;
#undef IS
  return 0;
}

gboolean
live_saved_parse (const LiveQubeFacts *facts, LiveSaved *saved)
{
  const char *text = facts->features[LIVE_FEATURE_SAVED];
  g_auto (GStrv) words = NULL;
  guint seen = 0;

  *saved = (LiveSaved){ .root_revisions = LIVE_SAVED_NO_REVISIONS, .private_revisions = LIVE_SAVED_NO_REVISIONS };
  if (text == NULL)
    return FALSE;
  words = g_strsplit (text, " ", 9);
  for (guint i = 0; words[i] != NULL; i++)
    {
      guint word = take_word (facts, words[i], saved);

      if (word == 0 || (seen & word))
        return FALSE;
      seen |= word;
    }
  saved->has_private = (seen & WORD_PRIVATE) != 0;
  if ((seen & (WORD_PRIVATE_REVISIONS | WORD_GUEST)) && !saved->has_private)
    return FALSE;
  if (facts->klass == LIVE_QUBE_KLASS_DISPOSABLE && !(seen & WORD_OF))
    return FALSE;
  return (seen & WORD_ROOT) && (seen & WORD_VOLATILE);
}

gboolean
live_saved_is_inherited (const LiveQubeFacts *facts)
{
  const char *text = facts->features[LIVE_FEATURE_SAVED];
  g_auto (GStrv) words = NULL;
  g_autofree char *own = NULL;

  if (text == NULL || facts->klass != LIVE_QUBE_KLASS_DISPOSABLE)
    return FALSE;
  own = g_strconcat ("of=", facts->name, NULL);
  words = g_strsplit (text, " ", -1);
  return !g_strv_contains ((const char *const *) words, own);
}

static LiveSavedFlag
get_guest_flag (const LiveQubeFacts *facts)
{
  const char *flag = facts->features[LIVE_FEATURE_GUEST_FLAG];

  if (flag == NULL)
    return LIVE_SAVED_FLAG_UNSET;
  return *flag != '\0' ? LIVE_SAVED_FLAG_ON : LIVE_SAVED_FLAG_OFF;
}

static int
get_revisions (const LiveQubeFacts *facts, LiveVolumeName name)
{
  return live_volume_commits (facts, name) == LIVE_ANSWER_NO ? LIVE_SAVED_NO_REVISIONS
                                                             : facts->volumes[name].revisions_to_keep;
}

void
live_saved_take (const LiveQubeFacts *facts, gboolean with_private, LiveSaved *saved, gboolean is_new)
{
  if (is_new)
    {
      saved->root_rw = facts->volumes[LIVE_VOLUME_ROOT].rw;
      saved->root_revisions = get_revisions (facts, LIVE_VOLUME_ROOT);
      saved->volatile_ephemeral = facts->volumes[LIVE_VOLUME_VOLATILE].ephemeral;
    }
  if (with_private && (is_new || !saved->has_private))
    {
      saved->private_rw = facts->volumes[LIVE_VOLUME_PRIVATE].rw;
      saved->private_revisions = get_revisions (facts, LIVE_VOLUME_PRIVATE);
      saved->guest_flag = get_guest_flag (facts);
    }
  saved->has_private = with_private;
}

char *
live_saved_format (const LiveQubeFacts *facts, const LiveSaved *saved)
{
  static const char *const flags[] = { "unset", "off", "on" };
  GString *text = g_string_new (NULL);

  if (facts->klass == LIVE_QUBE_KLASS_DISPOSABLE)
    g_string_append_printf (text, "of=%s ", facts->name);
  g_string_append_printf (text, "root=%s", saved->root_rw ? "rw" : "ro");
  if (saved->root_revisions != LIVE_SAVED_NO_REVISIONS)
    g_string_append_printf (text, " root-revisions=%d", saved->root_revisions);
  g_string_append_printf (text, " volatile=%s", saved->volatile_ephemeral ? "ephemeral" : "plain");
  if (saved->has_private)
    {
      g_string_append_printf (text, " private=%s", saved->private_rw ? "rw" : "ro");
      if (saved->private_revisions != LIVE_SAVED_NO_REVISIONS)
        g_string_append_printf (text, " private-revisions=%d", saved->private_revisions);
      g_string_append_printf (text, " guest=%s", flags[saved->guest_flag]);
    }
  return g_string_free (text, FALSE);
}
