/* syslog.c - see syslog.h. Owns nothing. */
#include "net/syslog.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static err refused(str where, const char *why)
{
    return err_at_pointer(ERR2(E_CONFIG, "error.net.syslog", where, str_of(why)), S("log.syslog"));
}

static err connected(str where, int family, const struct sockaddr *to, socklen_t n, int *ret)
{
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, to, n) == 0) {
        *ret = fd;
        return OK;
    }
    int was = errno;
    if (fd >= 0) close(fd);
    return refused(where, strerror(was));
}

static err open_unix(str where, str path, int *ret)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    if (path.n >= sizeof a.sun_path) return refused(where, strerror(ENAMETOOLONG));
    memcpy(a.sun_path, path.p, path.n);
    return connected(where, AF_UNIX, (struct sockaddr *)&a, sizeof a, ret);
}

static err open_udp(str where, str at, int *ret)
{
    char host[256], port[8] = "514";
    struct addrinfo want = { .ai_socktype = SOCK_DGRAM }, *found = NULL;
    size_t colon = at.n;
    while (colon > 0 && at.p[colon - 1] != ':' && at.p[colon - 1] != ']')
        colon--;
    bool has_port = colon > 0 && at.p[colon - 1] == ':';
    str name = has_port ? str_sub(at, 0, colon - 1) : at;
    if (has_port) snprintf(port, sizeof port, "%.*s", STR_ARG(str_sub(at, colon, at.n)));
    if (str_starts(name, S("[")) && str_ends(name, S("]"))) name = str_sub(name, 1, name.n - 2);
    if (!name.n || name.n >= sizeof host) return refused(where, gai_strerror(EAI_NONAME));
    snprintf(host, sizeof host, "%.*s", STR_ARG(name));
    int rc = getaddrinfo(host, port, &want, &found);
    if (rc) return refused(where, gai_strerror(rc));
    err e = connected(where, found->ai_family, found->ai_addr, found->ai_addrlen, ret);
    freeaddrinfo(found);
    return e;
}

err syslog_open(str where, int *ret_fd)
{
    str unix_mark = S("unix://"), udp_mark = S("udp://");
    if (str_starts(where, unix_mark))
        return open_unix(where, str_sub(where, unix_mark.n, where.n), ret_fd);
    if (str_starts(where, udp_mark))
        return open_udp(where, str_sub(where, udp_mark.n, where.n), ret_fd);
    return refused(where, gai_strerror(EAI_NONAME));
}
