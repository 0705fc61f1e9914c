/* bundle.c - routes of update bundles: one applied, and what stands of them. A bundle's signature
 * is asked before anything of it is looked at; its parts count from the commit that names them.
 * Pool. */
#include <fcntl.h>
#include <unistd.h>

#include "api/app.h"
#include "flow/reference.h"
#include "gen/routes_handlers.h"
#include "ledger/ledger.h"
#include "store/store.h"

enum { SETTLE_MS = 15000 }; /* beside a large set of indicators it takes longer */
#define AHEAD_US US_PER_DAY /* clocks of two machines */

typedef struct {
    call *c;
    int fd;
    bundle b;
    bool older; /* one that is older than what stands is wanted */
    id128 folder;
    str digest;
} applying;

/* ---- the ledger's word on it ---- */

static err say(txn *t, const applying *x)
{
    call *c = x->c;
    jsonw w = jsonw_new(c->a, 2048);
    jw_obj(&w);
    jw_kstr(&w, "digest", x->digest);
    jw_kstr(&w, "signer", minisig_id_text(c->a, x->b.signer));
    jw_ktime(&w, "made", x->b.made);
    bundle_parts_put(c->a, &w, &x->b);
    jw_end_obj(&w);
    return ledger_append(t, &(ledger_draft){ .type = LEDGER_bundle_applied,
                                    .kind = S("bundle"),
                                    .subject = x->folder,
                                    .owner = c->realm->site_org,
                                    .audience = LABEL_STRICT,
                                    .author = c->viewer.person,
                                    .more = jsonw_done(&w) });
}

/* ---- applying ---- */

static err not_older(txn *t, const applying *x)
{
    reference_state now;
    TRY(reference_read(t, x->c->a, &now));
    return x->older ? OK : reference_not_older(x->c->a, &now, &x->b);
}

static err open_signed(applying *x)
{
    call *c = x->c;
    minisig_public keys[BUNDLE_KEYS];
    size_t n;
    TRY(bundle_keys_parse(conf_str(c->app->conf, "bundle.keys"), keys, &n));
    TRY(bundle_open(c->a, x->fd, keys, n, &x->b));
    x->digest = bundle_hex(c->a, x->b.digest);
    instant now = clock_now(&clock_system);
    return x->b.made.us <= now.us + AHEAD_US
                   ? OK
                   : ERR2(E_INVALID, "error.bundle.future", instant_text(c->a, x->b.made),
                             instant_text(c->a, (instant){ now.us / US_PER_S * US_PER_S }));
}

static err commit(txn *t, void *ctx)
{
    applying *x = ctx;
    TRY(not_older(t, x));
    TRY(reference_put(t, &x->b, x->digest, x->folder, x->c->viewer.person));
    return say(t, x);
}

/* Within a turn: nobody else changes what stands meanwhile. */
static err apply(applying *x)
{
    call *c = x->c;
    TRY(not_older(c->t, x));
    call_release(c);
    TRY(reference_place(c->realm, c->app->data_dir, c->a, x->fd, &x->b, &x->folder));
    err e = store_write(c->realm->store, commit, x);
    reference_sweep(c->realm, c->app->data_dir); /* what was replaced, or what was not taken */
    return e;
}

static void put_applied(const applying *x)
{
    jsonw *w = &x->c->out;
    jw_obj(w);
    jw_kstr(w, "digest", x->digest);
    jw_kstr(w, "signer", minisig_id_text(x->c->a, x->b.signer));
    jw_ktime(w, "made", x->b.made);
    bundle_parts_put(x->c->a, w, &x->b);
    jw_kbool(w, "in_use", reference_await(x->c->realm, &x->b, x->folder, SETTLE_MS));
    jw_end_obj(w);
}

err h_bundle_apply(call *c)
{
    const struct bundle_query *q = c->query;
    applying x = { .c = c, .older = q->has_older && q->older };
    if (!c->spool || c->spool_bytes == 0) return ERR1(E_INVALID, "error.bundle.cut", S("-"));
    x.fd = open(c->spool, O_RDONLY | O_CLOEXEC);
    if (x.fd < 0) return err_errno("error.bundle.disk", S("spool"));
    err e = open_signed(&x);
    bool mine = !failed(e);
    if (mine) e = reference_turn();
    mine = mine && !failed(e);
    if (mine) e = apply(&x);
    if (mine) reference_turn_end();
    close(x.fd);
    TRY(e);
    put_applied(&x);
    return OK;
}

/* ---- what stands ---- */

static void put_row(call *c, const reference_row *r)
{
    jsonw *w = &c->out;
    int64_t days = (clock_now(&clock_system).us - r->part.date.us) / US_PER_DAY;
    jw_obj(w);
    bundle_part_members(c->a, w, &r->part);
    jw_ki64(w, "age_days", days > 0 ? days : 0);
    jw_kbool(w, "old", days > reference_old_days(r->part.kind));
    jw_kbool(w, "in_use", reference_in_use(c->realm, r));
    jw_kstr(w, "digest", r->digest);
    jw_ktime(w, "made", r->made);
    jw_ktime(w, "applied", r->applied);
    jw_end_obj(w);
}

static void put_keys(call *c)
{
    minisig_public keys[BUNDLE_KEYS];
    size_t n = 0;
    jsonw *w = &c->out;
    (void)failed(bundle_keys_parse(conf_str(c->app->conf, "bundle.keys"), keys, &n));
    jw_key(w, S("keys"));
    jw_arr(w);
    for (size_t i = 0; i < n; i++)
        jw_str(w, minisig_id_text(c->a, keys[i].id));
    jw_end_arr(w);
}

err h_bundle_list(call *c)
{
    reference_state now;
    TRY(reference_read(c->t, c->a, &now));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < now.n; i++)
        put_row(c, &now.row[i]);
    jw_end_arr(&c->out);
    put_keys(c);
    jw_end_obj(&c->out);
    return OK;
}
