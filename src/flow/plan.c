/* plan.c - ops in the mapping's order, then constants, then what no op took. An op that fails
 * leaves its cell to extra; a required one rejects the row, which is kept with the reason. */
#include "flow/plan.h"

#include "base/json.h"

enum { NO_COLUMN = 0xffff };

typedef struct {
    const flow_name *name; /* the key's, or extra.NAME */
    uint16_t column;
    uint8_t key, conv;
    bool required, ignore, sealed, wants_row;
} plan_op;

typedef struct {
    uint8_t text;
    str value;
} template_text;

struct flow_plan {
    flow_source_info source;
    plan_op *op;
    size_t n_op, n_column;
    const str *column;     /* names */
    const flow_name *left; /* extra.NAME of each column */
    bool *sealed;          /* columns with a secret */
    bool has_secrets;
    uint16_t row_column[ROW_COLUMNS];
    template_text *constant; /* constants, checked when the plan was made */
    size_t n_constant;
    flow_extra *extra;
    size_t n_extra;
    uint8_t class_id, severity;
};

typedef struct {
    arena *a;
    const plan_input *in;
    flow_plan *p;
    bool *taken; /* columns that a field names */
} maker;

static uint16_t find_column(const flow_plan *p, str name)
{
    for (size_t i = p->n_column;
            i-- > 0;) /* of two with one name the last, as csv readers by name do */
        if (str_eq(p->column[i], name)) return (uint16_t)i;
    return NO_COLUMN;
}

static void drift_add(maker *m, str column, drift_kind kind)
{
    flow_source_info *s = &m->p->source;
    for (size_t i = 0; i < s->n_drift; i++)
        if (s->drift[i].kind == kind && str_eq(s->drift[i].column, column)) return;
    s->drift[s->n_drift++] = (flow_drift){ column, kind };
}

/* "extra.NAME"; a name that says so already stays. */
static str extra_key(arena *a, str column)
{
    return str_starts(column, S("extra.")) && column.n > 6 ? column
                                                           : str_cat(a, S("extra."), column);
}

static const flow_name *name_new(arena *a, str key)
{
    flow_name *n = NEW(a, flow_name);
    *n = flow_name_make(a, key);
    return n;
}

static str field_name(maker *m, const feed_field *f)
{
    if (f->key != FLOW_NO_KEY) return flow_keys[f->key].name;
    return f->extra.n ? f->extra : extra_key(m->a, f->column);
}

static bool column_secret(const maker *m, str column)
{
    for (size_t i = 0; i < m->in->feed->n_sealed; i++)
        if (str_eq(m->in->feed->sealed[i], column)) return true;
    return feed_column_is_secret(column);
}

static void op_add(maker *m, const feed_field *f)
{
    uint16_t c = find_column(m->p, f->column);
    if (c == NO_COLUMN)
        drift_add(m, f->column, f->required ? DRIFT_MISSING_REQUIRED : DRIFT_MISSING);
    if (c == NO_COLUMN && !f->required) return;
    plan_op op = { name_new(m->a, field_name(m, f)), c, (uint8_t)f->key, (uint8_t)f->conv,
        f->required, f->ignore };
    op.wants_row = conv_wants_row(f->conv);
    op.sealed = column_secret(m, f->column);
    m->p->op[m->p->n_op++] = op;
    if (c != NO_COLUMN) m->taken[c] = true;
}

/* Columns that no field names: guessed when the feed allows it and the key is free, else new. */
static void guess_rest(maker *m)
{
    bool used[FLOW_KEYS] = { false };
    for (size_t i = 0; i < m->p->n_op; i++)
        used[m->p->op[i].key] = true;
    for (size_t i = 0; i < m->p->n_column; i++) {
        if (m->taken[i]) continue;
        str name = m->p->column[i];
        if (find_column(m->p, name) != i) {
            drift_add(m, name, DRIFT_TWICE);
            continue;
        }
        flow_key key = m->in->guess && !column_secret(m, name) ? flow_key_guess(name) : FLOW_NO_KEY;
        if (m->in->n_field > 0 && !m->in->by_name) drift_add(m, name, DRIFT_NEW);
        if (key == FLOW_NO_KEY || used[key]) continue;
        used[key] = true;
        feed_field f = { .column = name, .key = key };
        op_add(m, &f);
    }
}

static void columns_set(maker *m, const str *header, size_t n)
{
    flow_plan *p = m->p;
    str *names = NEW_ARRAY(m->a, str, n + 1);
    flow_name *left = NEW_ARRAY(m->a, flow_name, n + 1);
    p->sealed = NEW_ARRAY(m->a, bool, n + 1);
    for (size_t i = 0; i < n; i++) {
        names[i] = str_copy(m->a, str_trim(header[i]));
        if (names[i].n == 0) names[i] = str_fmt(m->a, "column_%zu", i + 1);
        left[i] = flow_name_make(m->a, extra_key(m->a, names[i]));
        p->sealed[i] = column_secret(m, names[i]);
        p->has_secrets |= p->sealed[i];
    }
    p->column = names;
    p->left = left;
    p->n_column = n;
    for (size_t i = 0; i < ROW_COLUMNS; i++)
        p->row_column[i] = find_column(p, str_of(conv_column_names[i]));
    for (size_t i = 0; i < n; i++) { /* a name met before gets its place behind it */
        if (find_column(p, names[i]) == i) continue;
        left[i] = flow_name_make(m->a, str_fmt(m->a, "extra.%.*s_%zu", STR_ARG(names[i]), i + 1));
    }
}

/* Runs the constants once in a batch of one row; what that leaves is copied into each row. */
static void constants_set(maker *m)
{
    flow_plan *p = m->p;
    flow_batch *b = flow_batch_new(1);
    flow_batch_row_clear(b, 0);
    for (size_t i = 0; i < m->in->n_constant; i++) {
        const feed_constant *c = &m->in->constant[i];
        flow_value v = { .text = c->value, .kind = VALUE_TEXT };
        const flow_name *name = name_new(m->a, c->name);
        if (c->key == FLOW_NO_KEY || flow_set(b, 0, c->key, name, &v) == SET_INVALID)
            flow_set_extra(b, name, &v);
    }
    p->constant = NEW_ARRAY(m->a, template_text, FLOW_TEXTS);
    for (size_t t = 0; t < FLOW_TEXTS; t++)
        if (b->text[t][0].n)
            p->constant[p->n_constant++] =
                    (template_text){ (uint8_t)t, str_copy(m->a, b->text[t][0]) };
    p->extra = NEW_ARRAY(m->a, flow_extra, b->n_extra + 1);
    for (size_t i = 0; i < b->n_extra; i++) {
        p->extra[i] = b->extra[i];
        p->extra[i].value = str_copy(m->a, b->extra[i].value);
    }
    p->n_extra = b->n_extra;
    p->class_id = b->class_id[0];
    p->severity = b->severity[0];
    flow_batch_free(b);
}

const flow_plan *flow_plan_make(
        arena *a, const plan_input *in, const str *header, size_t n, str header_raw)
{
    maker m = { a, in, NEW(a, flow_plan), NEW_ARRAY(a, bool, n + 1) };
    ASSERT(n < NO_COLUMN);
    flow_source_info *s = &m.p->source;
    s->feed = in->feed;
    s->file = in->file;
    s->report_type = in->report_type;
    s->feed_name = in->feed_name.n ? in->feed_name : in->feed->name;
    s->header = str_copy(a, header_raw);
    s->quarantined = in->quarantined;
    s->drift = NEW_ARRAY(a, flow_drift, in->n_field + n + 1);
    m.p->op = NEW_ARRAY(a, plan_op, in->n_field + n + 1);
    columns_set(&m, header, n);
    for (size_t i = 0; i < in->n_field; i++)
        op_add(&m, &in->field[i]);
    guess_rest(&m);
    constants_set(&m);
    return m.p;
}

const flow_source_info *flow_plan_source(const flow_plan *p)
{
    return &p->source;
}
bool flow_plan_has_secrets(const flow_plan *p)
{
    return p->has_secrets;
}
size_t flow_plan_columns(const flow_plan *p)
{
    return p->n_column;
}

int flow_plan_column(const flow_plan *p, str name, size_t hint)
{
    if (hint < p->n_column && str_eq(p->column[hint], name)) return (int)hint;
    uint16_t c = find_column(p, name);
    return c == NO_COLUMN ? -1 : c;
}

void flow_row_reject(flow_batch *b, const flow_row *r, const char *reason, str column)
{
    b->n_extra = b->extras[b->n].from;
    flow_reject_add(b, r->number, r->offset, reason, column, r->raw);
}

void flow_row_unknown(
        flow_batch *b, str column, str value, value_kind kind, const flow_seal_key *seal)
{
    const flow_name *name = name_new(b->a, extra_key(b->a, column));
    flow_value v = { .text = value, .kind = (uint8_t)kind };
    if (feed_column_is_secret(column))
        v = (flow_value){ .text = flow_seal(b->a, seal, value), .kind = VALUE_TEXT };
    if (v.kind == VALUE_BOOL) v.i = str_eq(value, S("true"));
    if (value.n > 0) flow_set_extra(b, name, &v);
}

/* The row with markers in place of secrets; the cells it is written from are no longer the input's.
 */
static str csv_redacted(const flow_plan *p, arena *a, const flow_row *r, const flow_seal_key *seal)
{
    buf b = buf_new(a, r->raw.n + 64);
    for (uint32_t i = 0; i < r->n; i++) {
        bool secret = i < p->n_column && p->sealed[i];
        str s = secret ? flow_seal(a, seal, r->cell[i]) : r->cell[i];
        buf_put(&b, i ? S(",\"") : S("\""));
        for (size_t k = 0; k < s.n; k++) {
            if (s.p[k] == '"') buf_byte(&b, '"');
            buf_byte(&b, s.p[k]);
        }
        buf_byte(&b, '"');
    }
    return buf_str(&b);
}

static bool row_has_secret(const flow_plan *p, const flow_row *r)
{
    if (!p->has_secrets || r->kind) return false; /* JSON rows arrive redacted */
    for (uint32_t i = 0; i < r->n && i < p->n_column; i++)
        if (p->sealed[i] && r->cell[i].n) return true;
    return false;
}

static flow_value cell_value(const flow_row *r, const plan_op *op)
{
    flow_value v = { .text = r->cell[op->column], .kind = VALUE_TEXT };
    if (!r->kind || r->kind[op->column] == VALUE_NONE) return v;
    v.kind = r->kind[op->column];
    if (v.kind == VALUE_BOOL) v.i = str_eq(v.text, S("true"));
    return v;
}

static void conv_row_fill(const flow_plan *p, const flow_row *r, conv_row *out)
{
    for (size_t i = 0; i < ROW_COLUMNS; i++) {
        uint16_t c = p->row_column[i];
        out->has[i] = c != NO_COLUMN;
        out->cell[i] = c < r->n ? r->cell[c] : (str){ 0 };
    }
}

static flow_value op_value(const flow_plan *p, flow_batch *b, const plan_op *op, const flow_row *r,
        const flow_seal_key *seal)
{
    flow_value v = cell_value(r, op);
    if (op->sealed)
        return (flow_value){ .text = flow_seal(b->a, seal, v.text), .kind = VALUE_TEXT };
    if (op->conv == CONV_NONE) return v;
    if (!op->wants_row) return conv_run(op->conv, b->a, v.text, NULL);
    conv_row row;
    conv_row_fill(p, r, &row);
    return conv_run(op->conv, b->a, v.text, &row);
}

static set_result op_set(flow_batch *b, const plan_op *op, const flow_value *v)
{
    if (v->kind == VALUE_WRONG) return SET_INVALID;
    if (v->kind == VALUE_NONE || op->ignore) return SET_IGNORED;
    if (op->key != FLOW_NO_KEY) return flow_set(b, b->n, op->key, op->name, v);
    if (v->kind == VALUE_TEXT && v->text.n == 0) return SET_IGNORED;
    flow_set_extra(b, op->name, v);
    return SET_OK;
}

/* Why a required value is not there, or NULL when its absence is allowed: an event without a port
 * is one, an event without time or address is not. */
static const char *required_fault(const plan_op *op, str cell, set_result set)
{
    if (set == SET_OK) return NULL;
    if (set == SET_INVALID || cell.n > 0) return "error.flow.row.required_wrong";
    bool must = op->key == FLOW_TIME_SOURCE || op->key == FLOW_SOURCE_IP;
    return must ? "error.flow.row.required_empty" : NULL;
}

static void leftovers(const flow_plan *p, flow_batch *b, const flow_row *r, const uint8_t *done,
        const flow_seal_key *seal)
{
    for (uint32_t i = 0; i < r->n; i++) {
        if (r->cell[i].n == 0 || (i < p->n_column && done[i])) continue;
        if (i >= p->n_column) {
            flow_row_unknown(b, str_fmt(b->a, "column_%u", i + 1), r->cell[i], VALUE_TEXT, seal);
            continue;
        }
        flow_value v = cell_value(r, &(plan_op){ .column = (uint16_t)i });
        if (p->sealed[i])
            v = (flow_value){ .text = flow_seal(b->a, seal, v.text), .kind = VALUE_TEXT };
        flow_set_extra(b, &p->left[i], &v);
    }
}

static void constants_put(const flow_plan *p, flow_batch *b, size_t row)
{
    for (size_t i = 0; i < p->n_constant; i++)
        b->text[p->constant[i].text][row] = p->constant[i].value;
    if (p->class_id) b->class_id[row] = p->class_id;
    if (p->severity) b->severity[row] = p->severity;
    for (size_t i = 0; i < p->n_extra; i++)
        flow_extra_add(b, p->extra[i].name, p->extra[i].value, p->extra[i].kind);
}

static bool ops_run(const flow_plan *p, flow_batch *b, const flow_row *r, uint8_t *done,
        const flow_seal_key *seal)
{
    for (size_t i = 0; i < p->n_op; i++) {
        const plan_op *op = &p->op[i];
        if (op->column >= r->n) {
            if (!op->required) continue;
            flow_row_reject(b, r, "error.flow.row.no_column", op->name->plain);
            return false;
        }
        flow_value v = op_value(p, b, op, r, seal);
        set_result set = op_set(b, op, &v);
        const char *why = op->required ? required_fault(op, r->cell[op->column], set) : NULL;
        if (why) {
            flow_row_reject(b, r, why, p->column[op->column]);
            return false;
        }
        done[op->column] = set != SET_INVALID;
    }
    return true;
}

bool flow_plan_row(const flow_plan *p, flow_batch *b, const flow_row *r, const flow_seal_key *seal)
{
    uint8_t done[1024];
    ASSERT(b->n < b->cap && p->n_column <= sizeof done);
    memset(done, 0, p->n_column);
    flow_row row = *r;
    if (row_has_secret(p, r)) row.raw = csv_redacted(p, b->a, r, seal);
    flow_batch_row_clear(b, b->n);
    if (!ops_run(p, b, &row, done, seal)) return false;
    leftovers(p, b, &row, done, seal);
    constants_put(p, b, b->n);
    b->row[b->n] = r->number;
    b->offset[b->n] = r->offset;
    b->raw[b->n] = row.raw;
    b->count[b->n] = 1;
    b->extras[b->n].n = (uint32_t)(b->n_extra - b->extras[b->n].from);
    b->n++;
    return true;
}
