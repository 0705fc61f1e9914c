/* leave.c - see leave.h. Owns nothing in memory. */
#include "access/leave.h"
#include "access/role_end.h"
#include "gen/access/queries.h"
#include "store/store.h"

err leave_load(struct txn *t, viewer *v)
{
    leave_of_viewer_row *rows;
    size_t n;
    TRY(leave_of_viewer(t, &(leave_of_viewer_args){ .person = v->person, .now = txn_now(t) },
            txn_arena(t), &rows, &n));
    ASSERT(n <= VIEWER_LEAVES);
    for (size_t i = 0; i < n; i++) {
        v->leaves[i] = (viewer_leave){ .person = rows[i].person,
            .id = rows[i].id,
            .roles = (uint32_t)rows[i].roles,
            .starts = rows[i].starts,
            .until = rows[i].until };
        if (rows[i].person != v->person)
            TRY(role_ends_of(t, rows[i].person, v->leaves[i].role_until));
    }
    v->n_leaves = (uint8_t)n;
    return OK;
}

err leave_of(struct txn *t, int64_t person, leave_now *ret)
{
    leave_at_row *row;
    *ret = (leave_now){ 0 };
    const leave_at_args args = { .person = person, .now = txn_now(t) };
    err e = leave_at(t, &args, txn_arena(t), &row);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    *ret = (leave_now){ .away = true,
        .deputy = row->has_deputy ? row->deputy : 0,
        .deputy_lang = row->lang,
        .until = row->until };
    return OK;
}

err leave_acted(struct txn *t, str kind, int64_t record, const viewer *v)
{
    if (!v->stands_for)
        return acted_for_drop(t, &(acted_for_drop_args){ .kind = kind, .record = record }, NULL);
    return acted_for_put(t,
            &(acted_for_put_args){ .kind = kind,
                    .record = record,
                    .deputy = v->person,
                    .person = v->stands_for,
                    .at = txn_now(t) },
            NULL);
}

err leave_acted_for(struct txn *t, str kind, int64_t record, int64_t *ret_person)
{
    acted_for_get_row *row;
    *ret_person = 0;
    err e = acted_for_get(
            t, &(acted_for_get_args){ .kind = kind, .record = record }, txn_arena(t), &row);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    *ret_person = row->person;
    return OK;
}
