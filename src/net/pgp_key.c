/* pgp_key.c - see pgp_key.h. */
#include "net/pgp_key.h"

/* Fields of a line, from 1, as GnuPG's doc/DETAILS numbers them. */
enum { VALIDITY = 2, BITS, ALGORITHM, CREATED = 6, EXPIRES, USER = 10, CAN = 12, TOKEN = 15 };
enum { RSA = 1, RSA_ENCRYPT = 2, ECDH = 18, ECDSA = 19, EDDSA = 22 };

static str field(str line, int n)
{
    str part = { 0 };
    for (int i = 0; i < n; i++)
        if (!str_split(&line, ':', &part)) return (str){ 0 };
    return part;
}

static int64_t number(str line, int n)
{
    int64_t v = 0;
    return str_to_i64(field(line, n), &v) && v >= 0 && v < INT64_MAX / US_PER_S ? v : 0;
}

static bool is_kind(str line, const char *kind)
{
    return str_eq(field(line, 1), str_of(kind));
}

static bool is_primary(str line)
{
    return is_kind(line, "pub") || is_kind(line, "sec");
}

static bool marked(str line, const char *letters)
{
    str v = field(line, VALIDITY);
    return v.n == 1 && strchr(letters, v.p[0]);
}

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "\x3a" is a byte. */
static str unescape(arena *a, str s)
{
    buf b = buf_new(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++) {
        bool coded = i + 3 < s.n && s.p[i] == '\\' && s.p[i + 1] == 'x' && hex(s.p[i + 2]) >= 0 &&
                     hex(s.p[i + 3]) >= 0;
        buf_byte(&b, coded ? (char)(hex(s.p[i + 2]) * 16 + hex(s.p[i + 3])) : s.p[i]);
        if (coded) i += 3;
    }
    return buf_str(&b);
}

static bool fingerprint_is_sane(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'A' && s.p[i] <= 'F'))) return false;
    return s.n == 40 || s.n == 64;
}

static pgp_key primary(str line)
{
    return (pgp_key){ .bits = number(line, BITS),
        .algorithm = number(line, ALGORITHM),
        .created = { number(line, CREATED) * US_PER_S },
        .expires = { number(line, EXPIRES) * US_PER_S },
        .revoked = marked(line, "r"),
        .expired = marked(line, "e"),
        .invalid = marked(line, "idn"),
        .secret = str_eq(field(line, TOKEN), S("+")) };
}

size_t pgp_keys_read(arena *a, str listing, pgp_key ret[PGP_KEYS_MAX])
{
    size_t n = 0;
    str line;
    while (str_split(&listing, '\n', &line)) {
        pgp_key *k = n ? &ret[n - 1] : NULL;
        if (is_primary(line) && n == PGP_KEYS_MAX) break;
        if (is_primary(line))
            ret[n++] = primary(line);
        else if (k && !k->fingerprint.n && is_kind(line, "fpr"))
            k->fingerprint = field(line, USER);
        else if (k && !k->user.n && is_kind(line, "uid"))
            k->user = unescape(a, field(line, USER));
    }
    size_t good = 0;
    for (size_t i = 0; i < n; i++)
        if (fingerprint_is_sane(ret[i].fingerprint)) ret[good++] = ret[i];
    return good;
}

bool pgp_key_signs(const pgp_key *k, instant now)
{
    return k->secret && !k->revoked && !k->expired && !k->invalid &&
           (!k->expires.us || k->expires.us > now.us);
}

str pgp_grouped(arena *a, str fingerprint)
{
    buf b = buf_new(a, fingerprint.n * 5 / 4 + 1);
    for (size_t i = 0; i < fingerprint.n; i += 4) {
        if (i) buf_byte(&b, ' ');
        buf_put(&b, str_sub(fingerprint, i, 4));
    }
    return buf_str(&b);
}

/* ---- judging ---- */

static err no(const char *words, str what)
{
    return err_at_pointer(ERR1(E_INVALID, words, what), S("/key"));
}

static bool is_weak(str line)
{
    int64_t g = number(line, ALGORITHM), bits = number(line, BITS);
    if (g == RSA || g == RSA_ENCRYPT) return bits < PGP_RSA_BITS;
    return (g != ECDH && g != ECDSA && g != EDDSA) || bits < 255;
}

/* A user id, or what stands in its angle brackets. */
static bool user_is(arena *a, str line, str address)
{
    str s = unescape(a, field(line, USER));
    ptrdiff_t from = str_find_byte(s, '<');
    if (from >= 0 && str_ends(s, S(">"))) s = str_sub(s, (size_t)from + 1, s.n - (size_t)from - 2);
    return str_eq_nocase(str_trim(s), address);
}

typedef struct {
    size_t primaries, users;
    bool secret, weak, address, encrypts;
    instant until; /* of what encrypts; {0}: no end */
} seen;

static void see_encrypting(seen *x, str line, instant now)
{
    instant until = { number(line, EXPIRES) * US_PER_S };
    if (str_find_byte(field(line, CAN), 'e') < 0 || marked(line, "ridne")) return;
    if (until.us && until.us <= now.us) return;
    x->weak = x->weak || is_weak(line);
    if (!x->encrypts || (x->until.us && (!until.us || until.us > x->until.us))) x->until = until;
    x->encrypts = true;
}

static seen look(arena *a, str listing, str address, instant now)
{
    seen x = { 0 };
    str line;
    while (str_split(&listing, '\n', &line)) {
        bool top = is_primary(line);
        x.primaries += top;
        x.secret = x.secret || is_kind(line, "sec") || is_kind(line, "ssb");
        if (top) x.weak = x.weak || is_weak(line);
        if (top || is_kind(line, "sub")) see_encrypting(&x, line, now);
        if (!is_kind(line, "uid") || marked(line, "ridne")) continue;
        x.users++;
        x.address = x.address || user_is(a, line, address);
    }
    return x;
}

static err refuse(const seen *x, const pgp_key *k, str address, instant now, arena *a)
{
    str ended = str_sub(instant_text(a, k->expires), 0, 10);
    if (x->secret) return no("error.pgp.secret", S(""));
    if (x->primaries > 1) return no("error.pgp.many", S(""));
    if (k->revoked) return no("error.pgp.revoked", S(""));
    if (k->expired || (k->expires.us && k->expires.us <= now.us))
        return no("error.pgp.expired", ended);
    if (x->weak) return no("error.pgp.weak", S(""));
    if (k->invalid || !x->users) return no("error.pgp.invalid", S(""));
    if (!x->address) return no("error.pgp.address", address);
    return x->encrypts ? OK : no("error.pgp.no_encryption", S(""));
}

err pgp_key_judge(arena *a, str listing, str address, instant now, pgp_key *ret)
{
    pgp_key k[PGP_KEYS_MAX];
    seen x = look(a, listing, address, now);
    size_t n = pgp_keys_read(a, listing, k);
    if (!n) return no("error.pgp.none", S(""));
    TRY(refuse(&x, k, address, now, a));
    if (x.until.us && (!k->expires.us || x.until.us < k->expires.us)) k->expires = x.until;
    *ret = *k;
    return OK;
}
