/* mail_key.c - routes of OpenPGP keys and S/MIME certificates for mail: a person brings one, or who
 * keeps the person does; it is read where no secret is, judged, and counts when the person gave
 * back the code that came encrypted to it. And the site's own keys. The table is common/mailkey's,
 * time mail_key_turn.c's.
 */
#include "common/mailkey/mailkey.h"
#include "access/auth/auth.h"
#include "access/model.h"
#include "api/app.h"
#include "base/time.h"
#include "desk/office/reach.h"
#include "desk/office/mail_key.h"
#include "desk/office/tell.h"
#include "gen/desk/office/queries.h"
#include "gen/routes_handlers.h"
#include "net/pgp_key.h"
#include "net/smime_cert.h"
#include "proc/pgp.h"
#include "proc/smime.h"
#include "render/words.h"
#include "store/store.h"
#include <stdio.h>

enum { SOON_DAYS = 60, SOON_MAX = 200, AUTHORITIES_MAX = 1 << 20 };

/* ---- at the start ---- */

static err bad_authorities(str path)
{
    return err_at_pointer(ERR1(E_CONFIG, "error.smime.authorities", path), S("mail.smime_ca"));
}

err mail_key_authorities(arena *a, const conf *c, str *ret)
{
    str path = conf_str(c, "mail.smime_ca");
    *ret = (str){ 0 };
    if (!path.n) return OK;
    FILE *f = fopen(str_z(a, path), "re");
    if (!f) return bad_authorities(path);
    char *p = arena_alloc(a, AUTHORITIES_MAX);
    str text = { p, fread(p, 1, AUTHORITIES_MAX, f) };
    fclose(f);
    x509_found found = x509_find(text);
    bool good = sk_X509_num(found.all) > 0 && text.n < AUTHORITIES_MAX;
    x509_found_free(&found);
    if (!good) return bad_authorities(path);
    *ret = text;
    return OK;
}

/* ---- as JSON ---- */

static const char *state_of(const mail_key *k, const mail_key_use *use, instant now)
{
    if (!k->confirmed.us) return "waiting";
    if (k->expires.us && k->expires.us <= now.us) return "ended";
    return k->row == use->row ? "used" : "other";
}

static void put_facts(call *c, const mail_key *k, const mail_key_use *use)
{
    jsonw *w = &c->out;
    jw_kid(w, "id", k->id);
    jw_kstr(w, "kind", str_of(mail_way_name(k->way)));
    jw_kstr(w, "fingerprint", k->fingerprint);
    jw_kstr(w, "user", k->user);
    if (k->way == MAIL_SMIME) {
        jw_kstr(w, "issuer", k->issuer);
        jw_kstr(w, "serial", k->serial);
    }
    jw_kstr(w, "state", str_of(state_of(k, use, txn_now(c->t))));
    jw_ktime(w, "created", k->created);
    jw_ktime(w, "confirmed", k->confirmed);
    jw_ktime(w, "expires", k->expires);
}

static err put_list(call *c, int64_t person)
{
    mail_key *k;
    mail_key_use use;
    size_t n;
    TRY(mail_key_list(c->t, person, &k, &n));
    TRY(mail_key_of(c->t, person, &use));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++) {
        jw_obj(&c->out);
        put_facts(c, &k[i], &use);
        jw_end_obj(&c->out);
    }
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

err h_mail_key_list(call *c)
{
    return put_list(c, c->viewer.person);
}

err h_person_mail_key_list(call *c)
{
    const person_handle *p;
    person_id id;
    TRY(call_id(c, &id.id));
    TRY(person_read(c->t, &c->viewer, id, &p));
    return put_list(c, p->row);
}

/* ---- bringing one ---- */

typedef struct {
    call *c;
    person_id id; /* of whom somebody else brings it for; zero: one's own */
    bool own;
    str address;
    mail_key key;
} bringing;

/* What could be encrypted to it; else it is said so. */
static err tried(err e, const char *words)
{
    bool cannot = failed(e) && str_eq(str_of(e.f->key), S("error.pgp.failed"));
    return cannot ? err_at_pointer(ERR(E_INVALID, words), S("/key")) : e;
}

#define TRIAL S("Content-Type: text/plain\r\n\r\n")

static err examine_key(call *c, str brought, bringing *b, instant now)
{
    pgp_key k;
    str listing, clean, trial;
    TRY(pgp_look(c->app->keys, c->a, brought, &listing, &clean));
    TRY(pgp_key_judge(c->a, listing, b->address, now, &k));
    TRY(tried(pgp_encrypt(c->app->keys, c->a, TRIAL, clean, &trial), "error.pgp.no_encryption"));
    b->key = (mail_key){
        .fingerprint = k.fingerprint, .user = k.user, .key = clean, .expires = k.expires
    };
    return OK;
}

static err examine_certificate(call *c, str brought, bringing *b, instant now)
{
    smime_cert k;
    str listing, clean, trial;
    str by = c->app->smime_authorities;
    mail_cipher cipher = mail_cipher_of(conf_str(c->app->conf, "mail.smime_cipher"));
    TRY(smime_look_at(c->app->keys, c->a, brought, by, &listing, &clean));
    TRY(smime_judge(c->a, listing, b->address, SMIME_ENCRYPTS, now, &k));
    TRY(tried(smime_encrypt_to(c->app->keys, c->a, TRIAL, clean, cipher, &trial),
            "error.smime.purpose"));
    b->key = (mail_key){ .way = MAIL_SMIME,
        .fingerprint = k.fingerprint,
        .user = k.subject,
        .issuer = k.issuer,
        .serial = k.serial,
        .key = clean,
        .expires = k.until };
    return OK;
}

/* Read, judged against the address, and tried: something is encrypted to it. */
static err examine(call *c, str brought, bringing *b)
{
    instant now = txn_now(c->t);
    call_release(c);
    TRY(smime_is_certificate(brought) ? examine_certificate(c, brought, b, now)
                                      : examine_key(c, brought, b, now));
    if (b->key.key.n <= PGP_KEY_BYTES_MAX) return OK;
    return err_at_pointer(
            ERR1(E_INVALID, "error.pgp.large", count_text(c->a, PGP_KEY_BYTES_MAX)), S("/key"));
}

static err mail_code(txn *t, call *c, const person_handle *p, const mail_key *k, str code)
{
    lang l;
    if (!lang_parse(p->now.lang, &l)) l = LANG_EN;
    arena *a = txn_arena(t);
    str fingerprint = ltr_text(a, l, pgp_grouped(a, k->fingerprint));
    mail_words w = { .key = k->row,
        .subject = T(l, "mail.key.code.subject"),
        .text = text_fill(a, T(l, "mail.key.code.text"), fingerprint, ltr_text(a, l, code),
                count_text(a, MAIL_KEY_WAITS_DAYS)),
        .url = str_fmt(a, "%.*s" MAIL_KEY_PATH, STR_ARG(app_public_url(c->app))),
        .url_words = T(l, "mail.key.code.link") };
    return outbox_enqueue_mail(t, c->realm, p->row, &w);
}

/* The person hears of what somebody else did, at once and in the list. */
static err tell_owner(txn *t, call *c, const person_handle *p, const char *subject,
        const char *text, str fingerprint)
{
    arena *a = txn_arena(t);
    const teller x = { t, c->app, c->realm, a };
    lang l;
    if (!lang_parse(p->now.lang, &l)) l = LANG_EN;
    telling w = { .kind = NOTIFY_ACCOUNT,
        .subject = subject,
        .text = text,
        .a1 = ltr_text(a, l, pgp_grouped(a, fingerprint)),
        .a2 = txn_now(t),
        .link = TK("mail.key.link"),
        .path = S(MAIL_KEY_PATH) };
    return tell_person(&x, p->row, p->now.lang, &w);
}

/* The own entry, or one that the viewer may change. */
static err find_owner(txn *t, call *c, record_use use, const bringing *b, const person_handle **ret)
{
    const void *h;
    viewer sys;
    TRY(viewer_system(t, &sys));
    if (b->own) return person_read_row(t, &sys, c->viewer.person, ret);
    TRY(record_get(t, &c->viewer, &person_def, use, b->id.id, &h));
    const person_handle *p = h;
    TRY(permit_roles(&c->viewer, p->now.org, (uint32_t)p->now.roles));
    *ret = p;
    return OK;
}

static err bring_apply(txn *t, void *ctx)
{
    bringing *b = ctx;
    const person_handle *p;
    str code;
    mail_key kept;
    TRY(find_owner(t, b->c, RECORD_HOLD, b, &p));
    if (!str_eq_nocase(p->now.mail, b->address)) return ERR(E_STALE, "error.api.stale");
    TRY(mail_key_add(t, p->row, &b->key, &kept, &code));
    b->key = kept;
    TRY(mail_code(t, b->c, p, &kept, code));
    if (b->own) return person_entry(t, p->row, p->row, LEDGER_person_mail_key_added);
    TRY(tell_owner(
            t, b->c, p, TK("mail.key.added.subject"), TK("mail.key.added.text"), kept.fingerprint));
    return person_entry_by(t, p->row, &b->c->viewer, LEDGER_person_mail_key_added);
}

static err bring(call *c, bringing *b)
{
    const struct mail_key_draft *d = c->req;
    const person_handle *p;
    TRY(find_owner(c->t, c, RECORD_TRY, b, &p));
    b->address = str_copy(c->a, p->now.mail);
    TRY(examine(c, d->key, b));
    TRY(store_write(c->realm->store, bring_apply, b));
    jw_obj(&c->out);
    jw_kid(&c->out, "id", b->key.id);
    jw_kstr(&c->out, "fingerprint", b->key.fingerprint);
    jw_ktime(&c->out, "expires", b->key.expires);
    jw_end_obj(&c->out);
    return OK;
}

err h_mail_key_add(call *c)
{
    return bring(c, &(bringing){ .c = c, .own = true });
}

err h_person_mail_key_add(call *c)
{
    bringing b = { .c = c };
    TRY(call_id(c, &b.id.id));
    return bring(c, &b);
}

/* ---- confirming: a wrong code is counted, so it is a write of its own ---- */

typedef struct {
    int64_t person;
    id128 id;
    str code;
    mail_key_answer answer;
} confirming;

static err confirm_apply(txn *t, void *ctx)
{
    confirming *x = ctx;
    TRY(mail_key_confirm(t, x->person, x->id, x->code, &x->answer));
    if (x->answer == MAIL_KEY_WRONG) return OK;
    if (x->answer == MAIL_KEY_CONFIRMED) TRY(outbox_hurry_mail(t, x->person));
    return person_entry(t, x->person, x->person,
            x->answer == MAIL_KEY_CONFIRMED ? LEDGER_person_mail_key_confirmed
                                            : LEDGER_person_mail_key_removed);
}

err h_mail_key_confirm(call *c)
{
    const struct mail_key_code *b = c->req;
    confirming x = { .person = c->viewer.person, .code = b->code };
    TRY(call_id(c, &x.id));
    call_release(c);
    TRY(store_write(c->realm->store, confirm_apply, &x));
    if (x.answer == MAIL_KEY_WRONG)
        return err_at_pointer(ERR(E_INVALID, "error.pgp.code"), S("/code"));
    if (x.answer == MAIL_KEY_GIVEN_UP)
        return err_at_pointer(ERR(E_INVALID, "error.pgp.given_up"), S("/code"));
    call_put_empty(c);
    return OK;
}

/* ---- removing ---- */

static err remove_one(call *c, const person_handle *p, const mail_key *k)
{
    TRY(mail_key_remove(c->t, p->row, k->id));
    return tell_owner(c->t, c, p, TK("mail.key.removed.subject"), TK("mail.key.removed.text"),
            k->fingerprint);
}

err h_mail_key_remove(call *c)
{
    const person_handle *p;
    mail_key *k;
    viewer sys;
    id128 id;
    size_t n, i = 0;
    TRY(call_id(c, &id));
    TRY(viewer_system(c->t, &sys));
    TRY(mail_key_list(c->t, c->viewer.person, &k, &n));
    while (i < n && !id_eq(k[i].id, id))
        i++;
    if (i == n) return ERR(E_ABSENT, "error.api.absent");
    TRY(person_read_row(c->t, &sys, c->viewer.person, &p));
    TRY(remove_one(c, p, &k[i]));
    TRY(person_entry(c->t, p->row, p->row, LEDGER_person_mail_key_removed));
    call_put_empty(c);
    return OK;
}

/* All of a person's, if there are any: which ones there are is for the person to sort out. */
err h_person_mail_key_remove(call *c)
{
    bringing b = { .c = c };
    const person_handle *p;
    mail_key *k;
    size_t n;
    TRY(call_id(c, &b.id.id));
    TRY(find_owner(c->t, c, RECORD_HOLD, &b, &p));
    TRY(mail_key_list(c->t, p->row, &k, &n));
    for (size_t i = 0; i < n; i++)
        TRY(remove_one(c, p, &k[i]));
    if (n) TRY(person_entry_by(c->t, p->row, &c->viewer, LEDGER_person_mail_key_removed));
    call_put_empty(c);
    return OK;
}

/* ---- all that need a look ---- */

static err put_soon(call *c, const mail_key_soon_row *r)
{
    mail_key k;
    mail_key_use use;
    err e = mail_key_read(c->t, r->row, &k);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    TRY(mail_key_of(c->t, r->person, &use));
    bool replaced = k.confirmed.us && use.row && use.row != k.row;
    if (replaced) return OK;
    jw_obj(&c->out);
    put_facts(c, &k, &use);
    TRY(put_person_ref(c, S("person"), r->person));
    TRY(put_org(c, S("org"), r->org));
    jw_end_obj(&c->out);
    return OK;
}

static err put_people(call *c)
{
    mail_key_soon_row *rows;
    size_t n;
    instant before = { txn_now(c->t).us + SOON_DAYS * US_PER_DAY };
    TRY(mail_key_soon(c->t, &c->viewer,
            &(mail_key_soon_args){ .before = before, .limit = SOON_MAX }, c->a, &rows, &n));
    jw_key(&c->out, S("people"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        TRY(put_soon(c, &rows[i]));
    jw_end_arr(&c->out);
    return OK;
}

static void put_site_key(jsonw *w, const pgp_key *k)
{
    jw_obj(w);
    jw_kstr(w, "kind", str_of(mail_way_name(MAIL_OPENPGP)));
    jw_kstr(w, "fingerprint", k->fingerprint);
    jw_kstr(w, "user", k->user);
    jw_kstr(w, "state", str_of(site_key_state(k, clock_now(&clock_system))));
    jw_ktime(w, "created", k->created);
    jw_ktime(w, "expires", k->expires);
    jw_end_obj(w);
}

static void put_site_certificate(jsonw *w, const smime_cert *k)
{
    jw_obj(w);
    jw_kstr(w, "kind", str_of(mail_way_name(MAIL_SMIME)));
    jw_kstr(w, "fingerprint", k->fingerprint);
    jw_kstr(w, "user", k->subject);
    jw_kstr(w, "issuer", k->issuer);
    jw_kstr(w, "serial", k->serial);
    jw_kstr(w, "state", str_of(site_certificate_state(k, clock_now(&clock_system))));
    jw_ktime(w, "created", k->from);
    jw_ktime(w, "expires", k->until);
    jw_end_obj(w);
}

static err put_site(call *c)
{
    pgp_key k[PGP_KEYS_MAX];
    smime_cert own;
    str listing, keys, certificate;
    TRY(pgp_site(c->app->keys, c->a, &listing, &keys));
    TRY(smime_site(c->app->keys, c->a, &certificate));
    size_t n = pgp_keys_read(c->a, listing, k);
    jw_kstr(&c->out, "sign", conf_str(c->app->conf, "mail.sign"));
    jw_key(&c->out, S("site"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        put_site_key(&c->out, &k[i]);
    if (smime_read(c->a, certificate, &own)) put_site_certificate(&c->out, &own);
    jw_end_arr(&c->out);
    return OK;
}

err h_mail_key_overview(call *c)
{
    jw_obj(&c->out);
    TRY(put_site(c));
    TRY(put_people(c));
    jw_kstr(&c->out, "when_ended", conf_str(c->app->conf, "mail.key_ended"));
    jw_end_obj(&c->out);
    return OK;
}
