/* intake.c - the queue of imports of one realm and the thread that works on it. The table
 * import_run is the durable queue: what is running there is taken up again at the start. Imports
 * take turns of a few seconds while others wait, so that a large file does not hold up small ones.
 */
#include "flow/intake.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread.h"
#include "flow/disk.h"
#include "flow/intake_in.h"
#include "gen/flow/queries.h"
#include "gen/records/import_run.h"
#include "store/store.h"

enum { RUN_ARENA_BYTES = 64 << 20, LOOK_MS = 500 };

struct intake {
    flow *f;
    pthread_t thread;
    bool runs, ending;
    pthread_mutex_t lock;
    pthread_cond_t stir, over;
    intake_run *first, *last, *now; /* waiting, in turns; the one in hand */
    size_t n;                       /* with the one in hand */
};

/* ---- the list ---- */

static void push(struct intake *i, intake_run *run)
{
    run->next = NULL;
    if (i->last)
        i->last->next = run;
    else
        i->first = run;
    i->last = run;
}

/* The first that may begin; NULL: none now. */
static intake_run *pop(struct intake *i)
{
    intake_run *before = NULL;
    for (intake_run *r = i->first; r; before = r, r = r->next) {
        if (r->not_before_us > monotonic_us()) continue;
        if (before)
            before->next = r->next;
        else
            i->first = r->next;
        if (i->last == r) i->last = before;
        return r;
    }
    return NULL;
}

static intake_run *find(const struct intake *i, int64_t row)
{
    if (i->now && i->now->row == row) return i->now;
    for (intake_run *r = i->first; r; r = r->next)
        if (r->row == row) return r;
    return NULL;
}

static bool others_wait(const flow *f)
{
    struct intake *i = f->intake;
    pthread_mutex_lock(&i->lock);
    bool wait = i->first != NULL;
    pthread_mutex_unlock(&i->lock);
    return wait;
}

static void run_free(intake_run *run)
{
    arena_free(run->a);
    free(run);
}

/* ---- files ---- */

static void hex_of(const uint8_t hash[32], char out[65])
{
    for (int i = 0; i < 32; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static void spool_path(const flow *f, const char *hex, int64_t feed, char out[4096])
{
    int n = snprintf(out, 4096, "%s/spool/%s-%lld", f->dir, hex, (long long)feed);
    ASSERT(n > 0 && n < 4096);
}

typedef struct {
    int64_t row, feed, bytes;
    id128 id;
    str file_name;
    const uint8_t *hash;
    lang l;
} run_facts;

static intake_run *run_new(const flow *f, const run_facts *x)
{
    char hex[65];
    intake_run *run = calloc(1, sizeof *run);
    ASSERT(run != NULL);
    hex_of(x->hash, hex);
    run->a = arena_new(RUN_ARENA_BYTES);
    run->row = x->row;
    run->id = x->id;
    run->feed = x->feed;
    run->bytes_total = x->bytes;
    run->l = x->l;
    run->file_name = str_copy(run->a, x->file_name);
    run->hash_hex = str_copy(run->a, str_of(hex));
    spool_path(f, hex, x->feed, run->path);
    snprintf(run->input, sizeof run->input, "feed/%lld/%s", (long long)x->feed, hex);
    return run;
}

/* ---- taking a file ---- */

typedef struct {
    flow *f;
    const viewer *v;
    const intake_file *in;
    uint8_t hash[32];
    int64_t bytes;
    intake_ticket ticket;
} adding;

static err add_apply(txn *t, void *ctx)
{
    adding *x = ctx;
    intake_same_row *same;
    const import_run_handle *h;
    size_t n;
    str hash = { (const char *)x->hash, sizeof x->hash };
    TRY(intake_same(
            t, &(intake_same_args){ .feed = x->in->feed, .hash = hash }, txn_arena(t), &same, &n));
    if (n) {
        x->ticket =
                (intake_ticket){ same[0].row, same[0].id, true, str_eq(same[0].state, S("done")) };
        return OK;
    }
    import_run_draft d = { .owner = x->v->org,
        .audience = LABEL_STRICT,
        .kind = S("feed"),
        .subject = x->in->feed,
        .file_name = x->in->file_name,
        .file_hash = hash,
        .state = S("running"),
        .bytes_total = x->bytes,
        .report = S("{}") };
    TRY(import_run_insert(t, x->v, &d, LEDGER_import_started, &h));
    x->ticket = (intake_ticket){ .row = h->row, .id = h->id.id };
    return OK;
}

/* A place is taken before the file is, so that no more come than may wait. */
static err place_take(struct intake *i)
{
    pthread_mutex_lock(&i->lock);
    bool full = i->n >= INTAKE_WAITING_MAX;
    if (!full) i->n++;
    pthread_mutex_unlock(&i->lock);
    return full ? ERR1(E_FULL, "error.feed.full", S("30")) : OK;
}

static void place_give(struct intake *i)
{
    pthread_mutex_lock(&i->lock);
    i->n--;
    pthread_mutex_unlock(&i->lock);
}

static void run_begin(struct intake *i, const adding *x)
{
    intake_run *run = run_new(x->f, &(run_facts){ x->ticket.row, x->in->feed, x->bytes,
                                            x->ticket.id, x->in->file_name, x->hash, x->in->l });
    pthread_mutex_lock(&i->lock);
    push(i, run);
    pthread_cond_signal(&i->stir);
    pthread_mutex_unlock(&i->lock);
}

/* The same file may be read in already: then it stays where it is, whatever comes of this one. */
static bool is_read(struct intake *i, const char *path)
{
    pthread_mutex_lock(&i->lock);
    bool found = i->now && strcmp(i->now->path, path) == 0;
    for (const intake_run *r = i->first; r && !found; r = r->next)
        found = strcmp(r->path, path) == 0;
    pthread_mutex_unlock(&i->lock);
    return found;
}

static err hash_and_add(adding *x, const char *kept)
{
    char hex[65], path[4096];
    TRY(disk_hash(kept, x->hash, &x->bytes));
    hex_of(x->hash, hex);
    spool_path(x->f, hex, x->in->feed, path);
    TRY(disk_move(kept, path));
    err e = store_write(x->f->r->store, add_apply, x);
    if (x->ticket.over || (failed(e) && !is_read(x->f->intake, path))) (void)!unlink(path);
    return e;
}

/* Kept first and looked at then, so that what is hashed is what is read in. */
static err keep_and_add(adding *x)
{
    static _Atomic unsigned number;
    char kept[4096];
    int n = snprintf(kept, sizeof kept, "%s/spool/.in-%u", x->f->dir, atomic_fetch_add(&number, 1));
    ASSERT(n > 0 && n < (int)sizeof kept);
    err e = disk_keep(x->in->path, kept, x->in->ours);
    if (!failed(e)) e = hash_and_add(x, kept);
    (void)!unlink(kept);
    return e;
}

err intake_add(realm *r, const viewer *v, const intake_file *in, intake_ticket *ret)
{
    flow *f = flow_of(r);
    if (!f || f->closing || f->o.idle) return ERR(E_BUSY, "error.feed.not_running");
    adding x = { .f = f, .v = v, .in = in };
    TRY(place_take(f->intake));
    err e = keep_and_add(&x);
    if (failed(e) || x.ticket.already)
        place_give(f->intake);
    else
        run_begin(f->intake, &x);
    if (!failed(e)) *ret = x.ticket;
    return e;
}

bool intake_wait(realm *r, int64_t row, int64_t timeout_ms)
{
    flow *f = flow_of(r);
    if (!f) return false;
    struct intake *i = f->intake;
    int64_t end = monotonic_us() + timeout_ms * US_PER_MS;
    bool there = true;
    pthread_mutex_lock(&i->lock);
    while ((there = find(i, row) != NULL) && monotonic_us() < end && !i->ending) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += LOOK_MS * 1000000L;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(&i->over, &i->lock, &until);
    }
    pthread_mutex_unlock(&i->lock);
    return !there;
}

/* ---- the worker ---- */

static void wait_stir(struct intake *i)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    pthread_cond_timedwait(&i->stir, &i->lock, &until);
}

static void *intake_main(void *ctx)
{
    struct intake *i = ctx;
    thread_gives_way();
    pthread_mutex_lock(&i->lock);
    while (!i->ending) {
        intake_run *run = pop(i);
        if (!run) {
            wait_stir(i);
            continue;
        }
        i->now = run;
        pthread_mutex_unlock(&i->lock);
        turn t = intake_turn(&(turn_input){ i->f, run, others_wait });
        pthread_mutex_lock(&i->lock);
        i->now = NULL;
        if (t != TURN_OVER) {
            push(i, run);
            continue;
        }
        i->n--;
        run_free(run);
        pthread_cond_broadcast(&i->over);
    }
    pthread_mutex_unlock(&i->lock);
    return NULL;
}

/* ---- opening ---- */

static err take_left(void *ctx, const intake_left_row *r)
{
    struct intake *i = ctx;
    if (r->file_hash.n != 32) return OK;
    push(i, run_new(i->f, &(run_facts){ r->row, r->feed, r->bytes_total, r->id, r->file_name,
                                  (const uint8_t *)r->file_hash.p, LANG_EN }));
    i->n++;
    return OK;
}

static bool belongs(const struct intake *i, const char *name)
{
    for (const intake_run *r = i->first; r; r = r->next)
        if (str_starts(str_of(name), str_of(strrchr(r->path, '/') + 1))) return true;
    return false;
}

/* Files that no import stands for: their registration never became durable. */
static void sweep(struct intake *i, const char *dir)
{
    char path[4400];
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));) {
        bool self = str_eq(str_of(e->d_name), S(".")) || str_eq(str_of(e->d_name), S(".."));
        if (self || belongs(i, e->d_name)) continue;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        (void)!unlink(path);
    }
    if (d) closedir(d);
}

static err left_read(struct intake *i)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    TRY(txn_read(i->f->r->store, 0, &t));
    return intake_left_each(t, take_left, i);
}

static void sync_init(struct intake *i)
{
    pthread_condattr_t ca;
    pthread_condattr_init(&ca);
    pthread_condattr_setclock(&ca, CLOCK_MONOTONIC);
    pthread_mutex_init(&i->lock, NULL);
    pthread_cond_init(&i->stir, &ca);
    pthread_cond_init(&i->over, &ca);
    pthread_condattr_destroy(&ca);
}

err intake_open(flow *f)
{
    char dir[4096];
    struct intake *i = calloc(1, sizeof *i);
    ASSERT(i != NULL);
    i->f = f;
    f->intake = i;
    sync_init(i);
    snprintf(dir, sizeof dir, "%s/spool", f->dir);
    TRY(disk_folder(dir));
    if (f->o.idle) return OK;
    TRY(left_read(i));
    sweep(i, dir);
    if (i->n) log_info("feed.import", "realm=%s left=%zu", f->r->name, i->n);
    i->runs = true;
    ASSERT(pthread_create(&i->thread, NULL, intake_main, i) == 0);
    return OK;
}

void intake_close(flow *f)
{
    struct intake *i = f->intake;
    if (!i) return;
    pthread_mutex_lock(&i->lock);
    i->ending = true;
    pthread_cond_broadcast(&i->stir);
    pthread_cond_broadcast(&i->over);
    pthread_mutex_unlock(&i->lock);
    if (i->runs) pthread_join(i->thread, NULL);
    for (intake_run *r = i->first, *next; r; r = next) {
        next = r->next;
        run_free(r);
    }
    pthread_cond_destroy(&i->stir);
    pthread_cond_destroy(&i->over);
    pthread_mutex_destroy(&i->lock);
    free(i);
    f->intake = NULL;
}
