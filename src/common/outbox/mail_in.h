/* mail_in.h - a mail on its way between the outbox's files. Included by common/outbox alone. */
#pragma once
#include "common/outbox/letter.h"
#include "common/outbox/mail.h"
#include "common/outbox/outbox.h"

/* What a relay is handed, but for the message's bytes. All in one arena. */
typedef struct {
    str name, address, lang;
    str subject, text, html;
    str message_id;
    str key;           /* armored, or PEM: it leaves encrypted to this; empty: in clear */
    mail_way way;      /* of the key */
    instant key_ended; /* it would be encrypted, were this not past */
} mail_letter;
/* A paragraph that says so. */
void letter_say_key_ended(letter *x, const mail_letter *m);

/* The words of a notice for one delivery, in its language: details for CLEAR and GREEN, else a
 * pointer. token: of the link that acknowledges. Of to, name and address are filled by the caller.
 */
typedef struct {
    const outbox_options *o;
    int64_t notice; /* row */
    id128 delivery;
    lang l;
    str token;
    instant link_ends;
    str stands_for; /* name of who is away, when it goes to a deputy; or empty */
    instant away_until;
} notice_mail;
MUST_USE err notice_mail_write(
        struct txn *t, const viewer *sys, arena *a, const notice_mail *m, mail_letter *ret);
/* Opens what outbox_enqueue_mail sealed. E_ABSENT when the person's key is destroyed. */
MUST_USE err queued_mail_open(
        struct txn *t, arena *a, str body, int64_t *ret_person, mail_letter *ret);
/* "unique@host" for the mail of an id. */
str message_id_of(arena *a, const char *what, id128 id, str from);
