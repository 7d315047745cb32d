/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/error.h"

#define SUFFIX ".json"
#define BROKEN_SUFFIX ".broken"
#define NEW_SUFFIX ".new"
#define LONGEST_ID 128

/* An entry is an object with a few lists; json-glib recurses, and a stack has an end. */
#define DEEPEST_NESTING 16

struct _LiveJournal
{
  char *root;
};

LiveJournal *
live_journal_new (const char *root)
{
  LiveJournal *self = g_new0 (LiveJournal, 1);

  self->root = g_strdup (*root != '\0' ? root : "/");
  return self;
}

void
live_journal_free (LiveJournal *self)
{
  g_free (self->root);
  g_free (self);
}

static void
entry_free (gpointer data)
{
  LiveJournalEntry *entry = data;

  g_free (entry->id);
  json_object_unref (entry->content);
  g_free (entry);
}

static gboolean
is_id (const char *id)
{
  gsize length = strlen (id);

  if (length == 0 || length > LONGEST_ID || !g_ascii_isalnum (*id))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isalnum (id[i]) && strchr ("-_.", id[i]) == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_id (const char *id, GError **error)
{
  if (is_id (id))
    return TRUE;
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT, "“%s” is no name of an entry of the journal", id);
  return FALSE;
}

/* The directory @name in @parent, made with @mode when it is missing and that is not 0. -1 and errno. */
static int
open_directory (int parent, const char *name, mode_t mode)
{
  int fd = -1;

  if (mode != 0 && mkdirat (parent, name, mode) < 0 && errno != EEXIST)
    return -1;
  fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return fd;
}

/* /run/qubes-live/jobs, which nobody else may look into: it tells the names of qubes. -1 and errno. */
static int
open_jobs (LiveJournal *self, gboolean make)
{
  static const struct
  {
    const char *name;
    mode_t mode;
  } way[] = { { "run", 0755 }, { "qubes-live", 0755 }, { "jobs", 0700 } };
  int fd = open (self->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct stat status;

  for (gsize i = 0; i < G_N_ELEMENTS (way) && fd >= 0; i++)
    {
      int next = open_directory (fd, way[i].name, make ? way[i].mode : 0);
      int code = errno;

      close (fd);
      errno = code;
      fd = next;
    }
  if (fd < 0)
    return -1;
  if (fstat (fd, &status) == 0 && status.st_uid == geteuid ()
      && ((status.st_mode & 07777) == 0700 || fchmod (fd, 0700) == 0))
    return fd;
  close (fd);
  errno = EPERM;
  return -1;
}

static gboolean
fail (const char *what, const char *id, int code, GError **error)
{
  g_set_error (error, LIVE_ERROR, code == ENOSPC || code == EDQUOT ? LIVE_ERROR_NO_SPACE : LIVE_ERROR_FAILED,
               "The journal /run/qubes-live/jobs/%s" SUFFIX " cannot be %s: %s", id, what, g_strerror (code));
  return FALSE;
}

static char *
to_text (JsonObject *content, gsize *length)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) node = json_node_alloc ();

  json_node_init_object (node, content);
  json_generator_set_root (generator, node);
  return json_generator_to_data (generator, length);
}

/* 0, or the errno of what failed. */
static int
write_file (int directory, const char *name, const char *text, gsize length)
{
  int fd = -1;
  int code = 0;

  /* Of an earlier helper, which ended in the middle. */
  if (unlinkat (directory, name, 0) < 0 && errno != ENOENT)
    return errno;
  fd = openat (directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return errno;
  while (length > 0 && code == 0)
    {
      gssize written = write (fd, text, length);

      if (written >= 0)
        {
          text += written;
          length -= (gsize) written;
        }
      else if (errno != EINTR)
        code = errno;
    }
  if (close (fd) < 0 && code == 0 && errno != EINTR)
    code = errno;
  if (code != 0)
    unlinkat (directory, name, 0);
  return code;
}

gboolean
live_journal_write (LiveJournal *self, const char *id, JsonObject *content, GError **error)
{
  gsize length = 0;
  g_autofree char *text = to_text (content, &length);
  g_autofree char *name = g_strconcat (id, SUFFIX, NULL);
  g_autofree char *new_name = g_strconcat (id, NEW_SUFFIX, NULL);
  int directory = -1;
  int code = 0;

  if (!check_id (id, error))
    return FALSE;
  if (length > LIVE_JOURNAL_LONGEST_ENTRY)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                   "The journal takes no entry of %" G_GSIZE_FORMAT " bytes, as %s has", length, id);
      return FALSE;
    }
  directory = open_jobs (self, TRUE);
  if (directory < 0)
    return fail ("written", id, errno, error);
  code = write_file (directory, new_name, text, length);
  if (code == 0 && renameat (directory, new_name, directory, name) < 0)
    {
      code = errno;
      unlinkat (directory, new_name, 0);
    }
  close (directory);
  return code == 0 || fail ("written", id, code, error);
}

gboolean
live_journal_remove (LiveJournal *self, const char *id, GError **error)
{
  g_autofree char *name = g_strconcat (id, SUFFIX, NULL);
  int directory = -1;
  int code = 0;

  if (!check_id (id, error))
    return FALSE;
  directory = open_jobs (self, FALSE);
  if (directory < 0)
    return errno == ENOENT || fail ("removed", id, errno, error);
  if (unlinkat (directory, name, 0) < 0 && errno != ENOENT)
    code = errno;
  close (directory);
  return code == 0 || fail ("removed", id, code, error);
}

/* (transfer full) (nullable): the content of a file of ours; @why tells what is wrong with another one. */
static char *
read_file (int directory, const char *name, const char **why)
{
  int fd = openat (directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  g_autofree char *text = NULL;
  struct stat status;
  gsize length = 0;

  *why = "it cannot be opened";
  if (fd < 0)
    return NULL;
  *why = "it is no regular file of the helper's own";
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && status.st_uid == geteuid ())
    {
      *why = "it is too long";
      if (status.st_size <= LIVE_JOURNAL_LONGEST_ENTRY)
        text = g_malloc0 ((gsize) status.st_size + 1);
    }
  while (text != NULL && length < (gsize) status.st_size)
    {
      gssize got = read (fd, text + length, (gsize) status.st_size - length);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        break;
      length += (gsize) got;
    }
  close (fd);
  if (text == NULL)
    return NULL;
  *why = "it holds a NUL, or is not UTF-8, or is empty";
  if (length == 0 || !g_utf8_validate (text, (gssize) length, NULL))
    return NULL;
  return g_steal_pointer (&text);
}

static gboolean
is_too_deep (const char *text)
{
  guint depth = 0;
  gboolean in_string = FALSE;

  for (const char *at = text; *at != '\0'; at++)
    {
      if (in_string && *at == '\\' && at[1] != '\0')
        at++;
      else if (*at == '"')
        in_string = !in_string;
      else if (in_string)
        continue;
      else if (*at == '{' || *at == '[')
        depth++;
      else if ((*at == '}' || *at == ']') && depth > 0)
        depth--;
      if (depth > DEEPEST_NESTING)
        return TRUE;
    }
  return FALSE;
}

/* (transfer full) (nullable): as of read_file(). */
static JsonObject *
read_entry (int directory, const char *name, const char **why)
{
  g_autofree char *text = read_file (directory, name, why);
  g_autoptr (JsonParser) parser = NULL;
  JsonNode *node = NULL;

  if (text == NULL)
    return NULL;
  *why = "it is no JSON object, or too deep a one";
  if (is_too_deep (text))
    return NULL;
  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, text, -1, NULL))
    return NULL;
  node = json_parser_get_root (parser);
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_object_ref (json_node_get_object (node)) : NULL;
}

static void
put_aside (int directory, const char *name, const char *why)
{
  g_autofree char *aside = g_strconcat (name, BROKEN_SUFFIX, NULL);
  g_autofree char *shown = g_strescape (name, NULL);

  g_warning ("/run/qubes-live/jobs/%s is not used: %s. It is kept as %s" BROKEN_SUFFIX
             "; what it was about may be half done",
             shown, why, shown);
  if (renameat (directory, name, directory, aside) < 0)
    g_warning ("It cannot be renamed: %s", g_strerror (errno));
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(LiveJournalEntry *const *) a)->id, (*(LiveJournalEntry *const *) b)->id);
}

/* (transfer full): what is in the directory, apart from it: entries are renamed meanwhile. */
static GPtrArray *
list_names (int directory)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  int copy = fcntl (directory, F_DUPFD_CLOEXEC, 0);
  DIR *stream = copy >= 0 ? fdopendir (copy) : NULL;

  if (stream == NULL)
    {
      g_warning ("/run/qubes-live/jobs cannot be read: %s", g_strerror (errno));
      if (copy >= 0)
        close (copy);
      return names;
    }
  for (struct dirent *found = readdir (stream); found != NULL; found = readdir (stream))
    g_ptr_array_add (names, g_strdup (found->d_name));
  closedir (stream);
  return names;
}

GPtrArray *
live_journal_list (LiveJournal *self)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (entry_free);
  g_autoptr (GPtrArray) names = NULL;
  int directory = open_jobs (self, FALSE);

  if (directory < 0)
    {
      if (errno != ENOENT)
        g_warning ("/run/qubes-live/jobs cannot be opened, and what is half done not be seen: %s", g_strerror (errno));
      return entries;
    }
  names = list_names (directory);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      const char *why = "its name is none of the journal's";
      g_autofree char *id = NULL;
      JsonObject *content = NULL;
      LiveJournalEntry *entry = NULL;

      if (g_str_has_suffix (name, NEW_SUFFIX))
        unlinkat (directory, name, 0);
      if (!g_str_has_suffix (name, SUFFIX))
        continue;
      id = g_strndup (name, strlen (name) - strlen (SUFFIX));
      if (is_id (id))
        content = read_entry (directory, name, &why);
      if (content == NULL)
        {
          put_aside (directory, name, why);
          continue;
        }
      entry = g_new0 (LiveJournalEntry, 1);
      entry->id = g_steal_pointer (&id);
      entry->content = content;
      g_ptr_array_add (entries, entry);
    }
  close (directory);
  g_ptr_array_sort (entries, compare_entries);
  return entries;
}
