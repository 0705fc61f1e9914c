/* retention.h - how long things are kept: rules (data/retention.json) that an administrator may
 * change, what would go by one, and the work that lets it go, in slices. A legal hold (hold.h) wins
 * over all of it. Owns table retention_rule. Office's routes and keeper, and main, which gives the
 * job's kind to the realm's runner. */
#pragma once
#include "access/realm.h"
#include "common/job/runner.h"

struct txn;
struct conf;

typedef struct {
    const char *name;
    const char *setting; /* of minar.yaml, which says the days; NULL: the rule itself does */
    const char *basis;   /* law|technical */
    const char *kinds;   /* of records that go, parted by blanks */
    int64_t days;        /* as shipped; 0: for ever */
} retention_rule;
extern const retention_rule retention_rules[];
extern const size_t retention_rules_n;
const retention_rule *retention_find(str name); /* NULL: there is none */

/* A rule as it stands here. */
typedef struct {
    int64_t days; /* 0: for ever */
    bool changed; /* by an administrator */
    int64_t set_by;
    instant set_at, ran; /* {0}: never */
    int64_t gone;        /* the last time that something went */
} retention_state;
MUST_USE err retention_read(
        struct txn *t, const struct conf *c, const retention_rule *r, retention_state *ret);
/* days 0: for ever. Writing. The ledger's entry is v's. */
MUST_USE err retention_set(
        struct txn *t, const realm *rl, const retention_rule *r, int64_t person, int64_t days);

/* What would go that is older than before. Looks at most at so many things: whole is false when
 * there are more. */
typedef struct {
    int64_t due, held;
    instant oldest;
    bool whole;
} retention_effect;
MUST_USE err retention_look(struct txn *t, const realm *rl, const retention_rule *r, instant before,
        retention_effect *ret);

/* What is older than this goes by a rule of so many days (0: as the rule stands); {0}: nothing. */
MUST_USE err retention_before(
        struct txn *t, const struct conf *c, const retention_rule *r, int64_t days, instant *ret);
/* Would anything go by any rule but those that settings say? */
MUST_USE err retention_wanted(struct txn *t, const realm *rl, const struct conf *c, bool *ret);
/* Asks for a run of those rules, as a job of person's (0: the machine). Writing. E_CONFLICT: one
 * is under way. */
MUST_USE err retention_ask(struct txn *t, const struct conf *c, int64_t person, id128 *ret_id);
extern const job_kind retention_job;

/* ---- what time does ---- */
/* Once a day by the realm's clock: any thread; writes by the store's writer. */
MUST_USE err retention_turn(const realm *rl, const struct conf *c);
