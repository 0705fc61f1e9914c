/* import.c - a sheet: separator and columns guessed, rows handed out, errors gathered. */
#include "common/import/import.h"
#include "engine/csv/csv.h"
#include "engine/fold/fold.h"

typedef struct {
    str heading, sample;
    int field; /* -1: none */
    bool guessed;
} column;

typedef struct {
    int64_t row;
    str column, value;
    const fault *fault;
} row_error;

struct import_sheet {
    arena *a;
    str content, rest, file_name;
    csv *csv;
    const import_field *fields;
    size_t n_fields, n_columns;
    column *columns;
    int of_field[IMPORT_FIELDS]; /* column of each field, -1 none */
    str cells[IMPORT_FIELDS];
    import_counts counts;
    row_error *errors;
    size_t n_errors;
};

static int field_named(const import_sheet *s, str name)
{
    for (size_t i = 0; i < s->n_fields; i++)
        if (str_eq(name, str_of(s->fields[i].name))) return (int)i;
    return -1;
}

static bool goes_by(const import_field *f, str folded)
{
    str rest = str_of(f->headings), part;
    while (str_split(&rest, '|', &part))
        if (str_eq(part, folded)) return true;
    return false;
}

static int guess(const import_sheet *s, str heading)
{
    str folded = fold_text(s->a, heading);
    for (size_t i = 0; i < s->n_fields; i++)
        if (goes_by(&s->fields[i], folded)) return (int)i;
    return field_named(s, str_lower(s->a, str_trim(heading)));
}

static void set_column(import_sheet *s, size_t c, int field, bool guessed)
{
    if (field < 0 || s->of_field[field] >= 0) return;
    s->columns[c].field = field;
    s->columns[c].guessed = guessed;
    s->of_field[field] = (int)c;
}

static err override_one(import_sheet *s, str pair)
{
    str heading, name = pair;
    if (!str_split(&name, '=', &heading)) return OK;
    int f = field_named(s, str_trim(name));
    if (f < 0 && str_trim(name).n) return ERR1(E_INVALID, "error.import.field", name);
    for (size_t c = 0; c < s->n_columns; c++)
        if (str_eq(str_trim(heading), s->columns[c].heading)) {
            if (f >= 0) set_column(s, c, f, false);
            s->columns[c].guessed = false;
            return OK;
        }
    return ERR1(E_INVALID, "error.import.column", heading);
}

static err map_columns(import_sheet *s, str override)
{
    str pair;
    for (size_t i = 0; i < IMPORT_FIELDS; i++)
        s->of_field[i] = -1;
    for (size_t c = 0; c < s->n_columns; c++)
        s->columns[c].guessed = true;
    while (str_split(&override, ',', &pair))
        TRY(override_one(s, pair));
    for (size_t c = 0; c < s->n_columns; c++)
        if (s->columns[c].field < 0 && s->columns[c].guessed)
            set_column(s, c, guess(s, s->columns[c].heading), true);
    for (size_t i = 0; i < s->n_fields; i++)
        if (s->fields[i].required && s->of_field[i] < 0)
            return ERR1(E_INVALID, "error.import.missing", str_of(s->fields[i].name));
    return OK;
}

static err read_heading(import_sheet *s)
{
    csv_row r;
    if (csv_next(s->csv, s->a, s->rest, true, &r) != CSV_ROW || r.n == 0)
        return err_at_row(ERR(E_INVALID, "error.import.no_table"), s->file_name, 1, 0);
    s->rest = str_sub(s->rest, r.used, s->rest.n);
    s->n_columns = r.n;
    s->columns = NEW_ARRAY(s->a, column, r.n);
    for (size_t c = 0; c < r.n; c++)
        s->columns[c] = (column){ .heading = str_copy(s->a, str_trim(r.cell[c])), .field = -1 };
    return OK;
}

err import_open(arena *a, str content, str file_name, const import_field *fields, size_t n,
        str override, import_sheet **ret)
{
    import_sheet *s = NEW(a, import_sheet);
    ASSERT(n <= IMPORT_FIELDS);
    *s = (import_sheet){ .a = a,
        .content = content,
        .rest = content,
        .file_name = file_name,
        .fields = fields,
        .n_fields = n };
    s->csv = csv_new(a, csv_guess_separator(str_sub(content, 0, 65536), '#'), '#');
    s->errors = NEW_ARRAY(a, row_error, IMPORT_ERRORS);
    TRY(read_heading(s));
    TRY(map_columns(s, override));
    *ret = s;
    return OK;
}

static void take_cells(import_sheet *s, const csv_row *r, import_row *ret)
{
    for (size_t i = 0; i < s->n_fields; i++) {
        int c = s->of_field[i];
        s->cells[i] = c >= 0 && (uint32_t)c < r->n ? str_trim(r->cell[c]) : (str){ 0 };
    }
    for (size_t c = 0; c < s->n_columns && c < r->n; c++)
        if (!s->columns[c].sample.n)
            s->columns[c].sample = str_copy(s->a, str_sub(r->cell[c], 0, 60));
    ret->number = r->number;
    ret->cell = s->cells;
}

bool import_next(import_sheet *s, import_row *ret)
{
    csv_row r;
    for (;;) {
        csv_result x = csv_next(s->csv, s->a, s->rest, true, &r);
        if (x == CSV_END || x == CSV_MORE || s->counts.read >= IMPORT_MAX_ROWS) return false;
        s->rest = str_sub(s->rest, r.used, s->rest.n);
        s->counts.read++;
        if (x == CSV_ROW) {
            take_cells(s, &r, ret);
            return true;
        }
        ret->number = r.number;
        ret->cell = s->cells;
        import_bad(s, ret, -1, ERR(E_INVALID, "error.import.row"));
    }
}

void import_bad(import_sheet *s, const import_row *r, int field, err e)
{
    s->counts.bad++;
    if (s->n_errors == IMPORT_ERRORS) return;
    int c = field >= 0 ? s->of_field[field] : -1;
    s->errors[s->n_errors++] = (row_error){ .row = r->number,
        .column = c >= 0 ? s->columns[c].heading : (str){ 0 },
        .value = field >= 0 ? str_copy(s->a, str_sub(r->cell[field], 0, 200)) : (str){ 0 },
        .fault = fault_copy(s->a, e.f) };
}

import_counts *import_counts_of(import_sheet *s)
{
    return &s->counts;
}

static void put_column(const import_sheet *s, const column *c, jsonw *w)
{
    jw_obj(w);
    jw_kstr(w, "column", c->heading);
    jw_key(w, S("field"));
    if (c->field >= 0)
        jw_str(w, str_of(s->fields[c->field].name));
    else
        jw_null(w);
    jw_kbool(w, "guessed", c->guessed);
    jw_kstr(w, "sample", c->sample);
    jw_end_obj(w);
}

static void put_error(const import_sheet *s, const row_error *x, jsonw *w, lang l)
{
    jw_obj(w);
    jw_ki64(w, "row", x->row);
    jw_kstr(w, "column", x->column);
    jw_kstr(w, "value", x->value);
    jw_kstr(w, "message", fault_text(s->a, l, x->fault));
    jw_kstr(w, "code", str_of(x->fault->key));
    jw_end_obj(w);
}

void import_report(const import_sheet *s, jsonw *w, lang l)
{
    jw_key(w, S("mapping"));
    jw_arr(w);
    for (size_t c = 0; c < s->n_columns; c++)
        put_column(s, &s->columns[c], w);
    jw_end_arr(w);
    jw_key(w, S("errors"));
    jw_arr(w);
    for (size_t i = 0; i < s->n_errors; i++)
        put_error(s, &s->errors[i], w, l);
    jw_end_arr(w);
}
