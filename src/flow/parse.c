/* parse.c - the place is kept in bytes of the input, so that a run can go on at any row. */
#include "flow/parse.h"

#include <stdlib.h>

#include "engine/csv/csv.h"
#include "flow/jsonl.h"
#include "flow/shadowserver.h"

struct flow_parser {
    const flow_feed *feed;
    const struct ss_mapping *mapping;
    const flow_seal_key *seal;
    str file;
    flow_position from, at; /* where to go on; where reading stands */
    arena *life;            /* plan and reader */
    csv *csv;
    const flow_plan *plan;
    bool resume; /* the jump to `from` is still to come */
    str view;    /* what is left of the block in hand */
    size_t n_carry;
    char carry[FLOW_ROOM_BYTES];
};

flow_parser *flow_parser_new(const flow_feed *feed, const struct ss_mapping *mapping, str file,
        flow_position from, const flow_seal_key *seal)
{
    flow_parser *p = malloc(sizeof *p);
    ASSERT(p != NULL);
    memset(p, 0, offsetof(flow_parser, carry));
    p->feed = feed;
    p->mapping = mapping;
    p->seal = seal;
    p->file = file;
    p->from = from;
    p->resume = from.offset > 0;
    p->life = arena_new((size_t)64 << 20);
    return p;
}

void flow_parser_free(flow_parser *p)
{
    if (!p) return;
    arena_free(p->life);
    free(p);
}

static void block_begin(flow_parser *p, flow_block *b)
{
    char *begin = flow_block_data(b) - p->n_carry;
    if (p->n_carry) memcpy(begin, p->carry, p->n_carry);
    p->view = (str){ begin, p->n_carry + b->n };
    p->at.offset = b->offset - p->n_carry;
    p->n_carry = 0;
    b->begun = true;
}

/* What is left waits for the next block; false when it is too long to wait. */
static bool carry(flow_parser *p, flow_block *b)
{
    if (p->view.n > CSV_MAX_ROW_BYTES) return false;
    memcpy(p->carry, p->view.p, p->view.n);
    p->n_carry = p->view.n;
    b->begun = false;
    return true;
}

static void took(flow_parser *p, size_t n)
{
    p->view = str_sub(p->view, n, p->view.n);
    p->at.offset += n;
}

/* Goes to where the earlier run stopped: in this block, or by leaving it. */
static void jump(flow_parser *p)
{
    p->resume = false;
    if (p->csv) csv_resume(p->csv, p->from.row);
    size_t ahead = p->from.offset > p->at.offset ? p->from.offset - p->at.offset : 0;
    if (ahead > p->view.n) ahead = p->view.n;
    took(p, ahead);
    p->at = p->from;
}

static void plan_set(flow_parser *p, const csv_row *header)
{
    const flow_feed *f = p->feed;
    if (f->format == FEED_SHADOWSERVER) {
        p->plan = ss_plan(p->life, p->mapping, f, p->file, header->cell, header->n, header->raw);
        return;
    }
    plan_input in = { .feed = f,
        .file = p->file,
        .field = f->field,
        .n_field = f->n_field,
        .constant = f->constant,
        .n_constant = f->n_constant,
        .guess = f->guess };
    p->plan = flow_plan_make(p->life, &in, header->cell, header->n, header->raw);
}

/* The declared order stands in for a header that the file does not have. */
static void plan_without_header(flow_parser *p)
{
    str *name = NEW_ARRAY(p->life, str, p->feed->n_field + 1);
    for (size_t i = 0; i < p->feed->n_field; i++)
        name[i] = p->feed->field[i].column;
    csv_row header = { .cell = name, .n = (uint32_t)p->feed->n_field };
    plan_set(p, &header);
    if (p->resume) jump(p);
}

static void csv_begin(flow_parser *p)
{
    char sep = p->feed->separator;
    if (!sep)
        sep = p->feed->format == FEED_SHADOWSERVER ? ','
                                                   : csv_guess_separator(p->view, p->feed->comment);
    p->csv = csv_new(p->life, sep, p->feed->comment);
    if (!p->feed->header) plan_without_header(p);
}

static str kept_raw(const flow_parser *p, flow_batch *b, str raw)
{
    return p->plan && flow_plan_has_secrets(p->plan) ? flow_seal(b->a, p->seal, raw) : raw;
}

static void csv_bad(flow_parser *p, flow_batch *b, const csv_row *row, uint64_t offset)
{
    const char *why = "error.flow.row.quote";
    if (row->fault == CSV_TOO_LONG) why = "error.flow.row.long";
    if (row->fault == CSV_TOO_MANY_COLUMNS) why = "error.flow.row.columns";
    flow_reject_add(b, row->number, offset, why, (str){ 0 }, kept_raw(p, b, row->raw));
}

/* Takes one row; false: the block holds no whole one any more. */
static bool csv_take(flow_parser *p, flow_block *block, flow_batch *b)
{
    csv_row row;
    if (!p->csv) csv_begin(p);
    arena *a = p->plan ? b->a : p->life;
    csv_result r = csv_next(p->csv, a, p->view, block->last, &row);
    if (r == CSV_MORE && !carry(p, block))
        r = csv_next(p->csv, a, p->view, true, &row);
    else if (r == CSV_MORE)
        return false;
    if (r == CSV_END) {
        took(p, p->view.n);
        block->begun = false;
        return false;
    }
    uint64_t offset = p->at.offset + row.skipped;
    took(p, row.used);
    p->at.row = row.number;
    if (r == CSV_BAD) {
        csv_bad(p, b, &row, offset);
    } else if (!p->plan) {
        plan_set(p, &row);
        if (p->resume) jump(p);
    } else {
        flow_row cells = { row.cell, NULL, row.n, row.raw, row.number, offset };
        (void)flow_plan_row(p->plan, b, &cells, p->seal);
    }
    return true;
}

/* A line off the view without its end; false when it is not whole yet. */
static bool line_take(flow_parser *p, const flow_block *block, str *line, bool *too_long)
{
    const char *nl = memchr(p->view.p, '\n', p->view.n);
    size_t n = nl ? (size_t)(nl - p->view.p) : p->view.n;
    *too_long = n > CSV_MAX_ROW_BYTES;
    if (!nl && !block->last && !*too_long) return false;
    if (*too_long) n = CSV_MAX_ROW_BYTES;
    *line = str_sub(p->view, 0, n);
    took(p, n + (nl && !*too_long));
    return true;
}

static bool jsonl_take(flow_parser *p, flow_block *block, flow_batch *b)
{
    str line;
    bool too_long;
    uint64_t offset = p->at.offset;
    if (p->view.n == 0 || !line_take(p, block, &line, &too_long)) {
        bool ok = carry(p, block);
        ASSERT(ok);
        return false;
    }
    if (offset == 0 && str_starts(line, S("\xef\xbb\xbf"))) line = str_sub(line, 3, line.n);
    p->at.row++;
    line = str_trim(line);
    if (line.n == 0 || (p->feed->comment && line.p[0] == p->feed->comment)) return true;
    if (!p->plan) {
        err e = jsonl_plan(p->life, p->feed, p->file, line, &p->plan);
        ASSERT(!failed(e));
        if (p->resume) {
            jump(p);
            return true;
        }
    }
    if (too_long)
        flow_reject_add(
                b, p->at.row, offset, "error.flow.row.long", (str){ 0 }, kept_raw(p, b, line));
    else
        (void)jsonl_row(p->plan, b, line, p->at.row, offset, p->seal);
    return true;
}

bool flow_parser_fill(flow_parser *p, flow_block *block, flow_batch *b)
{
    bool more = true;
    if (!block->begun) block_begin(p, block);
    b->from = p->at;
    while (more && b->n < b->cap && b->n_reject < b->cap) {
        bool had_plan = p->plan != NULL;
        more = p->feed->format == FEED_JSONL ? jsonl_take(p, block, b) : csv_take(p, block, b);
        if (!had_plan && p->plan && b->n + b->n_reject == 0) b->from = p->at;
    }
    if (!more && block->jump) { /* what is left of the header's block was taken by an earlier run */
        p->n_carry = 0;
        p->at = p->from;
    }
    b->to = p->at;
    b->source = p->plan ? flow_plan_source(p->plan) : NULL;
    return more;
}
