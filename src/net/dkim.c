/* dkim.c - see dkim.h. The canonical forms are RFC 6376's section 3.4.2 and 3.4.4. */
#include "net/dkim.h"

#include <sodium.h>

enum { FOLD = 72, STATEMENT_MAX = 60 << 10 };

static const char *const algorithms[] = { "rsa-sha256", "ed25519-sha256" };
static const char *const kinds[] = { "rsa", "ed25519" };

/* In the order in which they are signed. From stands twice: a second one, added on the way, breaks
 * the signature. */
static const char *const signed_headers[] = { "from", "from", "to", "subject", "date", "message-id",
    "reply-to", "in-reply-to", "references", "mime-version", "content-type",
    "content-transfer-encoding", "content-language", "auto-submitted" };

/* ---- names ---- */

bool dkim_selector_is_sane(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && (c != '-' || i == 0 || i + 1 == s.n)) return false;
    }
    return s.n > 0 && s.n <= DKIM_SELECTOR_MAX;
}

str dkim_selector_of(arena *a, dkim_algorithm g, str selector)
{
    return g == DKIM_RSA ? selector : str_cat(a, selector, S("-ed"));
}

str dkim_record_name(arena *a, dkim_identity by, dkim_algorithm g)
{
    str s = dkim_selector_of(a, g, by.selector);
    return str_fmt(a, "%.*s._domainkey.%.*s", STR_ARG(s), STR_ARG(by.domain));
}

/* ---- canonical forms ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Runs of blanks are one; those at the line's end are none. */
static void put_relaxed(buf *b, str line)
{
    while (line.n && is_blank(line.p[line.n - 1]))
        line.n--;
    for (size_t i = 0; i < line.n; i++) {
        if (!is_blank(line.p[i]))
            buf_byte(b, line.p[i]);
        else if (i == 0 || !is_blank(line.p[i - 1]))
            buf_byte(b, ' ');
    }
}

static str canonical_body(arena *a, str body)
{
    buf b = buf_new(a, body.n + 2);
    size_t keep = 0; /* empty lines at the end do not count */
    while (body.n) {
        ptrdiff_t at = str_find(body, S("\r\n"));
        str line = at < 0 ? body : str_sub(body, 0, (size_t)at);
        body = at < 0 ? S("") : str_sub(body, (size_t)at + 2, body.n);
        size_t from = b.n;
        put_relaxed(&b, line);
        bool full = b.n > from;
        buf_put(&b, S("\r\n"));
        if (full) keep = b.n;
    }
    return str_sub(buf_str(&b), 0, keep);
}

/* The field from its start, with the lines that go on from it; without its end. */
static str take_field(str *rest)
{
    size_t n = 0;
    for (;;) {
        ptrdiff_t at = str_find(str_sub(*rest, n, rest->n), S("\r\n"));
        n = at < 0 ? rest->n : n + (size_t)at;
        if (at < 0 || n + 2 >= rest->n || !is_blank(rest->p[n + 2])) break;
        n += 2;
    }
    str field = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n + 2 < rest->n ? n + 2 : rest->n, rest->n);
    return field;
}

/* The last field of that name, as whoever verifies looks for them; the one above it when skip. */
static bool find_field(str headers, str name, bool skip, str *ret)
{
    str found[2] = { { 0 } };
    while (headers.n) {
        str field = take_field(&headers);
        ptrdiff_t colon = str_find_byte(field, ':');
        if (colon < 0 || !str_eq_nocase(str_trim(str_sub(field, 0, (size_t)colon)), name)) continue;
        found[1] = found[0];
        found[0] = str_sub(field, (size_t)colon + 1, field.n);
    }
    *ret = found[skip];
    return found[skip].p != NULL;
}

static void put_field(buf *b, str name, str value)
{
    buf flat = buf_new(b->a, value.n + 1);
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] != '\r' && value.p[i] != '\n') buf_byte(&flat, value.p[i]);
    buf_put(b, name);
    buf_byte(b, ':');
    put_relaxed(b, str_trim(buf_str(&flat)));
    buf_put(b, S("\r\n"));
}

/* ---- the header ---- */

/* h=, and the fields it names in their canonical form. */
static bool put_fields(buf *names, buf *fields, str headers)
{
    bool from = false, twice = false;
    for (size_t i = 0; i < ARRAY_LEN(signed_headers); i++) {
        str name = str_of(signed_headers[i]), value;
        bool again = i && str_eq(name, str_of(signed_headers[i - 1]));
        bool there = find_field(headers, name, again, &value);
        if (again) twice = there;
        if (!again && i == 0) from = there;
        if (!there && !again) continue;
        buf_fmt(names, "%s%.*s", names->n ? ":" : "", STR_ARG(name));
        if (there) put_field(fields, name, value);
    }
    return from && !twice;
}

static void put_base64(buf *b, str s)
{
    size_t cap = sodium_base64_ENCODED_LEN(s.n, sodium_base64_VARIANT_ORIGINAL);
    char *to = buf_room(b, cap);
    sodium_bin2base64(to, cap, (const uint8_t *)s.p, s.n, sodium_base64_VARIANT_ORIGINAL);
    b->n += cap - 1;
}

static str hash_of(arena *a, str s)
{
    uint8_t *h = arena_alloc(a, crypto_hash_sha256_BYTES);
    crypto_hash_sha256(h, (const uint8_t *)s.p, s.n);
    return (str){ (const char *)h, crypto_hash_sha256_BYTES };
}

static str unfolded(arena *a, str s)
{
    buf b = buf_new(a, s.n);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\r' && s.p[i] != '\n') buf_byte(&b, s.p[i]);
    return buf_str(&b);
}

err dkim_prepare(
        arena *a, str message, dkim_identity by, dkim_algorithm g, instant t, dkim_draft *ret)
{
    ptrdiff_t end = str_find(message, S("\r\n\r\n"));
    buf names = buf_new(a, 256), said = buf_new(a, 2048), value = buf_new(a, 1024);
    ASSERT(g < DKIM_ALGORITHMS && by.domain.n && dkim_selector_is_sane(by.selector));
    if (end < 0 || !put_fields(&names, &said, str_sub(message, 0, (size_t)end)))
        return ERR(E_INVALID, "error.dkim.message");
    str body = canonical_body(a, str_sub(message, (size_t)end + 4, message.n));
    str selector = dkim_selector_of(a, g, by.selector);
    buf_fmt(&value, "v=1; a=%s; c=relaxed/relaxed; t=%lld;\r\n d=%.*s; s=%.*s;\r\n h=%.*s;\r\n bh=",
            algorithms[g], (long long)(t.us / US_PER_S), STR_ARG(by.domain), STR_ARG(selector),
            STR_ARG(buf_str(&names)));
    put_base64(&value, hash_of(a, body));
    buf_put(&value, S(";\r\n b="));
    str tags = unfolded(a, buf_str(&value));
    buf_fmt(&said, "dkim-signature:%.*s", STR_ARG(tags));
    if (said.n > STATEMENT_MAX) return ERR(E_INVALID, "error.dkim.message");
    ret->header = str_cat(a, S("DKIM-Signature: "), buf_str(&value));
    ret->statement = buf_str(&said);
    return OK;
}

str dkim_header(arena *a, const dkim_draft *d, str signature)
{
    buf text = buf_new(a, signature.n * 2), b = buf_new(a, d->header.n + signature.n * 2);
    put_base64(&text, signature);
    buf_put(&b, d->header);
    for (str rest = buf_str(&text); rest.n; rest = str_sub(rest, FOLD, rest.n)) {
        if (rest.n < text.n) buf_put(&b, S("\r\n "));
        buf_put(&b, str_sub(rest, 0, FOLD));
    }
    buf_put(&b, S("\r\n"));
    return buf_str(&b);
}

bool dkim_statement_is_sane(str s, dkim_algorithm g, str selector)
{
    char begins[80], names[80];
    ptrdiff_t at = -1;
    if (!str_starts(s, S("from:")) || !str_ends(s, S("; b=")) || s.n > STATEMENT_MAX) return false;
    for (size_t i = s.n; i > 1 && at < 0; i--)
        if (s.p[i - 1] == '\n') at = (ptrdiff_t)i;
    if (at < 0) return false;
    str last = str_sub(s, (size_t)at, s.n);
    snprintf(begins, sizeof begins, "dkim-signature:v=1; a=%s; ", algorithms[g]);
    snprintf(names, sizeof names, " s=%.*s%s; ", STR_ARG(selector), g == DKIM_RSA ? "" : "-ed");
    return str_starts(last, str_of(begins)) && str_find(last, str_of(names)) > 0;
}

/* ---- records ---- */

str dkim_record(arena *a, dkim_algorithm g, str key)
{
    buf b = buf_new(a, 64 + key.n * 2);
    buf_fmt(&b, "v=DKIM1; k=%s; p=", kinds[g]);
    put_base64(&b, key);
    return buf_str(&b);
}

/* One tag's value without blanks; k is rsa when it is not said. */
static str tag_of(arena *a, str record, str name)
{
    str part;
    while (record.n && str_split(&record, ';', &part)) {
        ptrdiff_t at = str_find_byte(part, '=');
        if (at < 0 || !str_eq(str_trim(str_sub(part, 0, (size_t)at)), name)) continue;
        buf b = buf_new(a, part.n);
        for (size_t i = (size_t)at + 1; i < part.n; i++)
            if ((unsigned char)part.p[i] > ' ') buf_byte(&b, part.p[i]);
        return buf_str(&b);
    }
    return str_eq(name, S("k")) ? S("rsa") : S("");
}

bool dkim_record_same(arena *a, str published, str ours)
{
    return str_eq(tag_of(a, published, S("k")), tag_of(a, ours, S("k"))) &&
           str_eq(tag_of(a, published, S("p")), tag_of(a, ours, S("p")));
}
