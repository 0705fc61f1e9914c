/* reactions.c - what WATCH does after a ledger entry: findings that were opened, or came back,
 * become notices to their owners. Runs on the writer within the reaction's transaction. */
#include "desk/watch/event/feed_alarm.h"
#include "desk/watch/notice_write.h"
#include "store/store.h"

typedef struct {
    finding_group *at;
    size_t n;
} groups;

static str kind_of(const finding_new_row *f)
{
    return f->identifier.n ? f->identifier : f->type;
}

static finding_group *group_of(groups *s, const finding_new_row *f)
{
    for (size_t i = s->n; i-- > 0;)
        if (s->at[i].org == f->owner && str_eq(s->at[i].kind, kind_of(f))) return &s->at[i];
    s->at[s->n] = (finding_group){ .org = f->owner, .kind = kind_of(f) };
    return &s->at[s->n++];
}

static void add(arena *a, finding_group *g, const finding_new_row *f)
{
    if (g->n == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 8;
        g->at = arena_extend(a, g->at, g->cap * sizeof(void *), cap * sizeof(void *));
        g->cap = cap;
    }
    g->at[g->n++] = f;
}

/* Nobody is told of what is the site's own, answered, or told already. */
static bool to_be_told(const realm *r, const finding_new_row *f)
{
    return f->owner != r->site_org && !f->has_notice && str_eq(f->state, S("open"));
}

static bool twice(const finding_group *g, const finding_new_row *f)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->at[i]->row == f->row) return true;
    return false;
}

static err collect(txn *t, const realm *r, const ledger_item *entries, size_t n, groups *s)
{
    arena *a = txn_arena(t);
    s->at = NEW_ARRAY(a, finding_group, n + 1);
    for (size_t i = 0; i < n; i++) {
        finding_new_row *f;
        err e = finding_new(t, &(finding_new_args){ .id = entries[i].subject }, a, &f);
        if (err_code_of(e) == E_ABSENT) continue;
        TRY(e);
        if (!to_be_told(r, f)) continue;
        finding_group *g = group_of(s, f);
        if (entries[i].type != LEDGER_finding_seen || !twice(g, f)) add(a, g, f);
    }
    return OK;
}

/* From which row on a notice may be held still; 0 when none is. */
static err held_from(txn *t, const notice_rules *rules, int64_t *ret)
{
    notice_first_since_row *first;
    notice_first_since_args since = { .since = { txn_now(t).us - rules->hold_us } };
    err e = notice_first_since(t, &since, txn_arena(t), &first);
    *ret = failed(e) ? 0 : first->row;
    return err_code_of(e) == E_ABSENT ? OK : e;
}

static err findings_to_notices(
        txn *t, const realm *r, void *ctx, const ledger_item *entries, size_t n)
{
    int64_t first_held;
    groups s = { 0 };
    viewer sys;
    TRY(collect(t, r, entries, n, &s));
    if (!s.n) return OK;
    TRY(viewer_system(t, &sys));
    TRY(held_from(t, ctx, &first_held));
    for (size_t i = 0; i < s.n; i++)
        TRY(notice_write(t, r, &sys, ctx, &s.at[i], first_held));
    return OK;
}

static const ledger_type on_findings[] = { LEDGER_finding_opened, LEDGER_finding_seen };
static const ledger_type on_imports[] = { LEDGER_import_finished };
static const ledger_type notices_write[] = { LEDGER_notice_written, LEDGER_finding_noticed,
    LEDGER_delivery_created };

void watch_reactions(const notice_rules *r, reaction_def ret[WATCH_REACTIONS])
{
    ret[0] = (reaction_def){ .name = "watch.notices",
        .on = on_findings,
        .n_on = ARRAY_LEN(on_findings),
        .writes = notices_write,
        .n_writes = ARRAY_LEN(notices_write),
        .fn = findings_to_notices,
        .ctx = (void *)(uintptr_t)r /* read only */ };
    ret[1] = (reaction_def){ .name = "watch.feeds",
        .on = on_imports,
        .n_on = ARRAY_LEN(on_imports),
        .fn = feed_count };
}
