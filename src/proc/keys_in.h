/* keys_in.h - one question of any kind, for the files that make the door. Included by keys.c, pgp.c
 * and smime.c alone; any thread. */
#pragma once
#include "proc/keys.h"
#include "proc/keys_wire.h"

/* E_BUSY: no keys process now. ret->n 0: refused. */
MUST_USE err keys_ask(keys *k, keys_message kind, const keys_question *q, keys_answer *ret);
/* A job of OpenPGP or S/MIME is several questions, and nobody else's come between. False: there is
 * no keys process, and no gpg. */
MUST_USE bool keys_pgp_hold(keys *k);
void keys_pgp_release(keys *k);
/* A whole job. Errors: E_BUSY (error.keys.absent, error.pgp.failed), E_TOO_LARGE. */
MUST_USE err keys_mail_job(keys *k, arena *a, pgp_work work, str input, str key, str *ret);
/* A result of two fields. */
MUST_USE err keys_mail_two(str both, str *ret_x, str *ret_y);
