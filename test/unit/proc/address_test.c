/* address_test.c - which addresses the courier may connect to, class by class and in every dress.
 */
#include "unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "proc/address.h"

typedef struct {
    const char *text;
    address_reason want;
} row;

static struct sockaddr_storage sockaddr_of(const char *text)
{
    struct sockaddr_storage s = { 0 };
    struct sockaddr_in *four = (void *)&s;
    struct sockaddr_in6 *six = (void *)&s;
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
        s.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
        s.ss_family = AF_INET6;
    else
        fail_msg("%s is no address", text);
    return s;
}

static address_reason reason_of(const char *text, const address_policy *p, bool *allowed)
{
    struct sockaddr_storage s = sockaddr_of(text);
    address_reason r;
    *allowed = address_allowed((struct sockaddr *)&s, p, &r);
    return r;
}

static const row rows[] = {
    { "1.1.1.1", ADDRESS_PUBLIC },
    { "8.8.8.8", ADDRESS_PUBLIC },
    { "100.63.255.255", ADDRESS_PUBLIC },
    { "100.128.0.0", ADDRESS_PUBLIC },
    { "172.15.255.255", ADDRESS_PUBLIC },
    { "172.32.0.0", ADDRESS_PUBLIC },
    { "192.167.255.255", ADDRESS_PUBLIC },
    { "192.169.0.0", ADDRESS_PUBLIC },
    { "223.255.255.255", ADDRESS_PUBLIC },
    { "2606:4700:4700::1111", ADDRESS_PUBLIC },
    { "2a00:1450::1", ADDRESS_PUBLIC },
    { "0.0.0.0", ADDRESS_NOWHERE },
    { "0.1.2.3", ADDRESS_NOWHERE },
    { "10.0.0.1", ADDRESS_INTERNAL },
    { "10.255.255.255", ADDRESS_INTERNAL },
    { "127.0.0.1", ADDRESS_INTERNAL },
    { "127.255.255.254", ADDRESS_INTERNAL },
    { "169.254.169.254", ADDRESS_INTERNAL },
    { "172.16.0.1", ADDRESS_INTERNAL },
    { "172.31.255.255", ADDRESS_INTERNAL },
    { "192.168.1.1", ADDRESS_INTERNAL },
    { "100.64.0.1", ADDRESS_INTERNAL },
    { "100.127.255.255", ADDRESS_INTERNAL },
    { "192.0.0.1", ADDRESS_NOWHERE },
    { "192.0.2.1", ADDRESS_NOT_ROUTED },
    { "198.51.100.9", ADDRESS_NOT_ROUTED },
    { "203.0.113.9", ADDRESS_NOT_ROUTED },
    { "198.18.0.1", ADDRESS_NOT_ROUTED },
    { "198.19.255.255", ADDRESS_NOT_ROUTED },
    { "192.88.99.1", ADDRESS_TRANSLATED },
    { "192.31.196.1", ADDRESS_NOT_ROUTED },
    { "224.0.0.1", ADDRESS_NOWHERE },
    { "239.255.255.255", ADDRESS_NOWHERE },
    { "240.0.0.1", ADDRESS_NOWHERE },
    { "255.255.255.255", ADDRESS_NOWHERE },
    { "::", ADDRESS_NOWHERE },
    { "::1", ADDRESS_INTERNAL },
    { "::2", ADDRESS_TRANSLATED },
    { "::127.0.0.1", ADDRESS_TRANSLATED },
    { "::8.8.8.8", ADDRESS_TRANSLATED },
    { "::ffff:127.0.0.1", ADDRESS_INTERNAL },
    { "::ffff:10.1.2.3", ADDRESS_INTERNAL },
    { "::ffff:169.254.169.254", ADDRESS_INTERNAL },
    { "::ffff:8.8.8.8", ADDRESS_PUBLIC },
    { "::ffff:0:127.0.0.1", ADDRESS_TRANSLATED },
    { "64:ff9b::127.0.0.1", ADDRESS_TRANSLATED },
    { "64:ff9b::8.8.8.8", ADDRESS_TRANSLATED },
    { "64:ff9b:1::10.0.0.1", ADDRESS_TRANSLATED },
    { "2001::1", ADDRESS_TRANSLATED },
    { "2001:0:53aa:64c::1", ADDRESS_TRANSLATED },
    { "2002:7f00:1::", ADDRESS_TRANSLATED },
    { "2002:808:808::1", ADDRESS_TRANSLATED },
    { "2001:20::1", ADDRESS_NOT_ROUTED },
    { "2001:1ff::1", ADDRESS_NOT_ROUTED },
    { "2001:db8::1", ADDRESS_NOT_ROUTED },
    { "3fff::1", ADDRESS_NOT_ROUTED },
    { "100::1", ADDRESS_NOWHERE },
    { "fc00::1", ADDRESS_INTERNAL },
    { "fd12:3456::1", ADDRESS_INTERNAL },
    { "fe80::1", ADDRESS_INTERNAL },
    { "febf::1", ADDRESS_INTERNAL },
    { "fec0::1", ADDRESS_NOWHERE },
    { "ff02::1", ADDRESS_NOWHERE },
    { "4000::1", ADDRESS_NOWHERE },
    { "5f00::1", ADDRESS_NOT_ROUTED },
};

static void named_endpoints_must_be_public(void **state)
{
    (void)state;
    const address_policy p = { .endpoint = ENDPOINT_NAMED };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool allowed;
        address_reason got = reason_of(rows[i].text, &p, &allowed);
        if (got != rows[i].want)
            fail_msg("%s is %s, not %s", rows[i].text, address_reason_name(got),
                    address_reason_name(rows[i].want));
        assert_int_equal(allowed, got == ADDRESS_PUBLIC);
    }
}

static void the_administrators_list_opens_networks(void **state)
{
    (void)state;
    cidr nets[2];
    bool allowed;
    assert_true(cidr_parse(S("10.20.0.0/16"), true, &nets[0]));
    assert_true(cidr_parse(S("fd00:1::/32"), true, &nets[1]));
    const address_policy p = { .endpoint = ENDPOINT_NAMED, .allowed = nets, .n_allowed = 2 };
    assert_int_equal(reason_of("10.20.255.1", &p, &allowed), ADDRESS_LISTED);
    assert_true(allowed);
    assert_int_equal(reason_of("::ffff:10.20.0.1", &p, &allowed), ADDRESS_LISTED);
    assert_int_equal(reason_of("fd00:1::5", &p, &allowed), ADDRESS_LISTED);
    assert_int_equal(reason_of("10.21.0.1", &p, &allowed), ADDRESS_INTERNAL);
    assert_false(allowed);
    assert_int_equal(reason_of("::10.20.0.1", &p, &allowed), ADDRESS_TRANSLATED);
    assert_int_equal(reason_of("1.1.1.1", &p, &allowed), ADDRESS_PUBLIC);
}

static void nobody_lists_multicast(void **state)
{
    (void)state;
    cidr all;
    bool allowed;
    assert_true(cidr_parse(S("0.0.0.0/0"), true, &all));
    const address_policy p = { .endpoint = ENDPOINT_NAMED, .allowed = &all, .n_allowed = 1 };
    assert_int_equal(reason_of("224.0.0.1", &p, &allowed), ADDRESS_NOWHERE);
    assert_false(allowed);
    assert_int_equal(reason_of("0.0.0.0", &p, &allowed), ADDRESS_NOWHERE);
    assert_false(allowed);
}

static void configured_endpoints_may_be_internal(void **state)
{
    (void)state;
    bool allowed;
    const address_policy p = { .endpoint = ENDPOINT_CONFIGURED };
    assert_int_equal(reason_of("127.0.0.1", &p, &allowed), ADDRESS_CONFIGURED);
    assert_true(allowed);
    assert_int_equal(reason_of("fd00::1", &p, &allowed), ADDRESS_CONFIGURED);
    assert_int_equal(reason_of("0.0.0.0", &p, &allowed), ADDRESS_NOWHERE);
    assert_false(allowed);
    assert_int_equal(reason_of("ff02::1", &p, &allowed), ADDRESS_NOWHERE);
}

static void other_families_are_refused(void **state)
{
    (void)state;
    address_reason r;
    struct sockaddr_un local = { .sun_family = AF_UNIX };
    const address_policy p = { .endpoint = ENDPOINT_CONFIGURED };
    assert_false(address_allowed((struct sockaddr *)&local, &p, &r));
    assert_int_equal(r, ADDRESS_NOT_INTERNET);
    assert_false(address_allowed((struct sockaddr *)&local, &p, NULL));
}

/* inet_aton takes decimal, octal, hexadecimal and short spellings; what it gives is judged. */
static void spellings_of_loopback_end_at_the_same_address(void **state)
{
    (void)state;
    static const char *const spellings[] = { "2130706433", "0x7f000001", "0177.0.0.1", "127.1",
        "0x7f.1", "017700000001", "127.0.1" };
    const address_policy p = { .endpoint = ENDPOINT_NAMED };
    for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
        struct sockaddr_in four = { .sin_family = AF_INET };
        assert_int_equal(inet_aton(spellings[i], &four.sin_addr), 1);
        assert_false(address_allowed((struct sockaddr *)&four, &p, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named_endpoints_must_be_public),
        cmocka_unit_test(the_administrators_list_opens_networks),
        cmocka_unit_test(nobody_lists_multicast),
        cmocka_unit_test(configured_endpoints_may_be_internal),
        cmocka_unit_test(other_families_are_refused),
        cmocka_unit_test(spellings_of_loopback_end_at_the_same_address),
    };
    return cmocka_run_group_tests_name("proc address", tests, NULL, NULL);
}
