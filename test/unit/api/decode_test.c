/* Bodies, queries and forms become structs, or faults with the pointer of the place. */
#include "unit.h"
#include "api/decode.h"
#include "gen/test_schemas.h"

static err body(arena *a, const char *text, const struct test_item **ret)
{
    const void *got;
    err e = decode_body(a, &test_item_schema, str_of(text), &got);
    if (!failed(e)) *ret = got;
    return e;
}

static void a_whole_body(void **state)
{
    const struct test_item *i = NULL;
    assert_ok(body(*state,
            "{\"name\":\"\\u0646\",\"label\":4,\"owner\":-9223372036854775808,\"tags\":[\"a\",\"\"]"
            ","
            "\"nested\":{\"within\":7},\"any\":{\"x\":[1]},\"share\":-0.5,\"fail\":true,\"note\":"
            "null}",
            &i));
    assert_str(i->name, "\xd9\x86");
    assert_int_equal(i->label, 4);
    assert_true(i->owner == INT64_MIN && i->has_owner && i->has_note && i->note.n == 0);
    assert_int_equal(i->tags.n, 2);
    assert_str(i->tags.at[0], "a");
    assert_int_equal(i->nested->within, 7);
    assert_true(i->any->type == JSON_OBJECT && i->share == -0.5 && i->fail);
    assert_false(i->has_mail || i->has_count);
}

static void faults_have_their_place(void **state)
{
    static const struct {
        const char *text, *key, *pointer;
    } rows[] = {
        { "{}", "error.api.missing", "/name" },
        { "{\"name\":1}", "error.api.want_text", "/name" },
        { "{\"name\":\"\"}", "error.api.too_short", "/name" },
        { "{\"name\":\"a\",\"x\":1}", "error.api.unknown_member", "/x" },
        { "{\"name\":\"a\",\"a~b/c\":1}", "error.api.unknown_member", "/a~0b~1c" },
        { "{\"name\":\"a\",\"tags\":[\"a\",\"12345678901\"]}", "error.api.too_long", "/tags/1" },
        { "{\"name\":\"a\",\"tags\":[1,2,3,4]}", "error.api.too_many", "/tags" },
        { "{\"name\":\"a\",\"nested\":{\"other\":1}}", "error.api.unknown_member",
                "/nested/other" },
        { "{\"name\":\"a\",\"label\":9223372036854775808}", "error.api.want_whole", "/label" },
        { "{\"name\":\"a\",\"label\":1e0}", "error.api.want_whole", "/label" },
        { "{\"name\":\"a\",\"count\":0}", "error.api.too_small", "/count" },
        { "[]", "error.api.want_object", "" },
    };
    const struct test_item *i = NULL;
    for (size_t n = 0; n < ARRAY_LEN(rows); n++) {
        err e = body(*state, rows[n].text, &i);
        assert_true(failed(e));
        assert_string_equal(e.f->key, rows[n].key);
        assert_str(e.f->pointer, rows[n].pointer);
        assert_int_equal(e.f->code, E_INVALID);
    }
}

static void what_is_not_json_is_of_the_wrong_form(void **state)
{
    const struct test_item *i = NULL;
    assert_int_equal(err_code_of(body(*state, "{", &i)), E_USAGE);
    assert_int_equal(err_code_of(body(*state, "", &i)), E_USAGE);
}

static void queries(void **state)
{
    const void *got;
    assert_ok(decode_query(*state, &test_echo_schema, S("text=a%26b&n=9&yes=0"), &got));
    const struct test_echo *q = got;
    assert_str(q->text, "a&b");
    assert_true(q->has_n && q->n == 9 && q->has_yes && !q->yes && !q->has_word);
    assert_fails(decode_query(*state, &test_echo_schema, S("n=1&n=1"), &got), E_INVALID,
            "error.api.twice");
    assert_fails(
            decode_query(*state, NULL, S("n=1"), &got), E_INVALID, "error.api.unknown_parameter");
    assert_fails(
            decode_query(*state, &test_big_schema, S(""), &got), E_INVALID, "error.api.missing");
    assert_ok(decode_query(*state, NULL, S(""), &got));
}

static void forms(void **state)
{
    const struct form *f;
    assert_ok(decode_form(*state, S("name=A+b%0D%0A&empty=&bare"), &f));
    assert_int_equal(f->n, 3);
    assert_str(form_get(f, S("name")), "A b\r\n");
    assert_str(form_get(f, S("none")), "");
    assert_fails(decode_form(*state, S("a=%00"), &f), E_USAGE, "error.api.bad_escape");
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(a_whole_body), UNIT(faults_have_their_place),
        UNIT(what_is_not_json_is_of_the_wrong_form), UNIT(queries), UNIT(forms) };
    return cmocka_run_group_tests_name("api decode", tests, NULL, NULL);
}
