/* archive.c - lists an archive, and archives within it, with limits on how many, how deep, how
 * large, how long. Nothing is unpacked to anywhere: pieces are read to be counted and hashed.
 * Owns nothing. One thread. libarchive, by the formats and filters named here, all of them in this
 * process. */
#include "proc/open/open.h"

#include <archive.h>
#include <archive_entry.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

enum { BLOCK_BYTES = 64 << 10, HEAD_BYTES = 16 << 10 };

typedef struct {
    arena *a;
    open_listing *to;
    int64_t packed;
    uint8_t block[BLOCK_BYTES], piece[BLOCK_BYTES], head[HEAD_BYTES];
} lister;

/* ---- libarchive's way to the input ---- */

typedef struct {
    const open_input *in;
    int64_t at;
    uint8_t block[BLOCK_BYTES];
} source;

static la_ssize_t source_read(struct archive *x, void *ctx, const void **p)
{
    source *s = ctx;
    size_t n = open_get(s->in, s->at, s->block, sizeof s->block);
    s->at += (int64_t)n;
    *p = s->block;
    return (la_ssize_t)n;
}

static la_int64_t source_skip(struct archive *x, void *ctx, la_int64_t n)
{
    source *s = ctx;
    if (n > s->in->bytes - s->at) n = s->in->bytes - s->at;
    s->at += n;
    return n;
}

static la_int64_t source_seek(struct archive *x, void *ctx, la_int64_t to, int whence)
{
    source *s = ctx;
    int64_t from = whence == SEEK_CUR ? s->at : whence == SEEK_END ? s->in->bytes : 0;
    if (__builtin_add_overflow(from, to, &from) || from < 0 || from > s->in->bytes)
        return ARCHIVE_FATAL;
    s->at = from;
    return from;
}

/* No format that runs a program or needs one. raw: a single compressed file. */
static struct archive *reader(bool raw)
{
    static int (*const filters[])(struct archive *) = { archive_read_support_filter_gzip,
        archive_read_support_filter_bzip2, archive_read_support_filter_xz,
        archive_read_support_filter_lzma, archive_read_support_filter_zstd,
        archive_read_support_filter_lz4, archive_read_support_filter_compress };
    static int (*const formats[])(struct archive *) = { archive_read_support_format_zip,
        archive_read_support_format_tar, archive_read_support_format_7zip,
        archive_read_support_format_rar, archive_read_support_format_rar5,
        archive_read_support_format_cab, archive_read_support_format_cpio,
        archive_read_support_format_iso9660, archive_read_support_format_lha,
        archive_read_support_format_ar };
    struct archive *x = archive_read_new();
    ASSERT(x);
    for (size_t i = 0; i < ARRAY_LEN(filters); i++)
        filters[i](x);
    for (size_t i = 0; i < ARRAY_LEN(formats) && !raw; i++)
        formats[i](x);
    if (raw) archive_read_support_format_raw(x);
    return x;
}

/* ---- limits ---- */

static bool stop(lister *l, const char *why)
{
    if (!l->to->stopped.n) l->to->stopped = str_of(why);
    return false;
}

/* False: enough. */
static bool within(lister *l)
{
    struct timespec used;
    if (l->to->stopped.n) return false;
    if (l->to->count > OPEN_COUNT_MAX) return stop(l, "entries");
    if (l->to->bytes > OPEN_UNPACK_MAX) return stop(l, "size");
    if (l->to->bytes > OPEN_RATIO_FROM && l->to->bytes / OPEN_RATIO_MAX > l->packed)
        return stop(l, "ratio");
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    if (used.tv_sec * 1000 + used.tv_nsec / 1000000 > OPEN_CPU_MS) return stop(l, "time");
    return true;
}

/* ---- one entry ---- */

typedef struct {
    uint8_t *p; /* kept whole when it is an archive of bearable size */
    size_t n;
} inner;

/* Reads a piece to its end or to a limit; false: it could not be read whole. */
static bool piece_read(lister *l, struct archive *x, open_entry *e, inner *keep)
{
    crypto_hash_sha256_state hash;
    size_t cap = 0;
    bool keeps = false;
    la_ssize_t n;
    crypto_hash_sha256_init(&hash);
    while ((n = archive_read_data(x, l->piece, sizeof l->piece)) > 0) {
        if (!e->bytes) {
            e->mime = str_copy(l->a, open_mime(l->piece, (size_t)n));
            keeps = open_kind_of(e->mime) == OPEN_ARCHIVE;
        }
        crypto_hash_sha256_update(&hash, l->piece, (size_t)n);
        e->bytes += n;
        l->to->bytes += n;
        if (keeps && e->bytes > OPEN_INNER_BYTES) keeps = false;
        if (keeps && keep->n + (size_t)n > cap) {
            cap = (keep->n + (size_t)n) * 2;
            keep->p = realloc(keep->p, cap);
            ASSERT(keep->p);
        }
        if (keeps) memcpy(keep->p + keep->n, l->piece, (size_t)n);
        keep->n = keeps ? keep->n + (size_t)n : 0;
        if (!within(l)) return false;
    }
    if (n < 0) return false;
    if (!e->bytes) e->mime = S("inode/x-empty");
    crypto_hash_sha256_final(&hash, e->sha256);
    return true;
}

static void entry_marks(struct archive_entry *x, open_entry *e)
{
    if (archive_entry_filetype(x) == AE_IFDIR) e->marks |= ENTRY_FOLDER;
    if (archive_entry_symlink(x) || archive_entry_hardlink(x) ||
            archive_entry_filetype(x) == AE_IFLNK)
        e->marks |= ENTRY_LINK;
    if (archive_entry_is_data_encrypted(x) > 0 || archive_entry_is_metadata_encrypted(x) > 0)
        e->marks |= ENTRY_ENCRYPTED;
}

static str entry_name(lister *l, str below, struct archive_entry *x, open_entry *e)
{
    bool changed = false;
    const char *name = archive_entry_pathname_utf8(x);
    if (!name) name = archive_entry_pathname(x);
    str path = path_safe(l->a, str_of(name), &changed);
    if (changed) e->marks |= ENTRY_UNSAFE_NAME;
    if (!below.n) return path;
    return str_sub(str_fmt(l->a, "%.*s/%.*s", STR_ARG(below), STR_ARG(path)), 0,
            (size_t)OPEN_NAME_MAX * OPEN_DEPTH_MAX);
}

static void list_input(lister *l, const open_input *in, str below, int depth);

static bool is_damage(str stopped)
{
    return str_eq(stopped, S("broken")) || str_eq(stopped, S("encrypted"));
}

/* An archive within: its entries follow it. */
static void list_inner(lister *l, open_entry *e, const inner *keep, int depth)
{
    if (open_kind_of(e->mime) != OPEN_ARCHIVE) return;
    if (depth + 1 >= OPEN_DEPTH_MAX || !keep->n) {
        e->marks |= ENTRY_UNOPENED;
        return;
    }
    e->marks |= ENTRY_INNER;
    open_input in = { .p = keep->p, .bytes = (int64_t)keep->n };
    list_input(l, &in, e->name, depth + 1);
    if (!is_damage(l->to->stopped)) return; /* of the inner one; the outer one goes on */
    l->to->stopped = S("");
    e->marks |= ENTRY_UNREADABLE;
}

static void entry_take(
        lister *l, struct archive *x, struct archive_entry *entry, str below, int depth)
{
    open_entry spare = { 0 };
    bool told = l->to->n < OPEN_ENTRIES_MAX;
    open_entry *e = told ? &l->to->entries[l->to->n++] : &spare;
    inner keep = { 0 };
    l->to->count++;
    entry_marks(entry, e);
    if (told) e->name = entry_name(l, below, entry, e);
    if (e->marks & ENTRY_ENCRYPTED) l->to->encrypted = true;
    if (e->marks & (ENTRY_FOLDER | ENTRY_LINK | ENTRY_ENCRYPTED)) {
        e->bytes = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : 0;
        if (e->bytes < 0) e->bytes = 0;
    } else if (piece_read(l, x, e, &keep)) {
        if (told) list_inner(l, e, &keep, depth);
    } else {
        e->marks |= ENTRY_UNREADABLE;
    }
    free(keep.p);
}

static void list_entries(lister *l, struct archive *x, str below, int depth)
{
    struct archive_entry *entry;
    while (within(l)) {
        int rc = archive_read_next_header(x, &entry);
        if (rc == ARCHIVE_EOF) break;
        if (rc < ARCHIVE_WARN) {
            (void)stop(l, archive_read_has_encrypted_entries(x) > 0 ? "encrypted" : "broken");
            break;
        }
        entry_take(l, x, entry, below, depth);
        if (!l->to->format.n)
            l->to->format = text_safe(l->a, str_of(archive_format_name(x)), 100, false, NULL);
    }
    if (archive_read_has_encrypted_entries(x) > 0) l->to->encrypted = true;
}

static void list_as(lister *l, source *s, bool raw, str below, int depth)
{
    struct archive *x = reader(raw);
    s->at = 0;
    archive_read_set_read_callback(x, source_read);
    archive_read_set_skip_callback(x, source_skip);
    archive_read_set_seek_callback(x, source_seek);
    archive_read_set_callback_data(x, s);
    bool opened = archive_read_open1(x) == ARCHIVE_OK;
    if (opened && (!raw || archive_filter_count(x) > 1))
        list_entries(l, x, below, depth);
    else
        (void)stop(l, "broken");
    archive_read_free(x);
}

/* Where nothing is found in it, it may be one file, compressed (a long row of zeros looks like a
 * tar with nothing in it). */
static void list_input(lister *l, const open_input *in, str below, int depth)
{
    source *s = calloc(1, sizeof *s);
    int64_t before = l->to->count;
    ASSERT(s);
    s->in = in;
    list_as(l, s, false, below, depth);
    str stopped = l->to->stopped;
    if (l->to->count == before && (!stopped.n || str_eq(stopped, S("broken")))) {
        l->to->stopped = S("");
        list_as(l, s, true, below, depth);
        if (l->to->count == before) l->to->stopped = stopped;
    }
    free(s);
}

void open_list(const open_input *in, arena *a, open_listing *ret)
{
    lister *l = calloc(1, sizeof *l);
    ASSERT(l);
    *l = (lister){ .a = a, .to = ret, .packed = in->bytes > 0 ? in->bytes : 1 };
    *ret = (open_listing){ .stopped = S("") };
    ret->entries = NEW_ARRAY(a, open_entry, OPEN_ENTRIES_MAX);
    list_input(l, in, (str){ 0 }, 0);
    free(l);
}
