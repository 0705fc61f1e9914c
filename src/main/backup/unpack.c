/* unpack.c - a data folder out of a backup: each file whole or not at all, no path but below the
 * folder, the store made last. The keys of people and files are the newest ones of the folder of
 * backups, so that who was erased since stays erased. See backup.h. */
#include "access/realm.h"
#include "base/conf.h"
#include "base/json.h"
#include "base/time.h"
#include "common/backup/stage.h"
#include "main/backup/backup.h"
#include "main/backup/masters.h"
#include "main/program.h"
#include "store/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 5200, SHOW_MS = 500 };

typedef struct {
    arena *a;
    const command_line *l;
    place *p;
    const unpack_options *o;
    manifest m;
    instant least; /* of the newest backup: nothing that rolls is older */
    const json *facts;
    char *room;
    int64_t bytes, all, shown_us;
} unpacking;

/* ---- files ---- */

static err folders_make(unpacking *k, str path)
{
    char at[PATH];
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] != '/') continue;
        snprintf(at, sizeof at, "%s/%.*s", k->o->to, (int)i, path.p);
        if (mkdir(at, 0700) != 0 && errno != EEXIST)
            return err_errno("error.backup.io", str_of(at));
    }
    return OK;
}

static void show(unpacking *k)
{
    int64_t now = monotonic_us();
    if (!isatty(2) || k->l->json || now - k->shown_us < SHOW_MS * US_PER_MS || !k->all) return;
    k->shown_us = now;
    fprintf(stderr, "\r%3lld %%", (long long)(k->bytes * 100 / k->all));
}

static err write_chunks(unpacking *k, const manifest_file *f, int fd)
{
    int64_t total = 0;
    for (size_t i = 0; i < f->n; i++) {
        size_t n;
        if (asked_to_stop) return ERR(E_BUSY, "error.store.copy_stopped");
        TRY(place_chunk_get(k->p, k->m.chunks[f->first + i], k->room, &n));
        for (size_t at = 0; at < n;) {
            ssize_t w = write(fd, k->room + at, n - at);
            if (w < 0 && errno == EINTR) continue;
            if (w <= 0) return err_errno("error.backup.io", f->path);
            at += (size_t)w;
        }
        total += (int64_t)n;
        k->bytes += (int64_t)n;
        show(k);
    }
    return total == f->bytes ? OK : ERR1(E_INVALID, "error.backup.damaged", f->path);
}

/* Files and sealed months are never written in place: the earlier one of that size and time is it.
 * What it holds is proved when it is checked. */
static bool linked(unpacking *k, const manifest_file *f, const char *path)
{
    char before[PATH];
    struct stat st;
    if (!k->o->before || !str_starts(f->path, S("realm/")) ||
            str_find(f->path, S("/records/")) >= 0)
        return false;
    snprintf(before, sizeof before, "%s/%.*s", k->o->before, STR_ARG(f->path));
    return lstat(before, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == f->bytes &&
           st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec == f->mtime_ns &&
           link(before, path) == 0;
}

static err file_out(unpacking *k, const manifest_file *f)
{
    char path[PATH];
    ASSERT(manifest_path_fits(f->path));
    snprintf(path, sizeof path, "%s/%.*s", k->o->to, STR_ARG(f->path));
    TRY(folders_make(k, f->path));
    if (linked(k, f, path)) return OK;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return err_errno("error.backup.io", str_of(path));
    err e = write_chunks(k, f, fd);
    struct timespec times[2] = { { 0, UTIME_OMIT },
        { f->mtime_ns / 1000000000, f->mtime_ns % 1000000000 } };
    (void)!futimens(fd, times);
    if (close(fd) != 0 && !failed(e)) e = err_errno("error.backup.io", str_of(path));
    return e;
}

static err files_out(unpacking *k)
{
    for (size_t i = 0; i < k->m.n_files; i++)
        k->all += k->m.files[i].bytes;
    for (size_t i = 0; i < k->m.n_files; i++)
        TRY(file_out(k, &k->m.files[i]));
    if (isatty(2) && k->shown_us) fprintf(stderr, "\r      \r");
    return OK;
}

/* ---- the installation's keys ---- */

static err key_out(unpacking *k, str name, str bytes)
{
    char path[PATH];
    str in = str_fmt(k->a, "keys/%.*s", STR_ARG(name));
    if (!manifest_path_fits(in)) return ERR1(E_INVALID, "error.backup.path", in);
    TRY(folders_make(k, in));
    snprintf(path, sizeof path, "%s/%.*s", k->o->to, STR_ARG(in));
    return stage_write(path, bytes);
}

static err keys_out(unpacking *k, str backup)
{
    instant made;
    str all, name, bytes, before = S("");
    char path[PATH];
    snprintf(path, sizeof path, "%s/keys", k->o->to);
    if (mkdir(path, 0700) != 0) return err_errno("error.backup.io", str_of(path));
    TRY(place_rolling_get(k->p, k->a, "keys", k->least, &made, &all));
    for (;;) {
        TRY(masters_next(&all, &name, &bytes));
        if (!name.n) return masters_needed(before, backup, path);
        if (str_eq(name, S(MASTERS_BEFORE)))
            before = bytes;
        else
            TRY(key_out(k, name, bytes));
    }
}

/* ---- stores ---- */

/* "live" alone means that nothing of it is marked as another kind. */
static bool name_fits(str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", name.p[i])) return false;
    return name.n > 0 && name.n <= 32 && manifest_path_fits(name);
}

/* A realm that is no more was removed wholly: its people's keys are gone, and it stays so. */
static err people_of(unpacking *k, str name, str *ret)
{
    char what[64];
    instant made;
    snprintf(what, sizeof what, "people-%.*s", STR_ARG(name));
    return place_rolling_get(k->p, k->a, what, k->least, &made, ret);
}

static err store_in(unpacking *k, const json *of, const conf *c)
{
    str name = json_get_text(of, S("name")), lines;
    int64_t step;
    if (!name_fits(name) || !json_i64(json_get(of, S("step")), &step))
        return ERR1(E_INVALID, "error.backup.damaged", S("facts"));
    str dir = str_fmt(k->a, "%s/realm/%.*s", k->o->to, STR_ARG(name));
    err e = people_of(k, name, &lines);
    if (err_code_of(e) == E_ABSENT && !str_eq(name, S("live"))) {
        stage_remove(str_z(k->a, dir));
        return OK;
    }
    TRY(e);
    str url = conf_str(c, "store.url");
    store_options s = { .clock = &clock_system };
    if (url.n) {
        s.url = str_z(k->a, url);
        str begins = k->o->schema ? str_of(k->o->schema) : conf_str(c, "store.schema");
        s.schema = realm_schema(k->a, begins, name);
    } else {
        s.path = str_z(k->a, str_fmt(k->a, "%.*s/records.db", STR_ARG(dir)));
    }
    char *from = str_z(k->a, str_fmt(k->a, "%.*s/records", STR_ARG(dir)));
    TRY(store_fill(&s, from, step, lines));
    stage_remove(from);
    return OK;
}

/* What the backup was made of is what it can be made into. */
static err stores_in(unpacking *k)
{
    const conf *c;
    TRY(program_conf(k->a, k->o->to, NULL, &c));
    bool pg = str_eq(json_get_text(k->facts, S("store")), S("postgresql"));
    if (pg != (conf_str(c, "store.url").n > 0))
        return err_at_pointer(
                ERR1(E_CONFIG, "error.backup.engine", json_get_text(k->facts, S("store"))),
                S("store.url"));
    const json *all = json_get(k->facts, S("realms"));
    for (size_t i = 0; all && i < all->count; i++)
        TRY(store_in(k, json_at(all, i), c));
    return OK;
}

/* ---- marks ---- */

static err settings_in(unpacking *k)
{
    char path[PATH];
    str text;
    if (!k->o->settings) return OK;
    snprintf(path, sizeof path, "%s/minar.yaml", k->o->to);
    TRY(file_read(k->a, k->o->settings, 1 << 20, &text));
    return stage_write(path, text);
}

/* Until somebody lets it go, nothing leaves it: program.c. */
static err hold(unpacking *k, str name)
{
    char path[PATH];
    jsonw w = jsonw_new(k->a, 256);
    jw_obj(&w);
    jw_kstr(&w, "backup", name);
    jw_kstr(&w, "made", json_get_text(k->facts, S("made")));
    jw_ktime(&w, "restored", clock_now(&clock_system));
    jw_end_obj(&w);
    snprintf(path, sizeof path, "%s/realm/restored.json", k->o->to);
    return stage_write(path, jsonw_done(&w));
}

static err open_backup(unpacking *k, str name)
{
    json_limits big = { .max_bytes = 64 << 20, .max_values = 4000000 };
    str *names;
    size_t n;
    TRY(place_manifest_get(k->p, k->a, name, &k->m));
    TRY(place_manifests(k->p, k->a, &names, &n));
    if (!n || !place_name_time(names[n - 1], &k->least))
        return ERR1(E_INVALID, "error.backup.damaged", S("manifests"));
    return json_parse(k->a, k->m.facts, &big, &k->facts);
}

static err unpack_all(unpacking *k, str name)
{
    TRY(open_backup(k, name));
    TRY(files_out(k));
    TRY(keys_out(k, name));
    TRY(settings_in(k));
    TRY(stores_in(k));
    return hold(k, name);
}

err unpack(arena *a, const command_line *l, place *p, str name, const unpack_options *o,
        const json **ret_facts, int64_t *ret_bytes)
{
    unpacking k = { .a = a, .l = l, .p = p, .o = o };
    k.room = malloc(CHUNK_BYTES);
    ASSERT(k.room);
    err e = unpack_all(&k, name);
    free(k.room);
    *ret_facts = k.facts;
    *ret_bytes = k.bytes;
    return e;
}
