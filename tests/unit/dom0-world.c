/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "dom0-world.h"

#include "sources/mounts.h"

#include <string.h>

static LiveBlock *
add_block (GPtrArray *blocks, guint major, guint minor, const char *name, LiveBlockKind kind)
{
  LiveBlock *block = g_new0 (LiveBlock, 1);

  block->major = major;
  block->minor = minor;
  block->name = g_strdup (name);
  block->kind = kind;
  g_ptr_array_add (blocks, block);
  return block;
}

static LiveBlock *
add_mapping (
    GPtrArray *blocks, guint minor, const char *mapping, LiveBlockKind kind, guint part_major, guint part_minor)
{
  g_autofree char *name = g_strdup_printf ("dm-%u", minor);
  LiveBlock *block = add_block (blocks, 253, minor, name, kind);

  block->mapping_name = g_strdup (mapping);
  block->slaves = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_append_val (block->slaves, part_major);
  g_array_append_val (block->slaves, part_minor);
  return block;
}

GPtrArray *
live_test_blocks_new (gboolean with_backing)
{
  GPtrArray *blocks = g_ptr_array_new_with_free_func ((GDestroyNotify)live_block_free);

  add_block (blocks, 8, 0, "sda", LIVE_BLOCK_DISK);
  add_block (blocks, 8, 1, "sda1", LIVE_BLOCK_DISK);
  add_block (blocks, 8, 2, "sda2", LIVE_BLOCK_DISK);
  add_block (blocks, 8, 3, "sda3", LIVE_BLOCK_DISK);
  add_block (blocks, 259, 3, "nvme0n1p3", LIVE_BLOCK_DISK);
  add_mapping (blocks, 0, "luks-root", LIVE_BLOCK_CRYPT, 8, 3)->key = LIVE_BLOCK_KEY_DISK;
  add_mapping (blocks, 1, "qubes_dom0-root", LIVE_BLOCK_MAPPED, 253, 0);
  add_mapping (blocks, 2, "qubes_dom0-swap", LIVE_BLOCK_MAPPED, 253, 0);
  add_mapping (blocks, 3, "throwaway", LIVE_BLOCK_CRYPT, 8, 2)->key = LIVE_BLOCK_KEY_MEMORY;
  add_mapping (blocks, 4, "nobody-knows", LIVE_BLOCK_CRYPT, 8, 2)->key = LIVE_BLOCK_KEY_UNKNOWN;
  add_mapping (blocks, 5, "zram-mapped", LIVE_BLOCK_MAPPED, 252, 0);
  add_block (blocks, 252, 0, "zram0", LIVE_BLOCK_ZRAM)->disk_size = 4096000000;
  add_block (blocks, 252, 1, "zram1", LIVE_BLOCK_ZRAM);
  if (with_backing)
    {
      LiveBlock *block = add_block (blocks, 252, 2, "zram2", LIVE_BLOCK_ZRAM);

      block->disk_size = 4096000000;
      block->has_backing_device = TRUE;
    }
  add_block (blocks, 7, 0, "loop0", LIVE_BLOCK_LOOP)->backing_file = g_strdup ("/dev/shm/root.img");
  add_block (blocks, 7, 1, "loop1", LIVE_BLOCK_LOOP)->backing_file = g_strdup ("/images/root.img");
  add_block (blocks, 7, 2, "loop2", LIVE_BLOCK_LOOP)->backing_file = g_strdup ("/run/root.img (deleted)");
  add_block (blocks, 1, 0, "ram0", LIVE_BLOCK_RAM);
  return blocks;
}

GPtrArray *
live_test_mounts_new (const char *text)
{
  return live_mounts_parse (text, strlen (text), NULL);
}

static void
describe_parameters (GString *text, GVariant *parameters, const char *separator)
{
  GVariantIter pairs;
  const char *key = NULL;
  GVariant *value = NULL;

  g_variant_iter_init (&pairs, parameters);
  while (g_variant_iter_loop (&pairs, "{&sv}", &key, &value))
    {
      g_string_append_printf (text, "%s%s=%s", separator, key, g_variant_get_string (value, NULL));
      separator = " ";
    }
}

char *
live_test_describe_findings (GVariantBuilder *builder)
{
  g_autoptr (GVariant) findings = g_variant_ref_sink (g_variant_builder_end (builder));
  GString *text = g_string_new (NULL);
  GVariantIter iter;
  const char *code = NULL, *verdict = NULL, *remedy = NULL;
  GVariant *parameters = NULL;

  g_variant_iter_init (&iter, findings);
  while (g_variant_iter_loop (&iter, "(&s&s&s@a{sv})", &code, &verdict, &remedy, &parameters))
    {
      g_string_append_printf (text, "%s%s(%s %s", text->len > 0 ? " " : "", code, verdict, remedy);
      describe_parameters (text, parameters, " ");
      g_string_append_c (text, ')');
    }
  return g_string_free (text, FALSE);
}

char *
live_test_describe_reasons (GVariantBuilder *builder)
{
  g_autoptr (GVariant) reasons = g_variant_ref_sink (g_variant_builder_end (builder));
  GString *text = g_string_new (NULL);
  GVariantIter iter;
  const char *code = NULL;
  GVariant *parameters = NULL;

  g_variant_iter_init (&iter, reasons);
  while (g_variant_iter_loop (&iter, "(&s@a{sv})", &code, &parameters))
    {
      g_string_append_printf (text, "%s%s(", text->len > 0 ? " " : "", code);
      describe_parameters (text, parameters, "");
      g_string_append_c (text, ')');
    }
  return g_string_free (text, FALSE);
}
