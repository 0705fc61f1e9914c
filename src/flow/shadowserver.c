/* shadowserver.c - the mapping's JSON into fields of plans. Nothing here knows a report by name, so
 * that a new report type needs a new file only. */
#include "flow/shadowserver.h"

#include "base/json.h"

typedef struct {
    str file_name, feed_name;
    feed_field *field;
    size_t n_field;
    feed_constant *constant;
    size_t n_constant;
} report;

struct ss_mapping {
    report *report;
    size_t n;
    str date;
};

typedef struct {
    arena *a;
    str file;
    size_t unknown;
} loader;

static err bad(const loader *l, str at, const char *key)
{
    err e = err_make(E_INVALID, key, at, (str){ 0 }, (str){ 0 });
    return err_at_row(err_at_pointer(e, at), l->file, 0, 0);
}

/* [key | "extra." | "extra.NAME" | false, column, converter?, wants the row?] */
static bool field_read(loader *l, const json *v, bool required, feed_field *f)
{
    const json *key = json_at(v, 0), *column = json_at(v, 1), *c = json_at(v, 2);
    if (!column || column->type != JSON_STRING || column->text.n == 0) return false;
    *f = (feed_field){ .column = column->text, .required = required };
    if (key && key->type == JSON_BOOL && !key->boolean) {
        f->ignore = true;
        return true;
    }
    if (!key || key->type != JSON_STRING) return false;
    str k = key->text;
    if (str_starts(k, S("extra."))) {
        f->extra = k.n > 6 ? k : (str){ 0 };
    } else if ((f->key = flow_key_find(k)) == FLOW_NO_KEY) {
        f->extra = str_cat(l->a, S("extra."), k);
        l->unknown++;
    }
    if (c && c->type == JSON_STRING && !conv_find(c->text, &f->conv)) l->unknown++;
    return true;
}

static err fields_read(loader *l, const json *list, bool required, report *r, str type)
{
    if (!list) return OK;
    str at = str_fmt(l->a, "/%.*s/%s_fields", STR_ARG(type), required ? "required" : "optional");
    if (list->type != JSON_ARRAY) return bad(l, at, "error.flow.mapping.fields");
    size_t i = 0;
    for (const json *v = list->first; v; v = v->next, i++) {
        if (v->type == JSON_ARRAY && field_read(l, v, required, &r->field[r->n_field++])) continue;
        return bad(l, str_fmt(l->a, "%.*s/%zu", STR_ARG(at), i), "error.flow.mapping.fields");
    }
    return OK;
}

static err report_read(loader *l, const json *v, report *r)
{
    str at = str_fmt(l->a, "/%.*s", STR_ARG(v->key));
    if (v->type != JSON_OBJECT) return bad(l, at, "error.flow.mapping.type");
    const json *req = json_get(v, S("required_fields")), *opt = json_get(v, S("optional_fields"));
    const json *constant = json_get(v, S("constant_fields"));
    r->file_name = json_get_text(v, S("file_name"));
    if (r->file_name.n == 0) r->file_name = v->key;
    r->feed_name = json_get_text(v, S("feed_name"));
    r->field = NEW_ARRAY(l->a, feed_field, (req ? req->count : 0) + (opt ? opt->count : 0) + 1);
    TRY(fields_read(l, req, true, r, v->key));
    TRY(fields_read(l, opt, false, r, v->key));
    if (!constant) return OK;
    r->constant = NEW_ARRAY(l->a, feed_constant, constant->count + 1);
    for (const json *c = constant->first; c; c = c->next)
        r->constant[r->n_constant++] =
                (feed_constant){ flow_key_find(c->key), c->key, json_text(c) };
    return OK;
}

err ss_mapping_read(arena *a, str text, str file, const ss_mapping **ret, size_t *unknown)
{
    const json *v;
    json_limits limits = { .max_bytes = (size_t)16 << 20, .max_values = 2000000 };
    loader l = { a, file, 0 };
    TRY(json_parse(a, text, &limits, &v));
    if (v->type != JSON_OBJECT) return bad(&l, S(""), "error.flow.mapping.type");
    ss_mapping *m = NEW(a, ss_mapping);
    m->report = NEW_ARRAY(a, report, v->count + 1);
    for (const json *r = v->first; r; r = r->next) {
        if (str_eq(r->key, S("_meta")))
            m->date = json_get_text(r, S("date_created"));
        else
            TRY(report_read(&l, r, &m->report[m->n++]));
    }
    if (m->n == 0) return bad(&l, S(""), "error.flow.mapping.empty");
    *unknown = l.unknown;
    *ret = m;
    return OK;
}

size_t ss_mapping_types(const ss_mapping *m)
{
    return m->n;
}
str ss_mapping_date(const ss_mapping *m)
{
    return m->date;
}
str ss_mapping_type_name(const ss_mapping *m, size_t i)
{
    return m->report[i].file_name;
}

static bool word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned)(c - '0') <= 9 || c == '_';
}

static bool is_date(str s)
{
    static const char pattern[] = "dddd-dd-dd-";
    if (s.n < sizeof pattern - 1) return false;
    for (size_t i = 0; i < sizeof pattern - 1; i++) {
        bool digit = (unsigned)(s.p[i] - '0') <= 9;
        if (pattern[i] == 'd' ? !digit : s.p[i] != '-') return false;
    }
    return true;
}

bool ss_report_type(str name, str *type)
{
    for (size_t i = name.n; i-- > 0;) {
        if (name.p[i] != '/') continue;
        name = str_sub(name, i + 1, name.n);
        break;
    }
    if (!str_ends(name, S(".csv"))) return false;
    name.n -= 4;
    if (is_date(name)) name = str_sub(name, 11, name.n);
    size_t n = 0;
    while (n < name.n && word_byte(name.p[n]))
        n++;
    if (n == 0 || (n < name.n && name.p[n] != '-')) return false;
    *type = str_sub(name, 0, n);
    return true;
}

static const report *report_find(const ss_mapping *m, str type)
{
    for (size_t i = 0; m && i < m->n; i++)
        if (str_eq(m->report[i].file_name, type)) return &m->report[i];
    return NULL;
}

const flow_plan *ss_plan(arena *a, const ss_mapping *m, const flow_feed *feed, str file,
        const str *header, size_t n, str header_raw)
{
    str type = { 0 };
    bool named = ss_report_type(file, &type);
    const report *r = named ? report_find(m, type) : NULL;
    plan_input in = { .feed = feed, .file = file, .report_type = str_copy(a, type) };
    if (r) {
        in.feed_name = r->feed_name;
        in.field = r->field;
        in.n_field = r->n_field;
        in.constant = r->constant;
        in.n_constant = r->n_constant;
    } else {
        in.quarantined = in.guess = true;
    }
    return flow_plan_make(a, &in, header, n, header_raw);
}
