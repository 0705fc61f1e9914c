/* http_answer.c - puts an answer into the library's form, with the headers that every answer has.
 * Owns nothing; HTTP threads, for the exchange in hand. */
#include "net/http_in.h"
#include "base/time.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pages may load what this site serves and nothing else; no inline script; sinks that take HTML
 * need a Trusted Types policy, of which the console's framework has one. */
static const char csp_page[] =
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src "
        "'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types svelte-trusted-html";
static const char csp_data[] =
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/* Whoever opens it all the same opens it as nobody, without script. */
static const char csp_file[] = "default-src 'none'; base-uri 'none'; form-action 'none'; "
                               "frame-ancestors 'none'; sandbox";

static void put(struct MHD_Response *m, const char *name, const char *value)
{
    MHD_add_response_header(m, name, value);
}

/* str values are copied to a NUL-terminated place first: most are short. */
static void put_str(struct MHD_Response *m, const char *name, str value)
{
    char text[512];
    if (value.n == 0) return;
    if (value.n < sizeof text) {
        memcpy(text, value.p, value.n);
        text[value.n] = '\0';
        put(m, name, text);
        return;
    }
    char *z = strndup(value.p, value.n);
    if (z) put(m, name, z);
    free(z);
}

static void put_security(const http_exchange *x, struct MHD_Response *m, http_kind kind)
{
    put(m, "Content-Security-Policy",
            kind == HTTP_PAGE   ? csp_page
            : kind == HTTP_FILE ? csp_file
                                : csp_data);
    put(m, "X-Content-Type-Options", "nosniff");
    put(m, "Referrer-Policy", "no-referrer");
    put(m, "Cross-Origin-Resource-Policy", "same-origin");
    if (kind == HTTP_PAGE) {
        put(m, "Cross-Origin-Opener-Policy", "same-origin");
        put(m, "Cross-Origin-Embedder-Policy", "require-corp");
        put(m, "Permissions-Policy",
                "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()");
    }
    if (x->conn->tls) put(m, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
}

/* RFC 6266: a plain name for old readers, the whole one percent-encoded. */
static void put_disposition(const http_exchange *x, struct MHD_Response *m, str name)
{
    buf plain = buf_new(x->a, name.n + 1), whole = buf_new(x->a, 3 * name.n + 1);
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '-' || c == '_';
        buf_byte(&plain, word ? (char)c : '_');
        if (word)
            buf_byte(&whole, (char)c);
        else
            buf_fmt(&whole, "%%%02X", c);
    }
    put_str(m, "Content-Disposition",
            str_fmt(x->a, "attachment; filename=\"%.*s\"; filename*=UTF-8''%.*s",
                    STR_ARG(buf_str(&plain)), STR_ARG(buf_str(&whole))));
}

static void put_headers(const http_exchange *x, struct MHD_Response *m, const http_reply *r)
{
    char text[24];
    put_security(x, m, r->kind);
    put_str(m, "Content-Type", r->content_type);
    put(m, "Cache-Control", r->cache ? r->cache : "no-store");
    put_str(m, "ETag", r->etag);
    put_str(m, "Set-Cookie", r->set_cookie);
    put_str(m, "Location", r->location);
    put_str(m, "Allow", r->allow);
    put_str(m, "X-Request-Id", r->request_id);
    put_str(m, "Minar-TLP", r->tlp);
    if (r->kind == HTTP_FILE) put_disposition(x, m, r->file_name);
    if (r->gzip) put(m, "Content-Encoding", "gzip");
    if (r->vary) put(m, "Vary", "Accept-Encoding");
    if (r->retry_after_s > 0) {
        (void)snprintf(text, sizeof text, "%lld", (long long)r->retry_after_s);
        put(m, "Retry-After", text);
    }
    if (r->close || x->close) put(m, "Connection", "close");
}

static ssize_t read_source(void *ctx, uint64_t at, char *to, size_t max)
{
    http_exchange *x = ctx;
    ssize_t n = x->stream.read(x->stream.ctx, to, max);
    return n > 0    ? n
           : n == 0 ? MHD_CONTENT_READER_END_OF_STREAM
                    : MHD_CONTENT_READER_END_WITH_ERROR;
}

/* The exchange ends the source as it ends a stream. */
static struct MHD_Response *response_of(http_exchange *x, const http_reply *r)
{
    enum { BLOCK = 64 << 10 };
    if (!r->source)
        return MHD_create_response_from_buffer(
                r->body.n, (void *)(uintptr_t)r->body.p, MHD_RESPMEM_PERSISTENT);
    x->stream = *r->source;
    x->streaming = true;
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_source, x, NULL);
}

void http_answer(http_exchange *x, const http_reply *r)
{
    struct MHD_Response *m = response_of(x, r);
    ASSERT(m);
    put_headers(x, m, r);
    atomic_store(&x->state, X_ANSWERED);
    int64_t bytes = r->source ? r->body_bytes : (int64_t)r->body.n;
    int64_t wait = x->h->o.body_ms * US_PER_MS + bytes * US_PER_S / HTTP_BYTES_PER_S;
    atomic_store(&x->conn->deadline_us, monotonic_us() + wait);
    if (MHD_queue_response(x->c, (unsigned)r->status, m) != MHD_YES) http_cut(x);
    MHD_destroy_response(m);
}

/* What is refused before anybody above has seen it, in a form that any client reads. */
void http_refuse(http_exchange *x, int status)
{
    static const struct {
        int status;
        const char *title;
    } titles[] = { { 400, "The request is not framed as HTTP/1.1 asks" },
        { 413, "The body is too large" }, { 414, "The address is too long" },
        { 417, "This expectation is not met" }, { 431, "There are too many headers" },
        { 501, "This transfer encoding is not taken" },
        { 503, "The server is stopping; try again in a moment" },
        { 507, "There is no room for the body; try again later" } };
    const char *title = "The request cannot be taken";
    for (size_t i = 0; i < ARRAY_LEN(titles); i++)
        if (titles[i].status == status) title = titles[i].title;
    str body = str_fmt(x->a,
            "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"code\":\"error.http.%d\"}",
            title, status, status);
    http_answer(x, &(http_reply){ .status = status,
                           .content_type = S("application/problem+json"),
                           .body = body,
                           .retry_after_s = status == 503 ? 1 : 0,
                           .close = x->close });
}

static ssize_t read_stream(void *ctx, uint64_t at, char *to, size_t max)
{
    http_exchange *x = ctx;
    ssize_t n = x->stream.read(x->stream.ctx, to, max);
    return n < 0 ? MHD_CONTENT_READER_END_OF_STREAM : n;
}

void http_answer_stream(http_exchange *x, const http_stream *s)
{
    enum { BLOCK = 2048 };
    x->stream = *s;
    x->streaming = true;
    struct MHD_Response *m =
            MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_stream, x, NULL);
    ASSERT(m);
    put_headers(x, m, &(http_reply){ .content_type = S("text/event-stream") });
    put(m, "X-Accel-Buffering", "no");
    atomic_store(&x->state, X_ANSWERED);
    atomic_store(&x->conn->deadline_us, INT64_MAX);
    MHD_set_connection_option(x->c, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
    if (MHD_queue_response(x->c, 200, m) != MHD_YES) http_cut(x);
    MHD_destroy_response(m);
}

void http_pause(http_exchange *x)
{
    MHD_suspend_connection(x->c);
}
void http_wake(http_exchange *x)
{
    MHD_resume_connection(x->c);
}
void http_cut(http_exchange *x)
{
    (void)shutdown(x->conn->fd, SHUT_RDWR);
}
