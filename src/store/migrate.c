/* migrate.c - brings a store's tables up to date: steps in order, each in one transaction with the
 * row that says it was done. A step that was applied with another text, or one this program does
 * not know, is refused. On PostgreSQL an advisory lock keeps two programs apart; SQLite's write
 * lock does there. The thread is store_open's. */
#include "store/migrate.h"

#include "base/log.h"

#include <stdio.h>

static const char table_sql[] =
        "CREATE TABLE IF NOT EXISTS schema_migration "
        "(number BIGINT PRIMARY KEY, checksum TEXT NOT NULL, applied BIGINT NOT NULL)";
static const cell_type row_cells[] = { CELL_I64, CELL_TEXT, CELL_I64 };
static const char *const list_sql[] = {
    "SELECT number, checksum FROM schema_migration ORDER BY number"
};
static const stmt_def list = { "migration_list", list_sql, list_sql, 0, 0, 2, row_cells, row_cells,
    0, false };
static const char *const note_lite[] = { "INSERT INTO schema_migration VALUES (?1, ?2, ?3)" };
static const char *const note_pg[] = { "INSERT INTO schema_migration VALUES ($1, $2, $3)" };
static const stmt_def note = { "migration_note", note_lite, note_pg, 0, 3, 0, row_cells, row_cells,
    0, true };

typedef struct {
    const migration *steps;
    size_t n;
    int64_t done; /* the last step that is there */
    bool pg;
} progress;

static err see_applied(void *ctx, const cell *out)
{
    progress *p = ctx;
    int64_t number = out[0].i;
    char text[24];
    str said = { text, (size_t)snprintf(text, sizeof text, "%lld", (long long)number) };
    if (number != p->done + 1 || number > (int64_t)p->n)
        return ERR1(E_CONFIG, "error.store.newer", said);
    if (!str_eq(out[1].s, str_of(p->steps[number - 1].checksum[p->pg])))
        return ERR1(E_CONFIG, "error.store.checksum", said);
    p->done = number;
    return OK;
}

static err apply_step(conn *c, const migration *m, instant now)
{
    bool pg = c->e->pg;
    cell in[] = { { .type = CELL_I64, .i = m->number },
        { .type = CELL_TEXT, .s = str_of(m->checksum[pg]) }, { .type = CELL_I64, .i = now.us } };
    TRY(c->e->script(c, str_of(m->sql[pg])));
    return c->e->run(c, &note, 0, in, NULL, NULL, NULL);
}

static err one_step(conn *c, const migration *m, instant now)
{
    TRY(c->e->command(c, dialect_begin_write(c->e->pg), true));
    err e = apply_step(c, m, now);
    err end = c->e->command(c, failed(e) ? "ROLLBACK" : "COMMIT", true);
    if (!failed(e)) e = end;
    if (!failed(e)) log_info("store.migrated", "step=%lld", (long long)m->number);
    return e;
}

static err all_steps(conn *c, const migration *steps, size_t n, instant now)
{
    progress p = { .steps = steps, .n = n, .pg = c->e->pg };
    TRY(c->e->script(c, str_of(table_sql)));
    TRY(c->e->run(c, &list, 0, NULL, see_applied, &p, NULL));
    for (size_t i = (size_t)p.done; i < n; i++)
        TRY(one_step(c, &steps[i], now));
    return OK;
}

err migrate_look(conn *c, const migration *steps, size_t n, int64_t *ret_done)
{
    progress p = { .steps = steps, .n = n, .pg = c->e->pg };
    TRY(c->e->run(c, &list, 0, NULL, see_applied, &p, NULL));
    *ret_done = p.done;
    return OK;
}

err migrate_run(conn *c, const migration *steps, size_t n, instant now)
{
    c->t.writes = true;
    if (c->e->pg)
        TRY(c->e->script(
                c, S("SELECT pg_advisory_lock(hashtext('minar'), hashtext(current_schema()))")));
    err e = all_steps(c, steps, n, now);
    if (c->e->pg) {
        err last = c->e->script(
                c, S("SELECT pg_advisory_unlock(hashtext('minar'), hashtext(current_schema()))"));
        if (!failed(e)) e = last;
    }
    c->t.writes = false;
    return e;
}
