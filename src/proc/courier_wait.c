/* courier_wait.c - the courier's calls for a thread that can wait. Owns a waiter on the caller's
 * stack, which the callbacks fill on the courier's thread. */
#include "proc/courier.h"

#include <pthread.h>

static void unlock(pthread_mutex_t **m)
{
    pthread_mutex_unlock(*m);
}
#define HOLD(m)                                                                                    \
    CLEANUP(unlock) pthread_mutex_t *held_ = &(m);                                                 \
    pthread_mutex_lock(held_)

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool done;
    arena *a;
    const fault *fault;
    mail_result mail;
    fetch_result fetch;
    buf *body;
} waiter;

static void waiter_end(waiter *w, err e)
{
    HOLD(w->lock);
    w->fault = e.f ? fault_copy(w->a, e.f) : NULL;
    w->done = true;
    pthread_cond_signal(&w->ended);
}

static err waiter_wait(waiter *w)
{
    {
        HOLD(w->lock);
        while (!w->done)
            pthread_cond_wait(&w->ended, &w->lock);
    }
    return (err){ w->fault };
}

static void mail_ended(void *ctx, err e, const mail_result *r)
{
    waiter *w = ctx;
    mail_rcpt *rcpts = NEW_ARRAY(w->a, mail_rcpt, r->n_rcpts + 1);
    for (size_t i = 0; i < r->n_rcpts; i++) {
        rcpts[i] = r->rcpts[i];
        rcpts[i].to = str_copy(w->a, r->rcpts[i].to);
        rcpts[i].text = str_copy(w->a, r->rcpts[i].text);
    }
    w->mail = *r;
    w->mail.text = str_copy(w->a, r->text);
    w->mail.rcpts = rcpts;
    waiter_end(w, e);
}

static void fetch_ended(void *ctx, err e, const fetch_result *r)
{
    waiter *w = ctx;
    w->fetch = *r;
    str *texts[] = { &w->fetch.etag, &w->fetch.last_modified, &w->fetch.content_type,
        &w->fetch.content_encoding, &w->fetch.retry_after, &w->fetch.url };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i] = str_copy(w->a, *texts[i]);
    waiter_end(w, e);
}

static bool body_came(void *ctx, str part)
{
    waiter *w = ctx;
    buf_put(w->body, part);
    return true;
}

err courier_send_wait(courier *c, const mail_job *job, arena *a, mail_result *ret)
{
    ASSERT(!courier_is_thread(c));
    waiter w = { .a = a, .lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER };
    *ret = (mail_result){ 0 };
    TRY(courier_send(c, job, mail_ended, &w));
    err e = waiter_wait(&w);
    *ret = w.mail;
    return e;
}

err courier_box_wait(courier *c, const box_job *job, arena *a, buf *body, fetch_result *ret)
{
    ASSERT(!courier_is_thread(c) && body);
    waiter w = {
        .a = a, .body = body, .lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER
    };
    *ret = (fetch_result){ 0 };
    TRY(courier_box(c, job, body_came, fetch_ended, &w));
    err e = waiter_wait(&w);
    *ret = w.fetch;
    return e;
}

err courier_fetch_wait(courier *c, const fetch_job *job, arena *a, buf *body, fetch_result *ret)
{
    ASSERT(!courier_is_thread(c) && body);
    waiter w = {
        .a = a, .body = body, .lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER
    };
    *ret = (fetch_result){ 0 };
    TRY(courier_fetch(c, job, body_came, fetch_ended, &w));
    err e = waiter_wait(&w);
    *ret = w.fetch;
    return e;
}
