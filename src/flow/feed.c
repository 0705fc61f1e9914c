/* feed.c - reads a feed's declaration with strict checks: an unknown key or word is an error that
 * names its place, for a mistyped "requierd" would otherwise lose data quietly. */
#include "flow/feed.h"

#include "base/conf.h"

typedef struct {
    arena *a;
    str file;
    flow_feed *f;
} reader;

static err bad(const reader *r, str pointer, err e)
{
    e = err_at_pointer(e, pointer);
    return err_at_row(e, r->file, 0, 0);
}

static str pointer(const reader *r, const char *under, str key)
{
    return str_fmt(r->a, "%s/%.*s", under, STR_ARG(key));
}

static str scalar(const json *v)
{
    if (!v) return (str){ 0 };
    return v->type == JSON_STRING                           ? v->text
           : v->type == JSON_NUMBER || v->type == JSON_BOOL ? v->raw
                                                            : (str){ 0 };
}

static err read_target(reader *r, str to, str at, feed_field *f)
{
    if (str_eq(to, S("ignore"))) {
        f->ignore = true;
        return OK;
    }
    if (str_starts(to, S("extra."))) {
        f->extra = to.n > 6 ? to : (str){ 0 };
        return OK;
    }
    f->key = flow_key_find(to);
    if (f->key == FLOW_NO_KEY) return bad(r, at, ERR1(E_CONFIG, "error.flow.feed.key", to));
    return OK;
}

static err read_conv(reader *r, str name, str at, conv *ret)
{
    if (name.n == 0 || conv_find(name, ret)) return OK;
    return bad(r, at, ERR1(E_CONFIG, "error.flow.feed.converter", name));
}

/* COLUMN: KEY, or COLUMN: { to: KEY, convert: NAME, required: true } */
static err read_column(reader *r, const json *v, feed_field *f)
{
    f->column = v->key;
    str at = pointer(r, "/columns", v->key);
    if (v->type == JSON_STRING) return read_target(r, v->text, at, f);
    if (v->type != JSON_OBJECT) return bad(r, at, ERR(E_CONFIG, "error.flow.feed.column"));
    for (const json *c = v->first; c; c = c->next) {
        if (str_eq(c->key, S("to"))) {
            TRY(read_target(r, json_text(c), at, f));
        } else if (str_eq(c->key, S("convert"))) {
            TRY(read_conv(r, json_text(c), at, &f->conv));
        } else if (str_eq(c->key, S("required")) && c->type == JSON_BOOL) {
            f->required = c->boolean;
        } else {
            return bad(r, at, ERR1(E_CONFIG, "error.flow.feed.unknown", c->key));
        }
    }
    return OK;
}

static err read_columns(reader *r, const json *v)
{
    if (v->type != JSON_OBJECT)
        return bad(r, S("/columns"), ERR(E_CONFIG, "error.flow.feed.column"));
    r->f->field = NEW_ARRAY(r->a, feed_field, v->count + 1);
    for (const json *c = v->first; c; c = c->next)
        TRY(read_column(r, c, &r->f->field[r->f->n_field++]));
    return OK;
}

static err read_constants(reader *r, const json *v)
{
    r->f->constant = NEW_ARRAY(r->a, feed_constant, v->count + 1);
    for (const json *c = v->first; c; c = c->next) {
        feed_constant k = { flow_key_find(c->key), c->key, scalar(c) };
        if (k.key == FLOW_NO_KEY && !str_starts(c->key, S("extra.")))
            return bad(r, pointer(r, "/constants", c->key),
                    ERR1(E_CONFIG, "error.flow.feed.key", c->key));
        r->f->constant[r->f->n_constant++] = k;
    }
    return OK;
}

static err read_sealed(reader *r, const json *v)
{
    r->f->sealed = NEW_ARRAY(r->a, str, v->count + 1);
    for (const json *c = v->first; c; c = c->next)
        r->f->sealed[r->f->n_sealed++] = json_text(c);
    return OK;
}

static err read_aggregate(reader *r, const json *v)
{
    for (const json *c = v->first; c; c = c->next) {
        int64_t s;
        str at = pointer(r, "/aggregate", c->key);
        if (!json_i64(c, &s) || s < 0 || s > 366 * 86400)
            return bad(r, at, ERR(E_CONFIG, "error.flow.feed.seconds"));
        if (str_eq(c->key, S("gap_s")))
            r->f->gap_us = s * US_PER_S;
        else if (str_eq(c->key, S("span_s")))
            r->f->span_us = s * US_PER_S;
        else
            return bad(r, at, ERR1(E_CONFIG, "error.flow.feed.unknown", c->key));
    }
    return OK;
}

static err read_format(reader *r, str s)
{
    if (str_eq(s, S("shadowserver")))
        r->f->format = FEED_SHADOWSERVER;
    else if (str_eq(s, S("csv")))
        r->f->format = FEED_CSV;
    else if (str_eq(s, S("jsonl")))
        r->f->format = FEED_JSONL;
    else
        return bad(r, S("/format"), ERR1(E_CONFIG, "error.flow.feed.format", s));
    return OK;
}

static err read_separator(reader *r, str s)
{
    if (str_eq(s, S("auto")))
        r->f->separator = 0;
    else if (str_eq(s, S("tab")) || str_eq(s, S("\t")))
        r->f->separator = '\t';
    else if (s.n == 1 && (s.p[0] == ',' || s.p[0] == ';' || s.p[0] == '|'))
        r->f->separator = s.p[0];
    else
        return bad(r, S("/separator"), ERR1(E_CONFIG, "error.flow.feed.separator", s));
    return OK;
}

static err read_comment(reader *r, str s)
{
    if (s.n > 1) return bad(r, S("/comment"), ERR1(E_CONFIG, "error.flow.feed.separator", s));
    r->f->comment = s.n ? s.p[0] : 0;
    return OK;
}

static err read_accuracy(reader *r, const json *v)
{
    if (!json_f64(v, &r->f->accuracy) || r->f->accuracy < 0 || r->f->accuracy > 100)
        return bad(r, S("/accuracy"), ERR(E_CONFIG, "error.flow.feed.accuracy"));
    return OK;
}

static err read_member(reader *r, const json *v)
{
    flow_feed *f = r->f;
    struct {
        const char *key;
        str *to;
    } texts[] = { { "name", &f->name }, { "provider", &f->provider }, { "code", &f->code },
        { "url", &f->url }, { "documentation", &f->documentation }, { "audience", &f->audience } };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (!str_eq(v->key, str_of(texts[i].key))) continue;
        *texts[i].to = scalar(v);
        return OK;
    }
    if (str_eq(v->key, S("format"))) return read_format(r, json_text(v));
    if (str_eq(v->key, S("separator"))) return read_separator(r, json_text(v));
    if (str_eq(v->key, S("comment"))) return read_comment(r, json_text(v));
    if (str_eq(v->key, S("accuracy"))) return read_accuracy(r, v);
    if (str_eq(v->key, S("columns"))) return read_columns(r, v);
    if (str_eq(v->key, S("constants"))) return read_constants(r, v);
    if (str_eq(v->key, S("sealed"))) return read_sealed(r, v);
    if (str_eq(v->key, S("aggregate"))) return read_aggregate(r, v);
    if (str_eq(v->key, S("header")) && json_bool(v, &f->header)) return OK;
    if (str_eq(v->key, S("guess")) && json_bool(v, &f->guess)) return OK;
    return bad(r, pointer(r, "", v->key), ERR1(E_CONFIG, "error.flow.feed.unknown", v->key));
}

err flow_feed_read(arena *a, str yaml, str file, const flow_feed **ret)
{
    const json *v;
    TRY(yaml_parse(a, yaml, file, &v));
    reader r = { a, file, NEW(a, flow_feed) };
    *r.f = (flow_feed){ .header = true,
        .guess = true,
        .accuracy = 100,
        .format = FEED_CSV,
        .gap_us = 43200 * US_PER_S,
        .span_us = 86400 * US_PER_S };
    if (v->type != JSON_OBJECT) return bad(&r, S(""), ERR(E_CONFIG, "error.flow.feed.column"));
    for (const json *c = v->first; c; c = c->next)
        TRY(read_member(&r, c));
    if (r.f->name.n == 0) return bad(&r, S("/name"), ERR(E_CONFIG, "error.flow.feed.name"));
    if (!r.f->header && r.f->n_field == 0)
        return bad(&r, S("/columns"), ERR(E_CONFIG, "error.flow.feed.no_columns"));
    *ret = r.f;
    return OK;
}

bool feed_column_is_secret(str column)
{
    static const char *const names[] = {
        "username",
        "user",
        "usernames",
        "login",
        "user_name",
        "password",
        "passwd",
        "passphrase",
        "pass",
        "pwd",
        "passwords",
        "secret",
        "credential",
        "credentials",
        "api_key",
        "apikey",
        "token",
        "access_token",
        "private_key",
        "password_hash",
    };
    ptrdiff_t dot;
    while ((dot = str_find_byte(column, '.')) >= 0)
        column = str_sub(column, (size_t)dot + 1, column.n);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_nocase(column, str_of(names[i]))) return true;
    return false;
}
