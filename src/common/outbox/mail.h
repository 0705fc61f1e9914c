/* mail.h - mail that is not a notice: invitations and the like, one person each. Written in a
 * transaction, sent by the outbox afterwards; its words are sealed under the person's key, because
 * they hold a name and a secret link. In a realm that is not live nothing is written. */
#pragma once
#include "access/realm.h"
#include "gen/records/person.h"

/* subject and text in the person's language; url, if not empty, stands at the end as a link called
 * url_words. */
typedef struct {
    str subject, text;
    str url, url_words;
    int64_t key; /* row of table mail_key that it is encrypted to, or it does not leave; 0: what is
                    on file for the person */
} mail_words;
MUST_USE err outbox_enqueue_mail(
        struct txn *t, const realm *r, int64_t person, const mail_words *w);
/* Mail to a person that waits for a key leaves now, for there is one. */
MUST_USE err outbox_hurry_mail(struct txn *t, int64_t person);
/* The invitation to act for an organisation; address: the link. */
MUST_USE err outbox_mail_invitation(
        struct txn *t, const realm *r, const person_handle *p, str address);
