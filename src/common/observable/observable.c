/* observable.c - recognition from the strictest form to the loosest. */
#include "common/observable/observable.h"
#include "engine/domain/domain.h"
#include "engine/url/url.h"

static const char *const names[OBSERVABLE_KINDS] = { "ip", "cidr", "asn", "domain", "url", "md5",
    "sha1", "sha256", "email", "cve" };

str observable_kind_name(observable_kind k)
{
    return str_of(names[k]);
}

bool observable_kind_of(str name, observable_kind *ret)
{
    for (size_t i = 0; i < OBSERVABLE_KINDS; i++)
        if (str_eq(name, str_of(names[i]))) {
            *ret = (observable_kind)i;
            return true;
        }
    return false;
}

/* Most values are written as they are. */
static bool is_plain(str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (memchr("[({xX", text.p[i], 5)) return false;
    return true;
}

static str refang_once(arena *a, str text)
{
    static const struct {
        const char *from, *to;
    } pairs[] = { { "[.]", "." }, { "(.)", "." }, { "[dot]", "." }, { "(dot)", "." },
        { "{.}", "." }, { "[at]", "@" }, { "(at)", "@" }, { "[@]", "@" }, { "[:]", ":" },
        { "[://]", "://" }, { "hxxp", "http" } };
    buf b = buf_new(a, text.n + 1);
    for (size_t i = 0; i < text.n;) {
        size_t p = 0;
        str rest = str_sub(text, i, text.n);
        while (p < ARRAY_LEN(pairs) &&
                !(str_eq_nocase(str_sub(rest, 0, strlen(pairs[p].from)), str_of(pairs[p].from))))
            p++;
        if (p == ARRAY_LEN(pairs)) {
            buf_byte(&b, text.p[i++]);
            continue;
        }
        buf_put(&b, str_of(pairs[p].to));
        i += strlen(pairs[p].from);
    }
    return buf_str(&b);
}

/* Marks may stand within marks, "((.))"; each turn makes the text shorter or leaves it. */
str observable_refang(arena *a, str text)
{
    str s = str_copy(a, text);
    while (!is_plain(s)) {
        str next = refang_once(a, s);
        if (str_eq(next, s)) break;
        s = next;
    }
    return s;
}

static bool is_hex(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return false;
    }
    return s.n > 0;
}

static bool as_address(arena *a, str s, observable *o)
{
    char out[CIDR_TEXT_MAX];
    addr ip;
    if (addr_parse(s, &ip)) {
        o->kind = OBSERVABLE_IP;
        o->range = cidr_make(ip, 128);
        o->value = str_copy(a, (str){ out, addr_put(out, ip) });
        return true;
    }
    if (str_find_byte(s, '/') < 0 || !cidr_parse(s, false, &o->range)) return false;
    o->kind = OBSERVABLE_CIDR;
    o->value = str_copy(a, (str){ out, cidr_put(out, o->range) });
    return true;
}

static bool as_asn(arena *a, str s, observable *o)
{
    if (!str_starts(str_lower(a, str_sub(s, 0, 2)), S("as"))) return false;
    if (!str_to_i64(str_trim(str_sub(s, 2, s.n)), &o->asn)) return false;
    if (o->asn < 1 || o->asn > UINT32_MAX) return false;
    o->kind = OBSERVABLE_ASN;
    o->value = str_fmt(a, "AS%lld", (long long)o->asn);
    return true;
}

static bool as_hash(arena *a, str s, observable *o)
{
    if (!is_hex(s)) return false;
    if (s.n != 32 && s.n != 40 && s.n != 64) return false;
    o->kind = s.n == 32 ? OBSERVABLE_MD5 : s.n == 40 ? OBSERVABLE_SHA1 : OBSERVABLE_SHA256;
    o->value = str_lower(a, s);
    return true;
}

static bool as_url(arena *a, str s, observable *o)
{
    url u;
    if (str_find(s, S("://")) < 0 || !url_parse(a, s, &u)) return false;
    o->kind = OBSERVABLE_URL;
    o->value = url_normal(a, &u);
    return true;
}

/* RFC 5322 section 3.2.3: a dot-atom. Quoted local parts are not what people paste. */
static bool is_local_part(str s)
{
    static const char marks[] = "!#$%&'*+-/=?^_`{|}~.";
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!plain && (c == 0 || !strchr(marks, c))) return false;
    }
    return s.n > 0 && s.n <= 64;
}

static bool as_mail(arena *a, str s, observable *o)
{
    str host;
    ptrdiff_t at = str_find_byte(s, '@');
    if (at < 1 || !is_local_part(str_sub(s, 0, (size_t)at))) return false;
    if (!domain_normalise(a, str_sub(s, (size_t)at + 1, s.n), &host)) return false;
    o->kind = OBSERVABLE_EMAIL;
    o->value = str_fmt(
            a, "%.*s@%.*s", STR_ARG(str_lower(a, str_sub(s, 0, (size_t)at))), STR_ARG(host));
    return true;
}

static bool as_cve(arena *a, str s, observable *o)
{
    str low = str_lower(a, s);
    if (!str_starts(low, S("cve-")) || s.n < 13 || s.n > 20 || s.p[8] != '-') return false;
    for (size_t i = 4; i < s.n; i++)
        if (i != 8 && (s.p[i] < '0' || s.p[i] > '9')) return false;
    o->kind = OBSERVABLE_CVE;
    o->value = str_fmt(a, "CVE-%.*s", STR_ARG(str_sub(s, 4, s.n)));
    return true;
}

static bool as_domain(arena *a, str s, observable *o)
{
    if (str_starts(s, S("*."))) s = str_sub(s, 2, s.n);
    if (!domain_normalise(a, s, &o->value) || domain_labels(o->value) < 2) return false;
    o->kind = OBSERVABLE_DOMAIN;
    return true;
}

err observable_recognise(arena *a, str text, observable *ret)
{
    observable o = { 0 };
    str s = str_trim(text);
    if (s.n <= OBSERVABLE_TEXT_MAX) s = observable_refang(a, s);
    if (s.n == 0 || s.n > URL_MAX)
        return ERR1(E_INVALID, "error.observable.unknown", str_sub(text, 0, 100));
    if (as_address(a, s, &o) || as_asn(a, s, &o) || as_hash(a, s, &o) || as_cve(a, s, &o) ||
            as_url(a, s, &o) || as_mail(a, s, &o) || as_domain(a, s, &o)) {
        *ret = o;
        return OK;
    }
    return ERR1(E_INVALID, "error.observable.unknown", str_sub(text, 0, 100));
}

str observable_as_cidr(arena *a, const observable *o)
{
    char out[CIDR_TEXT_MAX];
    return str_copy(a, (str){ out, cidr_put(out, o->range) });
}
