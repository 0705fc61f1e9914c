/* encode.c - the answer of a call: JSON, page or nothing; entity tags; compression.
 * Owns a deflate state per thread. Any thread. */
#include "api/walk.h"
#include "api/etag.h"
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <zlib.h>

enum { GZIP_FROM_BYTES = 1024, GZIP_LEVEL = 1, GZIP_WINDOW = 15 + 16 };

/* "gzip" among the codings, unless switched off by q=0. */
static bool takes_gzip(str accept)
{
    str part;
    while (accept.n && str_split(&accept, ',', &part)) {
        part = str_trim(part);
        if (!str_starts(part, S("gzip"))) continue;
        return str_find(part, S("q=0")) < 0 || str_find(part, S("q=0.")) >= 0;
    }
    return false;
}

static pthread_key_t deflate_key;
static pthread_once_t deflate_once = PTHREAD_ONCE_INIT;

static void deflate_over(void *z)
{
    deflateEnd(z);
    free(z);
}

static void deflate_start(void)
{
    ASSERT(pthread_key_create(&deflate_key, deflate_over) == 0);
}

/* This thread's, ready for a new text; NULL without memory. It goes with the thread. */
static z_stream *deflater(void)
{
    static _Thread_local z_stream *z;
    if (z) return deflateReset(z) == Z_OK ? z : NULL;
    (void)pthread_once(&deflate_once, deflate_start);
    z_stream *made = calloc(1, sizeof *made);
    if (made && deflateInit2(made, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) !=
                        Z_OK) {
        free(made);
        made = NULL;
    }
    if (made) ASSERT(pthread_setspecific(deflate_key, made) == 0);
    z = made;
    return z;
}

static bool gzip(arena *a, str in, str *ret)
{
    z_stream *z = deflater();
    if (!z) return false;
    size_t room = deflateBound(z, in.n);
    char *out = arena_alloc(a, room);
    z->next_in = (Bytef *)(uintptr_t)in.p;
    z->avail_in = (uInt)in.n;
    z->next_out = (Bytef *)out;
    z->avail_out = (uInt)room;
    if (deflate(z, Z_FINISH) != Z_STREAM_END || z->total_out >= in.n) return false;
    *ret = (str){ out, z->total_out };
    return true;
}

static void compress_body(walk *w)
{
    str small;
    if (w->answer.body.n < GZIP_FROM_BYTES || w->q.local_uid >= 0 || !w->x || w->gzip) return;
    w->vary = true;
    if (!takes_gzip(http_request_of(w->x)->accept_encoding)) return;
    if (!gzip(w->c.a, w->answer.body, &small)) return;
    w->answer.body = small;
    w->gzip = true;
}

static str hash_tag(arena *a, str body)
{
    uint8_t h[16];
    char hex[33];
    crypto_generichash(h, sizeof h, (const uint8_t *)body.p, body.n, NULL, 0);
    sodium_bin2hex(hex, sizeof hex, h, sizeof h);
    return str_copy(a, str_of(hex));
}

/* Weak marks are looked through: what we tag is the content before compression. */
bool tag_listed(str list, str tag)
{
    str part;
    bool begins = str_ends(tag, S("-"));
    while (list.n && str_split(&list, ',', &part)) {
        part = str_trim(part);
        if (str_eq(part, S("*"))) return true;
        if (str_starts(part, S("W/"))) part = str_sub(part, 2, part.n);
        if (begins ? part.n <= tag.n + 2 : part.n != tag.n + 2) continue;
        if (part.p[0] == '"' && memcmp(part.p + 1, tag.p, tag.n) == 0) return true;
    }
    return false;
}

/* The content's hash; behind "vN-" when the handler named the version (call_version). */
static void set_tag(walk *w)
{
    call *c = &w->c;
    api_answer *r = &w->answer;
    if (c->file) return;
    bool open = !c->etag.n || str_ends(c->etag, S("-"));
    if (open && c->route->etag && r->status == 200)
        c->etag = str_cat(c->a, c->etag, hash_tag(c->a, r->body));
    if (!c->etag.n) return;
    r->etag = str_fmt(c->a, "\"%.*s\"", STR_ARG(c->etag));
    bool reads = c->route->method == METHOD_GET;
    if (r->status == 304 || (reads && r->status == 200 && tag_listed(c->if_none_match, c->etag))) {
        r->status = 304;
        r->body = S("");
    }
}

static str json_body(call *c)
{
    if (c->raw.n) return c->raw;
    return c->out.b.n ? jsonw_done(&c->out) : S("");
}

static str type_of(const call *c)
{
    if (c->type.n) return c->type;
    switch (c->route->reply) {
    case REPLY_HTML:
        return S("text/html; charset=utf-8");
    case REPLY_TEXT:
        return S("text/plain; charset=utf-8");
    case REPLY_CALENDAR:
        return S("text/calendar; charset=utf-8");
    case REPLY_PNG:
        return S("image/png");
    case REPLY_PDF:
        return S("application/pdf");
    case REPLY_BYTES:
        return S("application/octet-stream");
    default:
        return S("application/json");
    }
}

static void encode_success(walk *w)
{
    call *c = &w->c;
    api_answer *r = &w->answer;
    w->page = c->route->reply == REPLY_HTML;
    r->content_type = type_of(c);
    r->body = w->page ? c->html : json_body(c);
    r->status = c->status ? c->status : c->route->status;
    if (r->body.n == 0 && r->status == 200 && !c->file) r->status = 204;
    r->set_cookie = c->set_cookie;
    r->location = c->location;
    set_tag(w);
    if (r->body.n == 0 && !c->file) r->content_type = S("");
}

void walk_encode(walk *w)
{
    if (w->answer.status == 0) {
        if (w->fault)
            problem_write(w);
        else
            encode_success(w);
    }
    compress_body(w);
}
