/* wrapped.c - makes the zip as it is read: libarchive writes into a buffer, which is emptied before
 * the next piece of the file goes in. Stored, not packed: it is not worth the time. */
#include "common/files/wrapped.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

enum { PIECE = 64 << 10, ROOM = 256 << 10 };

struct wrapped {
    vault_reader *from;
    struct archive *x;
    bool over, bad;
    size_t n, at;
    char piece[PIECE];
    char out[ROOM]; /* more than one piece and all heads */
};

static la_ssize_t keep(struct archive *x, void *ctx, const void *p, size_t n)
{
    wrapped *w = ctx;
    if (n > sizeof w->out - w->n) return -1;
    memcpy(w->out + w->n, p, n);
    w->n += n;
    return (la_ssize_t)n;
}

static bool begin(wrapped *w, str name, int64_t bytes)
{
    char z[1024];
    struct archive_entry *e = archive_entry_new();
    size_t n = name.n < sizeof z ? name.n : sizeof z - 1;
    if (!e) return false;
    memcpy(z, name.p, n);
    z[n] = '\0';
    archive_entry_set_pathname_utf8(e, z);
    archive_entry_set_pathname(e, z);
    archive_entry_set_size(e, bytes);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0400);
    bool ok = archive_write_set_format_zip(w->x) == ARCHIVE_OK &&
              archive_write_set_options(w->x, "zip:compression=store,zip:encryption=traditional") ==
                      ARCHIVE_OK &&
              archive_write_set_passphrase(w->x, WRAPPED_PASSWORD) == ARCHIVE_OK &&
              archive_write_set_bytes_per_block(w->x, 0) == ARCHIVE_OK &&
              archive_write_open(w->x, w, NULL, keep, NULL) == ARCHIVE_OK &&
              archive_write_header(w->x, e) >= ARCHIVE_WARN;
    archive_entry_free(e);
    return ok;
}

err wrapped_open(vault_reader *r, str name, int64_t bytes, wrapped **ret)
{
    wrapped *w = malloc(sizeof *w);
    ASSERT(w);
    *w = (wrapped){ .from = r, .x = archive_write_new() };
    ASSERT(w->x);
    if (!begin(w, name, bytes)) {
        wrapped_close(w);
        return ERR(E_IO, "error.files.wrap");
    }
    *ret = w;
    return OK;
}

/* One piece more, or the end of the zip. */
static bool step(wrapped *w)
{
    ssize_t n = vault_read(w->from, w->piece, sizeof w->piece);
    w->n = w->at = 0;
    if (n < 0) return false;
    if (n > 0) return archive_write_data(w->x, w->piece, (size_t)n) == n;
    w->over = true;
    return archive_write_close(w->x) == ARCHIVE_OK;
}

ssize_t wrapped_read(wrapped *w, char *to, size_t max)
{
    while (!w->bad && w->at == w->n && !w->over)
        w->bad = !step(w);
    if (w->bad) return -1;
    size_t n = w->n - w->at < max ? w->n - w->at : max;
    memcpy(to, w->out + w->at, n);
    w->at += n;
    return (ssize_t)n;
}

void wrapped_close(wrapped *w)
{
    if (!w) return;
    archive_write_free(w->x);
    vault_close(w->from);
    free(w);
}
