/* ledger.c - route of the ledger: what happened, newest first, as far as the viewer may see, each
 * entry a sentence in the viewer's language. Runs in the pool. */
#include "ledger/ledger.h"
#include "access/model.h"
#include "access/realm.h"
#include "access/seen/seen.h"
#include "api/page.h"
#include "base/texts.h"
#include "gen/desk/office/queries.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"
#include "gen/routes_handlers.h"
#include "store/store.h"
#include <sodium.h>

enum { PART = 500, LOOK_AT_MOST = 20000, KNOWN = 64 };

/* Words for a page's authors and owners: the same few stand in entry after entry. */
typedef struct {
    int64_t row[KNOWN];
    str words[KNOWN]; /* .p NULL: nothing is kept there yet */
} known;
typedef struct {
    call *c;
    known authors, owners;
} listing;

static str *known_at(known *k, int64_t row, bool *ret_known)
{
    size_t i = (size_t)row % KNOWN;
    *ret_known = k->words[i].p && k->row[i] == row;
    k->row[i] = row;
    return &k->words[i];
}

static str hex(arena *a, str bytes)
{
    char *out = arena_alloc(a, bytes.n * 2 + 1);
    sodium_bin2hex(out, bytes.n * 2 + 1, (const uint8_t *)bytes.p, bytes.n);
    return (str){ out, bytes.n * 2 };
}

/* An author as the viewer may know him: the person where visible, else the organisation, else
 * Minar. */
static err author_words(call *c, int64_t person, str *ret)
{
    const person_handle *p;
    const organisation_handle *o;
    *ret = S("Minar");
    if (person == 0) return OK;
    viewer sys, *asks = &c->viewer;
    if (SEEDED(ledger_names_author)) {
        TRY(viewer_system(c->t, &sys));
        asks = &sys;
    }
    err e = person_read_row(c->t, asks, person, &p);
    if (err_code_of(e) == E_ABSENT) {
        *ret = T(call_lang(c), "ledger.somebody");
        return OK;
    }
    TRY(e);
    *ret = p->now.name.n ? p->now.name : T(call_lang(c), "ledger.erased");
    e = organisation_read_row(c->t, &c->viewer, p->now.org, &o);
    if (!failed(e))
        *ret = str_fmt(c->a, "%.*s, %.*s", STR_ARG(*ret),
                STR_ARG(texts_pick(c->a, o->now.name, call_lang(c))));
    return OK;
}

/* For whom its author stood in, if for anybody: the entry's inner half says so by an id. */
static err for_whom_put(call *c, const ledger_back_row *e)
{
    const json *body;
    const person_handle *p;
    person_id id;
    if (str_find(e->body, S("\"more\":{\"for\":")) < 0) return OK;
    TRY(json_parse(c->a, e->body, NULL, &body));
    if (!id_parse(json_get_text(json_get(body, S("more")), S("for")), &id.id)) return OK;
    err x = person_read(c->t, &c->viewer, id, &p);
    if (failed(x) && err_code_of(x) != E_ABSENT) return x;
    str name = failed(x)       ? T(call_lang(c), "ledger.somebody")
               : p->now.name.n ? p->now.name
                               : T(call_lang(c), "ledger.erased");
    jw_kstr(&c->out, "for_whom", name);
    return OK;
}

/* From which organisation its author administers this one, if so; its people are told by whom. */
static err delegate_put_of(call *c, const ledger_back_row *e)
{
    const json *body;
    const organisation_handle *o;
    organisation_id id;
    viewer sys;
    if (str_find(e->body, S("\"more\":{\"delegate\":")) < 0) return OK;
    TRY(json_parse(c->a, e->body, NULL, &body));
    if (!id_parse(json_get_text(json_get(body, S("more")), S("delegate")), &id.id)) return OK;
    TRY(viewer_system(c->t, &sys));
    TRY(organisation_read(c->t, &sys, id, &o));
    jw_key(&c->out, S("delegate"));
    jw_obj(&c->out);
    jw_kid(&c->out, "id", o->id.id);
    jw_kraw(&c->out, "name", o->now.name);
    jw_end_obj(&c->out);
    return OK;
}

/* What its entry says further: of what was taken out as a file, list, filter, rows; of a key that
 * signs the site's mail, which, and by which user of the machine. */
static err more_put(call *c, const ledger_back_row *e)
{
    const json *body;
    bool is_export = str_eq(e->type, S("export.made"));
    if (!is_export && !str_starts(e->type, S("site.mail_key_"))) return OK;
    TRY(json_parse(c->a, e->body, NULL, &body));
    const json *more = json_get(body, S("more"));
    if (more) {
        jw_key(&c->out, is_export ? S("export") : S("mail_key"));
        jw_raw(&c->out, more->raw);
    }
    return OK;
}

static err author_known(listing *l, int64_t person, str *ret)
{
    bool is_known;
    str *kept = known_at(&l->authors, person, &is_known);
    if (!is_known) TRY(author_words(l->c, person, kept));
    *ret = *kept;
    return OK;
}

/* As JSON: id and name, or null where the viewer does not see it. */
static err owner_words(call *c, int64_t owner, str *ret)
{
    const organisation_handle *o;
    *ret = S("null");
    err e = organisation_read_row(c->t, &c->viewer, owner, &o);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    jsonw w = jsonw_new(c->a, 256);
    jw_obj(&w);
    jw_kid(&w, "id", o->id.id);
    jw_kraw(&w, "name", o->now.name);
    jw_end_obj(&w);
    *ret = jsonw_done(&w);
    return OK;
}

static err owner_known(listing *l, int64_t owner, str *ret)
{
    bool is_known;
    str *kept = known_at(&l->owners, owner, &is_known);
    if (!is_known) TRY(owner_words(l->c, owner, kept));
    *ret = *kept;
    return OK;
}

static err put_entry(listing *l, const ledger_back_row *e)
{
    call *c = l->c;
    jsonw *w = &c->out;
    str who, org, key = str_fmt(c->a, "ledger.%.*s", STR_ARG(e->type));
    TRY(author_known(l, e->author, &who));
    TRY(owner_known(l, e->owner, &org));
    jw_obj(w);
    jw_kid(w, "id", e->id);
    jw_ktime(w, "at", e->at);
    jw_kstr(w, "type", e->type);
    jw_kstr(w, "kind", e->kind);
    jw_key(w, S("subject"));
    if (id_is_zero(e->subject))
        jw_null(w);
    else
        jw_id(w, e->subject);
    jw_ki64(w, "version", e->version);
    TRY(for_whom_put(c, e));
    TRY(delegate_put_of(c, e));
    TRY(more_put(c, e));
    jw_kstr(w, "who", who);
    jw_kraw(w, "org", org);
    jw_kstr(w, "words", T(call_lang(c), str_z(c->a, key)));
    jw_kstr(w, "leaf", hex(c->a, e->leaf));
    jw_end_obj(w);
    return OK;
}

static err entry_seen(call *c, const ledger_back_row *e, bool *ret)
{
    const record_def *part = record_part_kind(e->kind);
    *ret = SEEDED(ledger_list_open) || model_sees(&c->viewer, e->audience, e->owner, e->author);
    return *ret && part ? record_part_seen(c->t, &c->viewer, part, e->subject, ret) : OK;
}

/* Puts visible entries of one part; says where it stopped. */
static err put_part(listing *l, const ledger_back_row *rows, size_t n, int64_t *left, int64_t *last)
{
    for (size_t i = 0; i<n && * left> 0; i++) {
        bool seen;
        *last = rows[i].number;
        TRY(entry_seen(l->c, &rows[i], &seen));
        if (!seen) continue;
        TRY(put_entry(l, &rows[i]));
        --*left;
    }
    return OK;
}

/* Who sees most of it needs hardly more rows than are wanted; who sees little goes on in large
 * parts.
 */
static err put_some(listing *l, int64_t *seen, int64_t *left, int64_t *last, bool *more)
{
    ledger_back_row *rows;
    size_t n;
    int64_t part = *seen || *left * 2 > PART ? PART : *left * 2;
    TRY(ledger_back(
            l->c->t, &(ledger_back_args){ .before = *last, .limit = part }, l->c->a, &rows, &n));
    TRY(put_part(l, rows, n, left, last));
    *seen += part;
    *more = (int64_t)n == part;
    return OK;
}

/* The tree's head is for those who may read every entry: the auditor and the national desk. */
static void put_head(call *c)
{
    ledger_head h = ledger_head_now(c->realm->ledger);
    bool whole = c->viewer.national || SEEDED(ledger_size_told);
    jw_key(&c->out, S("size"));
    if (whole)
        jw_i64(&c->out, h.size);
    else
        jw_null(&c->out);
    jw_key(&c->out, S("root"));
    if (whole)
        jw_str(&c->out, hex(c->a, (str){ (const char *)h.root, sizeof h.root }));
    else
        jw_null(&c->out);
}

err h_ledger_list(call *c)
{
    const struct page_query *q = c->query;
    cursor k = { 0 };
    bool found;
    TRY(cursor_read(c, q->cursor, &k, &found));
    int64_t before = found ? k.n[0] : INT64_MAX, last = before,
            left = page_limit(q->has_limit ? q->limit : 0);
    bool more = true;
    listing *l = NEW(c->a, listing);
    l->c = c;
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    for (int64_t seen = 0; left > 0 && more && seen < LOOK_AT_MOST;)
        TRY(put_some(l, &seen, &left, &last, &more));
    jw_end_arr(&c->out);
    jw_key(&c->out, S("next"));
    if (last > 1 && (left == 0 || more))
        jw_str(&c->out, cursor_make(c, &(cursor){ .n = { last } }));
    else
        jw_null(&c->out);
    put_head(c);
    jw_end_obj(&c->out);
    return OK;
}

/* ---- proof ---- */

err h_ledger_verify(call *c)
{
    ledger_proof p;
    int64_t versions = 0, reads = 0;
    TRY(ledger_verify(c->realm->store, NULL, NULL, &p));
    TRY(record_verify(c->t, NULL, NULL, &versions));
    TRY(seen_verify(c->t, &reads));
    jw_obj(&c->out);
    jw_ki64(&c->out, "entries", p.entries);
    jw_kstr(&c->out, "root", hex(c->a, (str){ (const char *)p.root, sizeof p.root }));
    jw_ki64(&c->out, "versions", versions);
    jw_ki64(&c->out, "reads", reads);
    jw_end_obj(&c->out);
    return OK;
}
