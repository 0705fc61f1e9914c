/* unit.h - what every unit test includes: cmocka in its needed order, and a few assertions of ours.
 * Tests only. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base.h"

#define assert_str(got, want)                                                                      \
    do {                                                                                           \
        str got_ = (got), want_ = str_of(want);                                                    \
        if (!str_eq(got_, want_))                                                                  \
            fail_msg("%s is \"%.*s\", not \"%.*s\"", #got, STR_ARG(got_), STR_ARG(want_));         \
    } while (0)

#define assert_ok(expr)                                                                            \
    do {                                                                                           \
        err e_ = (expr);                                                                           \
        if (failed(e_)) fail_msg("%s failed: %s", #expr, e_.f->key);                               \
    } while (0)

#define assert_fails(expr, want_code, want_key)                                                    \
    do {                                                                                           \
        err e_ = (expr);                                                                           \
        if (!failed(e_)) fail_msg("%s did not fail", #expr);                                       \
        assert_string_equal(e_.f->key, (want_key));                                                \
        assert_int_equal(e_.f->code, (want_code));                                                 \
    } while (0)

/* An arena for one test: setup and teardown for cmocka_unit_test_setup_teardown. */
static inline int arena_setup(void **state)
{
    *state = arena_new((size_t)256 << 20);
    return 0;
}

static inline int arena_teardown(void **state)
{
    arena_free(*state);
    return 0;
}

#define UNIT(fn) cmocka_unit_test_setup_teardown(fn, arena_setup, arena_teardown)
