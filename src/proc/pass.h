/* pass.h - open descriptors that travel with a message over a local socket. Included by src/proc
 * alone; any thread; nothing is allocated. */
#pragma once
#include "base/base.h"
#include <sys/types.h>

enum { PASS_MAX = 3 }; /* descriptors a message */
/* The bytes and n descriptors as one message; flags: sendmsg's. The descriptors stay the caller's.
 * False: errno says. */
bool pass_send(int channel, str bytes, const int *fds, size_t n, int flags);
/* One message of at most room bytes. fds: those that came, -1 where none did; the caller's from
 * here on, closed when a program is executed. recvmsg's result. */
ssize_t pass_receive(int channel, char *bytes, size_t room, int fds[PASS_MAX]);
