/* print.c - see print.h. Data to stdout, talk to stderr. */
#include "main/print.h"
#include "base/texts.h"
#include <stdio.h>
#include <unistd.h>

enum { WIDEST = 48, COLUMNS = 12 };

static void out(str s)
{
    fwrite(s.p, 1, s.n, stdout);
}

/* A value in one line: texts in the reader's language, objects by their name, lists by commas. */
static str plain(arena *a, lang l, const json *v)
{
    if (json_is_null(v)) return S("-");
    if (v->type == JSON_STRING) return v->text;
    if (v->type == JSON_OBJECT && json_get(v, S("first"))) return texts_pick(a, v->raw, l);
    if (v->type == JSON_OBJECT && json_get(v, S("name")))
        return plain(a, l, json_get(v, S("name")));
    if (v->type == JSON_OBJECT && json_get(v, S("number")))
        return plain(a, l, json_get(v, S("number")));
    if (v->type != JSON_ARRAY) return v->raw;
    buf b = buf_new(a, 64);
    for (const json *x = v->first; x; x = x->next) {
        if (b.n) buf_put(&b, S(","));
        buf_put(&b, plain(a, l, x));
    }
    return buf_str(&b);
}

/* Width on a terminal, roughly: one cell a code point. */
static size_t width(str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((uint8_t)s.p[i] & 0xC0) != 0x80;
    return n;
}

static void put_cell(str s, size_t w, bool last)
{
    out(s);
    for (size_t i = width(s); !last && i < w + 2; i++)
        putchar(' ');
}

static size_t split_columns(const char *text, str *ret)
{
    str rest = str_of(text), part;
    size_t n = 0;
    while (n < COLUMNS && str_split(&rest, ' ', &part))
        ret[n++] = part;
    return n;
}

static void print_table(arena *a, lang l, const char *columns, const json *items)
{
    str names[COLUMNS];
    size_t widths[COLUMNS] = { 0 }, n = split_columns(columns, names);
    for (size_t c = 0; c < n; c++) {
        widths[c] = names[c].n;
        for (const json *x = items->first; x; x = x->next) {
            size_t w = width(plain(a, l, json_get(x, names[c])));
            if (w > widths[c]) widths[c] = w > WIDEST ? WIDEST : w;
        }
    }
    for (size_t c = 0; c < n; c++)
        put_cell(names[c], widths[c], c + 1 == n);
    putchar('\n');
    for (const json *x = items->first; x; x = x->next) {
        for (size_t c = 0; c < n; c++)
            put_cell(plain(a, l, json_get(x, names[c])), widths[c], c + 1 == n);
        putchar('\n');
    }
}

static void print_member(arena *a, lang l, const json *v)
{
    bool rows = v->type == JSON_ARRAY && v->first && v->first->type == JSON_OBJECT;
    put_cell(v->key, 16, false);
    if (!rows) {
        out(plain(a, l, v));
        putchar('\n');
        return;
    }
    printf("%zu\n", v->count);
    size_t shown = 0;
    for (const json *x = v->first; x && shown < 20; x = x->next, shown++) {
        printf("  -");
        for (const json *m = x->first; m; m = m->next) {
            str s = plain(a, l, m);
            printf(" %.*s=%.*s", STR_ARG(m->key), STR_ARG(s));
        }
        putchar('\n');
    }
    if (v->count > shown) printf("  ... %zu more: --json shows all\n", v->count - shown);
}

static void print_problem(arena *a, const command_line *l, const api_answer *r)
{
    const json *j;
    if (failed(json_parse(a, r->body, NULL, &j))) {
        fprintf(stderr, "minar: %d\n", r->status);
        return;
    }
    str detail = json_get_text(j, S("detail")), title = json_get_text(j, S("title"));
    str pointer = json_get_text(j, S("pointer"));
    fprintf(stderr, "minar: %.*s%s%.*s\n", STR_ARG(pointer), pointer.n ? ": " : "",
            STR_ARG(detail.n ? detail : title));
    (void)l;
}

err print_answer(arena *a, const command_line *l, const command_row *row, const api_answer *r)
{
    const json *j;
    json_limits big = { .max_bytes = 256 << 20, .max_values = 20000000 };
    if (r->status >= 400) {
        if (l->json) out(r->body), putchar('\n');
        print_problem(a, l, r);
        return OK;
    }
    if (l->json) {
        out(r->body);
        putchar('\n');
        return OK;
    }
    TRY(json_parse(a, r->body, &big, &j));
    const json *items = json_get(j, S("items"));
    if (l->jsonl && items) {
        for (const json *x = items->first; x; x = x->next)
            out(x->raw), putchar('\n');
    } else if (items && row->columns[0]) {
        print_table(a, l->lang, row->columns, items);
        if (json_get_text(j, S("next")).n) {
            str next = json_get_text(j, S("next"));
            fprintf(stderr, "more: --cursor %.*s\n", STR_ARG(next));
        }
    } else {
        for (const json *m = j->first; m; m = m->next)
            print_member(a, l->lang, m);
    }
    return OK;
}

void print_progress(const json *run)
{
    int64_t done = 0, total = 0, rows = 0;
    if (!isatty(2)) return;
    if (!json_i64(json_get(run, S("bytes_done")), &done)) return;
    if (!json_i64(json_get(run, S("bytes_total")), &total)) return;
    if (!json_i64(json_get(run, S("rows_read")), &rows)) return;
    fprintf(stderr, "\r%3lld %%  %lld rows ", total ? (long long)(done * 100 / total) : 0,
            (long long)rows);
}
