/* bundle_run.c - `minar bundle make|check|unpack|apply|ls`. Making, checking and unpacking need no
 * server and no data folder but for the keys that its settings trust; applying is a call. */
#include "main/bundle_run.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/time.h"
#include "flow/reference.h"
#include "gen/commands.h"
#include "main/client.h"
#include "main/print.h"
#include "main/program.h"

enum { BAD_SHOWN = 100, PATH = 4200 };

/* What the command line says. */
typedef struct {
    const command_line *l;
    arena *a;
    const char *key, *out;
    bool older;
    const char *word[BUNDLE_PARTS + 1]; /* what is no option */
    size_t n;
} asked;

static void close_fd(int *fd)
{
    if (*fd >= 0) close(*fd);
}

static err usage(void)
{
    return ERR(E_USAGE, "bundle.usage");
}

static err options_read(const command_line *l, arena *a, asked *x)
{
    *x = (asked){ .l = l, .a = a };
    for (int i = 2; i < l->argc; i++) {
        const char *w = l->argv[i];
        if (strcmp(w, "--key") == 0 && i + 1 < l->argc)
            x->key = l->argv[++i];
        else if (strcmp(w, "--out") == 0 && i + 1 < l->argc)
            x->out = l->argv[++i];
        else if (strcmp(w, "--older") == 0)
            x->older = true;
        else if (strncmp(w, "--", 2) == 0)
            return ERR1(E_USAGE, "error.main.option", str_of(w));
        else if (x->n < ARRAY_LEN(x->word))
            x->word[x->n++] = w;
        else
            return ERR1(E_USAGE, "error.main.extra", str_of(w));
    }
    return OK;
}

/* ---- what a bundle holds, told ---- */

static void tell_json(const asked *x, const bundle *b)
{
    jsonw w = jsonw_new(x->a, 4096);
    jw_obj(&w);
    jw_kstr(&w, "digest", bundle_hex(x->a, b->digest));
    jw_kstr(&w, "signer", minisig_id_text(x->a, b->signer));
    jw_ktime(&w, "made", b->made);
    bundle_parts_put(x->a, &w, b);
    jw_end_obj(&w);
    str s = jsonw_done(&w);
    printf("%.*s\n", STR_ARG(s));
}

static void tell(const asked *x, const bundle *b)
{
    if (x->l->json) {
        tell_json(x, b);
        return;
    }
    str words = text_fill(x->a, T(x->l->lang, "bundle.signed"), minisig_id_text(x->a, b->signer),
            instant_text(x->a, b->made), bundle_hex(x->a, b->digest));
    printf("%.*s\n", STR_ARG(words));
    for (size_t i = 0; i < b->n; i++) {
        const bundle_part *p = &b->part[i];
        str day = str_sub(instant_text(x->a, p->date), 0, 10);
        printf("%-8s %.*s  %lld  %.*s  %.*s\n", bundle_kind_name(p->kind), STR_ARG(day),
                (long long)p->bytes, STR_ARG(p->name), STR_ARG(p->version));
    }
}

/* The program is never installed by itself: this is how. */
static void tell_program(const asked *x, const bundle *b, const char *folder)
{
    for (size_t i = 0; i < b->n; i++) {
        const bundle_part *p = &b->part[i];
        if (p->kind != BUNDLE_PROGRAM) continue;
        const char *key = folder ? "bundle.install" : "bundle.has_program";
        str where = folder ? str_fmt(x->a, "%s/%.*s", folder, STR_ARG(p->name)) : p->name;
        str words = text_fill(x->a, T(x->l->lang, key), where, (str){ 0 }, (str){ 0 });
        fprintf(stderr, "%.*s\n", STR_ARG(words));
    }
}

/* ---- making ---- */

typedef struct {
    const asked *x;
    size_t n;
} bad_rows;

static void bad_row(void *ctx, err e)
{
    bad_rows *b = ctx;
    if (b->n++ >= BAD_SHOWN) return;
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    str s = fault_text(a, b->x->l->lang, e.f);
    fprintf(stderr, "%.*s\n", STR_ARG(s));
}

static str base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return str_of(slash ? slash + 1 : path);
}

/* "kev=FILE" */
static err part_of(const asked *x, const char *word, bundle_part *p, const char **ret_path)
{
    bad_rows bad = { x, 0 };
    vuln_facts facts;
    str rest = str_of(word), kind;
    (void)!str_split(&rest, '=', &kind);
    if (!rest.n) return usage();
    if (!bundle_kind_of(kind, &p->kind)) return ERR1(E_INVALID, "error.bundle.kind", kind);
    *ret_path = rest.p; /* the end of an argument */
    p->name = base_name(rest.p);
    if (!bundle_name_fits(p->name)) return ERR1(E_INVALID, "error.bundle.name", p->name);
    CLEANUP(close_fd) int fd = open(rest.p, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_errno("error.files.read", rest);
    TRY(reference_check(x->a, p->kind, rest.p, p->name, bad_row, &bad, &facts));
    p->version = facts.version;
    p->date = (instant){ facts.date.us / US_PER_S * US_PER_S };
    return bundle_hash(fd, p->sha256, &p->bytes);
}

/* Its bytes on disk as plain text; the arena goes with the command. */
static err small_file(arena *a, const char *path, str *ret)
{
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *p = arena_alloc(a, MINISIG_BYTES_MAX + 1);
    if (fd < 0) return err_errno("error.files.read", str_of(path));
    ssize_t n = read(fd, p, MINISIG_BYTES_MAX + 1);
    if (n < 0) return err_errno("error.files.read", str_of(path));
    *ret = (str){ p, (size_t)n };
    return OK;
}

static err secret_read(const asked *x, minisig_secret *ret)
{
    str text;
    TRY(small_file(x->a, x->key, &text));
    err e = minisig_secret_parse(text, ret);
    sodium_memzero((char *)(uintptr_t)text.p, text.n);
    return e;
}

static err put_out(
        const asked *x, const bundle *b, const char *const *paths, const minisig_secret *by)
{
    char beside[PATH];
    snprintf(beside, sizeof beside, "%s.new", x->out);
    CLEANUP(close_fd) int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return err_errno("error.files.write", str_of(beside));
    err e = bundle_write(x->a, fd, b, paths, by);
    if (!failed(e) && (fsync(fd) != 0 || rename(beside, x->out) != 0))
        e = err_errno("error.files.write", str_of(x->out));
    if (failed(e)) (void)!unlink(beside);
    return e;
}

static err make(const asked *x)
{
    bundle b = { .made = { clock_now(&clock_system).us / US_PER_S * US_PER_S } };
    bundle again = { 0 };
    const char *paths[BUNDLE_PARTS];
    minisig_secret by;
    if (!x->key || !x->out || !x->n || x->n > BUNDLE_PARTS) return usage();
    TRY(secret_read(x, &by));
    err e = OK;
    for (; b.n < x->n && !failed(e); b.n += !failed(e))
        e = part_of(x, x->word[b.n], &b.part[b.n], &paths[b.n]);
    str text = bundle_manifest_text(x->a, &b);
    if (!failed(e)) e = bundle_manifest_parse(x->a, text, &again); /* what is refused there */
    if (!failed(e)) e = put_out(x, &b, paths, &by);
    memcpy(b.signer, by.id, sizeof b.signer);
    crypto_hash_sha256(b.digest, (const uint8_t *)text.p, text.n);
    sodium_memzero(&by, sizeof by);
    TRY(e);
    tell(x, &b);
    return OK;
}

/* ---- checking and unpacking ---- */

static err trusted(const asked *x, minisig_public keys[BUNDLE_KEYS], size_t *n)
{
    const conf *c;
    str text;
    if (!x->key) {
        TRY(program_conf(x->a, x->l->data_dir, NULL, &c));
        return bundle_keys_parse(conf_str(c, "bundle.keys"), keys, n);
    }
    TRY(small_file(x->a, x->key, &text));
    *n = 1;
    return minisig_public_parse(text, keys);
}

static err open_bundle(const asked *x, int *ret_fd, bundle *ret)
{
    minisig_public keys[BUNDLE_KEYS];
    size_t n;
    if (x->n != 1) return usage();
    TRY(trusted(x, keys, &n));
    *ret_fd = open(x->word[0], O_RDONLY | O_CLOEXEC);
    if (*ret_fd < 0) return err_errno("error.files.read", str_of(x->word[0]));
    return bundle_open(x->a, *ret_fd, keys, n, ret);
}

static err check(const asked *x)
{
    static const int nowhere[BUNDLE_KINDS] = { [0 ... BUNDLE_KINDS - 1] = -1 };
    bundle b;
    CLEANUP(close_fd) int fd = -1;
    TRY(open_bundle(x, &fd, &b));
    TRY(bundle_parts(fd, &b, nowhere));
    tell(x, &b);
    tell_program(x, &b, NULL);
    return OK;
}

static void drop(const char *folder, int dir, const bundle *b)
{
    char name[BUNDLE_NAME + 1];
    for (size_t i = 0; i < b->n; i++) {
        snprintf(name, sizeof name, "%.*s", STR_ARG(b->part[i].name));
        (void)!unlinkat(dir, name, 0);
    }
    (void)!rmdir(folder);
}

/* All parts into a new folder, or no folder. */
static err unpack_to(const asked *x, int fd, const bundle *b)
{
    char unfinished[PATH];
    int dirs[BUNDLE_KINDS];
    snprintf(unfinished, sizeof unfinished, "%s.new", x->out);
    if (access(x->out, F_OK) == 0) return ERR1(E_CONFLICT, "error.bundle.folder", str_of(x->out));
    if (mkdir(unfinished, 0755) != 0) return err_errno("error.files.write", str_of(unfinished));
    CLEANUP(close_fd) int dir = open(unfinished, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) return err_errno("error.files.write", str_of(unfinished));
    for (bundle_kind k = 0; k < BUNDLE_KINDS; k++)
        dirs[k] = dir;
    err e = bundle_parts(fd, b, dirs);
    if (!failed(e) && rename(unfinished, x->out) != 0)
        e = err_errno("error.files.write", str_of(x->out));
    if (failed(e)) drop(unfinished, dir, b);
    return e;
}

static err unpack(const asked *x)
{
    bundle b;
    CLEANUP(close_fd) int fd = -1;
    if (!x->out) return usage();
    TRY(open_bundle(x, &fd, &b));
    TRY(unpack_to(x, fd, &b));
    tell(x, &b);
    tell_program(x, &b, x->out);
    return OK;
}

/* ---- calls ---- */

static err call_it(const asked *x, const client_request *q, const command_row *row, int *code)
{
    client *c;
    api_answer r;
    TRY(client_open(x->l->data_dir, &c));
    err e = client_call(c, x->a, q, &r);
    if (!failed(e)) e = print_answer(x->a, x->l, row, &r);
    if (!failed(e)) *code = command_exit(r.status);
    client_close(c);
    return e;
}

/* What the bundle has of a program is not the server's: whoever applies it is told. */
static void hint_program(const asked *x)
{
    bundle b;
    CLEANUP(close_fd) int fd = -1;
    if (!failed(open_bundle(x, &fd, &b))) tell_program(x, &b, NULL);
}

static err apply(const asked *x, int *code)
{
    static const command_row row = { .noun = "bundle", .verb = "apply", .columns = "" };
    client_request q = { .method = "POST",
        .path = x->older ? S("/api/bundles?older=true") : S("/api/bundles"),
        .realm = x->l->realm,
        .lang = lang_code(x->l->lang),
        .progress = isatty(2) && !x->l->json };
    if (x->n != 1) return usage();
    if (access(x->word[0], R_OK) != 0) return err_errno("error.files.read", str_of(x->word[0]));
    q.file = x->word[0];
    TRY(call_it(x, &q, &row, code));
    if (!*code) hint_program(x);
    return OK;
}

static err list(const asked *x, int *code)
{
    static const command_row row = {
        .noun = "bundle", .verb = "ls", .columns = "kind date age_days old in_use version name"
    };
    client_request q = { .method = "GET",
        .path = S("/api/bundles"),
        .realm = x->l->realm,
        .lang = lang_code(x->l->lang) };
    if (x->n) return usage();
    return call_it(x, &q, &row, code);
}

int bundle_run(const command_line *l)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)64 << 20);
    const char *verb = l->argc > 1 ? l->argv[1] : "ls";
    int code = 0;
    asked x;
    err e = options_read(l, a, &x);
    if (failed(e)) return command_fail(l->lang, e);
    e = usage();
    if (strcmp(verb, "make") == 0) e = make(&x);
    if (strcmp(verb, "check") == 0) e = check(&x);
    if (strcmp(verb, "unpack") == 0) e = unpack(&x);
    if (strcmp(verb, "apply") == 0) e = apply(&x, &code);
    if (strcmp(verb, "ls") == 0) e = list(&x, &code);
    return failed(e) ? command_fail(l->lang, e) : code;
}
