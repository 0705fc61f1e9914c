/* courier_wire.h - the messages between the server and the courier, as both sides know them.
 * Owns nothing. Any thread. Included by courier.c (the server's side) and courier_main.c. */
#pragma once
#include "base/base.h"
#include "net/fetch.h"
#include "net/imap.h"
#include "net/smtp.h"
#include "proc/frame.h"

enum {
    /* server to courier */
    COURIER_MAIL = 16, /* a mail's fields and its message's size */
    COURIER_MAIL_PART, /* the next bytes of the message */
    COURIER_FETCH,     /* a fetch's fields */
    COURIER_CANCEL,    /* nobody waits for it any more; no reply */
    COURIER_BOX,       /* a question to a mailbox; its answer is a fetch's */
    /* courier to server */
    COURIER_MAIL_DONE = 32, /* fault and result */
    COURIER_FETCH_PART,     /* the next bytes of the body */
    COURIER_FETCH_DONE,     /* fault and result */
};

enum { COURIER_PART_BYTES = 256 << 10, COURIER_TASKS_MAX = 256 };

/* get: from a payload that must outlive what is read, which has slices of it; arrays in a.
 * False: the peer sent what it must not. */
void wire_put_mail(buf *b, const mail_job *job); /* without the message's bytes */
MUST_USE bool wire_get_mail(arena *a, str payload, mail_job *job, size_t *message_bytes);
void wire_put_fetch(buf *b, const fetch_job *job);
MUST_USE bool wire_get_fetch(arena *a, str payload, fetch_job *job);

void wire_put_box(buf *b, const box_job *job);
MUST_USE bool wire_get_box(str payload, box_job *job);

/* An error's key is one that this file lists. */
void wire_put_mail_done(buf *b, err e, const mail_result *r);
MUST_USE bool wire_get_mail_done(arena *a, str payload, err *what, mail_result *r);
void wire_put_fetch_done(buf *b, err e, const fetch_result *r);
MUST_USE bool wire_get_fetch_done(str payload, err *what, fetch_result *r);
