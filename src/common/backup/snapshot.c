/* snapshot.c - see snapshot.h. A realm's records and history are of one moment: the history appends
 * nothing while the records' snapshot is taken. What records name is linked before that and again
 * at it, so that nothing they name is missing; what is erased meanwhile may be. */
#include "common/backup/snapshot.h"
#include "base/json.h"
#include "base/log.h"
#include "base/thread.h"
#include "common/backup/stage.h"
#include "events/copy.h"
#include "gen/ledger/queries.h"
#include "ledger/publish.h"
#include "store/copy.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEEP_S = 7200 };
#define ARENA_BYTES ((size_t)4 << 30)

typedef enum { NONE, COPYING, READY, FAILED } phase;
typedef struct {
    realms *all;
    char data_dir[4096], stage[4200];
    id128 id;
    arena *a;
    str facts;
    bool stream;
    pthread_t thread;
    phase phase;
    const fault *fault;
    _Atomic bool stop;
    _Atomic int64_t bytes;
} snapshot;

/* The one of this process. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t stir = PTHREAD_COND_INITIALIZER;
static snapshot *current;
static bool beginning; /* one is being begun: what it replaces is still ending */

/* ---- one realm ---- */

typedef struct {
    snapshot *s;
    realm *r;
    jsonw *w;
    txn *t;
    const char *from, *to; /* folders */
    int64_t step;
} taking;

static void put_ledger(taking *k, const ledger_head_get_row *h)
{
    char hex[65];
    for (size_t i = 0; i < 32 && h; i++)
        snprintf(hex + 2 * i, 3, "%02x", (uint8_t)h->root.p[i]);
    jw_key(k->w, S("ledger"));
    jw_obj(k->w);
    jw_ki64(k->w, "size", h ? h->size : 0);
    jw_kstr(k->w, "root", h ? ((str){ hex, 64 }) : S(""));
    jw_end_obj(k->w);
}

static err note_ledger(taking *k)
{
    ledger_head_get_row *h = NULL;
    err e = ledger_head_get(k->t, txn_arena(k->t), &h);
    if (failed(e) && err_code_of(e) != E_ABSENT) return e;
    put_ledger(k, failed(e) ? NULL : h);
    return OK;
}

/* The moment: while nothing is appended to the history. */
static err at_moment(void *ctx)
{
    taking *k = ctx;
    TRY(txn_read(k->r->store, 0, &k->t));
    TRY(store_copy_pin(k->t, &k->step));
    return stage_link_realm(k->from, k->to);
}

static err table(void *ctx, str name, int64_t rows)
{
    taking *k = ctx;
    jw_key(k->w, name);
    jw_i64(k->w, rows);
    return OK;
}

static err take_records(taking *k)
{
    char dir[4400], path[4500];
    str lines;
    int64_t rows;
    store_copy_watch w = { table, k, &k->s->stop, &k->s->bytes };
    snprintf(dir, sizeof dir, "%s/records", k->to);
    if (mkdir(dir, 0700)) return err_errno("error.backup.io", str_of(dir));
    TRY(note_ledger(k));
    jw_ki64(k->w, "step", k->step);
    jw_key(k->w, S("tables"));
    jw_obj(k->w);
    TRY(store_copy(k->t, dir, &w));
    jw_end_obj(k->w);
    TRY(store_copy_keys(k->t, txn_arena(k->t), &lines, &rows));
    jw_ki64(k->w, "keys", rows);
    snprintf(path, sizeof path, "%s/keys.lines", k->to);
    return stage_write(path, lines);
}

static err take_history(taking *k, history_copy *c)
{
    char dir[4400];
    snprintf(dir, sizeof dir, "%s/history", k->to);
    if (mkdir(dir, 0700)) return err_errno("error.backup.io", str_of(dir));
    TRY(history_copy_put(c, dir));
    jw_key(k->w, S("months"));
    jw_arr(k->w);
    for (size_t i = 0; i < history_copy_months(c); i++) {
        history_month m = history_copy_month(c, i);
        jw_arr(k->w);
        jw_i64(k->w, m.year_month);
        jw_i64(k->w, m.n_rows);
        jw_end_arr(k->w);
    }
    jw_end_arr(k->w);
    return OK;
}

static err take_both(taking *k)
{
    history_copy *c = NULL;
    err e = history_copy_begin(k->r->history, at_moment, k, &c);
    if (!failed(e)) e = take_records(k);
    txn_end_p(&k->t); /* the history takes longer, and the store's log may be cut meanwhile */
    if (!failed(e)) e = take_history(k, c);
    history_copy_end(c);
    return e;
}

static err take_realm(snapshot *s, realm *r, jsonw *w)
{
    char from[4200], to[4300];
    taking k = { .s = s, .r = r, .w = w, .from = from, .to = to };
    static const char *const kinds[] = { "live", "demo", "exercise" };
    snprintf(from, sizeof from, "%s/realm/%s", s->data_dir, r->name);
    snprintf(to, sizeof to, "%s/realm/%s", s->stage, r->name);
    if (mkdir(to, 0700)) return err_errno("error.backup.io", str_of(to));
    TRY(stage_link_realm(from, to));
    jw_obj(w);
    jw_kstr(w, "name", str_of(r->name));
    jw_kstr(w, "kind", str_of(kinds[r->kind]));
    TRY(take_both(&k));
    jw_end_obj(w);
    return OK;
}

/* ---- all of them ---- */

static err prepare(snapshot *s)
{
    char path[4300], from[4300];
    if (mkdir(s->stage, 0700)) return err_errno("error.backup.io", str_of(s->stage));
    snprintf(path, sizeof path, "%s/realm", s->stage);
    if (mkdir(path, 0700)) return err_errno("error.backup.io", str_of(path));
    snprintf(path, sizeof path, "%s/published", s->stage);
    snprintf(from, sizeof from, "%s/published", s->data_dir);
    return stage_copy_folder(from, path); /* before the moment: never ahead of the records */
}

static err take_all(snapshot *s)
{
    char path[4300];
    jsonw w = jsonw_new(s->a, 65536);
    TRY(prepare(s));
    jw_obj(&w);
    jw_members(&w, s->facts);
    jw_kstr(&w, "store", store_is_pg(realms_live(s->all)->store) ? S("postgresql") : S("sqlite"));
    jw_key(&w, S("realms"));
    jw_arr(&w);
    for (size_t i = 0; i < realms_count(s->all); i++) {
        realm *r = realms_at(s->all, i);
        if (s->stop) return ERR(E_BUSY, "error.store.copy_stopped");
        if (r) TRY(take_realm(s, r, &w));
    }
    jw_end_arr(&w);
    jw_end_obj(&w);
    snprintf(path, sizeof path, "%s/facts.json", s->stage);
    return stage_write(path, jsonw_done(&w));
}

/* Waits until it is dropped, or for two hours. */
static void wait_fetched(snapshot *s)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += KEEP_S;
    while (!s->stop && pthread_cond_clockwait(&stir, &lock, CLOCK_MONOTONIC, &until) != ETIMEDOUT)
        ;
}

static void *snapshot_main(void *ctx)
{
    snapshot *s = ctx;
    thread_gives_way();
    err e = take_all(s);
    if (failed(e)) {
        log_err("backup.snapshot", e);
        stage_remove(s->stage);
    }
    pthread_mutex_lock(&lock);
    s->fault = failed(e) ? fault_copy(s->a, e.f) : NULL;
    s->phase = failed(e) ? FAILED : READY;
    wait_fetched(s);
    pthread_mutex_unlock(&lock);
    stage_remove(s->stage);
    pthread_mutex_lock(&lock);
    s->phase = NONE;
    pthread_mutex_unlock(&lock);
    return NULL;
}

/* ---- asked from outside ---- */

static void snapshot_free(snapshot *s)
{
    pthread_join(s->thread, NULL);
    arena_free(s->a);
    free(s);
}

static snapshot *snapshot_new(realms *all, const char *data_dir, id128 id, str facts)
{
    char text[36];
    snapshot *s = calloc(1, sizeof *s);
    ASSERT(s);
    s->a = arena_new(ARENA_BYTES);
    s->all = all;
    s->id = id;
    s->facts = str_copy(s->a, facts);
    id_put(text, id);
    snprintf(s->data_dir, sizeof s->data_dir, "%s", data_dir);
    snprintf(s->stage, sizeof s->stage, "%s/spool/backup-%.36s", data_dir, text);
    return s;
}

bool snapshot_streams(id128 id)
{
    pthread_mutex_lock(&lock);
    bool is = current && current->stream && id_eq(current->id, id);
    pthread_mutex_unlock(&lock);
    return is;
}

/* Takes the place of `current`, which is given back to be ended; under the lock. One of a stream
 * gives way to one that is not. */
static err place_take(bool stream, snapshot **ret_old)
{
    while (beginning && !stream)
        pthread_cond_wait(&stir, &lock);
    snapshot *old = current;
    bool busy = old && (old->phase == COPYING || old->phase == READY);
    if (beginning || (busy && (stream || !old->stream)))
        return ERR(E_CONFLICT, "error.backup.under_way");
    beginning = true;
    current = NULL;
    if (old) old->stop = true;
    pthread_cond_broadcast(&stir);
    *ret_old = old;
    return OK;
}

static err snapshot_start(snapshot *s)
{
    s->phase = COPYING;
    if (pthread_create(&s->thread, NULL, snapshot_main, s) == 0) return OK;
    arena_free(s->a);
    free(s);
    return err_errno("error.store.thread", S("backup"));
}

err snapshot_begin(realms *all, const char *data_dir, id128 id, str facts, bool stream)
{
    snapshot *old = NULL;
    pthread_mutex_lock(&lock);
    err e = place_take(stream, &old);
    pthread_mutex_unlock(&lock);
    TRY(e);
    if (old) snapshot_free(old);
    stage_sweep(data_dir);
    snapshot *s = snapshot_new(all, data_dir, id, facts);
    s->stream = stream;
    e = snapshot_start(s);
    pthread_mutex_lock(&lock);
    current = failed(e) ? NULL : s;
    beginning = false;
    pthread_cond_broadcast(&stir);
    pthread_mutex_unlock(&lock);
    return e;
}

err snapshot_look(id128 id, arena *a, snapshot_view *ret)
{
    static const char *const names[] = { "", "copying", "ready", "failed" };
    err e = OK;
    pthread_mutex_lock(&lock);
    snapshot *s = current;
    if (!s || !id_eq(s->id, id) || s->phase == NONE) {
        e = ERR(E_ABSENT, "error.api.absent");
    } else {
        char text[36];
        id_put(text, id);
        *ret = (snapshot_view){ .state = names[s->phase],
            .bytes = s->bytes,
            .folder = s->phase == READY ? str_fmt(a, "spool/backup-%.36s", text) : (str){ 0 },
            .fault = s->fault ? fault_copy(a, s->fault) : NULL };
    }
    pthread_mutex_unlock(&lock);
    return e;
}

static void end_one(const id128 *id)
{
    pthread_mutex_lock(&lock);
    snapshot *s = current;
    if (s && id && !id_eq(s->id, *id)) s = NULL;
    if (s) {
        current = NULL;
        s->stop = true;
        pthread_cond_broadcast(&stir);
    }
    pthread_mutex_unlock(&lock);
    if (s) snapshot_free(s);
}

void snapshot_drop(id128 id)
{
    end_one(&id);
}

void snapshots_end(void)
{
    end_one(NULL);
}
