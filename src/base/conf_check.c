/* conf_check.c - one configured value against its row of the schema.
 * Owns nothing; called by conf.c only, at start. Every error names the setting and what it takes.
 */
#include "base/conf_check.h"

#include "base/time.h"

static str number(arena *a, int64_t v)
{
    return str_fmt(a, "%lld", (long long)v);
}

static err check_text(arena *a, const conf_row *r, str v)
{
    if ((int64_t)v.n >= r->min && (int64_t)v.n <= r->max) return OK;
    return ERR3(
            E_CONFIG, "error.conf.length", str_of(r->name), number(a, r->min), number(a, r->max));
}

static err check_int(arena *a, const conf_row *r, str v, int64_t *num)
{
    if (str_to_i64(v, num) && *num >= r->min && *num <= r->max) return OK;
    return ERR3(E_CONFIG, "error.conf.int", str_of(r->name), number(a, r->min), number(a, r->max));
}

static err check_bool(const conf_row *r, str v, int64_t *num)
{
    *num = str_eq(v, S("true"));
    if (*num || str_eq(v, S("false"))) return OK;
    return ERR1(E_CONFIG, "error.conf.bool", str_of(r->name));
}

static err check_choice(const conf_row *r, str v)
{
    str rest = str_of(r->choices), one;
    while (str_split(&rest, ' ', &one))
        if (str_eq(one, v)) return OK;
    return ERR2(E_CONFIG, "error.conf.choice", str_of(r->name), str_of(r->choices));
}

static err check_url(const conf_row *r, str v)
{
    str rest = str_of(r->choices), start;
    bool blank = str_find_byte(v, ' ') >= 0;
    while (!blank && str_split(&rest, ' ', &start))
        if (v.n > start.n && str_starts(v, start)) return OK;
    return ERR2(E_CONFIG, "error.conf.url", str_of(r->name), str_of(r->choices));
}

/* host:port, where a host with colons stands in brackets. */
static bool is_address(str v)
{
    int64_t port;
    size_t colon = v.n;
    while (colon && v.p[colon - 1] != ':')
        colon--;
    if (colon < 2) return false;
    str host = str_sub(v, 0, colon - 1);
    if (!str_to_i64(str_sub(v, colon, v.n), &port) || port < 0 || port > 65535) return false;
    if (str_starts(host, S("[")) && str_ends(host, S("]"))) return host.n > 2;
    return str_find_byte(host, ':') < 0 && str_find_byte(host, ' ') < 0;
}

static err check_weekdays(const conf_row *r, str v, int64_t *num)
{
    static const char *const days[] = { "monday", "tuesday", "wednesday", "thursday", "friday",
        "saturday", "sunday" };
    str rest = v, one;
    *num = 0;
    while (str_split(&rest, ' ', &one)) {
        size_t d = 0;
        if (one.n == 0) continue;
        while (d < ARRAY_LEN(days) && !str_eq_nocase(one, str_of(days[d])))
            d++;
        if (d == ARRAY_LEN(days)) return ERR1(E_CONFIG, "error.conf.weekdays", str_of(r->name));
        *num |= INT64_C(1) << d;
    }
    return OK;
}

static err check_zone(const conf_row *r, str v)
{
    const zone *z;
    if (!failed(zone_find(v, &z))) return OK;
    return ERR2(E_CONFIG, "error.conf.zone", str_of(r->name), v);
}

err conf_check(arena *a, const conf_row *r, str v, int64_t *num)
{
    bool may_lack = r->type == CONF_PATH || r->type == CONF_URL;
    *num = 0;
    if (v.n == 0 && may_lack) return OK;
    switch (r->type) {
    case CONF_TEXT:
        return check_text(a, r, v);
    case CONF_INT:
        return check_int(a, r, v, num);
    case CONF_BOOL:
        return check_bool(r, v, num);
    case CONF_CHOICE:
        return check_choice(r, v);
    case CONF_URL:
        return check_url(r, v);
    case CONF_WEEKDAYS:
        return check_weekdays(r, v, num);
    case CONF_ZONE:
        return check_zone(r, v);
    case CONF_PATH:
        return v.p[0] == '/' ? OK : ERR1(E_CONFIG, "error.conf.path", str_of(r->name));
    case CONF_ADDRESS:
        return is_address(v) ? OK : ERR1(E_CONFIG, "error.conf.address", str_of(r->name));
    }
    ASSERT(!"a type of the schema");
    return OK;
}
