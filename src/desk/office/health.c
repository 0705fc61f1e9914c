/* health.c - is the program up, is it ready for calls, and what is its interface. Public: none
 * answers with content. */
#include "api/api.h"
#include "api/app.h"
#include "flow/flow.h"
#include "gen/routes.h"
#include "gen/routes_handlers.h"
#include "gen/store/queries.h"
#include "proc/keys.h"
#include "store/store.h"
#include <sys/statvfs.h>

enum { ROOM_BYTES = 64 << 20 }; /* below it the next write may fail */

err h_health(call *c)
{
    jw_obj(&c->out);
    jw_kstr(&c->out, "state", S("ready"));
    jw_kstr(&c->out, "version", S(MINAR_VERSION));
    jw_end_obj(&c->out);
    return OK;
}

static bool store_answers(call *c)
{
    job_counts_row *rows;
    size_t n;
    return !failed(job_counts(c->t, c->a, &rows, &n));
}

static bool keys_answer(call *c)
{
    uint8_t key[KEY_BYTES];
    return !failed(keys_public(c->app->keys, SIGN_LEDGER_CHECKPOINT, key));
}

static bool pipeline_runs(call *c)
{
    return flow_snapshot_age_s(c->realm) >= 0;
}

static bool disk_has_room(call *c)
{
    struct statvfs v;
    return statvfs(c->app->data_dir, &v) != 0 || v.f_bavail * v.f_frsize >= ROOM_BYTES;
}

/* The first part that does not work is named: 503, and whoever spreads calls asks another. */
err h_ready(call *c)
{
    static const struct {
        const char *name;
        bool (*works)(call *c);
    } parts[] = { { "store", store_answers }, { "keys", keys_answer },
        { "pipeline", pipeline_runs }, { "disk", disk_has_room } };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!parts[i].works(c))
            return ERR1(E_BUSY, "error.office.not_ready", str_of(parts[i].name));
    jw_obj(&c->out);
    jw_kstr(&c->out, "state", S("ready"));
    jw_key(&c->out, S("parts"));
    jw_arr(&c->out);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        jw_str(&c->out, str_of(parts[i].name));
    jw_end_arr(&c->out);
    jw_end_obj(&c->out);
    return OK;
}

err h_openapi(call *c)
{
    c->raw = (str){ minar_routes.openapi, minar_routes.openapi_bytes };
    return OK;
}
