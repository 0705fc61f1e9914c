/* channel.c - see channel.h. */
#include "common/outbox/channel.h"
#include "access/seal.h"
#include "access/site.h"
#include "base/time.h"
#include "common/outbox/delivery.h"
#include "gen/records/organisation.h"
#include "ledger/ledger.h"
#include "net/fetch.h"
#include "store/store.h"
#include <sodium.h>

enum { SECRET_BYTES = 32, VARIANT = sodium_base64_VARIANT_ORIGINAL, SECRETS_MAX = 8192 };

bool channel_is_machine(str channel)
{
    return str_eq(channel, S("webhook")) || str_eq(channel, S("mattermost")) ||
           str_eq(channel, S("matrix"));
}

bool channel_is_post(str channel)
{
    return channel_is_machine(channel) || str_eq(channel, S("sms"));
}

/* ---- finding ---- */

static err find_one(struct txn *t, arena *a, const channel_find_args *q, channel_find_row **ret)
{
    size_t n;
    TRY(channel_find(t, q, a, ret, &n));
    return n ? OK : ERR(E_ABSENT, "error.api.absent");
}

err channel_of(struct txn *t, arena *a, int64_t org, str kind, channel_find_row **ret)
{
    return find_one(t, a, &(channel_find_args){ .org = org, .has_org = true, .kind = kind }, ret);
}

err channel_by_id(struct txn *t, arena *a, id128 id, channel_find_row **ret)
{
    if (id_is_zero(id)) return ERR(E_ABSENT, "error.api.absent"); /* would ask for any */
    return find_one(t, a, &(channel_find_args){ .id = id }, ret);
}

/* ---- sealing ---- */

static str place_of(arena *a, id128 id)
{
    return str_cat(a, S("channel.sealed "), id_text(a, id));
}

static str secrets_json(arena *a, const channel_secrets *s)
{
    jsonw j = jsonw_new(a, SECRETS_MAX);
    jw_obj(&j);
    jw_kstr(&j, "url", s->url);
    jw_kstr(&j, "secret", s->secret);
    jw_kstr(&j, "before", s->before);
    jw_kstr(&j, "room", s->room);
    jw_kstr(&j, "token", s->token);
    jw_end_obj(&j);
    return jsonw_done(&j);
}

typedef struct {
    str wrapped, sealed;
} sealed_pair;

static err seal(arena *a, id128 id, const channel_secrets *s, sealed_pair *ret)
{
    uint8_t key[SEAL_KEY], *wrapped = arena_alloc(a, SEAL_WRAPPED);
    TRY(seal_key_make(S("channel"), key, wrapped));
    ret->wrapped = (str){ (const char *)wrapped, SEAL_WRAPPED };
    ret->sealed = seal_bytes(a, key, place_of(a, id), secrets_json(a, s));
    sodium_memzero(key, sizeof key);
    return OK;
}

err channel_open(arena *a, const channel_find_row *c, channel_secrets *ret)
{
    uint8_t key[SEAL_KEY];
    const json *j;
    str plain;
    TRY(seal_key_open(S("channel"), c->wrapped, key));
    bool good = seal_open_bytes(a, key, place_of(a, c->id), c->sealed, &plain);
    sodium_memzero(key, sizeof key);
    if (!good) return ERR(E_INVALID, "error.channel.sealed");
    TRY(json_parse(a, plain, NULL, &j));
    *ret = (channel_secrets){ .url = json_get_text(j, S("url")),
        .secret = json_get_text(j, S("secret")),
        .before = json_get_text(j, S("before")),
        .room = json_get_text(j, S("room")),
        .token = json_get_text(j, S("token")) };
    return OK;
}

/* ---- what may be an address ---- */

static err needs(str value, const char *pointer)
{
    if (value.n) return OK;
    return err_at_pointer(ERR(E_INVALID, "error.channel.needs"), str_of(pointer));
}

/* "!room:server", or "!room" alone as newer rooms are called: nothing else stands for one. */
static err room_check(str room)
{
    TRY(needs(room, "/room"));
    if (room.n > 1 && room.p[0] == '!') return OK;
    return err_at_pointer(ERR(E_INVALID, "error.channel.room"), S("/room"));
}

static err token_check(str token)
{
    TRY(needs(token, "/token"));
    for (size_t i = 0; i < token.n; i++)
        if (token.p[i] <= ' ' || token.p[i] > '~')
            return err_at_pointer(ERR(E_INVALID, "error.channel.token"), S("/token"));
    return OK;
}

err channel_check(arena *a, str kind, const channel_secrets *s, bool http, str *ret_shown)
{
    web_url w = { 0 };
    if (str_eq(kind, S("sms"))) {
        *ret_shown = S("");
        return OK;
    }
    TRY(needs(s->url, "/url"));
    fetch_job job = {
        .endpoint = ENDPOINT_NAMED, .url = s->url, .method = FETCH_POST, .max_bytes = 1
    };
    TRY(fetch_job_check(&job));
    TRY(err_at_pointer(web_url_parse(a, s->url, NULL, &w), S("/url")));
    if (!w.https && !http)
        return err_at_pointer(ERR1(E_INVALID, "error.channel.https", w.host), S("/url"));
    if (str_eq(kind, S("matrix"))) {
        TRY(room_check(s->room));
        TRY(token_check(s->token));
    }
    *ret_shown = w.origin;
    return OK;
}

/* ---- setting up ---- */

str channel_secret_new(arena *a)
{
    uint8_t bytes[SECRET_BYTES];
    char text[sodium_base64_ENCODED_LEN(SECRET_BYTES, VARIANT)];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(text, sizeof text, bytes, sizeof bytes, VARIANT);
    sodium_memzero(bytes, sizeof bytes);
    return str_fmt(a, "whsec_%s", text);
}

err channel_put(struct txn *t, int64_t org, str kind, str shown, const channel_secrets *s,
        int64_t author, id128 *ret_id, int64_t *ret_version)
{
    arena *a = txn_arena(t);
    channel_find_row *c;
    sealed_pair p;
    instant now = txn_now(t);
    err e = channel_of(t, a, org, kind, &c);
    bool none = err_code_of(e) == E_ABSENT;
    if (failed(e) && !none) return e;
    *ret_id = none ? id_new() : c->id;
    *ret_version = none ? 1 : c->version + 2;
    TRY(seal(a, *ret_id, s, &p));
    channel_add_args add = { .id = *ret_id,
        .org = org,
        .kind = kind,
        .shown = shown,
        .wrapped = p.wrapped,
        .sealed = p.sealed,
        .now = now,
        .author = author };
    if (none) return channel_add(t, &add, NULL);
    seal_key_drop(c->wrapped);
    channel_seal_args set = {
        .row = c->row, .shown = shown, .wrapped = p.wrapped, .sealed = p.sealed, .now = now
    };
    TRY(channel_seal(t, &set, NULL));
    channel_switch_args on = {
        .row = c->row, .state = S("on"), .why = S(""), .told = true, .now = now
    };
    return channel_switch(t, &on, NULL);
}

err channel_renew(struct txn *t, const channel_find_row *c, str *ret_secret)
{
    arena *a = txn_arena(t);
    channel_secrets s;
    sealed_pair p;
    instant now = txn_now(t);
    TRY(channel_open(a, c, &s));
    s.before = s.secret;
    s.secret = channel_secret_new(a);
    TRY(seal(a, c->id, &s, &p));
    seal_key_drop(c->wrapped);
    *ret_secret = s.secret;
    channel_seal_args set = { .row = c->row,
        .shown = c->shown,
        .wrapped = p.wrapped,
        .sealed = p.sealed,
        .now = now,
        .before_until = { now.us + CHANNEL_BOTH_S * US_PER_S } };
    return channel_seal(t, &set, NULL);
}

/* ---- how it fares ---- */

static err turn_off(struct txn *t, const channel_find_row *c, str why)
{
    viewer sys;
    const organisation_handle *o;
    int64_t audience, site;
    channel_switch_args off = {
        .row = c->row, .state = S("off"), .why = why, .told = false, .now = txn_now(t)
    };
    TRY(channel_switch(t, &off, NULL));
    TRY(viewer_system(t, &sys));
    TRY(organisation_read_row(t, &sys, c->org, &o));
    TRY(site_audience_strict(t, o->now.grp, &audience));
    TRY(site_org_row(t, &site));
    return ledger_append(t, &(ledger_draft){ .type = LEDGER_channel_ended,
                                    .kind = S("channel"),
                                    .subject = c->id,
                                    .version = c->version + 1,
                                    .audience = audience,
                                    .owner = site });
}

static err fared_badly(struct txn *t, const channel_find_row *c, const channel_answer *x)
{
    instant now = txn_now(t), since = c->failing.us ? c->failing : now;
    channel_bad_args bad = { .row = c->row,
        .since = since,
        .words = delivery_cut(x->words, DELIVERY_WORDS_BYTES),
        .next_at = x->next_at.us > c->next_at.us ? x->next_at : c->next_at };
    bool over = now.us - since.us >= x->off_after_us;
    if (!str_eq(c->state, S("on"))) over = false;
    if (x->gone && str_eq(c->state, S("on"))) TRY(turn_off(t, c, S("gone")));
    if (!x->gone && over) TRY(turn_off(t, c, S("failing")));
    return channel_bad(t, &bad, NULL);
}

err channel_fared(struct txn *t, int64_t row, const channel_answer *x)
{
    channel_find_row *c;
    err e = find_one(t, txn_arena(t), &(channel_find_args){ .row = row, .has_row = true }, &c);
    if (err_code_of(e) == E_ABSENT) return OK; /* removed meanwhile */
    TRY(e);
    if (!x->good) return fared_badly(t, c, x);
    return channel_good(t, &(channel_good_args){ .row = row, .now = txn_now(t) }, NULL);
}
