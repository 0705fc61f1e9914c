/* schedule.c - what begins by itself in the live realm: feeds with a URL are fetched through the
 * courier when they are due, and files that came to rest in drop/FEEDKEY/ are taken in and moved to
 * done/. One thread; fetches run side by side in the courier, their bodies go to files of the
 * spool. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "events/history.h"
#include "flow/disk.h"
#include "flow/flow_in.h"
#include "flow/intake.h"
#include "gen/flow/queries.h"
#include "proc/courier.h"
#include "store/store.h"

enum { TICK_S = 2, REST_S = 3, FEEDS_MAX = 1000, AGAIN_S = 30, DEADLINE_MS = 600000 };
#define FETCH_BYTES (INT64_C(4) << 30)

/* One feed that is fetched. */
typedef struct fetching {
    struct schedule *to; /* NULL: nobody waits any more; under orphans */
    int64_t feed;
    int64_t next_us;  /* monotonic */
    bool busy, ended; /* ended: the courier is done with it */
    int fd;
    char path[4200];
    char name[256], etag[1024], url[FETCH_URL_MAX + 1];
    bool failed, not_modified;
} fetching;

struct schedule {
    flow *f;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stir;
    bool ending;
    fetching *feed[FEEDS_MAX];
    size_t n;
};

/* Guards fetching.to: the courier may end a fetch after the realm is closed. */
static pthread_mutex_t orphans = PTHREAD_MUTEX_INITIALIZER;

/* ---- a file into the queue ---- */

static err add_file(flow *f, int64_t feed, str name, const char *path, bool ours)
{
    intake_ticket ticket;
    viewer v;
    {
        CLEANUP(txn_end_p) txn *t = NULL;
        TRY(txn_read(f->r->store, 0, &t));
        TRY(viewer_system(t, &v));
    }
    TRY(intake_add(f->r, &v, &(intake_file){ feed, name, path, LANG_EN, ours }, &ticket));
    log_info("feed.file", "feed=%lld file=\"%.*s\" import=%lld already=%d", (long long)feed,
            STR_ARG(name), (long long)ticket.row, ticket.already);
    return OK;
}

/* ---- dropped files ---- */

static bool at_rest(const char *path)
{
    struct stat st;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (lstat(path, &st) || !S_ISREG(st.st_mode)) return false;
    /* Every write sets the change's time by the present clock: one that lies ahead was made before
     * the clock was set back. */
    return st.st_ctim.tv_sec + REST_S <= now.tv_sec || st.st_ctim.tv_sec > now.tv_sec;
}

static void drop_take(flow *f, int64_t feed, const char *dir, const char *name)
{
    char path[4600], done[4600];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    if (!at_rest(path)) return;
    err e = add_file(f, feed, str_of(name), path, false);
    if (failed(e)) {
        log_err("feed.drop", e); /* it stays and is tried again */
        return;
    }
    snprintf(done, sizeof done, "%s/done", dir);
    e = disk_folder(done);
    snprintf(done, sizeof done, "%s/done/%s", dir, name);
    if (failed(e) || rename(path, done))
        log_err("feed.drop", err_errno("error.feed.disk", str_of(done)));
}

static void drop_look(flow *f, const flow_feeds_row *feed)
{
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/drop/%.*s", f->o.data_dir, STR_ARG(feed->key));
    DIR *d = opendir(dir);
    for (struct dirent *e; d && !f->closing && (e = readdir(d));)
        if (e->d_name[0] != '.') drop_take(f, feed->row, dir, e->d_name);
    if (d) closedir(d);
}

/* ---- fetches: the courier's thread ---- */

static bool fetch_part(void *ctx, str part)
{
    fetching *x = ctx;
    while (part.n) {
        ssize_t n = write(x->fd, part.p, part.n);
        if (n <= 0) return false;
        part = str_sub(part, (size_t)n, part.n);
    }
    return true;
}

static void keep(char *to, size_t cap, str s)
{
    if (s.n >= cap) s.n = 0; /* too long to be said back */
    if (s.n) memcpy(to, s.p, s.n);
    to[s.n] = 0;
}

static void fetch_over(void *ctx, err e, const fetch_result *r)
{
    fetching *x = ctx;
    close(x->fd);
    x->fd = -1;
    x->failed = failed(e);
    x->not_modified = r->not_modified;
    if (failed(e))
        log_err("feed.fetch", e);
    else if (!r->not_modified)
        keep(x->etag, sizeof x->etag, r->etag);
    if (r->url.n) keep(x->url, sizeof x->url, r->url);
    pthread_mutex_lock(&orphans);
    if (x->to) {
        pthread_mutex_lock(&x->to->lock);
        x->ended = true;
        pthread_cond_signal(&x->to->stir);
        pthread_mutex_unlock(&x->to->lock);
        x = NULL;
    }
    pthread_mutex_unlock(&orphans);
    if (!x) return;
    (void)!unlink(x->path);
    free(x);
}

/* ---- fetches: ours ---- */

static void input_name(int64_t feed, char out[64])
{
    snprintf(out, 64, "fetch/%lld", (long long)feed);
}

/* When it was fetched last, and what the server called what it gave. */
static void place_load(flow *f, fetching *x, int64_t every_s)
{
    char name[64];
    input_position p;
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 20);
    input_name(x->feed, name);
    if (failed(history_position_read(f->r->history, a, str_of(name), &p))) return;
    keep(x->etag, sizeof x->etag, p.mark);
    int64_t ago = clock_now(&f->r->clock).us - p.place;
    if (ago < every_s * US_PER_S) x->next_us = monotonic_us() + every_s * US_PER_S - ago;
}

static void place_keep(flow *f, const fetching *x)
{
    char name[64];
    history_txn *t;
    instant now = clock_now(&f->r->clock);
    input_name(x->feed, name);
    err e = history_begin(f->r->history, now, &t);
    if (!failed(e))
        e = history_commit(t,
                &(input_position){
                        .input = str_of(name), .place = now.us, .mark = str_of(x->etag) },
                1);
    if (failed(e)) log_err("feed.fetch", e);
}

static fetching *fetching_of(struct schedule *s, const flow_feeds_row *feed)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->feed[i]->feed == feed->row) return s->feed[i];
    if (s->n == FEEDS_MAX) return NULL;
    fetching *x = calloc(1, sizeof *x);
    ASSERT(x != NULL);
    x->to = s;
    x->feed = feed->row;
    x->fd = -1;
    place_load(s->f, x, feed->every_s);
    return s->feed[s->n++] = x;
}

/* The last part of the URL's path; the feed's key when it has none. */
static void name_of(const flow_feeds_row *feed, const char *url, char out[256])
{
    str path = str_of(url);
    ptrdiff_t end = str_find_byte(path, '?');
    if (end >= 0) path.n = (size_t)end;
    size_t from = path.n;
    while (from > 0 && path.p[from - 1] != '/')
        from--;
    str last = str_sub(path, from, path.n);
    bool plain = last.n > 0 && last.n < 200 && str_find(path, S("://")) + 3 != (ptrdiff_t)from;
    if (plain)
        snprintf(out, 256, "%.*s", STR_ARG(last));
    else
        snprintf(out, 256, "%.*s.%s", STR_ARG(feed->key),
                str_eq(feed->format, S("jsonl")) ? "jsonl" : "csv");
}

static void fetch_start(struct schedule *s, fetching *x, const flow_feeds_row *feed)
{
    keep(x->url, sizeof x->url, feed->url);
    snprintf(x->path, sizeof x->path, "%s/spool/.fetch-%lld", s->f->dir, (long long)x->feed);
    x->fd = open(x->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (x->fd < 0) {
        log_err("feed.fetch", err_errno("error.feed.disk", str_of(x->path)));
        x->next_us = monotonic_us() + AGAIN_S * US_PER_S;
        return;
    }
    fetch_job job = { .endpoint = ENDPOINT_NAMED,
        .url = feed->url,
        .method = FETCH_GET,
        .etag = str_of(x->etag),
        .max_bytes = FETCH_BYTES,
        .deadline_ms = DEADLINE_MS };
    x->busy = true;
    x->ended = false;
    x->next_us = monotonic_us() + feed->every_s * US_PER_S;
    err e = courier_fetch(s->f->o.courier, &job, fetch_part, fetch_over, x);
    if (!failed(e)) return;
    log_err("feed.fetch", e);
    close(x->fd);
    x->fd = -1;
    x->busy = false;
    if (err_code_of(e) == E_BUSY || err_code_of(e) == E_FULL)
        x->next_us = monotonic_us() + AGAIN_S * US_PER_S;
}

static void fetch_end_with(struct schedule *s, fetching *x, const flow_feeds_row *feed)
{
    x->busy = false;
    if (x->failed) return;
    err e = OK;
    if (!x->not_modified) {
        name_of(feed, x->url, x->name);
        e = add_file(s->f, x->feed, str_of(x->name), x->path, true);
    }
    if (failed(e)) {
        log_err("feed.fetch", e);
        x->etag[0] = 0;
        x->next_us = monotonic_us() + AGAIN_S * US_PER_S;
        return;
    }
    (void)!unlink(x->path);
    place_keep(s->f, x);
}

static bool has_ended(struct schedule *s, const fetching *x)
{
    pthread_mutex_lock(&s->lock);
    bool ended = x->ended;
    pthread_mutex_unlock(&s->lock);
    return ended;
}

static void fetch_look(struct schedule *s, const flow_feeds_row *feed)
{
    if (!s->f->o.courier || !feed->url.n || feed->every_s <= 0) return;
    fetching *x = fetching_of(s, feed);
    if (!x) return;
    if (x->busy && has_ended(s, x)) fetch_end_with(s, x, feed);
    if (!x->busy && monotonic_us() >= x->next_us) fetch_start(s, x, feed);
}

/* ---- the thread ---- */

static err look(struct schedule *s)
{
    flow_feeds_row *feeds;
    size_t n;
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)64 << 20);
    {
        CLEANUP(txn_end_p) txn *t = NULL;
        TRY(txn_read(s->f->r->store, 0, &t));
        TRY(flow_feeds(t, a, &feeds, &n));
    }
    for (size_t i = 0; i < n && !s->f->closing; i++) {
        if (!str_eq(feeds[i].state, S("active"))) continue;
        drop_look(s->f, &feeds[i]);
        fetch_look(s, &feeds[i]);
    }
    return OK;
}

static void *schedule_main(void *ctx)
{
    struct schedule *s = ctx;
    pthread_mutex_lock(&s->lock);
    while (!s->ending) {
        struct timespec until;
        pthread_mutex_unlock(&s->lock);
        err e = look(s);
        if (failed(e)) log_err("feed.schedule", e);
        pthread_mutex_lock(&s->lock);
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += TICK_S;
        if (!s->ending) pthread_cond_timedwait(&s->stir, &s->lock, &until);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

err schedule_open(flow *f)
{
    char dir[4096];
    pthread_condattr_t ca;
    struct schedule *s = calloc(1, sizeof *s);
    ASSERT(s != NULL);
    s->f = f;
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&ca);
    pthread_condattr_setclock(&ca, CLOCK_MONOTONIC);
    pthread_cond_init(&s->stir, &ca);
    pthread_condattr_destroy(&ca);
    f->schedule = s;
    snprintf(dir, sizeof dir, "%s/drop", f->o.data_dir);
    ASSERT(pthread_create(&s->thread, NULL, schedule_main, s) == 0);
    return disk_folder(dir);
}

/* A fetch that the courier still has is left to it. */
static void orphan(fetching *x)
{
    pthread_mutex_lock(&orphans);
    bool left = x->busy && !x->ended;
    x->to = NULL;
    pthread_mutex_unlock(&orphans);
    if (!left) free(x);
}

void schedule_close(flow *f)
{
    struct schedule *s = f->schedule;
    if (!s) return;
    pthread_mutex_lock(&s->lock);
    s->ending = true;
    pthread_cond_signal(&s->stir);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    for (size_t i = 0; i < s->n; i++)
        orphan(s->feed[i]);
    pthread_cond_destroy(&s->stir);
    pthread_mutex_destroy(&s->lock);
    free(s);
    f->schedule = NULL;
}
