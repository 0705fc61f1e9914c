/* http_in.h - what the files of the HTTP server share. Included by src/net/http_*.c only. */
#pragma once
#include "net/http.h"
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

enum { HTTP_POOL_BYTES = 16384, HTTP_URI_BYTES = 8192, HTTP_HEADERS = 100, HTTP_LISTENERS = 8 };
enum { HTTP_CERT_HASH = 32 };
enum { HTTP_BYTES_PER_S = 16384 }; /* the slowest body or answer that is borne */

/* One address's count of connections. */
typedef struct {
    uint8_t key[16];
    uint32_t n;
} http_peer;

typedef struct http_conn http_conn;
struct http_conn {
    http_conn *prev, *next; /* under http.lock */
    http *h;
    struct MHD_Connection *c;
    int fd;
    _Atomic int64_t deadline_us; /* monotonic; the reaper cuts what is past it */
    pthread_mutex_t lock;        /* x */
    http_exchange *x;            /* the exchange in hand */
    uint8_t key[16];             /* address for counting */
    bool counted;
    int64_t uid;
    char peer[INET6_ADDRSTRLEN];
    bool tls;
    /* The client's certificate: looked at once, by the HTTP thread that has the connection. */
    bool cert_seen;
    int64_t cert_until_s; /* Unix time; 0: none that counts */
    uint8_t cert_hash[HTTP_CERT_HASH], cert_key_hash[HTTP_CERT_HASH];
};

struct http {
    http_options o;
    struct MHD_Daemon *net, *local; /* local is net without TLS */
    int listeners[HTTP_LISTENERS], n_listeners, unix_fd, stop_fd;
    int port;
    pthread_t acceptor, reaper;
    atomic_bool stopping;
    pthread_mutex_t lock; /* conns, peers */
    http_conn *conns;
    http_peer *peers; /* open addressing, n_peers a power of two */
    size_t n_peers, n_conns;
    char *cert, *key, *client_ca; /* PEM text */
    atomic_int late;  /* exchanges abandoned while somebody still worked on them */
};

typedef enum { X_HEAD, X_BODY, X_WORK, X_SUSPENDED, X_RESUMED, X_ABANDONED, X_ANSWERED } x_state;
struct http_exchange {
    http *h;
    http_conn *conn;
    struct MHD_Connection *c;
    arena *a;
    http_request q;
    const char *target; /* of the request line, in the library's buffer, and its bytes */
    size_t target_n;
    bool absolute;
    str authority; /* of a target in absolute form */
    http_body_plan plan;
    buf body;
    int spool_fd;
    int64_t got_bytes, started_us, body_us;
    bool close;  /* end the connection after the answer */
    int refused; /* status found while the body came: said when it is over */
    bool streaming;
    void *user;
    http_stream stream;
    _Atomic int state; /* x_state */
    _Atomic int refs;
};

/* http_conn.c */
void http_conn_notify(void *ctx, struct MHD_Connection *c, void **context,
        enum MHD_ConnectionNotificationCode code);
bool http_peer_take(http *h, const struct sockaddr *addr); /* false: that address has its share */
void http_peer_give(http *h, const struct sockaddr *addr);
void *http_reap(void *h);
void *http_accept(void *h);
MUST_USE err http_listen(http *h);
void http_listen_end(http *h);
/* http_exchange.c */
void *http_exchange_new(void *ctx, const char *uri, struct MHD_Connection *c);
void http_exchange_unref(http_exchange *x);
void http_exchange_done(
        void *ctx, struct MHD_Connection *c, void **context, enum MHD_RequestTerminationCode why);
enum MHD_Result http_exchange_step(void *ctx, struct MHD_Connection *c, const char *url,
        const char *method, const char *version, const char *data, size_t *size, void **context);
/* http_frame.c: 0 when the head is as it must be, else the status to refuse it with. */
int http_frame_check(http_exchange *x, const char *url, const char *method, const char *version);
/* http_body.c */
/* 0, or the status to refuse with: over its limit, or no room. */
int http_body_take(http_exchange *x, const char *data, size_t n);
void http_body_end(http_exchange *x);
void http_spool_end(http_exchange *x);
/* http_cert.c: fills in what the client's certificate is, if it has one that counts. */
void http_cert_look(http_exchange *x);
/* http_answer.c */
void http_refuse(http_exchange *x, int status);
