/* write.c - a batch's columns go to the history as they are; only audience, feed and what the owner
 * was found by are added. Nothing is kept of a batch after writer_take. */
#include "flow/write.h"

#include <stdlib.h>

#include "base/json.h"
#include "events/history.h"

/* What fills a row group is packed at once; the rest waits in memory and in the engine's log. */
enum { COMMIT_ROWS = HISTORY_GROUP_ROWS };
#define COMMIT_US (3 * US_PER_S)
#define OWNER_KEY "owner.text"

struct flow_writer {
    write_input in;
    history_txn *t;     /* NULL: none open */
    promote_work *work; /* of the open transaction */
    instant now;
    size_t rows;
    int64_t begun_us, last_batch;
    intake_counts c; /* with what is not committed yet */
    flow_position at;
    arena *a; /* of the mark; emptied with each commit */
    /* scratch columns, FLOW_BATCH_ROWS each */
    int64_t *audience;
    uint32_t *feed;
    str *taxonomy, *extra;
};

static void *scratch(size_t size)
{
    void *p = calloc(FLOW_BATCH_ROWS, size);
    ASSERT(p != NULL);
    return p;
}

flow_writer *writer_new(const write_input *in)
{
    flow_writer *w = calloc(1, sizeof *w);
    ASSERT(w != NULL);
    w->in = *in;
    w->c = in->run->c;
    w->at = in->run->at;
    w->a = arena_new((size_t)16 << 20);
    w->audience = scratch(sizeof *w->audience);
    w->feed = scratch(sizeof *w->feed);
    w->taxonomy = scratch(sizeof *w->taxonomy);
    w->extra = scratch(sizeof *w->extra);
    return w;
}

void writer_free(flow_writer *w)
{
    if (!w) return;
    history_drop(w->t);
    promote_work_free(w->work);
    free(w->audience);
    free(w->feed);
    free(w->taxonomy);
    free(w->extra);
    arena_free(w->a);
    free(w);
}

/* ---- columns ---- */

/* The owner's text (a range, AS number, name or country: plain characters) joins the other extras.
 */
static str extra_with(arena *a, str owner, str extra)
{
    str rest = extra.n > 2 ? str_sub(extra, 1, extra.n) : S("}");
    size_t n = sizeof "{\"" OWNER_KEY "\":\"" - 1 + owner.n + 2 + rest.n;
    char *p = arena_alloc(a, n), *q = p;
    memcpy(q, "{\"" OWNER_KEY "\":\"", sizeof "{\"" OWNER_KEY "\":\"" - 1);
    q += sizeof "{\"" OWNER_KEY "\":\"" - 1;
    memcpy(q, owner.p, owner.n);
    q += owner.n;
    *q++ = '"';
    if (rest.n > 1) *q++ = ',';
    memcpy(q, rest.p, rest.n);
    return (str){ p, (size_t)(q - p) + rest.n };
}

str flow_owner_text(arena *a, str extra)
{
    const json *j;
    if (str_find(extra, S(OWNER_KEY)) < 0) return (str){ 0 };
    if (failed(json_parse(a, extra, NULL, &j))) return (str){ 0 };
    return json_get_text(j, S(OWNER_KEY));
}

static void columns_fill(flow_writer *w, const flow_batch *b)
{
    for (size_t r = 0; r < b->n; r++) {
        bool owned = b->owner[r] != 0;
        w->audience[r] = owned ? w->in.audience_owned : w->in.feed.audience;
        w->feed[r] = (uint32_t)w->in.feed.row;
        w->taxonomy[r] =
                b->class_id[r] ? flow_classes[b->class_id[r]].taxonomy : b->text[FT_TAXONOMY][r];
        w->extra[r] = b->extra_json[r];
        if (owned && b->owner_text[r].n)
            w->extra[r] = extra_with(b->a, b->owner_text[r], b->extra_json[r]);
        if (w->extra[r].n > HISTORY_VALUE_MAX)
            w->extra[r] = S("{\"cut\":true}"); /* the raw row is whole */
    }
}

/* Rows of a batch, from and how many. A batch may be cut where a commit is full. */
typedef struct {
    size_t from, n;
} part;

static event_batch columns_of(const flow_writer *w, const flow_batch *b, part p)
{
    str *const *t = b->text;
#define TEXT(column) t[column] + p.from
    return (event_batch){ .n = p.n,
        .time_source = b->time_source + p.from,
        .feed = w->feed + p.from,
        .owner = b->owner + p.from,
        .owner_why = b->owner_why + p.from,
        .audience = w->audience + p.from,
        .taxonomy = w->taxonomy + p.from,
        .type = TEXT(FT_TYPE),
        .identifier = TEXT(FT_IDENTIFIER),
        .severity = b->severity + p.from,
        .source_ip_hi = b->source_ip_hi + p.from,
        .source_ip_lo = b->source_ip_lo + p.from,
        .source_port = b->source_port + p.from,
        .source_asn = b->source_asn + p.from,
        .source_cc = TEXT(FT_SOURCE_CC),
        .source_network = TEXT(FT_SOURCE_NETWORK),
        .source_fqdn = TEXT(FT_SOURCE_FQDN),
        .source_reverse_dns = TEXT(FT_SOURCE_REVERSE_DNS),
        .source_url = TEXT(FT_SOURCE_URL),
        .destination_ip_hi = b->destination_ip_hi + p.from,
        .destination_ip_lo = b->destination_ip_lo + p.from,
        .destination_port = b->destination_port + p.from,
        .destination_asn = b->destination_asn + p.from,
        .destination_cc = TEXT(FT_DESTINATION_CC),
        .destination_fqdn = TEXT(FT_DESTINATION_FQDN),
        .protocol_transport = TEXT(FT_PROTOCOL_TRANSPORT),
        .protocol_application = TEXT(FT_PROTOCOL_APPLICATION),
        .malware_name = TEXT(FT_MALWARE_NAME),
        .malware_hash = b->malware_hash + p.from,
        .product_vulnerabilities = TEXT(FT_PRODUCT_VULNERABILITIES),
        .status = TEXT(FT_STATUS),
        .tlp = TEXT(FT_TLP),
        .matched = b->matched + p.from,
        .count = b->count + p.from,
        .finding = b->finding + p.from,
        .extra = w->extra + p.from,
        .raw = b->raw + p.from };
#undef TEXT
}

/* ---- rejects ---- */

/* Those between two rows of the file. */
static reject *rejects_of(const flow_batch *b, int64_t from_row, int64_t to_row, size_t *n)
{
    reject *out = NEW_ARRAY(b->a, reject, b->n_reject + 1);
    *n = 0;
    for (size_t i = 0; i < b->n_reject; i++) {
        const flow_reject *r = &b->reject[i];
        if (r->row < from_row || r->row >= to_row) continue;
        str column = str_is_utf8(r->column) ? r->column : (str){ 0 };
        out[(*n)++] = (reject){ .row_no = r->row,
            .reason = str_of(r->reason),
            .place = str_sub(column, 0, 200),
            .raw = str_sub(r->raw, 0, HISTORY_VALUE_MAX) };
    }
    return out;
}

/* ---- findings ---- */

/* no: the row's place within the history's batch. */
static void row_promote(flow_writer *w, const flow_batch *b, size_t r, int64_t no)
{
    int64_t batch = w->last_batch;
    str *const *t = b->text;
    int64_t indicator = 0;
    if (b->hits[r].n)
        indicator = flow_snapshot_indicator_row(b->snapshot, b->hit[b->hits[r].from].id);
    promote_row p = { .batch = batch,
        .row_no = no,
        .event = history_id(w->in.f->r->history, batch, no),
        .owner = b->owner[r],
        .feed = w->in.feed.row,
        .indicator = indicator,
        .taxonomy = w->taxonomy[r],
        .type = t[FT_TYPE][r],
        .identifier = t[FT_IDENTIFIER][r],
        .severity = b->severity[r],
        .owner_why = b->owner_why[r],
        .ip = flow_source_ip(b, r),
        .destination_ip = flow_destination_ip(b, r),
        .port = b->source_port[r],
        .destination_port = b->destination_port[r],
        .asn = b->source_asn[r],
        .count = b->count[r],
        .fqdn = t[FT_SOURCE_FQDN][r],
        .url = t[FT_SOURCE_URL][r],
        .network = t[FT_SOURCE_NETWORK][r],
        .reverse_dns = t[FT_SOURCE_REVERSE_DNS][r],
        .malware = t[FT_MALWARE_NAME][r],
        .application = t[FT_PROTOCOL_APPLICATION][r],
        .vulnerabilities = t[FT_PRODUCT_VULNERABILITIES][r],
        .owner_text = b->owner_text[r],
        .time_us = b->time_source[r] ? b->time_source[r] : w->now.us };
    promote_work_add(w->work, &p);
}

static void part_promote(flow_writer *w, const flow_batch *b, part p)
{
    for (size_t r = p.from; r < p.from + p.n; r++) {
        bool owned = b->promote[r] & PROMOTE_OWNED;
        if (!promote_wanted(b->hits[r].n > 0, owned, b->severity[r])) continue;
        row_promote(w, b, r, (int64_t)(r - p.from) + 1);
        w->c.promoted++;
    }
}

/* ---- commits ---- */

static err txn_open(flow_writer *w)
{
    w->now = clock_now(&w->in.f->r->clock);
    TRY(history_begin(w->in.f->r->history, w->now, &w->t));
    w->work = promote_work_new();
    w->rows = 0;
    w->begun_us = monotonic_us();
    return OK;
}

/* Where the input stands before row r of b, or behind its last. */
static flow_position place_of(const flow_batch *b, size_t r)
{
    return r == 0 ? b->from : r < b->n ? (flow_position){ b->offset[r], b->row[r] - 1 } : b->to;
}

static err part_append(flow_writer *w, const flow_batch *b, part p, size_t *n_rejects)
{
    intake_run *run = w->in.run;
    flow_position from = place_of(b, p.from), to = place_of(b, p.from + p.n);
    int64_t end = p.from + p.n == b->n ? INT64_MAX : to.row + 1, begin = p.from ? from.row + 1 : 0;
    batch_head head = { .feed = (uint32_t)w->in.feed.row,
        .file = run->file_name,
        .file_hash = run->hash_hex,
        .input = str_of(run->input),
        .place = (int64_t)from.offset,
        .header = b->source ? str_sub(b->source->header, 0, HISTORY_VALUE_MAX) : (str){ 0 } };
    event_batch rows = columns_of(w, b, p);
    reject *bad = rejects_of(b, begin, end, n_rejects);
    if (!w->t) TRY(txn_open(w));
    if (rows.n == 0 && *n_rejects == 0) return OK;
    TRY(history_append(w->t, &head, &rows, bad, *n_rejects, &w->last_batch));
    part_promote(w, b, p);
    return OK;
}

static err part_take(flow_writer *w, const flow_batch *b, part p)
{
    size_t n_rejects;
    TRY(part_append(w, b, p, &n_rejects));
    intake_count(&w->c, b, p.from, p.n, (int64_t)n_rejects);
    w->at = place_of(b, p.from + p.n);
    w->rows += p.n;
    bool full = w->in.careful || w->rows >= COMMIT_ROWS || monotonic_us() - w->begun_us > COMMIT_US;
    w->in.careful = false;
    return full ? writer_flush(w) : OK;
}

err writer_take(void *ctx, const flow_batch *b)
{
    flow_writer *w = ctx;
    ASSERT(b->n <= FLOW_BATCH_ROWS);
    columns_fill(w, b);
    intake_note_batch(w->in.run, b);
    part p = { 0 };
    do {
        size_t room = w->t ? COMMIT_ROWS - w->rows : COMMIT_ROWS;
        p.n = b->n - p.from < room ? b->n - p.from : room;
        TRY(part_take(w, b, p));
        p.from += p.n;
    } while (p.from < b->n);
    return OK;
}

err writer_flush(flow_writer *w)
{
    intake_run *run = w->in.run;
    if (!w->t) return OK;
    history_txn *t = w->t;
    arena_reset(w->a);
    input_position p = { .input = str_of(run->input),
        .place = (int64_t)w->at.offset,
        .mark = intake_mark(w->a, &w->c, w->at.row) };
    w->t = NULL;
    TRY(history_commit(t, &p, 1));
    run->c = w->c;
    run->at = w->at;
    if (w->last_batch)
        promoter_give(w->in.f->promoter, w->work, w->last_batch);
    else
        promote_work_free(w->work);
    w->work = NULL;
    intake_tell(w->in.f, run);
    return OK;
}
