/* mail.c - see mail.h. Writer thread within apply. */
#include "common/outbox/mail_in.h"
#include "access/seal.h"
#include "base/log.h"
#include "base/texts.h"
#include "common/mailkey/mailkey.h"
#include "gen/common/outbox/queries.h"
#include "gen/records/organisation.h"
#include "store/job.h"
#include "store/store.h"
#include <sodium.h>

enum { VARIANT = sodium_base64_VARIANT_ORIGINAL, MAIL_JOB_ATTEMPTS = 6 };

static str words_json(arena *a, const mail_words *w)
{
    jsonw j = jsonw_new(a, w->text.n + w->subject.n + 256);
    jw_obj(&j);
    jw_kstr(&j, "subject", w->subject);
    jw_kstr(&j, "text", w->text);
    jw_kstr(&j, "url", w->url);
    jw_kstr(&j, "url_words", w->url_words);
    jw_end_obj(&j);
    return jsonw_done(&j);
}

static str base64_of(arena *a, str s)
{
    size_t room = sodium_base64_ENCODED_LEN(s.n, VARIANT);
    char *p = arena_alloc(a, room);
    sodium_bin2base64(p, room, (const uint8_t *)s.p, s.n, VARIANT);
    return str_of(p);
}

static bool base64_open(arena *a, str s, str *ret)
{
    uint8_t *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    if (sodium_base642bin(p, s.n + 1, s.p, s.n, NULL, &n, NULL, VARIANT)) return false;
    *ret = (str){ (const char *)p, n };
    return true;
}

static seal_place place_of(id128 id)
{
    return (seal_place){ .table = "job", .column = "body", .id = id };
}

err outbox_enqueue_mail(struct txn *t, const realm *r, int64_t person, const mail_words *w)
{
    arena *a = txn_arena(t);
    id128 id = id_new(), job_id;
    seal_place at = place_of(id);
    int64_t row;
    str sealed;
    if (r->kind != REALM_LIVE) {
        log_info("outbox.withheld", "realm=%s what=mail", r->name);
        return OK;
    }
    TRY(seal_text(t, person, &at, words_json(a, w), &sealed));
    jsonw j = jsonw_new(a, 512);
    jw_obj(&j);
    jw_kid(&j, "id", id);
    jw_ki64(&j, "person", person);
    if (w->key) jw_ki64(&j, "key", w->key);
    jw_kstr(&j, "sealed", base64_of(a, sealed));
    jw_end_obj(&j);
    return job_enqueue(t,
            &(job_draft){ .kind = S("mail"),
                    .body = jsonw_done(&j),
                    .person = person,
                    .max_attempts = MAIL_JOB_ATTEMPTS },
            &row, &job_id);
}

err outbox_hurry_mail(struct txn *t, int64_t person)
{
    return delivery_hurry(t, &(delivery_hurry_args){ .person = person, .now = txn_now(t) }, NULL);
}

err outbox_mail_invitation(struct txn *t, const realm *r, const person_handle *p, str address)
{
    arena *a = txn_arena(t);
    const organisation_handle *o;
    viewer sys;
    lang l;
    if (!lang_parse(p->now.lang, &l)) l = LANG_EN;
    TRY(viewer_system(t, &sys));
    TRY(organisation_read_row(t, &sys, p->now.org, &o));
    str org = texts_pick(a, o->now.name, l);
    mail_words w = { .subject = text_fill(a, T(l, "mail.invite.subject"), org, S(""), S("")),
        .text = text_fill(a, T(l, "mail.invite.text"), p->now.name, org, S("")),
        .url = address,
        .url_words = T(l, "mail.invite.link") };
    return outbox_enqueue_mail(t, r, p->row, &w);
}

/* ---- sending ---- */

/* One that names its key is encrypted to that one, and to no other. */
static err key_of(struct txn *t, arena *a, const json *j, int64_t person, mail_letter *ret)
{
    int64_t row;
    mail_key one = { 0 };
    mail_key_use use = { 0 };
    if (json_i64(json_get(j, S("key")), &row)) {
        TRY(mail_key_read(t, row, &one));
        if (one.person != person) return ERR(E_BUG, "error.outbox.job");
        use.key = one.key;
        use.way = one.way;
    } else {
        TRY(mail_key_of(t, person, &use));
    }
    ret->key = str_copy(a, use.key);
    ret->way = use.way;
    ret->key_ended = use.ended;
    return OK;
}

static void write_letter(arena *a, const json *words, lang l, mail_letter *ret)
{
    str url = json_get_text(words, S("url"));
    ret->subject = str_copy(a, json_get_text(words, S("subject")));
    letter x = letter_new(a, l, ret->subject);
    letter_say(&x, json_get_text(words, S("text")));
    if (url.n) letter_link(&x, json_get_text(words, S("url_words")), url);
    letter_say_key_ended(&x, ret);
    letter_say(&x, T(l, "mail.never"));
    letter_done(&x, &ret->text, &ret->html);
}

err queued_mail_open(struct txn *t, arena *a, str body, int64_t *ret_person, mail_letter *ret)
{
    const json *j, *words;
    const person_handle *p;
    id128 id;
    viewer sys;
    bool lost;
    str sealed, plain;
    lang l;
    TRY(json_parse(a, body, NULL, &j));
    if (!id_parse(json_get_text(j, S("id")), &id) ||
            !json_i64(json_get(j, S("person")), ret_person) ||
            !base64_open(a, json_get_text(j, S("sealed")), &sealed))
        return ERR(E_BUG, "error.outbox.job");
    seal_place at = place_of(id);
    TRY(viewer_system(t, &sys));
    TRY(person_read_row(t, &sys, *ret_person, &p));
    TRY(open_text(t, *ret_person, &at, sealed, &plain, &lost));
    if (lost) return ERR(E_ABSENT, "error.outbox.erased");
    TRY(json_parse(a, plain, NULL, &words));
    if (!lang_parse(p->now.lang, &l)) l = LANG_EN;
    *ret = (mail_letter){ .name = str_copy(a, p->now.name),
        .address = str_copy(a, p->now.mail),
        .lang = lang_code(l),
        .message_id = (str){ 0 } };
    TRY(key_of(t, a, j, *ret_person, ret));
    write_letter(a, words, l, ret);
    return OK;
}

void letter_say_key_ended(letter *x, const mail_letter *m)
{
    if (!m->key_ended.us) return;
    arena *a = x->text.a;
    str day = str_sub(instant_text(a, m->key_ended), 0, 10);
    letter_say(x, text_fill(a, T(x->l, "mail.key.not_encrypted"), day, S(""), S("")));
}

str message_id_of(arena *a, const char *what, id128 id, str from)
{
    ptrdiff_t at = str_find_byte(from, '@');
    str host = at < 0 ? S("minar.invalid") : str_sub(from, (size_t)at + 1, from.n);
    str text = id_text(a, id);
    return str_fmt(a, "%s.%.*s@%.*s", what, STR_ARG(text), STR_ARG(host));
}
