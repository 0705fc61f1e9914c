/* acts.c - what a process of a running Minar can still do, tried in the process itself: linked into
 * the whole program in place of nothing (proc/rights.h, rights_tried), so that the real grants are
 * tried and no copy of them. With MINAR_ACTS set each process, when its rights have gone, tries
 * each act and says on stderr what came of it. Tests only; driven by rights_test.py. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "proc/rights.h"

static const char *path_in(const char *name)
{
    static char path[4200];
    const char *data = getenv("MINAR_ACTS");
    snprintf(path, sizeof path, "%s/%s", data ? data : "/nowhere", name);
    return path;
}

static int port_of_test(void)
{
    const char *port = getenv("MINAR_ACTS_PORT");
    return port ? atoi(port) : 1;
}

static long opens(const char *path, int flags)
{
    int fd = open(path, flags, 0600);
    if (fd >= 0) close(fd);
    return fd;
}

static long read_shadow(void)
{
    return opens("/etc/shadow", O_RDONLY);
}
static long read_master_key(void)
{
    return opens(path_in("keys/master.key"), O_RDONLY);
}
static long read_parent(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/environ", (int)getppid());
    return opens(path, O_RDONLY);
}
static long write_outside(void)
{
    return opens(path_in("../outside"), O_WRONLY | O_CREAT);
}
static long write_beside(void)
{
    return opens(path_in("beside"), O_WRONLY | O_CREAT);
}
static long write_spool(void)
{
    return opens(path_in("spool/act"), O_WRONLY | O_CREAT);
}
static long write_conf(void)
{
    return opens(path_in("minar.yaml"), O_WRONLY);
}
/* What may be destroyed is each kind's own. */
static const char *own_name;
static const char *own(const char *folder)
{
    static char name[2][64];
    static int turn;
    turn = !turn;
    snprintf(name[turn], sizeof name[turn], "%s/%s", folder, own_name);
    return name[turn];
}
static long remove_key(void)
{
    return unlink(path_in(own("keys")));
}
static long replace_key(void)
{
    char from[4200];
    snprintf(from, sizeof from, "%s", path_in(own("from")));
    return rename(from, path_in(own("keys")));
}
static long change_owner(void)
{
    return fchownat(AT_FDCWD, path_in("keys"), getuid(), getgid(), 0);
}

/* Exec in a child where that can be made, else in place: a success would end what is tried. */
static long execs(const char *program)
{
    char *const argv[] = { (char[]){ "x" }, (char[]){ "--version" }, NULL };
    int status;
    pid_t pid = fork();
    if (pid < 0) return execv(program, argv);
    if (pid == 0) {
        close(1);
        execv(program, argv);
        _exit(errno == EACCES || errno == EPERM ? 99 : 98);
    }
    if (waitpid(pid, &status, 0) != pid) return -1;
    errno = WIFEXITED(status) && WEXITSTATUS(status) == 99 ? EACCES : EIO;
    return WIFEXITED(status) && WEXITSTATUS(status) < 98 ? 0 : -1;
}
static long exec_true(void)
{
    return execs("/bin/true");
}
static long exec_shell(void)
{
    return execs("/bin/sh");
}
static long exec_gpg(void)
{
    return execs("/usr/bin/gpg");
}
static long exec_memory(void)
{
    char *const argv[] = { (char[]){ "x" }, NULL };
    long fd = syscall(SYS_memfd_create, "x", 0);
    return fd < 0 ? fd : syscall(SYS_execveat, fd, "", argv, NULL, AT_EMPTY_PATH);
}
static long fork_once(void)
{
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    return pid < 0 ? pid : waitpid(pid, NULL, 0);
}
static void *nothing(void *ctx)
{
    return ctx;
}
static long thread(void)
{
    pthread_t t;
    errno = pthread_create(&t, NULL, nothing, NULL);
    return errno ? -1 : pthread_join(t, NULL);
}
static long trace_me(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}
static long trace_parent(void)
{
    return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL);
}
static long memory_of_parent(void)
{
    char c;
    struct iovec to = { &c, 1 }, from = { (void *)&environ, 1 };
    return process_vm_readv(getppid(), &to, 1, &from, 1, 0);
}
static long signal_parent(void)
{
    return kill(getppid(), 0);
}
static long signal_thread_of_parent(void)
{
    return syscall(SYS_tgkill, getppid(), getppid(), 0);
}
static long signal_self(void)
{
    return syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), 0);
}

static long sockets(int family, int type, int protocol)
{
    int fd = socket(family, type, protocol);
    if (fd >= 0) close(fd);
    return fd;
}
static long socket_tcp(void)
{
    return sockets(AF_INET, SOCK_STREAM, 0);
}
static long socket_udp(void)
{
    return sockets(AF_INET6, SOCK_DGRAM, 0);
}
static long socket_unix(void)
{
    return sockets(AF_UNIX, SOCK_STREAM, 0);
}
static long socket_raw(void)
{
    return sockets(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}
static long socket_netlink(void)
{
    return sockets(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE);
}
static long socket_packet(void)
{
    return sockets(AF_PACKET, SOCK_DGRAM, 0);
}

static long at_test(int (*call)(int, const struct sockaddr *, socklen_t))
{
    struct sockaddr_in to = { .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port_of_test()),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) return fd;
    long rc = call(fd, (struct sockaddr *)&to, sizeof to);
    int kept = errno;
    close(fd);
    errno = kept;
    return rc;
}
static long connect_out(void)
{
    return at_test(connect);
}
static long listen_elsewhere(void)
{
    long rc = at_test(bind);
    return rc < 0 && errno == EADDRINUSE ? 0 : rc; /* the test has that port: it was let through */
}
static long code_in_memory(void)
{
    void *p = mmap(
            NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? -1 : munmap(p, 4096);
}
static long code_made_later(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return -1;
    long rc = mprotect(p, 4096, PROT_READ | PROT_EXEC);
    int kept = errno;
    munmap(p, 4096);
    errno = kept;
    return rc;
}
static long become_another(void)
{
    return setuid(getuid());
}
static long new_namespace(void)
{
    return unshare(CLONE_NEWNET);
}
static long mount_something(void)
{
    return mount("none", "/mnt", "tmpfs", 0, NULL);
}
static long change_root(void)
{
    return chroot("/");
}
static long load_filter(void)
{
    return syscall(SYS_bpf, 0, NULL, 0);
}
static long ring_of_calls(void)
{
    return syscall(SYS_io_uring_setup, 0, NULL);
}
static long make_device(void)
{
    return mknod(path_in("device"), S_IFCHR | 0600, 0x103);
}
static long dump_core(void)
{
    long dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
    errno = EPERM;
    return dumpable == 1 ? 0 : -1;
}

#define ACT(fn)                                                                                    \
    {                                                                                              \
#fn, fn                                                                                    \
    }
/* Between two folders of its own; what lies in spool goes when the server starts. */
static long move_own(void)
{
    char from[4200], to[4200];
    snprintf(from, sizeof from, "%s", path_in(own("drop")));
    snprintf(to, sizeof to, "%s", path_in(own("spool")));
    return rename(from, to);
}
/* What SQLite needs when a sort is larger than its cache. */
static long temporary_file(void)
{
    sqlite3 *db;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) return -1;
    int rc = sqlite3_exec(db,
            "PRAGMA temp_store = FILE; PRAGMA cache_size = 10; CREATE TEMP TABLE t (x);"
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
            "INSERT INTO t SELECT randomblob(100) FROM n",
            NULL, NULL, NULL);
    sqlite3_close(db);
    errno = rc == SQLITE_OK ? 0 : EACCES;
    return rc == SQLITE_OK ? 0 : -1;
}

static const struct {
    const char *name;
    long (*fn)(void);
} acts[] = {
    ACT(read_shadow),
    ACT(read_master_key),
    ACT(read_parent),
    ACT(write_outside),
    ACT(write_beside),
    ACT(write_spool),
    ACT(move_own),
    ACT(temporary_file),
    ACT(write_conf),
    ACT(replace_key),
    ACT(remove_key),
    ACT(change_owner),
    ACT(exec_true),
    ACT(exec_shell),
    ACT(exec_gpg),
    ACT(exec_memory),
    ACT(fork_once),
    ACT(thread),
    ACT(trace_me),
    ACT(trace_parent),
    ACT(memory_of_parent),
    ACT(signal_parent),
    ACT(signal_thread_of_parent),
    ACT(signal_self),
    ACT(socket_tcp),
    ACT(socket_udp),
    ACT(socket_unix),
    ACT(socket_raw),
    ACT(socket_netlink),
    ACT(socket_packet),
    ACT(connect_out),
    ACT(listen_elsewhere),
    ACT(code_in_memory),
    ACT(code_made_later),
    ACT(become_another),
    ACT(new_namespace),
    ACT(mount_something),
    ACT(change_root),
    ACT(load_filter),
    ACT(ring_of_calls),
    ACT(make_device),
    ACT(dump_core),
};

void rights_tried(proc_kind kind, const rights_report *report)
{
    if (!getenv("MINAR_ACTS")) return;
    own_name = proc_name(kind);
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        errno = 0;
        long rc = acts[i].fn();
        const char *what = rc >= 0                             ? "done"
                           : errno == EPERM || errno == EACCES ? "refused"
                                                               : "failed";
        dprintf(2, "act kind=%s landlock=%d act=%s %s errno=%d\n", proc_name(kind),
                report->landlock_abi, acts[i].name, what, errno);
    }
    dprintf(2, "acts kind=%s over\n", proc_name(kind));
}
