/* minisig.c - see minisig.h. Forms (minisign 0.11): public key "Ed" ID KEY; signature "ED" ID SIG;
 * secret key "Ed" KDF "B2" SALT OPS MEM ID SECRET CHECK, each as one line of base64 behind a line
 * of comment. */
#include "common/bundle/minisig.h"

#include <sodium.h>

#include "ledger/note.h"

enum {
    PUBLIC_BYTES = 2 + MINISIG_ID + MINISIG_KEY,
    SIG_BYTES = 2 + MINISIG_ID + MINISIG_SIG,
    SALT_AT = 6,
    ID_AT = SALT_AT + 32 + 8 + 8,
    SECRET_AT = ID_AT + MINISIG_ID,
    CHECK_AT = SECRET_AT + MINISIG_SECRET,
    CHECK_BYTES = 32,
    SECRET_BYTES = CHECK_AT + CHECK_BYTES,
    COMMENT_MAX = 200,
};
static const char untrusted[] = "untrusted comment: ", trusted[] = "trusted comment: ";

/* The line behind the comment; a text of one line is it itself. */
static str second_line(str text)
{
    str rest = text, line;
    if (!str_starts(text, S("untrusted comment:"))) return str_trim(text);
    (void)!str_split(&rest, '\n', &line);
    return str_split(&rest, '\n', &line) ? str_trim(line) : S("");
}

err minisig_public_parse(str text, minisig_public *ret)
{
    uint8_t raw[PUBLIC_BYTES];
    bool good = text.n <= MINISIG_BYTES_MAX && base64_bytes(second_line(text), raw, sizeof raw) &&
                raw[0] == 'E' && raw[1] == 'd';
    if (!good) return ERR(E_INVALID, "error.bundle.public_key");
    memcpy(ret->id, raw + 2, MINISIG_ID);
    memcpy(ret->key, raw + 2 + MINISIG_ID, MINISIG_KEY);
    return OK;
}

/* Its own checksum, over the kind of signature, the id and the key: minisign leaves it empty where
 * there is no password. So the key's two halves are held against each other too. */
static bool secret_whole(const uint8_t raw[SECRET_BYTES])
{
    uint8_t sum[CHECK_BYTES], public[MINISIG_KEY], again[MINISIG_SECRET];
    crypto_sign_seed_keypair(public, again, raw + SECRET_AT);
    bool fits = memcmp(again, raw + SECRET_AT, sizeof again) == 0;
    sodium_memzero(again, sizeof again);
    if (!fits || sodium_is_zero(raw + CHECK_AT, CHECK_BYTES)) return fits;
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, sizeof sum);
    crypto_generichash_update(&h, raw, 2);
    crypto_generichash_update(&h, raw + ID_AT, CHECK_AT - ID_AT);
    crypto_generichash_final(&h, sum, sizeof sum);
    return memcmp(sum, raw + CHECK_AT, sizeof sum) == 0;
}

static err secret_take(const uint8_t raw[SECRET_BYTES], minisig_secret *ret)
{
    if (memcmp(raw, "Ed", 2) != 0 || memcmp(raw + 4, "B2", 2) != 0)
        return ERR(E_INVALID, "error.bundle.secret_key");
    if (raw[2] || raw[3]) return ERR(E_INVALID, "error.bundle.secret_locked");
    if (!secret_whole(raw)) return ERR(E_INVALID, "error.bundle.secret_key");
    memcpy(ret->id, raw + ID_AT, MINISIG_ID);
    memcpy(ret->key, raw + SECRET_AT, MINISIG_SECRET);
    return OK;
}

err minisig_secret_parse(str text, minisig_secret *ret)
{
    uint8_t raw[SECRET_BYTES];
    bool good = text.n <= MINISIG_BYTES_MAX && base64_bytes(second_line(text), raw, sizeof raw);
    err e = good ? secret_take(raw, ret) : ERR(E_INVALID, "error.bundle.secret_key");
    sodium_memzero(raw, sizeof raw);
    return e;
}

static bool comment_fits(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] < ' ' || s.p[i] == 127) return false;
    return s.n <= COMMENT_MAX && str_is_utf8(s);
}

err minisig_parse(str text, minisig *ret)
{
    uint8_t raw[SIG_BYTES];
    minisig s;
    str rest = text, first, sig, comment, global;
    bool good = text.n <= MINISIG_BYTES_MAX && str_split(&rest, '\n', &first) &&
                str_split(&rest, '\n', &sig) && str_split(&rest, '\n', &comment) &&
                str_split(&rest, '\n', &global) && !rest.n &&
                str_starts(first, str_of(untrusted)) && str_starts(comment, str_of(trusted)) &&
                base64_bytes(sig, raw, sizeof raw) && raw[0] == 'E' && raw[1] == 'D' &&
                base64_bytes(global, s.global, sizeof s.global);
    if (!good) return ERR1(E_INVALID, "error.bundle.form", S("manifest.json.minisig"));
    memcpy(s.id, raw + 2, MINISIG_ID);
    memcpy(s.sig, raw + 2 + MINISIG_ID, MINISIG_SIG);
    s.comment = str_sub(comment, sizeof trusted - 1, comment.n);
    if (!comment_fits(s.comment))
        return ERR1(E_INVALID, "error.bundle.form", S("manifest.json.minisig"));
    *ret = s;
    return OK;
}

static void text_hash(str text, uint8_t ret[crypto_generichash_BYTES_MAX])
{
    crypto_generichash(ret, crypto_generichash_BYTES_MAX, (const uint8_t *)text.p, text.n, NULL, 0);
}

/* What the second signature is of: the first one and the comment. */
static str with_comment(char to[MINISIG_SIG + COMMENT_MAX], const uint8_t *sig, str comment)
{
    ASSERT(comment.n <= COMMENT_MAX);
    memcpy(to, sig, MINISIG_SIG);
    if (comment.n) memcpy(to + MINISIG_SIG, comment.p, comment.n);
    return (str){ to, MINISIG_SIG + comment.n };
}

bool minisig_good(const minisig *s, const minisig_public *by, str text)
{
    uint8_t hash[crypto_generichash_BYTES_MAX];
    char both[MINISIG_SIG + COMMENT_MAX];
    if (memcmp(s->id, by->id, MINISIG_ID) != 0 || !comment_fits(s->comment)) return false;
    text_hash(text, hash);
    str m = with_comment(both, s->sig, s->comment);
    return crypto_sign_verify_detached(s->sig, hash, sizeof hash, by->key) == 0 &&
           crypto_sign_verify_detached(s->global, (const uint8_t *)m.p, m.n, by->key) == 0;
}

str minisig_sign(arena *a, const minisig_secret *by, str text, str comment)
{
    uint8_t hash[crypto_generichash_BYTES_MAX], raw[SIG_BYTES] = { 'E', 'D' }, global[MINISIG_SIG];
    char both[MINISIG_SIG + COMMENT_MAX];
    ASSERT(comment_fits(comment));
    text_hash(text, hash);
    memcpy(raw + 2, by->id, MINISIG_ID);
    crypto_sign_detached(raw + 2 + MINISIG_ID, NULL, hash, sizeof hash, by->key);
    str m = with_comment(both, raw + 2 + MINISIG_ID, comment);
    crypto_sign_detached(global, NULL, (const uint8_t *)m.p, m.n, by->key);
    str sig = base64_text(a, (str){ (const char *)raw, sizeof raw });
    str second = base64_text(a, (str){ (const char *)global, sizeof global });
    return str_fmt(a, "%ssignature by minar bundle make\n%.*s\n%s%.*s\n%.*s\n", untrusted,
            STR_ARG(sig), trusted, STR_ARG(comment), STR_ARG(second));
}

str minisig_id_text(arena *a, const uint8_t id[MINISIG_ID])
{
    buf b = buf_new(a, 2 * MINISIG_ID + 1);
    for (int i = MINISIG_ID; i-- > 0;)
        buf_fmt(&b, "%02X", id[i]);
    return buf_str(&b);
}
