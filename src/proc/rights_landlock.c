/* rights_landlock.c - the fence round files and TCP ports that Linux calls Landlock.
 * Owns the rule set while it is made. By plain system calls: Debian 12's C library has no wrappers,
 * and its kernel header knows the first two ABIs only, so the later bits stand here. Before
 * threads. */
#include "proc/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/landlock.h of later kernels; the ABI that brought it in brackets. */
#define FS_TRUNCATE (UINT64_C(1) << 14)        /* 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15)       /* 5 */
#define NET_BIND_TCP (UINT64_C(1) << 0)        /* 4 */
#define NET_CONNECT_TCP (UINT64_C(1) << 1)     /* 4 */
#define SCOPE_ABSTRACT_UNIX (UINT64_C(1) << 0) /* 6 */
#define SCOPE_SIGNAL (UINT64_C(1) << 1)        /* 6 */
#define RULE_NET_PORT 2

typedef struct {
    uint64_t fs, net, scope;
} ruleset_attr;
typedef struct {
    uint64_t access, port;
} port_attr;

static const uint64_t fs_read = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t fs_on_file =
        LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV;

static uint64_t fs_all(int abi)
{
    uint64_t all = (UINT64_C(1) << 13) - 1;
    if (abi >= 2) all |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3) all |= FS_TRUNCATE;
    if (abi >= 5) all |= FS_IOCTL_DEV;
    return all;
}

static int probe(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi < 0 ? 0 : (int)abi;
}

/* A process that starts others fences in what they start, and whom they and it may signal; the rest
 * is each child's own, who may need more than its parent does. */
static bool only_starts(const proc_rights *r)
{
    return r->may & MAY_EXEC && !(r->may & (MAY_READ | MAY_WRITE));
}

/* Moving a file to another folder is refused within any fence that does not name it. */
static uint64_t fs_of_starter(int abi)
{
    return LANDLOCK_ACCESS_FS_EXECUTE | (abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0);
}

static int ruleset_make(const proc_rights *r, int abi)
{
    ruleset_attr attr = { .fs = only_starts(r) ? fs_of_starter(abi) : fs_all(abi) };
    size_t size = sizeof attr.fs;
    if (abi >= 4) size += sizeof attr.net;
    if (abi >= 4 && !only_starts(r)) {
        attr.net = NET_BIND_TCP | (r->may & MAY_CONNECT ? 0 : NET_CONNECT_TCP);
    }
    if (abi >= 6) {
        attr.scope = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
        size += sizeof attr.scope;
    }
    return (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
}

static void fd_close(int *fd)
{
    if (*fd >= 0) close(*fd);
}

static uint64_t root_access(const proc_rights *r, const rights_root *root, int abi, bool folder)
{
    if (root->binds) return LANDLOCK_ACCESS_FS_MAKE_SOCK;
    uint64_t access = r->may & MAY_READ ? fs_read : 0;
    if (root->write && r->may & MAY_WRITE)
        access |= fs_all(abi) & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE & ~FS_IOCTL_DEV;
    if (!folder) access &= fs_on_file;
    return access & fs_all(abi);
}

/* *ret_fd -1: the path is absent, or not ours to see, and needs no rule. */
static bool path_open(const char *path, int *ret_fd, bool *ret_folder)
{
    struct stat st;
    *ret_fd = open(path, O_PATH | O_CLOEXEC);
    if (*ret_fd < 0) return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    if (fstat(*ret_fd, &st) != 0) return false;
    *ret_folder = S_ISDIR(st.st_mode);
    return true;
}

static bool path_add(int rules, int fd, uint64_t access)
{
    struct landlock_path_beneath_attr attr = { .parent_fd = fd, .allowed_access = access };
    if (!access) return true;
    return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &attr, 0) == 0;
}

static bool root_add(int rules, const proc_rights *r, const rights_root *root, int abi)
{
    bool folder;
    CLEANUP(fd_close) int fd = -1;
    if (!path_open(root->path, &fd, &folder)) return false;
    return fd < 0 || path_add(rules, fd, root_access(r, root, abi, folder));
}

/* A program needs its loader too, which the kernel opens to execute it. */
static bool exec_add(int rules, const proc_rights *r, const char *path)
{
    uint64_t access = LANDLOCK_ACCESS_FS_EXECUTE;
    if (!only_starts(r)) access |= LANDLOCK_ACCESS_FS_READ_FILE; /* the kernel reads it too */
    bool folder;
    CLEANUP(fd_close) int fd = -1;
    if (!path_open(path, &fd, &folder)) return false;
    return fd < 0 || folder || path_add(rules, fd, access);
}

static bool moves_add(int rules, int abi)
{
    bool folder;
    CLEANUP(fd_close) int fd = -1;
    if (abi < 2) return true;
    return path_open("/", &fd, &folder) && path_add(rules, fd, LANDLOCK_ACCESS_FS_REFER);
}

static bool execs_add(int rules, const proc_rights *r)
{
    static const char *const loaders[] = { "/lib64/ld-linux-x86-64.so.2",
        "/lib/ld-linux-aarch64.so.1" };
    bool ok = true;
    if (!(r->may & MAY_EXEC)) return true;
    for (size_t i = 0; i < ARRAY_LEN(loaders); i++)
        ok = ok && exec_add(rules, r, loaders[i]);
    for (size_t i = 0; i < ARRAY_LEN(r->exec) && r->exec[i]; i++)
        ok = ok && exec_add(rules, r, r->exec[i]);
    return ok;
}

static bool ports_add(int rules, uint64_t access, const uint16_t *ports, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        port_attr attr = { .access = access, .port = ports[i] };
        if (syscall(SYS_landlock_add_rule, rules, RULE_NET_PORT, &attr, 0) != 0) return false;
    }
    return true;
}

static bool rules_add(int rules, const proc_rights *r, const rights_grant *grant, int abi)
{
    bool ok = execs_add(rules, r);
    for (size_t i = 0; i < grant->n_roots; i++)
        ok = ok && root_add(rules, r, &grant->roots[i], abi);
    if (only_starts(r)) return ok && moves_add(rules, abi);
    if (abi < 4) return ok;
    if (r->may & MAY_LISTEN)
        ok = ok && ports_add(rules, NET_BIND_TCP, grant->listen_ports, grant->n_listen_ports);
    if (!(r->may & MAY_CONNECT))
        ok = ok && ports_add(rules, NET_CONNECT_TCP, grant->connect_ports, grant->n_connect_ports);
    return ok;
}

err rights_landlock(const proc_rights *r, const rights_grant *grant, rights_report *report)
{
    int abi = probe();
    if (!abi) return OK;
    CLEANUP(fd_close) int rules = ruleset_make(r, abi);
    if (rules < 0 || !rules_add(rules, r, grant, abi) ||
            syscall(SYS_landlock_restrict_self, rules, 0) != 0)
        return err_errno("error.proc.rights", S("landlock"));
    report->landlock_abi = abi;
    report->ports_fenced = abi >= 4;
    return OK;
}
