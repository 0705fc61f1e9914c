/* spawn.c - starts this program again as a child: fork, and exec of the very file that runs, so
 * that an upgrade on disk cannot mix two versions. Owns nothing. The supervisor's one thread. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proc/child.h"
#include "proc/supervise.h"

enum { ARGS_MAX = 64, EXIT_NO_EXEC = 70 };

static void argv_make(char *argv[ARGS_MAX + 3], char *kind_arg, char *const *args)
{
    static char name[] = "minar";
    size_t n = 0;
    argv[n++] = name;
    argv[n++] = kind_arg;
    for (size_t i = 0; args && args[i]; i++) {
        ASSERT(n < ARGS_MAX + 2);
        argv[n++] = args[i];
    }
    argv[n] = NULL;
}

/* In the child, before exec: only calls that are safe after fork. */
static _Noreturn void become(int control, char *const *argv)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (control == CHILD_CONTROL_FD)
        fcntl(control, F_SETFD, 0);
    else
        dup2(control, CHILD_CONTROL_FD);
    close_range(CHILD_CONTROL_FD + 1, ~0U, 0);
    execv("/proc/self/exe", argv);
    _exit(EXIT_NO_EXEC);
}

int32_t spawn_child(proc_kind kind, char *const *args, int *control)
{
    int pair[2];
    char kind_arg[32], *argv[ARGS_MAX + 3];
    snprintf(kind_arg, sizeof kind_arg, "--child=%s", proc_name(kind));
    argv_make(argv, kind_arg, args);
    *control = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return -1;
    pid_t pid = fork();
    if (pid == 0) become(pair[1], argv);
    close(pair[1]);
    if (pid < 0)
        close(pair[0]);
    else
        *control = pair[0];
    return pid;
}
