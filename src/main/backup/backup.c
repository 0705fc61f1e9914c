/* backup.c - `minar backup DIR`: asks for a snapshot, seals it into DIR, says how it ended. Without
 * a server it opens the data folder itself. Exits: 0 made, 130 stopped, else as every command. */
#include "base/json.h"
#include "base/time.h"
#include "base/texts.h"
#include "main/backup/backup.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LOOK_MS = 100, EXIT_STOPPED = 130, KEEP_MAX = 10000 };
#define ARENA_BYTES ((size_t)8 << 30)
static const char values[] = "keep|every";

typedef struct {
    const command_line *l;
    arena *a;
    client *c;
    place *p;
    const uint8_t *key; /* the backup key */
    str id;
    packed done;
    int64_t begun_us;
    bool stream;
} backing;

static err refused(backing *k, const api_answer *r)
{
    const json *j;
    str words = str_fmt(k->a, "%d", r->status);
    if (!failed(json_parse(k->a, r->body, NULL, &j))) {
        str said = json_get_text(j, json_get(j, S("detail")) ? S("detail") : S("title"));
        if (said.n) words = said;
    }
    err_code code = r->status == 403 || r->status == 401 ? E_DENIED
                    : r->status == 409                   ? E_CONFLICT
                                                         : E_BUSY;
    return ERR1(code, "error.backup.refused", words);
}

static err ask(backing *k, const char *method, str path, str body, const json **ret)
{
    api_answer r;
    json_limits big = { .max_bytes = 16 << 20 };
    client_request q = {
        .method = method, .path = path, .body = body, .lang = lang_code(k->l->lang)
    };
    TRY(client_call(k->c, k->a, &q, &r));
    if (r.status >= 300) return refused(k, &r);
    return json_parse(k->a, r.body, &big, ret);
}

/* ---- the snapshot ---- */

static void show(backing *k, const json *j)
{
    int64_t bytes = 0;
    if (!isatty(2) || k->l->json || !json_i64(json_get(j, S("bytes")), &bytes)) return;
    str words = size_words(k->a, bytes);
    fprintf(stderr, "\r%.*s   ", STR_ARG(words));
}

static err wait_ready(backing *k, str *ret_folder)
{
    const json *j;
    str path = str_fmt(k->a, "/api/backups/%.*s", STR_ARG(k->id));
    for (;;) {
        if (asked_to_stop) return ERR(E_BUSY, "error.store.copy_stopped");
        TRY(ask(k, "GET", path, (str){ 0 }, &j));
        str state = json_get_text(j, S("state"));
        if (str_eq(state, S("ready"))) {
            *ret_folder = json_get_text(j, S("folder"));
            return OK;
        }
        if (!str_eq(state, S("copying")))
            return ERR1(E_IO, "error.backup.failed", json_get_text(j, S("words")));
        show(k, j);
        usleep(LOOK_MS * 1000);
    }
}

/* What the server says is looked at: it leads nowhere else. */
static err stage_of(backing *k, str folder, str *ret)
{
    if (!str_starts(folder, S("spool/backup-")) || !manifest_path_fits(folder))
        return ERR1(E_BUG, "error.backup.path", folder);
    *ret = str_fmt(k->a, "%s/%.*s", k->l->data_dir, STR_ARG(folder));
    return OK;
}

static err say_end(backing *k, const char *state)
{
    const json *j;
    int64_t took = (monotonic_us() - k->begun_us) / US_PER_MS;
    jsonw w = jsonw_new(k->a, 256);
    jw_obj(&w);
    jw_kstr(&w, "state", str_of(state));
    jw_ki64(&w, "bytes", k->done.bytes);
    jw_ki64(&w, "new_bytes", k->done.new_bytes);
    jw_ki64(&w, "took_ms", took);
    jw_ki64(&w, "entries", k->done.entries);
    jw_kstr(&w, "name", k->done.name);
    jw_kstr(&w, "digest", k->done.digest);
    jw_end_obj(&w);
    return ask(
            k, "POST", str_fmt(k->a, "/api/backups/%.*s/end", STR_ARG(k->id)), jsonw_done(&w), &j);
}

/* ---- the whole ---- */

/* One that a killed command left begun is ended: its copy in the spool goes. */
static err end_begun(backing *k)
{
    const json *j, *none;
    TRY(ask(k, "GET", S("/api/backups"), (str){ 0 }, &j));
    const json *items = json_get(j, S("items"));
    for (const json *b = items ? items->first : NULL; b; b = b->next) {
        if (!str_eq(json_get_text(b, S("state")), S("begun"))) continue;
        str path = str_fmt(k->a, "/api/backups/%.*s/end", STR_ARG(json_get_text(b, S("id"))));
        TRY(ask(k, "POST", path, S("{\"state\":\"failed\"}"), &none));
    }
    return OK;
}

static err make(backing *k)
{
    const json *j;
    str folder, stage;
    if (option_set(k->l, "anew")) TRY(end_begun(k));
    str path = k->stream ? S("/api/backups?stream=true") : S("/api/backups");
    TRY(ask(k, "POST", path, (str){ 0 }, &j));
    k->id = json_get_text(j, S("id"));
    err e = wait_ready(k, &folder);
    if (!failed(e)) e = stage_of(k, folder, &stage);
    if (!failed(e)) e = pack(k->a, k->l, k->key, k->p, str_z(k->a, stage), &k->done);
    if (!failed(e)) return say_end(k, "made");
    const fault *f = fault_copy(k->a, e.f);
    err end = say_end(k, asked_to_stop ? "stopped" : "failed");
    (void)end; /* the first fault is the one to tell */
    return (err){ f };
}

err backup_streamed(const command_line *l, arena *a, client *c, const uint8_t key[BACKUP_KEY],
        place *p, packed *ret)
{
    backing k = {
        .l = l, .a = a, .c = c, .p = p, .key = key, .begun_us = monotonic_us(), .stream = true
    };
    err e = make(&k);
    *ret = k.done;
    return e;
}

static err prune(backing *k)
{
    const char *keep = option_of(k->l, "keep", 0);
    int64_t n, backups, bytes;
    if (!keep) return OK;
    if (!str_to_i64(str_of(keep), &n) || n < 1 || n > KEEP_MAX)
        return ERR1(E_USAGE, "error.main.option", S("keep"));
    TRY(place_prune(k->p, (size_t)n, &backups, &bytes));
    if (backups)
        tell(k->l, "backup.pruned", str_fmt(k->a, "%lld", (long long)backups),
                size_words(k->a, bytes), S(""));
    return OK;
}

static void say_custody(backing *k, const uint8_t key[BACKUP_KEY])
{
    custody c;
    char id[2 * BACKUP_KEY_ID + 1];
    backup_key_id(key, id);
    err e = custody_read(k->a, k->l->data_dir, &c);
    if (failed(e) || strcmp(c.key_id, id) != 0)
        tell(k->l, "backup.no_custodians", S(""), S(""), S(""));
}

static void say_done(backing *k)
{
    int64_t took = (monotonic_us() - k->begun_us) / US_PER_MS;
    if (k->l->json) {
        jsonw w = jsonw_new(k->a, 256);
        jw_obj(&w);
        jw_kstr(&w, "name", k->done.name);
        jw_ki64(&w, "files", k->done.files);
        jw_ki64(&w, "kept_files", k->done.kept_files);
        jw_ki64(&w, "bytes", k->done.bytes);
        jw_ki64(&w, "new_bytes", k->done.new_bytes);
        jw_ki64(&w, "entries", k->done.entries);
        jw_ki64(&w, "took_ms", took);
        jw_kstr(&w, "digest", k->done.digest);
        jw_end_obj(&w);
        str s = jsonw_done(&w);
        printf("%.*s\n", STR_ARG(s));
        return;
    }
    printf("%.*s\n", STR_ARG(k->done.name));
    tell(k->l, "backup.done", size_words(k->a, k->done.bytes), size_words(k->a, k->done.new_bytes),
            time_words(k->a, took));
}

static err run(backing *k, const char *dir, const uint8_t key[BACKUP_KEY])
{
    TRY(place_open(dir, true, key, &k->p));
    TRY(client_open(k->l->data_dir, &k->c));
    TRY(make(k));
    TRY(prune(k));
    say_custody(k, key);
    say_done(k);
    return OK;
}

int backup_run(const command_line *l)
{
    CLEANUP(arena_free_p) arena *a = arena_new(ARENA_BYTES);
    uint8_t key[BACKUP_KEY];
    const char *dir = word_of(l, values, 0);
    backing k = { .l = l, .a = a, .key = key, .begun_us = monotonic_us() };
    err e = options_known(l, values, "anew");
    if (!failed(e) && (!dir || word_of(l, values, 1)))
        e = ERR1(E_USAGE, "error.main.missing", S("minar backup /srv/backup"));
    if (failed(e)) return command_fail(l->lang, e);
    if (option_set(l, "every")) return copy_run(l, dir);
    stop_on_signal();
    give_way();
    e = backup_key_find(l, true, key);
    if (!failed(e)) e = run(&k, dir, key);
    sodium_memzero(key, sizeof key);
    client_close(k.c);
    place_close(k.p);
    if (!failed(e)) return 0;
    int code = command_fail(l->lang, e);
    return asked_to_stop ? EXIT_STOPPED : code;
}
