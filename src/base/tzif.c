/* tzif.c - zone data: TZif files, bounded; every count and index is checked before use.
 * Owns nothing; called by zone.c and the fuzz target, any thread. */
#include "base/tzif.h"

#include "base/civil.h"

enum { HEADER_BYTES = 44 };

typedef struct {
    uint32_t utc, wall, leaps, changes, types, chars;
    uint8_t version;
} header;

static uint32_t be32(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;
    return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

static int64_t be_time(const char *p, size_t width)
{
    if (width == 4) return (int32_t)be32(p);
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static bool take_header(str *in, header *h)
{
    if (in->n < HEADER_BYTES || !str_starts(*in, S("TZif"))) return false;
    const char *p = in->p + 20;
    *h = (header){ be32(p), be32(p + 4), be32(p + 8), be32(p + 12), be32(p + 16), be32(p + 20),
        (uint8_t)in->p[4] };
    *in = str_sub(*in, HEADER_BYTES, in->n);
    bool counts = h->utc <= h->types && h->wall <= h->types && h->types >= 1 && h->types <= 256;
    return counts && h->changes <= TZIF_MAX_CHANGES && h->chars <= 512 && h->leaps <= 64;
}

static size_t body_bytes(const header *h, size_t width)
{
    return h->changes * (width + 1) + h->types * 6 + h->chars + h->leaps * (width + 4) + h->wall +
           h->utc;
}

static bool read_types(const char *p, const header *h, tzif_type *types)
{
    for (size_t i = 0; i < h->types; i++, p += 6) {
        types[i] = (tzif_type){ (int32_t)be32(p), p[4] != 0 };
        if (types[i].offset_s < -90000 || types[i].offset_s > 93600) return false;
    }
    return true;
}

static bool read_body(arena *a, str *in, const header *h, size_t width, tzif *z)
{
    if (h->leaps || in->n < body_bytes(h, width)) return false;
    int64_t *at = NEW_ARRAY(a, int64_t, h->changes);
    tzif_type *types = NEW_ARRAY(a, tzif_type, h->types);
    const uint8_t *type = (const uint8_t *)in->p + h->changes * width;
    for (size_t i = 0; i < h->changes; i++) {
        at[i] = be_time(in->p + i * width, width);
        if (type[i] >= h->types || (i && at[i] <= at[i - 1])) return false;
    }
    if (!read_types((const char *)type + h->changes, h, types)) return false;
    z->n_changes = h->changes;
    z->at_s = at;
    z->type = (const uint8_t *)str_copy(a, (str){ (const char *)type, h->changes }).p;
    z->n_types = h->types;
    z->types = types;
    *in = str_sub(*in, body_bytes(h, width), in->n);
    return true;
}

static bool read_footer(str in, tzif *z)
{
    if (in.n < 2 || in.p[0] != '\n') return false;
    in = str_sub(in, 1, in.n);
    ptrdiff_t end = str_find_byte(in, '\n');
    if (end < 0) return false;
    if (end == 0) return true; /* no rule: the last type stays */
    return tzif_rule_parse(str_sub(in, 0, (size_t)end), z);
}

bool tzif_parse(arena *a, str bytes, tzif *ret)
{
    tzif z = { 0 };
    header h;
    if (bytes.n > TZIF_MAX_BYTES || !take_header(&bytes, &h)) return false;
    if (h.version == 0) {
        if (!read_body(a, &bytes, &h, 4, &z)) return false;
    } else {
        if (bytes.n < body_bytes(&h, 4)) return false;
        bytes = str_sub(bytes, body_bytes(&h, 4), bytes.n);
        if (!take_header(&bytes, &h) || !read_body(a, &bytes, &h, 8, &z)) return false;
        if (!read_footer(bytes, &z)) return false;
    }
    *ret = z;
    return true;
}

/* ---- which type holds when ---- */

/* Days since 1970-01-01 on which a change of that year falls. */
static int64_t change_day(const tzif_change *c, int64_t year)
{
    int64_t first = days_of_civil(year, 1, 1);
    if (c->form == TZ_JULIAN_0) return first + c->day;
    if (c->form == TZ_JULIAN_1) return first + c->day - 1 + (is_leap(year) && c->day >= 60);
    int64_t month = days_of_civil(year, c->month, 1);
    int sunday_based = (weekday_of_days(month) + 1) % 7;
    int day = (c->day - sunday_based + 7) % 7 + (c->week - 1) * 7;
    while (day >= days_in_month(year, c->month))
        day -= 7; /* week 5 is the last one */
    return month + day;
}

static int64_t change_utc(const tzif_change *c, int64_t year, int32_t offset_before)
{
    return change_day(c, year) * 86400 + c->time_s - offset_before;
}

static tzif_type by_rule(const tzif *z, int64_t t)
{
    int year, month, day;
    if (!z->has_summer) return z->standard;
    civil_of_days(floor_div(t + z->standard.offset_s, 86400), &year, &month, &day);
    int64_t on = change_utc(&z->to_summer, year, z->standard.offset_s);
    int64_t off = change_utc(&z->to_standard, year, z->summer.offset_s);
    bool summer = on < off ? t >= on && t < off : t >= on || t < off; /* else: southern summer */
    return summer ? z->summer : z->standard;
}

tzif_type tzif_at(const tzif *z, int64_t t)
{
    size_t lo = 0, hi = z->n_changes;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (z->at_s[mid] <= t)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == z->n_changes && z->has_rule) return by_rule(z, t);
    if (lo == 0) return z->n_types ? z->types[0] : z->standard;
    return z->types[z->type[lo - 1]];
}
