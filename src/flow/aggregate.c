/* aggregate.c - buckets of eight groups: a look-up reads one or two cache lines, and eviction is
 * the oldest of the eight, so no list needs keeping. */
#include "flow/aggregate.h"

#include <stdlib.h>

enum { WAYS = 8 };

typedef struct {
    uint64_t finding; /* 0: free */
    int64_t first, last;
    uint32_t repeat; /* place in the batch's list of repeats, plus 1 */
    uint32_t batch;  /* the batch for which repeat holds */
} group;

struct flow_aggregate {
    group *g;
    size_t mask; /* of buckets */
    size_t open;
    uint64_t evicted;
    uint32_t batch;
};

flow_aggregate *flow_aggregate_new(size_t groups)
{
    flow_aggregate *g = calloc(1, sizeof *g);
    size_t buckets = 1;
    while (buckets * WAYS < groups)
        buckets *= 2;
    ASSERT(g != NULL);
    g->g = calloc(buckets * WAYS, sizeof *g->g);
    ASSERT(g->g != NULL);
    g->mask = buckets - 1;
    return g;
}

void flow_aggregate_free(flow_aggregate *g)
{
    if (!g) return;
    free(g->g);
    free(g);
}

size_t flow_aggregate_open(const flow_aggregate *g)
{
    return g->open;
}
uint64_t flow_aggregate_evicted(const flow_aggregate *g)
{
    return g->evicted;
}

/* The finding's group, or the one that it takes over: free, else the longest unseen of its bucket.
 */
static group *find(flow_aggregate *g, uint64_t finding, bool *found)
{
    group *b = &g->g[(finding & g->mask) * WAYS], *oldest = b;
    for (size_t i = 0; i < WAYS; i++) {
        if (b[i].finding == finding) {
            *found = true;
            return &b[i];
        }
        if (oldest->finding && (!b[i].finding || b[i].last < oldest->last)) oldest = &b[i];
    }
    *found = false;
    return oldest;
}

static void open_group(flow_aggregate *g, group *s, uint64_t finding, int64_t first, int64_t last)
{
    if (s->finding == 0)
        g->open++;
    else
        g->evicted++;
    *s = (group){ finding, first, last, 0, 0 };
}

void flow_aggregate_seed(flow_aggregate *g, uint64_t finding, int64_t first_us, int64_t last_us)
{
    bool found;
    group *s = find(g, finding, &found);
    if (!found)
        open_group(g, s, finding, first_us, last_us);
    else if (last_us > s->last)
        s->last = last_us;
}

static bool take(
        flow_aggregate *g, uint64_t finding, int64_t t, int64_t gap, int64_t span, group **ret)
{
    bool found;
    group *s = find(g, finding, &found);
    *ret = s;
    if (!found) {
        open_group(g, s, finding, t, t);
        return true;
    }
    bool over = t - s->last > gap || (span > 0 && t - s->first >= span);
    if (over) {
        *s = (group){ finding, t, t, 0, 0 };
        return true;
    }
    if (t > s->last) s->last = t;
    return false;
}

bool flow_aggregate_take(
        flow_aggregate *g, uint64_t finding, int64_t time_us, int64_t gap_us, int64_t span_us)
{
    group *s;
    ASSERT(finding != 0);
    return gap_us <= 0 || take(g, finding, time_us, gap_us, span_us, &s);
}

static uint64_t finding_of(const flow_batch *b, size_t r)
{
    finding_key k = { .owner = (uint64_t)b->owner[r],
        .type = b->text[FT_TYPE][r],
        .identifier = b->text[FT_IDENTIFIER][r],
        .ip = flow_source_ip(b, r),
        .port = b->source_port[r] };
    if (k.identifier.n == 0) k.identifier = b->text[FT_MALWARE_NAME][r];
    if (addr_is_zero(k.ip))
        k.name = b->text[FT_SOURCE_FQDN][r].n ? b->text[FT_SOURCE_FQDN][r]
                                              : b->text[FT_SOURCE_URL][r];
    if (addr_is_zero(k.ip) && k.name.n == 0) k.name = b->text[FT_SOURCE_NETWORK][r];
    uint64_t f = fp_finding(&k).lo;
    return f ? f : 1;
}

static void repeat_add(flow_aggregate *g, flow_batch *b, group *s, int64_t t)
{
    if (s->batch != g->batch || s->repeat == 0) {
        if (b->n_repeat == b->cap_repeat) {
            b->cap_repeat = b->cap_repeat ? b->cap_repeat * 2 : 256;
            b->repeat = reallocarray(b->repeat, b->cap_repeat, sizeof *b->repeat);
            ASSERT(b->repeat != NULL);
        }
        b->repeat[b->n_repeat++] = (flow_repeat){ s->finding, 0, t, t };
        s->repeat = (uint32_t)b->n_repeat;
        s->batch = g->batch;
    }
    flow_repeat *r = &b->repeat[s->repeat - 1];
    r->count++;
    if (t < r->first) r->first = t;
    if (t > r->last) r->last = t;
}

/* A row that says nothing of where (no address, name or network) has nothing to be the same as. */
static bool has_place(const flow_batch *b, size_t r)
{
    return !addr_is_zero(flow_source_ip(b, r)) || b->text[FT_SOURCE_FQDN][r].n ||
           b->text[FT_SOURCE_URL][r].n || b->text[FT_SOURCE_NETWORK][r].n;
}

void flow_aggregate_batch(flow_aggregate *g, flow_batch *b, int64_t gap_us, int64_t span_us)
{
    size_t kept = 0;
    g->batch++;
    for (size_t r = 0; r < b->n; r++) {
        group *s;
        int64_t t = b->time_source[r];
        b->finding[r] = finding_of(b, r);
        if (gap_us > 0 && has_place(b, r) && !take(g, b->finding[r], t, gap_us, span_us, &s)) {
            repeat_add(g, b, s, t);
            continue;
        }
        flow_batch_move(b, kept++, r);
    }
    b->n = kept;
}
