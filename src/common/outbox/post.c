/* post.c - see post.h. */
#include "common/outbox/post.h"
#include "base/civil.h"
#include "base/texts.h"
#include "base/time.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "store/store.h"
#include <sodium.h>

enum { HEADERS = 3, SMS_PARTS_MAX = 4 };

/* ---- the request ---- */

static err webhook_job(arena *a, const channel_find_row *c, const channel_secrets *s,
        const post_facts *f, instant now, fetch_job *j)
{
    str *h = NEW_ARRAY(a, str, HEADERS), id = id_text(a, f->message), signatures;
    long long at = now.us / US_PER_S;
    str before = c->before_until.us > now.us ? s->before : S("");
    j->body = post_event(a, f);
    TRY(post_sign(a, s->secret, before, id, at, j->body, &signatures));
    h[0] = str_cat(a, S("webhook-id: "), id);
    h[1] = str_fmt(a, "webhook-timestamp: %lld", at);
    h[2] = str_cat(a, S("webhook-signature: "), signatures);
    j->headers = h;
    j->n_headers = HEADERS;
    j->content_type = S("application/cloudevents+json; charset=utf-8");
    return OK;
}

/* The same transaction id whenever it is sent: the homeserver shows it once (client-server API,
 * "Transaction identifiers"). */
static void matrix_job(
        arena *a, const channel_secrets *s, lang l, const post_facts *f, fetch_job *j)
{
    str *h = NEW_ARRAY(a, str, 1), id = id_text(a, f->message), base = s->url;
    buf b = buf_new(a, 512);
    if (str_ends(base, S("/"))) base = str_sub(base, 0, base.n - 1);
    buf_put(&b, base);
    buf_put(&b, S("/_matrix/client/v3/rooms/"));
    web_url_escape(&b, s->room);
    buf_put(&b, S("/send/m.room.message/"));
    buf_put(&b, id);
    h[0] = str_cat(a, S("Authorization: Bearer "), s->token);
    j->url = buf_str(&b);
    j->method = FETCH_PUT;
    j->body = post_matrix(a, l, f);
    j->headers = h;
    j->n_headers = 1;
}

err post_job(arena *a, const outbox_options *o, const channel_find_row *c, lang l,
        const post_facts *f, instant now, fetch_job *ret)
{
    channel_secrets s;
    post_facts all = *f;
    TRY(channel_open(a, c, &s));
    all.base = o->public_url;
    all.site[LANG_EN] = o->site_name_en;
    all.site[LANG_UR] = o->site_name_ur;
    fetch_job j = { .endpoint = ENDPOINT_NAMED,
        .url = s.url,
        .method = FETCH_POST,
        .content_type = S("application/json"),
        .max_bytes = POST_ANSWER_MAX,
        .deadline_ms = POST_DEADLINE_MS };
    if (str_eq(c->kind, S("webhook"))) TRY(webhook_job(a, c, &s, &all, now, &j));
    if (str_eq(c->kind, S("mattermost"))) j.body = post_mattermost(a, l, &all);
    if (str_eq(c->kind, S("matrix"))) matrix_job(a, &s, l, &all, &j);
    *ret = j;
    return fetch_job_check(ret);
}

/* ---- taking a delivery ---- */

static err begin(txn *t, const viewer *sys, const delivery_handle *h)
{
    delivery_draft d = h->now;
    d.state = S("sending");
    d.attempts++;
    d.next_at = (instant){ txn_now(t).us + SENDING_LEASE_S * US_PER_S };
    return delivery_save(t, sys, h, &d, LEDGER_NONE);
}

static err give_up(txn *t, const viewer *sys, const delivery_handle *d, const char *key)
{
    TRY(begin(t, sys, d));
    return delivery_record(
            t, sys, d->row, &(delivery_outcome){ .permanent = true, .words = T(LANG_EN, key) });
}

static err is_over(txn *t, const viewer *sys, const delivery_handle *d, bool *ret)
{
    const notice_handle *n;
    TRY(notice_read_row(t, sys, d->parent, &n));
    bool known = str_eq(n->now.state, S("acknowledged")) && !channel_is_machine(d->now.channel);
    *ret = known || str_eq(n->now.state, S("undone"));
    return OK;
}

static err write_sms(
        txn *t, const viewer *sys, const outbox_options *o, const delivery_handle *d, sending *s)
{
    const person_handle *p;
    post_facts f;
    str number;
    bool gsm;
    lang l;
    TRY(person_read_row(t, sys, d->now.person, &p));
    if (str_eq(p->now.state, S("disabled")) || p->sealed_lost ||
            !sms_number(s->a, p->now.phone, &number))
        return ERR(E_INVALID, "error.sms.number");
    if (!lang_parse(p->now.lang, &l)) l = LANG_EN;
    TRY(post_facts_read(t, sys, s->a, d->parent, d->id.id, &f));
    f.base = o->public_url;
    f.site[LANG_EN] = o->site_name_en;
    f.site[LANG_UR] = o->site_name_ur;
    str text = post_line(s->a, l, &f);
    if (sms_parts(text, &gsm) > SMS_PARTS_MAX) return ERR(E_TOO_LARGE, "error.sms.long");
    s->post = sms_job(s->a, &o->sms, number, text);
    s->post.deadline_ms = POST_DEADLINE_MS;
    return fetch_job_check(&s->post);
}

static err write_post(txn *t, const viewer *sys, const outbox_options *o, const delivery_handle *d,
        const channel_find_row *c, sending *s)
{
    post_facts f;
    lang l;
    if (!c) return write_sms(t, sys, o, d, s);
    if (!lang_parse(d->now.lang, &l)) l = LANG_EN;
    TRY(post_facts_read(t, sys, s->a, d->parent, d->id.id, &f));
    return post_job(s->a, o, c, l, &f, txn_now(t), &s->post);
}

/* What cannot be written fails at once, in words. */
static err never(txn *t, const viewer *sys, int64_t row, err why)
{
    err_code code = err_code_of(why);
    if (code != E_INVALID && code != E_TOO_LARGE) return why;
    str words = fault_text(txn_arena(t), LANG_EN, why.f);
    return delivery_record(t, sys, row, &(delivery_outcome){ .permanent = true, .words = words });
}

static err take(txn *t, const viewer *sys, const outbox_options *o, const delivery_handle *d,
        const channel_find_row *c, sending **ret)
{
    TRY(begin(t, sys, d));
    sending *s = sending_new(SENDING_POST, d->row);
    s->channel = c ? c->row : 0;
    err e = write_post(t, sys, o, d, c, s);
    if (!failed(e)) {
        *ret = s;
        return OK;
    }
    e = never(t, sys, d->row, e);
    sending_free(s);
    return e;
}

err sending_of_post(txn *t, const viewer *sys, const outbox_options *o, int64_t row, sending **ret)
{
    const delivery_handle *d;
    channel_find_row *c = NULL;
    bool over;
    *ret = NULL;
    TRY(delivery_hold_row(t, sys, row, &d));
    TRY(is_over(t, sys, d, &over));
    if (over) return delivery_move(t, sys, d, S("undone"), LEDGER_delivery_changed);
    err e = channel_of(t, txn_arena(t), d->now.org, d->now.channel, &c);
    if (err_code_of(e) == E_ABSENT) return give_up(t, sys, d, TK("channel.removed"));
    TRY(e);
    if (!str_eq(c->state, S("on"))) return give_up(t, sys, d, TK("channel.is_off"));
    bool sms = str_eq(d->now.channel, S("sms"));
    if (sms && !o->sms.url.n) return give_up(t, sys, d, TK("channel.no_gateway"));
    return take(t, sys, o, d, sms ? NULL : c, ret);
}

/* ---- a test ---- */

static err write_test(
        txn *t, const viewer *sys, const outbox_options *o, const channel_find_row *c, sending *s)
{
    const organisation_handle *org;
    lang l;
    TRY(organisation_read_row(t, sys, c->org, &org));
    if (!lang_parse(org->now.lang, &l)) l = LANG_EN;
    post_facts f = post_facts_test(org->now.key, org->now.name, id_new(), txn_now(t));
    return post_job(s->a, o, c, l, &f, txn_now(t), &s->post);
}

err sending_of_test(txn *t, const viewer *sys, const outbox_options *o, int64_t row, sending **ret)
{
    channel_find_row *c;
    size_t n;
    instant lease = { txn_now(t).us + SENDING_LEASE_S * US_PER_S };
    channel_test_set_args under_way = { .row = row, .test = S("sending"), .at = lease };
    *ret = NULL;
    TRY(channel_find(t, &(channel_find_args){ .row = row, .has_row = true }, txn_arena(t), &c, &n));
    if (!n) return OK;
    sending *s = sending_new(SENDING_TEST, row);
    s->channel = row;
    err e = write_test(t, sys, o, c, s);
    if (!failed(e)) e = channel_test_set(t, &under_way, NULL);
    if (!failed(e)) {
        *ret = s;
        return OK;
    }
    sending_free(s);
    channel_test_set_args bad = { .row = row,
        .test = S("bad"),
        .at = txn_now(t),
        .words = fault_text(txn_arena(t), LANG_EN, e.f) };
    return err_code_of(e) == E_BUSY ? e : channel_test_set(t, &bad, NULL);
}

/* ---- the answer ---- */

int64_t post_wait_us(int64_t attempts)
{
    static const int64_t s[] = { 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400 };
    size_t i = attempts < 1 ? 0 : (size_t)attempts - 1;
    if (i >= ARRAY_LEN(s)) i = ARRAY_LEN(s) - 1;
    uint32_t fifth = (uint32_t)(s[i] * 1000 / 5);
    return s[i] * US_PER_S + (int64_t)randombytes_uniform(fifth + 1) * US_PER_MS;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT"; false: another form, which is not heeded. */
static bool date_parse(str s, int64_t *ret_s)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t day, year, h, m, sec;
    if (s.n != 29 || !str_ends(s, S(" GMT"))) return false;
    if (!str_to_i64(str_sub(s, 5, 2), &day) || !str_to_i64(str_sub(s, 12, 4), &year) ||
            !str_to_i64(str_sub(s, 17, 2), &h) || !str_to_i64(str_sub(s, 20, 2), &m) ||
            !str_to_i64(str_sub(s, 23, 2), &sec))
        return false;
    ptrdiff_t at = str_find(str_of(months), str_sub(s, 8, 3));
    if (at < 0 || at % 3) return false;
    *ret_s = days_of_civil(year, (int)(at / 3) + 1, (int)day) * 86400 + h * 3600 + m * 60 + sec;
    return true;
}

int64_t post_retry_after_us(str said, instant now)
{
    int64_t s, at;
    if (str_to_i64(said, &s))
        at = s;
    else if (date_parse(said, &s))
        at = s - now.us / US_PER_S;
    else
        return 0;
    if (at < 0) at = 0;
    return (at > 86400 ? 86400 : at) * US_PER_S;
}

/* A receiver that says 2xx has it, whatever else it says, and however slowly. */
static bool took(const sending *s, const fetch_result *r)
{
    return r && r->status >= 200 && r->status < 300 &&
           (s->channel || sms_is_good(s->sms, s->answer));
}

void post_end(sending *s, err e, const fetch_result *r, instant now)
{
    delivery_outcome *x = &s->outcome;
    int32_t status = r ? r->status : 0;
    x->ok = took(s, r);
    x->words = failed(e) ? fault_text(s->a, LANG_EN, e.f) : str_copy(s->a, s->answer);
    if (x->ok) return;
    err_code c = err_code_of(e);
    s->gone = status == 410 && s->channel;
    x->permanent = s->gone || c == E_DENIED || c == E_INVALID;
    x->uncounted = c == E_BUSY;
    x->most = POST_ATTEMPTS;
    s->retry_us = r ? post_retry_after_us(r->retry_after, now) : 0;
    s->throttle = status == 429 || (status >= 502 && status <= 504);
    if (status) x->words = str_fmt(s->a, "%d %.*s", status, STR_ARG(x->words));
}

/* ---- writing down ---- */

static err record_test(txn *t, const sending *s)
{
    const delivery_outcome *x = &s->outcome;
    if (x->uncounted) return OK; /* its lease ends, and it goes again */
    str words = x->ok ? (str){ 0 } : delivery_cut(x->words, DELIVERY_WORDS_BYTES);
    channel_test_set_args set = {
        .row = s->row, .test = x->ok ? S("good") : S("bad"), .at = txn_now(t), .words = words
    };
    return channel_test_set(t, &set, NULL);
}

static err record_delivery(txn *t, const viewer *sys, const sending *s, int64_t *ret_wait_us)
{
    const delivery_handle *d;
    delivery_outcome x = s->outcome;
    TRY(delivery_read_row(t, sys, s->row, &d));
    x.wait_us = x.uncounted ? 60 * US_PER_S : post_wait_us(d->now.attempts);
    if (s->retry_us > x.wait_us) x.wait_us = s->retry_us;
    *ret_wait_us = x.wait_us;
    return delivery_record(t, sys, s->row, &x);
}

err post_record(txn *t, const viewer *sys, const outbox_options *o, const sending *s)
{
    int64_t wait_us = s->retry_us;
    channel_answer x = { .good = s->outcome.ok,
        .gone = s->gone,
        .words = s->outcome.words,
        .off_after_us = o->channel_off_us };
    if (s->kind == SENDING_TEST)
        TRY(record_test(t, s));
    else
        TRY(record_delivery(t, sys, s, &wait_us));
    if (!s->channel || s->outcome.uncounted) return OK;
    if (s->throttle || s->retry_us) x.next_at = (instant){ txn_now(t).us + wait_us };
    return channel_fared(t, s->channel, &x);
}
