/* copy.c - `minar backup DIR --every SECONDS`: copy after copy into a folder of a second machine,
 * so that what is lost with this one is bounded by the time between two of them and the time of
 * one. A second thread says every two seconds that this machine lives, hears the other one, and
 * looks whether it was taken over from. Exits: 130 stopped, 3 taken over, else as every command. */
#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "main/backup/backup.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_STOPPED = 130, KEEP = 5, PRUNE_ROUNDS = 10, TICK_MS = 100, KEEP_MAX = 10000 };
#define ARENA_BYTES ((size_t)8 << 30)

typedef struct {
    const command_line *l;
    const char *dir;
    uint8_t key[BACKUP_KEY];
    int64_t keep, beats;
    err_code told; /* a failure is told once; and the exit code of it */
    int exit;
    pthread_t thread;
    _Atomic bool there; /* a first round was made, or tried */
    pthread_mutex_t lock;
    follow_state state; /* under the lock */
    bool away, taken;   /* the folder is; another machine has taken over */
} copying;

/* ---- the beat ---- */

static bool server_there(const command_line *l)
{
    client *c = client_of_server(l->data_dir);
    client_close(c);
    return c != NULL;
}

static err say_alive(copying *k, arena *a, place *p)
{
    jsonw w = jsonw_new(a, 256);
    jw_obj(&w);
    jw_ki64(&w, "beat", ++k->beats);
    jw_kbool(&w, "serves", server_there(k->l));
    jw_ktime(&w, "at", clock_now(&clock_system));
    jw_end_obj(&w);
    return place_mark_put(p, "alive", jsonw_done(&w), false);
}

static void hear_standby(copying *k, arena *a, place *p)
{
    str text;
    const json *j;
    instant at, made = { 0 };
    if (failed(place_mark_get(p, a, "standby", &text)) || failed(json_parse(a, text, NULL, &j)) ||
            !instant_parse(json_get_text(j, S("at")), &at))
        return;
    (void)!instant_parse(json_get_text(j, S("made")), &made);
    pthread_mutex_lock(&k->lock);
    k->state.standby_at = at;
    k->state.standby_made = made;
    pthread_mutex_unlock(&k->lock);
}

static err beat_in(copying *k, arena *a)
{
    place *p = NULL;
    follow_epoch mine;
    err e = place_open_beside(k->dir, k->key, &p);
    if (!failed(e)) e = turn_meet(a, p, k->l->data_dir, NULL, &mine);
    if (!failed(e)) e = say_alive(k, a, p);
    if (!failed(e)) hear_standby(k, a, p);
    place_close(p);
    return e;
}

static void state_write(copying *k)
{
    pthread_mutex_lock(&k->lock);
    follow_state s = k->state;
    s.at = clock_now(&clock_system);
    if (k->away) s.state = S("away");
    if (k->taken) s.state = S("taken_over");
    pthread_mutex_unlock(&k->lock);
    err e = follow_write(k->l->data_dir, &s);
    if (failed(e)) log_err("copy.state", e);
}

static void beat(copying *k)
{
    CLEANUP(arena_free_p) arena *a = arena_new(4 << 20);
    err e = beat_in(k, a);
    bool taken = follow_fenced(k->l->data_dir);
    pthread_mutex_lock(&k->lock);
    k->away = failed(e) && !taken;
    k->taken = taken;
    pthread_mutex_unlock(&k->lock);
    if (taken) asked_to_stop = true;
    state_write(k);
}

static void rest(int64_t until_us)
{
    while (!asked_to_stop && monotonic_us() < until_us)
        usleep(TICK_MS * 1000);
}

static void *beat_main(void *ctx)
{
    while (!asked_to_stop) {
        int64_t next = monotonic_us() + FOLLOW_BEAT_S * US_PER_S;
        if (((copying *)ctx)->there) beat(ctx);
        rest(next);
    }
    return NULL;
}

/* Neither it nor the copying gives way as a night's backup does: on a busy machine the bound would
 * be no bound, and it would seem dead. */
static err beats_begin(copying *k)
{
    return pthread_create(&k->thread, NULL, beat_main, k) == 0
                   ? OK
                   : err_errno("error.store.thread", S("copy"));
}

/* ---- a round ---- */

static void set_state(copying *k, str state)
{
    pthread_mutex_lock(&k->lock);
    k->state.state = state;
    pthread_mutex_unlock(&k->lock);
}

static void note_round(copying *k, arena *a, const packed *done, int64_t began_us)
{
    const json *j;
    instant made = { 0 };
    json_limits big = { .max_bytes = 64 << 20, .max_values = 4000000 };
    if (!failed(json_parse(a, done->facts, &big, &j)))
        (void)!instant_parse(json_get_text(j, S("made")), &made);
    pthread_mutex_lock(&k->lock);
    k->state.state = S("waiting");
    k->state.made = made;
    k->state.entries = done->entries;
    k->state.new_bytes = done->new_bytes;
    k->state.took_ms = (monotonic_us() - began_us) / US_PER_MS;
    pthread_mutex_unlock(&k->lock);
}

/* Where it was once is looked for; a mount that is missing is not filled with copies. */
static err folder_there(copying *k, arena *a)
{
    follow_epoch mine;
    char path[4400];
    TRY(follow_epoch_read(a, k->l->data_dir, &mine));
    snprintf(path, sizeof path, "%s/minar-backup", k->dir);
    if (!mine.epoch || strcmp(mine.into, k->dir) != 0 || access(path, F_OK) == 0) return OK;
    return ERR1(E_ABSENT, "error.backup.none", str_of(k->dir));
}

static err copy_into(copying *k, arena *a, place *p, bool prune, packed *done)
{
    follow_epoch mine;
    int64_t backups, bytes;
    client *c;
    TRY(turn_meet(a, p, k->l->data_dir, k->dir, &mine));
    pthread_mutex_lock(&k->lock);
    k->state.epoch = mine.epoch;
    pthread_mutex_unlock(&k->lock);
    c = client_of_server(k->l->data_dir);
    if (!c) return ERR(E_BUSY, "error.backup.copy_no_server");
    err e = backup_streamed(k->l, a, c, k->key, p, done);
    client_close(c);
    TRY(e);
    return prune ? place_prune(p, (size_t)k->keep, &backups, &bytes) : OK;
}

/* That a night's backup goes first, or that the server is being started, is no failure to tell: the
 * copy's age shows it. */
static void tell_once(copying *k, err e)
{
    err_code code = failed(e) ? err_code_of(e) : 0;
    bool passes = code == E_BUSY || code == E_CONFLICT;
    if (code && !passes && code != k->told && !asked_to_stop) k->exit = command_fail(k->l->lang, e);
    k->told = code;
}

/* False: it would fail for ever, and that was told. */
static bool copy_round(copying *k, bool prune)
{
    CLEANUP(arena_free_p) arena *a = arena_new(ARENA_BYTES);
    place *p = NULL;
    packed done;
    int64_t began = monotonic_us();
    set_state(k, S("copying"));
    err e = folder_there(k, a);
    if (!failed(e)) e = place_open(k->dir, true, k->key, &p);
    if (!failed(e)) e = copy_into(k, a, p, prune, &done);
    if (!failed(e))
        note_round(k, a, &done, began);
    else
        set_state(k, S("failed"));
    tell_once(k, e);
    place_close(p);
    return k->told != E_CONFIG && k->told != E_AUTH;
}

/* ---- the whole ---- */

/* Its exit code. */
static int copy_on(copying *k)
{
    bool goes = true;
    err e = beats_begin(k);
    if (failed(e)) return command_fail(k->l->lang, e);
    for (int64_t n = 1; goes && !asked_to_stop; n++) {
        int64_t next = monotonic_us() + k->state.every_s * US_PER_S;
        goes = copy_round(k, n % PRUNE_ROUNDS == 0);
        k->there = true;
        if (goes) rest(next);
    }
    asked_to_stop = true;
    pthread_join(k->thread, NULL);
    if (k->there) state_write(k);
    if (k->taken && goes)
        return command_fail(k->l->lang, ERR1(E_CONFIG, "error.backup.fenced", S("-")));
    return goes ? EXIT_STOPPED : k->exit;
}

static err number_of(
        const command_line *l, const char *name, int64_t least, int64_t most, int64_t *ret)
{
    const char *text = option_of(l, name, 0);
    if (text && (!str_to_i64(str_of(text), ret) || *ret < least || *ret > most))
        return ERR1(E_USAGE, "error.main.option", str_of(name));
    return OK;
}

int copy_run(const command_line *l, const char *dir)
{
    copying k = { .l = l, .dir = dir, .keep = KEEP, .lock = PTHREAD_MUTEX_INITIALIZER };
    err e = number_of(l, "keep", 2, KEEP_MAX, &k.keep);
    k.state.state = S("waiting");
    if (!failed(e)) e = number_of(l, "every", FOLLOW_EVERY_MIN, FOLLOW_EVERY_MAX, &k.state.every_s);
    if (failed(e)) return command_fail(l->lang, e);
    stop_on_signal();
    e = backup_key_find(l, true, k.key);
    int code = failed(e) ? command_fail(l->lang, e) : copy_on(&k);
    sodium_memzero(k.key, sizeof k.key);
    return code;
}
