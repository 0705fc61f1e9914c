/* pass.c - see pass.h. */
#include "proc/pass.h"
#include <sys/socket.h>

typedef union {
    char room[CMSG_SPACE(PASS_MAX * sizeof(int))];
    struct cmsghdr align;
} control;

bool pass_send(int channel, str bytes, const int *fds, size_t n, int flags)
{
    control c = { { 0 } };
    ASSERT(n > 0 && n <= PASS_MAX);
    struct iovec part = { (char *)(uintptr_t)bytes.p, bytes.n };
    struct msghdr m = { .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = c.room,
        .msg_controllen = CMSG_SPACE(n * sizeof *fds) };
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = CMSG_LEN(n * sizeof *fds);
    memcpy(CMSG_DATA(h), fds, n * sizeof *fds);
    return sendmsg(channel, &m, flags | MSG_NOSIGNAL) == (ssize_t)bytes.n;
}

ssize_t pass_receive(int channel, char *bytes, size_t room, int fds[PASS_MAX])
{
    control c = { { 0 } };
    struct iovec part = { bytes, room };
    struct msghdr m = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = c.room, .msg_controllen = sizeof c.room
    };
    for (size_t i = 0; i < PASS_MAX; i++)
        fds[i] = -1;
    ssize_t got = recvmsg(channel, &m, MSG_CMSG_CLOEXEC);
    for (struct cmsghdr *h = got > 0 ? CMSG_FIRSTHDR(&m) : NULL; h; h = CMSG_NXTHDR(&m, h)) {
        size_t n = h->cmsg_len - CMSG_LEN(0);
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) continue;
        memcpy(fds, CMSG_DATA(h), n < PASS_MAX * sizeof *fds ? n : PASS_MAX * sizeof *fds);
    }
    return got;
}
