/* cbor.c - walks CBOR without keeping anything. Every length is held against what is left, depth
 * and number of items are bounded, so time is at most linear in the input. */
#include "access/auth/cbor.h"

typedef struct {
    str in;
    size_t at;
    int items;
} walk;

static bool head(walk *w, uint8_t *major, uint64_t *n)
{
    if (w->at >= w->in.n || ++w->items > CBOR_ITEMS) return false;
    uint8_t b = (uint8_t)w->in.p[w->at++];
    unsigned more = b & 31;
    *major = b >> 5;
    *n = more;
    if (more < 24) return *major != 6;
    if (more > 27 || *major == 6) return false; /* indefinite, reserved; tags */
    size_t bytes = (size_t)1 << (more - 24);
    if (w->in.n - w->at < bytes) return false;
    *n = 0;
    for (size_t i = 0; i < bytes; i++)
        *n = *n << 8 | (uint8_t)w->in.p[w->at++];
    return true;
}

static bool pass(walk *w, int depth, cbor_item *ret)
{
    size_t from = w->at;
    cbor_item it = { 0 }, inner;
    if (depth > CBOR_DEPTH || !head(w, &it.major, &it.n)) return false;
    if (it.major == 2 || it.major == 3) {
        if (it.n > w->in.n - w->at) return false;
        it.body = str_sub(w->in, w->at, (size_t)it.n);
        w->at += (size_t)it.n;
    }
    if (it.major == 4 || it.major == 5) {
        if (it.n > CBOR_ITEMS) return false;
        for (uint64_t i = 0; i < it.n * (it.major - 3u); i++)
            if (!pass(w, depth + 1, &inner)) return false;
    }
    it.raw = str_sub(w->in, from, w->at - from);
    *ret = it;
    return true;
}

bool cbor_read(str in, cbor_item *ret)
{
    walk w = { .in = in };
    return pass(&w, 0, ret);
}

bool cbor_get(const cbor_item *map, str key, cbor_item *ret)
{
    walk w = { .in = map->raw };
    cbor_item name, value;
    uint8_t major;
    uint64_t pairs;
    int found = 0;
    if (!head(&w, &major, &pairs) || major != 5) return false;
    for (uint64_t i = 0; i < pairs; i++) {
        if (!pass(&w, 1, &name) || !pass(&w, 1, &value)) return false;
        if (name.major != 3 || !str_eq(name.body, key)) continue;
        found++;
        *ret = value;
    }
    return found == 1;
}
