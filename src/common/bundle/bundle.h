/* bundle.h - an update bundle: one file with a signed manifest and the parts that it names, for a
 * site without network. The form is a tar archive with every byte but the parts' own given by the
 * manifest and its signature, so that nothing in it can be hidden, moved or said twice; tar and
 * minisign read it too. Owns no state; any thread. The bytes are hostile: limits are here. */
#pragma once
#include "base/json.h"
#include "common/bundle/minisig.h"

typedef enum {
    BUNDLE_KEV,     /* CISA's catalogue of known exploited vulnerabilities, JSON */
    BUNDLE_EPSS,    /* FIRST's scores, CSV */
    BUNDLE_ADDRESS, /* address data: MMDB or CSV (flow/geo.h) */
    BUNDLE_LIST,    /* Shadowserver's mapping */
    BUNDLE_PROGRAM, /* a Debian package of this program; never kept by a server */
    BUNDLE_KINDS
} bundle_kind;
const char *bundle_kind_name(bundle_kind k);
MUST_USE bool bundle_kind_of(str name, bundle_kind *ret);
int64_t bundle_kind_bytes(bundle_kind k); /* at most so many bytes has one part of it */
size_t bundle_kind_parts(bundle_kind k);  /* at most so many parts */

enum { BUNDLE_PARTS = 16, BUNDLE_NAME = 99, BUNDLE_VERSION = 100, BUNDLE_HASH = 32 };
#define BUNDLE_MANIFEST_BYTES ((size_t)65536)
typedef struct {
    bundle_kind kind;
    str name, version;
    instant date; /* of the data itself */
    int64_t bytes;
    uint8_t sha256[BUNDLE_HASH];
} bundle_part;
typedef struct {
    instant made;
    bundle_part part[BUNDLE_PARTS];
    size_t n;
    uint8_t digest[BUNDLE_HASH]; /* SHA-256 of the manifest's bytes */
    uint8_t signer[MINISIG_ID];  /* whose key */
} bundle;

/* A file's name and nothing more: no folder, no dot in front, none that the bundle itself uses. */
bool bundle_name_fits(str name);
/* The members of one part, as the manifest and the interface have them. */
void bundle_part_members(arena *a, jsonw *w, const bundle_part *p);
void bundle_parts_put(arena *a, jsonw *w, const bundle *b); /* "parts": [...] */
str bundle_hex(arena *a, const uint8_t hash[BUNDLE_HASH]);
str bundle_manifest_text(arena *a, const bundle *b);
/* Strict; digest and signer stay as they are. E_INVALID error.bundle.* with the JSON pointer. */
MUST_USE err bundle_manifest_parse(arena *a, str text, bundle *ret);

/* Writes b, signed by `by`, to fd: paths[i] has the bytes of part i. b's sizes and hashes are those
 * of the files, by bundle_hash; a file that changed meanwhile is E_INVALID error.bundle.changed. */
MUST_USE err bundle_write(
        arena *a, int fd, const bundle *b, const char *const *paths, const minisig_secret *by);
/* SHA-256 and length of all that fd has from its place on. E_IO. */
MUST_USE err bundle_hash(int fd, uint8_t ret[BUNDLE_HASH], int64_t *ret_bytes);

/* Whom a site trusts: keys parted by spaces (setting bundle.keys). E_CONFIG error.bundle.keys. */
enum { BUNDLE_KEYS = 16 };
MUST_USE err bundle_keys_parse(str text, minisig_public ret[BUNDLE_KEYS], size_t *ret_n);
/* Reads manifest and signature from fd's beginning; on success fd stands before the first part, and
 * what b says is what a trusted key signed. E_INVALID error.bundle.*, E_IO. */
MUST_USE err bundle_open(arena *a, int fd, const minisig_public *keys, size_t n_keys, bundle *ret);
/* Reads all parts, each against what the manifest says of it, to the very end. dirs: the folder in
 * which those of a kind are written by their names, durably; -1: they are only read. Nothing that
 * is written counts before OK is returned. */
MUST_USE err bundle_parts(int fd, const bundle *b, const int dirs[BUNDLE_KINDS]);
