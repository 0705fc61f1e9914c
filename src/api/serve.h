/* serve.h - the API over HTTP and over the local socket: what main opens, hangs on the HTTP server,
 * and closes. Owns the worker pool, rate buckets, cursor keys and streams. */
#pragma once
#include "access/realm.h"
#include "api/route.h"
#include "net/http.h"

struct app;
typedef struct api api;

/* A file of the console, precompressed; made by the console's build. */
typedef struct console_asset {
    const char *path; /* "/assets/index-1a2b.js"; "/index.html" answers for every page */
    const char *content_type;
    const char *etag; /* quoted */
    const uint8_t *gzip;
    size_t gzip_bytes;
    bool immutable; /* its name changes with its content */
} console_asset;

typedef struct {
    struct app *app;
    const route_table *routes;
    const console_asset *assets; /* NULL: none */
    size_t n_assets;
    const uint8_t *key; /* 32 bytes, kept with the data: cursors of before a restart stay good */
    str proxies;        /* networks of proxies whose word counts, apart by spaces */
    int workers; /* 0: 4 for slow calls, and as many for quick ones that may wait (PostgreSQL) */
    int64_t export_rows;  /* 0: 100,000 rows of a list at most as a file */
    int queue;            /* 0: 256 calls waiting for a worker; more are answered 503 */
    int64_t inline_steps; /* 0: 200,000 steps of the store before a read goes to the pool */
} api_options;

MUST_USE err api_open(const api_options *o, api **ret);
/* What http_open takes. */
http_handler api_handler(api *a);
/* Ends all streams: each client is told to come again. Before http_close. */
void api_stop(api *a);
/* Ends the streams of a realm that is being removed. */
void api_forget(api *a, const realm *r);
/* Waits for the workers. After http_close and before the stores are closed. */
void api_close(api *a);
const route_table *api_routes(const api *a);
