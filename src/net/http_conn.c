/* http_conn.c - connections: accepting on several sockets, one address's share, and the reaper that
 * cuts what is past its deadline (the library counts idle time only; dripped bytes never are idle).
 * Owns http.conns and http.peers under http.lock. Threads: acceptor, reaper, HTTP threads. */
#include "net/http_in.h"
#include "base/log.h"
#include "base/time.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

enum { REAP_MS = 200 };

/* IPv4 whole, IPv6 by its /64; false for what is not counted: loopback and the local socket. */
static bool peer_key(const struct sockaddr *addr, uint8_t key[16])
{
    memset(key, 0, 16);
    if (addr && addr->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)addr;
        memcpy(key + 12, &in->sin_addr, 4);
        key[11] = 4;
        return key[12] != 127;
    }
    if (addr && addr->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *)addr;
        memcpy(key, &in->sin6_addr, 8);
        key[11] = 6;
        return !IN6_IS_ADDR_LOOPBACK(&in->sin6_addr);
    }
    return false;
}

/* The slot of key, or the free one where it belongs; the table is never more than half full. */
static http_peer *peer_slot(http *h, const uint8_t key[16])
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (int i = 0; i < 16; i++)
        hash = (hash ^ key[i]) * 0x100000001b3u;
    for (size_t i = (size_t)hash & (h->n_peers - 1);; i = (i + 1) & (h->n_peers - 1)) {
        static const uint8_t none[16];
        http_peer *p = &h->peers[i];
        if (memcmp(p->key, key, 16) == 0 || memcmp(p->key, none, 16) == 0) return p;
    }
}

/* Addresses without connections keep their slot until the table is rebuilt here. */
static void peers_tidy(http *h)
{
    http_peer *old = h->peers;
    h->peers = calloc(h->n_peers, sizeof *old);
    ASSERT(h->peers);
    for (size_t i = 0; i < h->n_peers; i++)
        if (old[i].n) *peer_slot(h, old[i].key) = old[i];
    free(old);
    h->n_conns = 0;
}

bool http_peer_take(http *h, const struct sockaddr *addr)
{
    uint8_t key[16];
    if (!peer_key(addr, key)) return true;
    pthread_mutex_lock(&h->lock);
    if (h->n_conns++ > h->n_peers / 4) peers_tidy(h);
    http_peer *p = peer_slot(h, key);
    bool room = p->n < (uint32_t)h->o.max_per_address;
    if (room) {
        memcpy(p->key, key, 16);
        p->n++;
    }
    pthread_mutex_unlock(&h->lock);
    return room;
}

static void peer_give(http *h, const uint8_t key[16])
{
    http_peer *p = peer_slot(h, key);
    if (p->n) p->n--;
}

void http_peer_give(http *h, const struct sockaddr *addr)
{
    uint8_t key[16];
    if (!peer_key(addr, key)) return;
    pthread_mutex_lock(&h->lock);
    peer_give(h, key);
    pthread_mutex_unlock(&h->lock);
}

static void name_peer(http_conn *k, const struct sockaddr *addr)
{
    struct ucred who;
    socklen_t n = sizeof who;
    k->uid = -1;
    if (addr && addr->sa_family == AF_INET)
        (void)!inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)addr)->sin_addr,
                k->peer, sizeof k->peer);
    else if (addr && addr->sa_family == AF_INET6)
        (void)!inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)addr)->sin6_addr,
                k->peer, sizeof k->peer);
    else if (getsockopt(k->fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0)
        k->uid = who.uid;
}

static http_conn *conn_new(http *h, struct MHD_Connection *c)
{
    http_conn *k = calloc(1, sizeof *k);
    ASSERT(k);
    const struct sockaddr *addr =
            MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    k->h = h;
    k->c = c;
    k->fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    k->counted = peer_key(addr, k->key);
    name_peer(k, addr);
    k->tls = h->cert && k->uid < 0;
    atomic_init(&k->deadline_us, monotonic_us() + h->o.header_ms * US_PER_MS);
    pthread_mutex_init(&k->lock, NULL);
    return k;
}

static void conn_start(http *h, struct MHD_Connection *c, void **context)
{
    http_conn *k = conn_new(h, c);
    pthread_mutex_lock(&h->lock);
    k->next = h->conns;
    if (h->conns) h->conns->prev = k;
    h->conns = k;
    pthread_mutex_unlock(&h->lock);
    *context = k;
}

static void conn_end(http *h, http_conn *k)
{
    pthread_mutex_lock(&h->lock);
    if (k->prev)
        k->prev->next = k->next;
    else
        h->conns = k->next;
    if (k->next) k->next->prev = k->prev;
    if (k->counted) peer_give(h, k->key);
    pthread_mutex_unlock(&h->lock);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

void http_conn_notify(void *ctx, struct MHD_Connection *c, void **context,
        enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        conn_start(ctx, c, context);
    else if (*context)
        conn_end(ctx, *context);
}

/* A connection is shut down, not closed: its HTTP thread sees the end and cleans up. */
void *http_reap(void *arg)
{
    http *h = arg;
    struct pollfd stop = { .fd = h->stop_fd, .events = POLLIN };
    while (poll(&stop, 1, REAP_MS) == 0 || errno == EINTR) {
        if (atomic_load(&h->stopping)) break;
        int64_t now = monotonic_us();
        pthread_mutex_lock(&h->lock);
        for (http_conn *k = h->conns; k; k = k->next)
            if (atomic_load(&k->deadline_us) < now) (void)shutdown(k->fd, SHUT_RDWR);
        pthread_mutex_unlock(&h->lock);
    }
    return NULL;
}

static void accept_one(http *h, int listener, bool local)
{
    struct sockaddr_storage addr = { 0 };
    socklen_t n = sizeof addr;
    int on = 1, fd = accept4(listener, (struct sockaddr *)&addr, &n, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE) usleep(10000);
        return;
    }
    if (!http_peer_take(h, (struct sockaddr *)&addr)) {
        static const char full[] = "HTTP/1.1 503 Service Unavailable\r\nConnection: "
                                   "close\r\nContent-Length: 0\r\n\r\n";
        if (!h->cert) (void)!send(fd, full, sizeof full - 1, MSG_NOSIGNAL);
        close(fd);
        return;
    }
    if (!local) (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (MHD_add_connection(local ? h->local : h->net, fd, (struct sockaddr *)&addr, n) != MHD_YES)
        http_peer_give(h, (struct sockaddr *)&addr);
}

void *http_accept(void *arg)
{
    http *h = arg;
    struct pollfd fds[HTTP_LISTENERS + 2];
    int n = 0;
    for (; n < h->n_listeners; n++)
        fds[n] = (struct pollfd){ .fd = h->listeners[n], .events = POLLIN };
    fds[n++] = (struct pollfd){ .fd = h->unix_fd, .events = POLLIN };
    fds[n++] = (struct pollfd){ .fd = h->stop_fd, .events = POLLIN };
    while (!atomic_load(&h->stopping)) {
        if (poll(fds, (nfds_t)n, -1) < 0 && errno != EINTR) break;
        for (int i = 0; i < n - 1; i++)
            if (fds[i].revents & POLLIN) accept_one(h, fds[i].fd, i == h->n_listeners);
    }
    return NULL;
}
