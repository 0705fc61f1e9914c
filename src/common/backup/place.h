/* place.h - a folder of backups: chunks that several backups share, a manifest for each, and two
 * things of which only the newest is kept (rolling): the keys of people and files, so that whom the
 * installation has erased is erased in old backups too, and the installation's own keys. All of it
 * sealed under the set's key, which the backup key wraps. Owns the folder's files and its lock
 * while it is open. One thread. What is not finished never has a name under which it is looked for:
 *   DIR/minar-backup        the set's id, its wrapped key
 *   DIR/chunks/ab/NAME      written apart, moved here when all of a backup's are durable
 *   DIR/rolling/NAME
 *   DIR/manifests/NAME      last of all; there is a backup when it is there
 *   DIR/marks/NAME          words between two machines: who copies, who follows, whose turn it is
 */
#pragma once
#include "common/backup/key.h"
#include "common/backup/manifest.h"

typedef struct place place;
/* write: makes it when it is absent, and keeps others from writing. Errors: E_ABSENT (no backup
 * there), E_AUTH (error.backup.key_other: not the key of it), E_BUSY, E_INVALID, E_IO. */
MUST_USE err place_open(const char *dir, bool write, const uint8_t key[BACKUP_KEY], place **ret);
/* To read, beside whoever writes: no lock is asked for, and marks may be put. What a writer prunes
 * meanwhile is E_ABSENT. */
MUST_USE err place_open_beside(const char *dir, const uint8_t key[BACKUP_KEY], place **ret);
void place_close(place *p); /* NULL: nothing; what is not finished goes */
/* From here on this key opens it, and no other one. */
MUST_USE err place_rewrap(place *p, const uint8_t key[BACKUP_KEY]);

/* ---- chunks ---- */
/* At most CHUNK_BYTES. *ret_new: bytes that came to the folder, 0 when it was there. */
MUST_USE err place_chunk_put(place *p, str plain, uint8_t name[CHUNK_NAME], int64_t *ret_new);
/* to has room for CHUNK_BYTES. E_INVALID (error.backup.chunk): altered, cut or another one;
 * E_ABSENT. */
MUST_USE err place_chunk_get(place *p, const uint8_t name[CHUNK_NAME], char *to, size_t *ret_n);
bool place_chunk_there(const place *p, const uint8_t name[CHUNK_NAME]);
/* All that was put is durable and has its name. Before the manifest. */
MUST_USE err place_chunks_commit(place *p);

/* ---- rolling, manifests ---- */
MUST_USE err place_rolling_put(place *p, const char *what, instant made, str text);
/* E_INVALID too when it is older than `least`: somebody put an earlier one in its place. */
MUST_USE err place_rolling_get(
        place *p, arena *a, const char *what, instant least, instant *ret_made, str *ret);
/* name: "20261130T184500Z-1a2b3c4d", made of the time. */
MUST_USE err place_manifest_put(place *p, arena *a, instant made, const manifest *m, str *ret_name);
/* Names, oldest first, in a. */
MUST_USE err place_manifests(place *p, arena *a, str **ret, size_t *n);
MUST_USE err place_manifest_get(place *p, arena *a, str name, manifest *ret);
/* The time of which a manifest's name is made. */
MUST_USE bool place_name_time(str name, instant *ret);
/* ---- marks: sealed as all is, and bound to their name, so that only who has the key says them
 * ---- durable: before it returns. A mark put back from earlier is not told from a new one. */
MUST_USE err place_mark_put(place *p, const char *what, str text, bool durable);
/* E_ABSENT: never said; E_INVALID. */
MUST_USE err place_mark_get(place *p, arena *a, const char *what, str *ret);

/* Leaves the newest `keep` manifests and the chunks that they name; bytes freed. */
MUST_USE err place_prune(place *p, size_t keep, int64_t *ret_backups, int64_t *ret_bytes);
