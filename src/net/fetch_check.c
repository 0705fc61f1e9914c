/* fetch_check.c - what a fetch job must be before any peer sees it.
 * Owns nothing; both the server and the courier call it, on any thread. */
#include "net/fetch.h"

/* Ours to set, or changing where one message ends and the next begins. */
static const str reserved_headers[] = {
    S("Host"),
    S("Content-Length"),
    S("Transfer-Encoding"),
    S("Connection"),
    S("Content-Type"),
    S("If-None-Match"),
    S("If-Modified-Since"),
    S("Expect"),
    S("TE"),
    S("Accept-Encoding"),
    S("Upgrade"),
    S("Trailer"),
    S("Proxy-Authorization"),
    S("Cookie"),
};

static bool line_is_sane(str s, size_t max)
{
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] < 32 && s.p[i] != '\t') || s.p[i] == 127) return false;
    return s.n <= max;
}

static bool token_is_sane(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= 32 || c >= 127 || strchr("()<>@,;:\\\"/[]?={}", c)) return false;
    }
    return s.n > 0;
}

static bool header_is_sane(str header)
{
    ptrdiff_t colon = str_find_byte(header, ':');
    if (colon < 1 || !line_is_sane(header, FETCH_HEADER_BYTES_MAX)) return false;
    str name = str_sub(header, 0, (size_t)colon);
    if (!str_trim(str_sub(header, (size_t)colon + 1, header.n)).n) return false;
    for (size_t i = 0; i < ARRAY_LEN(reserved_headers); i++)
        if (str_eq_nocase(name, reserved_headers[i])) return false;
    return token_is_sane(name);
}

static err headers_check(const fetch_job *job)
{
    if (job->n_headers > FETCH_HEADERS_MAX)
        return err_at_pointer(ERR(E_INVALID, "error.courier.header"), S("/headers"));
    for (size_t i = 0; i < job->n_headers; i++)
        if (!header_is_sane(job->headers[i]))
            return err_at_pointer(ERR(E_INVALID, "error.courier.header"), S("/headers"));
    bool sane = line_is_sane(job->etag, 512) && line_is_sane(job->modified_since, 64) &&
                line_is_sane(job->content_type, 256);
    return sane ? OK : err_at_pointer(ERR(E_INVALID, "error.courier.header"), S("/etag"));
}

/* Ports below 1024 that a stranger may send us to; the others speak protocols that an HTTP request
 * could be made to abuse. */
static bool port_is_web(const web_url *w)
{
    return w->port == 80 || w->port == 443 || w->port >= 1024;
}

static err login_check(const fetch_job *job, const web_url *w)
{
    if (!job->user.n && !job->password.n) return OK;
    bool sane = job->endpoint == ENDPOINT_CONFIGURED && w->https && job->user.n &&
                line_is_sane(job->user, 512) && line_is_sane(job->password, 512);
    return sane ? OK
                : err_at_pointer(ERR1(E_INVALID, "error.courier.plain_login", w->host), S("/user"));
}

static err url_check(const fetch_job *job)
{
    arena *a CLEANUP(arena_free_p) = arena_new(1 << 20);
    web_url w = { 0 };
    TRY(err_at_pointer(web_url_parse(a, job->url, NULL, &w), S("/url")));
    if (job->endpoint == ENDPOINT_NAMED && !port_is_web(&w))
        return err_at_pointer(ERR1(E_INVALID, "error.courier.port", w.origin), S("/url"));
    return login_check(job, &w);
}

err fetch_job_check(const fetch_job *job)
{
    ASSERT(job && (job->headers || !job->n_headers));
    TRY(url_check(job));
    TRY(headers_check(job));
    if (job->deadline_ms < 0 || job->deadline_ms > FETCH_DEADLINE_MAX_MS)
        return err_at_pointer(ERR(E_INVALID, "error.courier.deadline"), S("/deadline_ms"));
    if (job->max_bytes < 1)
        return err_at_pointer(ERR(E_INVALID, "error.courier.max_bytes"), S("/max_bytes"));
    bool post = job->method != FETCH_GET;
    if (job->body.n > FETCH_POST_BYTES_MAX || (!post && job->body.n))
        return err_at_pointer(ERR1(E_TOO_LARGE, "error.courier.post_size", job->url), S("/body"));
    return OK;
}
