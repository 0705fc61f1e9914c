/* manifest.h - what one backup holds, as text: facts, then its files in order with the chunks that
 * they are made of. Pure; any thread. The bytes were sealed, and are checked all the same: a path
 * leads nowhere but below the folder that is restored. */
#pragma once
#include "base/base.h"

enum { CHUNK_NAME = 32, CHUNK_BYTES = 1 << 20 };
#define MANIFEST_BYTES_MAX ((size_t)512 << 20)
#define MANIFEST_FILES_MAX 4000000

typedef struct {
    str path; /* below the folder: "realm/live/records.db" */
    int64_t bytes, mtime_ns, inode;
    size_t first, n; /* of its chunks in the manifest's */
} manifest_file;
typedef struct {
    str facts; /* a JSON object: data/schemas of BackupFacts in words: docs/user/backup.md */
    manifest_file *files;
    size_t n_files;
    uint8_t (*chunks)[CHUNK_NAME];
    size_t n_chunks;
} manifest;

str manifest_text(arena *a, const manifest *m);
/* All of it in a. E_INVALID (error.backup.manifest) with the row. */
MUST_USE err manifest_parse(arena *a, str text, manifest *ret);
/* Does it stay below its folder: no empty part, none of dots, no control character, short enough?
 */
bool manifest_path_fits(str path);
