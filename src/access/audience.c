/* audience.c - audiences and groups in the store. The row of an audience is found by its value or
 * made; the writer's transaction makes that safe, a unique index keeps it so. Owns nothing in
 * memory; the thread is the transaction's. */
#include "access/audience.h"

#include "gen/access/queries.h"
#include "gen/store/queries.h"

#include <stdlib.h>

static int by_value(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

/* Sorted, each once; *n falls accordingly. */
static int64_t *sorted(arena *a, const int64_t *rows, size_t *n)
{
    int64_t *s = NEW_ARRAY(a, int64_t, *n + 1);
    size_t kept = 0;
    if (*n) memcpy(s, rows, *n * sizeof *s);
    qsort(s, *n, sizeof *s, by_value);
    for (size_t i = 0; i < *n; i++)
        if (!kept || s[kept - 1] != s[i]) s[kept++] = s[i];
    *n = kept;
    return s;
}

static str joined(arena *a, const int64_t *rows, size_t n)
{
    buf b = buf_new(a, 16 * n + 1);
    for (size_t i = 0; i < n; i++) {
        if (i) buf_byte(&b, ',');
        buf_i64(&b, rows[i]);
    }
    return n ? buf_str(&b) : S("");
}

err audience_check(int label, int64_t grp, size_t n_persons)
{
    bool grouped = label == LABEL_AMBER || label == LABEL_STRICT;
    if (label < LABEL_CLEAR || label > LABEL_RED) return ERR(E_INVALID, "error.access.label");
    if (n_persons && label != LABEL_RED) return ERR(E_INVALID, "error.access.people_not_red");
    if (grp && !grouped) return ERR(E_INVALID, "error.access.group_label");
    return OK;
}

static err make(
        txn *t, int label, int64_t grp, str named, const int64_t *persons, size_t n, int64_t *ret)
{
    counter_next_row *next;
    int64_t changed;
    TRY(counter_next(t, &(counter_next_args){ .name = S("audience") }, txn_arena(t), &next));
    int64_t row = next->value * 8 + label;
    TRY(audience_add(t,
            &(audience_add_args){ .row = row, .label = label, .grp = grp, .named = named },
            &changed));
    for (size_t i = 0; i < n; i++)
        TRY(audience_person_add(
                t, &(audience_person_add_args){ .audience = row, .person = persons[i] }, &changed));
    txn_raise_sights(t);
    *ret = row;
    return OK;
}

err audience_intern(
        txn *t, int label, int64_t grp, const int64_t *persons, size_t n_persons, int64_t *ret_row)
{
    audience_find_row *found;
    TRY(audience_check(label, grp, n_persons));
    int64_t *named = sorted(txn_arena(t), persons, &n_persons);
    str text = joined(txn_arena(t), named, n_persons);
    err e = audience_find(t, &(audience_find_args){ .label = label, .grp = grp, .named = text },
            txn_arena(t), &found);
    if (err_code_of(e) == E_ABSENT) return make(t, label, grp, text, named, n_persons, ret_row);
    TRY(e);
    *ret_row = found->row;
    return OK;
}

err audience_read(txn *t, int64_t row, int *ret_label, int64_t *ret_grp)
{
    audience_get_row *a;
    TRY(audience_get(t, &(audience_get_args){ .row = row }, txn_arena(t), &a));
    *ret_label = (int)a->label;
    *ret_grp = a->grp;
    return OK;
}

/* ---- groups ---- */

err group_create(txn *t, const viewer *v, const sharing_group_draft *d, const int64_t *orgs,
        size_t n_orgs, const sharing_group_handle **ret)
{
    const sharing_group_handle *g;
    int64_t changed;
    TRY(sharing_group_insert(t, v, d, LEDGER_sharing_group_created, &g));
    for (size_t i = 0; i < n_orgs; i++)
        TRY(group_member_add(
                t, &(group_member_add_args){ .grp = g->row, .org = orgs[i] }, &changed));
    *ret = g;
    return OK;
}

static err changed_group(
        txn *t, const viewer *v, const sharing_group_handle *g, int64_t n, bool *ret_changed)
{
    sharing_group_draft same = g->now;
    if (n) TRY(sharing_group_save(t, v, g, &same, LEDGER_sharing_group_changed));
    *ret_changed = n != 0;
    return OK;
}

err group_add(
        txn *t, const viewer *v, const sharing_group_handle *g, int64_t org, bool *ret_changed)
{
    int64_t n;
    ASSERT(g->held && org > 0);
    TRY(group_member_add(t, &(group_member_add_args){ .grp = g->row, .org = org }, &n));
    return changed_group(t, v, g, n, ret_changed);
}

err group_remove(
        txn *t, const viewer *v, const sharing_group_handle *g, int64_t org, bool *ret_changed)
{
    int64_t n;
    ASSERT(g->held);
    TRY(group_member_remove(t, &(group_member_remove_args){ .grp = g->row, .org = org }, &n));
    return changed_group(t, v, g, n, ret_changed);
}

err group_read(txn *t, int64_t grp, const int64_t **ret, size_t *n)
{
    group_members_row *rows;
    size_t count;
    TRY(group_members(t, &(group_members_args){ .grp = grp }, txn_arena(t), &rows, &count));
    int64_t *orgs = NEW_ARRAY(txn_arena(t), int64_t, count + 1);
    for (size_t i = 0; i < count; i++)
        orgs[i] = rows[i].org;
    *ret = orgs;
    *n = count;
    return OK;
}
