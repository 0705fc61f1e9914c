/* pg.h - a throw-away PostgreSQL for tests and benchmarks: initdb in a folder of its own, run as an
 * unprivileged user, reached through a Unix socket there, stopped by its process id. */
#pragma once
#include "base/base.h"

typedef struct pg_server pg_server;
/* Starts one in a new folder below /tmp. NULL when PostgreSQL is not installed: the caller skips.
 * Faults while starting stop the test. */
pg_server *pg_start(void);
const char *pg_url(const pg_server *p);
/* Stops it and removes its folder. */
void pg_stop(pg_server *p);
