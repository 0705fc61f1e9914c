/* passkey_test.c - what browsers bring back, challenges, and the site's name. The attestations are
 * fuzz/seeds/webauthn/made-*, written by test/api/soft_key.mjs with Node's own crypto. */
#include "unit/unit.h"

#include "access/auth/cbor.h"
#include "access/auth/passkey.h"
#include <stdio.h>
#include <stdlib.h>

static const passkey_site here = { S("localhost"), S("http://localhost:8420") };

static void the_name_is_that_of_the_address(void **state)
{
    (void)state;
    CLEANUP(arena_free_p) arena *a = arena_new(1 << 16);
    static const struct {
        const char *url, *rp_id, *origin;
    } rows[] = { { "https://Minar.example", "minar.example", "https://minar.example" },
        { "https://minar.example:443", "minar.example", "https://minar.example" },
        { "https://minar.example:8443/", "minar.example", "https://minar.example:8443" },
        { "http://localhost:8420", "localhost", "http://localhost:8420" },
        { "http://x.localhost:80", "x.localhost", "http://x.localhost" },
        { "http://minar.example", NULL, NULL }, { "https://192.0.2.1", NULL, NULL },
        { "https://[2001:db8::1]:8420", NULL, NULL }, { "https://", NULL, NULL },
        { "ftp://minar.example", NULL, NULL } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        passkey_site s;
        bool ok = passkey_site_of(a, str_of(rows[i].url), &s);
        assert_int_equal(ok, rows[i].rp_id != NULL);
        if (!ok) continue;
        assert_true(str_eq(s.rp_id, str_of(rows[i].rp_id)));
        assert_true(str_eq(s.origin, str_of(rows[i].origin)));
    }
}

static void cbor_is_bounded(void **state)
{
    (void)state;
    cbor_item it, value;
    /* {"a": h'0102', "b": {"c": -7}} */
    str good = S("\xa2\x61"
                 "a\x42\x01\x02\x61"
                 "b\xa1\x61"
                 "c\x26");
    assert_true(cbor_read(good, &it));
    assert_int_equal(it.raw.n, good.n);
    assert_true(cbor_get(&it, S("a"), &value) && value.major == 2 && value.body.n == 2);
    assert_true(cbor_get(&it, S("b"), &value) && cbor_get(&value, S("c"), &value));
    assert_int_equal(value.major, 1);
    assert_int_equal(value.n, 6);
    assert_false(cbor_get(&it, S("c"), &value));
    for (size_t n = 0; n < good.n; n++)
        assert_false(cbor_read(str_sub(good, 0, n), &it));
    assert_false(cbor_read(S("\x9f\xff"), &it));                                 /* endless */
    assert_false(cbor_read(S("\xc0\x00"), &it));                                 /* tagged */
    assert_false(cbor_read(S("\x81\x81\x81\x81\x81\x81\x81\x00"), &it));         /* deep */
    assert_false(cbor_read(S("\x98\xff"), &it));                                 /* many */
    assert_false(cbor_read(S("\x5b\xff\xff\xff\xff\xff\xff\xff\xff\x00"), &it)); /* long */
    assert_true(cbor_read(S("\xa2\x61"
                            "a\x01\x61"
                            "a\x02"),
            &it));
    assert_false(cbor_get(&it, S("a"), &value)); /* twice */
}

static str read_seed(arena *a, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/fuzz/seeds/webauthn/%s", getenv("MINAR_SOURCE"), name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *p = arena_alloc(a, 4096);
    size_t n = fread(p, 1, 4096, f);
    fclose(f);
    assert_true(n > 100 && n < 4096);
    return (str){ p + 1, n - 1 }; /* after the byte that picks a reader */
}

/* Of one that is good, every shorter one is bad, and so is any other site, or nobody there. */
static void check_made(arena *a, str good, int alg)
{
    webauthn_made m;
    passkey_site other = { S("evil.example"), here.origin };
    assert_ok(webauthn_register(a, &here, S("{}"), good, &m));
    assert_int_equal(m.alg, alg);
    assert_int_equal(m.credential.n, 32);
    assert_int_equal(m.counter, 1);
    for (size_t n = 0; n < good.n; n++)
        assert_fails(webauthn_register(a, &here, S("{}"), str_sub(good, 0, n), &m), E_INVALID,
                "error.access.passkey_bad");
    assert_fails(
            webauthn_register(a, &other, S("{}"), good, &m), E_INVALID, "error.access.passkey_bad");
    char *bent = (char *)(uintptr_t)str_copy(a, good).p;
    ptrdiff_t at = str_find(good, S("authData"));
    assert_true(at > 0);
    char *flags = bent + at + 8 + 2 + 32; /* the key, a head of two or three bytes, the hash */
    if ((uint8_t)bent[at + 8] == 0x59) flags++;
    assert_int_equal(*flags & 0xff, 0x45);
    *flags = 0x41;
    assert_fails(webauthn_register(a, &here, S("{}"), (str){ bent, good.n }, &m), E_INVALID,
            "error.access.passkey_unverified");
    *flags = 0x44;
    assert_fails(webauthn_register(a, &here, S("{}"), (str){ bent, good.n }, &m), E_INVALID,
            "error.access.passkey_bad");
}

static void every_algorithm_is_read(void **state)
{
    (void)state;
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 26);
    check_made(a, read_seed(a, "made-es256-none"), -7);
    check_made(a, read_seed(a, "made-eddsa-none"), -8);
    check_made(a, read_seed(a, "made-rs256-none"), -257);
    webauthn_made m; /* signed over other client data than "{}" */
    assert_fails(webauthn_register(a, &here, S("{}"), read_seed(a, "made-es256-packed"), &m),
            E_INVALID, "error.access.passkey_bad");
}

static void challenges_are_bound(void **state)
{
    (void)state;
    const realm live = { .name = "live" }, demo = { .name = "demo" };
    uint8_t c[PASSKEY_CHALLENGE], d[PASSKEY_CHALLENGE];
    str mine = S("my session"), text = { (const char *)c, sizeof c };
    passkey_ask(&live, ASKED_PROVE, mine, c);
    passkey_ask(&live, ASKED_PROVE, mine, d);
    assert_memory_not_equal(c, d, sizeof c);
    assert_ok(passkey_asked(&live, ASKED_PROVE, mine, text));
    const char *late = "error.access.passkey_late";
    assert_fails(passkey_asked(&live, ASKED_ADD, mine, text), E_INVALID, late);
    assert_fails(passkey_asked(&demo, ASKED_PROVE, mine, text), E_INVALID, late);
    assert_fails(passkey_asked(&live, ASKED_PROVE, S("another"), text), E_INVALID, late);
    assert_fails(passkey_asked(&live, ASKED_PROVE, (str){ 0 }, text), E_INVALID, late);
    for (size_t i = 0; i < sizeof c; i++) { /* its end cannot be moved, nor anything else */
        c[i] ^= 1;
        assert_fails(passkey_asked(&live, ASKED_PROVE, mine, text), E_INVALID, late);
        c[i] ^= 1;
    }
}

static void staff_are_asked(void **state)
{
    (void)state;
    viewer v = { .national = true, .roles = 2 };
    assert_int_equal(passkey_wanted(&v), PASSKEY_ASKED);
    passkey_staff(S("required"));
    assert_int_equal(passkey_wanted(&v), PASSKEY_REQUIRED);
    v.roles = 1; /* reads only */
    assert_int_equal(passkey_wanted(&v), PASSKEY_OFF);
    v = (viewer){ .national = false, .roles = 255 };
    assert_int_equal(passkey_wanted(&v), PASSKEY_OFF);
    passkey_staff(S("off"));
    v.national = true;
    assert_int_equal(passkey_wanted(&v), PASSKEY_OFF);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(the_name_is_that_of_the_address),
        UNIT(cbor_is_bounded), UNIT(every_algorithm_is_read), UNIT(challenges_are_bound),
        UNIT(staff_are_asked) };
    return cmocka_run_group_tests_name("passkey", tests, NULL, NULL);
}
