/* http_listen.c - opens the listening sockets: several addresses with one port, and the local
 * socket. Owns http.listeners and http.unix_fd. One thread, at start and stop. */
#include "net/http_in.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static err bad_address(str text)
{
    return ERR1(E_CONFIG, "error.http.address", text);
}

/* "127.0.0.1:80" or "[::1]:80". */
static err parse_address(str text, struct sockaddr_storage *ret, socklen_t *ret_n, int *ret_port)
{
    char host[INET6_ADDRSTRLEN];
    ptrdiff_t colon = -1;
    int64_t port;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == ':') colon = (ptrdiff_t)i;
    if (colon < 2 || !str_to_i64(str_sub(text, (size_t)colon + 1, text.n), &port) || port < 0 ||
            port > 65535)
        return bad_address(text);
    bool six = text.p[0] == '[' && text.p[colon - 1] == ']';
    str h = six ? str_sub(text, 1, (size_t)colon - 2) : str_sub(text, 0, (size_t)colon);
    if (h.n >= sizeof host) return bad_address(text);
    memcpy(host, h.p, h.n);
    host[h.n] = '\0';
    struct sockaddr_in *v4 = (void *)ret;
    struct sockaddr_in6 *v6 = (void *)ret;
    *ret_n = six ? sizeof *v6 : sizeof *v4;
    *ret_port = (int)port;
    ret->ss_family = six ? AF_INET6 : AF_INET;
    int ok = six ? inet_pton(AF_INET6, host, &v6->sin6_addr)
                 : inet_pton(AF_INET, host, &v4->sin_addr);
    return ok == 1 ? OK : bad_address(text);
}

static void set_port(struct sockaddr_storage *addr, int port)
{
    if (addr->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)addr)->sin6_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in *)(void *)addr)->sin_port = htons((uint16_t)port);
}

static int bound_port(int fd)
{
    struct sockaddr_storage addr = { 0 };
    socklen_t n = sizeof addr;
    if (getsockname(fd, (struct sockaddr *)&addr, &n) != 0) return 0;
    if (addr.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)(void *)&addr)->sin6_port);
    return ntohs(((struct sockaddr_in *)(void *)&addr)->sin_port);
}

static err listen_tcp(http *h, str text)
{
    struct sockaddr_storage addr = { 0 };
    socklen_t n = 0;
    int port = 0, on = 1;
    if (h->n_listeners == HTTP_LISTENERS) return bad_address(text);
    TRY(parse_address(text, &addr, &n, &port));
    set_port(&addr, port ? port : h->port);
    int fd = socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return err_errno("error.http.listen", text);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (addr.ss_family == AF_INET6) (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&addr, n) != 0 || listen(fd, BACKLOG) != 0) {
        err e = err_errno("error.http.listen", text);
        close(fd);
        return e;
    }
    if (!h->port) h->port = bound_port(fd);
    h->listeners[h->n_listeners++] = fd;
    return OK;
}

/* A path too long for a socket address is named through its folder's descriptor. */
static int bind_unix(int fd, const char *path)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    const char *slash = strrchr(path, '/');
    if (strlen(path) < sizeof addr.sun_path) {
        memcpy(addr.sun_path, path, strlen(path) + 1);
        return bind(fd, (struct sockaddr *)&addr, sizeof addr);
    }
    char *folder = strndup(path, (size_t)(slash - path));
    int dir = folder ? open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    free(folder);
    if (dir < 0) return -1;
    (void)snprintf(addr.sun_path, sizeof addr.sun_path, "/proc/self/fd/%d/%.60s", dir, slash + 1);
    int done = bind(fd, (struct sockaddr *)&addr, sizeof addr);
    close(dir);
    return done;
}

/* Any user of this machine may connect; who that is, the kernel says. */
static err listen_unix(http *h, const char *path)
{
    (void)!unlink(path);
    h->unix_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (h->unix_fd < 0 || bind_unix(h->unix_fd, path) != 0 || chmod(path, 0666) != 0 ||
            listen(h->unix_fd, BACKLOG) != 0)
        return err_errno("error.http.listen", str_of(path));
    return OK;
}

err http_listen(http *h)
{
    str rest = str_of(h->o.listen), one;
    h->unix_fd = -1;
    h->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (h->stop_fd < 0) return err_errno("error.http.listen", S("eventfd"));
    while (rest.n && str_split(&rest, ',', &one))
        TRY(listen_tcp(h, str_trim(one)));
    return h->o.unix_path ? listen_unix(h, h->o.unix_path) : OK;
}

void http_listen_end(http *h)
{
    for (int i = 0; i < h->n_listeners; i++)
        close(h->listeners[i]);
    h->n_listeners = 0;
    if (h->unix_fd >= 0) {
        close(h->unix_fd);
        (void)!unlink(h->o.unix_path);
    }
    h->unix_fd = -1;
}
