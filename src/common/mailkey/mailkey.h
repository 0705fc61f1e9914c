/* mailkey.h - the OpenPGP keys and S/MIME certificates to which people want their mail encrypted. A
 * key counts once its owner confirmed it, with a code that came in a mail encrypted to it; while
 * one is changed for another both are on file, and the newest that has not ended is used. What a
 * key says of its owner is sealed under the person's key. Owns table mail_key; that a key is good
 * was judged before (net/pgp_key.h, net/smime_cert.h). Within the caller's transaction; writing
 * ones on the writer. */
#pragma once
#include "net/mail_wrap.h"

struct txn;
enum { MAIL_KEYS_KEPT = 2, MAIL_KEY_TRIES = 5, MAIL_KEY_WAITS_DAYS = 7, MAIL_KEY_CODE = 14 };

typedef struct {
    int64_t row, person, told;
    id128 id;
    mail_way way;
    str fingerprint, user, key; /* user: its first user id, or its subject; key: armored, or PEM */
    str issuer, serial;         /* of a certificate */
    instant created, expires;   /* expires {0}: never */
    instant confirmed;          /* {0}: waits for its owner */
} mail_key;

/* Oldest first; in t's arena. What cannot be opened any more is left out. */
MUST_USE err mail_key_list(struct txn *t, int64_t person, mail_key **ret, size_t *ret_n);
/* E_ABSENT: there is none of this row. */
MUST_USE err mail_key_read(struct txn *t, int64_t row, mail_key *ret);
/* Keeps one that waits, in the place of another that waited. *ret_code: what confirms it, for the
 * mail alone; in t's arena. Of k: all but row, id and times
 * other than expires. E_CONFLICT: it is on file. */
MUST_USE err mail_key_add(
        struct txn *t, int64_t person, const mail_key *k, mail_key *ret, str *ret_code);
typedef enum { MAIL_KEY_CONFIRMED, MAIL_KEY_WRONG, MAIL_KEY_GIVEN_UP } mail_key_answer;
/* The code as typed: case, blanks and dashes do not matter. After MAIL_KEY_TRIES wrong ones the key
 * goes. Of those confirmed before, the newest stays. E_ABSENT: no such key waits. */
MUST_USE err mail_key_confirm(
        struct txn *t, int64_t person, id128 id, str code, mail_key_answer *ret);
/* E_ABSENT: the person has none of this id. */
MUST_USE err mail_key_remove(struct txn *t, int64_t person, id128 id);

/* What mail to a person is encrypted to now. */
typedef struct {
    int64_t row; /* 0: there is none */
    mail_way way;
    str key;
    instant ended; /* when the last one ended, if there is none that has not */
} mail_key_use;
MUST_USE err mail_key_of(struct txn *t, int64_t person, mail_key_use *ret);
