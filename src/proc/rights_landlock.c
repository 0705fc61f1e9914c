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

static int ruleset_make(const proc_rights *r, int abi)
{
    ruleset_attr attr = { .fs = fs_all(abi) };
    size_t size = sizeof attr.fs;
    if (abi >= 4) {
        attr.net = NET_BIND_TCP | (r->may & MAY_CONNECT ? 0 : NET_CONNECT_TCP);
        size += sizeof attr.net;
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
    uint64_t access = r->may & MAY_READ ? fs_read : 0;
    if (root->write && r->may & MAY_WRITE)
        access |= fs_all(abi) & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE & ~FS_IOCTL_DEV;
    if (!folder) access &= fs_on_file;
    return access & fs_all(abi);
}

static bool root_add(int rules, const proc_rights *r, const rights_root *root, int abi)
{
    CLEANUP(fd_close) int fd = open(root->path, O_PATH | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    struct stat st;
    if (fstat(fd, &st) != 0) return false;
    struct landlock_path_beneath_attr attr = { .parent_fd = fd,
        .allowed_access = root_access(r, root, abi, S_ISDIR(st.st_mode)) };
    if (!attr.allowed_access) return true;
    return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &attr, 0) == 0;
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
    bool ok = true;
    for (size_t i = 0; i < grant->n_roots; i++)
        ok = ok && root_add(rules, r, &grant->roots[i], abi);
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
