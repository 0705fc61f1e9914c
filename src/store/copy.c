/* copy.c - see copy.h: what both engines share. The tables of keys are named here. */
#include "store/copy.h"
#include "store/conn.h"
#include "store/migrate.h"

static const char *const key_tables[] = { "person_key", "file_key" };

bool copy_is_keys(str table)
{
    for (size_t i = 0; i < ARRAY_LEN(key_tables); i++)
        if (str_eq(table, str_of(key_tables[i]))) return true;
    return false;
}

/* The first statement of a transaction takes its snapshot. */
err store_copy_pin(txn *t, int64_t *ret_step)
{
    return migrate_look(t->c, migrations, migrations_n, ret_step);
}

err store_copy(txn *t, const char *dir, const store_copy_watch *w)
{
    return t->c->e->pg ? copy_out_pg(t, dir, w) : copy_out_sqlite(t, dir, w);
}

err store_copy_count(txn *t, const store_copy_watch *w)
{
    return t->c->e->pg ? copy_count_pg(t, w) : copy_count_sqlite(t, w);
}

err store_fill(const store_options *o, const char *dir, int64_t step, str keys)
{
    if (step > (int64_t)migrations_n) return ERR1(E_CONFIG, "error.store.newer", S("backup"));
    return o->path ? fill_sqlite(o, dir, keys) : fill_pg(o, dir, step, keys);
}

/* ---- keys as lines ---- */

static const cell_type key_cells[] = { CELL_I64, CELL_BLOB, CELL_I64 };
static const char *const person_sql[] = {
    "SELECT person, wrapped, destroyed FROM person_key ORDER BY person"
};
static const char *const file_sql[] = {
    "SELECT file, wrapped, destroyed FROM file_key ORDER BY file"
};
static const stmt_def key_selects[] = {
    { "copy_person_keys", person_sql, person_sql, 0, 0, 3, key_cells, key_cells, 0, false },
    { "copy_file_keys", file_sql, file_sql, 0, 0, 3, key_cells, key_cells, 0, false },
};
static_assert(ARRAY_LEN(key_selects) == ARRAY_LEN(key_tables), "one a table");

typedef struct {
    buf *b;
    const char *table;
    int64_t rows;
} lines;

static err put_line(void *ctx, const cell *out)
{
    lines *l = ctx;
    buf_fmt(l->b, "%s %lld ", l->table, (long long)out[0].i);
    for (size_t i = 0; out[1].type != CELL_NULL && i < out[1].s.n; i++)
        buf_fmt(l->b, "%02x", (uint8_t)out[1].s.p[i]);
    if (out[1].type == CELL_NULL) buf_byte(l->b, '-');
    if (out[2].type == CELL_NULL)
        buf_put(l->b, S(" -\n"));
    else
        buf_fmt(l->b, " %lld\n", (long long)out[2].i);
    l->rows++;
    return OK;
}

err store_copy_keys(txn *t, arena *a, str *ret, int64_t *ret_rows)
{
    buf b = buf_new(a, 65536);
    lines l = { .b = &b };
    for (size_t i = 0; i < ARRAY_LEN(key_selects); i++) {
        l.table = key_tables[i];
        TRY(stmt_run(t, &key_selects[i], 0, NULL, put_line, &l, NULL));
    }
    *ret = buf_str(&b);
    *ret_rows = l.rows;
    return OK;
}

static bool number_or_dash(str s, bool dash)
{
    int64_t n;
    return (dash && str_eq(s, S("-"))) || str_to_i64(s, &n);
}

static bool hex_or_dash(str s)
{
    if (str_eq(s, S("-"))) return true;
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("0123456789abcdef", s.p[i]) || !s.p[i]) return false;
    return s.n % 2 == 0 && s.n <= 1024;
}

err copy_key_lines(str keys, key_line_fn fn, void *ctx)
{
    str line, part[4];
    for (int64_t row = 1; str_split(&keys, '\n', &line) && line.n; row++) {
        int n = 0;
        while (n < 4 && str_split(&line, ' ', &part[n]))
            n++;
        if (n < 4 || line.n || !copy_is_keys(part[0]) || !number_or_dash(part[1], false) ||
                !hex_or_dash(part[2]) || !number_or_dash(part[3], true))
            return err_at_row(
                    ERR1(E_INVALID, "error.store.fill_form", S("keys")), S("keys"), row, 0);
        TRY(fn(ctx, part[0], part[1], part[2], part[3]));
    }
    return OK;
}
