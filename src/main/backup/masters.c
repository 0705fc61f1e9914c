/* masters.c - see masters.h. A line of the entry is a key and the second from which on backups do
 * without it. */
#include "main/backup/masters.h"

#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "base/time.h"
#include "proc/master_file.h"

enum { BEFORE_MAX = MASTER_OLD_MAX };

typedef struct {
    uint8_t key[KEY_BYTES];
    int64_t until_s;
} before;
typedef struct {
    before rows[BEFORE_MAX];
    size_t n;
    bool fresh; /* one has become one of before just now */
} befores;

static err damaged(void)
{
    return ERR1(E_INVALID, "error.backup.damaged", S("keys"));
}

err masters_next(str *rolling, str *ret_name, str *ret_bytes)
{
    int64_t n;
    str head, size;
    *ret_name = *ret_bytes = S("");
    if (!rolling->n) return OK;
    if (!str_split(rolling, '\n', &head) || !str_split(&head, ' ', &size) ||
            !str_to_i64(size, &n) || n < 0 || (size_t)n > rolling->n || !head.n)
        return damaged();
    *ret_name = head;
    *ret_bytes = str_sub(*rolling, 0, (size_t)n);
    *rolling = str_sub(*rolling, (size_t)n, rolling->n);
    return OK;
}

static err entry(str rolling, const char *name, str *ret)
{
    str is;
    do {
        TRY(masters_next(&rolling, &is, ret));
    } while (is.n && !str_eq(is, str_of(name)));
    return OK;
}

/* ---- the entry ---- */

static bool line_in(str line, before *ret)
{
    str hex;
    size_t n;
    return str_split(&line, ' ', &hex) && hex.n == 2 * KEY_BYTES &&
           sodium_hex2bin(ret->key, KEY_BYTES, hex.p, hex.n, NULL, &n, NULL) == 0 &&
           n == KEY_BYTES && str_to_i64(line, &ret->until_s);
}

static err befores_in(str text, befores *ret)
{
    str line;
    while (text.n && str_split(&text, '\n', &line)) {
        if (ret->n == BEFORE_MAX || !line_in(line, &ret->rows[ret->n])) return damaged();
        ret->n++;
    }
    return OK;
}

static str befores_out(arena *a, const befores *b)
{
    char hex[2 * KEY_BYTES + 1];
    buf out = buf_new(a, 256);
    for (size_t i = 0; i < b->n; i++) {
        sodium_bin2hex(hex, sizeof hex, b->rows[i].key, KEY_BYTES);
        buf_fmt(&out, "%s %lld\n", hex, (long long)b->rows[i].until_s);
    }
    sodium_memzero(hex, sizeof hex);
    return buf_str(&out);
}

static bool known(const befores *b, const uint8_t *key)
{
    for (size_t i = 0; i < b->n; i++)
        if (sodium_memcmp(b->rows[i].key, key, KEY_BYTES) == 0) return true;
    return false;
}

/* ---- packing ---- */

/* What rolled until now and is not in use any more has become one of before. */
static void retire(befores *b, const master_keys *was, const master_keys *now, int64_t at_s)
{
    for (size_t i = 0; i <= was->n_old; i++) {
        const uint8_t *key = i ? was->old[i - 1] : was->key;
        if (master_has(now, key) || known(b, key) || b->n == BEFORE_MAX) continue;
        memcpy(b->rows[b->n].key, key, KEY_BYTES);
        b->rows[b->n++].until_s = at_s;
        b->fresh = true;
    }
}

/* A key goes from the folder with the last backup that needs it. */
static void drop_unneeded(befores *b, int64_t oldest_s)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        if (b->rows[i].until_s > oldest_s) b->rows[n++] = b->rows[i];
    b->n = n;
}

/* Manifests are told apart from the change by their second. */
static int64_t second_after(int64_t newest_s, instant *made)
{
    while (made->us / US_PER_S <= newest_s) {
        usleep(US_PER_S / 20);
        *made = clock_now(&clock_system);
    }
    return made->us / US_PER_S;
}

static err before_of(str rolled, str fresh, int64_t newest_s, instant *made, befores *ret)
{
    str text;
    master_keys was = { 0 }, now = { 0 };
    TRY(entry(rolled, MASTERS_BEFORE, &text));
    TRY(befores_in(text, ret));
    TRY(entry(rolled, MASTER_FILE, &text));
    bool good = master_parse(text, &was);
    TRY(entry(fresh, MASTER_FILE, &text));
    good = master_parse(text, &now) && good;
    if (good) retire(ret, &was, &now, 0);
    int64_t at_s = ret->fresh ? second_after(newest_s, made) : 0;
    for (size_t i = 0; i < ret->n; i++)
        if (!ret->rows[i].until_s) ret->rows[i].until_s = at_s;
    sodium_memzero(&was, sizeof was);
    sodium_memzero(&now, sizeof now);
    return good ? OK : damaged();
}

err masters_before(arena *a, place *p, str fresh, instant *made, str *ret)
{
    str *names, rolled;
    size_t n;
    instant oldest, newest, rolled_at;
    befores b = { 0 };
    *ret = S("");
    TRY(place_manifests(p, a, &names, &n));
    if (!n) return OK;
    if (!place_name_time(names[0], &oldest) || !place_name_time(names[n - 1], &newest))
        return damaged();
    err e = place_rolling_get(p, a, "keys", (instant){ 0 }, &rolled_at, &rolled);
    if (!failed(e)) e = before_of(rolled, fresh, newest.us / US_PER_S, made, &b);
    if (failed(e)) return err_code_of(e) == E_IO ? e : OK; /* damaged: no reason to make none */
    drop_unneeded(&b, oldest.us / US_PER_S);
    *ret = befores_out(a, &b);
    sodium_memzero(&b, sizeof b);
    return OK;
}

/* ---- unpacking ---- */

static bool add_needed(const befores *b, int64_t of_s, master_keys *m)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->rows[i].until_s > of_s && !master_add_old(m, b->rows[i].key)) return false;
    return true;
}

err masters_needed(str text, str name, const char *keys_dir)
{
    char path[4600];
    instant of;
    befores b = { 0 };
    master_keys m = { 0 };
    if (!text.n) return OK;
    if (!place_name_time(name, &of)) return damaged();
    TRY(befores_in(text, &b));
    snprintf(path, sizeof path, "%s/" MASTER_FILE, keys_dir);
    TRY(master_read(path, &m));
    size_t had = m.n_old;
    err e = add_needed(&b, of.us / US_PER_S, &m) ? OK : damaged();
    if (!failed(e) && m.n_old > had) e = master_write(keys_dir, MASTER_FILE, &m);
    sodium_memzero(&m, sizeof m);
    sodium_memzero(&b, sizeof b);
    return e;
}
