/* check_machine.c - the machine under the program: disk, memory, clock, time zones, what the kernel
 * can fence, limits of this user. */
#include "main/doctor/doctor.h"
#include "base/time.h"
#include <errno.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

enum { LOW_GB = 5, NONE_GB = 1, LOW_PCT = 10, NONE_PCT = 2, PROGRAM_MB = 512, SPARE_FILES = 512 };
enum { STEP_US = 50000, LOOK_MS = 100 };

static int pct_of(double part, double whole)
{
    return whole > 0 ? (int)(part * 100 / whole) : 100;
}

void check_disk(doctor *d)
{
    struct statvfs v;
    if (statvfs(d->data_dir, &v) != 0) return; /* the folder's line says it */
    double free = (double)v.f_bavail * (double)v.f_frsize;
    double all = (double)v.f_blocks * (double)v.f_frsize;
    str a1 = doctor_size(d->a, free), a2 = doctor_size(d->a, all);
    bool none = free < NONE_GB * 1e9 || pct_of(free, all) < NONE_PCT;
    bool low = free < LOW_GB * 1e9 || pct_of(free, all) < LOW_PCT;
    doctor_say(d, "disk",
            none  ? DOCTOR_BAD
            : low ? DOCTOR_WARN
                  : DOCTOR_OK,
            "doctor.disk.free", low ? "doctor.disk.fix" : NULL, a1, a2, str_of(d->data_dir));
    int left = v.f_files ? pct_of((double)v.f_favail, (double)v.f_files) : 100;
    doctor_say(d, "inodes",
            left < NONE_PCT  ? DOCTOR_BAD
            : left < LOW_PCT ? DOCTOR_WARN
                             : DOCTOR_OK,
            "doctor.inodes.free", left < LOW_PCT ? "doctor.inodes.fix" : NULL,
            str_fmt(d->a, "%d", left), (str){ 0 }, str_of(d->data_dir));
}

/* The number behind a word in a file of the kernel's, or the file's only one; -1: none. */
static int64_t kernel_number(const char *path, const char *word)
{
    char line[256];
    int64_t found = -1;
    FILE *f = fopen(path, "re");
    if (!f) return -1;
    while (found < 0 && fgets(line, sizeof line, f)) {
        str rest = str_of(line), part;
        if (word && !str_starts(rest, str_of(word))) continue;
        rest = str_sub(rest, word ? strlen(word) : 0, rest.n);
        while (found < 0 && str_split(&rest, ' ', &part))
            if (!str_to_i64(str_trim(part), &found)) found = -1;
        if (!word) break;
    }
    fclose(f);
    return found;
}

void check_memory(doctor *d)
{
    int64_t kb = kernel_number("/proc/meminfo", "MemTotal:");
    int64_t group = kernel_number("/sys/fs/cgroup/memory.max", NULL);
    double all = (double)kb * 1024;
    if (group > 0 && (double)group < all) all = (double)group;
    int64_t need_mb = PROGRAM_MB + (d->conf ? conf_int(d->conf, "history.memory_mb") : 384);
    bool little = all < (double)need_mb * 1e6;
    doctor_say(d, "memory", little ? DOCTOR_WARN : DOCTOR_OK, "doctor.memory.has",
            little ? "doctor.memory.fix" : NULL, doctor_size(d->a, all),
            str_fmt(d->a, "%lld MB", (long long)need_mb), (str){ 0 });
}

/* How far the wall clock moved beside the steady one while we looked. */
static int64_t stepped_us(void)
{
    const struct timespec pause = { 0, LOOK_MS * 1000000L };
    int64_t wall = clock_now(&clock_system).us, steady = monotonic_us();
    nanosleep(&pause, NULL);
    int64_t by = clock_now(&clock_system).us - wall - (monotonic_us() - steady);
    return by < 0 ? -by : by;
}

void check_clock(doctor *d)
{
    struct timex t = { 0 };
    str now = instant_text(d->a, (instant){ clock_now(&clock_system).us / US_PER_S * US_PER_S });
    bool follows = adjtimex(&t) >= 0 && !(t.status & STA_UNSYNC);
    if (stepped_us() > STEP_US)
        doctor_say(d, "clock", DOCTOR_BAD, "doctor.clock.moves", "doctor.clock.moves_fix", now,
                (str){ 0 }, (str){ 0 });
    else
        doctor_say(d, "clock", follows ? DOCTOR_OK : DOCTOR_WARN,
                follows ? "doctor.clock.ok" : "doctor.clock.alone",
                follows ? NULL : "doctor.clock.alone_fix", now, (str){ 0 }, (str){ 0 });
}

void check_zones(doctor *d)
{
    const zone *z;
    str name = d->conf ? conf_str(d->conf, "site.time_zone") : S("Asia/Karachi");
    bool there = !failed(zone_find(name, &z));
    doctor_say(d, "zones", there ? DOCTOR_OK : DOCTOR_BAD,
            there ? "doctor.zones.ok" : "doctor.zones.none", there ? NULL : "doctor.zones.fix",
            name, (str){ 0 }, (str){ 0 });
}

static bool user_namespaces(void)
{
    return kernel_number("/proc/sys/user/max_user_namespaces", NULL) > 0 &&
           kernel_number("/proc/sys/kernel/unprivileged_userns_clone", NULL) != 0;
}

void check_kernel(doctor *d)
{
    long abi =
            syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
    bool files = abi >= 1, calls = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
    str a1 = files ? str_fmt(d->a, "%ld", abi) : S("-"), a2 = calls ? S("+") : S("-");
    str a3 = user_namespaces() ? S("+") : S("-");
    doctor_say(d, "kernel",
            files && calls ? DOCTOR_OK
            : calls        ? DOCTOR_WARN
                           : DOCTOR_BAD,
            "doctor.kernel.has", files && calls ? NULL : "doctor.kernel.fix", a1, a2, a3);
}

void check_limits(doctor *d)
{
    struct rlimit l = { 0 };
    int64_t need = SPARE_FILES + (d->conf ? conf_int(d->conf, "http.max_connections") : 10000);
    bool known = getrlimit(RLIMIT_NOFILE, &l) == 0;
    bool few = known && l.rlim_max != RLIM_INFINITY && l.rlim_max < (rlim_t)need;
    str has = l.rlim_max == RLIM_INFINITY ? S("∞")
                                          : str_fmt(d->a, "%llu", (unsigned long long)l.rlim_max);
    doctor_say(d, "limits", few ? DOCTOR_WARN : DOCTOR_OK, "doctor.limits.files",
            few ? "doctor.limits.fix" : NULL, has, str_fmt(d->a, "%lld", (long long)need),
            (str){ 0 });
}
