/* gpg_test.c - the throw-away child of keys: gpg runs there, and nothing else can. */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "proc/gpg.h"
#include "proc/pgp_make.h"
#include "proc/rights.h"

static char home[300];

static int run(int channel, const str *args, size_t n, str input, char *out, size_t room)
{
    int in[2], back[2], status = -1;
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(back), 0);
    assert_int_equal(write(in[1], input.p, input.n), input.n);
    close(in[1]);
    assert_true(gpg_start(channel, args, n, in[0], back[1], -1));
    close(in[0]);
    close(back[1]);
    assert_true(gpg_ended(channel, &status));
    ssize_t got = read(back[0], out, room - 1);
    out[got > 0 ? got : 0] = '\0';
    close(back[0]);
    return status;
}

static void gpg_runs_and_keeps_to_its_folder(void **state)
{
    (void)state;
    char out[4096];
    if (access("/usr/bin/gpg", X_OK) != 0) skip();
    int channel = gpg_starter(GPG_GUEST, home);
    assert_true(channel >= 0);
    assert_int_equal(run(channel, (str[]){ S("--version") }, 1, S(""), out, sizeof out), 0);
    assert_non_null(strstr(out, "gpg (GnuPG)"));
    assert_non_null(strstr(out, home));
    str digest[] = { S("--print-md"), S("SHA256") };
    assert_int_equal(run(channel, digest, 2, S("abc"), out, sizeof out), 0);
    assert_non_null(strstr(out, "BA7816BF"));
    str other[] = { S("--print-md"), S("SHA256"), S("/etc/passwd") };
    assert_int_not_equal(run(channel, other, 3, S(""), out, sizeof out), 0);
    str outside[] = { S("--output"), S("/tmp/minar-gpg-outside"), S("--store") };
    assert_int_not_equal(run(channel, outside, 3, S("abc"), out, sizeof out), 0);
    assert_int_not_equal(access("/tmp/minar-gpg-outside", F_OK), 0);
    close(channel);
}

/* Its agent is where gpg looks for it, and gone with the starter. */
static void a_signer_has_an_agent(void **state)
{
    (void)state;
    char path[400];
    pgp_maker *p;
    pgp_key k[PGP_KEYS_MAX];
    size_t n;
    str text;
    arena *a = arena_new(16 << 20);
    if (access("/usr/bin/gpg-agent", X_OK) != 0) skip();
    snprintf(path, sizeof path, "%s/keys", home);
    assert_ok(pgp_maker_open(a, path, &p));
    assert_ok(pgp_maker_make(p, S("A <a@cert.example>"), 1));
    assert_ok(pgp_maker_make(p, S("A <a@cert.example>"), 2));
    assert_ok(pgp_maker_list(p, k, &n));
    assert_int_equal(n, 2);
    assert_true(k[0].secret && k[1].secret && k[0].expires.us < k[1].expires.us);
    assert_fails(pgp_maker_find(p, S("00000000"), k), E_ABSENT, "error.pgp.no_key");
    str seven = str_sub(k[0].fingerprint, 33, 40);
    assert_fails(pgp_maker_find(p, seven, k), E_ABSENT, "error.pgp.no_key");
    assert_ok(pgp_maker_drop(p, k[0].fingerprint));
    assert_ok(pgp_maker_list(p, k, &n));
    assert_true(k[0].revoked && !k[0].secret && !k[1].revoked);
    assert_fails(pgp_maker_drop(p, k[1].fingerprint), E_CONFLICT, "error.pgp.last");
    assert_ok(pgp_maker_export(p, &text));
    assert_true(str_starts(text, S("-----BEGIN PGP PUBLIC KEY BLOCK-----")));
    pgp_maker_close(p);
    arena_free(a);
}

static bool exec_refused(const char *program)
{
    char *const argv[] = { (char[]){ "x" }, NULL };
    return execv(program, argv) < 0 && (errno == EACCES || errno == EPERM);
}

/* What the starter could run if it were taken over, and what the gpg that it runs could. */
static void nothing_else_is_executed(void **state)
{
    (void)state;
    static const char *const others[] = { "/bin/sh", "/bin/true", "/usr/bin/gpg-agent",
        "/usr/bin/openssl", "/proc/self/exe" };
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        rights_report report;
        const rights_root roots[] = { { "/usr/lib", false, false }, { "/lib", false, false } };
        log_set_level(LOG_ERROR);
        if (failed(rights_apply(
                    PROC_GPG, &(rights_grant){ .roots = roots, .n_roots = 2 }, &report)))
            _exit(99);
        if (!report.landlock_abi) _exit(0); /* files are not fenced in this kernel */
        for (size_t i = 0; i < ARRAY_LEN(others); i++)
            if (!exec_refused(others[i])) _exit(1 + (int)i);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int setup(void **state)
{
    (void)state;
    const char *tmp = getenv("MINAR_TMP");
    snprintf(home, sizeof home, "%s/gpg-XXXXXX", tmp ? tmp : "/tmp");
    return mkdtemp(home) ? 0 : 1;
}

static int drop_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

static int teardown(void **state)
{
    (void)state;
    return nftw(home, drop_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gpg_runs_and_keeps_to_its_folder),
        cmocka_unit_test(a_signer_has_an_agent),
        cmocka_unit_test(nothing_else_is_executed),
    };
    return cmocka_run_group_tests_name("proc gpg", tests, setup, teardown);
}
