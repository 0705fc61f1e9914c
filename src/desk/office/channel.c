/* channel.c - routes of an organisation's channels: its webhook, its rooms of Mattermost or Matrix,
 * text messages to its people. Listed with how they fare, previewed, set up, tested, turned on and
 * off, removed. Secrets are in the answer that made them and nowhere else. Decision 43. */
#include "common/outbox/channel.h"
#include "access/model.h"
#include "api/app.h"
#include "common/outbox/outbox.h"
#include "common/outbox/post_words.h"
#include "desk/office/organisation.h"
#include "desk/office/tell.h"
#include "gen/desk/office/queries.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

/* ---- whose ---- */

/* Who may not know of an organisation's channels hears what is not there. */
static err find_org(call *c, bool told, const organisation_handle **ret)
{
    organisation_id id;
    TRY(organisation_of_path(c, &id.id));
    TRY(organisation_read(c->t, &c->viewer, id, ret));
    bool may = permit_channel(&c->viewer, (*ret)->row, told);
    return may ? OK : ERR(E_ABSENT, "error.api.absent");
}

static err find(call *c, channel_find_row **ret)
{
    id128 id;
    TRY(call_id(c, &id));
    TRY(channel_by_id(c->t, c->a, id, ret));
    bool may = permit_channel(&c->viewer, (*ret)->org, false);
    return may ? OK : ERR(E_ABSENT, "error.api.absent");
}

static err tell(call *c, ledger_type type, id128 id, int64_t org)
{
    return tell_entry(
            c->t, c->realm, &(told_entry){ type, S("channel"), id, org, c->viewer.person, { 0 } });
}

/* ---- reading ---- */

static void put_words(jsonw *w, const char *name, str s)
{
    jw_key(w, str_of(name));
    if (s.n)
        jw_str(w, s);
    else
        jw_null(w);
}

static void put_test(jsonw *w, const channel_find_row *r)
{
    if (!r->test.n) return;
    jw_kstr(w, "test", r->test);
    put_words(w, "test_words", r->test_words);
}

static err put(call *c, const channel_find_row *r)
{
    jsonw *w = &c->out;
    channel_counts_row *n;
    channel_counts_args q = { .org = r->org, .kind = r->kind };
    bool two = r->before_until.us > txn_now(c->t).us;
    TRY(channel_counts(c->t, &q, c->a, &n));
    jw_obj(w);
    jw_kid(w, "id", r->id);
    jw_kstr(w, "kind", r->kind);
    jw_kstr(w, "address", r->shown);
    jw_kstr(w, "state", r->state);
    if (r->why.n) jw_kstr(w, "why", r->why);
    jw_ktime(w, "two_until", two ? r->before_until : (instant){ 0 });
    jw_ktime(w, "failing", r->failing);
    jw_ktime(w, "good", r->good);
    put_words(w, "last_error", r->last_error);
    put_test(w, r);
    jw_ki64(w, "failed", n->failed);
    jw_ki64(w, "waiting", n->waiting);
    jw_ktime(w, "created", r->created);
    jw_end_obj(w);
    return OK;
}

err h_channel_list(call *c)
{
    const organisation_handle *o;
    channel_find_row *rows;
    size_t n;
    TRY(find_org(c, true, &o));
    channel_find_args q = { .org = o->row, .has_org = true };
    TRY(channel_find(c->t, &q, c->a, &rows, &n));
    jw_obj(&c->out);
    organisation_ref_put(&c->out, o);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        TRY(put(c, &rows[i]));
    jw_end_arr(&c->out);
    jw_kbool(&c->out, "may", permit_channel(&c->viewer, o->row, false));
    jw_kbool(&c->out, "sms", conf_str(c->app->conf, "sms.url").n > 0);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- what would leave ---- */

static err facts_shown(call *c, const organisation_handle *o, post_facts *ret)
{
    const struct channel_query *q = c->query;
    int label = LABEL_STRICT;
    if (q->has_tlp) TRY(err_at_pointer(tlp_parse(q->tlp, &label), S("/tlp")));
    *ret = post_facts_shown(c->a, o->now.key, o->now.name, label, txn_now(c->t));
    ret->base = c->app->public_url;
    ret->site[LANG_EN] = conf_str(c->app->conf, "site.name_en");
    ret->site[LANG_UR] = conf_str(c->app->conf, "site.name_ur");
    return OK;
}

static str body_of(call *c, str kind, lang l, const post_facts *f)
{
    if (str_eq(kind, S("webhook"))) return post_event(c->a, f);
    if (str_eq(kind, S("mattermost"))) return post_mattermost(c->a, l, f);
    return str_eq(kind, S("matrix")) ? post_matrix(c->a, l, f) : post_line(c->a, l, f);
}

static void put_headers(jsonw *w, str kind)
{
    static const char *const signed_by[] = { "content-type: application/cloudevents+json",
        "webhook-id: …", "webhook-timestamp: …", "webhook-signature: v1,…" };
    jw_key(w, S("headers"));
    jw_arr(w);
    if (str_eq(kind, S("webhook")))
        for (size_t i = 0; i < ARRAY_LEN(signed_by); i++)
            jw_str(w, str_of(signed_by[i]));
    else if (channel_is_machine(kind))
        jw_str(w, S("content-type: application/json"));
    if (str_eq(kind, S("matrix"))) jw_str(w, S("authorization: Bearer …"));
    jw_end_arr(w);
}

err h_channel_preview(call *c)
{
    const struct channel_query *q = c->query;
    const organisation_handle *o;
    post_facts f;
    bool gsm;
    lang l;
    TRY(find_org(c, false, &o));
    TRY(facts_shown(c, o, &f));
    if (!lang_parse(o->now.lang, &l)) l = LANG_EN;
    str body = body_of(c, q->kind, l, &f);
    jw_obj(&c->out);
    put_headers(&c->out, q->kind);
    jw_kstr(&c->out, "body", body);
    if (str_eq(q->kind, S("sms"))) jw_ki64(&c->out, "parts", sms_parts(body, &gsm));
    jw_end_obj(&c->out);
    return OK;
}

/* ---- writing ---- */

static void put_made(call *c, id128 id, int64_t version, str secret)
{
    jw_obj(&c->out);
    jw_kid(&c->out, "id", id);
    jw_ki64(&c->out, "version", version);
    if (secret.n) jw_kstr(&c->out, "secret", secret);
    jw_end_obj(&c->out);
}

static err no_gateway(const call *c, str kind)
{
    bool none = str_eq(kind, S("sms")) && !conf_str(c->app->conf, "sms.url").n;
    return none ? err_at_pointer(ERR(E_INVALID, "error.channel.no_gateway"), S("/kind")) : OK;
}

err h_channel_set(call *c)
{
    const struct channel_draft *b = c->req;
    const organisation_handle *o;
    str shown;
    id128 id;
    int64_t version;
    TRY(find_org(c, false, &o));
    TRY(no_gateway(c, b->kind));
    channel_secrets s = { .url = b->has_url ? b->url : S(""),
        .room = b->has_room ? b->room : S(""),
        .token = b->has_token ? b->token : S("") };
    if (str_eq(b->kind, S("webhook"))) s.secret = channel_secret_new(c->a);
    TRY(channel_check(c->a, b->kind, &s, conf_bool(c->app->conf, "channel.http"), &shown));
    TRY(channel_put(c->t, o->row, b->kind, shown, &s, c->viewer.person, &id, &version));
    TRY(tell(c, LEDGER_channel_set, id, o->row));
    put_made(c, id, version, s.secret);
    return OK;
}

err h_channel_change(call *c)
{
    const struct channel_change *b = c->req;
    channel_find_row *r;
    TRY(find(c, &r));
    call_put_empty(c);
    if (str_eq(r->state, b->state)) return OK;
    bool on = str_eq(b->state, S("on"));
    channel_switch_args set = { .row = r->row,
        .state = b->state,
        .why = on ? S("") : S("person"),
        .told = true,
        .now = txn_now(c->t) };
    TRY(channel_switch(c->t, &set, NULL));
    return tell(c, LEDGER_channel_changed, r->id, r->org);
}

err h_channel_secret(call *c)
{
    channel_find_row *r;
    str secret;
    TRY(find(c, &r));
    if (!str_eq(r->kind, S("webhook"))) return ERR(E_CONFLICT, "error.channel.no_secret");
    TRY(channel_renew(c->t, r, &secret));
    TRY(tell(c, LEDGER_channel_secret, r->id, r->org));
    put_made(c, r->id, r->version + 1, secret);
    return OK;
}

err h_channel_test(call *c)
{
    channel_find_row *r;
    TRY(find(c, &r));
    if (c->realm->kind != REALM_LIVE) return ERR(E_CONFLICT, "error.channel.exercise");
    if (!channel_is_machine(r->kind)) return ERR(E_CONFLICT, "error.channel.no_test");
    call_put_empty(c);
    if (str_eq(r->test, S("asked")) || str_eq(r->test, S("sending"))) return OK;
    channel_test_set_args set = { .row = r->row, .test = S("asked"), .at = txn_now(c->t) };
    return channel_test_set(c->t, &set, NULL);
}

err h_channel_remove(call *c)
{
    channel_find_row *r;
    TRY(find(c, &r));
    TRY(channel_drop(c->t, &(channel_drop_args){ .row = r->row }, NULL));
    TRY(tell(c, LEDGER_channel_removed, r->id, r->org));
    call_put_empty(c);
    return OK;
}
