/* viewer.c - the machine itself as a viewer: reactions, pipeline, outbox. */
#include "access/viewer.h"
#include "access/audience.h"
#include "access/model.h"
#include "access/site.h"
#include "store/store.h"

err viewer_system(struct txn *t, viewer *ret)
{
    int64_t org = 0;
    TRY(site_org_row(t, &org));
    *ret = (viewer){ .system = true,
        .national = true,
        .may_write = true,
        .org = org,
        .lang = LANG_EN,
        .how = S("system") };
    return sight_load(t, 0, org, 0, true, &ret->sight);
}
