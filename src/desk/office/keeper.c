/* keeper.c - see keeper.h. Owns its beat. */
#include "desk/office/keeper.h"
#include "api/app.h"
#include "base/beat.h"
#include "base/log.h"
#include "common/files/files.h"
#include "common/mailkey/site_act.h"
#include "common/notify/notify.h"
#include "common/retention/retention.h"
#include "desk/office/action.h"
#include "desk/office/channel_turn.h"
#include "desk/office/contact.h"
#include "desk/office/delegation.h"
#include "desk/office/glass.h"
#include "desk/office/leave.h"
#include "desk/office/mail_key.h"
#include "desk/office/recert.h"
#include "desk/office/role_end.h"
#include "store/store.h"
#include <stdlib.h>

enum { EVERY_S = 1 };
struct office_keeper {
    struct app *app;
    realm *realm;
    beat *beat;
};

static err turn_apply(txn *t, void *ctx)
{
    office_keeper *k = ctx;
    const teller x = { t, k->app, k->realm, txn_arena(t) };
    TRY(leave_turn(&x));
    TRY(glass_turn(&x));
    TRY(delegation_turn(&x));
    TRY(recert_turn(&x));
    TRY(contact_turn(&x));
    TRY(action_turn(&x));
    TRY(channel_turn(&x));
    TRY(mail_key_turn(&x));
    TRY(role_turn(&x));
    return notify_turn(t, k->realm, app_public_url(k->app));
}

static err look(office_keeper *k, bool *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    TRY(txn_read(k->realm->store, 0, &t));
    TRY(leave_turn_wanted(t, ret));
    if (!*ret) TRY(glass_turn_wanted(t, ret));
    if (!*ret) TRY(delegation_turn_wanted(t, ret));
    if (!*ret) TRY(recert_turn_wanted(t, k->app, ret));
    if (!*ret) TRY(contact_turn_wanted(t, k->app, ret));
    if (!*ret) TRY(action_turn_wanted(t, ret));
    if (!*ret) TRY(channel_turn_wanted(t, ret));
    if (!*ret) TRY(mail_key_turn_wanted(t, ret));
    if (!*ret) TRY(role_turn_wanted(t, k->app, ret));
    return *ret ? OK : notify_turn_wanted(t, ret);
}

static err sweep_files(office_keeper *k)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    vault_place place;
    TRY(vault_of_realm(a, k->app->data_dir, k->realm->name, &place));
    return files_sweep(k->realm->store, &place);
}

/* ---- what commands did to the site's keys for mail ---- */

typedef struct {
    office_keeper *k;
    str name[SITE_ACTS_AT_ONCE];
    size_t n;
} entering;

static err enter_apply(txn *t, void *ctx)
{
    entering *x = ctx;
    for (size_t i = 0; i < x->n; i++)
        TRY(site_act_enter(t, x->k->realm, x->k->app->data_dir, x->name[i]));
    return OK;
}

static err enter_acts(office_keeper *k)
{
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    entering x = { .k = k };
    if (k->realm != realms_live(k->app->realms)) return OK;
    x.n = site_act_list(a, k->app->data_dir, x.name);
    if (!x.n) return OK;
    TRY(store_write(k->realm->store, enter_apply, &x));
    for (size_t i = 0; i < x.n; i++)
        site_act_forget(k->app->data_dir, x.name[i]);
    return OK;
}

static err turn(office_keeper *k)
{
    bool wanted = false;
    err e = sweep_files(k);
    if (failed(e)) log_err("office.files", e); /* and the rest of the turn goes on */
    TRY(retention_turn(k->realm, k->app->conf));
    TRY(enter_acts(k));
    TRY(look(k, &wanted));
    return wanted ? store_write(k->realm->store, turn_apply, k) : OK;
}

static int take_turn(void *ctx)
{
    err e = turn(ctx);
    if (failed(e) && err_code_of(e) != E_BUSY) log_err("office.turn", e);
    return EVERY_S;
}

err office_keeper_start(struct app *a, realm *r, office_keeper **ret)
{
    office_keeper *k = calloc(1, sizeof *k);
    ASSERT(k);
    k->app = a;
    k->realm = r;
    err e = beat_start(take_turn, k, S("office"), &k->beat);
    if (failed(e))
        free(k);
    else
        *ret = k;
    return e;
}

void office_keeper_stop(office_keeper *k)
{
    if (!k) return;
    beat_stop(k->beat);
    free(k);
}
