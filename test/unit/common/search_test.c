/* search_test.c - what is found on both engines: records by their index, people by sealed names
 * that stand in no index, and nothing of somebody whose key is destroyed. Each within one
 * transaction. */
#include "unit/unit.h"

#include "access/audience.h"
#include "access/index.h"
#include "access/seal.h"
#include "common/search/search.h"
#include "gen/records/finding.h"
#include "gen/records/indicator.h"
#include "gen/records/person.h"
#include "support/stores.h"

#include <stdio.h>
#include <unistd.h>

enum { US = 1, OTHER = 2 };

static viewer person_of(int64_t org, instant now)
{
    return (viewer){ .org = org,
        .person = 7,
        .roles = ROLE_READER | ROLE_ANALYST,
        .may_write = true,
        .sight = { .org = org, .person = 7, .now = now } };
}

static viewer machine(void)
{
    return (viewer){ .system = true, .may_write = true, .org = US };
}

static int64_t audience(txn *t, int label)
{
    int64_t row;
    assert_ok(audience_intern(t, label, 0, NULL, 0, &row));
    return row;
}

static search_page find_all(txn *t, int64_t org, const record_def *d, const char *text)
{
    viewer v = person_of(org, txn_now(t));
    search_question q = { .text = str_of(text), .l = LANG_EN };
    search_part part = { .before = INT64_MAX, .limit = 10, .counted = true };
    search_page p;
    assert_ok(search_find(t, &v, d, &q, &part, txn_arena(t), &p));
    return p;
}

static void finds(txn *t, int64_t org, const record_def *d, const char *text, size_t n)
{
    search_page p = find_all(t, org, d, text);
    if (p.n != n || p.count != (int64_t)n) fail_msg("%s: %zu, not %zu", text, p.n, n);
}

static const indicator_handle *new_indicator(txn *t, int label, const char *value, const char *why)
{
    viewer v = machine();
    const indicator_handle *h;
    indicator_draft d = { .owner = US,
        .audience = audience(t, label),
        .kind = S("domain"),
        .value = str_of(value),
        .source = S("test"),
        .valid_until = INSTANT_MAX,
        .tags = S("[\"zarqa-tag\"]"),
        .why = str_of(why),
        .state = S("active") };
    assert_ok(indicator_insert(t, &v, &d, LEDGER_indicator_created, &h));
    return h;
}

static err by_words(txn *t, void *ctx)
{
    viewer v = machine();
    (void)ctx;
    const indicator_handle *h = new_indicator(t, LABEL_STRICT, "one.bad.example",
            "\xd9\x88\xd8\xb2\xd8\xa7\xd8\xb1\xd8\xaa "
            "\xd8\xb5\xd8\xad\xd8\xaa");
    new_indicator(t, LABEL_CLEAR, "two.bad.example", "for all");
    finds(t, US, &indicator_def, "bad.example", 2);
    finds(t, US, &indicator_def, "wizarat sehhat", 1);
    finds(t, US, &indicator_def, "zarqa-tag", 2);
    finds(t, US, &indicator_def, "zarqa", 2);
    finds(t, OTHER, &indicator_def, "bad.example", 1);
    finds(t, OTHER, &indicator_def, "wizarat sehhat", 0);
    indicator_draft d = h->now;
    d.why = S("nothing");
    d.audience = audience(t, LABEL_CLEAR);
    assert_ok(indicator_save(t, &v, h, &d, LEDGER_NONE));
    finds(t, US, &indicator_def, "wizarat sehhat", 0);
    finds(t, OTHER, &indicator_def, "bad.example", 2);
    assert_str(find_all(t, OTHER, &indicator_def, "nothing").at[0].title, "one.bad.example");
    return OK;
}

static const person_handle *new_person(txn *t)
{
    static uint8_t hash[SEAL_MAIL_HASH];
    const person_handle *h;
    viewer v = machine();
    seal_mail_hash(S("ayesha@example.pk"), hash);
    person_draft d = { .owner = US,
        .audience = audience(t, LABEL_STRICT),
        .name = S("Ayesha Khan"),
        .mail = S("ayesha@example.pk"),
        .mail_hash = { (char *)hash, sizeof hash },
        .lang = S("ur"),
        .org = US,
        .contact_role = S("focal"),
        .state = S("active") };
    assert_ok(person_insert(t, &v, &d, LEDGER_person_created, &h));
    return h;
}

static err erased(txn *t, void *ctx)
{
    (void)ctx;
    const person_handle *h = new_person(t);
    assert_int_equal(person_def.n_searched, 0); /* of people nothing stands in an index */
    finds(t, US, &person_def, "ayesha", 1);
    finds(t, US, &person_def, "\xd8\xb9\xd8\xa7\xd8\xa6\xd8\xb4\xdb\x81", 1);
    finds(t, US, &person_def, "Ayesha@Example.PK", 1);
    finds(t, OTHER, &person_def, "ayesha", 0);
    finds(t, OTHER, &person_def, "ayesha@example.pk", 0);
    assert_ok(seal_destroy_key(t, h->row));
    finds(t, US, &person_def, "ayesha", 0); /* although its words were kept a moment ago */
    finds(t, US, &person_def, "ayesha@example.pk", 0);
    return OK;
}

/* Names in no column that is searched, whatever records.json says. */
static void nothing_sealed_is_searched(void **state)
{
    (void)state;
    for (int k = 0; k < RECORD_KINDS; k++)
        for (uint8_t i = 0; i < record_defs[k]->n_searched; i++)
            assert_int_not_equal(
                    record_defs[k]->columns[record_defs[k]->searched[i].column].type, FIELD_SEALED);
}

/* ---- what stood before there was an index ---- */

static err forget(txn *t, void *ctx)
{
    static const char *const sql[][1] = { { "DELETE FROM indicator_words" },
        { "DELETE FROM search_index" } };
    static const cell_type none[] = { CELL_NULL };
    static stmt_def s[2];
    for (size_t i = 0; i < 2; i++) {
        s[i] = (stmt_def){ "forget", sql[i], sql[i], 0, 0, 0, none, none, 0, true };
        TRY(stmt_run(t, &s[i], 0, NULL, NULL, NULL, NULL));
    }
    (void)ctx;
    return OK;
}

static err many(txn *t, void *ctx)
{
    (void)ctx;
    for (int i = 0; i < 620; i++)
        new_indicator(t, LABEL_CLEAR,
                str_z(txn_arena(t), str_fmt(txn_arena(t), "n%d.filled.example", i)), "filled");
    return OK;
}

static err all_there(txn *t, void *ctx)
{
    search_page p = find_all(t, OTHER, &indicator_def, "filled.example");
    assert_int_equal(p.count, *(const int64_t *)ctx);
    return OK;
}

static void fill(bool pg)
{
    int64_t none = 0, all = 620;
    test_store *s = test_store_new(pg);
    assert_ok(store_write(s->s, many, NULL));
    assert_ok(store_write(s->s, forget, NULL));
    assert_ok(store_write(s->s, all_there, &none));
    assert_ok(index_fill(s->s));
    assert_ok(store_write(s->s, all_there, &all));
    assert_ok(index_fill(s->s)); /* nothing is left to do */
    assert_ok(store_write(s->s, all_there, &all));
    test_store_free(s);
}

static void fill_sqlite(void **state)
{
    (void)state;
    fill(false);
}

static void fill_pg(void **state)
{
    (void)state;
    if (!stores_have_pg()) skip();
    fill(true);
}

static void on(bool pg, err (*apply)(txn *t, void *ctx))
{
    if (pg && !stores_have_pg()) skip();
    test_store *s = test_store_new(pg);
    assert_ok(store_write(s->s, apply, NULL));
    test_store_free(s);
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
BOTH(by_words)
BOTH(erased)

int main(void)
{
    char path[300];
    snprintf(path, sizeof path, "%s/search-key-%d", getenv("MINAR_TMP"), (int)getpid());
    if (failed(seal_init(path))) return 1;
    const struct CMUnitTest tests[] = { cmocka_unit_test(by_words_sqlite),
        cmocka_unit_test(by_words_pg), cmocka_unit_test(erased_sqlite), cmocka_unit_test(erased_pg),
        cmocka_unit_test(nothing_sealed_is_searched), cmocka_unit_test(fill_sqlite),
        cmocka_unit_test(fill_pg) };
    int rc = cmocka_run_group_tests_name("common search", tests, NULL, NULL);
    stores_over();
    unlink(path);
    return rc;
}
