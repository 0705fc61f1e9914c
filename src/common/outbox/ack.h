/* ack.h - the recipient says: we have it. For the portal's route and for the page behind a link;
 * both may be called again and again. Ledger notice.acknowledged and delivery.acknowledged name who
 * pressed. */
#pragma once
#include "access/realm.h"
#include "access/viewer.h"
#include "base/text.h"

struct txn;

/* Number and subject of the notice that a delivery is about, in l; in a. Reads only.
 * E_ABSENT when the delivery is not there or was taken back. */
MUST_USE err ack_notice_words(struct txn *t, arena *a, int64_t delivery, lang l, str *ret);
/* The person to whom the link of this delivery was sent pressed the button. E_ABSENT when the
 * delivery was taken back, went to somebody else, or the person is disabled. */
MUST_USE err ack_by_link(struct txn *t, const realm *r, int64_t delivery, int64_t person);
/* A person of the recipient organisation acknowledges in the portal, for itself or for somebody
 * (by->stands_for); the caller has asked access/.
 * Marks the delivery and the notice, cancels mail that has not left. */
MUST_USE err ack_delivery(struct txn *t, int64_t delivery, const viewer *by);
