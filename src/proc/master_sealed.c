/* master_sealed.c - see master_sealed.h. A fresh secret each time it is written: the token opens
 * that (RSA-OAEP), and it opens the rest (XChaCha20-Poly1305). Both boxes are bound to the lines
 * before them. */
#include "proc/master_sealed.h"

#include <sodium.h>
#include <stdio.h>

#include "proc/key_file.h"

#define HEAD "minar master key, form 3\n"
#define CARDS_CONTEXT "mastcard"
enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    CARDS_ID = 1,
    OLD_DIGITS = 2,
};
static_assert(SEALED_BOX_MAX == NONCE + MASTER_FILE_MAX + TAG, "a nonce, the text, a tag");

/* ---- the form ---- */

static void hex_out(buf *b, const void *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        uint8_t byte = ((const uint8_t *)bytes)[i];
        buf_put(b, (str){ &digits[byte >> 4], 1 });
        buf_put(b, (str){ &digits[byte & 15], 1 });
    }
}

static bool hex_in(str hex, void *to, size_t cap, size_t *ret)
{
    return hex.n && hex.n <= 2 * cap &&
           sodium_hex2bin(to, cap, hex.p, hex.n, NULL, ret, NULL) == 0 && 2 * *ret == hex.n;
}

/* The next line, which begins with that word; without it. */
static bool line(str *rest, const char *word, str *ret)
{
    str name;
    return str_find_byte(*rest, '\n') >= 0 && str_split(rest, '\n', ret) &&
           str_split(ret, ' ', &name) && str_eq(name, str_of(word));
}

static bool text_in(str hex, char *to, size_t cap)
{
    size_t n = 0;
    bool good = hex_in(hex, to, cap, &n) && !memchr(to, 0, n);
    to[good ? n : 0] = 0;
    return good && str_is_utf8(str_of(to));
}

static bool lock_in(str *rest, token_lock *l)
{
    str token, serial, key, id, wrapped;
    if (!line(rest, "token", &serial) || !str_split(&serial, ' ', &token) ||
            !line(rest, "key", &key) || !str_split(&key, ' ', &id) ||
            !line(rest, "secret", &wrapped))
        return false;
    l->sha256 = str_eq(key, S("oaep-sha256"));
    return (l->sha256 || str_eq(key, S("oaep-sha1"))) && text_in(token, l->label, TOKEN_LABEL) &&
           text_in(serial, l->serial, TOKEN_SERIAL) && hex_in(id, l->id, sizeof l->id, &l->n_id) &&
           hex_in(wrapped, l->wrapped, sizeof l->wrapped, &l->n_wrapped);
}

static bool box_in(str *rest, const char *word, uint8_t *to, size_t *n)
{
    str hex;
    return line(rest, word, &hex) && hex_in(hex, to, SEALED_BOX_MAX, n) && *n > NONCE + TAG;
}

bool sealed_parse(str bytes, master_sealed *ret)
{
    str old;
    int64_t n = 0;
    *ret = (master_sealed){ 0 };
    if (!str_starts(bytes, S(HEAD))) return false;
    bytes = str_sub(bytes, sizeof HEAD - 1, bytes.n);
    if (!lock_in(&bytes, &ret->lock) || !line(&bytes, "old", &old) || old.n > OLD_DIGITS ||
            !str_to_i64(old, &n) || n < 0 || n > MASTER_OLD_MAX || (n < 10 && old.n > 1))
        return false;
    ret->n_old = (size_t)n;
    return box_in(&bytes, "token-box", ret->token_box, &ret->n_token_box) &&
           box_in(&bytes, "cards-box", ret->cards_box, &ret->n_cards_box) && !bytes.n;
}

/* What the boxes are bound to. */
static void head_out(buf *b, const master_sealed *s)
{
    const token_lock *l = &s->lock;
    buf_put(b, S(HEAD "token "));
    hex_out(b, l->label, strlen(l->label));
    buf_put(b, S(" "));
    hex_out(b, l->serial, strlen(l->serial));
    buf_put(b, S("\nkey "));
    hex_out(b, l->id, l->n_id);
    buf_fmt(b, " oaep-%s\nsecret ", l->sha256 ? "sha256" : "sha1");
    hex_out(b, l->wrapped, l->n_wrapped);
    buf_fmt(b, "\nold %zu\n", s->n_old);
}

str sealed_text(arena *a, const master_sealed *s)
{
    buf b = buf_new(a, SEALED_FILE_MAX);
    head_out(&b, s);
    buf_put(&b, S("token-box "));
    hex_out(&b, s->token_box, s->n_token_box);
    buf_put(&b, S("\ncards-box "));
    hex_out(&b, s->cards_box, s->n_cards_box);
    buf_put(&b, S("\n"));
    ASSERT(b.n <= SEALED_FILE_MAX);
    return buf_str(&b);
}

/* ---- boxes ---- */

static void shut(const uint8_t by[KEY_BYTES], str head, str text, uint8_t *to, size_t *ret)
{
    ASSERT(text.n <= MASTER_FILE_MAX);
    randombytes_buf(to, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(to + NONCE, NULL, (const uint8_t *)text.p, text.n,
            (const uint8_t *)head.p, head.n, NULL, to, by);
    *ret = NONCE + text.n + TAG;
}

static bool open_box(
        const uint8_t by[KEY_BYTES], str head, const uint8_t *box, size_t n, master_keys *ret)
{
    uint8_t text[MASTER_FILE_MAX];
    bool good = crypto_aead_xchacha20poly1305_ietf_decrypt(text, NULL, NULL, box + NONCE, n - NONCE,
                        (const uint8_t *)head.p, head.n, box, by) == 0 &&
                master_parse((str){ (char *)text, n - NONCE - TAG }, ret) && ret->has_backup;
    sodium_memzero(text, sizeof text);
    return good;
}

static void cards_key(const uint8_t backup[KEY_BYTES], uint8_t ret[KEY_BYTES])
{
    crypto_kdf_derive_from_key(ret, KEY_BYTES, CARDS_ID, CARDS_CONTEXT, backup);
}

/* ---- the file ---- */

static err bytes_of(const char *path, char to[SEALED_FILE_MAX], str *ret)
{
    *ret = (str){ to, 0 };
    return master_bytes(path, to, SEALED_FILE_MAX, &ret->n);
}

err master_look(const char *path, master_state *ret)
{
    char bytes[SEALED_FILE_MAX];
    master_sealed s;
    master_keys m = { 0 };
    str text;
    *ret = (master_state){ 0 };
    TRY(bytes_of(path, bytes, &text));
    ret->sealed = sealed_parse(text, &s);
    bool good = ret->sealed || master_parse(text, &m);
    ret->n_old = ret->sealed ? s.n_old : m.n_old;
    if (ret->sealed) {
        ret->lock = s.lock;
        snprintf(ret->token, sizeof ret->token, "%s", s.lock.label);
        snprintf(ret->serial, sizeof ret->serial, "%s", s.lock.serial);
    }
    sodium_memzero(&m, sizeof m);
    sodium_memzero(bytes, sizeof bytes);
    return good ? OK : ERR1(E_CONFIG, "error.access.master_key_form", str_of(path));
}

static err open_by_token(const token_setup *t, const master_sealed *s, str head, master_keys *ret)
{
    uint8_t secret[KEY_BYTES];
    TRY(token_open(t, &s->lock, secret));
    bool good = open_box(secret, head, s->token_box, s->n_token_box, ret);
    sodium_memzero(secret, sizeof secret);
    return good ? OK : ERR1(E_CONFIG, "error.token.sealed_other", str_of(s->lock.label));
}

static err open_sealed(const token_setup *t, const master_sealed *s, master_keys *ret)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    uint8_t by[KEY_BYTES];
    buf head = buf_new(a, 4096);
    head_out(&head, s);
    if (!t) return ERR1(E_CONFIG, "error.token.unset", str_of(s->lock.label));
    if (!t->backup) return open_by_token(t, s, buf_str(&head), ret);
    cards_key(t->backup, by);
    bool good = open_box(by, buf_str(&head), s->cards_box, s->n_cards_box, ret);
    sodium_memzero(by, sizeof by);
    return good ? OK : ERR(E_AUTH, "error.token.cards");
}

err master_open(const char *path, const token_setup *t, master_keys *ret, token_lock *ret_lock)
{
    char bytes[SEALED_FILE_MAX];
    master_sealed s;
    str text;
    *ret_lock = (token_lock){ 0 };
    TRY(bytes_of(path, bytes, &text));
    if (!sealed_parse(text, &s)) {
        sodium_memzero(bytes, sizeof bytes);
        return master_read(path, ret);
    }
    *ret_lock = s.lock;
    return open_sealed(t, &s, ret);
}

static err seal(
        const token_setup *t, const token_lock *same, const master_keys *m, master_sealed *ret)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 17);
    uint8_t secret[KEY_BYTES], by[KEY_BYTES];
    randombytes_buf(secret, sizeof secret);
    ret->n_old = m->n_old;
    err e = token_seal(t, same, secret, &ret->lock);
    buf head = buf_new(a, 4096);
    if (!failed(e)) {
        head_out(&head, ret);
        str text = master_text(a, m);
        cards_key(m->backup, by);
        shut(secret, buf_str(&head), text, ret->token_box, &ret->n_token_box);
        shut(by, buf_str(&head), text, ret->cards_box, &ret->n_cards_box);
        sodium_memzero((void *)(uintptr_t)text.p, text.n);
    }
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(by, sizeof by);
    return e;
}

static bool same_keys(const master_keys *x, const master_keys *y)
{
    return sodium_memcmp(x->key, y->key, KEY_BYTES) == 0 && x->n_old == y->n_old &&
           sodium_memcmp(x->backup, y->backup, KEY_BYTES) == 0;
}

/* As it stands on the disk, opened both ways. */
static err prove(const char *folder, const token_setup *t, const master_keys *m)
{
    char path[KEY_PATH_ROOM];
    master_keys by_token = { 0 }, by_cards = { 0 };
    token_lock lock;
    token_setup token = *t, cards = *t;
    token.backup = NULL;
    cards.backup = m->backup;
    key_file_path(path, folder, SEALED_FRESH);
    err e = master_open(path, &token, &by_token, &lock);
    if (!failed(e)) e = master_open(path, &cards, &by_cards, &lock);
    if (!failed(e) && (!same_keys(&by_token, m) || !same_keys(&by_cards, m)))
        e = ERR1(E_IO, "error.access.master_key_form", str_of(path));
    sodium_memzero(&by_token, sizeof by_token);
    sodium_memzero(&by_cards, sizeof by_cards);
    return e;
}

err sealed_make(
        const char *folder, const token_setup *t, const token_lock *same, const master_keys *m)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 17);
    master_sealed s = { 0 };
    ASSERT(m->has_backup);
    TRY(seal(t, same, m, &s));
    TRY(key_file_write(folder, SEALED_FRESH, sealed_text(a, &s)));
    return prove(folder, t, m);
}

err sealed_take(const char *folder)
{
    return master_replace(folder, SEALED_FRESH, MASTER_FILE);
}
