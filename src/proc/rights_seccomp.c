/* rights_seccomp.c - the fence round system calls. Owns the filter while it is made. Before
 * threads. A strict kind may make the calls listed here and no others; for the rest of the kinds a
 * list of calls that no part of Minar makes is refused. Refused calls fail with EPERM: a library
 * that only tries its luck goes on. */
#include "proc/rights.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALL(name) SCMP_SYS(name)

/* Memory, time, threads, waiting, and reading and writing what is open already. */
static const int calls_of_all[] = {
    CALL(read),
    CALL(write),
    CALL(readv),
    CALL(writev),
    CALL(pread64),
    CALL(close),
    CALL(lseek),
    CALL(fstat),
    CALL(newfstatat),
    CALL(statx),
    CALL(stat),
    CALL(lstat),
    CALL(fcntl),
    CALL(dup),
    CALL(munmap),
    CALL(mremap),
    CALL(madvise),
    CALL(brk),
    CALL(membarrier),
    CALL(futex),
    CALL(rt_sigaction),
    CALL(rt_sigprocmask),
    CALL(rt_sigreturn),
    CALL(sigaltstack),
    CALL(restart_syscall),
    CALL(exit),
    CALL(exit_group),
    CALL(set_robust_list),
    CALL(rseq),
    CALL(set_tid_address),
    CALL(sched_yield),
    CALL(sched_getaffinity),
    CALL(getpid),
    CALL(gettid),
    CALL(getppid),
    CALL(getuid),
    CALL(geteuid),
    CALL(getgid),
    CALL(getegid),
    CALL(clock_gettime),
    CALL(clock_getres),
    CALL(clock_nanosleep),
    CALL(nanosleep),
    CALL(gettimeofday),
    CALL(time),
    CALL(getrandom),
    CALL(uname),
    CALL(sysinfo),
    CALL(getrusage),
    CALL(poll),
    CALL(ppoll),
    CALL(select),
    CALL(pselect6),
    CALL(epoll_create1),
    CALL(epoll_ctl),
    CALL(epoll_wait),
    CALL(epoll_pwait),
    CALL(eventfd2),
    CALL(pipe2),
    CALL(access),
    CALL(faccessat),
    CALL(faccessat2),
    CALL(readlink),
    CALL(readlinkat),
    CALL(getcwd),
    CALL(getdents64),
};

static const int calls_of_connect[] = {
    CALL(connect),
    CALL(getsockname),
    CALL(getpeername),
    CALL(getsockopt),
    CALL(setsockopt),
    CALL(sendto),
    CALL(recvfrom),
    CALL(sendmsg),
    CALL(recvmsg),
    CALL(sendmmsg),
    CALL(recvmmsg),
    CALL(shutdown),
    CALL(socketpair),
};

/* No part of Minar makes these; whoever does has taken a process over. */
static const int calls_of_nobody[] = {
    CALL(ptrace),
    CALL(process_vm_readv),
    CALL(process_vm_writev),
    CALL(kcmp),
    CALL(pidfd_getfd),
    CALL(mount),
    CALL(umount2),
    CALL(pivot_root),
    CALL(chroot),
    CALL(setns),
    CALL(unshare),
    CALL(move_mount),
    CALL(open_tree),
    CALL(fsopen),
    CALL(fsmount),
    CALL(fsconfig),
    CALL(fspick),
    CALL(open_by_handle_at),
    CALL(name_to_handle_at),
    CALL(bpf),
    CALL(perf_event_open),
    CALL(memfd_create), /* a program that no fence round files sees */
    CALL(userfaultfd),
    CALL(io_uring_setup),
    CALL(io_uring_enter),
    CALL(io_uring_register),
    CALL(init_module),
    CALL(finit_module),
    CALL(delete_module),
    CALL(kexec_load),
    CALL(kexec_file_load),
    CALL(reboot),
    CALL(swapon),
    CALL(swapoff),
    CALL(acct),
    CALL(quotactl),
    CALL(settimeofday),
    CALL(clock_settime),
    CALL(adjtimex),
    CALL(clock_adjtime),
    CALL(sethostname),
    CALL(setdomainname),
    CALL(iopl),
    CALL(ioperm),
    CALL(add_key),
    CALL(request_key),
    CALL(keyctl),
    CALL(personality),
    CALL(vhangup),
    CALL(syslog),
    CALL(lookup_dcookie),
    CALL(fanotify_init),
    CALL(mknod),
    CALL(mknodat),
    CALL(setuid),
    CALL(setgid),
    CALL(setreuid),
    CALL(setregid),
    CALL(setresuid),
    CALL(setresgid),
    CALL(setgroups),
    CALL(setfsuid),
    CALL(setfsgid),
    CALL(capset),
    CALL(chown),
    CALL(lchown),
    CALL(fchown),
    CALL(fchownat),
};

static const int calls_of_signal[] = {
    CALL(kill),
    CALL(tkill),
    CALL(rt_sigqueueinfo),
    CALL(rt_tgsigqueueinfo),
    CALL(pidfd_send_signal),
};

static int allow_calls(scmp_filter_ctx f, uint32_t action, const int *calls, size_t n)
{
    int rc = 0;
    for (size_t i = 0; i < n && !rc; i++)
        rc = seccomp_rule_add(f, action, calls[i], 0);
    return rc;
}

/* One argument masked: allowed when (argument & mask) is value. */
static int allow_masked(scmp_filter_ctx f, int call, unsigned arg, uint64_t mask, uint64_t value)
{
    struct scmp_arg_cmp is = {
        .arg = arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value
    };
    return seccomp_rule_add_array(f, SCMP_ACT_ALLOW, call, 1, &is);
}

static int allow_equal(scmp_filter_ctx f, int call, unsigned arg, uint64_t value)
{
    return allow_masked(f, call, arg, UINT32_MAX, value);
}

/* Threads but no processes; clone3 hides its flags behind a pointer: "no such call" makes the C
 * library use clone. */
static int allow_threads(scmp_filter_ctx f)
{
    uint64_t other = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
                     CLONE_NEWUTS | CLONE_NEWCGROUP;
    int rc = allow_masked(f, CALL(clone), 0, CLONE_THREAD | other, CLONE_THREAD);
    return rc ? rc : seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0);
}

/* Memory is never both new and executable. */
static int allow_memory(scmp_filter_ctx f)
{
    int rc = allow_masked(f, CALL(mmap), 2, PROT_EXEC, 0);
    if (!rc) rc = allow_masked(f, CALL(mprotect), 2, PROT_EXEC, 0);
    if (!rc) rc = allow_equal(f, CALL(ioctl), 1, FIONREAD);
    if (!rc) rc = allow_equal(f, CALL(ioctl), 1, FIONBIO);
    /* Its own limits, to read: the new value's pointer is NULL. */
    if (!rc) rc = allow_masked(f, CALL(prlimit64), 2, UINT64_MAX, 0);
    return rc;
}

static int allow_internet(scmp_filter_ctx f)
{
    int rc = allow_calls(f, SCMP_ACT_ALLOW, calls_of_connect, ARRAY_LEN(calls_of_connect));
    if (!rc) rc = allow_equal(f, CALL(socket), 0, AF_INET);
    if (!rc) rc = allow_equal(f, CALL(socket), 0, AF_INET6);
    return rc;
}

/* Reading only: no flag that writes, makes or cuts a file. */
static int allow_reading(scmp_filter_ctx f)
{
    uint64_t writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);
    int rc = allow_masked(f, CALL(openat), 2, writing, O_RDONLY);
    return rc ? rc : allow_masked(f, CALL(open), 1, writing, O_RDONLY);
}

/* Signals to threads of its own alone. The filter is made in the process that it is for. */
static int allow_own_signals(scmp_filter_ctx f)
{
    return allow_equal(f, CALL(tgkill), 0, (uint64_t)getpid());
}

static int strict_rules(scmp_filter_ctx f, const proc_rights *r)
{
    ASSERT(!(r->may & (MAY_EXEC | MAY_FORK | MAY_LISTEN | MAY_WRITE | MAY_SIGNAL)));
    int rc = allow_calls(f, SCMP_ACT_ALLOW, calls_of_all, ARRAY_LEN(calls_of_all));
    if (!rc) rc = allow_own_signals(f);
    if (!rc && !r->alone) rc = allow_threads(f);
    if (!rc) rc = allow_memory(f);
    if (!rc && r->may & MAY_CONNECT) rc = allow_internet(f);
    if (!rc && !r->alone && !(r->may & MAY_CONNECT)) /* the channels to the other processes */
        rc = allow_calls(f, SCMP_ACT_ALLOW,
                (int[]){ CALL(sendmsg), CALL(recvmsg), CALL(sendto), CALL(recvfrom) }, 4);
    if (!rc && r->may & MAY_READ) rc = allow_reading(f);
    return rc;
}

/* ---- kinds that may do all but what is listed ---- */

#define NO SCMP_ACT_ERRNO(EPERM)

static int refuse_if(scmp_filter_ctx f, int call, struct scmp_arg_cmp is)
{
    return seccomp_rule_add_array(f, NO, call, 1, &is);
}

static int refuse_processes(scmp_filter_ctx f)
{
    static const int forks[] = { CALL(fork), CALL(vfork) };
    int rc = allow_calls(f, NO, forks, ARRAY_LEN(forks));
    if (!rc) rc = refuse_if(f, CALL(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    if (!rc) rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0);
    return rc;
}

static int refuse_signals(scmp_filter_ctx f)
{
    int rc = allow_calls(f, NO, calls_of_signal, ARRAY_LEN(calls_of_signal));
    return rc ? rc : refuse_if(f, CALL(tgkill), SCMP_A0(SCMP_CMP_NE, (uint64_t)getpid()));
}

/* Memory is never writable and executable, nor made executable later. */
static int refuse_new_code(scmp_filter_ctx f)
{
    uint64_t both = PROT_WRITE | PROT_EXEC;
    int rc = refuse_if(f, CALL(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, both, both));
    if (!rc) rc = refuse_if(f, CALL(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
    if (!rc) rc = seccomp_rule_add(f, NO, CALL(pkey_mprotect), 0);
    return rc;
}

/* Only the internet and local sockets; raw ones never; and when it has nowhere to connect to,
 * neither a datagram nor a connection. */
static int refuse_sockets(scmp_filter_ctx f, bool connects)
{
    static const uint64_t families[] = { AF_UNSPEC, 3, 4, 5, 6, 7, 8, 9 };
    static_assert(AF_UNIX == 1 && AF_INET == 2 && AF_INET6 == 10, "the families between these");
    int rc = refuse_if(f, CALL(socket), SCMP_A0(SCMP_CMP_GT, AF_INET6));
    for (size_t i = 0; i < ARRAY_LEN(families) && !rc; i++)
        rc = refuse_if(f, CALL(socket), SCMP_A0(SCMP_CMP_EQ, families[i]));
    if (!rc) rc = refuse_if(f, CALL(socket), SCMP_A1(SCMP_CMP_MASKED_EQ, 15, SOCK_RAW));
    if (rc || connects) return rc;
    rc = refuse_if(f, CALL(socket), SCMP_A1(SCMP_CMP_MASKED_EQ, 15, SOCK_DGRAM));
    return rc ? rc : seccomp_rule_add(f, NO, CALL(connect), 0);
}

/* Local sockets alone, and none made to listen: gpg's agent is given its own. */
static int refuse_but_local(scmp_filter_ctx f)
{
    static const int making[] = { CALL(listen), CALL(bind) };
    int rc = allow_calls(f, NO, making, ARRAY_LEN(making));
    return rc ? rc : refuse_if(f, CALL(socket), SCMP_A0(SCMP_CMP_NE, AF_UNIX));
}

static int refuse_network(scmp_filter_ctx f, const proc_rights *r, const rights_grant *grant)
{
    static const int listening[] = { CALL(listen), CALL(accept), CALL(accept4), CALL(bind) };
    if (r->may & MAY_SIGNAL && r->may & MAY_EXEC) return refuse_sockets(f, true); /* no child's */
    if (r->may & MAY_LOCAL) return refuse_but_local(f);
    if (r->may & MAY_LISTEN) return refuse_sockets(f, grant->n_connect_ports > 0);
    int rc = allow_calls(f, NO, listening, ARRAY_LEN(listening));
    return rc ? rc : seccomp_rule_add(f, NO, CALL(socket), 0);
}

/* What the supervisor may not do its children may not either, and it alone signals: only that is
 * refused to it which none of them needs. */
static int refusals(scmp_filter_ctx f, const proc_rights *r, const rights_grant *grant)
{
    static const int exec[] = { CALL(execve), CALL(execveat) };
    int rc = allow_calls(f, NO, calls_of_nobody, ARRAY_LEN(calls_of_nobody));
    if (!rc && !(r->may & MAY_EXEC)) rc = allow_calls(f, NO, exec, ARRAY_LEN(exec));
    if (!rc && !(r->may & MAY_FORK)) rc = refuse_processes(f);
    if (!rc && !(r->may & MAY_SIGNAL)) rc = refuse_signals(f);
    if (!rc) rc = refuse_new_code(f);
    if (!rc) rc = refuse_network(f, r, grant);
    return rc;
}

err rights_seccomp(const proc_rights *r, const rights_grant *grant)
{
    scmp_filter_ctx f = seccomp_init(r->strict ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_ALLOW);
    if (!f) return err_make(E_IO, "error.proc.rights", S("seccomp"), S("memory"), (str){ 0 });
    int rc = r->strict ? strict_rules(f, r) : refusals(f, r, grant);
    if (!rc) rc = seccomp_load(f);
    seccomp_release(f);
    if (!rc) return OK;
    errno = -rc;
    return err_errno("error.proc.rights", S("seccomp"));
}
