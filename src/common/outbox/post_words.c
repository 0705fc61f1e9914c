/* post_words.c - see post_words.h. */
#include "common/outbox/post_words.h"
#include "access/viewer.h"
#include "base/texts.h"
#include "common/advice/advice.h"
#include "common/findings/findings.h"
#include "events/sight.h"
#include "gen/common/outbox/queries.h"
#include "gen/records/notice.h"
#include "gen/records/organisation.h"
#include "store/store.h"
#include <sodium.h>

enum { EVENT_BYTES = 4096, VARIANT = sodium_base64_VARIANT_ORIGINAL, SECRET_MAX = 64 };

/* ---- facts ---- */

static err class_of(struct txn *t, arena *a, const notice_handle *n, post_facts *f)
{
    notice_first_type_row *r;
    err e = notice_first_type(t, &(notice_first_type_args){ .notice = n->row }, a, &r);
    bool none = err_code_of(e) == E_ABSENT;
    if (failed(e) && !none) return e;
    const advice *ad = none ? advice_for(S(""), n->now.kind) : advice_for(r->type, r->identifier);
    f->class_key = ad->class_key;
    return OK;
}

err post_facts_read(struct txn *t, const struct viewer *sys, arena *a, int64_t notice,
        id128 delivery, post_facts *ret)
{
    const notice_handle *n;
    const organisation_handle *o;
    TRY(notice_read_row(t, sys, notice, &n));
    TRY(organisation_read_row(t, sys, n->now.org, &o));
    post_facts f = { .message = delivery,
        .notice = n->id.id,
        .number = str_copy(a, n->now.number),
        .kind = str_copy(a, n->now.kind),
        .org_key = str_copy(a, o->now.key),
        .org = str_copy(a, o->now.name),
        .subject = str_copy(a, n->now.subject),
        .text = str_copy(a, n->now.body),
        .label = AUDIENCE_LABEL(n->audience),
        .severity = n->now.severity,
        .findings = n->now.findings,
        .at = n->created,
        .due = n->now.due };
    TRY(class_of(t, a, n, &f));
    *ret = f;
    return OK;
}

post_facts post_facts_shown(arena *a, str org_key, str org, int label, instant now)
{
    const advice *ad = advice_for(S("vulnerable-system"), S("open-example"));
    str en = T(LANG_EN, "channel.shown"), ur = T(LANG_UR, "channel.shown");
    return (post_facts){ .message = { .b = { 1 } },
        .notice = { .b = { 2 } },
        .number = S("N-2099-000001"),
        .kind = S("open-example"),
        .org_key = org_key,
        .org = org,
        .subject = texts_make(a, en, ur),
        .text = texts_make(a, en, ur),
        .class_key = ad->class_key,
        .label = label,
        .severity = SEVERITY_HIGH,
        .findings = 2,
        .at = now,
        .due = { now.us + 3 * US_PER_DAY } };
}

post_facts post_facts_test(str org_key, str org, id128 message, instant now)
{
    return (post_facts){
        .message = message, .org_key = org_key, .org = org, .label = LABEL_CLEAR, .at = now
    };
}

/* ---- CloudEvents 1.0 ---- */

static str address(arena *a, const post_facts *f, const char *path)
{
    str id = id_text(a, f->notice);
    return str_fmt(a, "%.*s%s%.*s", STR_ARG(f->base), path, STR_ARG(id));
}

static void put_notice(jsonw *w, arena *a, const post_facts *f)
{
    bool all = f->label <= LABEL_GREEN;
    jw_key(w, S("notice"));
    jw_obj(w);
    jw_kid(w, "id", f->notice);
    jw_kstr(w, "number", f->number);
    jw_kstr(w, "severity", severity_name(f->severity));
    jw_kraw(w, "about", texts_make(a, T(LANG_EN, f->class_key), T(LANG_UR, f->class_key)));
    jw_ktime(w, "due", f->due);
    jw_kstr(w, "page", address(a, f, "/notices/"));
    jw_kstr(w, "api", address(a, f, "/api/notices/"));
    if (all) {
        jw_kstr(w, "kind", f->kind);
        jw_ki64(w, "findings", f->findings);
        jw_kraw(w, "subject", f->subject);
        jw_kraw(w, "text", f->text);
    }
    jw_end_obj(w);
}

str post_event(arena *a, const post_facts *f)
{
    bool test = id_is_zero(f->notice);
    jsonw w = jsonw_new(a, EVENT_BYTES);
    jw_obj(&w);
    jw_kstr(&w, "specversion", S("1.0"));
    jw_kid(&w, "id", f->message);
    jw_kstr(&w, "source", f->base.n ? f->base : S("/"));
    jw_kstr(&w, "type", test ? S("minar.channel.test") : S("minar.notice.sent"));
    jw_kstr(&w, "subject", test ? f->org_key : f->number);
    jw_ktime(&w, "time", f->at);
    jw_kstr(&w, "datacontenttype", S("application/json"));
    jw_key(&w, S("data"));
    jw_obj(&w);
    jw_kstr(&w, "tlp", label_name(f->label));
    jw_key(&w, S("org"));
    jw_obj(&w);
    jw_kstr(&w, "key", f->org_key);
    jw_kraw(&w, "name", f->org);
    jw_end_obj(&w);
    if (!test) put_notice(&w, a, f);
    jw_end_obj(&w);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

/* ---- rooms and telephones ---- */

str post_line(arena *a, lang l, const post_facts *f)
{
    str site = f->site[l];
    if (id_is_zero(f->notice))
        return text_fill(a, T(l, "channel.line_test"), site, texts_pick(a, f->org, l), S(""));
    return text_fill(a, T(l, "channel.line"), site, f->number, address(a, f, "/notices/"));
}

static str one_member(arena *a, str kind, const char *name, str text)
{
    jsonw w = jsonw_new(a, 1024);
    jw_obj(&w);
    if (kind.n) jw_kstr(&w, "msgtype", kind);
    jw_key(&w, str_of(name));
    jw_str(&w, text);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

str post_mattermost(arena *a, lang l, const post_facts *f)
{
    return one_member(a, S(""), "text", post_line(a, l, f));
}

str post_matrix(arena *a, lang l, const post_facts *f)
{
    return one_member(a, S("m.text"), "body", post_line(a, l, f));
}

/* ---- Standard Webhooks 1.0 ---- */

static err sign_one(arena *a, str secret, str what, str *ret)
{
    uint8_t key[SECRET_MAX], mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state s;
    char text[sodium_base64_ENCODED_LEN(sizeof mac, VARIANT)];
    size_t n = 0;
    str b64 = str_starts(secret, S("whsec_")) ? str_sub(secret, 6, secret.n) : S("");
    if (!b64.n || sodium_base642bin(key, sizeof key, b64.p, b64.n, NULL, &n, NULL, VARIANT))
        return ERR(E_INVALID, "error.channel.sealed");
    crypto_auth_hmacsha256_init(&s, key, n);
    crypto_auth_hmacsha256_update(&s, (const uint8_t *)what.p, what.n);
    crypto_auth_hmacsha256_final(&s, mac);
    sodium_memzero(key, sizeof key);
    sodium_bin2base64(text, sizeof text, mac, sizeof mac, VARIANT);
    *ret = str_fmt(a, "v1,%s", text);
    return OK;
}

err post_sign(arena *a, str secret, str before, str id, int64_t timestamp, str body, str *ret)
{
    str one, two;
    buf b = buf_new(a, body.n + 128);
    buf_fmt(&b, "%.*s.%lld.", STR_ARG(id), (long long)timestamp);
    buf_put(&b, body);
    TRY(sign_one(a, secret, buf_str(&b), &one));
    *ret = one;
    if (!before.n) return OK;
    TRY(sign_one(a, before, buf_str(&b), &two));
    *ret = str_fmt(a, "%.*s %.*s", STR_ARG(one), STR_ARG(two));
    return OK;
}
