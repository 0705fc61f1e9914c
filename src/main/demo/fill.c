/* fill.c - see fill.h. Started and stopped under a lock by whoever asks; the thread itself takes
 * none. */
#include "main/demo/fill.h"
#include "base/log.h"
#include "base/thread.h"
#include "base/time.h"
#include "main/demo/demo.h"
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { SEED = 1, SCALE = 100, SECRET_MAX = 200 };

struct demo_filler {
    program *p;
    pthread_mutex_t lock; /* of who starts and stops */
    pthread_t thread;
    bool started; /* and not joined yet */
    atomic_bool stop;
    atomic_int percent;
    char key[SECRET_MAX];
};

demo_filler *demo_filler_new(program *p)
{
    demo_filler *f = calloc(1, sizeof *f);
    ASSERT(f);
    f->p = p;
    atomic_init(&f->percent, -1);
    pthread_mutex_init(&f->lock, NULL);
    return f;
}

static bool going(void *ctx, int percent)
{
    demo_filler *f = ctx;
    atomic_store(&f->percent, percent);
    return !atomic_load(&f->stop);
}

static void *fill(void *ctx)
{
    demo_filler *f = ctx;
    thread_gives_way();
    client *c = client_within(f->p);
    demo_order o = { .c = c,
        .data_dir = f->p->app.data_dir,
        .key = str_of(f->key),
        .seed = SEED,
        .scale = SCALE,
        .now = clock_now(&clock_system),
        .going = going,
        .ctx = f };
    err e = demo_fill_in(&o);
    if (failed(e) && !atomic_load(&f->stop)) log_err("demo.fill", e);
    client_close(c);
    sodium_memzero(f->key, sizeof f->key);
    atomic_store(&f->percent, -1);
    return NULL;
}

static void end(demo_filler *f)
{
    if (!f->started) return;
    atomic_store(&f->stop, true);
    pthread_join(f->thread, NULL);
    f->started = false;
}

err demo_filler_start(demo_filler *f, str key)
{
    ASSERT(key.n < sizeof f->key);
    pthread_mutex_lock(&f->lock);
    end(f);
    memcpy(f->key, key.p, key.n);
    f->key[key.n] = 0;
    atomic_store(&f->stop, false);
    atomic_store(&f->percent, 0);
    f->started = pthread_create(&f->thread, NULL, fill, f) == 0;
    if (!f->started) atomic_store(&f->percent, -1);
    bool ok = f->started;
    pthread_mutex_unlock(&f->lock);
    return ok ? OK : ERR(E_BUSY, "error.demo.thread");
}

void demo_filler_stop(demo_filler *f)
{
    if (!f) return;
    pthread_mutex_lock(&f->lock);
    end(f);
    pthread_mutex_unlock(&f->lock);
}

void demo_filler_free(demo_filler *f)
{
    if (!f) return;
    demo_filler_stop(f);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

int demo_filler_percent(const demo_filler *f)
{
    return atomic_load(&f->percent);
}
