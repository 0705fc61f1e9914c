/* conf_test.c - YAML as a tree, what it refuses and where; the configuration and its precedence. */
#include "unit/unit.h"

#include "base/conf.h"
#include "base/text.h"

static const json *yaml(arena *a, const char *text)
{
    const json *v = NULL;
    assert_ok(yaml_parse(a, str_of(text), S("t.yaml"), &v));
    return v;
}

static void reads_yaml(void **state)
{
    const char *text = "# اردو\nname: \"12\"\nn: 12\nt: true\nnone:\nday: 2026-01-01\nno: no\n"
                       "list: [a, 'b', {c: 1.5}]\nnested:\n  اب: |\n    two\n    lines\n";
    const json *v = yaml(*state, text);
    int64_t n;
    bool b;
    assert_str(json_get_text(v, S("name")), "12");
    assert_true(json_i64(json_get(v, S("n")), &n) && n == 12);
    assert_true(json_bool(json_get(v, S("t")), &b) && b);
    assert_true(json_is_null(json_get(v, S("none"))));
    assert_str(json_get_text(v, S("day")), "2026-01-01");
    assert_str(json_get_text(v, S("no")), "no");
    assert_int_equal(json_get(v, S("list"))->count, 3);
    assert_str(json_get(json_at(json_get(v, S("list")), 2), S("c"))->raw, "1.5");
    assert_str(json_get_text(json_get(v, S("nested")), S("اب")), "two\nlines\n");
    assert_int_equal(yaml(*state, "")->type, JSON_NULL);
    assert_int_equal(yaml(*state, "\xEF\xBB\xBF"
                                  "a: 1")
                             ->type,
            JSON_OBJECT);
}

static void refuses_yaml_with_its_place(void **state)
{
    struct {
        const char *in, *key, *pointer;
        int row, col;
    } bad[] = {
        { "a: &x 1\nb: *x\n", "error.yaml.alias", "/a", 1, 4 },
        { "a: *x\n", "error.yaml.alias", "/a", 1, 4 },
        { "a: !!int 1\n", "error.yaml.tag", "/a", 1, 4 },
        { "ا: 1\nb:\n  c: 1\n  c: 2\n", "error.yaml.duplicate_key", "/b/c", 4, 6 },
        { "[a]: 1\n", "error.yaml.key", "", 1, 1 },
        { "a: 1\n---\nb: 2\n", "error.yaml.documents", "", 2, 1 },
        { "a: [1\nb: 2\n", "error.yaml.syntax", "/a/1", 2, 2 },
        { "a: \"x\n", "error.yaml.syntax", "/a", 2, 1 },
        { "ab\xff", "error.yaml.utf8", "", 1, 3 },
        { "a: \"\\0\"\n", "error.yaml.utf8", "/a", 1, 4 },
        { "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "error.yaml.too_deep",
                "/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0", 1, 17 },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const json *v = NULL;
        err e = yaml_parse(*state, str_of(bad[i].in), S("t.yaml"), &v);
        if (err_code_of(e) != E_CONFIG) fail_msg("taken: %s", bad[i].in);
        if (strcmp(e.f->key, bad[i].key)) fail_msg("%s: %s", bad[i].in, e.f->key);
        assert_str(e.f->file, "t.yaml");
        assert_str(e.f->pointer, bad[i].pointer);
        if (e.f->row != bad[i].row || e.f->col != bad[i].col)
            fail_msg("%s: %d:%d", bad[i].in, (int)e.f->row, (int)e.f->col);
    }
}

static const char *file_of(arena *a, const char *text)
{
    const char *folder = getenv("MINAR_TMP");
    char *path = str_z(a, str_fmt(a, "%s/conf_test.yaml", folder ? folder : "/tmp"));
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    return path;
}

static void defaults_hold(void **state)
{
    const conf *c = NULL;
    assert_ok(conf_load(*state, "/nonexistent/minar.yaml", &c));
    assert_str(conf_str(c, "listen"), "127.0.0.1:8420");
    assert_int_equal(conf_int(c, "outbox.hold_s"), 30);
    assert_int_equal(conf_int(c, "invite.valid_h"), 72);
    assert_int_equal(conf_int(c, "site.weekend"), 0x60);
    assert_str(conf_str(c, "store.url"), "");
    assert_str(conf_origin(c, "listen"), "default");
}

static void the_nearer_wins(void **state)
{
    const conf *c = NULL;
    const char *path = file_of(*state,
            "listen: \"[::1]:9000\"\nhttp:\n  threads: 3\n  idle_s: 7\nhttp.idle_s:\n"
            "site:\n  weekend: [Friday, saturday]\nlog:\n");
    conf_flag flag = { S("outbox.hold_s"), S("0") };
    setenv("MINAR_HTTP_THREADS", "4", 1);
    assert_ok(conf_load_flags(*state, path, &flag, 1, &c));
    unsetenv("MINAR_HTTP_THREADS");
    assert_str(conf_str(c, "listen"), "[::1]:9000");
    assert_int_equal(conf_int(c, "http.threads"), 4);
    assert_str(conf_origin(c, "http.threads"), "environment");
    assert_int_equal(conf_int(c, "http.idle_s"), 7);
    assert_str(conf_origin(c, "http.idle_s"), "file");
    assert_int_equal(conf_int(c, "site.weekend"), 0x30);
    assert_int_equal(conf_int(c, "outbox.hold_s"), 0);
    assert_str(conf_str(c, "log.level"), "info");
}

static void wrong_values_say_what_is_allowed(void **state)
{
    struct {
        const char *in, *key;
        int row, col;
    } bad[] = {
        { "\nhttp:\n  threads: 999\n", "error.conf.int", 3, 12 },
        { "http:\n  threads: many\n", "error.conf.int", 2, 12 },
        { "http: 3\n", "error.conf.section", 1, 7 },
        { "http:\n  thraeds: 3\n", "error.conf.unknown", 2, 12 },
        { "lsten: x\n", "error.conf.unknown", 1, 8 },
        { "listen: [1]\n", "error.conf.scalar", 1, 9 },
        { "listen: localhost\n", "error.conf.address", 1, 9 },
        { "listen: ::1:80\n", "error.conf.address", 1, 9 },
        { "site: {country: PAK}\n", "error.conf.length", 1, 17 },
        { "site: {time_zone: Mars/Base}\n", "error.conf.zone", 1, 19 },
        { "site: {weekend: sunday sun}\n", "error.conf.weekdays", 1, 17 },
        { "site: {weekend: [1]}\n", "error.conf.scalar", 1, 17 },
        { "mail: {smtp_url: 'http://x'}\n", "error.conf.url", 1, 18 },
        { "tls: {key_file: key.pem}\n", "error.conf.path", 1, 17 },
        { "log: {level: loud}\n", "error.conf.choice", 1, 14 },
        { "- a\n", "error.conf.section", 1, 1 },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const conf *c = NULL;
        const char *path = file_of(*state, bad[i].in);
        err e = conf_load(*state, path, &c);
        if (err_code_of(e) != E_CONFIG) fail_msg("taken: %s", bad[i].in);
        if (strcmp(e.f->key, bad[i].key)) fail_msg("%s: %s", bad[i].in, e.f->key);
        assert_str(e.f->file, path);
        if (e.f->row != bad[i].row || e.f->col != bad[i].col)
            fail_msg("%s: %d:%d", bad[i].in, (int)e.f->row, (int)e.f->col);
    }
}

static void an_unknown_name_meets_the_nearest(void **state)
{
    const conf *c = NULL;
    err e = conf_load(*state, file_of(*state, "outbox:\n  hold: 5\n"), &c);
    str text = fault_text(*state, LANG_EN, e.f);
    assert_true(str_find(text,
                        S("There is no setting outbox.hold. Check its spelling; the nearest one is "
                          "outbox.hold_s.")) == 0);
    conf_flag flag = { S("no.such"), S("1") };
    assert_fails(conf_load_flags(*state, NULL, &flag, 1, &c), E_CONFIG, "error.conf.unknown");
    setenv("MINAR_LOG_LEVEL", "loud", 1);
    e = conf_load(*state, NULL, &c);
    unsetenv("MINAR_LOG_LEVEL");
    assert_str(e.f->file, "MINAR_LOG_LEVEL");
}

static void every_setting_has_words(void **state)
{
    for (size_t i = 0; i < conf_rows_n; i++) {
        char *key = str_z(*state, str_fmt(*state, "conf.%s", conf_rows[i].name));
        if (!text_has(key)) fail_msg("no words for %s", key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(reads_yaml),
        UNIT(refuses_yaml_with_its_place),
        UNIT(defaults_hold),
        UNIT(the_nearer_wins),
        UNIT(wrong_values_say_what_is_allowed),
        UNIT(an_unknown_name_meets_the_nearest),
        UNIT(every_setting_has_words),
    };
    return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
