/* paper.h - letters: the channel of the outbox that is paper. A letter is a delivery of a notice,
 * with a number that no other has and none leaves out, words in both languages as they were when it
 * was numbered, and a signed file that never changes again:
 *
 *   held -> writing -> made -> printed -> handed -> returned
 *             (each of the last four may be left out, and each may be followed by withdrawn)
 *
 * Owns table letter. Its words: paper_words.c; printed and signed: paper_make.c, by the outbox's
 * thread. */
#pragma once
#include "access/realm.h"
#include "common/outbox/paper_options.h"
#include "gen/records/delivery.h"

/* The hold of a letter is over: it gets its number and its words, and waits to be made. Writer
 * thread; v: the system. */
MUST_USE err paper_write(
        txn *t, const realm *r, const viewer *v, const paper_options *o, const delivery_handle *d);

/* ---- what became of it: an officer says so ---- */
/* The letter of a notice that is neither taken back nor withdrawn. E_ABSENT: there is none. */
MUST_USE err paper_of_notice(txn *t, int64_t notice, id128 *ret_id, int64_t *ret_version);
/* state: printed, handed, returned or withdrawn; at: when. by: the system's rights, with the
 * officer's row. Errors: E_CONFLICT (error.paper.not_made, error.paper.order), E_INVALID
 * (error.paper.when). The same state again changes nothing. */
MUST_USE err paper_move(txn *t, const viewer *by, const delivery_handle *d, str state, instant at);

/* ---- is this letter ours? ---- */
typedef struct {
    str number, org; /* texts */
    instant issued, withdrawn;
    bool is_withdrawn;
} paper_facts;
/* Both as typed. E_ABSENT: unknown, or the code is another one's: the same. In the txn's arena. */
MUST_USE err paper_check(txn *t, str number, str code, paper_facts *ret);
str paper_code_text(arena *a, str code); /* "ABCDE-FGHJK" */

/* ---- the outbox's thread ---- */
/* Makes what waits, one at a time. *ret_more: it made one. Errors are the store's; what a printer
 * or a key says stands at the delivery, which is tried again. */
MUST_USE err paper_make_next(const realm *r, const paper_options *o, bool *ret_more);
