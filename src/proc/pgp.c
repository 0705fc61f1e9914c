/* pgp.c - see pgp.h. */
#include "proc/pgp.h"

#include <time.h>

#include "proc/keys_in.h"

enum { CHUNK = 48 << 10, LOOK_MS = 3, WAIT_S = 40, RESULT_MAX = 4 << 20 };

static err refused(void)
{
    return ERR(E_BUSY, "error.pgp.failed");
}

static err ask(keys *k, keys_message kind, int64_t purpose, str bytes, keys_answer *ret)
{
    ret->n = 0;
    return keys_ask(k, kind, &(keys_question){ .purpose = purpose, .bytes = bytes }, ret);
}

/* The first one begins anew; a job that was given up may still be under way. */
static err give(keys *k, pgp_part part, bool anew, str bytes)
{
    keys_answer x;
    int64_t flag = anew ? PGP_ANEW : 0;
    do {
        str next = str_sub(bytes, 0, CHUNK);
        TRY(ask(k, KEYS_PGP_GIVE, part | flag, next, &x));
        if (!x.n) return anew ? refused() : ERR(E_TOO_LARGE, "error.message.size");
        bytes = str_sub(bytes, next.n, bytes.n);
        flag = 0;
    } while (bytes.n);
    return OK;
}

static err await(keys *k)
{
    keys_answer x;
    const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };
    for (int i = 0; i < WAIT_S * 1000 / LOOK_MS; i++) {
        TRY(ask(k, KEYS_PGP_ASK, 0, S(""), &x));
        if (x.n && x.p[0] == PGP_GOOD) return OK;
        if (!x.n || x.p[0] != PGP_RUNS) return refused();
        nanosleep(&pause, NULL);
    }
    return refused();
}

static err take(keys *k, arena *a, str *ret)
{
    keys_answer x;
    buf b = buf_new(a, 8192);
    do {
        TRY(ask(k, KEYS_PGP_TAKE, 0, S(""), &x));
        buf_put(&b, (str){ (const char *)x.p, x.n });
    } while (x.n && b.n < RESULT_MAX);
    *ret = buf_str(&b);
    return OK;
}

static err job(keys *k, arena *a, pgp_work work, str input, str key, str *ret)
{
    keys_answer x;
    TRY(give(k, PGP_INPUT, true, input));
    if (key.n) TRY(give(k, PGP_KEY, false, key));
    TRY(ask(k, KEYS_PGP_DO, work, S(""), &x));
    if (!x.n) return refused();
    TRY(await(k));
    return take(k, a, ret);
}

err keys_mail_job(keys *k, arena *a, pgp_work work, str input, str key, str *ret)
{
    ASSERT(k);
    if (!keys_pgp_hold(k)) return ERR(E_BUSY, "error.keys.absent");
    err e = job(k, a, work, input, key, ret);
    keys_pgp_release(k);
    return e;
}

err keys_mail_two(str both, str *ret_x, str *ret_y)
{
    fields f = { .rest = both };
    str x = field_str(&f, RESULT_MAX), y = field_str(&f, RESULT_MAX);
    if (!fields_end(&f)) return refused();
    *ret_x = x;
    *ret_y = y;
    return OK;
}

err pgp_site(struct keys *k, arena *a, str *ret_listing, str *ret_keys)
{
    str both;
    TRY(keys_mail_job(k, a, PGP_SITE, S(""), S(""), &both));
    return keys_mail_two(both, ret_listing, ret_keys);
}

err pgp_sign(struct keys *k, arena *a, str entity, str *ret)
{
    return keys_mail_job(k, a, PGP_SIGN, entity, S(""), ret);
}

err pgp_look(struct keys *k, arena *a, str key, str *ret_listing, str *ret_key)
{
    str both;
    TRY(keys_mail_job(k, a, PGP_LOOK, key, S(""), &both));
    return keys_mail_two(both, ret_listing, ret_key);
}

err pgp_encrypt(struct keys *k, arena *a, str entity, str key, str *ret)
{
    return keys_mail_job(k, a, PGP_ENCRYPT, entity, key, ret);
}
