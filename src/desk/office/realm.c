/* realm.c - routes of realms: a demonstration beside the live one, with its own store, history, ledger
 * and clock. Made and removed in the pool, never on the writer. */
#include "access/realm.h"
#include "access/auth/auth.h"
#include "access/auth/token.h"
#include "access/site.h"
#include "api/app.h"
#include "base/texts.h"
#include "desk/office/person.h"
#include "gen/records/api_key.h"
#include "gen/routes_handlers.h"
#include "main/realm_parts.h"
#include "store/store.h"

static const char *const kinds[] = { "live", "demo", "exercise" };

static void put_members(jsonw *w, const realm *r)
{
    jw_kstr(w, "name", str_of(r->name));
    jw_kstr(w, "kind", str_of(kinds[r->kind]));
    jw_ktime(w, "now", clock_now(&r->clock));
}
