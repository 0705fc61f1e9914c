/* record_test.c - records behind handles on both engines: made, held, saved, refused; earlier
 * versions and their digests; sealed columns and the end of a key. Each test runs within one
 * writing transaction. */
#include "unit/unit.h"

#include "access/audience.h"
#include "access/record_row.h"
#include "access/seal.h"
#include "gen/access/queries.h"
#include "gen/records/api_key.h"
#include "gen/records/finding.h"
#include "gen/records/person.h"
#include "support/stores.h"

#include <sys/stat.h>
#include <unistd.h>

enum { US = 1, OTHER = 2 };

static viewer person_of(int64_t org, uint32_t roles, instant now)
{
    return (viewer){ .org = org,
        .person = 7,
        .roles = roles,
        .may_write = true,
        .sight = { .org = org, .person = 7, .now = now } };
}

static viewer machine(void)
{
    return (viewer){ .system = true, .may_write = true, .org = US };
}

static int64_t strict(txn *t)
{
    int64_t row;
    assert_ok(audience_intern(t, LABEL_STRICT, 0, NULL, 0, &row));
    return row;
}

static finding_draft a_finding(txn *t, const char *dedup)
{
    return (finding_draft){ .owner = US,
        .audience = strict(t),
        .feed = 1,
        .taxonomy = S("vulnerable"),
        .type = S("vulnerable-system"),
        .identifier = S("open-telnet"),
        .severity = 3,
        .ip = S("192.0.2.7"),
        .port = 23,
        .has_port = true,
        .detail = S("{\"banner\":\"x\"}"),
        .dedup = str_of(dedup),
        .first_seen = txn_now(t),
        .last_seen = txn_now(t),
        .seen = 1,
        .why_kind = S("network"),
        .why_value = S("192.0.2.0/24"),
        .event = id_new(),
        .state = S("open") };
}

static const finding_handle *new_finding(txn *t, const char *dedup)
{
    const finding_handle *h;
    viewer v = machine();
    finding_draft d = a_finding(t, dedup);
    assert_ok(finding_insert(t, &v, &d, LEDGER_finding_opened, &h));
    return h;
}

/* ---- made, held, saved ---- */

static err made_and_saved(txn *t, void *ctx)
{
    (void)ctx;
    const finding_handle *h = new_finding(t, "k1"), *again;
    viewer v = person_of(US, ROLE_ANALYST, txn_now(t));
    assert_true(h->row > 0 && h->version == 1 && !id_is_zero(h->id.id));
    assert_ok(finding_hold(t, &v, h->id, &again));
    assert_int_equal(again->row, h->row);
    assert_true(id_eq(again->origin, store_instance(txn_store(t))));
    assert_str(again->now.ip, "192.0.2.7");
    assert_true(again->now.has_port && again->now.port == 23 && !again->now.has_asn &&
                !again->now.fqdn.p);
    assert_str(again->retention, "standard");
    finding_draft d = again->now;
    d.state = S("fixed");
    d.answered_by = 7, d.has_answered_by = true;
    d.answered = txn_now(t);
    assert_ok(finding_save(t, &v, again, &d, LEDGER_finding_answered));
    assert_int_equal(again->version, 2);
    d.seen = 2;
    assert_ok(finding_save(t, &v, again, &d, LEDGER_NONE));
    assert_ok(finding_read_row(t, &v, h->row, &again));
    assert_str(again->now.state, "fixed");
    assert_int_equal(again->version, 3);
    assert_int_equal(again->now.answered.us, txn_now(t).us);
    return OK;
}

static err refusals(txn *t, void *ctx)
{
    (void)ctx;
    const finding_handle *h = new_finding(t, "k1"), *got = NULL;
    viewer stranger = person_of(OTHER, ROLE_ANALYST, txn_now(t));
    viewer reader = person_of(US, ROLE_READER, txn_now(t));
    finding_draft d = a_finding(t, "k2");
    assert_int_equal(err_code_of(finding_read(t, &stranger, h->id, &got)), E_ABSENT);
    assert_int_equal(err_code_of(finding_hold(t, &stranger, h->id, &got)), E_ABSENT);
    assert_int_equal(err_code_of(finding_hold(t, &reader, h->id, &got)), E_DENIED);
    assert_int_equal(
            err_code_of(finding_hold(t, &reader, (finding_id){ id_new() }, &got)), E_ABSENT);
    assert_int_equal(err_code_of(finding_insert(t, &reader, &d, LEDGER_NONE, &got)), E_DENIED);
    assert_null(got);
    assert_ok(finding_read(t, &reader, h->id, &got));
    assert_false(got->held);
    reader.roles = ROLE_ANALYST;
    assert_ok(finding_hold(t, &reader, h->id, &got));
    d = got->now;
    d.owner = OTHER; /* giving it away asks for the right to make one there */
    assert_int_equal(err_code_of(finding_save(t, &reader, got, &d, LEDGER_NONE)), E_DENIED);
    return OK;
}

static err lost_update(txn *t, void *ctx)
{
    (void)ctx;
    viewer v = machine();
    const finding_handle *h = new_finding(t, "k1"), *first, *second;
    assert_ok(finding_hold(t, &v, h->id, &first));
    assert_ok(finding_hold(t, &v, h->id, &second));
    finding_draft d = first->now;
    assert_ok(finding_save(t, &v, first, &d, LEDGER_NONE));
    assert_int_equal(err_code_of(finding_save(t, &v, second, &d, LEDGER_NONE)), E_CONFLICT);
    assert_ok(finding_hold(t, &v, h->id, &second)); /* read again, it works */
    assert_ok(finding_save(t, &v, second, &d, LEDGER_NONE));
    assert_int_equal(second->version, 3);
    return OK;
}

static err unique_taken(txn *t, void *ctx)
{
    (void)ctx;
    viewer v = machine();
    const finding_handle *h;
    new_finding(t, "same");
    finding_draft d = a_finding(t, "same");
    err e = finding_insert(t, &v, &d, LEDGER_NONE, &h);
    assert_int_equal(err_code_of(e), E_CONFLICT);
    assert_str(e.f->args[0], "finding_by_dedup");
    return e;
}

static err as_json(txn *t, void *ctx)
{
    (void)ctx;
    const finding_handle *h = new_finding(t, "k1");
    const json *j;
    jsonw w = jsonw_new(txn_arena(t), 512);
    finding_json(&w, h, LANG_EN);
    assert_ok(json_parse(txn_arena(t), jsonw_done(&w), NULL, &j));
    assert_str(json_get_text(j, S("state")), "open");
    assert_true(json_is_null(json_get(j, S("fqdn"))) && json_is_null(json_get(j, S("answered"))));
    assert_str(json_get_text(json_get(j, S("detail")), S("banner")), "x");
    assert_null(json_get(j, S("salt")));
    return OK;
}

/* ---- digests ---- */

static const cell_type no_cells[] = { CELL_NULL };

static err alter(txn *t, const char *const *sql, stmt_def *def)
{
    *def = (stmt_def){ "alter", sql, sql, 0, 0, 0, no_cells, no_cells, 0, true };
    return stmt_run(t, def, 0, NULL, NULL, NULL, NULL);
}

static err digests(txn *t, void *ctx)
{
    static const char *const current[] = { "UPDATE finding SET severity = 1" };
    static const char *const mended[] = { "UPDATE finding SET severity = 3" };
    static const char *const earlier[] = { "UPDATE finding_version SET why_value = 'x'" };
    static stmt_def defs[3];
    (void)ctx;
    viewer v = machine();
    int64_t n;
    const finding_handle *h = new_finding(t, "k1");
    finding_draft d = h->now;
    d.state = S("closed");
    assert_ok(finding_save(t, &v, h, &d, LEDGER_finding_answered));
    assert_ok(record_verify(t, NULL, NULL, &n));
    assert_int_equal(n, 2);
    assert_ok(alter(t, current, &defs[0]));
    assert_fails(record_verify(t, NULL, NULL, &n), E_INVALID, "error.access.digest");
    assert_ok(alter(t, mended, &defs[1]));
    assert_ok(record_verify(t, NULL, NULL, &n));
    assert_ok(alter(t, earlier, &defs[2]));
    assert_fails(record_verify(t, NULL, NULL, &n), E_INVALID, "error.access.digest");
    return OK;
}

/* ---- sealed columns ---- */

static err new_person(txn *t, const person_handle **ret)
{
    static uint8_t hash[SEAL_MAIL_HASH];
    viewer v = machine();
    seal_mail_hash(S(" Ayesha@Example.PK "), hash);
    person_draft d = { .owner = US,
        .audience = strict(t),
        .name = S("Ayesha Khan"),
        .mail = S("ayesha@example.pk"),
        .mail_hash = { (char *)hash, sizeof hash },
        .lang = S("ur"),
        .org = US,
        .contact_role = S("focal"),
        .state = S("active") };
    return person_insert(t, &v, &d, LEDGER_person_created, ret);
}

static bool holds(str in, const char *what)
{
    return str_find(in, str_of(what)) >= 0;
}

static err take_blob(void *ctx, const cell *out)
{
    str *s = ctx;
    ASSERT(out[0].s.n < 200);
    memcpy((char *)s->p, out[0].s.p, out[0].s.n);
    s->n = out[0].s.n;
    return OK;
}

static err sealed(txn *t, void *ctx)
{
    static const char *const raw_sql[] = { "SELECT name FROM person" };
    static const cell_type blob[] = { CELL_BLOB };
    static const stmt_def raw = { "raw", raw_sql, raw_sql, 0, 0, 1, no_cells, blob, 0, false };
    char bytes[200];
    str stored = { bytes, 0 };
    const person_handle *h, *again;
    viewer v = machine();
    int64_t n;
    (void)ctx;
    assert_ok(new_person(t, &h));
    assert_ok(stmt_run(t, &raw, 0, NULL, take_blob, &stored, NULL));
    assert_true(stored.n > 40 && !holds(stored, "Ayesha"));
    assert_ok(person_hold_row(t, &v, h->row, &again));
    assert_str(again->now.name, "Ayesha Khan");
    assert_null(again->now.phone.p);
    person_draft d = again->now;
    d.phone = S("+92 51 0000000");
    assert_ok(person_save(t, &v, again, &d, LEDGER_person_changed));
    assert_ok(seal_destroy_key(t, h->row));
    assert_ok(person_hold_row(t, &v, h->row, &again));
    assert_true(again->sealed_lost && again->now.name.n == 0 && again->now.phone.n == 0);
    d = again->now; /* what is erased may still be disabled, and its digests still fit */
    d.state = S("disabled");
    d.mail_hash = (str){ 0 };
    assert_ok(person_save(t, &v, again, &d, LEDGER_person_changed));
    assert_ok(record_verify(t, NULL, NULL, &n));
    assert_int_equal(n, 3);
    d.name = S("Somebody");
    assert_fails(
            person_save(t, &v, again, &d, LEDGER_NONE), E_CONFLICT, "error.access.key_destroyed");
    return OK;
}

static err moved_value(txn *t, void *ctx)
{
    static const char *const move_sql[] = { "UPDATE person SET mail = name" };
    static stmt_def def;
    const person_handle *h, *again;
    viewer v = machine();
    (void)ctx;
    assert_ok(new_person(t, &h));
    assert_ok(alter(t, move_sql, &def));
    assert_fails(person_read_row(t, &v, h->row, &again), E_INVALID, "error.access.tampered");
    return OK;
}

/* A version of before a column came has the digest that it had: as if there were no such column. */
static void a_later_column_leaves_old_digests(void **state)
{
    enum { N = 11 }; /* the cells that every record has, without a parent */
    static const field columns[] = { { "first", FIELD_TEXT, false, 0, 0 },
        { "later", FIELD_I64, false, 0, 0 }, { "last", FIELD_TEXT, false, 0, 0 },
        { "maybe", FIELD_I64, true, 0, 0 } };
    static const field before[] = { { "first", FIELD_TEXT, false, 0, 0 },
        { "last", FIELD_TEXT, false, 0, 0 } };
    static const uint8_t added[] = { ADDED_NOT, ADDED_EMPTY, ADDED_NOT, ADDED_NULL };
    record_def now = { .name = "thing", .columns = columns, .n_columns = 4, .added = added },
               old = { .name = "thing", .columns = before, .n_columns = 2 };
    cell is[N + 4] = { 0 }, was[N + 2] = { 0 };
    uint8_t x[32], y[32];
    is[N] = was[N] = (cell){ .type = CELL_TEXT, .s = S("a") };
    is[N + 1] = (cell){ .type = CELL_I64 };
    is[N + 2] = was[N + 1] = (cell){ .type = CELL_TEXT, .s = S("b") };
    record_hash(&now, is, x);
    record_hash(&old, was, y);
    assert_memory_equal(x, y, 32);
    is[N + 1].i = 1;
    record_hash(&now, is, y);
    assert_memory_not_equal(x, y, 32); /* what it says counts */
    is[N + 1].i = 0;
    is[N + 3] = (cell){ .type = CELL_I64 };
    record_hash(&now, is, y);
    assert_memory_not_equal(x, y, 32); /* nothing and zero are not the same where both may be */
    (void)state;
}

static void mail_hash_folds(void **state)
{
    uint8_t a[SEAL_MAIL_HASH], b[SEAL_MAIL_HASH], c[SEAL_MAIL_HASH];
    (void)state;
    seal_mail_hash(S(" Ayesha@Example.PK "), a);
    seal_mail_hash(S("ayesha@example.pk"), b);
    seal_mail_hash(S("aisha@example.pk"), c);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, c, sizeof a);
}

static void master_key_is_guarded(void **state)
{
    char path[300];
    struct stat st;
    (void)state;
    snprintf(path, sizeof path, "%s/key-%d", getenv("MINAR_TMP"), (int)getpid());
    unlink(path);
    assert_ok(seal_init(path));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_ok(seal_init(path));
    chmod(path, 0644);
    assert_fails(seal_init(path), E_CONFIG, "error.access.master_key_form");
    unlink(path);
}

/* ---- each on both engines ---- */

static void on(bool pg, err (*apply)(txn *t, void *ctx), err_code want)
{
    if (pg && !stores_have_pg()) skip();
    test_store *s = test_store_new(pg);
    err e = store_write(s->s, apply, NULL);
    if (failed(e) && want == E_OK) print_error("%s %.*s\n", e.f->key, STR_ARG(e.f->args[0]));
    assert_int_equal(err_code_of(e), want);
    test_store_free(s);
}

#define BOTH(fn, want)                                                                             \
    static void fn##_sqlite(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on(false, fn, want);                                                                       \
    }                                                                                              \
    static void fn##_pg(void **state)                                                              \
    {                                                                                              \
        (void)state;                                                                               \
        on(true, fn, want);                                                                        \
    }
#define RUN(fn) cmocka_unit_test(fn##_sqlite), cmocka_unit_test(fn##_pg)

BOTH(made_and_saved, E_OK)
BOTH(refusals, E_OK)
BOTH(lost_update, E_OK)
BOTH(unique_taken, E_CONFLICT)
BOTH(as_json, E_OK)
BOTH(digests, E_OK)
BOTH(sealed, E_OK)
BOTH(moved_value, E_OK)

static int begin(void **state)
{
    char path[300];
    (void)state;
    if (!getenv("MINAR_TMP")) setenv("MINAR_TMP", "/tmp", 1);
    snprintf(path, sizeof path, "%s/master-%d", getenv("MINAR_TMP"), (int)getpid());
    err e = seal_init(path);
    unlink(path);
    return failed(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = { RUN(made_and_saved), RUN(refusals), RUN(lost_update),
        RUN(unique_taken), RUN(as_json), RUN(digests), RUN(sealed), RUN(moved_value),
        cmocka_unit_test(a_later_column_leaves_old_digests), cmocka_unit_test(mail_hash_folds),
        cmocka_unit_test(master_key_is_guarded) };
    int rc = cmocka_run_group_tests_name("access records", tests, begin, NULL);
    stores_over();
    return rc;
}
