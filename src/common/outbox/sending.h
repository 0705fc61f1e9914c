/* sending.h - one message between the transaction that decided to send it and the one that records
 * what came of it. Made on the writer, handed to the courier by the outbox's thread, ended on the
 * courier's. Included by common/outbox alone. */
#pragma once
#include "common/outbox/delivery.h"
#include "common/outbox/mail_in.h"
#include "common/outbox/sms.h"

typedef enum { SENDING_MAIL, SENDING_JOB, SENDING_POST, SENDING_TEST } sending_kind;
typedef struct sending sending;
struct sending {
    sending *next;
    void *owner; /* the outbox */
    arena *a;    /* all that this refers to */
    sending_kind kind;
    int64_t row; /* of the queued mail, the delivery, or the channel that is tested */
    str to, message;
    str envelope; /* the address to which it comes back */
    str key;      /* the message leaves encrypted to it; empty: signed at most */
    mail_way way; /* of the key */
    /* what leaves by HTTP (post.h) */
    fetch_job post;
    const sms_options *sms;
    int64_t channel; /* row; 0: the operator's gateway */
    str answer;      /* its beginning */
    int64_t retry_us;
    bool gone, throttle;
    delivery_outcome outcome;
};

enum { SENDING_LEASE_S = 180, SENDING_HELD_S = 3600 };

/* Takes a due delivery that is queued (or was sending when the program ended): its link, its words,
 * state sending. *ret is NULL when there is nothing to hand over: taken back, or it can never
 * leave. */
MUST_USE err sending_of_delivery(txn *t, const realm *r, const viewer *sys, const outbox_options *o,
        int64_t row, sending **ret);
/* Takes the next queued mail. E_ABSENT when none is due. *ret NULL: it can never leave. */
MUST_USE err sending_of_job(txn *t, const outbox_options *o, str who, sending **ret);
sending *sending_new(sending_kind kind, int64_t row);
void sending_free(sending *s);
/* What the courier said, as an outcome whose words live in s. */
void sending_end(sending *s, err e, const mail_result *r);
/* Writes the outcome down. */
MUST_USE err sending_record(
        txn *t, const viewer *sys, const outbox_options *o, str who, const sending *s);
