/* rights.h - least right per kind of process, in one table.
 * Owns nothing; a process gives its rights up once, at start, before its first thread, and can
 * never have them back: rlimits, no new privileges, no core dumps, Landlock where the kernel has
 * it, seccomp. Included by the processes' own files and by main. */
#pragma once
#include "base/base.h"

/* The supervisor starts server, courier, sandbox, printer and keys; keys starts two starters of
 * gpg, which run it in a throw-away child: gpg's has no key, signer's has the site's OpenPGP key
 * with gpg's agent. The sandbox starts openers, one an input, each thrown away after it. */
typedef enum {
    PROC_SUPERVISOR,
    PROC_SERVER,
    PROC_COURIER,
    PROC_SANDBOX,
    PROC_OPENER,
    PROC_KEYS,
    PROC_GPG,
    PROC_SIGNER,
    PROC_PRINTER,
    PROC_KINDS
} proc_kind;
const char *proc_name(proc_kind kind); /* "server": argument, log and messages */
MUST_USE bool proc_parse(str name, proc_kind *ret);

enum {
    MAY_EXEC = 1, /* start a program, one of the row's list; which a child needs to begin with */
    MAY_LISTEN = 2,
    MAY_CONNECT = 4, /* anywhere on the internet: the courier, which judges each address */
    MAY_WRITE = 8,   /* open files for writing, under its roots */
    MAY_READ = 16,   /* open files for reading, under its roots */
    MAY_FORK = 32,   /* make processes; threads are always its own business */
    MAY_SIGNAL = 64, /* signal other processes */
    MAY_LOCAL = 128, /* connect to a local socket that is there already, and answer at one */
};

typedef struct {
    const char *name;
    uint32_t may;
    uint32_t files;        /* RLIMIT_NOFILE; 0: as it is */
    uint64_t memory_bytes; /* RLIMIT_DATA; 0: as it is */
    bool strict;           /* seccomp: what is not listed is refused; else what is listed is */
    bool alone;            /* strict, and neither a channel to others nor a thread */
    const char *exec[3];   /* MAY_EXEC: these programs and no others, by Landlock */
} proc_rights;
const proc_rights *rights_of(proc_kind kind);

/* What one installation adds: where its files are and where its stores listen. */
typedef struct {
    const char *path; /* a file, or a folder with all below it; skipped when absent */
    bool write;
    bool binds; /* a local socket may be made in this folder, and nothing else done there */
} rights_root;
typedef struct {
    const rights_root *roots;
    size_t n_roots;
    const uint16_t *listen_ports; /* MAY_LISTEN: these TCP ports; 0 stands for any free one */
    size_t n_listen_ports;
    const uint16_t *connect_ports; /* without MAY_CONNECT: TCP ports of the configured stores;
                                      none: no connection at all */
    size_t n_connect_ports;
} rights_grant;

/* Which fences stand. Landlock: the ABI that the kernel has, 0 for none: then files are fenced by
 * file permissions and seccomp alone, and ports not at all (they are from ABI 4 on). */
typedef struct {
    int landlock_abi;
    bool ports_fenced;
} rights_report;

/* Gives up everything that kind's row and the grant do not name; logs what stands. grant and report
 * may be NULL. Errors: E_IO: a fence that the kernel has could not be put up; do not go on. */
MUST_USE err rights_apply(proc_kind kind, const rights_grant *grant, rights_report *report);

/* Called last, when a test's program defines it: tries what is forbidden in the real process. */
void rights_tried(proc_kind kind, const rights_report *report) __attribute__((weak));

/* The parts, for rights.c alone. */
MUST_USE err rights_seccomp(const proc_rights *r, const rights_grant *grant);
MUST_USE err rights_landlock(
        const proc_rights *r, const rights_grant *grant, rights_report *report);
