/* when.c - the usual "YYYY-MM-DD HH:MM:SS" takes one pass without any table; the rest is tried
 * after. */
#include "flow/when.h"

#include "base/time.h"

typedef struct {
    const char *p;
    size_t n, at;
} scan;

static bool digits(scan *s, int count, int *ret)
{
    int v = 0;
    if (s->n - s->at < (size_t)count) return false;
    for (int i = 0; i < count; i++) {
        unsigned d = (unsigned)(s->p[s->at + (size_t)i] - '0');
        if (d > 9) return false;
        v = v * 10 + (int)d;
    }
    s->at += (size_t)count;
    *ret = v;
    return true;
}

static bool take(scan *s, char c)
{
    if (s->at >= s->n || s->p[s->at] != c) return false;
    s->at++;
    return true;
}

static int64_t days_from(int y, int m, int d)
{
    int64_t yy = m <= 2 ? y - 1 : y, era = (yy >= 0 ? yy : yy - 399) / 400;
    int64_t yoe = yy - era * 400, doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool instant_of(
        int y, int mo, int d, int h, int mi, int s, int64_t us, int offset_s, instant *ret)
{
    static const int month[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (y < 1900 || y > 2200 || mo < 1 || mo > 12 || d < 1 || h > 23 || mi > 59 || s > 60)
        return false;
    if (d > month[mo - 1] + (mo == 2 && leap)) return false;
    int64_t secs = days_from(y, mo, d) * 86400 + h * 3600 + mi * 60 + s - offset_s;
    ret->us = secs * US_PER_S + us;
    return true;
}

static int64_t fraction(scan *s)
{
    int64_t us = 0, unit = 100000;
    while (s->at < s->n && (unsigned)(s->p[s->at] - '0') <= 9) {
        us += (s->p[s->at++] - '0') * unit;
        unit /= 10;
    }
    return us;
}

/* What may follow the seconds: nothing, Z, UTC, GMT, an offset, or an offset and UTC. */
static bool zone_read(scan *s, int *offset_s)
{
    str rest = str_trim((str){ s->p + s->at, s->n - s->at });
    *offset_s = 0;
    scan z = { rest.p, rest.n, 0 };
    if (rest.n && (rest.p[0] == '+' || rest.p[0] == '-')) {
        int sign = rest.p[0] == '-' ? -1 : 1, h, m = 0;
        z.at = 1;
        if (!digits(&z, 2, &h) || h > 23) return false;
        take(&z, ':');
        if (z.at < z.n && z.p[z.at] != ' ' && !digits(&z, 2, &m)) return false;
        if (m > 59) return false;
        *offset_s = sign * (h * 3600 + m * 60);
        rest = str_trim(str_sub(rest, z.at, rest.n));
    }
    if (rest.n == 0) return true;
    return str_eq_nocase(rest, S("UTC")) || str_eq_nocase(rest, S("GMT")) ||
           str_eq_nocase(rest, S("Z")) || str_eq_nocase(rest, S("Z UTC")) ||
           str_eq_nocase(rest, S("UTC UTC"));
}

static bool iso(str text, instant *ret)
{
    scan s = { text.p, text.n, 0 };
    int y, mo, d, h = 0, mi = 0, sec = 0, off = 0;
    int64_t us = 0;
    if (!digits(&s, 4, &y)) return false;
    char sep = s.at < s.n ? s.p[s.at] : 0;
    if ((sep != '-' && sep != '/' && sep != '.') || !take(&s, sep)) return false;
    if (!digits(&s, 2, &mo) || !take(&s, sep) || !digits(&s, 2, &d)) return false;
    bool timed = s.at + 1 < s.n && (s.p[s.at] == ' ' || s.p[s.at] == 'T' || s.p[s.at] == 't') &&
                 (unsigned)(s.p[s.at + 1] - '0') <= 9;
    if (timed) {
        s.at++;
        if (!digits(&s, 2, &h) || !take(&s, ':') || !digits(&s, 2, &mi)) return false;
        if (take(&s, ':') && !digits(&s, 2, &sec)) return false;
        if (take(&s, '.') || take(&s, ',')) us = fraction(&s);
    }
    if (!zone_read(&s, &off)) return false;
    return instant_of(y, mo, d, h, mi, sec, us, off, ret);
}

static int month_of(str s)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (s.n < 3) return 0;
    for (int i = 0; i < 12; i++)
        if (str_eq_nocase(str_sub(s, 0, 3), (str){ names + i * 3, 3 })) return i + 1;
    return 0;
}

static bool clock_of(str s, int *h, int *m, int *sec)
{
    scan c = { s.p, s.n, 0 };
    *sec = 0;
    if (!digits(&c, 2, h) || !take(&c, ':') || !digits(&c, 2, m)) return false;
    if (take(&c, ':') && !digits(&c, 2, sec)) return false;
    return c.at == c.n;
}

static bool small_number(str s, int *ret)
{
    int64_t v;
    if (s.n == 0 || s.n > 4 || (unsigned)(s.p[0] - '0') > 9 || !str_to_i64(s, &v)) return false;
    *ret = (int)v;
    return true;
}

/* Up to eight words, commas and blanks between; a date with dashes gives three words. */
static size_t words(str s, str w[8])
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < 8;) {
        while (i < s.n && (s.p[i] == ' ' || s.p[i] == ','))
            i++;
        size_t start = i;
        while (i < s.n && s.p[i] != ' ' && s.p[i] != ',' && s.p[i] != '-')
            i++;
        if (i > start) w[n++] = (str){ s.p + start, i - start };
        if (i < s.n && s.p[i] == '-') i++;
    }
    return n;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994". */
static bool http_date(str text, instant *ret)
{
    str w[8];
    size_t n = words(text, w), i = 0;
    int d, mo, y, h = 0, mi = 0, sec = 0;
    if (n >= 4 && (unsigned)(w[0].p[0] - '0') > 9 && !month_of(w[0])) i = 1;
    if (n < i + 3) return false;
    if ((mo = month_of(w[i])) > 0) {
        if (n < i + 4 || !small_number(w[i + 1], &d) || !clock_of(w[i + 2], &h, &mi, &sec))
            return false;
        return small_number(w[i + 3], &y) && instant_of(y, mo, d, h, mi, sec, 0, 0, ret);
    }
    mo = month_of(w[i + 1]);
    if (mo == 0 || !small_number(w[i], &d) || !small_number(w[i + 2], &y)) return false;
    if (w[i + 2].n == 2) y += y < 70 ? 2000 : 1900;
    if (n > i + 3 && !clock_of(w[i + 3], &h, &mi, &sec)) return false;
    bool utc = n <= i + 4 || str_eq_nocase(w[i + 4], S("GMT")) ||
               str_eq_nocase(w[i + 4], S("UTC")) || str_eq(w[i + 4], S("+0000"));
    return utc && n <= i + 5 && instant_of(y, mo, d, h, mi, sec, 0, 0, ret);
}

bool when_parse(str s, instant *ret)
{
    s = str_trim(s);
    if (s.n < 8 || s.n > 64) return false;
    return iso(s, ret) || http_date(s, ret);
}

str when_idf(arena *a, instant t)
{
    str z = instant_text(a, t); /* ends in Z */
    return str_cat(a, str_sub(z, 0, z.n - 1), S("+00:00"));
}
