/* standby.c - `minar standby DIR --to FOLDER`, on the second machine: keeps what the first one
 * copied ready to be taken over, and says so in the folder, where the first one hears it. On SQLite
 * FOLDER.warm, or what --warm names, is a whole data folder; on PostgreSQL, whose rows go into a
 * database at the take-over, that every part is there is looked at. Exits: 130 stopped, else as
 * every command. */
#include "base/json.h"
#include "base/time.h"
#include "common/backup/stage.h"
#include "main/backup/backup.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_STOPPED = 130, LOOK_MS = 500, PATH = 4400 };
#define ARENA_BYTES ((size_t)8 << 30)
static const char values[] = "to|warm|key|card|settings";

typedef struct {
    const command_line *l;
    const char *dir, *to;
    uint8_t key[BACKUP_KEY];
    char ready[64]; /* the backup that stands ready */
    instant made;
    int64_t beats, next_us;
    bool told_bad;
} standing;

void standby_folder(const command_line *l, char ret[], size_t n)
{
    const char *warm = option_of(l, "warm", 0), *to = option_of(l, "to", 0);
    snprintf(ret, n, "%s%s", warm ? warm : to, warm ? "" : ".warm");
}

err standby_name(arena *a, const char *folder, str *ret)
{
    char path[PATH + 32];
    str text;
    const json *j;
    snprintf(path, sizeof path, "%s/realm/restored.json", folder);
    if (access(path, F_OK) != 0) return ERR1(E_ABSENT, "error.backup.gone", str_of(folder));
    TRY(file_read(a, path, 65536, &text));
    TRY(json_parse(a, text, NULL, &j));
    *ret = json_get_text(j, S("backup"));
    return OK;
}

static err say_ready(standing *k, arena *a, place *p)
{
    jsonw w = jsonw_new(a, 256);
    jw_obj(&w);
    jw_ki64(&w, "beat", ++k->beats);
    jw_ktime(&w, "at", clock_now(&clock_system));
    if (k->made.us) jw_ktime(&w, "made", k->made);
    jw_end_obj(&w);
    return place_mark_put(p, "standby", jsonw_done(&w), false);
}

static err look_whole(arena *a, place *p, str name, const json **ret_facts, bool *ret_pg)
{
    manifest m;
    json_limits big = { .max_bytes = 64 << 20, .max_values = 4000000 };
    TRY(place_manifest_get(p, a, name, &m));
    TRY(json_parse(a, m.facts, &big, ret_facts));
    *ret_pg = str_eq(json_get_text(*ret_facts, S("store")), S("postgresql"));
    for (size_t i = 0; *ret_pg && i < m.n_chunks; i++)
        if (!place_chunk_there(p, m.chunks[i])) return ERR1(E_ABSENT, "error.backup.gone", name);
    return OK;
}

/* The new one stands beside the old one until it is whole. */
static err warm_up(standing *k, arena *a, place *p, str name)
{
    char warm[PATH], next[PATH + 8], old[PATH + 8];
    const json *facts;
    int64_t bytes;
    standby_folder(k->l, warm, sizeof warm);
    snprintf(next, sizeof next, "%s-next", warm);
    snprintf(old, sizeof old, "%s-old", warm);
    stage_remove(next);
    stage_remove(old);
    if (mkdir(next, 0700) != 0) return err_errno("error.backup.io", str_copy(a, str_of(next)));
    unpack_options o = { .to = next,
        .settings = option_of(k->l, "settings", 0),
        .before = access(warm, F_OK) == 0 ? warm : NULL };
    TRY(unpack(a, k->l, p, name, &o, &facts, &bytes));
    if (o.before && rename(warm, old) != 0)
        return err_errno("error.backup.io", str_copy(a, str_of(warm)));
    if (rename(next, warm) != 0) return err_errno("error.backup.io", str_copy(a, str_of(warm)));
    stage_remove(old);
    return OK;
}

static err make_ready(standing *k, arena *a, place *p)
{
    str *names;
    size_t n;
    const json *facts;
    bool pg;
    TRY(place_manifests(p, a, &names, &n));
    if (!n || str_eq(names[n - 1], str_of(k->ready))) return OK;
    TRY(look_whole(a, p, names[n - 1], &facts, &pg));
    if (!pg) TRY(warm_up(k, a, p, names[n - 1]));
    snprintf(k->ready, sizeof k->ready, "%.*s", STR_ARG(names[n - 1]));
    if (!instant_parse(json_get_text(facts, S("made")), &k->made)) k->made = (instant){ 0 };
    return OK;
}

/* Who has taken over from here does not stand by any more. */
static err look_once(standing *k, arena *a)
{
    place *p = NULL;
    if (access(k->to, F_OK) == 0 && !restore_folder_empty(k->to))
        return ERR1(E_CONFLICT, "error.backup.there", str_of(k->to));
    err e = place_open_beside(k->dir, k->key, &p);
    if (!failed(e)) e = make_ready(k, a, p);
    if (!failed(e) && monotonic_us() >= k->next_us) {
        k->next_us = monotonic_us() + FOLLOW_BEAT_S * US_PER_S;
        e = say_ready(k, a, p);
    }
    place_close(p);
    return e;
}

static err stand_by(standing *k)
{
    while (!asked_to_stop) {
        CLEANUP(arena_free_p) arena *a = arena_new(ARENA_BYTES);
        err e = look_once(k, a);
        err_code code = failed(e) ? err_code_of(e) : 0;
        if (code == E_CONFLICT || code == E_AUTH || code == E_CONFIG || asked_to_stop) {
            if (asked_to_stop) return OK;
            (void)command_fail(k->l->lang, e);
            return ERR1(code, "error.backup.standby_ends", str_of(k->to));
        }
        if (failed(e) && !k->told_bad) (void)command_fail(k->l->lang, e);
        k->told_bad = failed(e);
        usleep(LOOK_MS * 1000);
    }
    return OK;
}

int standby_run(const command_line *l)
{
    standing k = { .l = l, .dir = word_of(l, values, 0), .to = option_of(l, "to", 0) };
    err e = options_known(l, values, "");
    if (!failed(e) && (!k.dir || !k.to || word_of(l, values, 1)))
        e = ERR1(E_USAGE, "error.main.missing", S("minar standby /srv/copy --to /var/lib/minar"));
    if (failed(e)) return command_fail(l->lang, e);
    stop_on_signal();
    e = backup_key_find(l, false, k.key);
    if (!failed(e)) e = stand_by(&k);
    sodium_memzero(k.key, sizeof k.key);
    return failed(e) ? command_fail(l->lang, e) : EXIT_STOPPED;
}
