/* convert.c - one small function each. What they return for which text is written after IntelMQ's
 * published behaviour; tests hold the table of cases. */
#include "flow/convert.h"

#include <stdlib.h>

#include "engine/domain/domain.h"
#include "flow/when.h"

const char *const conv_column_names[ROW_COLUMNS] = { "cc_dns", "http_host", "hostname", "ip", "url",
    "http_url", "application", "category", "detail" };

static const flow_value none = { .kind = VALUE_NONE }, wrong = { .kind = VALUE_WRONG };

static flow_value text(str s)
{
    return (flow_value){ .text = s, .kind = VALUE_TEXT };
}

static flow_value validate_to_none(str s)
{
    bool nothing =
            s.n == 0 || (s.n == 1 && s.p[0] == '0') || (s.n == 7 && memcmp(s.p, "unknown", 7) == 0);
    return nothing ? none : text(s);
}

static flow_value to_int(arena *a, str s, bool zero_is_none)
{
    flow_value v = { .kind = VALUE_INT };
    bool big;
    if (s.n == 0) return none;
    if (!value_int(a, s, &v.i, &v.text, &big)) return wrong;
    if (big)
        v.kind = VALUE_NUMBER;
    else if (zero_is_none && v.i == 0)
        return none;
    return v;
}

static flow_value to_float(arena *a, str s)
{
    flow_value v = { .kind = VALUE_NUMBER };
    if (s.n == 0) return none;
    if (value_float(a, s, &v.text)) return v;
    str t = str_trim(s); /* Python's float() takes these, JSON does not: kept as text */
    if (t.n && (t.p[0] == '+' || t.p[0] == '-')) t = str_sub(t, 1, t.n);
    bool named = str_eq_nocase(t, S("nan")) || str_eq_nocase(t, S("inf")) ||
                 str_eq_nocase(t, S("infinity"));
    return named ? text(str_trim(s)) : wrong;
}

static flow_value to_bool(str s)
{
    static const char *const yes[] = { "y", "yes", "true", "enabled", "1" };
    static const char *const no[] = { "n", "no", "false", "disabled", "0" };
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        if (str_eq_nocase(s, str_of(yes[i]))) return (flow_value){ .i = 1, .kind = VALUE_BOOL };
        if (str_eq_nocase(s, str_of(no[i]))) return (flow_value){ .i = 0, .kind = VALUE_BOOL };
    }
    return none;
}

static flow_value validate_ip(str s)
{
    addr a;
    if (str_find_byte(s, '/') >= 0 || !value_ip(s, &a)) return none;
    return text(s);
}

static flow_value validate_network(str s)
{
    cidr c;
    return str_find_byte(s, '/') >= 0 && cidr_parse(str_trim(s), false, &c) ? text(s) : none;
}

static flow_value validate_fqdn(arena *a, str s)
{
    str name;
    return domain_normalise(a, str_trim(s), &name) ? text(s) : none;
}

static flow_value to_date(arena *a, str s)
{
    instant t;
    return when_parse(s, &t) ? text(when_idf(a, t)) : none;
}

static flow_value epoch(arena *a, str s)
{
    instant t = { 0 };
    int64_t i;
    if (s.n == 0) return none;
    if (!str_to_i64(str_trim(s), &i) || i < 0 || i > INT64_C(7258118400)) return wrong;
    t.us = i * US_PER_S;
    return text(when_idf(a, t));
}

static bool is_cve(str s)
{
    if (!str_starts(s, S("cve-"))) return false;
    size_t i = 4, d = 4;
    while (i < s.n && (unsigned)(s.p[i] - '0') <= 9)
        i++;
    if (i == d || i >= s.n || s.p[i] != '-') return false;
    d = ++i;
    while (i < s.n && (unsigned)(s.p[i] - '0') <= 9)
        i++;
    return i > d && i == s.n;
}

static int by_text(const void *x, const void *y)
{
    return strncmp(x, y, 32);
}

enum { CVE_MAX = 64 };

/* "a;cve-2024-2;cve-2023-1" -> "cve-2023-1,cve-2024-2": the tags that are CVE numbers, sorted, once
 * each. */
static flow_value extract_cve(arena *a, str s)
{
    char found[CVE_MAX][32];
    size_t n = 0;
    str tag;
    if (str_find(s, S("cve-")) < 0) return none;
    while (n < CVE_MAX && str_split(&s, ';', &tag)) {
        if (tag.n >= sizeof found[0] || !is_cve(tag)) continue;
        memset(found[n], 0, sizeof found[n]);
        memcpy(found[n++], tag.p, tag.n);
    }
    if (n == 0) return none;
    qsort(found, n, sizeof found[0], by_text);
    buf b = buf_new(a, n * 20);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && by_text(found[i - 1], found[i]) == 0) continue;
        if (i > 0) buf_byte(&b, ',');
        buf_put(&b, str_of(found[i]));
    }
    return text(buf_str(&b));
}

static bool blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The part from the first '/' to the first blank: what a request line or a path leaves. */
static str request_path(str s)
{
    size_t i = 0, j;
    while (i < s.n && s.p[i] != '/')
        i++;
    for (j = i; j < s.n && !blank(s.p[j]);)
        j++;
    return str_sub(s, i, j - i);
}

static flow_value http_host_and_url(arena *a, str s, const conv_row *r)
{
    static const conv_column hosts[] = { ROW_CC_DNS, ROW_HTTP_HOST, ROW_HOSTNAME, ROW_IP };
    str host = { 0 }, app = S("http");
    for (size_t i = 0; i < ARRAY_LEN(hosts) && host.n == 0; i++)
        host = r->cell[hosts[i]];
    str path = r->has[ROW_URL] ? r->cell[ROW_URL] : r->cell[ROW_HTTP_URL];
    if (host.n == 0 || path.n == 0) return text(s);
    if (str_eq(r->cell[ROW_APPLICATION], S("https"))) app = S("https");
    path = request_path(path);
    buf b = buf_new(a, host.n + path.n + 10);
    buf_put(&b, app);
    buf_put(&b, S("://"));
    buf_put(&b, host);
    buf_put(&b, path);
    return text(buf_str(&b));
}

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z') return 1;
    if (c >= 'a' && c <= 'z') return 1;
    return (unsigned)(c - '0') <= 9 || c == '+' || c == '/';
}

static bool is_base64(str s)
{
    size_t n = s.n;
    if (n == 0 || n % 4 != 0) return false;
    size_t pad = s.p[n - 1] == '=' ? 1 + (s.p[n - 2] == '=') : 0;
    for (size_t i = 0; i < n - pad; i++)
        if (!sextet(s.p[i])) return false;
    return true;
}

static str base64(arena *a, str s)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = arena_alloc(a, (s.n + 2) / 3 * 4 + 1);
    size_t k = 0;
    for (size_t i = 0; i < s.n; i += 3) {
        size_t left = s.n - i;
        uint32_t v = (uint32_t)(unsigned char)s.p[i] << 16;
        if (left > 1) v |= (uint32_t)(unsigned char)s.p[i + 1] << 8;
        if (left > 2) v |= (unsigned char)s.p[i + 2];
        out[k++] = digit[v >> 18];
        out[k++] = digit[v >> 12 & 63];
        out[k++] = left > 1 ? digit[v >> 6 & 63] : '=';
        out[k++] = left > 2 ? digit[v & 63] : '=';
    }
    return (str){ out, k };
}

static flow_value force_base64(arena *a, str s)
{
    if (s.n == 0) return none;
    return text(is_base64(s) ? s : base64(a, s));
}

static flow_value exchange(str s, str webshell, str other)
{
    return text(str_eq(s, S("exchange;webshell")) ? webshell : other);
}

static const struct {
    const char *name;
    uint8_t c;
} names[] = {
    { "validate_to_none", CONV_VALIDATE_TO_NONE },
    { "convert_int", CONV_INT },
    { "invalidate_zero", CONV_INVALIDATE_ZERO },
    { "convert_bool", CONV_BOOL },
    { "validate_ip", CONV_VALIDATE_IP },
    { "add_UTC_to_timestamp", CONV_ADD_UTC },
    { "extract_cve_from_tag", CONV_EXTRACT_CVE },
    { "convert_float", CONV_FLOAT },
    { "convert_date", CONV_DATE },
    { "convert_date_utc", CONV_DATE_UTC },
    { "convert_http_host_and_url", CONV_HTTP_HOST_AND_URL },
    { "validate_fqdn", CONV_VALIDATE_FQDN },
    { "validate_network", CONV_VALIDATE_NETWORK },
    { "category_or_detail", CONV_CATEGORY_OR_DETAIL },
    { "force_base64", CONV_FORCE_BASE64 },
    { "scan_exchange_taxonomy", CONV_EXCHANGE_TAXONOMY },
    { "scan_exchange_type", CONV_EXCHANGE_TYPE },
    { "scan_exchange_identifier", CONV_EXCHANGE_IDENTIFIER },
    { "lower", CONV_LOWER },
    { "epoch", CONV_EPOCH },
};

bool conv_find(str name, conv *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!str_eq(name, str_of(names[i].name))) continue;
        *ret = names[i].c;
        return true;
    }
    return false;
}

bool conv_wants_row(conv c)
{
    return c == CONV_HTTP_HOST_AND_URL || c == CONV_CATEGORY_OR_DETAIL;
}

flow_value conv_run(conv c, arena *a, str s, const conv_row *row)
{
    switch (c) {
    case CONV_VALIDATE_TO_NONE:
        return validate_to_none(s);
    case CONV_INT:
        return to_int(a, s, false);
    case CONV_INVALIDATE_ZERO:
        return to_int(a, s, true);
    case CONV_BOOL:
        return to_bool(s);
    case CONV_VALIDATE_IP:
        return validate_ip(s);
    case CONV_EXTRACT_CVE:
        return extract_cve(a, s);
    case CONV_FLOAT:
        return to_float(a, s);
    case CONV_DATE:
    case CONV_DATE_UTC:
        return to_date(a, s); /* without a zone UTC is meant in both */
    case CONV_HTTP_HOST_AND_URL:
        return http_host_and_url(a, s, row);
    case CONV_VALIDATE_FQDN:
        return validate_fqdn(a, s);
    case CONV_VALIDATE_NETWORK:
        return validate_network(s);
    case CONV_CATEGORY_OR_DETAIL:
        return text(row->cell[ROW_CATEGORY].n ? row->cell[ROW_CATEGORY] : row->cell[ROW_DETAIL]);
    case CONV_FORCE_BASE64:
        return force_base64(a, s);
    case CONV_EXCHANGE_TAXONOMY:
        return exchange(s, S("intrusions"), S("vulnerable"));
    case CONV_EXCHANGE_TYPE:
        return exchange(s, S("system-compromise"), S("infected-system"));
    case CONV_EXCHANGE_IDENTIFIER:
        return exchange(s, S("exchange-server-webshell"), S("vulnerable-exchange-server"));
    case CONV_LOWER:
        return text(str_lower(a, s));
    case CONV_EPOCH:
        return epoch(a, s);
    default:
        return text(s); /* CONV_NONE; CONV_ADD_UTC: the time's reader takes UTC anyhow */
    }
}
