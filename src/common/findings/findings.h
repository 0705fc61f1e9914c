/* findings.h - findings: "this organisation has this problem", made of events. The only bridge from
 * events to records. Owns the moves of table finding that no person makes: opened, seen again, put
 * into a notice, taken out of it. Writer thread, within apply. Called by flow's promote and WATCH.
 */
#pragma once
#include "access/realm.h"
#include "base/base.h"

struct txn;

enum { FINDING_DEDUP_BYTES = 16 };

/* Severity of findings and notices, as numbers that compare. */
typedef enum {
    SEVERITY_UNKNOWN,
    SEVERITY_INFO,
    SEVERITY_LOW,
    SEVERITY_MEDIUM,
    SEVERITY_HIGH,
    SEVERITY_CRITICAL,
    SEVERITIES
} severity_level;
/* "unknown", "info", ... "critical"; numbers beyond are clamped. */
str severity_name(int64_t s);
/* The same as words in a language are T(l, severity_key(s)). */
const char *severity_key(int64_t s);

/* One finding of a batch: what several equal events say together. Slices are borrowed. */
typedef struct promote_item {
    int64_t owner; /* row of the organisation; 0: nobody's, kept by the site itself */
    int64_t feed;  /* row */
    str taxonomy, type, identifier;
    int64_t severity;                   /* severity_level */
    str ip, fqdn;                       /* empty: none */
    int64_t port, asn;                  /* -1 and 0: none */
    str detail;                         /* JSON object, short; empty: {} */
    uint8_t dedup[FINDING_DEDUP_BYTES]; /* owner, type, identifier, address, port: fp_finding */
    instant first_seen, last_seen;
    int64_t count;           /* events in this item, at least 1 */
    str why_kind, why_value; /* why this owner: network|asn|domain|country|none, and what matched */
    int64_t indicator;       /* row of the matched indicator, 0 none */
    id128 event;             /* the event that opens it */
} promote_item;

/* Makes findings of items, or counts them into those that are there. Idempotent by dedup as far as
 * records go; the caller keeps its input position in the same transaction, so that counts are too.
 *   new                                  -> inserted, ledger finding.opened
 *   seen again                           -> seen, first and last seen, the highest severity; no
 * ledger entry: a repeat is nobody's act, and a flood of repeats must cost neither entries nor a
 * kept version each. The version rises; the one that the ledger speaks of is kept, so that
 * verification still finds it. fixed or closed, seen after that     -> open again without a notice,
 * ledger finding.seen not_mine, false_positive             -> the answer stands; counted as above
 * Cost on SQLite: about 0.1 ms a new finding; 256 items are a good slice. */
MUST_USE err finding_promote(struct txn *t, const realm *r, const promote_item *items, size_t n);

/* Says of a finding that this notice tells its owner (row of the notice). No entry of its own: the
 * notice's names it. */
MUST_USE err finding_put_on_notice(struct txn *t, int64_t finding, int64_t notice);
/* Takes all findings off a notice. */
MUST_USE err finding_release_notice(struct txn *t, int64_t notice);
