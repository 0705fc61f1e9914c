/* courier.h - the server's side of the courier: hand it mail and fetches, hear what came of them.
 * Owns the channel and the requests in hand. Thread-safe; callbacks run on the courier's own thread
 * in the server, one at a time, and must not wait for long.
 * Called by common/outbox, flow and the jobs of the desks. */
#pragma once
#include "base/base.h"
#include "net/fetch.h"
#include "net/imap.h"
#include "net/smtp.h"

typedef struct courier courier;
courier *courier_new(void); /* no channel yet: everything is E_BUSY */
/* The channel that child_events.link brought; fd is the courier's from here on. Requests in hand on
 * the old channel end with E_BUSY (error.courier.gone): a mail among them may have left. */
void courier_link(courier *c, int fd);
/* Ends all requests in hand with E_BUSY (error.courier.stopping), then the thread; new ones are
 * E_BUSY. Its users may still be there. */
void courier_stop(courier *c);
void courier_free(courier *c);

/* r is never NULL; it and e live until the callback returns. */
typedef void mail_done(void *ctx, err e, const mail_result *r);
typedef void fetch_done(void *ctx, err e, const fetch_result *r);
/* The next bytes of the body; false cancels, and done gets E_CONFLICT (error.courier.stopped). */
typedef bool fetch_body(void *ctx, str part);

/* OK: taken, and done is called exactly once, perhaps before this returns; the job is borrowed
 * until it returns or done is called. Otherwise done is never called. Errors: those of
 * mail_job_check and fetch_job_check, E_BUSY (error.courier.absent: no courier now), E_FULL
 * (error.courier.full). */
MUST_USE err courier_send(courier *c, const mail_job *job, mail_done *done, void *ctx);
MUST_USE err courier_fetch(
        courier *c, const fetch_job *job, fetch_body *body, fetch_done *done, void *ctx);

/* A question to a mailbox; errors of box_job_check too. */
MUST_USE err courier_box(
        courier *c, const box_job *job, fetch_body *body, fetch_done *done, void *ctx);

/* The same, waiting for the end, which the job's deadline brings at the latest. Not on the
 * courier's own thread. *ret is set in every case and lives in a; body gets the bytes that came. */
MUST_USE err courier_send_wait(courier *c, const mail_job *job, arena *a, mail_result *ret);
MUST_USE err courier_fetch_wait(
        courier *c, const fetch_job *job, arena *a, buf *body, fetch_result *ret);
MUST_USE err courier_box_wait(
        courier *c, const box_job *job, arena *a, buf *body, fetch_result *ret);
bool courier_is_thread(const courier *c); /* is this the thread that calls back? */
