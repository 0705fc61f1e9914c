/* vault.h - where the bytes of files are: objects with a random name, each sealed under a key of
 * its own, written once and never changed. The folder of a realm is the one kind of place that
 * there is (vault_folder.c); another kind is another row of these operations. Owns nothing that
 * outlives a call but readers. Any thread; a reader belongs to one at a time. */
#pragma once
#include "base/base.h"
#include <sys/types.h>

/* One kind of place: objects of sealed bytes by their names. ctx is the place's own. Errors: E_IO;
 * open: E_ABSENT. An object that was begun is not there before commit. */
typedef struct vault_place {
    void *ctx;
    err (*begin)(void *ctx, id128 object, void **ret_write);
    err (*write)(void *w, str part);
    err (*commit)(void *w); /* durable; ends w, also when it fails */
    void (*abandon)(void *w);
    err (*open)(void *ctx, id128 object, void **ret_read);
    ssize_t (*read)(void *r, char *to, size_t max); /* 0: the end; -1 */
    void (*close)(void *r);
    err (*remove)(void *ctx, id128 object); /* OK too when it is not there */
} vault_place;

/* A folder, made when it is absent. In a. */
MUST_USE err vault_folder(arena *a, const char *path, vault_place *ret);
/* The place of the files of a realm. In a. */
MUST_USE err vault_of_realm(arena *a, const char *data_dir, const char *realm, vault_place *ret);

enum { VAULT_KEY = 32, VAULT_HASH = 32 };
typedef struct {
    int64_t bytes;
    uint8_t hash[VAULT_HASH]; /* SHA-256 of the plain bytes */
} vault_sum;
/* Seals what fd holds from its place on into a new object: in pieces, never whole in memory. */
MUST_USE err vault_put(
        const vault_place *p, id128 object, const uint8_t key[VAULT_KEY], int fd, vault_sum *ret);
/* The same for bytes in memory. */
MUST_USE err vault_put_bytes(
        const vault_place *p, id128 object, const uint8_t key[VAULT_KEY], str bytes);

typedef struct vault_reader vault_reader;
/* E_ABSENT (error.files.gone), E_IO. p is copied. */
MUST_USE err vault_open(
        const vault_place *p, id128 object, const uint8_t key[VAULT_KEY], vault_reader **ret);
/* The next plain bytes; 0: the end, all of it whole; -1: altered, cut or unreadable. */
ssize_t vault_read(vault_reader *r, char *to, size_t max);
void vault_close(vault_reader *r); /* NULL: nothing */
