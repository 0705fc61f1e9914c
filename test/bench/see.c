/* see.c - what the see clause costs on lists: statements of the program as they are, and the same
 * texts with each clause taken out, asked in turn of one aged store, by viewers whose lists these
 * are. usage: bench-see sqlite|pg [findings]; prints NAME SEE_US PLAIN_US RATIO */
#include "access/record.h"
#include "base/time.h"
#include "gen/statements.h"
#include "support/nation.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ORGS = 100, SLICE = 250, KINDS = 4, ROUNDS = 40, EACH = 25, PAGE = 50, PIECES = 9 };

static const char *const kinds[KINDS] = { "open-rdp", "open-smb", "open-mongodb", "open-telnet" };
static int64_t orgs[ORGS], people[ORGS], first_row, last_row;

/* ---- a statement without its clause ---- */

/* A clause of tools/gen/schema.py begins like this, whatever its alias is. */
static const char *clause_at(const char *text)
{
    for (const char *p = text; (p = strstr(p, "(( (")); p++) {
        const char *q = p + 4;
        while (isalnum((unsigned char)*q) || *q == '_')
            q++;
        if (!strncmp(q, ".owner = ", 9)) return p;
    }
    return NULL;
}

static const char *clause_end(const char *p)
{
    int depth = 0;
    do {
        depth += *p == '(';
        depth -= *p == ')';
        ASSERT(*p++);
    } while (depth);
    return p;
}

static const char *without(const char *text, int *taken)
{
    buf b = buf_new(arena_new(1 << 20), 4096);
    for (const char *p; (p = clause_at(text)); text = clause_end(p), ++*taken) {
        buf_put(&b, (str){ text, (size_t)(p - text) });
        buf_put(&b, S("(1 = 1)"));
    }
    buf_put(&b, str_of(text));
    buf_byte(&b, 0);
    return b.p;
}

static stmt_def plain_of(const stmt_def *s)
{
    static const char *pieces[16][PIECES];
    static int made;
    int n = 2 * s->n_optional + 1, taken = 0;
    stmt_def plain = *s;
    ASSERT(n <= PIECES && made + 1 < 16);
    for (int i = 0; i < n; i++) {
        pieces[made][i] = without(s->sqlite[i], &taken);
        pieces[made + 1][i] = without(s->pg[i], &taken);
    }
    ASSERT(taken >= 2);
    plain.sqlite = pieces[made++];
    plain.pg = pieces[made++];
    return plain;
}

/* ---- questions ---- */

typedef struct {
    const char *name;
    const stmt_def *s;
    int64_t person; /* who asks */
    bool of_org;    /* its first parameter is the asker's organisation */
    bool all;       /* it walks the whole table: asked once a round */
    size_t rows;    /* that it told, of both texts */
} question;

static err count(void *ctx, const cell *out)
{
    (void)out;
    ++*(size_t *)ctx;
    return OK;
}

/* By the number of parameters of its own: a place in the list and a length, an organisation, a row.
 */
static void bind(const question *q, const viewer *v, uint32_t roll, cell *in)
{
    int own = q->s->n_in - VIEWER_CELLS, at = 0;
    for (int i = 0; i < own; i++)
        in[i] = (cell){ .type = CELL_NULL };
    if (q->s == &stmt_finding_page) in[at++] = (cell){ CELL_TEXT, .s = S("open") };
    if (q->of_org) in[at++] = (cell){ CELL_I64, .i = v->org };
    if (q->s == &stmt_finding_page || q->s == &stmt_finding_page_org) {
        instant before = { INSTANT_MAX.us - 1 - (int64_t)roll };
        in[at++] = (cell){ CELL_I64, .i = before.us };
        in[at] = (cell){ CELL_I64, .i = INT64_MAX };
        in[own - 1] = (cell){ CELL_I64, .i = PAGE };
    } else if (q->s == &stmt_finding_view) {
        in[0] = (cell){ CELL_I64, .i = first_row + roll % (last_row - first_row + 1) };
    } else if (q->s == &stmt_queue_findings) {
        in[0] = (cell){ CELL_I64, .i = INT64_MAX };
        in[own - 1] = (cell){ CELL_I64, .i = PAGE };
    }
    viewer_bind(v, in + own);
}

static double ask(nation *n, const question *q, const stmt_def *s, uint32_t seed, size_t *rows)
{
    const uint32_t each = q->all ? 1 : EACH;
    cell in[32];
    txn *t = nation_read(n);
    viewer v = nation_viewer(n, t, q->person);
    int64_t spent = 0;
    for (uint32_t i = 0; i < each; i++) {
        bind(q, &v, seed * EACH + i, in);
        int64_t began = monotonic_us();
        err e = stmt_run(t, s, 0, in, count, rows, NULL);
        spent += monotonic_us() - began;
        if (failed(e)) {
            fprintf(stderr, "%s: %s %.*s\n", s->name, e.f->key, STR_ARG(e.f->args[0]));
            exit(1);
        }
    }
    txn_end(t);
    return (double)spent / each;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One text after the other, round after round, so that other work on the machine falls on both. */
static void measure(nation *n, question *q)
{
    static double with[ROUNDS], plain[ROUNDS];
    static stmt_def bares[8]; /* a prepared statement is found again by its definition's address */
    static int n_bares;
    ASSERT(n_bares < (int)ARRAY_LEN(bares));
    stmt_def *bare = &bares[n_bares++];
    *bare = plain_of(q->s);
    size_t seen = 0, all = 0;
    (void)ask(n, q, q->s, 0, &seen);
    (void)ask(n, q, bare, 0, &all);
    seen = all = 0;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        with[i] = ask(n, q, q->s, i, &seen);
        plain[i] = ask(n, q, bare, i, &all);
    }
    ASSERT(seen == all && seen > 0); /* the same rows, or it would be another list */
    qsort(with, ROUNDS, sizeof *with, by_size);
    qsort(plain, ROUNDS, sizeof *plain, by_size);
    printf("%s %.1f %.1f %.2f\n", q->name, with[ROUNDS / 2], plain[ROUNDS / 2],
            with[ROUNDS / 2] / plain[ROUNDS / 2]);
    fflush(stdout);
}

/* ---- the store ---- */

static void fill(nation *n)
{
    char key[40], mail[60];
    for (int i = 0; i < ORGS; i++) {
        snprintf(key, sizeof key, "org-%d", i);
        orgs[i] = nation_org(n, key, i % 2 ? "en" : "ur");
        snprintf(mail, sizeof mail, "focal@%s.example", key);
        people[i] = nation_person(n, orgs[i], mail, "en", "focal", "active");
    }
}

/* Found over weeks, and a third of them seen again later: each of those has an earlier version. */
static void promote(nation *n, uint32_t findings, uint32_t step)
{
    static promote_item items[SLICE];
    size_t k = 0;
    for (uint32_t at = 0; at < findings; at += step) {
        items[k++] = nation_item(orgs[at % ORGS], "vulnerable-system", kinds[at / ORGS % KINDS],
                (int64_t)(2 + at % 3), at);
        if (k < SLICE && at + step < findings) continue;
        nation_promote(n, items, k);
        nation_pass(n, 600);
        k = 0;
    }
}

static err take_range(void *ctx, const cell *out)
{
    (void)ctx;
    first_row = out[0].i;
    last_row = out[1].i;
    return OK;
}

static void find_range(nation *n)
{
    static const cell_type types[] = { CELL_I64, CELL_I64 };
    static const char *const sql[] = { "SELECT min(f.row), max(f.row) FROM finding f" };
    static const stmt_def range = { "range", sql, sql, 0, 0, 2, types, types, 0, false };
    txn *t = nation_read(n);
    ASSERT(!failed(stmt_run(t, &range, 0, NULL, take_range, NULL, NULL)));
    txn_end(t);
}

int main(int argc, char **argv)
{
    bool pg = argc > 1 && !strcmp(argv[1], "pg");
    uint32_t findings = argc > 2 ? (uint32_t)atoi(argv[2]) : 100000;
    if (pg && !stores_have_pg()) return 1;
    nation *n = nation_new(pg, REALM_LIVE);
    clock_freeze(&n->ts->clock, (instant){ 0 });
    fill(n);
    promote(n, findings, 1);
    promote(n, findings, 3);
    find_range(n);
    int64_t desk = nation_person(n, n->r.site_org, "desk@cert.example", "en", "none", "active");
    question all[] = { { "page-state", &stmt_finding_page, desk, false, false, 0 },
        { "page-organisation", &stmt_finding_page_org, people[7], true, false, 0 },
        { "row", &stmt_finding_view, desk, false, false, 0 },
        { "queue", &stmt_queue_findings, desk, false, true, 0 },
        { "count", &stmt_findings_open, desk, false, true, 0 } };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        measure(n, &all[i]);
    nation_free(n);
    stores_over();
    return 0;
}
