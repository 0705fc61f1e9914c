/* manifest.c - see manifest.h.
 *   minar-backup-manifest 1
 *   {facts}
 *   f BYTES MTIME INODE CHUNKS PATH
 *   HEX                              one line a chunk
 *   end FILES CHUNKS */
#include "common/backup/manifest.h"

#include <sodium.h>

enum { PATH_BYTES = 1000 };
static const char first_line[] = "minar-backup-manifest 1";

bool manifest_path_fits(str path)
{
    str part, rest = path;
    if (!path.n || path.n > PATH_BYTES || !str_is_utf8(path)) return false;
    for (size_t i = 0; i < path.n; i++)
        if ((uint8_t)path.p[i] < ' ' || path.p[i] == 127 || path.p[i] == '\\') return false;
    while (str_split(&rest, '/', &part))
        if (!part.n || str_eq(part, S(".")) || str_eq(part, S(".."))) return false;
    return path.p[path.n - 1] != '/';
}

static void file_put(buf *b, const manifest *m, const manifest_file *f)
{
    char hex[2 * CHUNK_NAME + 1];
    ASSERT(manifest_path_fits(f->path) && f->first + f->n <= m->n_chunks);
    buf_fmt(b, "f %lld %lld %lld %zu ", (long long)f->bytes, (long long)f->mtime_ns,
            (long long)f->inode, f->n);
    buf_put(b, f->path);
    buf_byte(b, '\n');
    for (size_t i = 0; i < f->n; i++) {
        sodium_bin2hex(hex, sizeof hex, m->chunks[f->first + i], CHUNK_NAME);
        buf_put(b, (str){ hex, sizeof hex - 1 });
        buf_byte(b, '\n');
    }
}

str manifest_text(arena *a, const manifest *m)
{
    buf b = buf_new(a, 256 + m->n_files * 128 + m->n_chunks * 65);
    ASSERT(str_find_byte(m->facts, '\n') < 0);
    buf_fmt(&b, "%s\n%.*s\n", first_line, STR_ARG(m->facts));
    for (size_t i = 0; i < m->n_files; i++)
        file_put(&b, m, &m->files[i]);
    buf_fmt(&b, "end %zu %zu\n", m->n_files, m->n_chunks);
    return buf_str(&b);
}

/* ---- reading ---- */

typedef struct {
    str rest;
    int64_t row;
} reader;

static bool line_of(reader *r, str *ret)
{
    r->row++;
    return str_split(&r->rest, '\n', ret);
}

static bool number(str *rest, int64_t most, int64_t *ret)
{
    str word;
    return str_split(rest, ' ', &word) && str_to_i64(word, ret) && *ret >= 0 && *ret <= most;
}

static bool chunk_read(str line, uint8_t to[CHUNK_NAME])
{
    size_t n = 0;
    return line.n == 2 * CHUNK_NAME &&
           sodium_hex2bin(to, CHUNK_NAME, line.p, line.n, NULL, &n, NULL) == 0 && n == CHUNK_NAME;
}

/* As many chunks as the bytes need, no more and no fewer. */
static bool file_head(str line, manifest_file *f)
{
    int64_t n;
    if (!number(&line, INT64_MAX / 2, &f->bytes) || !number(&line, INT64_MAX, &f->mtime_ns) ||
            !number(&line, INT64_MAX, &f->inode) || !number(&line, INT64_MAX, &n))
        return false;
    f->path = line;
    f->n = (size_t)n;
    return manifest_path_fits(line) && n == (f->bytes + CHUNK_BYTES - 1) / CHUNK_BYTES;
}

/* How many lines of each kind there are, so that room is made once. */
static void count(str text, size_t *files, size_t *lines)
{
    *files = *lines = 0;
    for (size_t i = 0; i + 2 < text.n; i++) {
        if (text.p[i] != '\n') continue;
        ++*lines;
        if (text.p[i + 1] == 'f' && text.p[i + 2] == ' ') ++*files;
    }
}

static bool files_read(reader *r, manifest *m, size_t room_files, size_t room_chunks)
{
    str line, kind;
    int64_t files, chunks;
    while (line_of(r, &line)) {
        if (!str_split(&line, ' ', &kind)) return false;
        if (str_eq(kind, S("end")))
            return number(&line, INT64_MAX, &files) && number(&line, INT64_MAX, &chunks) &&
                   (size_t)files == m->n_files && (size_t)chunks == m->n_chunks && !r->rest.n;
        if (!str_eq(kind, S("f")) || m->n_files == room_files) return false;
        manifest_file *f = &m->files[m->n_files++];
        if (!file_head(line, f) || f->n > room_chunks - m->n_chunks) return false;
        f->first = m->n_chunks;
        for (size_t i = 0; i < f->n; i++)
            if (!line_of(r, &line) || !chunk_read(line, m->chunks[m->n_chunks++])) return false;
    }
    return false;
}

err manifest_parse(arena *a, str text, manifest *ret)
{
    reader r = { .rest = text };
    manifest m = { 0 };
    size_t files, lines;
    str first;
    if (text.n > MANIFEST_BYTES_MAX) return ERR(E_TOO_LARGE, "error.backup.manifest");
    count(text, &files, &lines);
    if (files > MANIFEST_FILES_MAX) return ERR(E_TOO_LARGE, "error.backup.manifest");
    m.files = NEW_ARRAY(a, manifest_file, files + 1);
    m.chunks = arena_alloc_array(a, lines + 1, CHUNK_NAME);
    bool good = line_of(&r, &first) && str_eq(first, str_of(first_line)) && line_of(&r, &m.facts) &&
                files_read(&r, &m, files, lines);
    if (!good) return err_at_row(ERR(E_INVALID, "error.backup.manifest"), S("manifest"), r.row, 0);
    *ret = m;
    return OK;
}
