/* sight.c - the rule of who sees an event, twice: in C and as SQL, side by side so that they can
 * be compared (test/unit/events/sight_test.c does). Owns nothing; any thread. */
#include "events/sight.h"

str label_name(int label)
{
    static const str names[] = { { "CLEAR", 5 }, { "GREEN", 5 }, { "AMBER", 5 },
        { "AMBER+STRICT", 12 }, { "RED", 3 } };
    ASSERT(label >= 0 && label < (int)ARRAY_LEN(names));
    return names[label];
}

bool sight_over(const sight *s, instant now)
{
    return s->lists_until.us && s->lists_until.us <= now.us;
}

static bool sees_audience(const sight *s, int64_t audience)
{
    size_t from = 0, to = s->n_audiences;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (s->audiences[mid] == audience) return true;
        if (s->audiences[mid] < audience)
            from = mid + 1;
        else
            to = mid;
    }
    return false;
}

bool sight_sees(const sight *s, int64_t audience, int64_t owner, int64_t author)
{
    ASSERT(s != NULL);
    int label = AUDIENCE_LABEL(audience);
    if (s->nothing) return false;
    if (label == LABEL_CLEAR) return true;
    if (label == LABEL_GREEN && (s->community || SEEDED(ledger_green_to_all))) return true;
    if (sees_audience(s, audience)) return true;
    bool of_org = s->org != 0 && owner == s->org;
    bool of_provider = s->provider != 0 && owner == s->provider;
    if (of_org && (label == LABEL_AMBER || label == LABEL_STRICT)) return true;
    if (of_provider && label == LABEL_AMBER) return true;
    if (SEEDED(ledger_red_as_org) && of_org && label == LABEL_RED) return true;
    return label == LABEL_RED && s->person != 0 && author == s->person;
}

static void numbers_put(buf *b, const int64_t *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0) buf_byte(b, ',');
        buf_i64(b, v[i]);
    }
}

/* A long list goes in as one value: planned in a fraction of the time that its parts would take.
 */
static void audience_list(buf *b, const sight *s)
{
    bool is_long = s->n_audiences > 16;
    buf_put(b, is_long ? S(" OR e.audience IN (SELECT unnest(CAST('[") : S(" OR e.audience IN ("));
    numbers_put(b, s->audiences, s->n_audiences);
    buf_put(b, is_long ? S("]' AS BIGINT[])))") : S(")"));
}

/* CASE, not AND: the planner would multiply an AND out over the whole clause. */
static void owner_case(buf *b, const char *column, int64_t row, const char *labels)
{
    buf_fmt(b, " OR CASE WHEN e.%s = %lld THEN (e.audience & 7) IN (%s) ELSE FALSE END", column,
            (long long)row, labels);
}

void sight_clause(buf *b, const sight *s)
{
    ASSERT(b != NULL && s != NULL);
#ifdef MINAR_FAULTS
    if (s->everything) {
        buf_put(b, S("(TRUE)"));
        return;
    }
#endif
    if (s->nothing) {
        buf_put(b, S("(FALSE)"));
        return;
    }
    buf_put(b, S("((e.audience & 7) = 0"));
    if (SEEDED(event_owner_ignored)) buf_put(b, S(" OR (e.audience & 7) = 2"));
    if (s->community) buf_put(b, S(" OR (e.audience & 7) = 1"));
    if (s->n_audiences > 0) audience_list(b, s);
    if (s->org != 0) owner_case(b, "owner", s->org, "2, 3");
    if (s->provider != 0)
        owner_case(b, "owner", s->provider, SEEDED(event_strict_as_amber) ? "2, 3" : "2");
    if (s->person != 0) owner_case(b, "author", s->person, "4");
    buf_byte(b, ')');
}
