/* token.c - the child process that asks a token: started, waited for, ended. See token.h. */
#include "proc/token.h"
#include "proc/token_in.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"

enum { OPEN_MS = 60000, MAKE_MS = 600000, CHILD_PIPE = 3 }; /* a card makes a key for minutes */

token_setup token_setup_of(const conf *c, const char *folder)
{
    return (token_setup){ .module = conf_str(c, "token.module"),
        .label = conf_str(c, "token.label"),
        .key = conf_str(c, "token.key"),
        .pin_file = conf_str(c, "token.pin_file"),
        .folder = folder };
}

/* ---- the child ---- */

/* Nothing that its parent has open is the module's; what the module prints is no answer of ours. */
static _Noreturn void ask(const token_question *q, int out, int ms)
{
    token_answer a = { 0 };
    signal(SIGALRM, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    alarm((unsigned)ms / 1000 + 1);
    if (out != CHILD_PIPE) dup2(out, CHILD_PIPE);
    close_range(CHILD_PIPE + 1, ~0U, 0);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    token_work(q, &a);
    bool sent = write(CHILD_PIPE, &a, sizeof a) == (ssize_t)sizeof a;
    sodium_memzero(&a, sizeof a);
    _exit(sent ? 0 : 1);
}

/* ---- its parent ---- */

static bool hear(int in, int64_t until_us, token_answer *ret)
{
    size_t n = 0;
    while (n < sizeof *ret) {
        struct pollfd w = { .fd = in, .events = POLLIN };
        int64_t left = (until_us - monotonic_us()) / US_PER_MS;
        int ready = left > 0 ? poll(&w, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return false;
        ssize_t got = read(in, (uint8_t *)ret + n, sizeof *ret - n);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        n += (size_t)got;
    }
    return true;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

static err run(const token_question *q, token_answer *ret)
{
    int pair[2], ms = q->act == TOKEN_SEAL ? MAKE_MS : OPEN_MS;
    if (pipe2(pair, O_CLOEXEC) != 0) return err_errno("error.token.lost", q->setup->module);
    pid_t pid = fork();
    if (pid == 0) ask(q, pair[1], ms);
    close(pair[1]);
    bool heard = pid > 0 && hear(pair[0], monotonic_us() + ms * US_PER_MS, ret);
    if (pid > 0) end(pid);
    close(pair[0]);
    if (!heard) return ERR1(E_BUSY, "error.token.lost", q->setup->module);
    return ret->code == E_OK ? OK
                             : ERR2(ret->code, ret->text, str_of(ret->arg[0]), str_of(ret->arg[1]));
}

static err asked(const token_question *q, token_answer *ret)
{
    const token_setup *t = q->setup;
    if (!t->module.n || !t->label.n)
        return ERR1(E_CONFIG, "error.token.unset", q->same ? str_of(q->same->label) : S("-"));
    return run(q, ret);
}

err token_seal(const token_setup *t, const token_lock *same, const uint8_t secret[KEY_BYTES],
        token_lock *ret)
{
    token_answer a = { 0 };
    err e = asked(&(token_question){ TOKEN_SEAL, t, same, secret }, &a);
    if (!failed(e)) *ret = a.lock;
    sodium_memzero(&a, sizeof a);
    return e;
}

err token_open(const token_setup *t, const token_lock *lock, uint8_t ret[KEY_BYTES])
{
    token_answer a = { 0 };
    err e = asked(&(token_question){ TOKEN_OPEN, t, lock, NULL }, &a);
    if (!failed(e)) memcpy(ret, a.secret, KEY_BYTES);
    sodium_memzero(&a, sizeof a);
    return e;
}

err token_look(const token_setup *t, const token_lock *lock)
{
    token_answer a = { 0 };
    return asked(&(token_question){ TOKEN_LOOK, t, lock, NULL }, &a);
}
