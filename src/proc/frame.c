/* frame.c - the header and the fields of a frame, checked on both sides.
 * Owns nothing; any thread. */
#include "proc/frame.h"

#include <endian.h>

enum { TAG_I64 = 1, TAG_STR = 2 };

typedef struct {
    uint32_t magic;
    uint16_t version, kind;
    uint32_t length, zero;
    uint64_t sequence;
} wire_head;
_Static_assert(sizeof(wire_head) == FRAME_HEAD_BYTES, "no holes");

void frame_head_put(uint8_t out[FRAME_HEAD_BYTES], frame_head h)
{
    ASSERT(h.kind && h.length <= FRAME_BYTES_MAX);
    wire_head w = { .magic = htole32(FRAME_MAGIC),
        .version = htole16(FRAME_VERSION),
        .kind = htole16(h.kind),
        .length = htole32(h.length),
        .sequence = htole64(h.sequence) };
    memcpy(out, &w, sizeof w);
}

bool frame_head_get(const uint8_t in[FRAME_HEAD_BYTES], frame_head *ret)
{
    wire_head w;
    memcpy(&w, in, sizeof w);
    frame_head h = {
        .kind = le16toh(w.kind), .length = le32toh(w.length), .sequence = le64toh(w.sequence)
    };
    if (le32toh(w.magic) != FRAME_MAGIC || le16toh(w.version) != FRAME_VERSION || w.zero)
        return false;
    if (!h.kind || h.length > FRAME_BYTES_MAX) return false;
    *ret = h;
    return true;
}

void field_put_i64(buf *b, int64_t v)
{
    uint64_t le = htole64((uint64_t)v);
    buf_byte(b, TAG_I64);
    buf_put(b, (str){ (const char *)&le, sizeof le });
}

void field_put_str(buf *b, str s)
{
    ASSERT(s.n <= FRAME_BYTES_MAX);
    uint32_t le = htole32((uint32_t)s.n);
    buf_byte(b, TAG_STR);
    buf_put(b, (str){ (const char *)&le, sizeof le });
    buf_put(b, s);
}

/* Takes a tag and n bytes off the front; NULL and a bad reader when they are not there. */
static const char *take(fields *f, int tag, size_t n)
{
    if (f->bad || f->rest.n < 1 + n || f->rest.p[0] != tag) {
        f->bad = true;
        return NULL;
    }
    const char *p = f->rest.p + 1;
    f->rest = str_sub(f->rest, 1 + n, f->rest.n);
    return p;
}

int64_t field_i64(fields *f, int64_t min, int64_t max)
{
    uint64_t le;
    const char *p = take(f, TAG_I64, sizeof le);
    if (!p) return 0;
    memcpy(&le, p, sizeof le);
    int64_t v = (int64_t)le64toh(le);
    if (v >= min && v <= max) return v;
    f->bad = true;
    return 0;
}

str field_str(fields *f, size_t max_bytes)
{
    uint32_t le;
    const char *p = take(f, TAG_STR, sizeof le);
    if (!p) return (str){ 0 };
    memcpy(&le, p, sizeof le);
    size_t n = le32toh(le);
    if (n > max_bytes || n > f->rest.n) {
        f->bad = true;
        return (str){ 0 };
    }
    str s = str_sub(f->rest, 0, n);
    f->rest = str_sub(f->rest, n, f->rest.n);
    return s;
}

bool fields_end(const fields *f)
{
    return !f->bad && !f->rest.n;
}
