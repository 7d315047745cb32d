/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/block.h"

G_BEGIN_DECLS

/**
 * LiveCryptFacts:
 * @type: (nullable): what cryptsetup calls the mapping: `PLAIN`, `LUKS1`, `LUKS2`, `TCRYPT`, …; %NULL when the
 *   kernel's table was not seen, or the mapping was not made by cryptsetup
 * @cipher: (nullable): cipher and mode, such as `aes-xts-plain64`
 * @key_size: bits
 * @offset: where the mapping begins on the device below, in sectors
 *
 * What the kernel's table says of one dm-crypt mapping.
 */
typedef struct
{
  char *type;
  char *cipher;
  guint key_size;
  guint64 offset;
} LiveCryptFacts;

void live_crypt_facts_free (LiveCryptFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveCryptFacts, live_crypt_facts_free)

/**
 * live_crypt_uuid_is_crypt:
 * @uuid: (nullable): uuid of a device-mapper mapping
 *
 * Returns: whether it is the uuid that cryptsetup gives to a mapping that encrypts (it makes other kinds as well)
 */
gboolean live_crypt_uuid_is_crypt (const char *uuid);

/**
 * live_crypt_key_judge:
 * @facts: (nullable): what was seen of the mapping; %NULL when it could not be looked at
 * @name: name of the mapping
 * @uuid: (nullable): its uuid; it is believed only where it says that the key is on a disk
 * @crypttab: (nullable): contents of /etc/crypttab (crypttab(5)), %NULL when there is no such file
 *
 * A plain mapping with a real cipher that begins at the very start of its device (where a header would be, if there
 * were one) has its key in memory only, unless crypttab gives the mapping a key file or a passphrase. A passphrase
 * typed in by hand, without crypttab, cannot be told from a random key.
 *
 * Returns: where the key is
 */
LiveBlockKey
live_crypt_key_judge (const LiveCryptFacts *facts, const char *name, const char *uuid, const char *crypttab);

G_END_DECLS
