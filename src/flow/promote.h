/* promote.h - from events to findings: which rows deserve one, what a finding keeps of them, and
 * the thread that writes them, in the order of the history, exactly once. How far it is stands in
 * the store and moves in the transaction that writes the findings; what a crash left between the
 * history and the store is read back at the next start. Used by the sink and by flow.c. */
#pragma once
#include "access/realm.h"
#include "flow/event.h"

/* What promotion needs of one event, from a batch or read back from the history. Borrowed. */
typedef struct {
    int64_t batch, row_no; /* place in the history */
    id128 event;
    int64_t owner, feed, indicator;
    str taxonomy, type, identifier;
    uint8_t severity, owner_why;
    addr ip, destination_ip;
    uint16_t port, destination_port;
    uint32_t asn, count;
    str fqdn, url, network, reverse_dns, malware, application, vulnerabilities, owner_text;
    int64_t time_us;
} promote_row;

/* Does an event deserve a finding: matched, or owned, of a type that does (data/taxonomy.json), and
 * not of severity "info", which the reports use for inventories. */
bool promote_wanted(bool matched, bool owned_class, uint8_t severity);

/* Rows of one commit as slices of findings. One thread at a time. */
typedef struct promote_work promote_work;
promote_work *promote_work_new(void);
void promote_work_free(promote_work *w);
/* In the history's order. */
void promote_work_add(promote_work *w, const promote_row *r);
size_t promote_work_items(const promote_work *w);

typedef struct promoter promoter;
/* Starts the thread, which first does what a crash left. Errors: E_IO. */
MUST_USE err promoter_open(realm *r, promoter **ret);
/* Takes w, which stands for everything up to last_batch; waits while two commits are waiting. */
void promoter_give(promoter *p, promote_work *w, int64_t last_batch);
/* Waits until all that was given is durable. False: it is closing and something was left for later.
 */
bool promoter_drain(promoter *p);
/* Ends after the work in hand. NULL is allowed. */
void promoter_close(promoter *p);
