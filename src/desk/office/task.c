/* task.c - routes of what an organisation's people must know of: something of theirs opened by
 * emergency, an authenticator lost, somebody come back. Told in the portal beside the mail, until
 * one of them says that they know. The words are made of the thing itself when they are read, so
 * that nothing personal is kept twice. Owns table task; tell.c adds to it. */
#include "access/model.h"
#include "api/app.h"
#include "base/text.h"
#include "base/time.h"
#include "desk/office/glass.h"
#include "desk/office/tell.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "render/words.h"
#include "store/store.h"

static str someone(call *c, str name)
{
    str words = name.n ? name : T(call_lang(c), "task.somebody");
    return str_fmt(c->a, "\u2068%.*s\u2069", STR_ARG(words));
}

static err glass_words(call *c, id128 grant, str *ret_words, str *ret_path)
{
    glass_page_row *g;
    size_t n;
    str name, org;
    const zone *z;
    lang l = call_lang(c);
    TRY(glass_page(c->t, &(glass_page_args){ .whole = true, .id = grant }, c->a, &g, &n));
    if (!n) return ERR(E_ABSENT, "error.api.absent");
    TRY(glass_names(c, g->person, g->org, l, &name, &org));
    TRY(zone_find(conf_str(c->app->conf, "site.time_zone"), &z));
    str who = str_fmt(c->a, "%.*s (\u2068%.*s\u2069)", STR_ARG(someone(c, name)), STR_ARG(org));
    const char *key = glass_is_open(c, g) ? TK("task.glass_open") : TK("task.glass_over");
    *ret_words = text_fill(c->a, T(l, key), who, moment_text(c->a, l, g->until, z), S(""));
    *ret_path = str_fmt(c->a, "/glass/%.*s", STR_ARG(id_text(c->a, grant)));
    return OK;
}

static err person_words(call *c, str what, id128 person, str *ret_words, str *ret_path)
{
    viewer sys;
    const person_handle *p;
    TRY(viewer_system(c->t, &sys));
    TRY(person_read(c->t, &sys, (person_id){ person }, &p));
    const char *key = str_eq(what, S("lost"))       ? TK("task.lost")
                      : str_eq(what, S("delegate")) ? TK("task.delegate")
                                                    : TK("task.returned");
    *ret_words = text_fill(c->a, T(call_lang(c), key), someone(c, p->now.name), S(""), S(""));
    *ret_path = str_fmt(c->a, "/people/%.*s", STR_ARG(id_text(c->a, person)));
    return OK;
}

static err recert_words(call *c, id128 org, str *ret_words, str *ret_path)
{
    *ret_words = T(call_lang(c), "task.recert");
    *ret_path = str_fmt(c->a, "/confirmations/%.*s", STR_ARG(id_text(c->a, org)));
    return OK;
}

static err contacts_words(call *c, id128 org, str *ret_words, str *ret_path)
{
    *ret_words = T(call_lang(c), "task.contacts");
    *ret_path = str_fmt(c->a, "/contacts/%.*s", STR_ARG(id_text(c->a, org)));
    return OK;
}

static err channel_words(call *c, id128 org, str *ret_words, str *ret_path)
{
    *ret_words = T(call_lang(c), "task.channel");
    *ret_path = str_fmt(c->a, "/channels/%.*s", STR_ARG(id_text(c->a, org)));
    return OK;
}

static err words_of(call *c, const task_waiting_row *r, str *ret_words, str *ret_path)
{
    if (str_eq(r->what, S("glass"))) return glass_words(c, r->subject, ret_words, ret_path);
    if (str_eq(r->what, S("recert"))) return recert_words(c, r->subject, ret_words, ret_path);
    if (str_eq(r->what, S("contacts"))) return contacts_words(c, r->subject, ret_words, ret_path);
    if (str_eq(r->what, S("channel"))) return channel_words(c, r->subject, ret_words, ret_path);
    return person_words(c, r->what, r->subject, ret_words, ret_path);
}

static err put(call *c, const task_waiting_row *r)
{
    jsonw *w = &c->out;
    str words, path;
    TRY(words_of(c, r, &words, &path));
    jw_obj(w);
    jw_kid(w, "id", r->id);
    jw_kstr(w, "kind", r->what);
    jw_kstr(w, "words", words);
    jw_kstr(w, "path", path);
    jw_ktime(w, "created", r->created);
    jw_end_obj(w);
    return OK;
}

static err waiting(call *c, id128 id, task_waiting_row **rows, size_t *n)
{
    return task_waiting(
            c->t, &(task_waiting_args){ .org = c->viewer.org, .id = id }, c->a, rows, n);
}

static bool is_mine(const call *c, const task_waiting_row *r)
{
    return permit_task(&c->viewer, r->org, (uint32_t)r->roles);
}

err h_task_list(call *c)
{
    task_waiting_row *rows;
    size_t n;
    TRY(waiting(c, (id128){ { 0 } }, &rows, &n));
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (size_t i = 0; i < n; i++)
        if (is_mine(c, &rows[i])) TRY(put(c, &rows[i]));
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

err h_task_done(call *c)
{
    task_waiting_row *rows;
    size_t n;
    id128 id;
    TRY(call_id(c, &id));
    if (id_is_zero(id)) return ERR(E_ABSENT, "error.api.absent"); /* would ask for any */
    TRY(waiting(c, id, &rows, &n));
    if (!n || !is_mine(c, rows)) return ERR(E_ABSENT, "error.api.absent");
    TRY(task_do(c->t,
            &(task_do_args){ .org = c->viewer.org,
                    .id = id,
                    .now = txn_now(c->t),
                    .doer = c->viewer.person },
            NULL));
    TRY(tell_entry(c->t, c->realm,
            &(told_entry){ LEDGER_task_done, S("task"), id, c->viewer.org, c->viewer.person }));
    call_put_empty(c);
    return OK;
}
