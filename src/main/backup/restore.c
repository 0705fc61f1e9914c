/* restore.c - `minar restore DIR`: a data folder out of a backup, or a drill that restores beside,
 * checks in a fresh process and throws it away; and letting a restored installation go. A folder
 * has its name when all of it is there. Exits: 0 good, 1 a drill that was not, else as every
 * command. */
#include "base/json.h"
#include "base/time.h"
#include "base/texts.h"
#include "common/backup/stage.h"
#include "common/outbox/withhold.h"
#include "main/backup/backup.h"
#include "main/program.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 4400, EXIT_STOPPED = 130, PART_TRIES = 100, PART_WAIT_MS = 20 };
#define ARENA_BYTES ((size_t)8 << 30)
static const char values[] = "to|at|key|card|settings|release|work";

typedef struct {
    const command_line *l;
    arena *a;
    place *p;
    str name; /* of the backup */
    const json *facts;
    int64_t bytes, begun_us;
    char part[PATH]; /* where it is put together */
    char schema[64]; /* a drill's own; empty: the settings' */
} restoring;

/* ---- which ---- */

static err choose(restoring *k)
{
    str *names;
    size_t n;
    const char *at = option_of(k->l, "at", 0);
    TRY(place_manifests(k->p, k->a, &names, &n));
    for (size_t i = n; i-- > 0;)
        if (!at || str_starts(names[i], str_of(at))) {
            k->name = names[i];
            return OK;
        }
    return ERR1(E_ABSENT, "error.backup.none", str_of(at ? at : word_of(k->l, values, 0)));
}

static err list(restoring *k)
{
    str *names;
    size_t n;
    TRY(place_manifests(k->p, k->a, &names, &n));
    for (size_t i = n; i-- > 0;)
        printf("%.*s\n", STR_ARG(names[i]));
    return OK;
}

/* ---- putting it together ---- */

/* What a killed one left goes; its own check may still be on its way out and write there. */
static err part_make(restoring *k)
{
    for (int i = 0; i < PART_TRIES; i++) {
        stage_remove(k->part);
        if (mkdir(k->part, 0700) == 0) return OK;
        if (errno != EEXIST) break;
        usleep(PART_WAIT_MS * 1000);
    }
    return err_errno("error.backup.io", str_of(k->part));
}

static err put_together(restoring *k)
{
    unpack_options o = { .to = k->part,
        .settings = option_of(k->l, "settings", 0),
        .schema = k->schema[0] ? k->schema : NULL };
    TRY(part_make(k));
    return unpack(k->a, k->l, k->p, k->name, &o, &k->facts, &k->bytes);
}

static err check(restoring *k, checked *ret)
{
    char witnessed[PATH];
    snprintf(witnessed, sizeof witnessed, "%s/published/ledger.last", k->l->data_dir);
    return check_restored(k->a, k->l, k->part, k->schema[0] ? k->schema : NULL,
            access(witnessed, R_OK) == 0 ? witnessed : NULL, k->facts, ret);
}

static void say(restoring *k, const checked *r, bool drill)
{
    int64_t took = (monotonic_us() - k->begun_us) / US_PER_MS;
    if (k->l->json) {
        jsonw w = jsonw_new(k->a, 512);
        jw_obj(&w);
        jw_kstr(&w, "name", k->name);
        jw_kbool(&w, "drill", drill);
        jw_kbool(&w, "good", r->faults == 0);
        jw_ki64(&w, "faults", r->faults);
        jw_ki64(&w, "entries", r->entries);
        jw_kstr(&w, "root", r->root);
        jw_kbool(&w, "checkpoint", r->published);
        jw_kbool(&w, "witnessed", r->witnessed);
        jw_ki64(&w, "rows", r->rows);
        jw_ki64(&w, "events", r->events);
        jw_ki64(&w, "people", r->people);
        jw_ki64(&w, "bytes", k->bytes);
        jw_ki64(&w, "took_ms", took);
        jw_end_obj(&w);
        str s = jsonw_done(&w);
        printf("%.*s\n", STR_ARG(s));
        return;
    }
    str n[] = { str_fmt(k->a, "%lld", (long long)r->entries),
        str_fmt(k->a, "%lld", (long long)r->rows), str_fmt(k->a, "%lld", (long long)r->events) };
    tell(k->l, "restore.ledger", n[0], r->root, S(""));
    tell(k->l,
            r->witnessed   ? "restore.witnessed"
            : r->published ? "restore.published"
                           : "restore.unpublished",
            S(""), S(""), S(""));
    tell(k->l, "restore.counted", n[1], n[2], str_fmt(k->a, "%lld", (long long)r->people));
    tell(k->l, r->faults ? "restore.bad" : "restore.good", k->name, time_words(k->a, took),
            size_words(k->a, k->bytes));
}

/* ---- a drill ---- */

void restore_schemas_drop(
        const command_line *l, arena *a, const char *folder, const char *begins, const json *facts)
{
    const conf *c;
    const json *all = json_get(facts, S("realms"));
    if (failed(program_conf(a, folder, NULL, &c))) return;
    str url = conf_str(c, "store.url"),
        with = begins ? str_of(begins) : conf_str(c, "store.schema");
    for (const json *r = url.n && all ? all->first : NULL; r; r = r->next) {
        err e = store_drop_schema(
                str_z(a, url), realm_schema(a, with, json_get_text(r, S("name"))));
        if (failed(e)) (void)command_fail(l->lang, e);
    }
}

/* It stood there as it is without a token. */
static void forget_master(restoring *k)
{
    char keys[PATH + 8];
    snprintf(keys, sizeof keys, "%s/keys", k->part);
    err e = master_replace(keys, NULL, MASTER_FILE);
    (void)e; /* nothing came that far */
}

static err drill(restoring *k, bool *ret_good)
{
    checked r = { 0 };
    const char *work = option_of(k->l, "work", 0);
    snprintf(k->part, sizeof k->part, "%s/drill-%ld", work ? work : k->l->data_dir, (long)getpid());
    snprintf(k->schema, sizeof k->schema, "minar_drill_%ld", (long)getpid());
    err e = put_together(k);
    if (!failed(e)) e = check(k, &r);
    const fault *f = failed(e) ? fault_copy(k->a, e.f) : NULL;
    restore_schemas_drop(k->l, k->a, k->part, k->schema, k->facts);
    forget_master(k);
    stage_remove(k->part);
    int64_t took = (monotonic_us() - k->begun_us) / US_PER_MS;
    *ret_good = !f && r.faults == 0;
    if (!f) say(k, &r, true);
    if (!asked_to_stop) note_act(k->l, "drill", *ret_good, took, k->bytes, &r, k->name, 0);
    return (err){ f };
}

/* ---- for good ---- */

bool restore_folder_empty(const char *path)
{
    struct dirent *d;
    bool empty = true;
    DIR *all = opendir(path);
    while (all && (d = readdir(all)))
        empty = empty && (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0);
    if (all) closedir(all);
    return empty;
}

/* The backup key goes on with the restored installation, so that its next backup opens. */
err restore_finish(const char *part, const char *to, const uint8_t key[BACKUP_KEY])
{
    TRY(backup_key_write(part, key));
    int fd = open(part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && syncfs(fd) == 0;
    if (fd >= 0) close(fd);
    if (!good) return err_errno("error.backup.io", str_of(part));
    (void)!rmdir(to); /* an empty one may be there */
    return rename(part, to) == 0 ? OK : err_errno("error.backup.io", str_of(to));
}

/* A backup of before the last change of the master key opens with the key of then as well; from
 * here on with the newest alone. */
static err renew_end(restoring *k)
{
    master_state s;
    command_line there = *k->l;
    there.data_dir = k->part;
    TRY(keys_state(k->part, &s));
    there.json = false; /* what restore says is the answer */
    return s.n_old ? renew(&there, k->a, false) : OK;
}

static err restore(restoring *k, const char *to, const uint8_t key[BACKUP_KEY], bool *ret_good)
{
    checked r = { 0 };
    struct stat st;
    if (stat(to, &st) == 0 && (!S_ISDIR(st.st_mode) || !restore_folder_empty(to)))
        return ERR1(E_CONFLICT, "error.backup.there", str_of(to));
    snprintf(k->part, sizeof k->part, "%s.restoring", to);
    TRY(put_together(k));
    TRY(check(k, &r));
    *ret_good = r.faults == 0;
    say(k, &r, false);
    if (!*ret_good) return OK; /* it stays under the other name, to be looked at */
    TRY(renew_end(k));
    TRY(restore_finish(k->part, to, key));
    tell(k->l, "restore.held", str_of(to), S(""), S(""));
    return OK;
}

static err run(restoring *k, const uint8_t key[BACKUP_KEY], bool *ret_good)
{
    const char *dir = word_of(k->l, values, 0), *to = option_of(k->l, "to", 0);
    TRY(place_open(dir, false, key, &k->p));
    if (option_set(k->l, "list")) return list(k);
    TRY(choose(k));
    if (option_set(k->l, "test")) give_way();
    if (option_set(k->l, "test")) return drill(k, ret_good);
    return restore(k, to, key, ret_good);
}

static err usage(const command_line *l)
{
    bool one = option_set(l, "to") + option_set(l, "test") + option_set(l, "list") == 1;
    TRY(options_known(l, values, "test|list"));
    if (!word_of(l, values, 0) || word_of(l, values, 1) || !one)
        return ERR1(E_USAGE, "error.main.missing", S("minar restore /srv/backup --test"));
    return OK;
}

/* ---- letting it go ---- */

err restore_let_go(const command_line *l, arena *a, const char *how)
{
    program *p;
    client *c = client_of_server(l->data_dir);
    str text;
    const json *j;
    instant made, restored;
    int64_t n = 0;
    bool serves = c != NULL;
    client_close(c);
    if (serves) return ERR(E_BUSY, "error.backup.release_server");
    char *mark = str_z(a, str_fmt(a, "%s/realm/restored.json", l->data_dir));
    if (access(mark, F_OK) != 0)
        return ERR1(E_ABSENT, "error.backup.not_held", str_of(l->data_dir));
    TRY(file_read(a, mark, 65536, &text));
    TRY(json_parse(a, text, NULL, &j));
    if (!instant_parse(json_get_text(j, S("made")), &made) ||
            !instant_parse(json_get_text(j, S("restored")), &restored))
        return ERR1(E_INVALID, "error.backup.damaged", str_of(mark));
    TRY(program_open(&(program_options){ .data_dir = l->data_dir, .want_founded = true }, &p));
    realm *live = realms_live(p->app.realms);
    err e = strcmp(how, "withhold") == 0 ? outbox_withhold(live, restored, &n)
                                         : outbox_waiting(live, INSTANT_MAX, &n);
    program_close(p);
    TRY(e);
    if (unlink(mark) != 0) return err_errno("error.backup.io", str_of(mark));
    tell(l, strcmp(how, "withhold") == 0 ? "restore.withheld" : "restore.sends",
            str_fmt(a, "%lld", (long long)n), S(""), S(""));
    note_act(l, "release", true, 0, 0, NULL, json_get_text(j, S("backup")), 0);
    return OK;
}

static int release(const command_line *l)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 30);
    const char *how = option_of(l, "release", 0);
    err e = options_known(l, "release", "");
    if (!failed(e) && strcmp(how, "withhold") != 0 && strcmp(how, "send") != 0)
        e = ERR1(E_USAGE, "error.main.missing", S("minar restore --release withhold"));
    if (!failed(e)) e = restore_let_go(l, a, how);
    return failed(e) ? command_fail(l->lang, e) : 0;
}

int restore_run(const command_line *l)
{
    uint8_t key[BACKUP_KEY];
    bool good = true;
    if (option_set(l, "check")) return check_run(l);
    if (option_set(l, "release")) return release(l);
    CLEANUP(arena_free_p) arena *a = arena_new(ARENA_BYTES);
    restoring k = { .l = l, .a = a, .begun_us = monotonic_us() };
    err e = usage(l);
    stop_on_signal();
    if (!failed(e)) e = backup_key_find(l, false, key);
    if (!failed(e)) e = run(&k, key, &good);
    sodium_memzero(key, sizeof key);
    place_close(k.p);
    if (!failed(e)) return good ? 0 : 1;
    int code = command_fail(l->lang, e);
    return asked_to_stop ? EXIT_STOPPED : code;
}
