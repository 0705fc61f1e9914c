/* allowed.c - see allowed.h. A viewer is made of the roles and asked for everything. */
#include "access/allowed.h"

enum { ORG = 1, OTHER = 2 };
static_assert(RECORD_KINDS <= 64, "kinds are bits");

static viewer of_roles(uint32_t roles, bool national)
{
    return (viewer){
        .roles = roles, .national = national, .may_write = true, .org = ORG, .person = 1
    };
}

uint64_t allowed_now(const viewer *v)
{
    uint64_t bits = 0;
    for (int p = 0; p < PERMISSIONS; p++)
        if (!failed(permit_use(v, (permission)p))) bits |= UINT64_C(1) << p;
    return bits;
}

uint64_t allowed_of(uint32_t roles, bool national)
{
    viewer v = of_roles(roles, national);
    return allowed_now(&v);
}

uint64_t allowed_records(uint32_t roles, bool national)
{
    viewer v = of_roles(roles, national);
    uint64_t bits = 0;
    for (int k = 0; k < RECORD_KINDS; k++) {
        bool makes = !failed(permit_create(&v, (record_kind)k, ORG, 0)) ||
                     !failed(permit_create(&v, (record_kind)k, OTHER, 0));
        if (makes || !failed(permit_write(&v, (record_kind)k, ORG, 0))) bits |= UINT64_C(1) << k;
    }
    return bits;
}
