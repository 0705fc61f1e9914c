/* export_take.c - what is asked of an export: its format, columns and filter, out of a list's
 * query. Ids, times, numbers and words of the machine are told to the ledger; of what a person may
 * have typed freely, only that something was. Owns nothing; any thread. */
#include "api/decode.h"
#include "api/export.h"

enum { WORD_MAX = 64, EXPORT_QUERY = 8192 };

static bool is_ours(str name)
{
    for (size_t i = 0; i < export_query_schema.n; i++)
        if (str_eq(export_query_schema.fields[i].name, name)) return true;
    return false;
}

/* As decode_query will read it; one that cannot be read stays as it is, and is refused there. */
static str name_of(arena *a, str pair, str *ret_value)
{
    ptrdiff_t eq = str_find_byte(pair, '=');
    str raw = eq < 0 ? pair : str_sub(pair, 0, (size_t)eq), name;
    *ret_value = eq < 0 ? (str){ 0 } : str_sub(pair, (size_t)eq + 1, pair.n);
    return percent_decode(a, raw, true, &name) ? name : raw;
}

bool export_wanted(arena *a, const route *r, str query)
{
    str pair, value;
    if (!r->columns || query.n > EXPORT_QUERY) return false; /* too long: decode_query says so */
    while (query.n && str_split(&query, '&', &pair))
        if (str_eq(name_of(a, pair, &value), S("format"))) return true;
    return false;
}

static void join(buf *b, str pair)
{
    if (b->n) buf_byte(b, '&');
    buf_put(b, pair);
}

/* A file is the whole list: where it begins and how long its pages are is not the asker's. */
static err part(arena *a, str query, buf *ours, buf *rest)
{
    str pair, value;
    while (query.n && str_split(&query, '&', &pair)) {
        str name = name_of(a, pair, &value);
        if (str_eq(name, S("cursor")) || str_eq(name, S("limit")))
            return err_at_pointer(ERR1(E_INVALID, "error.api.export_whole", name),
                    str_eq(name, S("limit")) ? S("/limit") : S("/cursor"));
        join(is_ours(name) ? ours : rest, pair);
    }
    return OK;
}

/* ---- columns ---- */

static bool listed(str list, str name)
{
    str one;
    while (list.n && str_split(&list, ' ', &one))
        if (str_eq(one, name)) return true;
    return false;
}

static err take_columns(exporting *x, const route *r, str wanted, char apart)
{
    str one, all = str_of(r->columns);
    while (wanted.n && str_split(&wanted, apart, &one)) {
        if (!listed(all, one) || x->n_columns == EXPORT_COLUMNS)
            return err_at_pointer(
                    ERR2(E_INVALID, "error.api.export_column", one, all), S("/columns"));
        x->columns[x->n_columns++] = one;
    }
    return OK;
}

/* What a page has room for, when nobody says which. */
static void take_paper(exporting *x, const route *r)
{
    str one, all = str_of(r->paper), name;
    while (all.n && str_split(&all, ' ', &one))
        if (str_split(&one, '=', &name)) x->columns[x->n_columns++] = name;
}

/* Whose words the values of each column are. */
static err take_words(arena *a, exporting *x, const route *r)
{
    if (x->n_columns > EXPORT_PAPER_COLUMNS)
        return err_at_pointer(
                ERR1(E_INVALID, "error.api.export_wide", str_fmt(a, "%d", EXPORT_PAPER_COLUMNS)),
                S("/columns"));
    str one, all = str_of(r->paper), name;
    while (all.n && str_split(&all, ' ', &one)) {
        bool named = str_split(&one, '=', &name);
        for (size_t i = 0; named && i < x->n_columns; i++)
            if (str_eq(x->columns[i], name)) x->words[i] = one;
    }
    return OK;
}

/* ---- the filter, for the ledger ---- */

static bool is_word(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("_.-", c));
        if (!fine) return false;
    }
    return s.n > 0 && s.n <= WORD_MAX;
}

static const schema_field *field_of(const schema *s, str name)
{
    for (size_t i = 0; s && i < s->n; i++)
        if (str_eq(s->fields[i].name, name)) return &s->fields[i];
    return NULL;
}

/* What the machine names may be told; "*" stands for what a person wrote. */
static str told(const schema_field *f, str value)
{
    if (f->kind != VALUE_TEXT && f->kind != VALUE_EMAIL) return value;
    return f->n_words || (f->plain && is_word(value)) ? value : S("*");
}

static err put_filter(exporting *x, arena *a, const schema *s)
{
    str rest = x->query, pair, name, raw, value;
    jsonw w = jsonw_new(a, 256);
    jw_obj(&w);
    while (rest.n && str_split(&rest, '&', &pair)) {
        if (!pair.n) continue;
        name = name_of(a, pair, &raw);
        const schema_field *f = field_of(s, name);
        ASSERT(f); /* decode_query took it */
        if (!percent_decode(a, raw, true, &value))
            return ERR1(E_USAGE, "error.api.bad_escape", name);
        jw_key(&w, name);
        jw_str(&w, told(f, value));
    }
    jw_end_obj(&w);
    x->filter = jsonw_done(&w);
    return OK;
}

static export_format format_of(str word)
{
    return str_eq(word, S("csv")) ? EXPORT_CSV : str_eq(word, S("pdf")) ? EXPORT_PDF : EXPORT_JSONL;
}

err export_take(arena *a, const route *r, str query, const exporting **ret)
{
    exporting *x = NEW(a, exporting);
    buf ours = buf_new(a, 128), rest = buf_new(a, 256);
    const void *said, *unused;
    TRY(part(a, query, &ours, &rest));
    TRY(decode_query(a, &export_query_schema, buf_str(&ours), &said));
    const struct export_query *q = said;
    x->format = format_of(q->format);
    x->bom = q->has_bom && q->bom;
    x->query = buf_str(&rest);
    if ((x->bom && x->format != EXPORT_CSV) || (q->has_columns && x->format == EXPORT_JSONL))
        return err_at_pointer(
                ERR(E_INVALID, "error.api.export_lines"), x->bom ? S("/bom") : S("/columns"));
    if (q->has_columns)
        TRY(take_columns(x, r, q->columns, ','));
    else if (x->format == EXPORT_PDF)
        take_paper(x, r);
    else
        TRY(take_columns(x, r, str_of(r->columns), ' '));
    if (x->format == EXPORT_PDF) TRY(take_words(a, x, r));
    TRY(decode_query(a, r->query, x->query, &unused));
    TRY(put_filter(x, a, r->query));
    *ret = x;
    return OK;
}
