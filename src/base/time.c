/* time.c - clocks, and instants as text (RFC 3339).
 * Owns clock_system; any layer. A clock may be read on any thread while one thread sets it. */
#include "base/time.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/civil.h"

const clock_src clock_system = { 0 };

instant clock_now(const clock_src *c)
{
    int64_t frozen = atomic_load_explicit(&c->frozen_us, memory_order_relaxed);
    if (frozen) return (instant){ frozen };
    struct timespec ts;
    ASSERT(clock_gettime(CLOCK_REALTIME, &ts) == 0);
    int64_t offset = atomic_load_explicit(&c->offset_us, memory_order_relaxed);
    return (instant){ (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000 + offset };
}

void clock_set_offset(clock_src *c, int64_t offset_us)
{
    atomic_store_explicit(&c->offset_us, offset_us, memory_order_relaxed);
}

void clock_freeze(clock_src *c, instant t)
{
    atomic_store_explicit(&c->frozen_us, t.us, memory_order_relaxed);
}

int64_t monotonic_us(void)
{
    struct timespec ts;
    ASSERT(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
    return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

/* n digits of v at out, with zeros before. */
static char *put_digits(char *out, int v, int n)
{
    for (int i = n; i-- > 0; v /= 10)
        out[i] = (char)('0' + v % 10);
    return out + n;
}

/* Written by hand: every answer holds several, and printf was a fiftieth of a small one's cost. */
str instant_text(arena *a, instant t)
{
    int year, month, day;
    int64_t days = floor_div(t.us, US_PER_DAY), us = t.us - days * US_PER_DAY;
    int s = (int)(us / US_PER_S), part = (int)(us % US_PER_S);
    civil_of_days(days, &year, &month, &day);
    if (year < 0 || year > 9999)
        return str_fmt(a, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", year, month, day, s / 3600,
                s / 60 % 60, s % 60, part);
    const int v[] = { year, month, day, s / 3600, s / 60 % 60, s % 60, part };
    char *out = arena_alloc(a, 32), *at = out;
    for (size_t i = 0; i < ARRAY_LEN(v) - (part ? 0 : 1); i++) {
        at = put_digits(at, v[i], i == 0 ? 4 : i == 6 ? 6 : 2);
        *at++ = "--T::.Z"[i];
    }
    at[-1] = 'Z';
    return (str){ out, (size_t)(at - out) };
}

/* Takes exactly n digits off *s; false and *s as it was when they are not there. */
static bool take_digits(str *s, size_t n, int *ret)
{
    int v = 0;
    if (s->n < n) return false;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9') return false;
        v = v * 10 + (s->p[i] - '0');
    }
    *s = str_sub(*s, n, s->n);
    *ret = v;
    return true;
}

static bool take_byte(str *s, const char *any_of)
{
    if (s->n == 0 || s->p[0] == 0 || !strchr(any_of, s->p[0])) return false;
    *s = str_sub(*s, 1, s->n);
    return true;
}

static bool take_date(str *s, int64_t *days)
{
    int y, m, d;
    if (!take_digits(s, 4, &y) || !take_byte(s, "-") || !take_digits(s, 2, &m)) return false;
    if (!take_byte(s, "-") || !take_digits(s, 2, &d)) return false;
    if (m < 1 || m > 12 || d < 1 || d > days_in_month(y, m)) return false;
    *days = days_of_civil(y, m, d);
    return true;
}

/* A second of 60 (a leap second, RFC 3339 section 5.7) is the first second of the next minute. */
static bool take_clock(str *s, int64_t *us)
{
    int h, m, sec;
    if (!take_digits(s, 2, &h) || !take_byte(s, ":") || !take_digits(s, 2, &m)) return false;
    if (!take_byte(s, ":") || !take_digits(s, 2, &sec)) return false;
    if (h > 23 || m > 59 || sec > 60) return false;
    *us = (h * INT64_C(3600) + m * 60 + sec) * US_PER_S;
    if (!take_byte(s, ".")) return true;
    int digit, n = 0;
    for (int64_t unit = US_PER_S / 10; take_digits(s, 1, &digit); unit /= 10, n++)
        *us += digit * unit; /* what is finer than a microsecond is cut */
    return n > 0;
}

static bool take_offset(str *s, bool may_lack, int64_t *offset_s)
{
    *offset_s = 0;
    if (s->n == 0) return may_lack;
    if (take_byte(s, "Zz")) return s->n == 0;
    int h, m, sign = s->p[0] == '-' ? -1 : 1;
    if (!take_byte(s, "+-") || !take_digits(s, 2, &h) || !take_byte(s, ":")) return false;
    if (!take_digits(s, 2, &m) || h > 23 || m > 59) return false;
    *offset_s = sign * (h * INT64_C(3600) + m * INT64_C(60));
    return s->n == 0;
}

bool instant_parse(str s, instant *ret)
{
    int64_t days, us, offset_s;
    if (!take_date(&s, &days) || s.n == 0) return false;
    bool by_space = s.p[0] == ' ';
    if (!take_byte(&s, "Tt ") || !take_clock(&s, &us)) return false;
    if (!take_offset(&s, by_space, &offset_s)) return false;
    *ret = (instant){ days * US_PER_DAY + us - offset_s * US_PER_S };
    return true;
}
