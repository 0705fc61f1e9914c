/* bounce_box.c - see bounce_box.h. One thread; a look is one list and one question a report. What a
 * report changes and how far the box was read is one transaction: a crash counts nothing twice. */
#include "common/outbox/bounce_box.h"

#include "base/log.h"
#include "common/outbox/bounce.h"
#include "gen/common/outbox/queries.h"
#include "proc/courier.h"
#include "proc/sandbox.h"
#include "store/store.h"

#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { REPORTS_A_LOOK = 200, ARENA_BYTES = 16 << 20 };
#define BOX S("bounce")

struct bounce_box {
    realm *r;
    bounce_options o;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stop; /* under lock */
};

/* ---- one look ---- */

typedef struct {
    bounce_box *b;
    arena *a;
    int64_t validity, uid; /* as far as it was read */
    const open_report *report;
    bool counted;
} look;

static err read_position(look *k)
{
    CLEANUP(txn_end_p) txn *t = NULL;
    box_read_row *row;
    TRY(txn_read(k->b->r->store, 0, &t));
    err e = box_read(t, &(box_read_args){ .name = BOX }, txn_arena(t), &row);
    if (err_code_of(e) == E_ABSENT) return OK;
    TRY(e);
    k->validity = row->validity;
    k->uid = row->uid;
    return OK;
}

static err take_apply(txn *t, void *ctx)
{
    look *k = ctx;
    k->counted = false;
    if (k->report) TRY(bounce_take(t, k->b->o.key, k->b->o.address, k->report, &k->counted));
    return box_keep(
            t, &(box_keep_args){ .name = BOX, .validity = k->validity, .uid = k->uid }, NULL);
}

/* In a file that has no name any more, open for reading alone. */
static err spool_put(const look *k, str bytes, int *ret)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/bounce-XXXXXX", k->b->o.spool);
    int fd = mkstemp(path);
    if (fd < 0) return err_errno("error.files.read", S("spool"));
    bool good = write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n;
    *ret = good ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    unlink(path);
    close(fd);
    return *ret >= 0 ? OK : err_errno("error.files.read", S("spool"));
}

static err take_apart(look *k, str bytes, open_mail *ret)
{
    int fd = -1;
    TRY(spool_put(k, bytes, &fd));
    err e = sandbox_mail(k->b->o.sandbox, fd, (int64_t)bytes.n, k->a, ret);
    close(fd);
    return e;
}

/* A mail that nobody can take apart is passed over; a box or a sandbox that does not answer is
 * asked again at the next look. */
static err one(look *k, int64_t uid)
{
    box_job job = k->b->o.box;
    buf bytes = buf_new(k->a, 64 << 10);
    fetch_result r;
    open_mail mail = { 0 };
    job.list = false;
    job.uid = uid;
    job.validity = k->validity;
    TRY(courier_box_wait(k->b->o.courier, &job, k->a, &bytes, &r));
    err e = bytes.n ? take_apart(k, buf_str(&bytes), &mail) : OK;
    if (failed(e) && err_code_of(e) != E_INVALID) return e;
    k->report = !failed(e) && mail.report.action.n ? &mail.report : NULL;
    k->uid = uid;
    TRY(store_write(k->b->r->store, take_apply, k));
    log_info("bounce.read", "uid=%lld action=%.*s status=%.*s counted=%d", (long long)uid,
            STR_ARG(mail.report.action), STR_ARG(mail.report.status), k->counted);
    return OK;
}

static err look_at(bounce_box *b, arena *a)
{
    look k = { .b = b, .a = a };
    int64_t uids[REPORTS_A_LOOK], validity;
    buf lines = buf_new(a, 4096);
    fetch_result r;
    TRY(read_position(&k));
    box_job job = b->o.box;
    job.list = true;
    job.uid = k.uid;
    TRY(courier_box_wait(b->o.courier, &job, a, &lines, &r));
    if (!str_to_i64(r.etag, &validity) || validity < 1) return ERR(E_PEER, "error.bounce.answer");
    if (validity != k.validity && k.uid) { /* the numbers are others: from the beginning */
        k = (look){ .b = b, .a = a, .validity = validity };
        TRY(store_write(b->r->store, take_apply, &k));
        return OK;
    }
    k.validity = validity;
    size_t n = imap_list_read(buf_str(&lines), k.uid, uids, ARRAY_LEN(uids));
    for (size_t i = 0; i < n; i++)
        TRY(one(&k, uids[i]));
    return OK;
}

/* ---- the thread ---- */

static bool pause_until(bounce_box *b, int64_t us)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += us / US_PER_S;
    pthread_mutex_lock(&b->lock);
    while (!b->stop && pthread_cond_timedwait(&b->changed, &b->lock, &until) == 0)
        ;
    bool stop = b->stop;
    pthread_mutex_unlock(&b->lock);
    return !stop;
}

static void *box_main(void *ctx)
{
    bounce_box *b = ctx;
    while (pause_until(b, b->o.every_us)) {
        CLEANUP(arena_free_p) arena *a = arena_new(ARENA_BYTES);
        err e = look_at(b, a);
        if (failed(e)) log_err("bounce.box", e);
    }
    return NULL;
}

err bounce_box_start(realm *r, const bounce_options *o, bounce_box **ret)
{
    *ret = NULL;
    if (r->kind != REALM_LIVE || !o->courier || !o->box.host.n || !o->address.n) return OK;
    bounce_box *b = calloc(1, sizeof *b);
    ASSERT(b && o->sandbox && o->spool);
    b->r = r;
    b->o = *o;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    if (pthread_create(&b->thread, NULL, box_main, b)) {
        free(b);
        return err_errno("error.store.thread", S("bounce"));
    }
    *ret = b;
    return OK;
}

void bounce_box_stop(bounce_box *b)
{
    if (!b) return;
    pthread_mutex_lock(&b->lock);
    b->stop = true;
    pthread_cond_signal(&b->changed);
    pthread_mutex_unlock(&b->lock);
    pthread_join(b->thread, NULL);
    pthread_mutex_destroy(&b->lock);
    pthread_cond_destroy(&b->changed);
    sodium_memzero(b->o.key, sizeof b->o.key);
    free(b);
}
