/* export.c - makes a list into a file: asks its handler page by page, each page by the rights that
 * stand when it is read; tells the ledger, by the rights that stand then; and only then lets the
 * file leave. Memory is a page's, whatever the list's length. Owns nothing; a worker. */
#include "api/export.h"
#include "access/model.h"
#include "access/site.h"
#include "api/decode.h"
#include "api/walk.h"
#include "base/civil.h"
#include "ledger/ledger.h"

enum { PAGE_BYTES = 512 << 20, PAPER_BYTES = 128 << 20, ROOM = 256 << 10 };

static const struct {
    const char *ending, *type;
} forms[EXPORT_FORMATS] = {
    [EXPORT_CSV] = { "csv", "text/csv; charset=utf-8; header=present" },
    [EXPORT_JSONL] = { "jsonl", "application/jsonl" },
    [EXPORT_PDF] = { "pdf", "application/pdf" },
};

typedef struct {
    walk *w;
    const exporting *x;
    arena *page, *rows; /* rows: what pages are made of; NULL: nothing is kept */
    export_sheet *sheet;
    export_tally tally;
    char next[720]; /* where the next page begins; empty: at the start */
    bool more;
    instant at;
} making;

/* ---- a page ---- */

static bool takes(const schema *s, str name)
{
    for (size_t i = 0; s && i < s->n; i++)
        if (str_eq(s->fields[i].name, name)) return true;
    return false;
}

static str page_query(const making *m)
{
    const schema *s = m->w->c.route->query;
    buf b = buf_new(m->page, 1024);
    buf_put(&b, m->x->query);
    if (takes(s, S("limit"))) buf_fmt(&b, "%slimit=%d", b.n ? "&" : "", EXPORT_PAGE);
    if (m->next[0]) buf_fmt(&b, "&cursor=%s", m->next);
    return buf_str(&b);
}

static err ask(making *m)
{
    call *c = &m->w->c;
    walk_clear(m->w);
    TRY(decode_query(m->page, c->route->query, page_query(m), &c->query));
    c->req = c->query;
    if (!SEEDED(export_by_machine)) return c->route->handle(c);
    viewer own = c->viewer;
    TRY(viewer_system(c->t, &c->viewer));
    err e = c->route->handle(c);
    c->viewer = own;
    return e;
}

static err take_page(making *m)
{
    call *c = &m->w->c;
    str next;
    buf b = buf_new(m->page, ROOM);
    TRY(ask(m));
    TRY(export_items(
            &b, m->page, call_lang(c), m->x, c->route, jsonw_done(&c->out), &m->tally, &next));
    if (m->tally.rows > m->w->api->export_rows)
        return ERR1(E_TOO_LARGE, "error.api.export_rows",
                str_fmt(m->page, "%lld", (long long)m->w->api->export_rows));
    if (m->tally.paper && m->tally.rows > EXPORT_PAPER_ROWS)
        return ERR1(
                E_TOO_LARGE, "error.api.export_paper", str_fmt(m->page, "%d", EXPORT_PAPER_ROWS));
    ASSERT(next.n < sizeof m->next);
    memcpy(m->next, next.p, next.n);
    m->next[next.n] = '\0';
    m->more = next.n > 0;
    return export_sheet_put(m->sheet, buf_str(&b));
}

/* Rights are found in the call's own arena: they outlive the page. */
static err read_page(making *m)
{
    call *c = &m->w->c;
    arena *whole = c->a;
    TRY(txn_read(c->realm->store, 0, &c->t));
    m->at = txn_now(c->t);
    err e = walk_still(m->w);
    if (!failed(e)) {
        c->a = m->page;
        e = take_page(m);
        c->a = whole;
    }
    call_release(c);
    return e;
}

static err read_all(making *m)
{
    buf head = buf_new(m->page, 2048);
    export_head(&head, m->x);
    TRY(export_sheet_put(m->sheet, buf_str(&head)));
    for (m->more = true; m->more;) {
        TRY(read_page(m));
        arena_reset(m->page);
    }
    return OK;
}

/* ---- the ledger ---- */

static str told(arena *a, const making *m)
{
    const route *r = m->w->c.route;
    jsonw w = jsonw_new(a, 512);
    jw_obj(&w);
    jw_kstr(&w, "list", str_of(r->id));
    jw_kstr(&w, "format", str_of(forms[m->x->format].ending));
    jw_ki64(&w, "rows", m->tally.rows);
    jw_kstr(&w, "tlp", tlp_name(m->tally.label));
    jw_kraw(&w, "filter", m->x->filter);
    jw_end_obj(&w);
    return jsonw_done(&w);
}

/* For the asker's organisation and the national desk. */
static err tell(txn *t, void *ctx)
{
    making *m = ctx;
    call *c = &m->w->c;
    int64_t audience;
    c->t = t;
    err e = walk_still(m->w);
    c->t = NULL;
    TRY(e);
    TRY(site_audience_strict(t, c->realm->national_grp, &audience));
    return ledger_append(t, &(ledger_draft){ .type = LEDGER_export_made,
                                    .kind = S("person"),
                                    .subject = c->viewer.person_id,
                                    .audience = audience,
                                    .owner = c->viewer.org,
                                    .author = c->viewer.person,
                                    .more = told(txn_arena(t), m) });
}

/* ---- what it is called ---- */

/* "/api/organisations/{id}/networks": networks. */
static str noun(const route *r)
{
    str path = str_of(r->path), part, last = { 0 };
    while (str_split(&path, '/', &part))
        if (part.n && part.p[0] != '{') last = part;
    return last;
}

static str file_name(arena *a, const making *m)
{
    const call *c = &m->w->c;
    bool live = c->realm->kind == REALM_LIVE;
    str label = str_copy(a, tlp_name(m->tally.label)), at = instant_text(a, m->at);
    char *p = (char *)(uintptr_t)label.p;
    for (size_t i = 0; i < label.n; i++)
        if (p[i] == '+') p[i] = '-';
    buf when = buf_new(a, 24);
    for (size_t i = 0; i < at.n && i < 19; i++)
        if (at.p[i] != '-' && at.p[i] != ':') buf_byte(&when, at.p[i]);
    return str_fmt(a, "minar%s%s-%.*s-TLP-%.*s-%.*sZ.%s", live ? "" : "-",
            live ? "" : c->realm->name, STR_ARG(noun(c->route)), STR_ARG(label),
            STR_ARG(buf_str(&when)), forms[m->x->format].ending);
}

static err give(making *m)
{
    call *c = &m->w->c;
    walk_clear(m->w);
    TRY(export_sheet_give(m->sheet, c->a, file_name(c->a, m), &c->file));
    m->sheet = NULL;
    c->type = str_of(forms[m->x->format].type);
    c->tlp = tlp_name(m->tally.label);
    return OK;
}

static err print(making *m)
{
    str pdf;
    const call *c = &m->w->c;
    TRY(export_paper_print(m->tally.paper, c, &m->tally, m->at, file_name(m->rows, m), &pdf));
    return export_sheet_put(m->sheet, pdf);
}

/* An empty list says nothing beyond the label that its rows would bear at least. */
static err make(making *m)
{
    call *c = &m->w->c;
    int least = c->route->label >= 0 ? c->route->label : 0;
    m->tally.label = least;
    str folder = str_fmt(c->a, "%s/spool", c->app->data_dir);
    TRY(export_sheet_open(str_z(c->a, folder), &m->sheet));
    if (m->rows) TRY(export_paper_new(m->rows, &m->w->c, m->x, &m->tally.paper));
    TRY(read_all(m));
    if (m->rows) TRY(print(m));
    TRY(store_write(c->realm->store, tell, m));
    return give(m);
}

void export_run(walk *w)
{
    making *m = NEW(w->c.a, making);
    *m = (making){ .w = w, .x = w->export, .page = arena_new(PAGE_BYTES) };
    if (m->x->format == EXPORT_PDF) m->rows = arena_new(PAPER_BYTES);
    (void)walk_fail(w, make(m));
    if (m->sheet) export_sheet_close(m->sheet);
    arena_free(m->page);
    arena_free(m->rows);
}
