/* master_file.h - the file of the master key. At first 32 bytes. From its first change on lines
 * that name the key, what was derived from the very first one and stays (the hash by which people
 * are found must not change), and, while a change is under way, the keys of before: one file,
 * changed in one step, so that no crash leaves one without the other. Owns nothing; any thread.
 * Included by proc/keyring and by main, for the command that changes it and for backups. */
#pragma once
#include "proc/keyring.h"

#define MASTER_FILE "master.key"
enum { MASTER_OLD_MAX = 16, MASTER_FILE_MAX = 4096 };

/* Secrets: sodium_memzero when done. */
typedef struct {
    uint8_t key[KEY_BYTES];
    uint8_t old[MASTER_OLD_MAX][KEY_BYTES]; /* they open, and wrap nothing any more */
    size_t n_old;
    uint8_t derived[DERIVE_PURPOSES][KEY_BYTES]; /* where kept: instead of the key's own */
    bool kept[DERIVE_PURPOSES];
    uint8_t backup[KEY_BYTES]; /* the backup key, where has_backup: it has no file of its own then
                                */
    bool has_backup;           /* sealed by a token: proc/master_sealed.h */
} master_keys;

/* False: neither form. */
MUST_USE bool master_parse(str bytes, master_keys *ret);
/* What master_parse reads, in a. */
str master_text(arena *a, const master_keys *m);
/* Errors: E_ABSENT (there is none), E_IO, E_CONFIG (error.access.master_key_form: not a key, or
 * readable by others; or sealed, which proc/master_sealed.h opens). */
MUST_USE err master_read(const char *path, master_keys *ret);
/* The bytes of a key's file: at most cap. Errors: those of master_read. */
MUST_USE err master_bytes(const char *path, char *to, size_t cap, size_t *ret);
/* Durable, whole or not at all, and without the backup key. What stood there is then overwritten,
 * as far as the file system writes in place, unless another name leads to it. Errors: E_IO. */
MUST_USE err master_write(const char *folder, const char *name, const master_keys *m);
/* folder's file from gets the name to, durable; what stood there is overwritten as above. from
 * NULL: it only goes. Errors: E_IO. */
MUST_USE err master_replace(const char *folder, const char *from, const char *to);

void master_derive(const master_keys *m, derive_purpose p, uint8_t ret[KEY_BYTES]);
/* A new key in the place of m's, which becomes an old one; what is derived stays. */
void master_renew(master_keys *m);
/* Nothing but m's own key opens any more. */
void master_forget_old(master_keys *m);
/* One more that opens, unless it is among them. False: there is no room. */
MUST_USE bool master_add_old(master_keys *m, const uint8_t key[KEY_BYTES]);
/* Is a change under way: are keys of before in DATA/keys still? Errors: as master_read. */
bool master_has(const master_keys *m, const uint8_t key[KEY_BYTES]);
