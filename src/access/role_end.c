/* role_end.c - see role_end.h. Owns nothing in memory. */
#include "access/role_end.h"
#include "gen/access/queries.h"
#include "gen/permissions.h"
#include "store/store.h"

static_assert(ROLES <= VIEWER_ROLES, "a place for each role");

err role_ends_of(struct txn *t, int64_t person, instant ret[VIEWER_ROLES])
{
    role_end_of_row *rows;
    size_t n;
    memset(ret, 0, VIEWER_ROLES * sizeof *ret);
    TRY(role_end_of(t, &(role_end_of_args){ .person = person }, txn_arena(t), &rows, &n));
    for (size_t i = 0; i < n; i++) {
        ASSERT(rows[i].role >= 0 && rows[i].role < ROLES);
        ret[rows[i].role] = rows[i].until;
    }
    return OK;
}

err role_ends_set(struct txn *t, int64_t person, uint32_t roles, instant until, int64_t author)
{
    for (int b = 0; b < ROLES; b++) {
        if (!(roles >> b & 1)) continue;
        if (!until.us)
            TRY(role_end_drop(t, &(role_end_drop_args){ .person = person, .role = b }, NULL));
        else
            TRY(role_end_put(t,
                    &(role_end_put_args){ .person = person,
                            .role = b,
                            .until = until,
                            .granted = txn_now(t),
                            .author = author },
                    NULL));
    }
    return OK;
}

uint32_t roles_left(uint32_t roles, const instant until[VIEWER_ROLES], instant now)
{
    for (int b = 0; b < ROLES; b++)
        if (until[b].us && until[b].us <= now.us) roles &= ~(UINT32_C(1) << b);
    return roles;
}

void viewer_roles_now(viewer *v)
{
    v->roles = roles_left(v->roles, v->role_until, v->sight.now);
}
