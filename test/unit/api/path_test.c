/* Paths are found in the generated table, and decoded once. */
#include "unit.h"
#include "api/route.h"
#include "gen/test_routes.h"

static route_found find(arena *a, const char *method, const char *path, const route **r, str *param)
{
    const char *allow;
    return route_find(&minar_test_routes, a, str_of(method), str_of(path), r, param, &allow);
}

static void every_row_is_found(void **state)
{
    const route *r;
    str param;
    static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };
    for (size_t i = 0; i < minar_test_routes.n; i++) {
        const route *want = &minar_test_routes.routes[i];
        assert_int_equal(find(*state, methods[want->method], want->path, &r, &param), FOUND);
        assert_ptr_equal(r, want);
    }
}

static void parameters_are_decoded(void **state)
{
    const route *r;
    str param;
    assert_int_equal(find(*state, "GET", "/t/items/a%20b%C3%A9", &r, &param), FOUND);
    assert_str(param, "a b\xc3\xa9");
    assert_int_equal(find(*state, "HEAD", "/t/items/+", &r, &param), FOUND);
    assert_str(param, "+");
    static const char *const bad[] = { "/t/items/%", "/t/items/%4", "/t/items/%zz", "/t/items/%2f",
        "/t/items/%00", "/t/items/%ff", "/t/items/%1f", "/t/items/\x7f" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(find(*state, "GET", bad[i], &r, &param), NO_PATH);
}

static void others_are_not_found(void **state)
{
    const route *r;
    str param;
    static const char *const bad[] = { "", "/", "t/who", "/t", "/t/", "//t/who", "/t//who",
        "/t/who/", "/t/wh", "/t/whoo", "/T/who", "/t/items", "/t/items/", "/t/items/a/b" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_not_equal(find(*state, "GET", bad[i], &r, &param), FOUND);
    assert_int_equal(find(*state, "DELETE", "/t/who", &r, &param), NO_METHOD);
    assert_int_equal(find(*state, "get", "/t/who", &r, &param), NO_METHOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(every_row_is_found), UNIT(parameters_are_decoded),
        UNIT(others_are_not_found) };
    return cmocka_run_group_tests_name("api path", tests, NULL, NULL);
}
