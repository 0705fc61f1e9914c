/* queue.c - what waits at the desk: notices that may still be taken back, notices nobody has
 * acknowledged by deadline, findings that nobody was told of. Reads inline. */
#include "api/page.h"
#include "common/advice/advice.h"
#include "base/texts.h"
#include "common/findings/findings.h"
#include "desk/watch/put.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

/* The parts of the queue in their order; a cursor is the part, then where within it. */
enum { PART_HELD, PART_SENT, PART_FINDINGS, PARTS };
enum { COUNT_MAX = 10000 };

typedef struct {
    call *c;
    const struct queue_query *q;
    instant now;
    int64_t left; /* room on the page */
    cursor last;
    bool more;
} queue_page;

static str sector_of(const queue_page *p)
{
    return p->q->sector.n ? p->q->sector : (str){ 0 };
}

static void put_notice(queue_page *p, const queue_notices_row *n)
{
    jsonw *w = &p->c->out;
    lang l = call_lang(p->c);
    jw_obj(w);
    jw_kstr(w, "kind", S("notice"));
    jw_kid(w, "id", n->id);
    jw_kstr(w, "title", texts_pick(p->c->a, n->subject, l));
    put_org_ref(w, S("org"), n->org_id, n->org_key, n->org_name);
    jw_kstr(w, "identifier", n->kind);
    jw_kstr(w, "severity", severity_name(n->severity));
    jw_kstr(w, "state", n->state);
    jw_ktime(w, "age_from", n->created);
    jw_ktime(w, "due", n->due);
    jw_kbool(w, "late", n->due.us < p->now.us);
    jw_kstr(w, "source", n->contacts ? n->number : T(l, "queue.no_contact"));
    jw_ki64(w, "count", n->findings);
    jw_kstr(w, "tlp", tlp_name(n->audience));
    jw_end_obj(w);
}

static err page_notices(queue_page *p, int part, const cursor *at)
{
    queue_notices_row *rows;
    size_t n;
    queue_notices_args args = { .state = part == PART_HELD ? S("held") : S("sent"),
        .after = { at->n[1] },
        .after_row = at->n[2],
        .sector = sector_of(p),
        .limit = p->left };
    if (p->q->has_late && p->q->late) args.before = p->now;
    TRY(queue_notices(p->c->t, &p->c->viewer, &args, p->c->a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        put_notice(p, &rows[i]);
        p->last = (cursor){ .n = { part, rows[i].due.us, rows[i].row } };
    }
    p->left -= (int64_t)n;
    return OK;
}

static str finding_title(queue_page *p, const queue_findings_row *f)
{
    str what = T(call_lang(p->c), advice_for(f->type, f->identifier)->what_key);
    str where = f->ip.n ? f->ip : f->fqdn;
    return where.n ? str_fmt(p->c->a, "%.*s: %.*s", STR_ARG(what), STR_ARG(where)) : what;
}

static void put_untold(queue_page *p, const queue_findings_row *f)
{
    jsonw *w = &p->c->out;
    lang l = call_lang(p->c);
    bool unowned = str_eq(f->why_kind, S("none")) || str_eq(f->why_kind, S("country"));
    jw_obj(w);
    jw_kstr(w, "kind", S("finding"));
    jw_kid(w, "id", f->id);
    jw_kstr(w, "title", finding_title(p, f));
    put_org_ref(w, S("org"), f->org_id, f->org_key, f->org_name);
    jw_kstr(w, "identifier", f->identifier);
    jw_kstr(w, "severity", severity_name(f->severity));
    jw_kstr(w, "state", S("open"));
    jw_ktime(w, "age_from", f->first_seen);
    jw_key(w, S("due"));
    jw_null(w);
    jw_kbool(w, "late", false);
    jw_kstr(w, "source", unowned ? T(l, "queue.unowned") : T(l, "queue.not_told"));
    jw_ki64(w, "count", f->seen);
    jw_kstr(w, "tlp", tlp_name(f->audience));
    jw_end_obj(w);
}

static err page_findings(queue_page *p, const cursor *at)
{
    queue_findings_row *rows;
    size_t n;
    queue_findings_args args = {
        .before = at->n[2] ? at->n[2] : INT64_MAX, .sector = sector_of(p), .limit = p->left
    };
    TRY(queue_findings(p->c->t, &p->c->viewer, &args, p->c->a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        put_untold(p, &rows[i]);
        p->last = (cursor){ .n = { PART_FINDINGS, 0, rows[i].row } };
    }
    p->left -= (int64_t)n;
    return OK;
}

/* Only notices can be late, and only those that have left. */
static bool part_asked(const queue_page *p, int part)
{
    return !(p->q->has_late && p->q->late) || part == PART_SENT;
}

static err put_page(queue_page *p, cursor at)
{
    for (int part = (int)at.n[0]; part < PARTS && p->left > 0; part++) {
        if (!part_asked(p, part)) continue;
        TRY(part == PART_FINDINGS ? page_findings(p, &at) : page_notices(p, part, &at));
        at = (cursor){ 0 };
    }
    p->more = p->left == 0;
    return OK;
}

static err put_counts(queue_page *p)
{
    call *c = p->c;
    notices_waiting_row *n;
    findings_unnoticed_row *f;
    TRY(notices_waiting(c->t, &c->viewer, &(notices_waiting_args){ .now = p->now }, c->a, &n));
    TRY(findings_unnoticed(
            c->t, &c->viewer, &(findings_unnoticed_args){ .limit = COUNT_MAX }, c->a, &f));
    jw_ki64(&c->out, "waiting", n->waiting + f->n);
    jw_ki64(&c->out, "late", n->late);
    return OK;
}

err h_queue(call *c)
{
    queue_page p = { .c = c, .q = c->query, .now = txn_now(c->t) };
    cursor at;
    bool found;
    TRY(cursor_read(c, p.q->cursor, &at, &found));
    p.left = page_limit(p.q->has_limit ? p.q->limit : 0);
    jw_obj(&c->out);
    jw_key(&c->out, S("items"));
    jw_arr(&c->out);
    TRY(put_page(&p, at));
    jw_end_arr(&c->out);
    jw_key(&c->out, S("next"));
    if (p.more)
        jw_str(&c->out, cursor_make(c, &p.last));
    else
        jw_null(&c->out);
    TRY(put_counts(&p));
    jw_end_obj(&c->out);
    return OK;
}
