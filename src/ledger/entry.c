/* entry.c - see entry.h. Members stand in a fixed order and are written by us alone; the first
 * ,"audience": is where the two halves part, for no member before it can hold such text. */
#include "ledger/entry.h"
#include "base/json.h"
#include "ledger/hash.h"

enum { HALF = ENTRY_SALT / 2 };

static void put_hex(buf *b, const uint8_t *p, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        buf_byte(b, digits[p[i] >> 4]);
        buf_byte(b, digits[p[i] & 15]);
    }
}

id128 entry_id(instant at)
{
    id128 id = id_new();
    int64_t ms = at.us / US_PER_MS;
    for (int i = 0; i < 6; i++)
        id.b[i] = (uint8_t)(ms >> (8 * (5 - i)));
    id.b[6] = (uint8_t)((id.b[6] & 15) | 0x70);
    return id;
}

str entry_body(arena *a, const ledger_draft *d, id128 id, instant at)
{
    jsonw w = jsonw_new(a, 384);
    jw_obj(&w);
    jw_ki64(&w, "v", 1);
    jw_kid(&w, "id", id);
    jw_ktime(&w, "at", at);
    jw_kstr(&w, "type", str_of(ledger_type_names[d->type]));
    if (d->kind.n) {
        jw_kstr(&w, "kind", d->kind);
        jw_kid(&w, "subject", d->subject);
        jw_ki64(&w, "version", d->version);
    }
    if (d->digest) {
        buf hex = buf_new(a, 64);
        put_hex(&hex, d->digest, 32);
        jw_kstr(&w, "digest", buf_str(&hex));
    }
    jw_ki64(&w, "audience", d->audience);
    jw_ki64(&w, "owner", d->owner);
    jw_ki64(&w, "author", d->author);
    if (d->more.n) jw_kraw(&w, "more", d->more);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

static bool split(str body, str *said, str *inner)
{
    ptrdiff_t at = str_find(body, S(",\"audience\":"));
    if (at < 0) return false;
    *said = str_sub(body, 0, (size_t)at);           /* without its closing brace */
    *inner = str_sub(body, (size_t)at + 1, body.n); /* without its opening one */
    return true;
}

static void hash_inner(str salt, str inner, uint8_t ret[HASH_BYTES])
{
    str parts[] = { str_sub(salt, HALF, HALF), S("{"), inner };
    hash_parts(parts, ARRAY_LEN(parts), ret);
}

bool entry_commitment(str body, str salt, uint8_t ret[ENTRY_COMMITMENT])
{
    str said, inner;
    uint8_t both[2 * HASH_BYTES];
    if (salt.n != ENTRY_SALT || !split(body, &said, &inner)) return false;
    str parts[] = { str_sub(salt, 0, HALF), said, S("}") };
    hash_parts(parts, ARRAY_LEN(parts), both);
    hash_inner(salt, inner, both + HASH_BYTES);
    hash_parts(&(str){ (const char *)both, sizeof both }, 1, ret);
    return true;
}

bool entry_open(arena *a, str body, str salt, entry_opening *ret)
{
    str said, inner;
    if (salt.n != ENTRY_SALT || !split(body, &said, &inner)) return false;
    ret->said = str_cat(a, said, S("}"));
    ret->salt = str_sub(salt, 0, HALF);
    hash_inner(salt, inner, ret->inner);
    return true;
}
