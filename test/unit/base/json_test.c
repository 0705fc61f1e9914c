/* json_test.c - JSON in and out: what is taken, what is refused and where, and the round trip. */
#include "unit/unit.h"

#include "base/json.h"
#include "base/time.h"

static const json *parse(arena *a, const char *text)
{
    const json *v = NULL;
    assert_ok(json_parse(a, str_of(text), NULL, &v));
    return v;
}

static void reads_every_type(void **state)
{
    const json *v =
            parse(*state, " {\"a\" : [1, -2.50e3 ,true,false,null, \"x\"], \"b\":{}, \"\":\"e\"} ");
    int64_t i;
    double d;
    bool b;
    assert_int_equal(v->type, JSON_OBJECT);
    assert_int_equal(v->count, 3);
    const json *a = json_get(v, S("a"));
    assert_int_equal(a->count, 6);
    assert_str(a->raw, "[1, -2.50e3 ,true,false,null, \"x\"]");
    assert_true(json_i64(json_at(a, 0), &i) && i == 1);
    assert_str(json_at(a, 1)->raw, "-2.50e3");
    assert_true(json_f64(json_at(a, 1), &d) && d == -2500);
    assert_false(json_i64(json_at(a, 1), &i));
    assert_true(json_bool(json_at(a, 2), &b) && b);
    assert_true(json_bool(json_at(a, 3), &b) && !b);
    assert_true(json_is_null(json_at(a, 4)));
    assert_str(json_text(json_at(a, 5)), "x");
    assert_null(json_at(a, 6));
    assert_str(json_get(v, S("b"))->raw, "{}");
    assert_str(json_get_text(v, S("")), "e");
    assert_null(json_get(v, S("absent")));
    assert_true(json_is_null(NULL));
}

static void keeps_number_spelling(void **state)
{
    const json *v = parse(*state, "[1.0, 1E5, 123456789012345678901234567890, -0, 0.10]");
    const char *want[] = { "1.0", "1E5", "123456789012345678901234567890", "-0", "0.10" };
    int64_t i;
    for (size_t k = 0; k < ARRAY_LEN(want); k++)
        assert_str(json_at(v, k)->raw, want[k]);
    assert_false(json_i64(json_at(v, 2), &i));
    assert_true(json_i64(json_at(v, 3), &i) && i == 0);
}

static void unescapes(void **state)
{
    const json *v = parse(*state,
            "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"\\u0627\\uD83D\\uDE00\\u00e9a\", \"اردو\"]");
    assert_str(json_text(json_at(v, 0)), "\"\\/\b\f\n\r\t");
    assert_str(json_text(json_at(v, 1)), "\xD8\xA7\xF0\x9F\x98\x80\xC3\xA9"
                                         "a");
    assert_str(json_text(json_at(v, 2)), "اردو");
    assert_str(json_at(v, 1)->raw, "\"\\u0627\\uD83D\\uDE00\\u00e9a\"");
}

static void roots_may_be_scalars(void **state)
{
    assert_int_equal(parse(*state, "null")->type, JSON_NULL);
    assert_int_equal(parse(*state, " 12 ")->type, JSON_NUMBER);
    assert_str(json_text(parse(*state, "\"x\"")), "x");
}

typedef struct {
    const char *in, *key, *pointer;
    int row, col;
} refusal;

static const refusal refusals[] = {
    { "", "error.json.empty", "", 0, 0 },
    { " \n ", "error.json.empty", "", 0, 0 },
    { "\xEF\xBB\xBF{}", "error.json.bom", "", 0, 0 },
    { "{\"a\":1,\n \"b\":2,\n \"a\":3}", "error.json.duplicate_key", "/a", 3, 2 },
    { "{\"x\":[0,{\"k/~\":1,\"k/~\":2}]}", "error.json.duplicate_key", "/x/1/k~1~0", 1, 18 },
    { "{\"\\u0061\":1,\"a\":2}", "error.json.duplicate_key", "/a", 1, 13 },
    { "{\"a\":\"x\\u0000\"}", "error.json.nul", "/a", 1, 8 },
    { "{\"\\u0000\":1}", "error.json.nul", "", 1, 3 },
    { "[\"\\x\"]", "error.json.escape", "/0", 1, 3 },
    { "[\"\\uD800\"]", "error.json.escape", "/0", 1, 3 },
    { "[\"\\uDC00\"]", "error.json.escape", "/0", 1, 3 },
    { "[\"\\uD800\\u0041\"]", "error.json.escape", "/0", 1, 3 },
    { "[\"\\u12\"]", "error.json.escape", "/0", 1, 3 },
    { "[\"a\xff\"]", "error.json.utf8", "", 1, 4 },
    { "[\"\xED\xA0\x80\"]", "error.json.utf8", "", 1, 3 },
    { "[\"a\nb\"]", "error.json.control", "", 1, 4 },
    { "[\"a", "error.json.unclosed_string", "", 1, 2 },
    { "[\"\\\"", "error.json.unclosed_string", "", 1, 2 },
    { "[01]", "error.json.number", "/0", 1, 2 },
    { "[1.]", "error.json.number", "/0", 1, 2 },
    { "[-]", "error.json.number", "/0", 1, 2 },
    { "[+1]", "error.json.word", "/0", 1, 2 },
    { "[1e]", "error.json.number", "/0", 1, 2 },
    { "[0x10]", "error.json.number", "/0", 1, 2 },
    { "[NaN]", "error.json.word", "/0", 1, 2 },
    { "[nul]", "error.json.word", "/0", 1, 2 },
    { "[truefalse]", "error.json.word", "/0", 1, 2 },
    { "[1 2]", "error.json.expected", "", 1, 4 },
    { "[1,]", "error.json.no_value", "/1", 1, 4 },
    { "[,1]", "error.json.no_value", "/0", 1, 2 },
    { "{\"a\":1,}", "error.json.expected", "", 1, 8 },
    { "{\"a\" 1}", "error.json.expected", "", 1, 6 },
    { "{a:1}", "error.json.expected", "", 1, 2 },
    { "{\"a\":}", "error.json.no_value", "/a", 1, 6 },
    { "[1", "error.json.expected", "", 1, 3 },
    { "{\"a\"\"b\":1}", "error.json.expected", "", 1, 5 },
    { "[\"a\"b]", "error.json.expected", "", 1, 5 },
    { "{}{}", "error.json.trailing", "", 1, 3 },
    { "[] x", "error.json.trailing", "", 1, 4 },
    { "{\"اب\":1,\"c\" }", "error.json.expected", "", 1, 13 },
};

static void refuses_with_its_place(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const refusal *r = &refusals[i];
        const json *v = NULL;
        err e = json_parse(*state, str_of(r->in), NULL, &v);
        if (!failed(e)) fail_msg("taken: %s", r->in);
        if (strcmp(e.f->key, r->key)) fail_msg("%s: %s, not %s", r->in, e.f->key, r->key);
        assert_str(e.f->pointer, r->pointer);
        if (e.f->row != r->row || e.f->col != r->col)
            fail_msg("%s: %d:%d", r->in, (int)e.f->row, (int)e.f->col);
        assert_null(v);
    }
}

static void refuses_a_raw_nul(void **state)
{
    const json *v = NULL;
    assert_fails(json_parse(*state, S("[\"a\0\"]"), NULL, &v), E_INVALID, "error.json.control");
    assert_fails(json_parse(*state, S("[\0]"), NULL, &v), E_INVALID, "error.json.no_value");
}

static void keeps_limits(void **state)
{
    json_limits l = { .max_bytes = 20, .max_depth = 3, .max_values = 5 };
    const json *v = NULL;
    assert_ok(json_parse(*state, S("[[[1,2]]]"), &l, &v));
    assert_fails(json_parse(*state, S("[[[[1]]]]"), &l, &v), E_TOO_LARGE, "error.json.too_deep");
    assert_fails(json_parse(*state, S("[1,2,3,4,5]"), &l, &v), E_TOO_LARGE, "error.json.too_many");
    assert_fails(json_parse(*state, S("\"12345678901234567890\""), &l, &v), E_TOO_LARGE,
            "error.json.too_large");
    char deep[4000];
    memset(deep, '[', sizeof deep);
    err e = json_parse(*state, (str){ deep, sizeof deep }, NULL, &v);
    assert_int_equal(err_code_of(e), E_TOO_LARGE);
    assert_int_equal(e.f->col, 65);
}

static str object_of(arena *a, int n, int repeat)
{
    buf b = buf_new(a, 64);
    buf_byte(&b, '{');
    for (int i = 0; i < n; i++)
        buf_fmt(&b, "%s\"k%d\":%d", i ? "," : "", i == n - 1 ? repeat : i, i);
    buf_byte(&b, '}');
    return buf_str(&b);
}

static void finds_duplicates_in_large_objects(void **state)
{
    const json *v = NULL;
    for (int n = 30; n < 3000; n = n * 2 + 1) {
        assert_ok(json_parse(*state, object_of(*state, n, n - 1), NULL, &v));
        assert_int_equal(v->count, n);
        err e = json_parse(*state, object_of(*state, n, 7), NULL, &v);
        assert_int_equal(err_code_of(e), E_INVALID);
        assert_str(e.f->pointer, "/k7");
        assert_str(e.f->args[0], "k7");
    }
}

static void write_sample(jsonw *w, id128 id)
{
    jw_obj(w);
    jw_kstr(w, "text",
            S("a\"\\\n\x01\xff"
              "اب\0z"));
    jw_ki64(w, "low", INT64_MIN);
    jw_kbool(w, "yes", true);
    jw_kid(w, "id", id);
    jw_ktime(w, "never", ((instant){ 0 }));
    jw_ktime(w, "at", ((instant){ 1 }));
    jw_kraw(w, "raw", S("[1.0]"));
    jw_kraw(w, "none", S(""));
    jw_key(w, S("list"));
    jw_arr(w);
    jw_f64(w, 0.1);
    jw_f64(w, 1e300 * 1e300);
    jw_f64(w, 1.0 / 3);
    jw_null(w);
    jw_arr(w);
    jw_end_arr(w);
    jw_end_arr(w);
    jw_end_obj(w);
}

static void writes(void **state)
{
    jsonw w = jsonw_new(*state, 0);
    write_sample(&w, (id128){ { 0xab } });
    assert_str(jsonw_done(&w),
            "{\"text\":\"a\\\"\\\\\\n\\u0001\xEF\xBF\xBD"
            "اب\xEF\xBF\xBDz\",\"low\":-9223372036854775808,"
            "\"yes\":true,\"id\":\"ab000000-0000-0000-0000-000000000000\",\"never\":null,"
            "\"at\":\"1970-01-01T00:00:00.000001Z\",\"raw\":[1.0],\"none\":null,"
            "\"list\":[0.1,null,0.3333333333333333,null,[]]}");
    parse(*state, str_z(*state, jsonw_done(&w)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(reads_every_type),
        UNIT(keeps_number_spelling),
        UNIT(unescapes),
        UNIT(roots_may_be_scalars),
        UNIT(refuses_with_its_place),
        UNIT(refuses_a_raw_nul),
        UNIT(keeps_limits),
        UNIT(finds_duplicates_in_large_objects),
        UNIT(writes),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
