/* finding.c - routes of findings: listed, read, answered by their owner. Reads inline, the answer
 * within the group's transaction. */
#include "access/model.h"
#include "access/seen/seen.h"
#include "api/page.h"
#include "desk/watch/bulk.h"
#include "desk/watch/put.h"
#include "gen/routes_handlers.h"
#include "store/store.h"

enum { PAGE = 200 };
static const char *const states[] = { "open", "fixed", "not_mine", "false_positive", "closed" };

/* One page of keys, whatever it was found by. */
typedef struct {
    int64_t row;
    instant last_seen;
} finding_key_at;
typedef struct {
    finding_key_at *at;
    size_t n, cap;
} finding_keys;

static finding_keys keys_new(call *c, size_t cap)
{
    return (finding_keys){ .at = NEW_ARRAY(c->a, finding_key_at, cap + 1), .cap = cap };
}

static bool before(finding_key_at x, finding_key_at y)
{
    return x.last_seen.us != y.last_seen.us ? x.last_seen.us > y.last_seen.us : x.row > y.row;
}

/* Keeps the first cap of all, in order. */
static void keys_put(finding_keys *k, finding_key_at one)
{
    size_t i = k->n;
    while (i > 0 && before(one, k->at[i - 1]))
        i--;
    if (i >= k->cap) return;
    if (k->n < k->cap) k->n++;
    memmove(&k->at[i + 1], &k->at[i], (k->n - 1 - i) * sizeof *k->at);
    k->at[i] = one;
}

/* ---- by state: an index each, so that no list is sorted whole ---- */

static err page_state(
        call *c, const struct finding_query *q, str state, const cursor *at, finding_keys *k)
{
    finding_page_row *rows;
    size_t n;
    finding_page_args args = { .state = state,
        .before = { at->n[0] },
        .before_row = at->n[1],
        .identifier = q->identifier.n ? q->identifier : (str){ 0 },
        .opened_from = q->has_opened_from ? q->opened_from : (instant){ 0 },
        .opened_until = q->has_opened_until ? q->opened_until : (instant){ 0 },
        .limit = (int64_t)k->cap };
    TRY(finding_page(c->t, &c->viewer, &args, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        keys_put(k, (finding_key_at){ rows[i].row, rows[i].last_seen });
    return OK;
}

static err page_states(call *c, const struct finding_query *q, const cursor *at, finding_keys *k)
{
    if (q->state.n) return page_state(c, q, q->state, at, k);
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        TRY(page_state(c, q, str_of(states[i]), at, k));
    return OK;
}

static err page_org(
        call *c, const struct finding_query *q, int64_t org, const cursor *at, finding_keys *k)
{
    finding_page_org_row *rows;
    size_t n;
    finding_page_org_args args = { .org = org,
        .before = { at->n[0] },
        .before_row = at->n[1],
        .state = q->state.n ? q->state : (str){ 0 },
        .identifier = q->identifier.n ? q->identifier : (str){ 0 },
        .opened_from = q->has_opened_from ? q->opened_from : (instant){ 0 },
        .opened_until = q->has_opened_until ? q->opened_until : (instant){ 0 },
        .limit = (int64_t)k->cap };
    TRY(finding_page_org(c->t, &c->viewer, &args, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        k->at[k->n++] = (finding_key_at){ rows[i].row, rows[i].last_seen };
    return OK;
}

static err page_notice(call *c, const struct finding_query *q, const cursor *at, finding_keys *k)
{
    notice_row_of_row *notice;
    finding_page_notice_row *rows;
    size_t n;
    TRY(notice_row_of(c->t, &c->viewer, &(notice_row_of_args){ .id = q->notice }, c->a, &notice));
    finding_page_notice_args args = { .notice = notice->row,
        .after = at->n[2],
        .state = q->state.n ? q->state : (str){ 0 },
        .limit = (int64_t)k->cap };
    TRY(finding_page_notice(c->t, &c->viewer, &args, c->a, &rows, &n));
    for (size_t i = 0; i < n; i++)
        k->at[k->n++] = (finding_key_at){ rows[i].row, rows[i].last_seen };
    return OK;
}

/* Without an organisation asked for, an agency gets its own: all that it sees, by the shorter
 * index. */
static err find_page(call *c, const struct finding_query *q, const cursor *at, finding_keys *k)
{
    int64_t org = c->viewer.national ? 0 : c->viewer.org;
    if (q->has_notice) return page_notice(c, q, at, k);
    if (q->has_org) TRY(watch_org_row(c, q->org, &org));
    return org ? page_org(c, q, org, at, k) : page_states(c, q, at, k);
}

err finding_rows(call *c, const struct finding_query *q, size_t max, int64_t *rows, size_t *n)
{
    cursor at = { .n = { INT64_MAX, INT64_MAX, 0 } };
    size_t got = PAGE;
    *n = 0;
    while (got == PAGE && *n < max) {
        finding_keys k = keys_new(c, PAGE);
        TRY(find_page(c, q, &at, &k));
        got = k.n;
        for (size_t i = 0; i < got && *n < max; i++)
            rows[(*n)++] = k.at[i].row;
        if (got) {
            finding_key_at last = k.at[got - 1];
            at = (cursor){ .n = { last.last_seen.us, last.row, last.row } };
        }
    }
    return OK;
}

err h_finding_list(call *c)
{
    const struct finding_query *q = c->query;
    cursor at;
    bool found;
    TRY(cursor_read(c, q->cursor, &at, &found));
    if (!found) at = (cursor){ .n = { INT64_MAX, INT64_MAX, 0 } };
    int64_t limit = page_limit(q->has_limit ? q->limit : 0);
    finding_keys k = keys_new(c, (size_t)limit);
    TRY(find_page(c, q, &at, &k));
    page_open(c);
    for (size_t i = 0; i < k.n; i++)
        TRY(put_finding(c, k.at[i].row));
    cursor last = { 0 };
    if (k.n)
        last = (cursor){ .n = { k.at[k.n - 1].last_seen.us, k.at[k.n - 1].row,
                                 k.at[k.n - 1].row } };
    page_close(c, (int64_t)k.n == limit, &last);
    return OK;
}

/* Faults: what is hidden is told from what is not there. */
static err seeded_absent(call *c, id128 id, err e)
{
    viewer sys;
    const finding_handle *h;
    if (!SEEDED(denied_not_absent) && !SEEDED(absent_in_other_words)) return e;
    TRY(viewer_system(c->t, &sys));
    if (failed(finding_read(c->t, &sys, (finding_id){ id }, &h))) return e;
    return ERR(SEEDED(denied_not_absent) ? E_DENIED : E_ABSENT, "error.access.link_ended");
}

err h_finding_read(call *c)
{
    finding_row_row *f;
    id128 id;
    TRY(call_id(c, &id));
    err e = finding_row(c->t, &c->viewer, &(finding_row_args){ .id = id }, c->a, &f);
    if (failed(e)) return seeded_absent(c, id, e);
    TRY(put_finding_whole(c, f->row));
    call_saw(c, &(seen_thing){
                        RECORD_finding, f->row, id, f->version, f->owner, f->audience, f->author });
    return c->out.b.n ? OK : ERR(E_ABSENT, "error.api.absent"); /* its organisation is unseen */
}

/* A fault: whoever answers also says whose it is. */
static void seeded_owner(call *c, finding_draft *d)
{
#ifdef MINAR_FAULTS
    const json *j;
    int64_t owner;
    if (SEEDED(mass_owner) && !failed(json_parse(c->a, c->body, NULL, &j)) &&
            json_i64(json_get(j, S("owner")), &owner))
        d->owner = owner;
#else
    (void)c, (void)d;
#endif
}

err h_finding_answer(call *c)
{
    const struct finding_answer *b = c->req;
    const finding_handle *h;
    finding_id id;
    viewer by;
    TRY(call_id(c, &id.id));
    TRY(permit_for(&c->viewer, PERMISSION_finding_answer, acting_person(c), &by));
    TRY(finding_hold(c->t, &by, id, &h));
    TRY(call_match(c, h->version, false));
    if (!str_eq(h->now.state, b->answer)) {
        finding_draft d = answer_draft(c->t, &by, h, b->answer);
        seeded_owner(c, &d);
        TRY(answer_save(c->t, &by, h, &d));
    }
    call_created(c, h->id.id, h->version);
    return OK;
}
