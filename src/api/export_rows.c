/* export_rows.c - a page of a list as rows of a file: of each item the columns as cells, or the
 * item as a line of JSON; and the highest label seen. Owns nothing; any thread. */
#include "api/export.h"
#include "base/texts.h"
#include "engine/csv/csv_out.h"

static const json_limits page_limits = { .max_bytes = 64 << 20, .max_values = 4000000 };

void export_head(buf *b, const exporting *x)
{
    if (x->format != EXPORT_CSV) return;
    if (x->bom) buf_put(b, S("\xEF\xBB\xBF"));
    for (size_t i = 0; i < x->n_columns; i++) {
        if (i) buf_byte(b, ',');
        buf_put(b, x->columns[i]);
    }
    buf_put(b, S("\r\n"));
}

const json *export_at(const json *item, str path)
{
    str name;
    while (item && str_split(&path, '.', &name))
        item = json_get(item, name);
    return item;
}

static bool is_plain(const json *v)
{
    return v->type == JSON_NUMBER || v->type == JSON_BOOL;
}

static str joined(arena *a, lang l, const json *list)
{
    buf b = buf_new(a, 64);
    for (const json *v = list->first; v; v = v->next) {
        if (b.n) buf_put(&b, S("; "));
        buf_put(&b, export_words(a, l, v));
    }
    return buf_str(&b);
}

/* Words in the reader's language, lists with semicolons between, what has a name by its name; of
 * anything else its JSON. */
str export_words(arena *a, lang l, const json *v)
{
    if (json_is_null(v)) return S("");
    if (v->type == JSON_STRING) return v->text;
    if (v->type == JSON_ARRAY) return joined(a, l, v);
    if (v->type == JSON_OBJECT && json_get(v, S("first"))) return texts_pick(a, v->raw, l);
    if (v->type == JSON_OBJECT && json_get(v, S("name")))
        return export_words(a, l, json_get(v, S("name")));
    return v->raw;
}

static void put_cells(buf *b, arena *a, lang l, const exporting *x, const json *item, int label)
{
    for (size_t i = 0; i < x->n_columns; i++) {
        const json *v = export_at(item, x->columns[i]);
        if (i) buf_byte(b, ',');
        if (!v && str_eq(x->columns[i], S("tlp")))
            buf_put(b, tlp_name(label));
        else if (v && is_plain(v))
            buf_put(b, v->raw);
        else
            csv_put_cell(b, export_words(a, l, v));
    }
    buf_put(b, S("\r\n"));
}

/* The item as the list has it; one without a label of its own is given the list's. */
static void put_line(buf *b, const json *item, int label)
{
    str s = item->raw;
    bool bare = !json_get(item, S("tlp"));
    buf_put(b, bare ? str_sub(s, 0, s.n - 1) : s);
    if (bare) buf_fmt(b, "%s\"tlp\":\"%.*s\"}", item->count ? "," : "", STR_ARG(tlp_name(label)));
    buf_byte(b, '\n');
}

static err label_of(const route *r, const json *item, int *ret)
{
    const json *own = json_get(item, S("tlp"));
    *ret = r->label;
    if (r->label >= 0) return OK;
    ASSERT(own); /* the schema has it, and a list's rows bear it */
    return tlp_parse(json_text(own), ret);
}

err export_items(buf *b, arena *a, lang l, const exporting *x, const route *r, str page,
        export_tally *t, str *ret_next)
{
    const json *j;
    int label;
    TRY(json_parse(a, page, &page_limits, &j));
    const json *items = json_get(j, S("items"));
    ASSERT(items && items->type == JSON_ARRAY);
    for (const json *i = items->first; i; i = i->next, t->rows++) {
        TRY(label_of(r, i, &label));
        if (label > t->label) t->label = label;
        if (x->format == EXPORT_CSV)
            put_cells(b, a, l, x, i, label);
        else if (t->paper)
            export_paper_row(t->paper, i);
        else
            put_line(b, i, label);
    }
    *ret_next = json_get_text(j, S("next"));
    return OK;
}
