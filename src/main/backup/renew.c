/* renew.c - `minar keys renew`: a new master key. The new one is made beside the one of before,
 * every key that the old one wraps is wrapped anew, in all realms, that is looked at once more, and
 * then the old one is destroyed. While no server runs; cut off anywhere, the folder opens with both
 * keys, and the same command goes on. See backup.h. */
#include "access/realm.h"
#include "access/rewrap.h"
#include "base/json.h"
#include "base/time.h"
#include "ledger/ledger.h"
#include "main/backup/backup.h"
#include "main/program.h"
#include "proc/keys.h"
#include "store/store.h"

#include <stdio.h>
#include <unistd.h>

enum { SHOW_MS = 500, SECOND_MS = 1000 };

typedef struct {
    const command_line *l;
    arena *a;
    program *p;
    keyring *ring;
    const char *folder; /* DATA/keys */
    bool goes_on;       /* an earlier run was cut off */
    int64_t total, seen, before, begun_us, pass_us, shown_us;
} renewing;

/* ---- the ledger's word on it ---- */

static err say(renewing *k, ledger_type type)
{
    jsonw w = jsonw_new(k->a, 128);
    jw_obj(&w);
    jw_ki64(&w, "keys", type == LEDGER_key_renewed ? k->seen : k->total);
    if (k->goes_on) jw_kbool(&w, "goes_on", true);
    jw_end_obj(&w);
    return keys_say(k->p, type, jsonw_done(&w));
}

/* ---- one realm after the other ---- */

static void show(renewing *k)
{
    int64_t now = monotonic_us(), ms = (now - k->pass_us) / US_PER_MS + 1;
    if (!isatty(2) || k->l->json || now - k->shown_us < SHOW_MS * US_PER_MS) return;
    k->shown_us = now;
    int64_t left = k->total > k->seen ? k->total - k->seen : 0;
    fprintf(stderr, "\r%lld / %lld, %lld/s, %lld s   ", (long long)k->seen, (long long)k->total,
            (long long)(k->seen * SECOND_MS / ms),
            (long long)(k->seen ? left * ms / k->seen / SECOND_MS : 0));
}

typedef struct {
    renewing *k;
    rewrap_at at;
    bool more;
} slicing;

static err slice_apply(txn *t, void *ctx)
{
    slicing *s = ctx;
    return rewrap_slice(t, s->k->ring, &s->at, &s->more);
}

static err slice_look(realm *r, slicing *s)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    TRY(txn_read(r->store, 0, &t));
    return slice_apply(t, s);
}

static err realm_through(renewing *k, realm *r, bool write)
{
    slicing s = { .k = k, .more = true };
    int64_t seen = k->seen;
    while (s.more) {
        if (asked_to_stop) return ERR(E_BUSY, "error.keys.renew_stopped");
        TRY(write ? store_write(r->store, slice_apply, &s) : slice_look(r, &s));
        k->seen = seen + s.at.seen;
        show(k);
    }
    k->before += s.at.before;
    return OK;
}

/* Counts anew what is seen, and what was under a key of before. */
static err all_through(renewing *k, bool write)
{
    k->seen = k->before = 0;
    k->pass_us = monotonic_us();
    for (size_t i = 0; i < realms_count(k->p->app.realms); i++)
        if (realms_at(k->p->app.realms, i))
            TRY(realm_through(k, realms_at(k->p->app.realms, i), write));
    if (isatty(2) && !k->l->json && k->shown_us) fprintf(stderr, "\r%50s\r", "");
    return OK;
}

static err count_all(renewing *k)
{
    for (size_t i = 0; i < realms_count(k->p->app.realms); i++) {
        CLEANUP(txn_end_p) txn *t = NULL;
        int64_t n;
        if (!realms_at(k->p->app.realms, i)) continue;
        TRY(txn_read(realms_at(k->p->app.realms, i)->store, 0, &t));
        TRY(rewrap_count(t, &n));
        k->total += n;
    }
    return OK;
}

/* ---- the whole ---- */

static void told(renewing *k, bool done, int64_t changed)
{
    int64_t took = (monotonic_us() - k->begun_us) / US_PER_MS;
    str total = str_fmt(k->a, "%lld", (long long)k->total),
        anew = str_fmt(k->a, "%lld", (long long)changed);
    if (!k->l->json) {
        tell(k->l, done ? "keys.renewed" : "keys.would_renew", total, anew, time_words(k->a, took));
        if (done) tell(k->l, "keys.renewed_next", S(""), S(""), S(""));
        return;
    }
    jsonw w = jsonw_new(k->a, 256);
    jw_obj(&w);
    jw_kbool(&w, "done", done);
    jw_kbool(&w, "goes_on", k->goes_on);
    jw_ki64(&w, "keys", k->total);
    jw_ki64(&w, "wrapped_anew", changed);
    jw_ki64(&w, "took_ms", took);
    jw_end_obj(&w);
    str s = jsonw_done(&w);
    printf("%.*s\n", STR_ARG(s));
}

/* The key of before goes when a second look has found nothing under it, and what was written is
 * durable: store_write has waited for that. */
static err wrap_all(renewing *k, int64_t *ret_changed)
{
    TRY(all_through(k, true));
    *ret_changed = k->before;
    TRY(all_through(k, false));
    if (k->before) return ERR(E_BUG, "error.keys.renew_left");
    TRY(say(k, LEDGER_key_renewed));
    return keyring_forget_old(k->ring, k->folder);
}

static err renew_open(renewing *k, bool dry)
{
    int64_t changed = 0;
    k->ring = keys_ring(k->p->keys);
    k->folder = str_z(k->a, str_fmt(k->a, "%s/keys", k->l->data_dir));
    k->goes_on = keyring_old(k->ring) > 0;
    TRY(count_all(k));
    if (dry) {
        told(k, false, 0);
        return OK;
    }
    if (k->goes_on)
        tell(k->l, "keys.renew_goes_on", S(""), S(""), S(""));
    else
        TRY(keyring_renew(k->ring, k->folder));
    TRY(say(k, LEDGER_key_renewal_begun));
    TRY(wrap_all(k, &changed));
    told(k, true, changed);
    return OK;
}

err renew(const command_line *l, arena *a, bool dry)
{
    renewing k = { .l = l, .a = a, .begun_us = monotonic_us() };
    TRY(keys_open_alone(l, NULL, &k.p));
    stop_on_signal();
    err e = renew_open(&k, dry);
    program_close(k.p);
    return e;
}
