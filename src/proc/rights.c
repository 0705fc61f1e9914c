/* rights.c - the table of rights, and what all kinds give up alike. Owns the table, constant.
 * rights_apply runs once per process, before its first thread. */
#include "proc/rights.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/log.h"

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SHADOWED 1 /* a sanitizer's shadow memory is larger than any limit */
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
        __has_feature(memory_sanitizer)
#define SHADOWED 1
#endif
#endif

#define SELF "/proc/self/exe"
#define GPG "/usr/bin/gpg"
#define AGENT "/usr/bin/gpg-agent"

/* Children are born inside their parent's fences: a parent's list of programs holds theirs. */
static const proc_rights table[PROC_KINDS] = {
    [PROC_SUPERVISOR] = { .name = "supervisor",
            .may = MAY_EXEC | MAY_FORK | MAY_SIGNAL,
            .exec = { SELF, GPG, AGENT } },
    [PROC_SERVER] = { .name = "server", .may = MAY_LISTEN | MAY_WRITE | MAY_READ, .files = 16384 },
    [PROC_COURIER] = { .name = "courier",
            .may = MAY_CONNECT | MAY_READ,
            .files = 1024,
            .memory_bytes = 1u << 30,
            .strict = true },
    [PROC_SANDBOX] = { .name = "sandbox",
            .may = MAY_FORK | MAY_SIGNAL,
            .files = 64,
            .memory_bytes = 1u << 29 },
    [PROC_OPENER] = { .name = "opener",
            .files = 16,
            .memory_bytes = 1u << 29,
            .strict = true,
            .alone = true },
    [PROC_KEYS] = { .name = "keys", .files = 64, .memory_bytes = 64u << 20, .strict = true },
    [PROC_GPG] = { .name = "gpg",
            .may = MAY_EXEC | MAY_FORK | MAY_READ | MAY_WRITE,
            .files = 64,
            .memory_bytes = 1u << 28,
            .exec = { GPG } },
    [PROC_SIGNER] = { .name = "signer",
            .may = MAY_EXEC | MAY_FORK | MAY_READ | MAY_WRITE | MAY_LOCAL,
            .files = 64,
            .memory_bytes = 1u << 28,
            .exec = { GPG, AGENT } },
    [PROC_PRINTER] = { .name = "printer",
            .may = MAY_READ,
            .files = 64,
            .memory_bytes = 1u << 29,
            .strict = true },
};

const proc_rights *rights_of(proc_kind kind)
{
    ASSERT(kind < PROC_KINDS);
    return &table[kind];
}

const char *proc_name(proc_kind kind)
{
    return rights_of(kind)->name;
}

bool proc_parse(str name, proc_kind *ret)
{
    for (int k = 0; k < PROC_KINDS; k++) {
        if (!str_eq(name, str_of(table[k].name))) continue;
        *ret = (proc_kind)k;
        return true;
    }
    return false;
}

static bool limit(int what, rlim_t most)
{
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)what, &now) != 0) return false;
    if (now.rlim_max < most) most = now.rlim_max;
    struct rlimit l = { most, most };
    return setrlimit((__rlimit_resource_t)what, &l) == 0;
}

static err apply_limits(const proc_rights *r)
{
    bool ok = limit(RLIMIT_CORE, 0);
    if (r->files) ok = ok && limit(RLIMIT_NOFILE, r->files);
#ifndef SHADOWED
    if (r->memory_bytes) ok = ok && limit(RLIMIT_DATA, r->memory_bytes);
#endif
    return ok ? OK : err_errno("error.proc.rights", S("rlimit"));
}

/* Memory of this process is for nobody: no core, no debugger of the same user, no privileges later.
 */
static err apply_privacy(void)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
        return OK;
    return err_errno("error.proc.rights", S("prctl"));
}

err rights_apply(proc_kind kind, const rights_grant *grant, rights_report *report)
{
    static const rights_grant nothing;
    const proc_rights *r = rights_of(kind);
    rights_report made = { 0 };
    TRY(apply_limits(r));
    TRY(apply_privacy());
    TRY(rights_landlock(r, grant ? grant : &nothing, &made));
    TRY(rights_seccomp(r, grant ? grant : &nothing));
    log_info("proc.rights", "kind=%s landlock=%d ports_fenced=%d seccomp=%s", r->name,
            made.landlock_abi, made.ports_fenced, r->strict ? "strict" : "refusals");
    if (report) *report = made;
    if (rights_tried) rights_tried(kind, &made);
    return OK;
}
