/* note.c - see note.h. Ed25519 and base64 are libsodium's. */
#include "ledger/note.h"
#include "ledger/hash.h"
#include <sodium.h>

enum { SIG_BYTES_MAX = 6000, ID_BYTES = 4, TIME_BYTES = 8 };
#define DASH "\xe2\x80\x94 " /* em dash, space */

/* ---- base64 ---- */

str base64_text(arena *a, str bytes)
{
    size_t room = sodium_base64_encoded_len(bytes.n, sodium_base64_VARIANT_ORIGINAL);
    char *out = arena_alloc(a, room);
    sodium_bin2base64(out, room, (const uint8_t *)bytes.p, bytes.n, sodium_base64_VARIANT_ORIGINAL);
    return (str){ out, room - 1 };
}

/* libsodium 1.0.18 takes some bytes above 0x7f for letters. */
static bool base64_into(str text, uint8_t *to, size_t room, size_t *n)
{
    for (size_t i = 0; i < text.n; i++)
        if ((uint8_t)text.p[i] > 0x7f) return false;
    return sodium_base642bin(
                   to, room, text.p, text.n, NULL, n, NULL, sodium_base64_VARIANT_ORIGINAL) == 0;
}

bool base64_bytes(str text, uint8_t *ret, size_t n)
{
    size_t got;
    return base64_into(text, ret, n, &got) && got == n;
}

/* ---- names and keys ---- */

/* Spaces that are not ASCII come as two or three bytes: U+0085, U+00A0, U+1680, U+2000 to U+200A,
 * U+2028, U+2029, U+202F, U+205F, U+3000. */
static bool wide_space(const uint8_t *p, size_t n)
{
    if (n >= 2 && p[0] == 0xc2) return p[1] == 0x85 || p[1] == 0xa0;
    if (n < 3) return false;
    unsigned c = (unsigned)(p[0] & 15) << 12 | (unsigned)(p[1] & 63) << 6 | (p[2] & 63);
    if ((p[0] & 0xf0) != 0xe0) return false;
    return c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}

bool note_name_fits(str name)
{
    if (!name.n || name.n > NOTE_NAME_MAX || !str_is_utf8(name)) return false;
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = (uint8_t)name.p[i];
        if (c <= ' ' || c == '+' || c == 0x7f) return false;
        if (wide_space((const uint8_t *)name.p + i, name.n - i)) return false;
    }
    return true;
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

note_key note_key_make(str name, note_type type, const uint8_t key[NOTE_KEY_BYTES])
{
    uint8_t hash[HASH_BYTES];
    char kind = (char)type;
    note_key k = { .name = name, .type = type };
    memcpy(k.key, key, NOTE_KEY_BYTES);
    str parts[] = { name, S("\n"), { &kind, 1 }, { (const char *)key, NOTE_KEY_BYTES } };
    hash_parts(parts, ARRAY_LEN(parts), hash);
    k.id = be32(hash);
    return k;
}

str note_key_text(arena *a, const note_key *k)
{
    char bytes[1 + NOTE_KEY_BYTES];
    bytes[0] = (char)k->type;
    memcpy(bytes + 1, k->key, NOTE_KEY_BYTES);
    return str_fmt(a, "%.*s+%08x+%.*s", STR_ARG(k->name), k->id,
            STR_ARG(base64_text(a, (str){ bytes, sizeof bytes })));
}

static bool hex32(str s, uint32_t *ret)
{
    uint8_t b[ID_BYTES];
    size_t n;
    if (s.n != 2 * (size_t)ID_BYTES || sodium_hex2bin(b, sizeof b, s.p, s.n, NULL, &n, NULL) ||
            n != ID_BYTES)
        return false;
    *ret = be32(b);
    return true;
}

err note_key_parse(str text, note_key *ret)
{
    uint8_t bytes[1 + NOTE_KEY_BYTES];
    uint32_t id;
    str rest = text, name, hex;
    bool good = str_split(&rest, '+', &name) && str_split(&rest, '+', &hex) &&
                note_name_fits(name) && hex32(hex, &id) &&
                base64_bytes(rest, bytes, sizeof bytes) &&
                (bytes[0] == NOTE_ED25519 || bytes[0] == NOTE_COSIGNATURE);
    if (!good) return ERR1(E_INVALID, "error.ledger.vkey", str_sub(text, 0, 80));
    *ret = note_key_make(name, (note_type)bytes[0], bytes + 1);
    return ret->id == id ? OK : ERR1(E_INVALID, "error.ledger.vkey", str_sub(text, 0, 80));
}

/* ---- reading ---- */

static err bad_line(int64_t row)
{
    return err_at_row(ERR(E_INVALID, "error.ledger.note"), S(""), row, 0);
}

static bool sig_line(arena *a, str line, note_sig *ret)
{
    str rest = line, name;
    size_t n;
    if (!str_starts(rest, S(DASH))) return false;
    rest = str_sub(rest, sizeof DASH - 1, rest.n);
    if (!str_split(&rest, ' ', &name) || !note_name_fits(name)) return false;
    if (!rest.n || rest.n > 2 * SIG_BYTES_MAX) return false;
    uint8_t *bytes = arena_alloc(a, rest.n);
    if (!base64_into(rest, bytes, rest.n, &n) || n <= ID_BYTES || n > SIG_BYTES_MAX) return false;
    *ret = (note_sig){
        .name = name, .id = be32(bytes), .bytes = { (const char *)bytes + ID_BYTES, n - ID_BYTES }
    };
    return true;
}

static err read_lines(arena *a, str rest, int64_t row, note *ret)
{
    for (; rest.n; row++) {
        ptrdiff_t end = str_find_byte(rest, '\n');
        if (end < 0) return bad_line(row);
        if (ret->n == NOTE_SIGS_MAX) return ERR(E_TOO_LARGE, "error.ledger.note_large");
        note_sig *s = &ret->sigs[ret->n];
        if (!sig_line(a, str_sub(rest, 0, (size_t)end), s)) return bad_line(row);
        s->line = str_sub(rest, 0, (size_t)end + 1);
        ret->n++;
        rest = str_sub(rest, (size_t)end + 1, rest.n);
    }
    return OK;
}

static err sane(str bytes)
{
    if (bytes.n > NOTE_BYTES_MAX) return ERR(E_TOO_LARGE, "error.ledger.note_large");
    int64_t row = 1;
    for (size_t i = 0; i < bytes.n; i++) {
        if (bytes.p[i] == '\n') row++;
        if ((uint8_t)bytes.p[i] < ' ' && bytes.p[i] != '\n') return bad_line(row);
    }
    return str_is_utf8(bytes) ? OK : bad_line(1);
}

err note_lines_parse(arena *a, str lines, note *ret)
{
    *ret = (note){ 0 };
    TRY(sane(lines));
    TRY(read_lines(a, lines, 1, ret));
    return ret->n ? OK : bad_line(1);
}

/* The text ends at the last empty line. */
static size_t text_end(str bytes)
{
    for (size_t i = bytes.n; i >= 2; i--)
        if (bytes.p[i - 1] == '\n' && bytes.p[i - 2] == '\n') return i - 1;
    return 0;
}

err note_parse(arena *a, str bytes, note *ret)
{
    int64_t row = 2;
    *ret = (note){ 0 };
    TRY(sane(bytes));
    size_t end = text_end(bytes);
    if (!end) return bad_line(1);
    ret->text = str_sub(bytes, 0, end);
    for (size_t i = 0; i < end; i++)
        row += bytes.p[i] == '\n';
    TRY(read_lines(a, str_sub(bytes, end + 1, bytes.n), row, ret));
    return ret->n ? OK : bad_line(row);
}

/* ---- signatures ---- */

str note_message(arena *a, note_type type, str text, int64_t at_s)
{
    if (type == NOTE_ED25519) return text;
    return str_fmt(a, "cosignature/v1\ntime %lld\n%.*s", (long long)at_s, STR_ARG(text));
}

str note_line(arena *a, const note_key *k, int64_t at_s, const uint8_t sig[NOTE_SIG_BYTES])
{
    uint8_t bytes[ID_BYTES + TIME_BYTES + NOTE_SIG_BYTES];
    size_t n = 0;
    for (int i = 3; i >= 0; i--)
        bytes[n++] = (uint8_t)(k->id >> (8 * i));
    for (int i = 7; i >= 0 && k->type == NOTE_COSIGNATURE; i--)
        bytes[n++] = (uint8_t)((uint64_t)at_s >> (8 * i));
    memcpy(bytes + n, sig, NOTE_SIG_BYTES);
    n += NOTE_SIG_BYTES;
    return str_fmt(a, DASH "%.*s %.*s\n", STR_ARG(k->name),
            STR_ARG(base64_text(a, (str){ (const char *)bytes, n })));
}

/* The time in front of a cosignature; -1: this is none of that type. */
static int64_t time_in(const note_key *k, str *bytes)
{
    uint64_t at = 0;
    if (k->type == NOTE_ED25519) return bytes->n == NOTE_SIG_BYTES ? 0 : -1;
    if (bytes->n != TIME_BYTES + NOTE_SIG_BYTES) return -1;
    for (int i = 0; i < TIME_BYTES; i++)
        at = at << 8 | (uint8_t)bytes->p[i];
    *bytes = str_sub(*bytes, TIME_BYTES, bytes->n);
    return at > INT64_MAX ? -1 : (int64_t)at;
}

static bool verifies(const note *n, const note_key *k, str bytes, int64_t at)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)4 * NOTE_BYTES_MAX);
    str m = note_message(a, k->type, n->text, at);
    return crypto_sign_verify_detached(
                   (const uint8_t *)bytes.p, (const uint8_t *)m.p, m.n, k->key) == 0;
}

note_verdict note_check(const note *n, const note_key *k, int64_t *ret_at, str *ret_line)
{
    note_verdict v = NOTE_UNKNOWN;
    for (size_t i = 0; i < n->n; i++) {
        const note_sig *s = &n->sigs[i];
        str bytes = s->bytes;
        if (s->id != k->id || !str_eq(s->name, k->name)) continue;
        int64_t at = time_in(k, &bytes);
        if (at < 0 || !verifies(n, k, bytes, at)) return NOTE_BAD;
        if (ret_at) *ret_at = at;
        if (ret_line) *ret_line = s->line;
        v = NOTE_GOOD;
    }
    return v;
}
