/* pg.c - a throw-away PostgreSQL: initdb, start, wait, stop. Tests only; one thread. PostgreSQL
 * refuses to run as root, so then everything is done as `nobody` (or the account that MINAR_PG_USER
 * names). */
#include "support/pg.h"

#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct pg_server {
    char dir[200], data[220], url[400], bin[200];
    pid_t pid;
};

static bool find_bin(char bin[200])
{
    for (int version = 17; version >= 13; version--) {
        char path[240];
        snprintf(bin, 200, "/usr/lib/postgresql/%d/bin", version);
        snprintf(path, sizeof path, "%s/initdb", bin);
        if (access(path, X_OK) == 0) return true;
    }
    return false;
}

static const struct passwd *other_user(void)
{
    const char *name = getenv("MINAR_PG_USER");
    return getuid() ? NULL : getpwnam(name ? name : "nobody");
}

static void become_other(void)
{
    const struct passwd *u = other_user();
    if (u && (setgroups(0, NULL) || setgid(u->pw_gid) || setuid(u->pw_uid))) _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGQUIT); /* the server goes with its test, however that ends */
}

static pid_t spawn(const pg_server *p, const char *const argv[])
{
    pid_t pid = fork();
    ASSERT(pid >= 0);
    if (pid) return pid;
    char log[240];
    snprintf(log, sizeof log, "%s/log", p->dir);
    become_other();
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd >= 0) {
        dup2(fd, 1);
        dup2(fd, 2);
    }
    if (chdir(p->dir)) _exit(126);
    execv(argv[0],
            (char *const *)(uintptr_t)argv); /* execv's old promise: it does not write there */
    _exit(127);
}

static void run(const pg_server *p, const char *const argv[])
{
    int status;
    ASSERT(waitpid(spawn(p, argv), &status, 0) > 0);
    if (status) fprintf(stderr, "%s failed; see %s/log\n", argv[0], p->dir);
    ASSERT(status == 0);
}

/* dir: its name ends in XXXXXX; a folder that somebody left behind is not in the way. */
static void make_dir(char *dir)
{
    const struct passwd *u = other_user();
    ASSERT(mkdtemp(dir));
    ASSERT(!u || chown(dir, u->pw_uid, u->pw_gid) == 0);
}

static void wait_ready(const pg_server *p)
{
    char ready[240];
    snprintf(ready, sizeof ready, "%s/pg_isready", p->bin);
    for (int i = 0; i < 300; i++) {
        int status;
        const char *argv[] = { ready, "-q", "-h", p->dir, "-p", "5432", NULL };
        ASSERT(waitpid(spawn(p, argv), &status, 0) > 0);
        if (status == 0) return;
        ASSERT(waitpid(p->pid, &status, WNOHANG) == 0);
        usleep(100000);
    }
    ASSERT(!"PostgreSQL did not start in 30 s");
}

pg_server *pg_start(void)
{
    pg_server *p = calloc(1, sizeof *p);
    ASSERT(p);
    if (!find_bin(p->bin)) {
        free(p);
        return NULL;
    }
    /* A socket's path is short, and the other user must be able to reach it: a folder below /tmp.
     */
    snprintf(p->dir, sizeof p->dir, "/tmp/minar-pg-XXXXXX");
    make_dir(p->dir);
    snprintf(p->data, sizeof p->data, "%s/data", p->dir);
    char initdb[240], postgres[240];
    snprintf(initdb, sizeof initdb, "%s/initdb", p->bin);
    snprintf(postgres, sizeof postgres, "%s/postgres", p->bin);
    const char *init[] = { initdb, "-D", p->data, "-E", "UTF8", "--locale=C.UTF-8", "-U", "minar",
        "-A", "trust", "--no-instructions", NULL };
    run(p, init);
    const char *start[] = { postgres, "-D", p->data, "-k", p->dir, "-h", "", "-p", "5432", NULL };
    p->pid = spawn(p, start);
    wait_ready(p);
    snprintf(p->url, sizeof p->url, "postgresql://minar@/postgres?host=%s&port=5432", p->dir);
    return p;
}

const char *pg_url(const pg_server *p)
{
    return p->url;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
    (void)st;
    (void)kind;
    (void)f;
    return remove(path);
}

void pg_stop(pg_server *p)
{
    int status;
    if (!p) return;
    kill(p->pid, SIGINT);
    waitpid(p->pid, &status, 0);
    nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(p);
}
