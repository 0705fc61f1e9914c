/* walk.h - one call on its way: what the files of api/ share about it. Included by src/api only.
 * A walk lives in its arena; it is on one thread at a time (HTTP, worker, writer, HTTP again). */
#pragma once
#include "access/auth/auth.h"
#include "api/api.h"
#include "api/app.h"
#include "api/forward.h"
#include "api/serve.h"
#include "store/store.h"

typedef struct walk walk;
struct walk {
    call c; /* first: a handler's call is its walk */
    api *api;
    api_request q;
    http_exchange *x;   /* NULL in api_run */
    const fault *fault; /* why it is refused, in the walk's arena */
    int refused;        /* status that no fault code has (405, 415); 0: the fault's */
    const char *allow;
    bool unsafe;                    /* the method may change something */
    const struct exporting *export; /* the list is wanted as a file (export.h); or NULL */
    bool inline_now;                /* the handler runs on the HTTP thread, with a step budget */
    uint8_t key_hash[32], request_hash[32];
    write_job job;
    walk *next;              /* the pool's, the tick's */
    int64_t due_us;          /* the tick's */
    void (*waiter)(walk *w); /* called when the answer is ready: resumes or signals */
    void *wait_ctx;
    api_answer answer;
    bool gzip, vary, page;
};

/* route.c: each step leaves its fault in the walk; false: answer it. */
walk *walk_new(api *a, arena *m, const api_request *q);
bool walk_begin(walk *w); /* route, credentials, right, rate, query */
bool walk_body(walk *w);  /* the body's decoding */
/* Within the transaction that the handler is to run in: who asks, anew when rights have changed
 * since; the right to ask at all is looked at again then. */
MUST_USE err walk_still(walk *w);
bool walk_fail(walk *w, err e);
void walk_read(walk *w);  /* a read, or a pool route, on this thread */
void walk_clear(walk *w); /* empties the answer: a handler is about to run */
/* write.c */
void walk_write(walk *w); /* prepares and submits; waiter is called when it is durable or refused */
/* note.c: is a note wanted; keeps it and calls waiter when it is durable or the read is refused. */
bool walk_notes(const walk *w);
void walk_note(walk *w);
/* encode.c: the answer from the call or its fault; idempotent. */
void walk_encode(walk *w);
void problem_write(walk *w);
str problem_body(arena *a, lang l, int status, const fault *f, str request_id);
int status_of(err_code code);
/* held.c: keeps the act for a second person, in the writing transaction. */
MUST_USE err held_keep(walk *w, bool *ret_held);
/* credentials.c */
MUST_USE err credentials_resolve(walk *w);
MUST_USE err credentials_again(const walk *w, realm **ret_realm, viewer *ret);
/* idempotency.c: in the writing transaction. *ret_found: the walk has its answer. */
MUST_USE err idempotency_check(walk *w);
MUST_USE err idempotency_find(walk *w, bool *ret_found);
MUST_USE err idempotency_keep(walk *w);

struct api {
    struct app *app;
    forward_rules forward;
    const route_table *routes;
    const console_asset *assets;
    size_t n_assets;
    uint8_t key[32];
    int64_t inline_steps;
    struct pool *slow, *quick, *exports;
    int64_t export_rows;
    struct rates *rates;
    struct tick *tick;
    struct streams *streams;
};
