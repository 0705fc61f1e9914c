/* notify.c - see notify.h. Owns the one socket. */
#include "proc/notify.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int manager = -1;

void notify_open(void)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    str where = str_of(getenv("NOTIFY_SOCKET"));
    if (where.n < 2 || where.n >= sizeof a.sun_path || !strchr("/@", where.p[0])) return;
    memcpy(a.sun_path, where.p, where.n);
    if (a.sun_path[0] == '@') a.sun_path[0] = 0; /* an abstract name */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + where.n);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, n) == 0)
        manager = fd;
    else if (fd >= 0)
        close(fd);
    unsetenv("NOTIFY_SOCKET");
}

/* Whether it is heard is the manager's affair. */
void notify_tell(const char *what)
{
    if (manager < 0) return;
    ssize_t ignored = write(manager, what, strlen(what));
    (void)ignored;
}
