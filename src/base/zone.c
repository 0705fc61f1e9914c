/* zone.c - time zones by name, and civil time in them.
 * Owns the zones loaded so far, which stay until the process ends. Any layer, any thread: a lock
 * guards the list, and a loaded zone is constant. */
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/tzif.h"

enum { NAME_MAX_BYTES = 48, ZONES_MAX = 1024 };
static const char folder[] = "/usr/share/zoneinfo";

struct zone {
    zone *next;
    char name[NAME_MAX_BYTES + 1];
    tzif z;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static arena *memory; /* of all zones; under the lock */
static zone *zones;
static size_t n_zones;

/* ---- finding and loading ---- */

/* Letters, digits and _ + - in parts apart by slashes: no dot, so that no name leaves the folder.
 */
static bool is_name(str s)
{
    if (s.n == 0 || s.n > NAME_MAX_BYTES || s.p[0] == '/' || s.p[s.n - 1] == '/') return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool digit = c >= '0' && c <= '9';
        if (!letter && !digit && c != '_' && c != '+' && c != '-' && c != '/' && c != ':')
            return false;
    }
    return true;
}

/* "+05:00" or "-03:30". */
static bool parse_fixed(str s, int32_t *offset_s)
{
    int64_t h, m;
    if (s.n != 6 || s.p[3] != ':' || (s.p[0] != '+' && s.p[0] != '-')) return false;
    if (!str_to_i64(str_sub(s, 1, 2), &h) || !str_to_i64(str_sub(s, 4, 2), &m)) return false;
    if (h < 0 || h > 23 || m < 0 || m > 59) return false;
    *offset_s = (int32_t)((h * 3600 + m * 60) * (s.p[0] == '-' ? -1 : 1));
    return true;
}

static bool read_file(arena *a, str name, str *ret)
{
    char path[sizeof folder + NAME_MAX_BYTES + 2];
    snprintf(path, sizeof path, "%s/%.*s", folder, STR_ARG(name));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    char *p = arena_alloc(a, TZIF_MAX_BYTES + 1);
    size_t n = 0;
    ssize_t got = 1;
    while (got > 0 && n <= TZIF_MAX_BYTES) {
        got = read(fd, p + n, TZIF_MAX_BYTES + 1 - n);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            n += (size_t)got;
    }
    close(fd);
    *ret = (str){ p, n };
    return got >= 0;
}

static err load(str name, tzif *z)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    str bytes;
    *z = (tzif){ .has_rule = true };
    if (str_eq(name, S("UTC")) || parse_fixed(name, &z->standard.offset_s)) return OK;
    if (!read_file(a, name, &bytes)) return ERR1(E_CONFIG, "error.zone.unknown", name);
    if (tzif_parse(memory, bytes, z)) return OK;
    return ERR1(E_CONFIG, "error.zone.damaged", name);
}

static err find_or_load(str name, const zone **ret)
{
    for (const zone *z = zones; z; z = z->next) {
        if (!str_eq(name, str_of(z->name))) continue;
        *ret = z;
        return OK;
    }
    tzif loaded;
    if (!memory) memory = arena_new((size_t)64 << 20);
    if (n_zones == ZONES_MAX) return ERR1(E_CONFIG, "error.zone.unknown", name);
    TRY(load(name, &loaded));
    zone *z = NEW(memory, zone);
    *z = (zone){ .next = zones, .z = loaded };
    memcpy(z->name, name.p, name.n);
    n_zones++;
    *ret = zones = z;
    return OK;
}

err zone_find(str name, const zone **ret)
{
    if (!is_name(name)) return ERR1(E_CONFIG, "error.zone.unknown", name);
    pthread_mutex_lock(&lock);
    err e = find_or_load(name, ret);
    pthread_mutex_unlock(&lock);
    return e;
}

/* ---- civil time ---- */

static int32_t offset_at(const zone *z, int64_t utc_s)
{
    return tzif_at(&z->z, utc_s).offset_s;
}

civil civil_of(instant t, const zone *z)
{
    int64_t utc_s = floor_div(t.us, US_PER_S);
    civil c = { .us = (int)(t.us - utc_s * US_PER_S), .offset_s = offset_at(z, utc_s) };
    int64_t local = utc_s + c.offset_s, days = floor_div(local, 86400);
    int s = (int)(local - days * 86400);
    civil_of_days(days, &c.year, &c.month, &c.day);
    c.hour = s / 3600;
    c.minute = s / 60 % 60;
    c.second = s % 60;
    c.weekday = weekday_of_days(days);
    return c;
}

/* Of a time that comes twice the first is meant; one that the clocks skip is counted on from the
 * last offset before, so that it falls behind the gap. */
static int64_t utc_of_local(int64_t local, const zone *z)
{
    int32_t before = offset_at(z, local - 86400), after = offset_at(z, local + 86400);
    if (offset_at(z, local - before) == before) return local - before;
    if (offset_at(z, local - after) == after) return local - after;
    return local - before;
}

instant civil_instant(const civil *c, const zone *z)
{
    int64_t months = (int64_t)c->month - 1, year = c->year + floor_div(months, 12);
    int month = (int)(months - floor_div(months, 12) * 12) + 1;
    int64_t days = days_of_civil(year, month, 1) + c->day - 1;
    int64_t local = days * 86400 + c->hour * INT64_C(3600) + c->minute * INT64_C(60) + c->second;
    return (instant){ utc_of_local(local, z) * US_PER_S + c->us };
}
