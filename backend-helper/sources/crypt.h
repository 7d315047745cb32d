/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/crypt-key.h"
#include "sources/root-directory.h"

G_BEGIN_DECLS

/**
 * LiveCrypt:
 *
 * What libcryptsetup tells of dm-crypt mappings, remembered for as long as the kernel says that it is the same device
 * (its `diskseq`). It asks for the kernel's table, not for keys. Counted references; may be used by several threads.
 *
 * libcryptsetup needs /dev/mapper/control and CAP_SYS_ADMIN. Without them nothing is confirmed.
 */
typedef struct _LiveCrypt LiveCrypt;

/**
 * live_crypt_new:
 * @root: prefix of /sys, /etc and /run, empty for the real ones
 *
 * With a @root that is not the machine's own `/` there are no mappings to ask for: the facts are then read from
 * ROOT/run/qubes-live-test/dm/NAME, lines of `type=`, `cipher=`, `key_size=` (bits) and `offset=` (sectors).
 *
 * Returns: (transfer full)
 */
LiveCrypt *live_crypt_new (const char *root);
LiveCrypt *live_crypt_ref (LiveCrypt *crypt);
void live_crypt_unref (LiveCrypt *crypt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveCrypt, live_crypt_unref)

const char *live_crypt_get_root (LiveCrypt *crypt);

/* Forgets what is remembered: the table of a mapping can be changed without making a new device. */
void live_crypt_forget (LiveCrypt *crypt);

/**
 * live_crypt_ask:
 * @name: of a mapping
 *
 * Asks libcryptsetup for the kernel's table of a mapping, and for nothing else. Blocks: not for the main loop.
 *
 * Returns: (transfer full) (nullable): what it says; %NULL when there is no such mapping, when it does not encrypt, or
 * when device-mapper cannot be asked
 */
LiveCryptFacts *live_crypt_ask (const char *name);

/**
 * live_crypt_examine:
 * @block: a device of kind %LIVE_BLOCK_CRYPT, as it was read from sysfs
 *
 * Sets the key, the cipher and the size of the key. Whatever cannot be confirmed, or has changed since @block was
 * read, leaves them unknown. Blocks, up to the time that a device needs to wake up: not for the main loop.
 */
void live_crypt_examine (LiveCrypt *crypt, LiveBlock *block);

G_END_DECLS
