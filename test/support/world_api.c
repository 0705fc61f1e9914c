/* world_api.c - see world_api.h. One thread. */
#include "support/world_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gen/routes.h"

static void must(err e)
{
    if (!failed(e)) return;
    fprintf(stderr, "world api: %s %.*s\n", e.f->key, STR_ARG(e.f->args[0]));
    abort();
}

void world_api_open(world_api *x, world *w)
{
    static const uint8_t key[32] = { 1 };
    *x = (world_api){ .w = w,
        .app = { .data_dir = w->dir, .realms = w->all, .public_url = S("http://localhost") } };
    x->a = arena_new(1 << 20);
    must(conf_load(x->a, NULL, &x->app.conf));
    must(api_open(
            &(api_options){ .app = &x->app, .routes = &minar_routes, .key = key, .workers = 2 },
            &x->api));
    x->app.api = x->api;
}

void world_api_close(world_api *x)
{
    api_stop(x->api);
    api_close(x->api);
    arena_free(x->a);
}

/* Routes that take a file get it as the HTTP server would leave it. */
static const char *spooled(world_api *x, arena *a, str body)
{
    char *path = str_z(a, str_fmt(a, "%s/spooled", x->w->dir));
    FILE *f = fopen(path, "wb");
    ASSERT(f && fwrite(body.p, 1, body.n, f) == body.n && fclose(f) == 0);
    return path;
}

api_answer world_call(world_api *x, arena *a, const char *method, const char *path, str body)
{
    api_answer answer;
    str all = str_of(path);
    ptrdiff_t mark = str_find_byte(all, '?');
    api_request q = { .method = str_of(method),
        .path = mark < 0 ? all : str_sub(all, 0, (size_t)mark),
        .query = mark < 0 ? (str){ 0 } : str_sub(all, (size_t)mark + 1, all.n),
        .local_uid = (int64_t)getuid(),
        .content_type = S("application/json"),
        .accept = S("application/json"),
        .body = body };
    bool file = str_find(all, S("/files")) > 0 || str_find(all, S("/imports/")) > 0 ||
                str_find(all, S("mapping")) > 0;
    if (file && body.n) {
        q.spool = spooled(x, a, body);
        q.spool_bytes = (int64_t)body.n;
        q.content_type = S("application/octet-stream");
    }
    api_run(&x->app, a, &q, &answer);
    if (q.spool) unlink(q.spool);
    return answer;
}
