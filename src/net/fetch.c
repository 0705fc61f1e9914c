/* fetch.c - one thing asked of a web server by curl. Owns the curl handle and what was answered.
 * A redirect ends one hop; the next one is made here, its URL parsed and its address judged like
 * the first one's. The courier's thread only. */
#include "net/fetch.h"

#include <curl/curl.h>

#include "base/time.h"

struct fetch {
    transfer t;
    arena *a;
    const fetch_job *job;
    fetch_sink sink;
    web_url at; /* this hop */
    struct curl_slist *headers;
    fetch_result result;
    str location;
    size_t header_lines;
    bool over_bytes, stopped, encoded;
    int64_t started_us;
};

static bool status_is_good(int32_t status)
{
    return status >= 200 && status < 300;
}

/* Whose body is kept: a success, and what a peer says of a conflict with what was sent to it. */
static bool body_is_kept(const fetch *f)
{
    return status_is_good(f->result.status) ||
           (f->result.status == 409 && f->job->method == FETCH_POST);
}

/* Nothing here unpacks: what was asked for plain and comes packed is not taken, whatever its size
 * is said to be. */
static bool is_encoded(str content_encoding)
{
    return content_encoding.n && !str_eq_nocase(content_encoding, S("identity"));
}

static size_t body_seen(char *bytes, size_t size, size_t n, void *ctx)
{
    fetch *f = ctx;
    str part = { bytes, size * n };
    if (!body_is_kept(f)) return 0;
    if (is_encoded(f->result.content_encoding)) {
        f->encoded = true;
        return 0;
    }
    if ((int64_t)part.n > f->job->max_bytes - f->result.bytes) {
        f->over_bytes = true;
        return 0;
    }
    switch (f->sink.put(f->sink.ctx, part)) {
    case SINK_TAKEN:
        f->result.bytes += (int64_t)part.n;
        return part.n;
    case SINK_HOLD:
        return CURL_WRITEFUNC_PAUSE;
    case SINK_STOP:
        break;
    }
    f->stopped = true;
    return 0;
}

static void status_seen(fetch *f, str line)
{
    int64_t status = 0;
    str word;
    fetch_result *r = &f->result;
    str rest = line;
    str_split(&rest, ' ', &word);
    if (!str_split(&rest, ' ', &word) || !str_to_i64(str_trim(word), &status)) status = 0;
    *r = (fetch_result){ .status = (int32_t)status, .redirects = r->redirects };
    f->location = (str){ 0 };
}

static void header_keep(fetch *f, str name, str value)
{
    const struct {
        str name, *to;
    } kept[] = {
        { S("ETag"), &f->result.etag },
        { S("Last-Modified"), &f->result.last_modified },
        { S("Content-Type"), &f->result.content_type },
        { S("Content-Encoding"), &f->result.content_encoding },
        { S("Retry-After"), &f->result.retry_after },
        { S("Location"), &f->location },
    };
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (str_eq_nocase(name, kept[i].name))
            *kept[i].to = peer_text(f->a, value, i == 5 ? FETCH_URL_MAX + 1 : 512);
}

static size_t header_seen(char *bytes, size_t size, size_t n, void *ctx)
{
    fetch *f = ctx;
    str line = { bytes, size * n };
    if (++f->header_lines > FETCH_REPLY_HEADERS_MAX || line.n > 4 * FETCH_HEADER_BYTES_MAX)
        return 0;
    if (str_starts(line, S("HTTP/"))) {
        status_seen(f, line);
        return line.n;
    }
    ptrdiff_t colon = str_find_byte(line, ':');
    if (colon > 0)
        header_keep(f, str_sub(line, 0, (size_t)colon),
                str_trim(str_sub(line, (size_t)colon + 1, line.n)));
    return line.n;
}

static bool header_add(fetch *f, str line)
{
    struct curl_slist *more = curl_slist_append(f->headers, str_z(f->a, line));
    if (more) f->headers = more;
    return more != NULL;
}

/* Secrets and conditions belong to the origin that they were given for. */
static bool headers_make(fetch *f, bool own_origin)
{
    const fetch_job *j = f->job;
    curl_slist_free_all(f->headers);
    f->headers = NULL;
    bool ok = header_add(f, S("Expect:")) && header_add(f, S("Accept-Encoding: identity"));
    for (size_t i = 0; own_origin && i < j->n_headers; i++)
        ok = ok && header_add(f, j->headers[i]);
    if (own_origin && j->etag.n)
        ok = ok && header_add(f, str_cat(f->a, S("If-None-Match: "), j->etag));
    if (own_origin && j->modified_since.n)
        ok = ok && header_add(f, str_cat(f->a, S("If-Modified-Since: "), j->modified_since));
    if (j->method != FETCH_GET && j->content_type.n)
        ok = ok && header_add(f, str_cat(f->a, S("Content-Type: "), j->content_type));
    return ok;
}

#define SET(option, value) ok = ok && curl_easy_setopt(c, (option), (value)) == CURLE_OK

static bool set_request(CURL *c, fetch *f)
{
    bool ok = true;
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_WRITEFUNCTION, body_seen);
    SET(CURLOPT_WRITEDATA, f);
    SET(CURLOPT_HEADERFUNCTION, header_seen);
    SET(CURLOPT_HEADERDATA, f);
    SET(CURLOPT_USERAGENT, "minar");
    SET(CURLOPT_BUFFERSIZE, 65536L);
    if (f->job->method == FETCH_GET) return ok;
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)f->job->body.n);
    SET(CURLOPT_POSTFIELDS, f->job->body.n ? f->job->body.p : "");
    if (f->job->method == FETCH_PUT) SET(CURLOPT_CUSTOMREQUEST, "PUT");
    return ok;
}

static bool set_hop(CURL *c, fetch *f, bool own_origin)
{
    bool ok = headers_make(f, own_origin);
    bool login = own_origin && f->job->user.n;
    SET(CURLOPT_HTTPHEADER, f->headers);
    SET(CURLOPT_URL, str_z(f->a, f->at.url));
    SET(CURLOPT_USERNAME, login ? str_z(f->a, f->job->user) : NULL);
    SET(CURLOPT_PASSWORD, login ? str_z(f->a, f->job->password) : NULL);
    if (login) SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    return ok;
}

static err hop_start(fetch *f, bool own_origin)
{
    f->t.host = f->at.host;
    f->header_lines = 0;
    f->location = (str){ 0 };
    if (!set_hop(f->t.curl, f, own_origin)) return ERR(E_FULL, "error.courier.memory");
    return transfer_arm(&f->t);
}

err fetch_open(arena *a, const trust *trusted, address_gate gate, const fetch_job *job,
        fetch_sink sink, fetch **ret)
{
    ASSERT(sink.put);
    TRY(fetch_job_check(job));
    fetch *f = NEW(a, fetch);
    f->a = a;
    f->job = job;
    f->sink = sink;
    f->started_us = monotonic_us();
    TRY(web_url_parse(a, job->url, NULL, &f->at));
    int32_t ms = job->deadline_ms ? job->deadline_ms : FETCH_DEADLINE_MS;
    f->t = (transfer){ .trusted = trusted,
        .gate = gate,
        .endpoint = job->endpoint,
        .encrypted = f->at.https,
        .deadline_us = f->started_us + ms * US_PER_MS };
    TRY(transfer_open(&f->t));
    err e = set_request(f->t.curl, f) ? hop_start(f, true) : ERR(E_FULL, "error.courier.memory");
    if (failed(e))
        fetch_close(f);
    else
        *ret = f;
    return e;
}

void *fetch_curl(fetch *f)
{
    return f->t.curl;
}

void fetch_go_on(fetch *f)
{
    curl_easy_pause(f->t.curl, CURLPAUSE_CONT);
}

static bool status_is_redirect(int32_t status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* The next hop. A named endpoint alone may redirect, and never from https down to http. */
static err redirect(fetch *f)
{
    web_url to = { 0 }, first = { 0 };
    fetch_result *r = &f->result;
    if (f->job->endpoint == ENDPOINT_CONFIGURED || f->job->method != FETCH_GET)
        return ERR2(E_PEER, "error.courier.redirect", f->at.host, f->location);
    if (r->redirects >= FETCH_REDIRECTS_MAX)
        return ERR1(E_PEER, "error.courier.redirects", f->at.host);
    TRY(web_url_parse(f->a, f->location, &f->at, &to));
    if (f->at.https && !to.https)
        return ERR2(E_PEER, "error.courier.downgrade", f->at.host, to.host);
    fetch_job next = *f->job;
    next.url = to.url;
    TRY(fetch_job_check(&next));
    TRY(web_url_parse(f->a, f->job->url, NULL, &first));
    f->at = to;
    r->redirects++;
    return hop_start(f, str_eq(first.origin, to.origin));
}

static err verdict(fetch *f, int curl_code, bool *again)
{
    const fetch_result *r = &f->result;
    if (f->over_bytes) return ERR1(E_TOO_LARGE, "error.courier.too_large", f->at.host);
    if (f->encoded) return ERR2(E_PEER, "error.courier.encoding", f->at.host, r->content_encoding);
    if (f->stopped) return ERR1(E_CONFLICT, "error.courier.stopped", f->at.host);
    bool cut_by_us = curl_code == CURLE_WRITE_ERROR && f->header_lines <= FETCH_REPLY_HEADERS_MAX &&
                     r->status && !body_is_kept(f);
    if (!cut_by_us) TRY(transfer_fault(&f->t, curl_code));
    if (status_is_redirect(r->status) && f->location.n) {
        TRY(redirect(f));
        *again = true;
        return OK;
    }
    if (status_is_good(r->status)) return OK;
    if (r->status == 304 && (f->job->etag.n || f->job->modified_since.n)) return OK;
    return ERR2(E_PEER, "error.courier.status", f->at.host, str_fmt(f->a, "%d", (int)r->status));
}

err fetch_end(fetch *f, int curl_code, bool *again, fetch_result *ret)
{
    ASSERT(f && again && ret);
    *again = false;
    err e = verdict(f, curl_code, again);
    f->result.url = f->at.url;
    f->result.not_modified = f->result.status == 304;
    f->result.took_ms = (monotonic_us() - f->started_us) / US_PER_MS;
    *ret = f->result;
    return e;
}

void fetch_close(fetch *f)
{
    if (!f) return;
    transfer_close(&f->t);
    curl_slist_free_all(f->headers);
    f->headers = NULL;
}
