/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/crypt-key.h"

#define VOLATILE "vm-volatile-my_dqube-crypt@volatile"
#define PLAIN "CRYPT-PLAIN-" VOLATILE
#define AES "aes-xts-plain64"

static const struct
{
  const char *name;
  const char *type; /* NULL: not seen */
  const char *cipher;
  guint key_size;
  guint64 offset;
  const char *uuid;
  const char *crypttab;
  LiveBlockKey key;
} rows[] = {
  { "plain", "PLAIN", AES, 256, 0, PLAIN, NULL, LIVE_BLOCK_KEY_MEMORY },
  { "plain, other names in crypttab", "PLAIN", AES, 512, 0, PLAIN, "# " VOLATILE " x /key\nhome UUID=1 none luks\n",
    LIVE_BLOCK_KEY_MEMORY },
  { "plain, longer name in crypttab", "PLAIN", AES, 512, 0, PLAIN, VOLATILE "2 /dev/sda1 /key", LIVE_BLOCK_KEY_MEMORY },
  { "plain, random in crypttab", "PLAIN", AES, 512, 0, PLAIN, VOLATILE " /dev/sda1 /dev/urandom swap",
    LIVE_BLOCK_KEY_MEMORY },
  { "plain, random with tabs", "PLAIN", AES, 512, 0, PLAIN, " " VOLATILE "\t\t/dev/sda1 \t/dev/random\tswap\r\n",
    LIVE_BLOCK_KEY_MEMORY },
  { "plain, key file", "PLAIN", AES, 512, 0, PLAIN, VOLATILE " /dev/sda1 /etc/key plain", LIVE_BLOCK_KEY_DISK },
  { "plain, key file after a random key", "PLAIN", AES, 512, 0, PLAIN,
    VOLATILE " /dev/sda1 /dev/urandom\n" VOLATILE " /dev/sda1 /etc/key", LIVE_BLOCK_KEY_DISK },
  { "plain, key file called like random", "PLAIN", AES, 512, 0, PLAIN, VOLATILE " /dev/sda1 /dev/urandom2",
    LIVE_BLOCK_KEY_DISK },
  { "plain, quoted name", "PLAIN", AES, 512, 0, PLAIN, "\"" VOLATILE "\" /dev/sda1 /etc/key", LIVE_BLOCK_KEY_DISK },
  { "plain, escaped name", "PLAIN", AES, 512, 0, PLAIN, "vm\\055volatile-my_dqube-crypt@volatile /dev/sda1 /etc/key",
    LIVE_BLOCK_KEY_DISK },
  { "plain, passphrase", "PLAIN", AES, 512, 0, PLAIN, VOLATILE " /dev/sda1 none plain", LIVE_BLOCK_KEY_DISK },
  { "plain, passphrase as a hyphen", "PLAIN", AES, 512, 0, PLAIN, VOLATILE " /dev/sda1 -", LIVE_BLOCK_KEY_DISK },
  { "plain, passphrase by default", "PLAIN", AES, 512, 0, PLAIN, VOLATILE " /dev/sda1", LIVE_BLOCK_KEY_DISK },
  { "plain, null cipher", "PLAIN", "cipher_null-ecb", 0, 0, PLAIN, NULL, LIVE_BLOCK_KEY_NONE },
  { "plain, null cipher, short", "PLAIN", "null", 0, 0, PLAIN, NULL, LIVE_BLOCK_KEY_NONE },
  { "plain, null cipher, kernel's notation", "PLAIN", "capi:ecb(cipher_null)-plain", 256, 0, PLAIN, NULL,
    LIVE_BLOCK_KEY_NONE },
  { "plain, no cipher", "PLAIN", NULL, 256, 0, PLAIN, NULL, LIVE_BLOCK_KEY_UNKNOWN },
  { "plain, empty cipher", "PLAIN", "", 256, 0, PLAIN, NULL, LIVE_BLOCK_KEY_UNKNOWN },
  { "plain, no key", "PLAIN", AES, 0, 0, PLAIN, NULL, LIVE_BLOCK_KEY_UNKNOWN },
  { "plain, behind where a header would be", "PLAIN", AES, 512, 32768, PLAIN, NULL, LIVE_BLOCK_KEY_UNKNOWN },
  { "plain, not confirmed", NULL, NULL, 0, 0, PLAIN, NULL, LIVE_BLOCK_KEY_UNKNOWN },
  { "plain by its name, LUKS by its table", "LUKS2", AES, 512, 0, PLAIN, NULL, LIVE_BLOCK_KEY_DISK },
  { "LUKS by its name, plain by its table", "PLAIN", AES, 512, 0, "CRYPT-LUKS2-1-x", NULL, LIVE_BLOCK_KEY_DISK },
  { "LUKS2", "LUKS2", AES, 512, 32768, "CRYPT-LUKS2-1-x", NULL, LIVE_BLOCK_KEY_DISK },
  { "LUKS1", "LUKS1", AES, 512, 4096, "CRYPT-LUKS1-1-x", NULL, LIVE_BLOCK_KEY_DISK },
  { "LUKS, random in crypttab", "LUKS2", AES, 512, 0, "CRYPT-LUKS2-1-x", VOLATILE " /dev/sda1 /dev/urandom",
    LIVE_BLOCK_KEY_DISK },
  { "LUKS, not confirmed", NULL, NULL, 0, 0, "CRYPT-LUKS2-1-x", NULL, LIVE_BLOCK_KEY_DISK },
  { "TCRYPT", "TCRYPT", AES, 512, 0, "CRYPT-TCRYPT-x", NULL, LIVE_BLOCK_KEY_DISK },
  { "BITLK", "BITLK", AES, 512, 0, "CRYPT-BITLK-1-x", NULL, LIVE_BLOCK_KEY_DISK },
  { "of a later cryptsetup", "NEW", AES, 512, 0, "CRYPT-NEW-x", NULL, LIVE_BLOCK_KEY_UNKNOWN },
  { "garbage", "plain", AES, 512, 0, "", "\n\n \t \n" VOLATILE, LIVE_BLOCK_KEY_UNKNOWN },
};

static void
test_keys (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      LiveCryptFacts facts = {
        .type = (char *) rows[i].type,
        .cipher = (char *) rows[i].cipher,
        .key_size = rows[i].key_size,
        .offset = rows[i].offset,
      };

      g_test_message ("%s", rows[i].name);
      g_assert_cmpint (
          live_crypt_key_judge (rows[i].type != NULL ? &facts : NULL, VOLATILE, rows[i].uuid, rows[i].crypttab), ==,
          rows[i].key);
      /* Facts without a type are as good as none. */
      if (rows[i].type == NULL)
        {
          facts.cipher = (char *) AES;
          facts.key_size = 512;
          g_assert_cmpint (live_crypt_key_judge (&facts, VOLATILE, rows[i].uuid, rows[i].crypttab), ==, rows[i].key);
        }
    }
}

static void
test_uuids (void)
{
  g_assert_true (live_crypt_uuid_is_crypt (PLAIN));
  g_assert_true (live_crypt_uuid_is_crypt ("CRYPT-LUKS2-1-x"));
  g_assert_false (live_crypt_uuid_is_crypt ("CRYPT-VERITY-1-x"));
  g_assert_false (live_crypt_uuid_is_crypt ("CRYPT-INTEGRITY-x"));
  g_assert_false (live_crypt_uuid_is_crypt ("LVM-abc"));
  g_assert_false (live_crypt_uuid_is_crypt ("crypt-PLAIN-x"));
  g_assert_false (live_crypt_uuid_is_crypt (""));
  g_assert_false (live_crypt_uuid_is_crypt (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypt-key/judge", test_keys);
  g_test_add_func ("/crypt-key/uuids", test_uuids);
  return g_test_run ();
}
