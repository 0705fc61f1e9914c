/* http.c - opens and closes the HTTP server: the library's daemons, the acceptor and the reaper.
 * Owns struct http. One thread, at start and stop. */
#include "net/http_in.h"
#include "base/log.h"
#include "base/thread.h"
#include "base/time.h"
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* An answer takes some 20 us: a thread that answers needs a processor soon, and never for long. */
enum { TURN_US = 100 };

static const http_options defaults = { .threads = 2,
    .max_connections = 10000,
    .max_per_address = 256,
    .header_ms = 10000,
    .body_ms = 30000,
    .idle_ms = 60000 };

static void fill_defaults(http_options *o)
{
    if (!o->threads) o->threads = defaults.threads;
    if (!o->max_connections) o->max_connections = defaults.max_connections;
    if (!o->max_per_address) o->max_per_address = defaults.max_per_address;
    if (!o->header_ms) o->header_ms = defaults.header_ms;
    if (!o->body_ms) o->body_ms = defaults.body_ms;
    if (!o->idle_ms) o->idle_ms = defaults.idle_ms;
}

static err read_pem(const char *path, char **ret)
{
    enum { PEM_MAX = 1 << 20 };
    FILE *f = fopen(path, "re");
    if (!f) return err_errno("error.http.certificate", str_of(path));
    char *text = calloc(1, PEM_MAX + 1);
    ASSERT(text);
    size_t n = fread(text, 1, PEM_MAX, f);
    (void)fclose(f);
    *ret = text;
    return n ? OK : ERR2(E_CONFIG, "error.http.certificate", str_of(path), S("empty"));
}

/* What an earlier run left in the spool folder belongs to no request any more. */
static err spool_prepare(const char *dir)
{
    if (!dir) return OK;
    if (mkdir(dir, 0700) != 0 && access(dir, W_OK) != 0)
        return err_errno("error.http.spool", str_of(dir));
    DIR *d = opendir(dir);
    if (!d) return err_errno("error.http.spool", str_of(dir));
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.') (void)!unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    return OK;
}

static void raise_files(int wanted)
{
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur >= (rlim_t)wanted) return;
    l.rlim_cur = l.rlim_max < (rlim_t)wanted ? l.rlim_max : (rlim_t)wanted;
    (void)setrlimit(RLIMIT_NOFILE, &l);
}

PRINTF_LIKE(2, 0) static void quiet(void *ctx, const char *fmt, va_list args)
{
    char text[256];
    (void)vsnprintf(text, sizeof text, fmt, args);
    log_line(LOG_DEBUG, "http.library", "text=\"%s\"", text);
}

static size_t no_unescape(void *ctx, struct MHD_Connection *c, char *s)
{
    return strlen(s);
}

/* One daemon without a listening socket of its own: the acceptor hands it connections. */
static struct MHD_Daemon *daemon_start(http *h, bool tls, int threads)
{
    struct MHD_OptionItem more[5] = { { MHD_OPTION_END, 0, NULL } };
    int n = 0;
    if (threads > 1)
        more[n++] = (struct MHD_OptionItem){ MHD_OPTION_THREAD_POOL_SIZE, threads, NULL };
    if (tls) more[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, h->cert };
    if (tls) more[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, h->key };
    if (tls && h->client_ca)
        more[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_TRUST, 0, h->client_ca };
    more[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
    unsigned flags = MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_NO_LISTEN_SOCKET |
                     MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     (tls ? MHD_USE_TLS : 0);
    return MHD_start_daemon(flags, 0, NULL, NULL, http_exchange_step, h, MHD_OPTION_EXTERNAL_LOGGER,
            quiet, NULL, MHD_OPTION_ARRAY, more, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
            (size_t)HTTP_POOL_BYTES, MHD_OPTION_CONNECTION_LIMIT, (unsigned)h->o.max_connections,
            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(h->o.idle_ms / 1000 + 1),
            MHD_OPTION_STRICT_FOR_CLIENT, 0, /* http_frame.c is stricter, and answers once */
            MHD_OPTION_NOTIFY_CONNECTION, http_conn_notify, h, MHD_OPTION_NOTIFY_COMPLETED,
            http_exchange_done, h, MHD_OPTION_URI_LOG_CALLBACK, http_exchange_new, h,
            MHD_OPTION_UNESCAPE_CALLBACK, no_unescape, NULL, MHD_OPTION_END);
}

static err daemons_start(http *h)
{
    bool tls = h->o.cert_file && h->o.key_file;
    if (tls) {
        TRY(read_pem(h->o.cert_file, &h->cert));
        TRY(read_pem(h->o.key_file, &h->key));
        if (h->o.client_ca_file) TRY(read_pem(h->o.client_ca_file, &h->client_ca));
    }
    thread_turns(TURN_US);
    h->net = daemon_start(h, tls, h->o.threads);
    h->local = tls && h->net ? daemon_start(h, false, 1) : h->net;
    thread_turns(0);
    if (h->net && h->local) return OK;
    return tls ? ERR2(E_CONFIG, "error.http.certificate", str_of(h->o.cert_file), S("refused"))
               : ERR(E_IO, "error.http.start");
}

static void http_free(http *h)
{
    http_listen_end(h);
    if (h->local && h->local != h->net) MHD_stop_daemon(h->local);
    if (h->net) MHD_stop_daemon(h->net);
    if (h->stop_fd > 0) close(h->stop_fd);
    if (atomic_load(&h->late))
        return; /* somebody still works on an exchange; the process is ending */
    pthread_mutex_destroy(&h->lock);
    free(h->cert);
    free(h->key);
    free(h->client_ca);
    free(h->peers);
    free(h);
}

static err http_start(http *h)
{
    TRY(spool_prepare(h->o.spool_dir));
    TRY(http_listen(h));
    TRY(daemons_start(h));
    if (pthread_create(&h->reaper, NULL, http_reap, h) != 0) return ERR(E_IO, "error.http.start");
    if (pthread_create(&h->acceptor, NULL, http_accept, h) != 0)
        return ERR(E_IO, "error.http.start");
    return OK;
}

err http_open(const http_options *o, http **ret)
{
    http *h = calloc(1, sizeof *h);
    ASSERT(h);
    h->o = *o;
    h->unix_fd = -1;
    fill_defaults(&h->o);
    pthread_mutex_init(&h->lock, NULL);
    h->n_peers = 16384;
    h->peers = calloc(h->n_peers, sizeof *h->peers);
    ASSERT(h->peers);
    raise_files(h->o.max_connections + 1024);
    err e = http_start(h);
    if (failed(e)) {
        http_free(h);
        return e;
    }
    *ret = h;
    return OK;
}

size_t http_connections(http *h)
{
    pthread_mutex_lock(&h->lock);
    size_t n = h->n_conns;
    pthread_mutex_unlock(&h->lock);
    return n;
}

int http_port(const http *h)
{
    return h->port;
}

static int in_hand(http *h)
{
    int n = 0;
    pthread_mutex_lock(&h->lock);
    for (http_conn *k = h->conns; k; k = k->next) {
        pthread_mutex_lock(&k->lock);
        if (k->x && atomic_load(&k->x->state) >= X_BODY) n++;
        pthread_mutex_unlock(&k->lock);
    }
    pthread_mutex_unlock(&h->lock);
    return n;
}

/* What is still suspended is taken from who works on it: its next step answers 503. */
static void abandon_suspended(http *h)
{
    pthread_mutex_lock(&h->lock);
    for (http_conn *k = h->conns; k; k = k->next) {
        pthread_mutex_lock(&k->lock);
        int expected = X_SUSPENDED;
        if (k->x && atomic_compare_exchange_strong(&k->x->state, &expected, X_ABANDONED)) {
            atomic_fetch_add(&h->late, 1);
            MHD_resume_connection(k->x->c);
        }
        pthread_mutex_unlock(&k->lock);
    }
    pthread_mutex_unlock(&h->lock);
}

void http_close(http *h, int grace_ms)
{
    enum { STEP_MS = 5, LAST_MS = 200 };
    atomic_store(&h->stopping, true);
    (void)!eventfd_write(h->stop_fd, 1);
    pthread_join(h->acceptor, NULL);
    pthread_join(h->reaper, NULL);
    http_listen_end(h);
    for (int ms = 0; ms < grace_ms && in_hand(h); ms += STEP_MS)
        usleep(STEP_MS * 1000);
    abandon_suspended(h);
    for (int ms = 0; ms < LAST_MS && in_hand(h); ms += STEP_MS)
        usleep(STEP_MS * 1000);
    http_free(h);
}
