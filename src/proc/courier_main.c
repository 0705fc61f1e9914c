/* courier_main.c - the courier process: one loop over curl's sockets, the channel to the server and
 * the supervisor's. Owns the process. One thread (curl's resolver has short-lived ones of its own).
 * All files it needs are read before its rights go, but for the resolver's, which libc reads anew;
 * when one of them changes the courier ends when idle, and its successor reads the new one. */
#include "proc/courier_main.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "proc/courier_task.h"
#include "proc/rights.h"

#define CA_FILE "/etc/ssl/certs/ca-certificates.crt"

enum {
    CONNECTIONS_MAX = 64,
    CONNECTIONS_PER_HOST = 8,
    IDLE_CONNECTIONS = 16,
    STACK_BYTES = 256 << 10, /* of a resolver's thread */
    TURN_MS = 1000,
    WATCH_MS = 5000,
    EXIT_CONFIG = 3,
    EXIT_FENCE = 75,
};

static const char *const resolver_files[] = {
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
};

typedef struct {
    child *child;
    desk desk;
    int link; /* -1: no server yet */
    frame_in in;
    struct stat seen[ARRAY_LEN(resolver_files) + 2];
    int64_t watched_us;
    bool supervisor_gone;
} courier_process;

static const char *file_at(const courier_process *p, size_t i)
{
    if (i < ARRAY_LEN(resolver_files)) return resolver_files[i];
    return i == ARRAY_LEN(resolver_files) ? p->desk.setup->ca_file : p->desk.setup->ca_extra;
}

static void file_look(const courier_process *p, size_t i, struct stat *ret)
{
    *ret = (struct stat){ 0 };
    if (file_at(p, i) && stat(file_at(p, i), ret) != 0) *ret = (struct stat){ 0 };
}

static bool files_changed(const courier_process *p)
{
    for (size_t i = 0; i < ARRAY_LEN(p->seen); i++) {
        struct stat now;
        file_look(p, i, &now);
        if (now.st_ino != p->seen[i].st_ino || now.st_mtim.tv_sec != p->seen[i].st_mtim.tv_sec ||
                now.st_mtim.tv_nsec != p->seen[i].st_mtim.tv_nsec)
            return true;
    }
    return false;
}

static void files_watch(courier_process *p)
{
    if (monotonic_us() - p->watched_us < WATCH_MS * US_PER_MS) return;
    p->watched_us = monotonic_us();
    if (p->desk.n_tasks || p->desk.stopping || !files_changed(p)) return;
    log_info("courier.restart", "why=resolver_or_certificates_changed");
    p->desk.stopping = true;
}

static void link_drop(courier_process *p)
{
    if (p->link < 0) return;
    desk_clear(&p->desk);
    frame_in_free(&p->in);
    close(p->link);
    p->link = -1;
}

static void on_stop(void *ctx)
{
    courier_process *p = ctx;
    p->desk.stopping = true;
}

static void on_link(void *ctx, proc_kind peer, int fd)
{
    courier_process *p = ctx;
    ASSERT(peer == PROC_SERVER);
    link_drop(p);
    p->link = fd;
}

static void link_hear(courier_process *p)
{
    frame_head head;
    str payload;
    frame_state state = FRAME_NONE;
    bool ok = frame_in_read(&p->in, p->link);
    while (ok && (state = frame_in_next(&p->in, &head, &payload)) == FRAME_READY)
        ok = desk_take(&p->desk, head, payload);
    if (ok && state != FRAME_BROKEN) return;
    if (state == FRAME_BROKEN) log_warn("courier.link", "broken=1");
    link_drop(p);
}

static void channels_hear(courier_process *p, const struct curl_waitfd *w)
{
    static const int any = CURL_WAIT_POLLIN;
    child_events events = { .stop = on_stop, .link = on_link, .ctx = p };
    if (p->link >= 0 && w[1].revents & any) link_hear(p);
    if (w[0].revents & any) p->supervisor_gone = !child_read(p->child, &events);
}

static void turn(courier_process *p)
{
    bool waits = frame_out_waiting(&p->desk.out) > 0;
    struct curl_waitfd w[2] = {
        { .fd = child_fd(p->child), .events = CURL_WAIT_POLLIN },
        { .fd = p->link, .events = (short)(CURL_WAIT_POLLIN | (waits ? CURL_WAIT_POLLOUT : 0)) },
    };
    int running;
    if (curl_multi_poll(p->desk.multi, w, p->link >= 0 ? 2 : 1, TURN_MS, NULL) != CURLM_OK) return;
    channels_hear(p, w);
    curl_multi_perform(p->desk.multi, &running);
    desk_collect(&p->desk);
    if (p->link >= 0 && !frame_out_flush(&p->desk.out, p->link)) link_drop(p);
    desk_go_on(&p->desk);
    files_watch(p);
}

static err multi_make(desk *d)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(d->multi = curl_multi_init()))
        return ERR(E_FULL, "error.courier.memory");
    curl_multi_setopt(d->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS_MAX);
    curl_multi_setopt(d->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)CONNECTIONS_PER_HOST);
    curl_multi_setopt(d->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS);
    return OK;
}

static err fence(void)
{
    rights_root roots[ARRAY_LEN(resolver_files)];
    pthread_attr_t attr;
    for (size_t i = 0; i < ARRAY_LEN(roots); i++)
        roots[i] = (rights_root){ .path = resolver_files[i] };
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_setattr_default_np(&attr);
    pthread_attr_destroy(&attr);
    return rights_apply(
            PROC_COURIER, &(rights_grant){ .roots = roots, .n_roots = ARRAY_LEN(roots) }, NULL);
}

static int give_up(const char *what, err e, int code)
{
    log_err(what, e);
    return code;
}

int courier_main(child *c, const courier_setup *setup)
{
    courier_setup own = *setup;
    if (!own.ca_file) own.ca_file = CA_FILE;
    courier_process p = { .child = c, .link = -1, .desk = { .setup = &own } };
    trust *trusted = NULL;
    err e = trust_load(own.ca_file, own.ca_extra, &trusted);
    if (failed(e)) return give_up("courier.trust", e, EXIT_CONFIG);
    p.desk.trusted = trusted;
    e = multi_make(&p.desk);
    if (failed(e)) return give_up("courier.start", e, EXIT_FENCE);
    for (size_t i = 0; i < ARRAY_LEN(p.seen); i++)
        file_look(&p, i, &p.seen[i]);
    e = fence();
    if (failed(e)) return give_up("courier.rights", e, EXIT_FENCE);
    child_ready(c);
    while (!p.supervisor_gone &&
            !(p.desk.stopping && !p.desk.n_tasks && !frame_out_waiting(&p.desk.out)))
        turn(&p);
    link_drop(&p);
    curl_multi_cleanup(p.desk.multi);
    trust_free(trusted);
    return 0;
}
