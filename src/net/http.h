/* http.h - the HTTP server side: sockets, limits, deadlines, framing, answers. Nobody above sees
 * the library under it (libmicrohttpd). An exchange is one request and its answer; it belongs to
 * its HTTP thread, but for the time between http_suspend and http_resume, when it belongs to
 * whoever works on it. Included by api/serve.c, api/stream.c and main. */
#pragma once
#include "base/base.h"
#include <sys/types.h>

typedef struct http http;
typedef struct http_exchange http_exchange;

/* What the headers said; slices live as long as the exchange. Absent headers are empty. */
typedef struct {
    str method, path, query; /* path and query as sent, without decoding */
    str authorization, cookie, origin, sec_fetch_site, host, content_type, content_encoding, accept;
    str accept_encoding, accept_language, if_match, if_none_match, idempotency_key, last_event_id,
            realm, request_id;
    str forwarded_for, forwarded_proto; /* what a proxy says, or anybody: the last field of each */
    int64_t content_bytes;              /* -1: chunked, not known before */
    int64_t local_uid; /* who is at the other end of the local socket; -1: it came by network */
    str peer;          /* address as text; empty on the local socket */
    bool tls;
    str cert_hash, cert_key_hash; /* SHA-256 of the client's certificate and of its public key, when
                                     it proved to hold one that our authority gave; else empty */
    str body;                     /* when ready: the whole body, unless it was spooled */
    const char *spool; /* when ready: the file it was spooled to; unlinked with the exchange */
    int64_t spool_bytes;
} http_request;

/* How a body is to be taken; set in head. */
typedef struct {
    int64_t max_bytes; /* more is answered 413, at once when Content-Length says so */
    bool spool;        /* into a file under the spool folder */
} http_body_plan;

/* Callbacks on an HTTP thread. head: headers are there, the body not yet; it may answer (the body
 * is then not read). ready: the body is whole; it answers or suspends. resumed: after http_resume;
 * it answers. What the handler keeps with an exchange lives in its arena and goes with it. */
typedef struct {
    void (*head)(void *ctx, http_exchange *x, http_body_plan *plan);
    void (*ready)(void *ctx, http_exchange *x);
    void (*resumed)(void *ctx, http_exchange *x);
    void *ctx;
} http_handler;

typedef struct {
    const char *listen;    /* "127.0.0.1:8080,[::1]:8080"; port 0: any, the same for all */
    const char *unix_path; /* or NULL */
    const char *cert_file, *key_file; /* TLS on the network sockets when both are given */
    const char
            *client_ca_file; /* with TLS: clients are asked for a certificate of these, or NULL */
    const char *spool_dir;   /* made when it is not there, emptied at start */
    int threads;             /* 0: 2 */
    int max_connections;     /* 0: 10,000 */
    int max_per_address;     /* 0: 256; loopback is not counted (a proxy in front is one address) */
    int header_ms; /* 0: 10,000: from accept, or from the first line, to the last header */
    int body_ms;   /* 0: 30,000, plus a second for each 16 KiB received or sent */
    int idle_ms;   /* 0: 60,000: between requests of one connection */
    http_handler handler;
} http_options;

/* Listens and answers. Errors: E_IO (address in use), E_CONFIG (address, certificate). */
MUST_USE err http_open(const http_options *o, http **ret);
int http_port(const http *h);
size_t http_connections(http *h); /* open now */
/* Stops listening; streams must have been told by their owner before. Waits up to grace_ms for what
 * is in hand, then answers the rest 503 and closes. */
void http_close(http *h, int grace_ms);

/* ---- the exchange ---- */
const http_request *http_request_of(const http_exchange *x);
arena *http_arena(http_exchange *x);
void *http_user(const http_exchange *x); /* what the handler keeps with it */
void http_set_user(http_exchange *x, void *user);
int64_t http_started_us(const http_exchange *x); /* monotonic: when its first line was there */

/* Leaves the exchange to another thread: call before handing it on. Whoever works on it calls
 * http_resume exactly once, with its answer prepared where `resumed` finds it. */
void http_suspend(http_exchange *x);
void http_resume(http_exchange *x);

/* ---- the answer ---- */
/* Which Content-Security-Policy goes with it. A file is never shown here: saved, by its name. */
typedef enum { HTTP_DATA, HTTP_PAGE, HTTP_FILE } http_kind;
typedef struct http_stream http_stream;
typedef struct {
    int status;
    http_kind kind;
    str content_type, body; /* body must live as long as the exchange */
    const char *cache;      /* Cache-Control; NULL: no-store */
    str etag, set_cookie, location, allow;
    int64_t retry_after_s; /* 0: none */
    bool gzip;             /* body is gzip */
    bool vary;             /* the answer depends on Accept-Encoding */
    str request_id;        /* X-Request-Id; empty: none */
    bool close;            /* ends the connection */
    str file_name;         /* HTTP_FILE: what it is saved as */
    str tlp;               /* Minar-TLP: the label of what it holds; empty: none */
    /* HTTP_FILE: what the body is read from, some body_bytes of it; its end is called once,
     * whatever comes of the answer. A read that fails (-1) cuts the connection: an end that comes
     * too early is told from the real one. */
    const http_stream *source;
    int64_t body_bytes;
} http_reply;
void http_answer(http_exchange *x, const http_reply *r);

/* Answers with a stream of events. read fills at most max bytes; 0 after http_pause: nothing now;
 * -1: the end. end is called once, when the connection is done with it; no call comes after. */
struct http_stream {
    ssize_t (*read)(void *ctx, char *to, size_t max);
    void (*end)(void *ctx);
    void *ctx;
};
void http_answer_stream(http_exchange *x, const http_stream *s);
void http_pause(http_exchange *x); /* within read, before it returns 0 */
void http_wake(http_exchange *x);  /* any thread, once after each http_pause */
void http_cut(http_exchange *x);   /* ends a stream whose client does not read */
