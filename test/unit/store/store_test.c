/* store_test.c - transactions, the group-commit writer, budgets, migrations and lost power, on both
 * engines: each test is a function of (bool pg). */
#include "unit/unit.h"

#include "gen/store/queries.h"
#include "store/job.h"
#include "store/migrate.h"
#include "support/stores.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- small writes ---- */

typedef struct {
    const char *name, *value;
    err after; /* returned once the write is made */
} put;

static err put_apply(txn *t, void *ctx)
{
    put *p = ctx;
    int64_t n;
    setting_put_args args = { .name = str_of(p->name), .value = str_of(p->value) };
    txn_tell_hook(t);
    TRY(setting_put(t, &args, &n));
    return p->after;
}

static void write_setting(store *s, const char *name, const char *value)
{
    put p = { name, value, OK };
    assert_ok(store_write(s, put_apply, &p));
}

/* The value, or "-" when there is none; lasts until the next call. */
static const char *setting(store *s, const char *name)
{
    static char text[64];
    txn *t;
    setting_value_row *r;
    assert_ok(txn_read(s, 0, &t));
    err e = setting_value(t, &(setting_value_args){ .name = str_of(name) }, txn_arena(t), &r);
    bool absent = err_code_of(e) == E_ABSENT;
    if (!absent) assert_ok(e);
    snprintf(text, sizeof text, "%.*s", absent ? 1 : (int)r->value.n, absent ? "-" : r->value.p);
    txn_end(t);
    return text;
}

static void writes_are_read(test_store *t)
{
    write_setting(t->s, "a", "1");
    assert_string_equal(setting(t->s, "a"), "1");
    write_setting(t->s, "a", "2");
    assert_string_equal(setting(t->s, "a"), "2");
    assert_string_equal(setting(t->s, "b"), "-");
    test_store_reopen(t);
    assert_string_equal(setting(t->s, "a"), "2");
}

static void instance_stays(test_store *t)
{
    id128 id = store_instance(t->s);
    assert_false(id_is_zero(id));
    test_store_reopen(t);
    assert_true(id_eq(id, store_instance(t->s)));
}

static void snapshot_is_consistent(test_store *t)
{
    txn *r;
    setting_value_row *row;
    write_setting(t->s, "a", "old");
    assert_ok(txn_read(t->s, 0, &r));
    assert_ok(setting_value(r, &(setting_value_args){ .name = S("a") }, txn_arena(r), &row));
    write_setting(t->s, "a", "new");
    assert_ok(setting_value(r, &(setting_value_args){ .name = S("a") }, txn_arena(r), &row));
    assert_str(row->value, "old");
    txn_end(r);
    assert_string_equal(setting(t->s, "a"), "new");
}

static void fault_undoes_its_part(test_store *t)
{
    put p = { "a", "1", ERR1(E_DENIED, "error.access.role", S("why")) };
    err e = store_write(t->s, put_apply, &p);
    assert_int_equal(err_code_of(e), E_DENIED);
    assert_string_equal(e.f->key, "error.access.role");
    assert_str(e.f->args[0], "why");
    assert_string_equal(setting(t->s, "a"), "-");
}

/* ---- unique ---- */

static err add_twice(txn *t, void *ctx)
{
    (void)ctx;
    int64_t row;
    job_add_row *made;
    id128 id = id_new();
    job_add_args args = { .id = id, .kind = S("k"), .body = S("{}"), .max_attempts = 1 };
    TRY(job_add(t, &args, txn_arena(t), &made));
    row = made->row;
    err e = job_add(t, &args, txn_arena(t), &made);
    assert_int_equal(err_code_of(e), E_CONFLICT);
    assert_str(e.f->args[0], "job_by_id");
    /* A part with a failed statement is spoiled on both engines. */
    err spoiled = setting_put(t, &(setting_put_args){ S("z"), S("1") }, &row);
    assert_int_equal(err_code_of(spoiled), E_CONFLICT);
    return OK;
}

static void unique_is_conflict(test_store *t)
{
    assert_int_equal(err_code_of(store_write(t->s, add_twice, NULL)), E_CONFLICT);
    assert_string_equal(setting(t->s, "z"), "-");
    write_setting(t->s, "z", "2"); /* the writer goes on */
}

static const cell_type text_cells[] = { CELL_TEXT };
static const char *const plain_lite[] = { "INSERT INTO setting (name, value) VALUES (?1, 'x')" };
static const char *const plain_pg[] = { "INSERT INTO setting (name, value) VALUES ($1, 'x')" };
static const stmt_def plain = { "plain", plain_lite, plain_pg, 0, 1, 0, text_cells, text_cells, 0,
    true };

/* Nothing is asked of the insert, so PostgreSQL may answer after the function returned. */
static err insert_unasked(txn *t, void *ctx)
{
    cell name = { CELL_TEXT, .s = str_of(ctx) };
    return stmt_run(t, &plain, 0, &name, NULL, NULL, NULL);
}

static void late_fault_is_its_parts(test_store *t)
{
    static char one[] = "one", two[] = "two";
    assert_ok(store_write(t->s, insert_unasked, one));
    assert_int_equal(err_code_of(store_write(t->s, insert_unasked, one)), E_CONFLICT);
    assert_ok(store_write(t->s, insert_unasked, two));
    assert_string_equal(setting(t->s, "two"), "x");
}

/* ---- groups ---- */

enum { JOBS = 200 };
typedef struct {
    int groups, commits;
} hooks;

static err hook_before(txn *t, void *ctx)
{
    hooks *h = ctx;
    int64_t n;
    h->groups++;
    assert_true(txn_writes(t));
    return setting_put(t, &(setting_put_args){ S("sealed"), S("yes") }, &n);
}

static void hook_after(void *ctx)
{
    ((hooks *)ctx)->commits++;
}

typedef struct {
    write_job j;
    put p;
    hooks *h;
    int number, commits_at_done;
    err_code result;
    _Atomic int *left;
} numbered;

static err numbered_apply(txn *t, void *ctx)
{
    numbered *x = ctx;
    if (x->number % 7 == 3) {
        put bad = { "lost", "x", OK };
        TRY(put_apply(t, &bad));
        return ERR(E_FULL, "error.store.queue_full");
    }
    return put_apply(t, &x->p);
}

static void numbered_done(void *ctx, err result)
{
    numbered *x = ctx;
    x->result = err_code_of(result);
    x->commits_at_done = x->h->commits;
    (*x->left)--;
}

static void group_commit_in_order(test_store *t)
{
    static numbered jobs[JOBS];
    static char names[JOBS][16];
    hooks h = { 0 };
    _Atomic int left = JOBS;
    store_on_commit(t->s, hook_before, hook_after, &h);
    for (int i = 0; i < JOBS; i++) {
        snprintf(names[i], sizeof names[i], "n%d", i);
        jobs[i] = (numbered){ .p = { names[i], "1", OK }, .h = &h, .number = i, .left = &left };
        jobs[i].j = (write_job){ .apply = numbered_apply, .done = numbered_done, .ctx = &jobs[i] };
        assert_ok(store_submit(t->s, &jobs[i].j));
    }
    while (left)
        usleep(1000);
    assert_true(h.groups >= 1 && h.groups <= JOBS && h.groups == h.commits);
    for (int i = 0; i < JOBS; i++) {
        bool bad = i % 7 == 3;
        assert_int_equal(jobs[i].result, bad ? E_FULL : E_OK);
        assert_true(jobs[i].commits_at_done >= 1);
        if (i) assert_true(jobs[i].commits_at_done >= jobs[i - 1].commits_at_done);
        assert_string_equal(setting(t->s, names[i]), bad ? "-" : "1");
    }
    assert_string_equal(setting(t->s, "lost"), "-");
    assert_string_equal(setting(t->s, "sealed"), "yes");
}

static err refuse_before(txn *t, void *ctx)
{
    (void)t;
    (void)ctx;
    return ERR(E_BUG, "error.store.sql");
}

static void refused_group_leaves_nothing(test_store *t)
{
    store_on_commit(t->s, refuse_before, NULL, NULL);
    put p = { "a", "1", OK };
    assert_int_equal(err_code_of(store_write(t->s, put_apply, &p)), E_BUG);
    store_on_commit(t->s, NULL, NULL, NULL);
    assert_string_equal(setting(t->s, "a"), "-");
    write_setting(t->s, "a", "2");
    assert_string_equal(setting(t->s, "a"), "2");
}

/* ---- closing ---- */

static void close_finishes_what_waits(test_store *t)
{
    static numbered jobs[50];
    static char names[50][16];
    hooks h = { 0 };
    _Atomic int left = 50;
    for (int i = 0; i < 50; i++) {
        snprintf(names[i], sizeof names[i], "w%d", i);
        jobs[i] = (numbered){ .p = { names[i], "1", OK }, .h = &h, .left = &left };
        jobs[i].j = (write_job){ .apply = numbered_apply, .done = numbered_done, .ctx = &jobs[i] };
        assert_ok(store_submit(t->s, &jobs[i].j));
    }
    test_store_reopen(t);
    assert_int_equal(left, 0);
    for (int i = 0; i < 50; i++)
        assert_string_equal(setting(t->s, names[i]), "1");
}

/* ---- lost power: acknowledged writes survive kill -9 ---- */

typedef struct {
    _Atomic int acknowledged[8];
} shared;

typedef struct {
    store *s;
    shared *m;
    int who;
} hammer;

static void *hammer_main(void *ctx)
{
    hammer *h = ctx;
    for (int i = 1;; i++) {
        char name[16], value[16];
        snprintf(name, sizeof name, "k%d", h->who);
        snprintf(value, sizeof value, "%d", i);
        put p = { name, value, OK };
        if (failed(store_write(h->s, put_apply, &p))) return NULL;
        h->m->acknowledged[h->who] = i;
    }
}

_Noreturn static void child(const store_options *o, shared *m)
{
    store *s;
    hammer h[8];
    pthread_t threads[8];
    if (failed(store_open(o, &s))) _exit(1);
    for (int i = 0; i < 8; i++) {
        h[i] = (hammer){ s, m, i };
        if (pthread_create(&threads[i], NULL, hammer_main, &h[i])) _exit(1);
    }
    for (;;)
        pause();
}

/* Some time after every one of them has written, however busy the machine is. */
static void let_all_write(shared *m)
{
    for (int i = 0, ms = 0; i < 8; i++)
        for (; !m->acknowledged[i] && ms < 30000; ms += 10)
            usleep(10000);
    usleep(300000);
}

static void kill_loses_nothing(test_store *t)
{
    shared *m = mmap(NULL, sizeof *m, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(m != MAP_FAILED);
    for (int round = 0; round < 3; round++) {
        store_close(t->s);
        t->s = NULL;
        memset(m, 0, sizeof *m);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (!pid) child(&t->options, m);
        let_all_write(m);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        test_store_reopen(t);
        for (int i = 0; i < 8; i++) {
            char name[16];
            snprintf(name, sizeof name, "k%d", i);
            assert_true(m->acknowledged[i] > 0);
            assert_true(atoi(setting(t->s, name)) >= m->acknowledged[i]);
        }
    }
    munmap(m, sizeof *m);
}

/* ---- budget ---- */

static const cell_type i64_cells[] = { CELL_I64 };
static const char *const endless_sql[] = {
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 100000000) "
    "SELECT count(*) FROM c"
};
static const stmt_def endless = { "endless", endless_sql, endless_sql, 0, 0, 1, i64_cells,
    i64_cells, 0, false };

static void budget_is_kept(test_store *t)
{
    txn *r;
    if (t->pg) return; /* reads of PostgreSQL have a time limit instead */
    assert_ok(txn_read(t->s, 20000, &r));
    assert_fails(stmt_run(r, &endless, 0, NULL, NULL, NULL, NULL), E_BUSY, "error.store.budget");
    txn_end(r);
    assert_string_equal(setting(t->s, "nothing"), "-"); /* the same connection, without a budget */
}

/* ---- migrations ---- */

static err spoil_apply(txn *t, void *ctx)
{
    static const char *const sql[] = {
        "UPDATE schema_migration SET checksum = 'x' WHERE number = 1"
    };
    static const char *const newer[] = { "INSERT INTO schema_migration VALUES (99, 'x', 0)" };
    const char *const *text = ctx ? newer : sql;
    static stmt_def both[2];
    stmt_def *def = &both[ctx ? 1 : 0];
    *def = (stmt_def){ "spoil", text, text, 0, 0, 0, i64_cells, i64_cells, 0, true };
    return stmt_run(t, def, 0, NULL, NULL, NULL, NULL);
}

static void refused_when_opened(test_store *t, void *which, const char *key)
{
    store *s = NULL;
    assert_ok(store_write(t->s, spoil_apply, which));
    store_close(t->s);
    t->s = NULL;
    assert_fails(store_open(&t->options, &s), E_CONFIG, key);
    assert_null(s);
    t->s = NULL;
}

static void other_migration_is_refused(test_store *t)
{
    refused_when_opened(t, NULL, "error.store.checksum");
}

static void newer_store_is_refused(test_store *t)
{
    refused_when_opened(t, t, "error.store.newer");
}

/* ---- jobs ---- */

typedef struct {
    const char *who;
    int64_t row;
    int64_t lease_us; /* 0: a minute */
    job got;
    bool flag;
    err_code code;
} work;

static err enqueue(txn *t, void *ctx)
{
    work *w = ctx;
    return job_enqueue(t,
            &(job_draft){ .kind = S("mail"), .body = S("{\"x\":1}"), .max_attempts = 2 }, &w->row,
            &w->got.id);
}

static err claim(txn *t, void *ctx)
{
    work *w = ctx;
    const job *j;
    int64_t lease_us = w->lease_us ? w->lease_us : 60 * US_PER_S;
    TRY(job_claim(t, txn_arena(t), S("mail"), str_of(w->who), lease_us, &j));
    w->row = j->row;
    w->got = *j;
    return OK;
}

static err beat(txn *t, void *ctx)
{
    work *w = ctx;
    return job_progress(
            t, w->row, str_of(w->who), &(job_report){ 5, 10, S("{}") }, 60 * US_PER_S, &w->flag);
}

static err finish(txn *t, void *ctx)
{
    work *w = ctx;
    return job_finish(t, w->row, str_of(w->who));
}

static err fail_it(txn *t, void *ctx)
{
    work *w = ctx;
    return job_fail(t, w->row, str_of(w->who), S("peer said no"), &w->flag);
}

static err stop(txn *t, void *ctx)
{
    return job_stop(t, ((work *)ctx)->row);
}

static void advance(test_store *t, int64_t s)
{
    clock_freeze(&t->clock, (instant){ clock_now(&t->clock).us + s * US_PER_S });
}

static void jobs_are_leased(test_store *t)
{
    work a = { .who = "a", .lease_us = 200 * US_PER_MS }, b = { .who = "b" };
    assert_ok(store_write(t->s, enqueue, &a));
    assert_ok(store_write(t->s, claim, &a));
    assert_int_equal(a.got.attempts, 1);
    assert_int_equal(err_code_of(store_write(t->s, claim, &b)), E_ABSENT);
    usleep(250000); /* the lease ran out, though the realm's clock stands: b takes over, a hears */
    assert_ok(store_write(t->s, claim, &b));
    assert_ok(store_write(t->s, beat, &a));
    assert_true(a.flag);
    assert_int_equal(err_code_of(store_write(t->s, finish, &a)), E_CONFLICT);
    assert_ok(store_write(t->s, beat, &b));
    assert_false(b.flag);
    assert_ok(store_write(t->s, finish, &b));
    assert_int_equal(err_code_of(store_write(t->s, stop, &b)), E_CONFLICT);
}

static void jobs_are_tried_again(test_store *t)
{
    work a = { .who = "a" };
    assert_ok(store_write(t->s, enqueue, &a));
    assert_ok(store_write(t->s, claim, &a));
    assert_ok(store_write(t->s, fail_it, &a));
    assert_false(a.flag);
    assert_int_equal(err_code_of(store_write(t->s, claim, &a)), E_ABSENT);
    advance(t, 11);
    assert_ok(store_write(t->s, claim, &a));
    assert_ok(store_write(t->s, fail_it, &a));
    assert_true(a.flag);
    advance(t, 100000);
    assert_int_equal(err_code_of(store_write(t->s, claim, &a)), E_ABSENT);
    work b = { .who = "b" };
    assert_ok(store_write(t->s, enqueue, &b));
    assert_ok(store_write(t->s, claim, &b));
    assert_ok(store_write(t->s, stop, &b));
    assert_ok(store_write(t->s, beat, &b));
    assert_true(b.flag);
}

/* ---- each on both engines ---- */

static void on(bool pg, void (*test)(test_store *t))
{
    if (pg && !stores_have_pg()) skip();
    test_store *t = test_store_new(pg);
    test(t);
    test_store_free(t);
}

#define BOTH(fn)                                                                                   \
    static void fn##_sqlite(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on(false, fn);                                                                             \
    }                                                                                              \
    static void fn##_pg(void **state)                                                              \
    {                                                                                              \
        (void)state;                                                                               \
        on(true, fn);                                                                              \
    }
#define RUN(fn) cmocka_unit_test(fn##_sqlite), cmocka_unit_test(fn##_pg)

BOTH(writes_are_read)
BOTH(instance_stays)
BOTH(snapshot_is_consistent)
BOTH(fault_undoes_its_part)
BOTH(unique_is_conflict)
BOTH(late_fault_is_its_parts)
BOTH(group_commit_in_order)
BOTH(refused_group_leaves_nothing)
BOTH(close_finishes_what_waits)
BOTH(kill_loses_nothing)
BOTH(budget_is_kept)
BOTH(other_migration_is_refused)
BOTH(newer_store_is_refused)
BOTH(jobs_are_leased)
BOTH(jobs_are_tried_again)

int main(void)
{
    const struct CMUnitTest tests[] = { RUN(writes_are_read), RUN(instance_stays),
        RUN(snapshot_is_consistent), RUN(fault_undoes_its_part), RUN(unique_is_conflict),
        RUN(late_fault_is_its_parts), RUN(group_commit_in_order), RUN(refused_group_leaves_nothing),
        RUN(close_finishes_what_waits), RUN(kill_loses_nothing), RUN(budget_is_kept),
        RUN(other_migration_is_refused), RUN(newer_store_is_refused), RUN(jobs_are_leased),
        RUN(jobs_are_tried_again) };
    int rc = cmocka_run_group_tests_name("store", tests, NULL, NULL);
    stores_over();
    return rc;
}
