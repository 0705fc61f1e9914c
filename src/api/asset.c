/* asset.c - serves the console: files under their own names for good, every other page by the same
 * start file (the page's address is the console's own affair). Owns nothing; HTTP threads. */
#include "api/asset.h"
#include "api/etag.h"
#include "api/walk.h"
#include <zlib.h>

enum { ASSET_MAX_BYTES = 32 << 20 };

static const console_asset *asset_named(const api *a, str path)
{
    for (size_t i = 0; i < a->n_assets; i++)
        if (str_eq(str_of(a->assets[i].path), path)) return &a->assets[i];
    return NULL;
}

/* A page of the console: what a person's browser asks for outside the API, without a file's ending.
 */
static bool is_page(const http_request *q)
{
    if (str_starts(q->path, S("/api/")) || str_starts(q->path, S("/l/"))) return false;
    ptrdiff_t last = 0;
    for (size_t i = 0; i < q->path.n; i++)
        if (q->path.p[i] == '/') last = (ptrdiff_t)i;
    return str_find_byte(str_sub(q->path, (size_t)last, q->path.n), '.') < 0 &&
           str_find(q->accept, S("text/html")) >= 0;
}

static bool inflate_asset(arena *m, const console_asset *f, str *ret)
{
    uint32_t n;
    memcpy(&n, f->gzip + f->gzip_bytes - 4,
            4); /* the plain size stands at the end of a gzip file */
    if (n > ASSET_MAX_BYTES) return false;
    z_stream z = { .next_in = (Bytef *)(uintptr_t)f->gzip, .avail_in = (uInt)f->gzip_bytes };
    char *out = arena_alloc(m, n + 1);
    z.next_out = (Bytef *)out;
    z.avail_out = n;
    if (inflateInit2(&z, 15 + 16) != Z_OK) return false;
    int done = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    *ret = (str){ out, n };
    return done == Z_STREAM_END;
}

static void send_asset(http_exchange *x, const console_asset *f, const http_request *q)
{
    str tag = str_of(f->etag);
    http_reply r = { .status = 200,
        .kind = HTTP_PAGE,
        .content_type = str_of(f->content_type),
        .etag = tag,
        .cache = f->immutable ? "public, max-age=31536000, immutable" : "no-cache",
        .vary = true,
        .gzip = true,
        .body = { (const char *)f->gzip, f->gzip_bytes } };
    if (tag_listed(q->if_none_match, str_sub(tag, 1, tag.n - 2))) {
        r.status = 304;
        r.body = S("");
        r.gzip = false;
    } else if (str_find(q->accept_encoding, S("gzip")) < 0) {
        r.gzip = false;
        if (!inflate_asset(http_arena(x), f, &r.body)) r.status = 500;
    }
    http_answer(x, &r);
}

bool asset_answer(const api *a, http_exchange *x)
{
    const http_request *q = http_request_of(x);
    bool get = str_eq(q->method, S("GET")) || str_eq(q->method, S("HEAD"));
    if (!get || a->n_assets == 0) return false;
    const console_asset *f = asset_named(a, str_eq(q->path, S("/")) ? S("/index.html") : q->path);
    if (!f && is_page(q)) f = asset_named(a, S("/index.html"));
    if (!f) return false;
    send_asset(x, f, q);
    return true;
}
