/* rows.h - what the flow's tests share: a run over text in memory that keeps a line for each event,
 * reject and repeat, and a small country. Tests only. */
#pragma once
#include "unit/unit.h"

#include "flow/pipeline.h"
#include "flow/shadowserver.h"

typedef struct {
    arena *a;
    buf out;            /* a line each: "row key=value ..." */
    flow_position *end; /* of every batch */
    size_t n_end, batches, rows, rejects, repeats;
    size_t fail_at; /* the sink fails at this batch, 1-based; 0: never */
    bool quarantined;
} rows_log;

static inline void rows_event(rows_log *l, const flow_batch *b, size_t r)
{
    char ip[ADDR_TEXT_MAX];
    addr a = flow_source_ip(b, r);
    size_t n = addr_is_zero(a) ? 0 : addr_put(ip, a);
    buf_fmt(&l->out,
            "%ld ip=%.*s port=%u asn=%u t=%ld type=%.*s id=%.*s own=%ld/%u m=%.*s p=%u x=%.*s\n",
            (long)b->row[r], (int)n, ip, b->source_port[r], b->source_asn[r],
            (long)(b->time_source[r] / 1000000), STR_ARG(b->text[FT_TYPE][r]),
            STR_ARG(b->text[FT_IDENTIFIER][r]), (long)b->owner[r], b->owner_why[r],
            STR_ARG(b->matched[r]), b->promote[r], STR_ARG(b->extra_json[r]));
}

static inline err rows_sink(void *ctx, const flow_batch *b)
{
    rows_log *l = ctx;
    l->batches++;
    if (l->fail_at == l->batches) return ERR(E_IO, "error.flow.read");
    for (size_t r = 0; r < b->n; r++)
        rows_event(l, b, r);
    for (size_t i = 0; i < b->n_reject; i++)
        buf_fmt(&l->out, "%ld ! %s %.*s [%.*s]\n", (long)b->reject[i].row, b->reject[i].reason,
                STR_ARG(b->reject[i].column), STR_ARG(b->reject[i].raw));
    l->rows += b->n;
    l->rejects += b->n_reject;
    for (size_t i = 0; i < b->n_repeat; i++)
        l->repeats += b->repeat[i].count;
    if (b->source) l->quarantined = b->source->quarantined;
    if (l->end) l->end[l->n_end++] = b->to;
    return OK;
}

static const flow_seal_key rows_key = { { 7 } };

/* A country of three organisations: 1 the national CERT, 2 a bank, 3 a telecom. */
static inline flow_snapshot_slot *rows_country(void)
{
    static const owner_org org[] = { { 101, { { 1 } } }, { 102, { { 2 } } }, { 103, { { 3 } } } };
    owner_network net[3];
    cidr c;
    assert_true(cidr_parse(S("198.18.0.0/15"), true, &c));
    net[0] = (owner_network){ c, { 0, 0, 2 } };
    assert_true(cidr_parse(S("198.18.7.0/24"), true, &c));
    net[1] = (owner_network){ c, { 0, 0, 1 } };
    assert_true(cidr_parse(S("2001:db8::/32"), true, &c));
    net[2] = (owner_network){ c, { 0, 0, 1 } };
    const owner_asn asn[] = { { 64500, { 0, 0, 2 } } };
    const owner_domain domain[] = { { S("bank.example"), { 0, 0, 1 } } };
    const owner_country country[] = { { { 'P', 'K' }, { 0, 0, 0 } } };
    const flow_indicator ind[] = { { MATCH_IP, S("198.18.7.9"), 9001 },
        { MATCH_DOMAIN_TREE, S("evil.example"), 9002 } };
    snapshot_input in = { .owners = { org, 3, net, 3, asn, 1, domain, 1, country, 1 },
        .indicator = ind,
        .n_indicator = 2 };
    flow_snapshot *s;
    assert_ok(flow_snapshot_make(&in, &s));
    return flow_snapshot_slot_new(s);
}

static inline err rows_run(rows_log *l, const flow_feed *feed, const ss_mapping *m, str file,
        str text, flow_position from, flow_aggregate *groups, flow_run_result *ret)
{
    flow_snapshot_slot *t = rows_country();
    flow_run_input in = { .feed = feed,
        .mapping = m,
        .file = file,
        .input = flow_input_memory(&text),
        .from = from,
        .snapshots = t,
        .groups = groups,
        .seal = &rows_key,
        .now = { 1 },
        .sink = rows_sink,
        .sink_ctx = l };
    if (!l->out.a) l->out = buf_new(l->a, 4096);
    err e = flow_run(&in, ret);
    flow_snapshot_slot_free(t);
    return e;
}

static inline const flow_feed *rows_feed(arena *a, const char *yaml)
{
    const flow_feed *f;
    assert_ok(flow_feed_read(a, str_of(yaml), S("feed.yaml"), &f));
    return f;
}
