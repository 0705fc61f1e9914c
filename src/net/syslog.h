/* syslog.h - a way to this machine's syslog, or to one nearby: a connected datagram socket for
 * log_set_syslog. Called by main at the start of a process, before its rights go. */
#pragma once
#include "base/base.h"

/* where: "unix:///dev/log", or "udp://HOST:PORT" (RFC 5426; what leaves the machine encrypted goes
 * by the machine's own syslog). The descriptor never waits for its reader. Errors: E_CONFIG
 * (error.net.syslog), with the reason. */
MUST_USE err syslog_open(str where, int *ret_fd);
