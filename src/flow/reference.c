/* reference.c - see reference.h: checking, the rows, placing. reference_load.c takes into use. */
#include "flow/reference.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "flow/disk.h"
#include "flow/geo.h"
#include "flow/shadowserver.h"
#include "gen/flow/queries.h"
#include "store/store.h"

/* ---- is it what it is said to be? ---- */

/* Of what does not say it itself. */
static void date_of_file(const char *path, vuln_facts *ret)
{
    struct stat st;
    if (!ret->date.us && stat(path, &st) == 0) ret->date.us = (int64_t)st.st_mtime * US_PER_S;
}

static err check_vuln(arena *a, bundle_kind kind, const char *path, str name, vuln_bad_fn bad,
        void *ctx, vuln_facts *ret)
{
    CLEANUP(arena_free_p) arena *text_arena = arena_new((size_t)300 << 20);
    str text;
    TRY(disk_read(text_arena, path, (size_t)bundle_kind_bytes(kind), &text));
    vuln *v = vuln_new();
    err e = kind == BUNDLE_KEV ? vuln_add_kev(v, text, name, bad, ctx, ret)
                               : vuln_add_epss(v, text, name, bad, ctx, ret);
    ret->version = str_copy(a, ret->version);
    vuln_release(v);
    return e;
}

static err check_list(arena *a, const char *path, str name, vuln_facts *ret)
{
    CLEANUP(arena_free_p) arena *tmp = arena_new((size_t)512 << 20);
    const ss_mapping *m;
    size_t unknown;
    str text;
    TRY(disk_read(tmp, path, (size_t)bundle_kind_bytes(BUNDLE_LIST), &text));
    TRY(ss_mapping_read(tmp, text, name, &m, &unknown));
    ret->version = str_copy(a, str_sub(ss_mapping_date(m), 0, BUNDLE_VERSION));
    ret->rows = ss_mapping_types(m);
    if (!instant_parse(ss_mapping_date(m), &ret->date)) ret->date = (instant){ 0 };
    return OK;
}

/* "minar_VERSION_ARCH.deb", an ar archive that begins as Debian's packages do. */
static err check_program(arena *a, const char *path, str name, vuln_facts *ret)
{
    static const char magic[] = "!<arch>\ndebian-binary";
    char head[sizeof magic - 1] = { 0 };
    str rest = name, first, version;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && read(fd, head, sizeof head) == (ssize_t)sizeof head &&
                memcmp(head, magic, sizeof head) == 0;
    if (fd >= 0) close(fd);
    if (!good || !str_ends(name, S(".deb")) || !str_split(&rest, '_', &first) ||
            !str_eq(first, S("minar")) || !str_split(&rest, '_', &version) || !rest.n)
        return ERR1(E_INVALID, "error.bundle.program", name);
    ret->version = str_copy(a, version);
    return OK;
}

err reference_check(arena *a, bundle_kind kind, const char *path, str name, vuln_bad_fn bad,
        void *ctx, vuln_facts *ret)
{
    err e = OK;
    *ret = (vuln_facts){ 0 };
    if (kind == BUNDLE_KEV || kind == BUNDLE_EPSS)
        e = check_vuln(a, kind, path, name, bad, ctx, ret);
    else if (kind == BUNDLE_ADDRESS)
        e = flow_geo_check(path, name, &ret->date);
    else if (kind == BUNDLE_LIST)
        e = check_list(a, path, name, ret);
    else
        e = check_program(a, path, name, ret);
    date_of_file(path, ret);
    return e;
}

/* ---- what stands ---- */

typedef struct {
    arena *a;
    reference_state *s;
} reading;

static err take_row(void *ctx, const flow_reference_row *r)
{
    reading *x = ctx;
    reference_row *to = &x->s->row[x->s->n];
    if (x->s->n == REFERENCE_ROWS || !bundle_kind_of(r->kind, &to->part.kind)) return OK;
    to->part.name = str_copy(x->a, r->name);
    to->part.version = str_copy(x->a, r->version);
    to->part.date = r->date;
    to->part.bytes = r->n_bytes;
    memcpy(to->part.sha256, r->sha256.p, r->sha256.n == BUNDLE_HASH ? BUNDLE_HASH : 0);
    to->made = r->made;
    to->applied = r->applied;
    to->digest = str_copy(x->a, r->digest);
    to->folder = r->folder;
    x->s->n++;
    return OK;
}

err reference_read(struct txn *t, arena *a, reference_state *ret)
{
    reading x = { a, ret };
    *ret = (reference_state){ 0 };
    return flow_reference_each(t, take_row, &x);
}

static str day_of(arena *a, instant t)
{
    return str_sub(instant_text(a, t), 0, 10);
}

/* The newest date among b's parts of that kind. */
static instant newest(const bundle *b, bundle_kind k)
{
    instant ret = { INT64_MIN };
    for (size_t i = 0; i < b->n; i++)
        if (b->part[i].kind == k && b->part[i].date.us > ret.us) ret = b->part[i].date;
    return ret;
}

err reference_not_older(arena *a, const reference_state *now, const bundle *b)
{
    for (size_t i = 0; i < now->n; i++) {
        const reference_row *r = &now->row[i];
        instant date = newest(b, r->part.kind);
        if (date.us == INT64_MIN) continue;
        str kind = str_of(bundle_kind_name(r->part.kind));
        if (b->made.us < r->made.us)
            return ERR3(
                    E_CONFLICT, "error.bundle.older", kind, day_of(a, b->made), day_of(a, r->made));
        bundle stands = { .n = 0 };
        for (size_t k = 0; k < now->n && stands.n < BUNDLE_PARTS; k++)
            stands.part[stands.n++] = now->row[k].part;
        instant before = newest(&stands, r->part.kind);
        if (date.us < before.us)
            return ERR3(E_CONFLICT, "error.bundle.older", kind, day_of(a, date), day_of(a, before));
    }
    return OK;
}

err reference_put(struct txn *t, const bundle *b, str digest, id128 folder, int64_t person)
{
    for (size_t i = 0; i < b->n; i++)
        TRY(flow_reference_drop(t,
                &(flow_reference_drop_args){ .kind = str_of(bundle_kind_name(b->part[i].kind)) },
                NULL));
    for (size_t i = 0; i < b->n; i++) {
        const bundle_part *p = &b->part[i];
        if (!(REFERENCE_KINDS & 1u << p->kind)) continue;
        flow_reference_add_args row = { .kind = str_of(bundle_kind_name(p->kind)),
            .name = p->name,
            .version = p->version,
            .date = p->date,
            .n_bytes = p->bytes,
            .sha256 = { (const char *)p->sha256, BUNDLE_HASH },
            .digest = digest,
            .made = b->made,
            .folder = folder,
            .applied = txn_now(t),
            .person = person };
        TRY(flow_reference_add(t, &row, NULL));
    }
    return OK;
}

/* ---- placing ---- */

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

err reference_turn(void)
{
    return pthread_mutex_trylock(&turn) == 0 ? OK : ERR(E_BUSY, "error.bundle.busy");
}

void reference_turn_end(void)
{
    pthread_mutex_unlock(&turn);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
    (void)st, (void)flag, (void)f;
    (void)!remove(path);
    return 0;
}

static void remove_folder(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void close_dirs(int dirs[BUNDLE_KINDS])
{
    for (bundle_kind k = 0; k < BUNDLE_KINDS; k++)
        if (dirs[k] >= 0) close(dirs[k]);
}

/* A folder for each kind that is there and kept. */
static err make_folders(arena *a, const char *folder, const bundle *b, int dirs[BUNDLE_KINDS])
{
    TRY(disk_folder(folder));
    for (size_t i = 0; i < b->n; i++) {
        bundle_kind k = b->part[i].kind;
        if (!(REFERENCE_KINDS & 1u << k) || dirs[k] >= 0) continue;
        const char *path = str_z(a, str_fmt(a, "%s/%s", folder, bundle_kind_name(k)));
        TRY(disk_folder(path));
        dirs[k] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dirs[k] < 0) return err_errno("error.bundle.disk", str_of(path));
    }
    return OK;
}

static err check_placed(arena *a, const char *folder, const bundle *b)
{
    for (size_t i = 0; i < b->n; i++) {
        const bundle_part *p = &b->part[i];
        vuln_facts facts;
        if (!(REFERENCE_KINDS & 1u << p->kind)) continue;
        const char *path = str_z(
                a, str_fmt(a, "%s/%s/%.*s", folder, bundle_kind_name(p->kind), STR_ARG(p->name)));
        TRY(reference_check(a, p->kind, path, p->name, NULL, NULL, &facts));
    }
    return OK;
}

/* The names within it, and then its own among the others. */
static err settle(const char *unfinished, const char *folder)
{
    int fd = open(unfinished, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return good ? disk_move(unfinished, folder)
                : err_errno("error.bundle.disk", str_of(unfinished));
}

static err fill(arena *a, const char *unfinished, int fd, const bundle *b)
{
    int dirs[BUNDLE_KINDS];
    for (bundle_kind k = 0; k < BUNDLE_KINDS; k++)
        dirs[k] = -1;
    err e = make_folders(a, unfinished, b, dirs);
    if (!failed(e)) e = bundle_parts(fd, b, dirs);
    close_dirs(dirs);
    return failed(e) ? e : check_placed(a, unfinished, b);
}

err reference_place(
        const realm *r, const char *data_dir, arena *a, int fd, const bundle *b, id128 *ret_folder)
{
    id128 id = id_new();
    const char *all = str_z(a, str_fmt(a, "%s/realm/%s/reference", data_dir, r->name));
    const char *folder = str_z(a, str_fmt(a, "%s/%.*s", all, STR_ARG(id_text(a, id))));
    const char *unfinished = str_z(a, str_fmt(a, "%s.new", folder));
    TRY(disk_folder(all));
    err e = fill(a, unfinished, fd, b);
    if (!failed(e)) e = settle(unfinished, folder);
    if (failed(e)) remove_folder(unfinished);
    if (!failed(e)) *ret_folder = id;
    return e;
}

static bool named(arena *a, const reference_state *s, str folder)
{
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(folder, id_text(a, s->row[i].folder))) return true;
    return false;
}

static err read_now(const realm *r, arena *a, reference_state *ret)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    TRY(txn_read(r->store, 0, &t));
    return reference_read(t, a, ret);
}

void reference_sweep(const realm *r, const char *data_dir)
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    const char *all = str_z(a, str_fmt(a, "%s/realm/%s/reference", data_dir, r->name));
    struct dirent *d;
    reference_state now;
    DIR *list = opendir(all);
    if (!list) return;
    err e = read_now(r, a, &now);
    while (!failed(e) && (d = readdir(list))) {
        str name = str_of(d->d_name);
        if (str_starts(name, S(".")) || named(a, &now, name)) continue;
        remove_folder(str_z(a, str_fmt(a, "%s/%s", all, d->d_name)));
    }
    closedir(list);
    if (failed(e)) log_err("reference.sweep", e);
}

int reference_old_days(bundle_kind k)
{
    static const int days[BUNDLE_KINDS] = { [BUNDLE_KEV] = 30,
        [BUNDLE_EPSS] = 30,
        [BUNDLE_ADDRESS] = 90,
        [BUNDLE_LIST] = 400,
        [BUNDLE_PROGRAM] = 400 };
    ASSERT(k < BUNDLE_KINDS);
    return days[k];
}
