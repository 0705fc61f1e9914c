/* bounce.h - what a report of delivery means for what was sent: the delivery is marked, and the
 * person whose address it was. Owns table mail_trouble. Writer thread, within apply. */
#pragma once
#include "common/outbox/verp.h"
#include "proc/open/open.h"

struct txn;

/* In the words of RFC 3463: enhanced status codes in classes that a person can act on. Static:
 * address full policy size server other. Words may follow the code. */
str bounce_reason(str status);

enum { BOUNCE_SOFT_MAX = 3 }; /* so many for now count as one for good */

/* Marks what the report is about. It counts only with an address of ours that it came back to
 * (verp.h); another one, and a report of success, changes nothing. *ret_counted says so. */
MUST_USE err bounce_take(struct txn *t, const uint8_t key[VERP_KEY], str address,
        const open_report *report, bool *ret_counted);

typedef struct {
    int64_t hard, soft;
    str status, reason;
    instant first, last;
} mail_trouble;
/* What came back from a person's address. False: nothing. */
MUST_USE err mail_trouble_of(struct txn *t, int64_t person, mail_trouble *ret, bool *ret_any);
/* The address works again. */
MUST_USE err mail_trouble_forget(struct txn *t, int64_t person);
