/* takeover.c - `minar takeover DIR --to FOLDER`, on the second machine when the first is lost: the
 * newest copy becomes a data folder, its ledger is proved by a fresh process, the first machine is
 * shut out by a higher number, and what may be lost is said. Refused while the first one lives.
 * Exits: 0 done, 1 the copy is not good, 7 the first one lives, else as every command. */
#include "base/json.h"
#include "base/time.h"
#include "common/backup/stage.h"
#include "main/backup/backup.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Several beats, and the time of a slow one: a busy machine lives. */
enum { WATCH_MS = 15000, LOOK_MS = 250, PATH = 4400 };
#define ARENA_BYTES ((size_t)8 << 30)
static const char values[] = "to|warm|key|card|settings|release";

typedef struct {
    const command_line *l;
    arena *a;
    place *p;
    const char *to;
    uint8_t key[BACKUP_KEY];
    str name;
    const json *facts;
    char part[PATH];
    bool warm;   /* what standby keeps is of that backup */
    bool filled; /* part is this command's own */
    checked found;
    int64_t begun_us, bytes, first_beat;
    instant heard; /* the first machine's own time when it was last heard; {0}: never */
} taking;

/* ---- does the first one live? ---- */

typedef struct {
    int64_t beat;
    bool serves;
    instant at;
} alive;

static alive look_alive(taking *k)
{
    alive r = { 0 };
    str text;
    const json *j;
    if (failed(place_mark_get(k->p, k->a, "alive", &text)) ||
            failed(json_parse(k->a, text, NULL, &j)))
        return r;
    if (!json_i64(json_get(j, S("beat")), &r.beat) ||
            !json_bool(json_get(j, S("serves")), &r.serves) ||
            !instant_parse(json_get_text(j, S("at")), &r.at))
        return (alive){ 0 };
    return r;
}

/* Its words are compared with each other and not with our clock. */
static bool lives(taking *k, int64_t first_us)
{
    for (;;) {
        alive now = look_alive(k);
        if (now.beat != k->first_beat && now.serves) return true;
        if (monotonic_us() - first_us >= WATCH_MS * US_PER_MS || asked_to_stop) return false;
        usleep(LOOK_MS * 1000);
    }
}

/* ---- what is taken ---- */

static err newest(taking *k, str *ret)
{
    str *names;
    size_t n;
    TRY(place_manifests(k->p, k->a, &names, &n));
    if (!n) return ERR1(E_ABSENT, "error.backup.none", str_of(word_of(k->l, values, 0)));
    *ret = names[n - 1];
    return OK;
}

static err facts_of(taking *k)
{
    manifest m;
    json_limits big = { .max_bytes = 64 << 20, .max_values = 4000000 };
    TRY(place_manifest_get(k->p, k->a, k->name, &m));
    return json_parse(k->a, m.facts, &big, &k->facts);
}

/* What this command put together itself, and does not take. */
static void put_away(taking *k)
{
    if (k->filled) restore_schemas_drop(k->l, k->a, k->part, NULL, k->facts);
    if (k->filled) stage_remove(k->part);
    k->filled = false;
}

static err put_together(taking *k)
{
    char warm[PATH];
    str ready;
    standby_folder(k->l, warm, sizeof warm);
    bool there = !failed(standby_name(k->a, warm, &ready));
    k->warm = there && str_eq(ready, k->name);
    if (k->warm) {
        snprintf(k->part, sizeof k->part, "%s", warm);
        return facts_of(k);
    }
    snprintf(k->part, sizeof k->part, "%s.taking", k->to);
    stage_remove(k->part);
    if (mkdir(k->part, 0700) != 0) return err_errno("error.backup.io", str_of(k->part));
    unpack_options o = {
        .to = k->part, .settings = option_of(k->l, "settings", 0), .before = there ? warm : NULL
    };
    TRY(unpack(k->a, k->l, k->p, k->name, &o, &k->facts, &k->bytes));
    k->filled = true;
    return OK;
}

/* One that came while the last was put together is taken instead: nothing newer is left behind. */
static err take_newest(taking *k)
{
    str name;
    for (int i = 0; i < 3; i++) {
        TRY(newest(k, &name));
        if (str_eq(name, k->name)) return OK;
        put_away(k);
        k->name = name;
        TRY(put_together(k));
    }
    return OK;
}

/* ---- what is said ---- */

static int64_t loss_s(taking *k)
{
    instant made;
    if (!instant_parse(json_get_text(k->facts, S("made")), &made)) return -1;
    return k->heard.us > made.us ? (k->heard.us - made.us + US_PER_S - 1) / US_PER_S : 0;
}

static void say(taking *k, const follow_epoch *now)
{
    int64_t took = (monotonic_us() - k->begun_us) / US_PER_MS;
    str made = json_get_text(k->facts, S("made"));
    if (!k->l->json) {
        tell(k->l, "takeover.done", time_words(k->a, took),
                str_fmt(k->a, "%lld", (long long)k->found.entries), k->found.root);
        tell(k->l, "takeover.loss", made, str_fmt(k->a, "%lld", (long long)loss_s(k)), S(""));
        tell(k->l, "takeover.next", str_of(k->to), S(""), S(""));
        return;
    }
    jsonw w = jsonw_new(k->a, 512);
    jw_obj(&w);
    jw_kstr(&w, "name", k->name);
    jw_kstr(&w, "made", made);
    jw_ki64(&w, "lost_s", loss_s(k));
    jw_ki64(&w, "took_ms", took);
    jw_ki64(&w, "epoch", now->epoch);
    jw_kbool(&w, "warm", k->warm);
    jw_ki64(&w, "entries", k->found.entries);
    jw_kstr(&w, "root", k->found.root);
    jw_end_obj(&w);
    str s = jsonw_done(&w);
    printf("%.*s\n", STR_ARG(s));
}

/* ---- the whole ---- */

static err refuse_or_go(taking *k, int64_t first_us)
{
    if (option_set(k->l, "force") || !lives(k, first_us)) return OK;
    put_away(k);
    return ERR(E_CONFLICT, "error.takeover.lives");
}

static err settle(taking *k, follow_epoch *now)
{
    char warm[PATH];
    const char *how = option_of(k->l, "release", 0);
    TRY(turn_next(k->a, k->p, now)); /* from here on the first one is shut out */
    TRY(follow_epoch_write(k->part, now));
    TRY(restore_finish(k->part, k->to, k->key));
    standby_folder(k->l, warm, sizeof warm);
    stage_remove(warm);
    command_line there = *k->l;
    there.data_dir = k->to;
    TRY(restore_let_go(&there, k->a, how ? how : "withhold"));
    note_act(&there, "takeover", true, (monotonic_us() - k->begun_us) / US_PER_MS, k->bytes,
            &k->found, k->name, 0);
    return OK;
}

static err run(taking *k, bool *ret_good)
{
    follow_epoch now;
    int64_t first_us = monotonic_us();
    TRY(place_open_beside(word_of(k->l, values, 0), k->key, &k->p));
    alive first = look_alive(k);
    k->first_beat = first.beat;
    TRY(take_newest(k));
    TRY(check_restored(k->a, k->l, k->part, NULL, NULL, k->facts, &k->found));
    *ret_good = k->found.faults == 0;
    if (!*ret_good) return OK; /* it stays, to be looked at */
    TRY(refuse_or_go(k, first_us));
    k->heard = look_alive(k).at;
    TRY(settle(k, &now));
    say(k, &now);
    return OK;
}

static err usage(const command_line *l)
{
    const char *how = option_of(l, "release", 0), *to = option_of(l, "to", 0);
    TRY(options_known(l, values, "force"));
    bool fits = !how || strcmp(how, "withhold") == 0 || strcmp(how, "send") == 0;
    if (!word_of(l, values, 0) || word_of(l, values, 1) || !to || !fits)
        return ERR1(
                E_USAGE, "error.main.missing", S("minar takeover /srv/copy --to /var/lib/minar"));
    struct stat st;
    if (stat(to, &st) == 0 && (!S_ISDIR(st.st_mode) || !restore_folder_empty(to)))
        return ERR1(E_CONFLICT, "error.backup.there", str_of(to));
    return OK;
}

int takeover_run(const command_line *l)
{
    CLEANUP(arena_free_p) arena *a = arena_new(ARENA_BYTES);
    bool good = true;
    taking k = { .l = l, .a = a, .to = option_of(l, "to", 0), .begun_us = monotonic_us() };
    err e = usage(l);
    stop_on_signal();
    if (!failed(e)) e = backup_key_find(l, false, k.key);
    if (!failed(e)) e = run(&k, &good);
    sodium_memzero(k.key, sizeof k.key);
    place_close(k.p);
    if (!failed(e) && !good) tell(l, "takeover.bad", str_of(k.part), S(""), S(""));
    return failed(e) ? command_fail(l->lang, e) : good ? 0 : 1;
}
