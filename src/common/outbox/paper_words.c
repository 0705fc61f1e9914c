/* paper_words.c - what a letter says: the same on a page in each language, the recipient's first.
 * One finding, where it is, the one thing to do, by when, who signs, and how to see that it is
 * ours. What is for named people alone (RED) does not stand on paper: the letter points to the
 * portal. */
#include "base/texts.h"
#include "common/advice/advice.h"
#include "common/findings/findings.h"
#include "common/outbox/paper_in.h"
#include "events/sight.h"
#include "gen/common/outbox/queries.h"
#include "gen/records/notice.h"
#include "gen/records/organisation.h"
#include "proc/printer.h"
#include "render/words.h"
#include "store/store.h"

enum { MACHINES = 12, BLOCKS = 64, CELLS = 4 * (MACHINES + 1) };

typedef struct {
    arena *a;
    const paper_options *o;
    const paper_head *h;
    const notice_handle *n;
    const organisation_handle *org;
    const advice *ad;
    letter_machines_row *machines;
    size_t n_machines;
    bool live, on_paper; /* on_paper: its details may stand there */
    lang l;              /* of the page at hand */
    doc_block *blocks;
    size_t n_blocks;
} wording;

/* ---- pieces ---- */

static void put(wording *x, doc_kind kind, int64_t n, const str *cells, size_t n_cells)
{
    str *kept = NEW_ARRAY(x->a, str, n_cells + 1);
    ASSERT(x->n_blocks < BLOCKS);
    for (size_t i = 0; i < n_cells; i++)
        kept[i] = cells[i];
    x->blocks[x->n_blocks++] =
            (doc_block){ .kind = kind, .l = x->l, .n = n, .cells = kept, .n_cells = n_cells };
}

static void say(wording *x, doc_kind kind, str words)
{
    put(x, kind, 0, &words, 1);
}

static str words(const wording *x, const char *key)
{
    return T(x->l, key);
}

static str fill(const wording *x, const char *key, str a1, str a2, str a3)
{
    return text_fill(x->a, T(x->l, key), a1, a2, a3);
}

static str ltr(const wording *x, str s)
{
    return ltr_text(x->a, x->l, s);
}

/* A name keeps its own direction among words of any other. */
static str own(const wording *x, str s)
{
    return str_fmt(x->a, "\u2068%.*s\u2069", STR_ARG(s));
}

static str org_name(const wording *x)
{
    return own(x, texts_pick(x->a, x->org->now.name, x->l));
}

/* As people type it: a browser adds the scheme. */
static str typed(str url)
{
    return str_starts(url, S("https://")) ? str_sub(url, 8, url.n) : url;
}

static str portal(const wording *x)
{
    return ltr(x, typed(x->o->public_url));
}

static const char *const tlp_words[] = { TK("paper.tlp.clear"), TK("paper.tlp.green"),
    TK("paper.tlp.amber"), TK("paper.tlp.strict"), TK("paper.tlp.red") };

/* ---- a page ---- */

static void put_head(wording *x)
{
    const paper_options *o = x->o;
    if (!x->live) say(x, DOC_BANNER, words(x, "paper.exercise"));
    put(x, DOC_MASTHEAD, 0,
            (str[]){ o->name[LANG_EN], o->name[LANG_UR], o->contacts[LANG_EN],
                    o->contacts[LANG_UR].n ? o->contacts[LANG_UR] : o->contacts[LANG_EN] },
            4);
    str facts[] = { words(x, "paper.number"), ltr(x, x->h->number), words(x, "paper.date"),
        day_text(x->a, x->l, x->h->issued, o->zone), words(x, "paper.to"),
        fill(x, "paper.to_head", org_name(x), S(""), S("")), words(x, "paper.notice"),
        ltr(x, x->n->now.number), words(x, "paper.due"),
        moment_text(x->a, x->l, x->n->now.due, o->zone) };
    put(x, DOC_FACTS, 2, facts, ARRAY_LEN(facts));
}

static bool any_fqdn(const wording *x)
{
    for (size_t i = 0; i < x->n_machines; i++)
        if (x->machines[i].fqdn.n) return true;
    return false;
}

/* Columns that nothing stands in are left out. */
static size_t row_of(const wording *x, const letter_machines_row *m, bool fqdn, str *to)
{
    size_t n = 0;
    to[n++] = m ? ltr(x, m->ip) : words(x, "paper.address");
    if (fqdn) to[n++] = m ? ltr(x, m->fqdn) : words(x, "paper.name");
    to[n++] = !m ? words(x, "paper.port") : m->has_port ? count_text(x->a, m->port) : S("");
    to[n++] = m ? moment_text(x->a, x->l, m->last_seen, x->o->zone) : words(x, "paper.seen");
    return n;
}

static void put_machines(wording *x)
{
    str cells[CELLS];
    bool fqdn = any_fqdn(x);
    size_t n = row_of(x, NULL, fqdn, cells), columns = n;
    if (!x->n_machines) return;
    for (size_t i = 0; i < x->n_machines; i++)
        n += row_of(x, &x->machines[i], fqdn, cells + n);
    put(x, DOC_TABLE, (int64_t)columns, cells, n);
    int64_t rest = x->n->now.findings - (int64_t)x->n_machines;
    if (rest > 0)
        say(x, DOC_SMALL, fill(x, "paper.more", count_text(x->a, rest), portal(x), S("")));
}

static void put_matter(wording *x)
{
    str severity = words(x, severity_key(x->n->now.severity));
    if (!x->on_paper) {
        say(x, DOC_HEADING, words(x, "paper.pointer_title"));
        x->blocks[x->n_blocks - 1].n = 1;
        say(x, DOC_TEXT, fill(x, "paper.pointer", org_name(x), severity, portal(x)));
        return;
    }
    say(x, DOC_HEADING, texts_pick(x->a, x->n->now.subject, x->l));
    x->blocks[x->n_blocks - 1].n = 1;
    say(x, DOC_TEXT, fill(x, "paper.opening", own(x, x->o->name[x->l]), org_name(x), severity));
    put_machines(x);
    say(x, DOC_HEADING, words(x, "paper.what_to_do"));
    x->blocks[x->n_blocks - 1].n = 2;
    say(x, DOC_STRONG, words(x, x->ad->fix_key));
}

/* The line of the law stands there only when somebody who knows it has written it down. */
static void put_close(wording *x)
{
    const paper_options *o = x->o;
    str due = moment_text(x->a, x->l, x->n->now.due, o->zone);
    if (x->on_paper)
        say(x, DOC_TEXT, fill(x, "paper.answer", due, portal(x), ltr(x, x->h->number)));
    if (o->legal[x->l].n) say(x, DOC_TEXT, fill(x, "paper.legal", o->legal[x->l], S(""), S("")));
    str who = o->signer[x->l].n ? o->signer[x->l] : o->name[x->l];
    say(x, DOC_TEXT,
            fill(x, x->live ? "paper.signed" : "paper.unsigned", own(x, who), S(""), S("")));
}

static void put_check(wording *x)
{
    const paper_head *h = x->h;
    str page = str_cat(x->a, x->o->public_url, S("/letter"));
    str link = str_fmt(
            x->a, "%.*s?n=%.*s&c=%.*s", STR_ARG(page), STR_ARG(h->number), STR_ARG(h->code));
    str lines[] = { link, words(x, "paper.check_title"),
        fill(x, "paper.check", ltr(x, typed(page)), S(""), S("")),
        fill(x, "paper.check_code", ltr(x, h->number), ltr(x, paper_code_text(x->a, h->code)),
                S("")),
        words(x, "paper.never") };
    if (x->live) put(x, DOC_QR, 0, lines, ARRAY_LEN(lines));
    say(x, DOC_SMALL,
            fill(x, tlp_words[AUDIENCE_LABEL(x->n->audience)], org_name(x), S(""), S("")));
}

static void put_page(wording *x, lang l)
{
    x->l = l;
    put_head(x);
    put_matter(x);
    put_close(x);
    put_check(x);
}

/* ---- what it is about ---- */

static err load(txn *t, const viewer *v, const delivery_handle *d, wording *x)
{
    notice_first_type_row *f;
    TRY(notice_read_row(t, v, d->parent, &x->n));
    TRY(organisation_read_row(t, v, d->now.org, &x->org));
    err e = notice_first_type(t, &(notice_first_type_args){ .notice = d->parent }, x->a, &f);
    bool none = err_code_of(e) == E_ABSENT;
    if (failed(e) && !none) return e;
    x->ad = none ? advice_for(S(""), x->n->now.kind) : advice_for(f->type, f->identifier);
    x->on_paper = AUDIENCE_LABEL(x->n->audience) < LABEL_RED;
    return letter_machines(t, &(letter_machines_args){ .notice = d->parent, .limit = MACHINES },
            x->a, &x->machines, &x->n_machines);
}

err paper_words(txn *t, const realm *r, const viewer *v, const paper_options *o,
        const delivery_handle *d, const paper_head *h, str *ret_packed)
{
    arena *a = txn_arena(t);
    wording x = { .a = a,
        .o = o,
        .h = h,
        .live = r->kind == REALM_LIVE,
        .blocks = NEW_ARRAY(a, doc_block, BLOCKS) };
    TRY(load(t, v, d, &x));
    put_page(&x, h->first);
    put(&x, DOC_PAGE, 0, NULL, 0);
    put_page(&x, h->first == LANG_UR ? LANG_EN : LANG_UR);
    doc page = { .title = text_fill(a, T(LANG_EN, "paper.reason"), h->number, S(""), S("")),
        .author = o->name[LANG_EN],
        .mark = label_name(AUDIENCE_LABEL(x.n->audience)),
        .foot = h->number,
        .made = h->issued,
        .blocks = x.blocks,
        .n = x.n_blocks };
    return printer_pack(a, &page, ret_packed);
}
