/* csv.c - marks quotes, separators and line ends of 64 bytes at a time in one word, then walks its
 * set bits; what a byte means is decided by the walk, so that a stray quote harms its own cell
 * only. */
#include "engine/csv/csv.h"
#include "engine/csv/mark.h"

struct csv {
    char separator, comment;
    bool started;
    int64_t rows;
    str cell[CSV_MAX_COLUMNS];
};

/* A walk over the marked bytes of a slice. word holds the marks that are left of the block at base.
 */
typedef struct {
    const char *p;
    size_t n, base, open; /* open: a place known to be inside of quotes without an end */
    uint64_t word;
    char separator;
    bool odd; /* a byte above 0x7f or NUL was seen */
} walk;

csv *csv_new(arena *a, char separator, char comment)
{
    ASSERT(separator && separator != '"' && separator != '\n');
    csv *c = NEW(a, csv);
    c->separator = separator;
    c->comment = comment;
    return c;
}

void csv_resume(csv *c, int64_t rows_before)
{
    c->rows = rows_before;
    c->started = true;
}

static void walk_load(walk *w, size_t base)
{
    w->base = base;
    w->word = mark_block(w->p + base, w->n - base, w->separator, &w->odd);
}

/* The next marked place at or after from, or n. */
static inline size_t walk_next(walk *w)
{
    while (w->word == 0) {
        if (w->n - w->base <= 64) return w->n;
        walk_load(w, w->base + 64);
    }
    size_t at = w->base + (size_t)__builtin_ctzll(w->word);
    w->word &= w->word - 1;
    return at;
}

/* Bytes of blank and comment lines at the start of in; *more: it ends within such a line. */
static size_t skip_lines(const csv *c, str in, bool last, bool *more)
{
    size_t at = 0;
    *more = false;
    while (at < in.n) {
        if (in.p[at] == '\n') {
            at++;
            continue;
        }
        bool cr = in.p[at] == '\r';
        if (cr && at + 1 < in.n && in.p[at + 1] == '\n') {
            at += 2;
            continue;
        }
        if (cr && at + 1 == in.n && !last) *more = true;
        if (!c->comment || in.p[at] != c->comment) return at;
        const char *end = memchr(in.p + at, '\n', in.n - at);
        if (!end) {
            *more = !last;
            return last ? in.n : at;
        }
        at = (size_t)(end - in.p) + 1;
    }
    return at;
}

/* A copy of a quoted cell's inside with its doubled quotes made single. */
static str unquote(arena *a, const char *p, size_t n)
{
    char *out = arena_alloc(a, n ? n : 1);
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        out[k++] = p[i];
        if (p[i] == '"' && i + 1 < n && p[i + 1] == '"') i++;
    }
    return (str){ out, k };
}

typedef struct {
    size_t end; /* place of the separator or line end; n: the input ends */
    bool doubled, stray, open;
    size_t close; /* a quoted cell's closing quote */
} cell_span;

static inline cell_span quoted_span(walk *w, size_t start)
{
    cell_span s = { .end = w->n };
    for (;;) {
        size_t q = walk_next(w);
        if (q >= w->n) {
            s.open = true;
            return s;
        }
        if (w->p[q] != '"') continue;
        size_t after = q + 1;
        if (after >= w->n) {
            s.close = q;
            return s;
        }
        char c = w->p[after];
        if (c == '"') {
            walk_next(w);
            s.doubled = true;
            continue;
        }
        s.close = q;
        if (c == w->separator || c == '\n') {
            s.end = walk_next(w);
            return s;
        }
        if (c == '\r' && (after + 1 >= w->n || w->p[after + 1] == '\n')) {
            s.end = walk_next(w);
            return s;
        }
        s.stray = true; /* text after the closing quote: the cell is taken as it stands */
        size_t e = walk_next(w);
        while (e < w->n && w->p[e] == '"')
            e = walk_next(w);
        s.end = e;
        return s;
    }
}

static inline cell_span plain_span(walk *w, size_t start)
{
    cell_span s = { 0 };
    size_t e = walk_next(w);
    while (e < w->n && w->p[e] == '"') {
        s.stray = true;
        e = walk_next(w);
    }
    s.end = e;
    return s;
}

static csv_result bad_row(csv *c, str in, csv_fault why, csv_row *row)
{
    const char *nl = memchr(in.p, '\n', in.n);
    size_t end = nl ? (size_t)(nl - in.p) : in.n;
    if (end > CSV_MAX_ROW_BYTES) end = CSV_MAX_ROW_BYTES;
    row->used = nl && end < in.n && in.p[end] == '\n' ? end + 1 : end;
    if (end > 0 && in.p[end - 1] == '\r') end--;
    row->raw = (str){ in.p, end };
    row->number = ++c->rows;
    row->fault = why;
    row->n = 0;
    row->cell = c->cell;
    return CSV_BAD;
}

/* A cell's text without NUL or bad UTF-8, copied when it had some. */
static str repair(arena *a, str s, bool *repaired)
{
    if (str_is_utf8(s)) return s;
    *repaired = true;
    buf b = buf_new(a, s.n + 16);
    for (size_t i = 0; i < s.n;) {
        size_t n = s.p[i] ? utf8_len(s.p + i, s.n - i) : 0;
        buf_put(&b, n ? (str){ s.p + i, n } : S("\xef\xbf\xbd"));
        i += n ? n : 1;
    }
    return buf_str(&b);
}

static csv_result row_done(csv *c, arena *a, walk *w, size_t end, csv_row *row)
{
    row->used = end < w->n ? end + 1 : w->n;
    if (end > 0 && w->p[end - 1] == '\r') end--;
    row->raw = (str){ w->p, end };
    row->number = ++c->rows;
    row->cell = c->cell;
    if (w->odd && !str_is_utf8(row->raw))
        for (uint32_t i = 0; i < row->n; i++)
            c->cell[i] = repair(a, c->cell[i], &row->repaired);
    return CSV_ROW;
}

static inline str cell_text(arena *a, const walk *w, size_t start, const cell_span *s, bool quoted)
{
    const char *p = w->p;
    if (quoted && !s->stray) {
        size_t n = s->close - start - 1;
        return s->doubled ? unquote(a, p + start + 1, n) : (str){ p + start + 1, n };
    }
    size_t end = s->end;
    bool line_end = end >= w->n || p[end] == '\n';
    if (line_end && end > start && p[end - 1] == '\r') end--;
    return (str){ p + start, end - start };
}

static csv_result row_read(csv *c, arena *a, str in, bool last, csv_row *row)
{
    walk w = { .p = in.p, .n = in.n, .separator = c->separator };
    walk_load(&w, 0);
    for (size_t start = 0;;) {
        bool quoted = start < in.n && in.p[start] == '"';
        if (quoted) walk_next(&w);
        cell_span s = quoted ? quoted_span(&w, start) : plain_span(&w, start);
        if (s.end - start > CSV_MAX_ROW_BYTES || s.end > CSV_MAX_ROW_BYTES)
            return bad_row(c, in, s.open ? CSV_OPEN_QUOTE : CSV_TOO_LONG, row);
        if (s.end >= in.n && !last) return CSV_MORE;
        if (s.open) return bad_row(c, in, CSV_OPEN_QUOTE, row);
        row->stray_quote |= s.stray;
        if (row->n == CSV_MAX_COLUMNS) return bad_row(c, in, CSV_TOO_MANY_COLUMNS, row);
        c->cell[row->n++] = cell_text(a, &w, start, &s, quoted);
        if (s.end >= in.n || in.p[s.end] == '\n') return row_done(c, a, &w, s.end, row);
        start = s.end + 1;
    }
}

csv_result csv_next(csv *c, arena *a, str in, bool last, csv_row *row)
{
    *row = (csv_row){ 0 };
    size_t bom = 0;
    if (!c->started) {
        if (in.n < 3 && !last) return CSV_MORE;
        if (str_starts(in, S("\xef\xbb\xbf"))) bom = 3;
    }
    bool more;
    str rest = str_sub(in, bom, in.n);
    size_t skip = skip_lines(c, rest, last, &more);
    rest = str_sub(rest, skip, rest.n);
    if (more) return CSV_MORE;
    if (rest.n == 0) {
        row->used = in.n;
        return last ? CSV_END : CSV_MORE;
    }
    csv_result r = row_read(c, a, rest, last, row);
    if (r == CSV_MORE) return r;
    c->started = true;
    row->skipped = bom + skip;
    row->used += bom + skip;
    return r;
}

/* How many cells each of the first lines has under sep: the smallest count above one, when most
 * lines agree on it; 0 otherwise. */
static size_t even_split(str sample, char sep, char comment)
{
    arena *a = arena_new((size_t)64 << 20);
    csv *c = csv_new(a, sep, comment);
    csv_row row;
    size_t first = 0, agree = 0, rows = 0;
    while (rows < 16 && csv_next(c, a, sample, true, &row) == CSV_ROW) {
        if (rows == 0) first = row.n;
        agree += row.n == first;
        rows++;
        sample = str_sub(sample, row.used, sample.n);
    }
    arena_free(a);
    return rows > 0 && first > 1 && agree * 4 >= rows * 3 ? first : 0;
}

char csv_guess_separator(str sample, char comment)
{
    static const char candidates[] = { ',', ';', '\t', '|' };
    if (sample.n > 65536) sample.n = 65536;
    size_t best = 0;
    char sep = ',';
    for (size_t i = 0; i < ARRAY_LEN(candidates); i++) {
        size_t n = even_split(sample, candidates[i], comment);
        if (n > best) {
            best = n;
            sep = candidates[i];
        }
    }
    return sep;
}
