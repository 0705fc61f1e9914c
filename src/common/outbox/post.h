/* post.h - messages that leave by HTTP: to an organisation's webhook, to a room of Mattermost or
 * Matrix, to a telephone by the operator's gateway. Each is a sending (sending.h) like a mail: made
 * on the writer, ended on the courier's thread, written down on the writer.
 * Included by common/outbox alone. */
#pragma once
#include "common/outbox/channel.h"
#include "common/outbox/post_words.h"
#include "common/outbox/sending.h"

enum {
    POST_ATTEMPTS = 10, /* over three days, as Standard Webhooks 1.0 recommends */
    POST_DEADLINE_MS = 20000,
    POST_ANSWER_MAX = 4096,
};

/* Takes a due delivery on such a channel, state sending. *ret is NULL when there is nothing to hand
 * over: taken back, its channel is off or gone, or it can never leave. */
MUST_USE err sending_of_post(
        txn *t, const viewer *sys, const outbox_options *o, int64_t row, sending **ret);
/* Takes a test message that somebody asked for; row: the channel's. */
MUST_USE err sending_of_test(
        txn *t, const viewer *sys, const outbox_options *o, int64_t row, sending **ret);
/* What the receiver answered, as an outcome whose words live in s. now: to read a date by. */
void post_end(sending *s, err e, const fetch_result *r, instant now);
/* Writes the outcome down, at the message and at its channel. */
MUST_USE err post_record(txn *t, const viewer *sys, const outbox_options *o, const sending *s);

/* The request of a channel for these facts, in a. now: when it is signed. */
MUST_USE err post_job(arena *a, const outbox_options *o, const channel_find_row *c, lang l,
        const post_facts *f, instant now, fetch_job *ret);
/* How long until the attempt after this many, between no and a fifth more of the usual. */
int64_t post_wait_us(int64_t attempts);
/* Retry-After in seconds or as a date (RFC 9110, section 10.2.3), a day at most; 0: not said. */
int64_t post_retry_after_us(str said, instant now);
