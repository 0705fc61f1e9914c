/* lobby.c - see lobby.h. Owns the one pointer to the handler behind the door, set once. HTTP
 * threads, but for lobby_let_in. */
#include "main/lobby.h"

#include <stdatomic.h>

enum { COME_AGAIN_S = 2 };

static const http_handler *_Atomic behind;

static void answer(http_exchange *x)
{
    bool up = str_eq(http_request_of(x)->path, S("/healthz"));
    http_answer(
            x, &(http_reply){ .status = up ? 200 : 503,
                       .content_type = up ? S("application/json") : S("application/problem+json"),
                       .body = up ? S("{\"state\":\"starting\",\"version\":\"" MINAR_VERSION "\"}")
                                  : S("{\"type\":\"about:blank\",\"title\":\"The server is "
                                      "starting; try again in a moment\",\"status\":503,"
                                      "\"code\":\"error.http.503\"}"),
                       .retry_after_s = up ? 0 : COME_AGAIN_S });
}

/* Whoever came before the door opened is answered here, though it may open meanwhile. */
static void head(void *ctx, http_exchange *x, http_body_plan *plan)
{
    const http_handler *h = atomic_load(&behind);
    (void)ctx;
    if (h)
        h->head(h->ctx, x, plan);
    else if (http_request_of(x)->content_bytes)
        answer(x);
}

static void ready(void *ctx, http_exchange *x)
{
    const http_handler *h = atomic_load(&behind);
    (void)ctx;
    if (h && http_user(x))
        h->ready(h->ctx, x);
    else
        answer(x);
}

static void resumed(void *ctx, http_exchange *x)
{
    const http_handler *h = atomic_load(&behind);
    (void)ctx;
    h->resumed(h->ctx, x);
}

http_handler lobby_handler(void)
{
    return (http_handler){ .head = head, .ready = ready, .resumed = resumed };
}

void lobby_let_in(const http_handler *inner)
{
    static http_handler kept;
    kept = *inner;
    atomic_store(&behind, &kept);
}
