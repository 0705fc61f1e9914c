/* addr_test.c - addresses against the C library's reader, and the longest prefix against a plain
 * one. */
#include "unit/unit.h"

#include <arpa/inet.h>

#include "engine/lpm/lpm.h"

static uint64_t seed = 42;

static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static void reads_like_inet_pton(void **state)
{
    static const char alphabet[] = "0123456789abcdef::..";
    for (int i = 0; i < 300000; i++) {
        char z[48];
        size_t n = 2 + next() % 18;
        for (size_t k = 0; k < n; k++)
            z[k] = alphabet[next() % (sizeof alphabet - 1)];
        z[n] = 0;
        unsigned char b[16];
        addr a;
        bool want = inet_pton(AF_INET, z, b) == 1 || inet_pton(AF_INET6, z, b) == 1;
        if (addr_parse(str_of(z), &a) != want) fail_msg("%s", z);
    }
}

static void writes_like_inet_ntop(void **state)
{
    for (int i = 0; i < 100000; i++) {
        addr a = { next(), next() };
        for (int k = 0; k < 4; k++)
            if (next() & 1) a.hi &= ~(UINT64_C(0xffff) << 16 * k);
        for (int k = 0; k < 4; k++)
            if (next() & 1) a.lo &= ~(UINT64_C(0xffff) << 16 * k);
        if (a.hi == 0) a.hi = 1;
        unsigned char b[16];
        for (int k = 0; k < 8; k++) {
            b[k] = (unsigned char)(a.hi >> (56 - 8 * k));
            b[8 + k] = (unsigned char)(a.lo >> (56 - 8 * k));
        }
        char want[64], got[ADDR_TEXT_MAX];
        inet_ntop(AF_INET6, b, want, sizeof want);
        addr back;
        assert_str(((str){ got, addr_put(got, a) }), want);
        assert_true(addr_parse(str_of(want), &back) && addr_eq(a, back));
    }
}

static void is_strict(void **state)
{
    static const char *bad[] = { "192.0.2.01", "192.0.2", "192.0.2.256", "192.0.2.1 ",
        "1:2:3:4:5:6:7:8:9", "::1::", ":::", "12345::", "", "::ffff:192.0.2.256", "fe80::1%eth0" };
    addr a;
    cidr c;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(addr_parse(str_of(bad[i]), &a));
    assert_true(addr_parse(S("::ffff:192.0.2.1"), &a) && addr_is_v4(a));
    assert_false(cidr_parse(S("192.0.2.1/24"), true, &c));
    assert_true(cidr_parse(S("192.0.2.1/24"), false, &c));
    char out[CIDR_TEXT_MAX];
    assert_str(((str){ out, cidr_put(out, c) }), "192.0.2.0/24");
    assert_false(cidr_parse(S("192.0.2.0/33"), false, &c));
    assert_false(cidr_parse(S("192.0.2.0/+8"), false, &c));
    assert_true(cidr_parse(S("2001:db8::/32"), true, &c));
    assert_str(((str){ out, cidr_put(out, c) }), "2001:db8::/32");
    assert_true(addr_parse(S("198.18.3.4"), &a) && addr_class_of(a) == ADDR_BENCHMARK);
    assert_true(addr_parse(S("10.1.2.3"), &a) && addr_class_of(a) == ADDR_PRIVATE);
    assert_true(addr_parse(S("fe80::1"), &a) && addr_class_of(a) == ADDR_LINK_LOCAL);
}

/* The narrowest entry that holds a; of equal ones the first given. */
static uint32_t naive(const lpm_entry *e, size_t n, addr a)
{
    uint32_t best = LPM_NONE;
    for (size_t i = 0; i < n; i++) {
        if (addr_cmp(e[i].lo, a) > 0 || addr_cmp(e[i].hi, a) < 0) continue;
        if (best == LPM_NONE || addr_cmp(e[i].lo, e[best].lo) > 0 ||
                addr_cmp(e[i].hi, e[best].hi) < 0)
            best = (uint32_t)i;
    }
    return best;
}

static addr random_addr(bool v4)
{
    uint64_t few = next() & next() & next();
    if (v4) return addr_v4(0xc6120000u | (uint32_t)(few & 0x1ffff));
    return (addr){ UINT64_C(0x20010db800000000) | (few & 0xff), next() & next() & 0xff };
}

static void lpm_is_the_naive_one(void **state)
{
    for (int round = 0; round < 60; round++) {
        lpm_entry e[300];
        size_t n = next() % ARRAY_LEN(e);
        for (size_t i = 0; i < n; i++) {
            bool v4 = next() & 1;
            uint8_t len = (uint8_t)(v4 ? 108 + next() % 21 : 50 + next() % 79);
            if (next() % 50 == 0) len = v4 ? 96 : 0;
            cidr c = cidr_make(random_addr(v4), len);
            e[i] = (lpm_entry){ c.lo, c.hi, (uint32_t)i, 0 };
        }
        lpm *l = lpm_build(e, n);
        for (int k = 0; k < 2000; k++) {
            addr a = k == 0   ? (addr){ 0, 0 }
                     : k == 1 ? (addr){ UINT64_MAX, UINT64_MAX }
                              : random_addr(next() & 1);
            uint32_t got = lpm_find(l, a), want = naive(e, n, a);
            assert_int_equal(got == LPM_NONE ? got : lpm_at(l, got)->value, want);
            size_t around = 0, listed = 0;
            for (size_t i = 0; i < n; i++)
                around += addr_cmp(e[i].lo, a) <= 0 && addr_cmp(e[i].hi, a) >= 0;
            for (; got != LPM_NONE; got = lpm_at(l, got)->parent)
                listed++;
            assert_int_equal(listed, around);
        }
        lpm_free(l);
    }
}

static void a_million_prefixes_are_small(void **state)
{
    size_t n = 1000000;
    lpm_entry *e = malloc(n * sizeof *e);
    for (size_t i = 0; i < n; i++) {
        cidr c = i % 5 ? cidr_make(addr_v4((uint32_t)next()), (uint8_t)(104 + next() % 25))
                       : cidr_make((addr){ 0x20010db800000000 | (next() >> 32), next() },
                                 (uint8_t)(32 + next() % 33));
        e[i] = (lpm_entry){ c.lo, c.hi, (uint32_t)i, 0 };
    }
    lpm *l = lpm_build(e, n);
    print_message("1 M prefixes: %zu MB\n", lpm_bytes(l) >> 20);
    assert_true(lpm_bytes(l) < (size_t)100 << 20);
    lpm_free(l);
    free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_like_inet_pton),
        cmocka_unit_test(writes_like_inet_ntop),
        cmocka_unit_test(is_strict),
        cmocka_unit_test(lpm_is_the_naive_one),
        cmocka_unit_test(a_million_prefixes_are_small),
    };
    return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
