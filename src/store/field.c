/* field.c - members of generated structs to cells and JSON, and back. Owns nothing; any thread. */
#include "store/field.h"

static const void *at(const field *f, const void *row)
{
    return (const char *)row + f->offset;
}

static bool flag(const field *f, const void *row)
{
    return f->has == 0 || *(const bool *)((const char *)row + f->has);
}

bool field_is_set(const field *f, const void *row)
{
    const void *p = at(f, row);
    switch (f->type) {
    case FIELD_I64:
    case FIELD_F64:
    case FIELD_BOOL:
        return flag(f, row);
    case FIELD_ID:
        return !id_is_zero(*(const id128 *)p);
    case FIELD_TIME:
        return ((const instant *)p)->us != 0;
    default:
        return ((const str *)p)->p != NULL;
    }
}

static cell text_cell(cell_type type, str s)
{
    return (cell){ .type = type, .s = s.p ? s : S("") };
}

cell field_cell(const field *f, const void *row)
{
    const void *p = at(f, row);
    if (f->nullable && !field_is_set(f, row)) return (cell){ .type = CELL_NULL };
    switch (f->type) {
    case FIELD_I64:
        return (cell){ .type = CELL_I64, .i = *(const int64_t *)p };
    case FIELD_F64:
        return (cell){ .type = CELL_F64, .f = *(const double *)p };
    case FIELD_BOOL:
        return (cell){ .type = CELL_BOOL, .i = *(const bool *)p };
    case FIELD_TIME:
        return (cell){ .type = CELL_I64, .i = ((const instant *)p)->us };
    case FIELD_ID:
        return text_cell(CELL_BLOB, (str){ p, 16 });
    case FIELD_BLOB:
    case FIELD_SEALED:
        return text_cell(CELL_BLOB, *(const str *)p);
    default:
        return text_cell(CELL_TEXT, *(const str *)p);
    }
}

static void take_text(str *to, const cell *c, arena *a)
{
    if (c->type == CELL_NULL) {
        *to = (str){ 0 };
        return;
    }
    *to = a && c->s.n ? str_copy(a, c->s) : c->s;
    if (!to->p || !to->n) *to = S("");
}

void field_take(const field *f, void *row, const cell *c, arena *a)
{
    void *p = (char *)row + f->offset;
    bool there = c->type != CELL_NULL;
    if (f->has) *(bool *)((char *)row + f->has) = there;
    switch (f->type) {
    case FIELD_I64:
        *(int64_t *)p = there ? c->i : 0;
        return;
    case FIELD_F64:
        *(double *)p = there ? c->f : 0;
        return;
    case FIELD_BOOL:
        *(bool *)p = there && c->i;
        return;
    case FIELD_TIME:
        ((instant *)p)->us = there ? c->i : 0;
        return;
    case FIELD_ID:
        memset(p, 0, 16);
        ASSERT(!there || c->s.n == 16);
        if (there) memcpy(p, c->s.p, 16);
        return;
    default:
        take_text(p, c, a);
    }
}

static void hex_json(jsonw *w, str s)
{
    static const char digits[] = "0123456789abcdef";
    char text[512];
    size_t n = s.n < sizeof text / 2 ? s.n : sizeof text / 2;
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = digits[(uint8_t)s.p[i] >> 4];
        text[2 * i + 1] = digits[(uint8_t)s.p[i] & 15];
    }
    jw_str(w, (str){ text, 2 * n });
}

void field_json(jsonw *w, const field *f, const void *row)
{
    const void *p = at(f, row);
    if (f->nullable && !field_is_set(f, row)) {
        jw_null(w);
        return;
    }
    switch (f->type) {
    case FIELD_I64:
        jw_i64(w, *(const int64_t *)p);
        return;
    case FIELD_F64:
        jw_f64(w, *(const double *)p);
        return;
    case FIELD_BOOL:
        jw_bool(w, *(const bool *)p);
        return;
    case FIELD_TIME:
        jw_time(w, *(const instant *)p);
        return;
    case FIELD_ID:
        jw_id(w, *(const id128 *)p);
        return;
    case FIELD_JSON:
    case FIELD_TEXTS:
        jw_raw(w, *(const str *)p);
        return;
    case FIELD_BLOB:
    case FIELD_SEALED:
        hex_json(w, *(const str *)p);
        return;
    default:
        jw_str(w, *(const str *)p);
    }
}

void fields_members(jsonw *w, const field *fields, size_t n, const void *row)
{
    for (size_t i = 0; i < n; i++) {
        if (fields[i].name[0] == '_') continue;
        jw_key(w, str_of(fields[i].name));
        field_json(w, &fields[i], row);
    }
}

void fields_json(jsonw *w, const field *fields, size_t n, const void *row)
{
    jw_obj(w);
    fields_members(w, fields, n, row);
    jw_end_obj(w);
}
