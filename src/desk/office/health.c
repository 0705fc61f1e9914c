/* health.c - is the program ready, and what is its interface. Public: neither answers with content.
 */
#include "api/api.h"
#include "gen/routes.h"
#include "gen/routes_handlers.h"

err h_health(call *c)
{
    jw_obj(&c->out);
    jw_kstr(&c->out, "state", S("ready"));
    jw_kstr(&c->out, "version", S(MINAR_VERSION));
    jw_end_obj(&c->out);
    return OK;
}

err h_openapi(call *c)
{
    c->raw = (str){ minar_routes.openapi, minar_routes.openapi_bytes };
    return OK;
}
