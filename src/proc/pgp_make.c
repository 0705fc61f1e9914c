/* pgp_make.c - see pgp_make.h. */
#include "proc/pgp_make.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/time.h"
#include "proc/gpg.h"

enum { OUT_MAX = 1 << 20, REVOCATION_MAX = 16 << 10, SUFFIX_MIN = 8 };

struct pgp_maker {
    arena *a;
    str home;
    int channel;
};

err pgp_maker_open(arena *a, const char *folder, pgp_maker **ret)
{
    pgp_maker *m = NEW(a, pgp_maker);
    struct sockaddr_un at;
    m->a = a;
    m->home = str_fmt(a, "%s/gpg", folder);
    if (m->home.n + sizeof "/S.gpg-agent" > sizeof at.sun_path)
        return ERR1(E_CONFIG, "error.pgp.path", m->home);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return err_errno("error.realm.folder", str_of(folder));
    signal(SIGPIPE, SIG_IGN);
    m->channel = gpg_starter(GPG_SIGNER_BESIDE, str_z(a, m->home));
    if (m->channel < 0) return err_errno("error.proc.start", S("gpg"));
    *ret = m;
    return OK;
}

void pgp_maker_close(pgp_maker *m)
{
    if (m) close(m->channel);
}

/* ---- a run: what it is given fits in a pipe ---- */

static err bad_run(str what)
{
    return ERR1(E_IO, "error.pgp.gpg", what);
}

static str read_all(arena *a, int fd)
{
    char bytes[4096];
    ssize_t n;
    buf b = buf_new(a, sizeof bytes);
    while (b.n < OUT_MAX && ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0) buf_put(&b, (str){ bytes, (size_t)n });
    return buf_str(&b);
}

static err run(pgp_maker *m, const str *args, size_t n, str input, str *ret)
{
    int in[2], out[2], status = -1;
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        return err_errno("error.proc.start", S("gpg"));
    bool good = write(in[1], input.p, input.n) == (ssize_t)input.n &&
                gpg_start(m->channel, args, n, in[0], out[1], -1);
    close(in[1]);
    close(in[0]);
    close(out[1]);
    str got = good ? read_all(m->a, out[0]) : S("");
    close(out[0]);
    good = good && gpg_ended(m->channel, &status) && status == 0;
    if (!good) return bad_run(args[n > 1 ? n - 2 : 0]);
    if (ret) *ret = got;
    return OK;
}

#define RUN(m, input, ret, ...)                                                                    \
    run(m, (const str[]){ __VA_ARGS__ }, sizeof((const str[]){ __VA_ARGS__ }) / sizeof(str),       \
            input, ret)
#define NO_PASSPHRASE S("--pinentry-mode"), S("loopback"), S("--passphrase"), S("")

/* ---- what there is ---- */

err pgp_maker_list(pgp_maker *m, pgp_key ret[PGP_KEYS_MAX], size_t *ret_n)
{
    str listing;
    TRY(RUN(m, S(""), &listing, S("--with-colons"), S("--with-secret"), S("--list-keys")));
    *ret_n = pgp_keys_read(m->a, listing, ret);
    return OK;
}

static str joined(arena *a, str s)
{
    buf b = buf_new(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ')
            buf_byte(&b, s.p[i] >= 'a' && s.p[i] <= 'f' ? (char)(s.p[i] - 32) : s.p[i]);
    return buf_str(&b);
}

err pgp_maker_find(pgp_maker *m, str end, pgp_key *ret)
{
    pgp_key k[PGP_KEYS_MAX];
    size_t n, found = 0;
    str word = joined(m->a, end);
    TRY(pgp_maker_list(m, k, &n));
    for (size_t i = 0; i < n && word.n >= SUFFIX_MIN; i++) {
        if (!str_ends(k[i].fingerprint, word)) continue;
        *ret = k[i];
        found++;
    }
    return found == 1 ? OK : ERR1(E_ABSENT, "error.pgp.no_key", end);
}

err pgp_maker_export(pgp_maker *m, str *ret)
{
    return RUN(m, S(""), ret, S("--armor"), S("--export"));
}

/* ---- making ---- */

static err certify(pgp_maker *m, str by, str of)
{
    return RUN(m, S(""), NULL, NO_PASSPHRASE, S("--yes"), S("--local-user"), by,
            S("--quick-sign-key"), of);
}

static bool is_in(const pgp_key *k, size_t n, str fingerprint)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(k[i].fingerprint, fingerprint)) return true;
    return false;
}

/* The one that was not there before, and those that were. */
static err certify_all(pgp_maker *m, const pgp_key *had, size_t n_had)
{
    pgp_key now[PGP_KEYS_MAX];
    size_t n;
    instant at = clock_now(&clock_system);
    TRY(pgp_maker_list(m, now, &n));
    for (size_t i = 0; i < n; i++) {
        if (is_in(had, n_had, now[i].fingerprint)) continue;
        for (size_t k = 0; k < n_had; k++) {
            if (!pgp_key_signs(&had[k], at)) continue;
            TRY(certify(m, had[k].fingerprint, now[i].fingerprint));
            TRY(certify(m, now[i].fingerprint, had[k].fingerprint));
        }
    }
    return OK;
}

err pgp_maker_make(pgp_maker *m, str user, int years)
{
    pgp_key had[PGP_KEYS_MAX];
    size_t n;
    str end = str_fmt(m->a, "%dy", years);
    TRY(pgp_maker_list(m, had, &n));
    if (n == PGP_KEYS_MAX) return ERR(E_CONFLICT, "error.pgp.too_many");
    TRY(RUN(m, S(""), NULL, NO_PASSPHRASE, S("--yes"), S("--quick-gen-key"), user, S("ed25519"),
            S("sign,cert"), end));
    return certify_all(m, had, n);
}

err pgp_maker_extend(pgp_maker *m, str fingerprint, int years)
{
    str end = str_fmt(m->a, "%dy", years);
    return RUN(
            m, S(""), NULL, NO_PASSPHRASE, S("--yes"), S("--quick-set-expire"), fingerprint, end);
}

/* ---- ending ---- */

err pgp_maker_revocation(pgp_maker *m, str fingerprint, str *ret)
{
    char bytes[REVOCATION_MAX];
    str path =
            str_fmt(m->a, "%.*s/openpgp-revocs.d/%.*s.rev", STR_ARG(m->home), STR_ARG(fingerprint));
    int fd = open(str_z(m->a, path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return err_errno("error.pgp.revocation", path);
    ssize_t n = read(fd, bytes, sizeof bytes);
    close(fd);
    if (n <= 0) return err_errno("error.pgp.revocation", path);
    *ret = str_copy(m->a, (str){ bytes, (size_t)n });
    return OK;
}

/* A colon before its first line keeps it from being used by mistake. */
static str unlocked(str revocation)
{
    ptrdiff_t at = str_find(revocation, S("\n:-----BEGIN "));
    return at < 0 ? revocation : str_sub(revocation, (size_t)at + 2, revocation.n);
}

static err another_signs(pgp_maker *m, str fingerprint)
{
    pgp_key k[PGP_KEYS_MAX];
    size_t n;
    TRY(pgp_maker_list(m, k, &n));
    for (size_t i = 0; i < n; i++)
        if (!str_eq(k[i].fingerprint, fingerprint) &&
                pgp_key_signs(&k[i], clock_now(&clock_system)))
            return OK;
    return ERR(E_CONFLICT, "error.pgp.last");
}

err pgp_maker_drop(pgp_maker *m, str fingerprint)
{
    str revocation;
    TRY(another_signs(m, fingerprint));
    TRY(pgp_maker_revocation(m, fingerprint, &revocation));
    TRY(RUN(m, unlocked(revocation), NULL, S("--import")));
    return RUN(m, S(""), NULL, S("--yes"), S("--delete-secret-keys"), fingerprint);
}
