/* batch.c - memory of a batch: columns are allocated once; growing lists double; the arena holds
 * copied texts and is emptied with each batch. Belongs to one thread at a time. */
#include <stdlib.h>

#include "base/json.h"
#include "flow/event.h"

/* Every column with its element's size, for making, clearing and moving alike. */
#define COLUMNS(X)                                                                                 \
    X(row)                                                                                         \
    X(time_source) X(time_observation) X(owner) X(offset) X(source_ip_hi) X(source_ip_lo)          \
            X(destination_ip_hi) X(destination_ip_lo) X(finding) X(source_asn) X(destination_asn)  \
                    X(count) X(source_port) X(destination_port) X(owner_why) X(severity)           \
                            X(class_id) X(promote) X(owner_text) X(matched) X(malware_hash)        \
                                    X(extra_json) X(raw) X(extras) X(hits)

static void *column(size_t n, size_t size)
{
    void *p = calloc(n, size);
    ASSERT(p != NULL);
    return p;
}

flow_batch *flow_batch_new(size_t cap)
{
    flow_batch *b = column(1, sizeof *b);
    b->cap = cap;
    b->a = arena_new((size_t)256 << 20);
#define X(c) b->c = column(cap, sizeof *b->c);
    COLUMNS(X)
#undef X
    for (size_t i = 0; i < FLOW_TEXTS; i++)
        b->text[i] = column(cap, sizeof(str));
    return b;
}

void flow_batch_free(flow_batch *b)
{
    if (!b) return;
#define X(c) free(b->c);
    COLUMNS(X)
#undef X
    for (size_t i = 0; i < FLOW_TEXTS; i++)
        free(b->text[i]);
    free(b->extra);
    free(b->hit);
    free(b->reject);
    free(b->repeat);
    arena_free(b->a);
    free(b);
}

void flow_batch_clear(flow_batch *b)
{
    b->n = b->n_extra = b->n_hit = b->n_reject = b->n_repeat = 0;
    b->source = NULL;
    b->snapshot = NULL;
    b->block = NULL;
    arena_reset(b->a);
}

size_t flow_batch_bytes(const flow_batch *b)
{
    size_t n = sizeof *b + arena_used(b->a) + FLOW_TEXTS * b->cap * sizeof(str);
#define X(c) n += b->cap * sizeof *b->c;
    COLUMNS(X)
#undef X
    n += b->cap_extra * sizeof *b->extra + b->cap_hit * sizeof *b->hit;
    return n + b->cap_reject * sizeof *b->reject + b->cap_repeat * sizeof *b->repeat;
}

void flow_batch_row_clear(flow_batch *b, size_t row)
{
    ASSERT(row < b->cap);
#define X(c) memset(&b->c[row], 0, sizeof *b->c);
    COLUMNS(X)
#undef X
    for (size_t i = 0; i < FLOW_TEXTS; i++)
        b->text[i][row] = (str){ 0 };
    b->extras[row].from = (uint32_t)b->n_extra;
}

void flow_batch_move(flow_batch *b, size_t to, size_t from)
{
    if (to == from) return;
    ASSERT(to < from && from < b->cap);
#define X(c) b->c[to] = b->c[from];
    COLUMNS(X)
#undef X
    for (size_t i = 0; i < FLOW_TEXTS; i++)
        b->text[i][to] = b->text[i][from];
}

static void grow(void *list, size_t *cap, size_t size)
{
    void **p = list;
    *cap = *cap ? *cap * 2 : 256;
    *p = reallocarray(*p, *cap, size);
    ASSERT(*p != NULL);
}

void flow_extra_add(flow_batch *b, const flow_name *name, str value, flow_value_kind kind)
{
    if (b->n_extra == b->cap_extra) grow(&b->extra, &b->cap_extra, sizeof *b->extra);
    b->extra[b->n_extra++] = (flow_extra){ name, value, kind };
}

void flow_reject_add(
        flow_batch *b, int64_t row, uint64_t offset, const char *reason, str col, str raw)
{
    if (b->n_reject == b->cap_reject) grow(&b->reject, &b->cap_reject, sizeof *b->reject);
    b->reject[b->n_reject++] = (flow_reject){ row, offset, reason, col, raw };
}

flow_name flow_name_make(arena *a, str key)
{
    jsonw w = jsonw_new(a, key.n + 8);
    jw_str(&w, key);
    return (flow_name){ str_copy(a, key), str_cat(a, jsonw_done(&w), S(":")) };
}

str flow_extra_get(const flow_batch *b, size_t row, str key)
{
    const flow_span *s = &b->extras[row];
    for (uint32_t i = s->from; i < s->from + s->n; i++)
        if (str_eq(b->extra[i].name->plain, key)) return b->extra[i].value;
    return (str){ 0 };
}

/* Bytes that need an escape in a JSON string. */
static inline bool plain_byte(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c < 0x7f;
}

static size_t quoted_put(char *out, str s)
{
    static const char hex[] = "0123456789abcdef";
    size_t k = 0;
    out[k++] = '"';
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (plain_byte(c) || c > 0x7f) {
            out[k++] = (char)c;
        } else if (c == '"' || c == '\\') {
            out[k++] = '\\';
            out[k++] = (char)c;
        } else {
            memcpy(out + k, "\\u00", 4);
            out[k + 4] = hex[c >> 4];
            out[k + 5] = hex[c & 15];
            k += 6;
        }
    }
    out[k++] = '"';
    return k;
}

/* One object a row. Texts are valid UTF-8 already: the readers saw to that. */
static void extra_write(flow_batch *b, buf *out, size_t row)
{
    const flow_span *s = &b->extras[row];
    if (s->n == 0) return;
    size_t need = 2, start = out->n;
    for (uint32_t i = s->from; i < s->from + s->n; i++)
        need += b->extra[i].name->json.n + b->extra[i].value.n * 6 + 4;
    char *p = buf_room(out, need), *q = p;
    for (uint32_t i = s->from; i < s->from + s->n; i++) {
        const flow_extra *e = &b->extra[i];
        *q++ = i == s->from ? '{' : ',';
        memcpy(q, e->name->json.p, e->name->json.n);
        q += e->name->json.n;
        if (e->kind == FLOW_TEXT) {
            q += quoted_put(q, e->value);
        } else {
            memcpy(q, e->value.p, e->value.n);
            q += e->value.n;
        }
    }
    *q++ = '}';
    out->n += (size_t)(q - p);
    b->extra_json[row] = (str){ NULL, out->n - start };
}

void flow_batch_finish(flow_batch *b)
{
    buf out = buf_new(b->a, b->n_extra * 48 + 64);
    for (size_t r = 0; r < b->n; r++) {
        extra_write(b, &out, r);
        b->malware_hash[r] = b->text[FT_MALWARE_SHA256][r].n ? b->text[FT_MALWARE_SHA256][r]
                             : b->text[FT_MALWARE_SHA1][r].n ? b->text[FT_MALWARE_SHA1][r]
                                                             : b->text[FT_MALWARE_MD5][r];
    }
    size_t at = 0; /* the buffer has moved while it grew: set the places last */
    for (size_t r = 0; r < b->n; r++) {
        b->extra_json[r].p = out.p + at;
        at += b->extra_json[r].n;
    }
}
