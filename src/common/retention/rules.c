/* rules.c - see rules.h. The last row of a table never goes, so that no number is given twice. The
 * thread is the transaction's. */
#include "common/retention/rules.h"
#include "common/files/files.h"
#include "gen/common/retention/queries.h"
#include "store/store.h"

/* The queries answer the same columns. */
#define PAGE_OF(query, ...)                                                                        \
    query##_row *rows;                                                                             \
    query##_args q = { __VA_ARGS__.after = after, .limit = limit };                                \
    TRY(query(t, &q, txn_arena(t), &rows, ret_n));                                                 \
    *ret = NEW_ARRAY(txn_arena(t), old_thing, *ret_n + 1);                                         \
    for (size_t i = 0; i < *ret_n; i++)                                                            \
        (*ret)[i] =                                                                                \
                (old_thing){ rows[i].row, rows[i].made, rows[i].at, rows[i].due, rows[i].held };   \
    return OK

/* ---- what people were told, queued mail, long works ---- */

static err notifications(txn *t, int64_t after, int64_t limit, old_thing **ret, size_t *ret_n)
{
    PAGE_OF(old_notifications, );
}

static err drop_notification(txn *t, int64_t row)
{
    return gone_notification(t, &(gone_notification_args){ .row = row }, NULL);
}

static err mails(txn *t, int64_t after, int64_t limit, old_thing **ret, size_t *ret_n)
{
    PAGE_OF(old_jobs, .mail = true, );
}

static err jobs(txn *t, int64_t after, int64_t limit, old_thing **ret, size_t *ret_n)
{
    PAGE_OF(old_jobs, .mail = false, );
}

static err drop_job(txn *t, int64_t row)
{
    TRY(gone_job_items(t, &(gone_job_items_args){ .row = row }, NULL));
    return gone_job(t, &(gone_job_args){ .row = row }, NULL);
}

static err acts(txn *t, int64_t after, int64_t limit, old_thing **ret, size_t *ret_n)
{
    PAGE_OF(old_acts, .now = txn_now(t), );
}

static err drop_act(txn *t, int64_t row)
{
    TRY(gone_act_yes(t, &(gone_act_yes_args){ .row = row }, NULL));
    return gone_act(t, &(gone_act_args){ .row = row }, NULL);
}

/* ---- records: with their earlier versions and their words ---- */

static err imports(txn *t, int64_t after, int64_t limit, old_thing **ret, size_t *ret_n)
{
    PAGE_OF(old_imports, );
}

static err drop_import(txn *t, int64_t row)
{
    TRY(gone_import_versions(t, &(gone_import_versions_args){ .row = row }, NULL));
    return gone_import(t, &(gone_import_args){ .row = row }, NULL);
}

static err old_files_page(txn *t, int64_t after, int64_t limit, old_thing **ret, size_t *ret_n)
{
    PAGE_OF(old_files, );
}

static err drop_file(txn *t, int64_t row)
{
    TRY(gone_acted_for(t, &(gone_acted_for_args){ .kind = S("attachment"), .row = row }, NULL));
    return files_go(t, row);
}

static err actions(txn *t, int64_t after, int64_t limit, old_thing **ret, size_t *ret_n)
{
    PAGE_OF(old_actions, );
}

static err drop_action(txn *t, int64_t row)
{
    TRY(gone_acted_for(t, &(gone_acted_for_args){ .kind = S("action"), .row = row }, NULL));
    TRY(gone_action_words(t, &(gone_action_words_args){ .row = row }, NULL));
    TRY(gone_action_versions(t, &(gone_action_versions_args){ .row = row }, NULL));
    return gone_action(t, &(gone_action_args){ .row = row }, NULL);
}

static err findings(txn *t, int64_t after, int64_t limit, old_thing **ret, size_t *ret_n)
{
    PAGE_OF(old_findings, );
}

static err drop_finding(txn *t, int64_t row)
{
    TRY(gone_acted_for(t, &(gone_acted_for_args){ .kind = S("finding"), .row = row }, NULL));
    TRY(gone_finding_words(t, &(gone_finding_words_args){ .row = row }, NULL));
    TRY(gone_finding_versions(t, &(gone_finding_versions_args){ .row = row }, NULL));
    return gone_finding(t, &(gone_finding_args){ .row = row }, NULL);
}

static err notices(txn *t, int64_t after, int64_t limit, old_thing **ret, size_t *ret_n)
{
    PAGE_OF(old_notices, );
}

static err drop_deliveries(txn *t, int64_t notice)
{
    TRY(gone_delivery_links(t, &(gone_delivery_links_args){ .notice = notice }, NULL));
    TRY(gone_delivery_letters(t, &(gone_delivery_letters_args){ .notice = notice }, NULL));
    TRY(gone_delivery_versions(t, &(gone_delivery_versions_args){ .notice = notice }, NULL));
    return gone_deliveries(t, &(gone_deliveries_args){ .notice = notice }, NULL);
}

static err drop_notice(txn *t, int64_t row)
{
    TRY(drop_deliveries(t, row));
    TRY(gone_acted_for(t, &(gone_acted_for_args){ .kind = S("notice"), .row = row }, NULL));
    TRY(gone_notice_words(t, &(gone_notice_words_args){ .row = row }, NULL));
    TRY(gone_notice_versions(t, &(gone_notice_versions_args){ .row = row }, NULL));
    return gone_notice(t, &(gone_notice_args){ .row = row }, NULL);
}

const rule_rows *rule_rows_of(const char *name)
{
    static const rule_rows rows[] = { { "notifications", notifications, drop_notification },
        { "mails", mails, drop_job }, { "jobs", jobs, drop_job }, { "acts", acts, drop_act },
        { "imports", imports, drop_import }, { "files", old_files_page, drop_file },
        { "actions", actions, drop_action }, { "findings", findings, drop_finding },
        { "notices", notices, drop_notice } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eq(str_of(rows[i].name), str_of(name))) return &rows[i];
    return NULL;
}

/* ---- ways in that are over: few, for each that is made removes older ones ---- */

err rule_sign_in(struct txn *t, instant before, bool act, int64_t *ret_n, instant *oldest)
{
    old_sign_in_row *row;
    TRY(old_sign_in(t, &(old_sign_in_args){ .before = before }, txn_arena(t), &row));
    *ret_n = row->n;
    *oldest = row->oldest;
    if (!act || !row->n) return OK;
    TRY(gone_sessions(t, &(gone_sessions_args){ .before = before }, NULL));
    TRY(gone_links(t, &(gone_links_args){ .before = before }, NULL));
    TRY(gone_challenges(t, &(gone_challenges_args){ .before = before }, NULL));
    return gone_flows(t, &(gone_flows_args){ .before = before }, NULL);
}
