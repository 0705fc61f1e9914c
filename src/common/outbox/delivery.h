/* delivery.h - the states of one message on one channel, and which may follow which:
 *
 *   held -> queued -> sending -> sent -> acknowledged
 *     |        ^---------|  |       (mail that failed for now comes back to queued)
 *     |                     '-> failed, bounced (after sent: bounce.h)
 *     '-> sent (portal), withheld (mail in a realm that is not live), undone (taken back, or no
 *         longer needed); a letter goes another way: paper.h
 *
 * Mail is one way to queue; machines and telephones are the other (post.h).
 * Owns table delivery and the notice's steps held -> sent. Writer thread, within apply. */
#pragma once
#include "access/realm.h"
#include "gen/records/delivery.h"
#include "gen/records/notice.h"

/* Addresses a notice: to the organisation's portal when person is 0, else to the person's mail; or
 * to the organisation on paper, or on a channel of its own. It is looked at again at `at`. v: the
 * system. */
typedef struct {
    int64_t notice, org, person;
    bool paper;         /* a letter (paper.h); person is 0 */
    str channel;        /* a machine's, a room's or a telephone's (channel.h); or empty */
    int64_t stands_for; /* the person is the deputy of this one; 0: of nobody */
    str lang;
    instant at;
} delivery_address;
/* ret: may be NULL. */
MUST_USE err delivery_add(txn *t, const realm *r, const viewer *v, const delivery_address *to,
        const delivery_handle **ret);
/* The mail deliveries that an organisation's contacts should have for a notice: focal people, from
 * high severity on technical ones as well; those who have one already are left out. *ret_n: how
 * many. */
MUST_USE err delivery_add_contacts(txn *t, const realm *r, const viewer *v, int64_t notice,
        int64_t org, int64_t severity, instant at, size_t *ret_n);

/* The same on each channel that the organisation has turned on (channel.h). */
MUST_USE err delivery_add_channels(
        txn *t, const realm *r, const viewer *v, const delivery_address *to, int64_t severity);

/* The first message has left: the notice is sent, and from now on its recipient sees it. */
MUST_USE err notice_leaves(txn *t, const viewer *v, int64_t notice);
/* The portal shows it from now on. */
MUST_USE err delivery_send_portal(txn *t, const viewer *v, const delivery_handle *d);
/* Moves d to a state, with what else that state says; entry may be LEDGER_NONE. */
MUST_USE err delivery_move(
        txn *t, const viewer *v, const delivery_handle *d, str state, ledger_type entry);
/* Takes back all deliveries of a notice that have not left. people_only: the portal's stay, and
 * those to machines, which want to know of each notice. */
MUST_USE err delivery_cancel(txn *t, const viewer *v, int64_t notice, bool people_only);
/* Sends again what was given up, or what a machine took and lost: with the same id, at once.
 * E_CONFLICT (error.channel.replay): it is neither. */
MUST_USE err delivery_replay(txn *t, const viewer *v, const delivery_handle *d);

/* What a relay said to one attempt. */
typedef struct {
    bool ok;
    bool permanent;        /* another attempt would end the same */
    bool uncounted;        /* nothing was tried: no courier, no relay */
    str words;             /* the remote side's, or ours; cut to 500 bytes when kept */
    int64_t wait_us, most; /* until the next attempt, and how many there are; 0: as for mail */
} delivery_outcome;
enum { DELIVERY_ATTEMPTS = 6, DELIVERY_WORDS_BYTES = 500 };
/* Records an attempt: sent, failed, or queued again after 1, 5, 15, 60, 60 minutes. */
MUST_USE err delivery_record(txn *t, const viewer *v, int64_t row, const delivery_outcome *o);
int64_t delivery_wait_us(int64_t attempts);
/* At most n bytes of s, cut between characters. */
str delivery_cut(str s, size_t n);
/* words in a, without the address of whom it was for: what stands in a delivery is not sealed. */
str delivery_unnamed(arena *a, str words, str address);
