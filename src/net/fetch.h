/* fetch.h - one thing asked of a web server: GET (or POST and PUT to a webhook), bounded in bytes
 * and time, redirects followed by hand so that each hop is judged anew. Owns the transfer while it
 * runs; the jobs' types are also what the server hands to the courier. Any thread may use the types
 * and fetch_job_check; the courier's thread alone the rest. */
#pragma once
#include "base/base.h"
#include "net/transfer.h"

enum {
    FETCH_URL_MAX = 2000,
    FETCH_HEADERS_MAX = 16,
    FETCH_HEADER_BYTES_MAX = 4096, /* one header of ours or of the peer that is kept */
    FETCH_REPLY_HEADERS_MAX = 128, /* lines */
    FETCH_POST_BYTES_MAX = 4 << 20,
    FETCH_REDIRECTS_MAX = 5,
    FETCH_DEADLINE_MS = 60000, /* when the job names none */
    FETCH_DEADLINE_MAX_MS = 3600000,
};

typedef enum { FETCH_GET, FETCH_POST, FETCH_PUT } fetch_method;

/* All slices are borrowed until the call that takes the job returns. */
typedef struct {
    endpoint_class endpoint;
    str url; /* http or https, without user or password */
    fetch_method method;
    str body, content_type; /* of a POST or PUT, which are never redirected */
    const str *headers;     /* "Name: value"; not sent on to another origin */
    size_t n_headers;
    str user, password;  /* Basic, for configured endpoints over https only */
    str etag;            /* If-None-Match, as the server once said it */
    str modified_since;  /* If-Modified-Since, as the server once said it */
    int64_t max_bytes;   /* of the body, > 0 */
    int32_t deadline_ms; /* for all hops; 0: FETCH_DEADLINE_MS */
} fetch_job;

typedef struct {
    int32_t status;    /* the last reply's; 0: none came */
    bool not_modified; /* 304 to a conditional request: no body, all is as before */
    str etag, last_modified, content_type, content_encoding, retry_after; /* printable, or empty */
    str url; /* where the body came from, after redirects */
    int32_t redirects;
    int64_t bytes; /* of the body */
    int64_t took_ms;
} fetch_result;

/* Errors: E_INVALID with the field as pointer: scheme, credentials in the URL, a header with CR or
 * LF or one that is ours to set, limits. */
MUST_USE err fetch_job_check(const fetch_job *job);

/* Where the body goes. HOLD: not now, the same bytes come again after fetch_go_on. */
typedef enum { SINK_TAKEN, SINK_HOLD, SINK_STOP } sink_answer;
typedef struct {
    sink_answer (*put)(void *ctx, str part);
    void *ctx;
} fetch_sink;

typedef struct fetch fetch;
/* Prepares the first hop in a; job, its slices and a live until fetch_close. The body of a reply
 * other than 2xx never reaches the sink, but for a 409 to a POST. */
MUST_USE err fetch_open(arena *a, const trust *trusted, address_gate gate, const fetch_job *job,
        fetch_sink sink, fetch **ret);
void *fetch_curl(fetch *f); /* CURL *, to add to a multi handle */
void fetch_go_on(fetch *f); /* after SINK_HOLD */
/* After curl's end code. *again: another hop is prepared, run the same handle once more; else it is
 * over. OK: 2xx or 304. The result is set in every case and lives in the arena.
 * Errors: E_PEER (status, redirect, network), E_DENIED (address), E_TIMEOUT, E_TOO_LARGE,
 * E_INVALID. */
MUST_USE err fetch_end(fetch *f, int curl_code, bool *again, fetch_result *ret);
void fetch_close(fetch *f);

/* A URL in the form in which it is asked for: host in A-labels, path escaped as it must be. */
typedef struct {
    str url, origin; /* origin: scheme://host:port */
    str host;
    int32_t port;
    bool https;
} web_url;
/* What may be said of a URL in words and logs: without the user and password that stand in it. */
str web_url_shown(str text);
/* s as a part of a query or path: all but unreserved characters escaped (RFC 3986, section 2.3). */
void web_url_escape(buf *b, str s);
/* Reads it, relative to base if there is one. Errors: E_INVALID: no such scheme, credentials, host.
 */
MUST_USE err web_url_parse(arena *a, str text, const web_url *base, web_url *ret);
