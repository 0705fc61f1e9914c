/* place.c - where in a text something stands: row, column, JSON pointer; and keys that stand twice.
 * Owns nothing; called by base's readers of JSON and YAML, on any thread. */
#include "base/place.h"

#include <stdlib.h>

enum { PAIRWISE_KEYS = 32 }; /* up to here comparing each key with each is the fastest */

void str_place(str in, size_t offset, int64_t *row, int64_t *col)
{
    int64_t r = 1, c = 1;
    for (size_t i = 0; i < offset && i < in.n; i++) {
        bool inside_character = ((unsigned char)in.p[i] & 0xC0) == 0x80;
        if (in.p[i] == '\n')
            r++, c = 1;
        else if (!inside_character)
            c++;
    }
    *row = r;
    *col = c;
}

static void put_pointer(buf *b, const path *p)
{
    if (!p) return;
    put_pointer(b, p->up);
    buf_byte(b, '/');
    if (!p->key.p) buf_i64(b, (int64_t)p->index);
    for (size_t i = 0; i < p->key.n; i++) { /* RFC 6901, section 3 */
        if (p->key.p[i] == '~')
            buf_put(b, S("~0"));
        else if (p->key.p[i] == '/')
            buf_put(b, S("~1"));
        else
            buf_byte(b, p->key.p[i]);
    }
}

err err_placed(err e, arena *a, str in, const path *p, size_t offset)
{
    int64_t row, col;
    buf b = buf_new(a, 64);
    str_place(in, offset, &row, &col);
    put_pointer(&b, p);
    return err_at_row(err_at_pointer(e, buf_str(&b)), (str){ 0 }, row, col);
}

static bool same_key(const json *x, const json *y)
{
    return x->key.n == y->key.n && memcmp(x->key.p, y->key.p, x->key.n) == 0;
}

static int by_key(const void *a, const void *b)
{
    const json *x = *(json *const *)a, *y = *(json *const *)b;
    if (x->key.n != y->key.n) return x->key.n < y->key.n ? -1 : 1;
    int c = memcmp(x->key.p, y->key.p, x->key.n);
    return c ? c : x->raw.p < y->raw.p ? -1 : 1;
}

static const json *find_duplicate_sorted(arena *a, const json *object)
{
    const json **all = NEW_ARRAY(a, const json *, object->count);
    size_t n = 0;
    for (const json *c = object->first; c; c = c->next)
        all[n++] = c;
    qsort(all, n, sizeof *all, by_key);
    for (size_t i = 1; i < n; i++)
        if (same_key(all[i - 1], all[i])) return all[i];
    return NULL;
}

const json *json_duplicate(arena *a, const json *object)
{
    if (object->count > PAIRWISE_KEYS) return find_duplicate_sorted(a, object);
    for (const json *x = object->first; x; x = x->next)
        for (const json *y = x->next; y; y = y->next)
            if (same_key(x, y)) return y;
    return NULL;
}
