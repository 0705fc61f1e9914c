/* export_paper.c - a list on pages: what it is, when and by which filter, then its rows in words of
 * the reader's language, times in the site's zone. The printer draws it. Owns nothing; a worker. */
#include "api/app.h"
#include "api/decode.h"
#include "api/export.h"
#include "common/outbox/delivery.h"
#include "common/outbox/paper_options.h"
#include "proc/printer.h"
#include "render/words.h"
#include <stdio.h>
#include <string.h>

enum { KEY = 160, CELL = 300, CHUNK = DOC_CELLS_MAX / EXPORT_PAPER_COLUMNS - 1, BLOCKS = 16 };
_Static_assert((int)EXPORT_PAPER_COLUMNS <= (int)DOC_COLUMNS_MAX, "a page has room for them");

struct export_paper {
    arena *a;
    const exporting *x;
    paper_options site;
    lang l;
    str *cells; /* of all rows */
    size_t rows;
    doc_block blocks[BLOCKS];
    size_t n_blocks;
};

err export_paper_new(arena *a, const call *c, const exporting *x, export_paper **ret)
{
    export_paper *p = NEW(a, export_paper);
    *p = (export_paper){ .a = a, .x = x, .l = call_lang(c) };
    size_t most = (EXPORT_PAPER_ROWS + EXPORT_PAGE) * x->n_columns;
    p->cells = NEW_ARRAY(a, str, most);
    TRY(paper_options_load(c->app->conf, &p->site));
    *ret = p;
    return OK;
}

/* ---- a cell ---- */

/* "console.notice_state.sent", with what may not stand in a key as "_". False: it has no words. */
static bool has_words(str list, str value, char key[KEY])
{
    int n = snprintf(key, KEY, "console.%.*s.%.*s", STR_ARG(list), STR_ARG(value));
    if (!list.n || n < 0 || n >= KEY) return false;
    for (char *c = key + list.n + 9; *c; c++) {
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c + 32);
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9')) *c = '_';
    }
    return text_has(key);
}

/* Addresses, names of machines, numbers: they read left to right in Urdu too. */
static bool of_machines(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 127) return false;
    return true;
}

static str cell_of(const export_paper *p, size_t column, const json *v)
{
    char key[KEY];
    instant at;
    if (!v || json_is_null(v)) return S("");
    if (v->type == JSON_BOOL)
        return str_eq(v->raw, S("true")) ? T(p->l, "list.yes") : T(p->l, "list.no");
    str s = str_copy(p->a, export_words(p->a, p->l, v));
    if (v->type == JSON_STRING && has_words(p->x->words[column], s, key)) return T(p->l, key);
    if (v->type == JSON_STRING && instant_parse(s, &at))
        return moment_text(p->a, p->l, at, p->site.zone);
    if (s.n > CELL) s = str_cat(p->a, delivery_cut(s, CELL), S("\u2026")); /* CSV has it whole */
    return of_machines(s) ? ltr_text(p->a, p->l, s) : s;
}

void export_paper_row(export_paper *p, const json *item)
{
    str *cells = p->cells + p->rows * p->x->n_columns;
    if (p->rows >= EXPORT_PAPER_ROWS + EXPORT_PAGE) return; /* refused after this page */
    for (size_t i = 0; i < p->x->n_columns; i++)
        cells[i] = cell_of(p, i, export_at(item, p->x->columns[i]));
    p->rows++;
}

/* ---- the pages ---- */

static void put(export_paper *p, doc_kind kind, int64_t n, const str *cells, size_t n_cells)
{
    ASSERT(p->n_blocks < BLOCKS);
    p->blocks[p->n_blocks++] =
            (doc_block){ .kind = kind, .l = p->l, .n = n, .cells = cells, .n_cells = n_cells };
}

static void say(export_paper *p, doc_kind kind, int64_t n, str words)
{
    str *one = NEW(p->a, str);
    *one = words;
    put(p, kind, n, one, 1);
}

/* "list.col.org_name"; a column that has no words stands by its name. */
static str head_of(const export_paper *p, str column)
{
    char key[KEY];
    int n = snprintf(key, sizeof key, "list.col.%.*s", STR_ARG(column));
    if (n < 0 || n >= KEY) return column;
    for (char *c = key + 9; *c; c++)
        if (*c == '.') *c = '_';
    return text_has(key) ? T(p->l, key) : column;
}

static str title_of(const call *c, lang l)
{
    char key[KEY];
    int n = snprintf(key, sizeof key, "list.of.%s", c->route->id);
    return n > 0 && n < KEY && text_has(key) ? T(l, key) : str_of(c->route->id);
}

/* "state=sent&org=..": as it was asked, readable. */
static str filter_of(const export_paper *p)
{
    buf b = buf_new(p->a, 128);
    str rest = p->x->query, pair, plain;
    while (rest.n && str_split(&rest, '&', &pair))
        if (pair.n && percent_decode(p->a, pair, true, &plain))
            buf_fmt(&b, "%s%.*s", b.n ? ", " : "", STR_ARG(plain));
    return ltr_text(p->a, p->l, delivery_cut(buf_str(&b), CELL));
}

static void put_top(export_paper *p, const call *c, const export_tally *t, instant at)
{
    const paper_options *o = &p->site;
    str *names = NEW_ARRAY(p->a, str, 4), *facts = NEW_ARRAY(p->a, str, 8), filter = filter_of(p);
    size_t n = 0;
    names[0] = o->name[LANG_EN];
    names[1] = o->name[LANG_UR];
    if (c->realm->kind != REALM_LIVE) say(p, DOC_BANNER, 0, T(p->l, "paper.exercise"));
    put(p, DOC_MASTHEAD, 0, names, 4);
    say(p, DOC_HEADING, 1, title_of(c, p->l));
    facts[n++] = T(p->l, "list.made");
    facts[n++] = moment_text(p->a, p->l, at, o->zone);
    if (filter.n) {
        facts[n++] = T(p->l, "list.filter");
        facts[n++] = filter;
    }
    facts[n++] = T(p->l, "list.rows");
    facts[n++] = count_text(p->a, t->rows);
    facts[n++] = T(p->l, "list.label");
    facts[n++] = str_fmt(p->a, "TLP:%.*s", STR_ARG(tlp_name(t->label)));
    put(p, DOC_FACTS, 2, facts, n);
}

/* Tables of as many rows as a block holds, each with its head. */
static void put_rows(export_paper *p)
{
    size_t w = p->x->n_columns;
    for (size_t at = 0; at < p->rows; at += CHUNK) {
        size_t n = p->rows - at < CHUNK ? p->rows - at : CHUNK;
        str *cells = NEW_ARRAY(p->a, str, (n + 1) * w);
        for (size_t i = 0; i < w; i++)
            cells[i] = head_of(p, p->x->columns[i]);
        memcpy(cells + w, p->cells + at * w, n * w * sizeof *cells);
        put(p, DOC_TABLE, (int64_t)w, cells, (n + 1) * w);
    }
    if (!p->rows) say(p, DOC_TEXT, 0, T(p->l, "list.empty"));
}

err export_paper_print(
        export_paper *p, const call *c, const export_tally *t, instant at, str name, str *ret)
{
    str packed;
    put_top(p, c, t, at);
    put_rows(p);
    doc d = { .title = title_of(c, p->l),
        .author = p->site.name[LANG_EN],
        .mark = tlp_name(t->label),
        .foot = name,
        .made = at,
        .wide = true,
        .blocks = p->blocks,
        .n = p->n_blocks };
    TRY(printer_pack(p->a, &d, &packed));
    return printer_print(c->app->printer, packed, p->a, ret);
}
