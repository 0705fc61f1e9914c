/* findings.c - see findings.h. Point queries by unique keys and narrow updates: this is the hot
 * path of the writer. Owns nothing in memory. */
#include "common/findings/findings.h"
#include "access/site.h"
#include "base/text.h"
#include "gen/common/findings/queries.h"
#include "gen/records/finding.h"
#include "store/store.h"

static const char *const names[SEVERITIES] = { "unknown", "info", "low", "medium", "high",
    "critical" };
static const char *const keys[SEVERITIES] = { TK("severity.unknown"), TK("severity.info"),
    TK("severity.low"), TK("severity.medium"), TK("severity.high"), TK("severity.critical") };

static size_t clamped(int64_t s)
{
    if (s < 0) return 0;
    return s < SEVERITIES ? (size_t)s : SEVERITIES - 1;
}

str severity_name(int64_t s)
{
    return str_of(names[clamped(s)]);
}

const char *severity_key(int64_t s)
{
    return keys[clamped(s)];
}

/* ---- writing over a version ---- */

static err keep_version(txn *t, int64_t row, int64_t version)
{
    cell in[2] = { { .type = CELL_I64, .i = row }, { .type = CELL_I64, .i = version } };
    return stmt_run(t, finding_def.keep, 0, in, NULL, NULL, NULL);
}

/* What the ledger speaks of stays readable: the version is kept before it is written over. One that
 * no entry names may go. */
static err keep_if_ledgered(txn *t, int64_t row)
{
    finding_ledgered_row *l;
    TRY(finding_ledgered(t, &(finding_ledgered_args){ .row = row }, txn_arena(t), &l));
    return l->entries ? keep_version(t, row, l->version) : OK;
}

err finding_put_on_notice(struct txn *t, int64_t finding, int64_t notice)
{
    int64_t n = 0;
    TRY(keep_if_ledgered(t, finding));
    TRY(finding_to_notice(t,
            &(finding_to_notice_args){ .row = finding, .notice = notice, .now = txn_now(t) }, &n));
    return n == 1 ? OK : ERR1(E_ABSENT, "error.access.absent", S("finding"));
}

err finding_release_notice(struct txn *t, int64_t notice)
{
    finding_on_notice_ledgered_row *rows;
    size_t n;
    TRY(finding_on_notice_ledgered(
            t, &(finding_on_notice_ledgered_args){ .notice = notice }, txn_arena(t), &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(keep_version(t, rows[i].row, rows[i].version));
    return finding_off_notice(
            t, &(finding_off_notice_args){ .notice = notice, .now = txn_now(t) }, NULL);
}

/* ---- promote ---- */

typedef struct {
    txn *t;
    const realm *r;
    viewer sys;
    int64_t audience; /* the owner and the national desk */
} promoting;

static err open_new(promoting *p, const promote_item *i)
{
    const finding_handle *h;
    finding_draft d = { .owner = i->owner ? i->owner : p->r->site_org,
        .audience = p->audience,
        .feed = i->feed,
        .taxonomy = i->taxonomy,
        .type = i->type,
        .identifier = i->identifier,
        .severity = (int64_t)clamped(i->severity),
        .ip = i->ip.n ? i->ip : (str){ 0 },
        .port = i->port,
        .has_port = i->port >= 0,
        .fqdn = i->fqdn.n ? i->fqdn : (str){ 0 },
        .asn = i->asn,
        .has_asn = i->asn > 0,
        .detail = i->detail.n ? i->detail : S("{}"),
        .dedup = { (const char *)i->dedup, sizeof i->dedup },
        .first_seen = i->first_seen,
        .last_seen = i->last_seen,
        .seen = i->count,
        .why_kind = i->why_kind,
        .why_value = i->why_value,
        .indicator = i->indicator,
        .has_indicator = i->indicator != 0,
        .event = i->event,
        .state = S("open") };
    return finding_insert(p->t, &p->sys, &d, LEDGER_finding_opened, &h);
}

static err reopen(promoting *p, const promote_item *i, int64_t row)
{
    const finding_handle *h;
    TRY(finding_hold_row(p->t, &p->sys, row, &h));
    finding_draft d = h->now;
    d.state = S("open");
    d.has_notice = d.has_answered_by = false;
    d.notice = d.answered_by = 0;
    d.answered = (instant){ 0 };
    d.seen += i->count;
    if (i->last_seen.us > d.last_seen.us) d.last_seen = i->last_seen;
    if (i->severity > d.severity) d.severity = (int64_t)clamped(i->severity);
    return finding_save(p->t, &p->sys, h, &d, LEDGER_finding_seen);
}

static err seen_again(promoting *p, const promote_item *i, const finding_by_dedup_row *f)
{
    bool over = str_eq(f->state, S("fixed")) || str_eq(f->state, S("closed"));
    if (over && i->last_seen.us > f->answered.us) return reopen(p, i, f->row);
    TRY(keep_if_ledgered(p->t, f->row));
    return finding_again(p->t,
            &(finding_again_args){ .row = f->row,
                    .n = i->count,
                    .first_seen = i->first_seen,
                    .last_seen = i->last_seen,
                    .severity = (int64_t)clamped(i->severity),
                    .now = txn_now(p->t) },
            NULL);
}

static err promote_one(promoting *p, const promote_item *i)
{
    finding_by_dedup_row *f;
    ASSERT(i->count > 0 && i->first_seen.us <= i->last_seen.us);
    err e = finding_by_dedup(p->t,
            &(finding_by_dedup_args){ .dedup = { (const char *)i->dedup, sizeof i->dedup } },
            txn_arena(p->t), &f);
    if (err_code_of(e) == E_ABSENT) return open_new(p, i);
    TRY(e);
    return seen_again(p, i, f);
}

err finding_promote(struct txn *t, const realm *r, const promote_item *items, size_t n)
{
    promoting p = { .t = t, .r = r };
    ASSERT(txn_writes(t) && (items || n == 0));
    TRY(viewer_system(t, &p.sys));
    TRY(site_audience_strict(t, r->national_grp, &p.audience));
    for (size_t i = 0; i < n; i++)
        TRY(promote_one(&p, &items[i]));
    return OK;
}
