/* verp.c - see verp.h. The tag is the beginning of an HMAC-SHA-256 (RFC 2104), 80 bits: a guess is
 * right once in 10^24. */
#include "common/outbox/verp.h"

#include <sodium.h>

enum { TAG_BYTES = 10, TAG_TEXT = TAG_BYTES * 2, TRIES_MAX = 50 };

static void tag_of(const uint8_t key[VERP_KEY], char kind, int64_t row, char ret[TAG_TEXT + 1])
{
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    char said[48];
    int n = snprintf(said, sizeof said, "verp/v1 %c%lld", kind, (long long)row);
    crypto_auth_hmacsha256(mac, (const uint8_t *)said, (size_t)n, key);
    sodium_bin2hex(ret, TAG_TEXT + 1, mac, TAG_BYTES);
}

str verp_make(arena *a, const uint8_t key[VERP_KEY], str address, verp_kind kind, int64_t row)
{
    char tag[TAG_TEXT + 1];
    ptrdiff_t at = str_find_byte(address, '@');
    ASSERT(at > 0 && at <= VERP_NAME_MAX && row > 0);
    tag_of(key, (char)kind, row, tag);
    return str_fmt(a, "%.*s+%c%lld-%s%.*s", STR_ARG(str_sub(address, 0, (size_t)at)), kind,
            (long long)row, tag, STR_ARG(str_sub(address, (size_t)at, address.n)));
}

/* s begins with "d123-TAG". */
static bool read_tag(const uint8_t key[VERP_KEY], str s, verp_kind *kind, int64_t *row)
{
    char tag[TAG_TEXT + 1];
    ptrdiff_t dash = str_find_byte(s, '-');
    if (s.n < 3 || dash < 2 || dash > 20) return false;
    char k = (char)(s.p[0] | 32);
    str theirs = str_sub(s, (size_t)dash + 1, TAG_TEXT);
    if ((k != VERP_DELIVERY && k != VERP_PERSON) || theirs.n != TAG_TEXT ||
            !str_to_i64(str_sub(s, 1, (size_t)dash - 1), row) || *row < 1)
        return false;
    tag_of(key, k, *row, tag);
    for (size_t i = 0, bad = 0; i < TAG_TEXT; i++) {
        char c = theirs.p[i];
        bad |= (size_t)((c >= 'A' && c <= 'F' ? c | 32 : c) ^ tag[i]);
        if (i + 1 == TAG_TEXT && bad) return false;
    }
    *kind = (verp_kind)k;
    return true;
}

bool verp_find(
        const uint8_t key[VERP_KEY], str address, str text, verp_kind *ret_kind, int64_t *ret_row)
{
    ptrdiff_t at = str_find_byte(address, '@');
    ASSERT(at > 0);
    str name = str_sub(address, 0, (size_t)at);
    for (size_t i = 0, tries = 0; i + name.n + 1 < text.n && tries < TRIES_MAX; i++) {
        if (text.p[i + name.n] != '+' || !str_eq_nocase(str_sub(text, i, name.n), name)) continue;
        tries++;
        if (read_tag(key, str_sub(text, i + name.n + 1, text.n), ret_kind, ret_row)) return true;
    }
    return false;
}
