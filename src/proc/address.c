/* address.c - whether the courier may connect to an internet address. Owns nothing; any thread.
 * Classes are engine/net's; here stands what they mean to someone who connects, and the forms of
 * IPv6 that lead to an IPv4 address, which are refused whole: a translator may stand inside. */
#include "proc/address.h"

#include <endian.h>
#include <netinet/in.h>
#include <sys/socket.h>

typedef struct {
    uint64_t hi, lo;
    uint8_t len;
} prefix;

static const prefix translated[] = {
    { 0, 0, 96 },                            /* IPv4-compatible, RFC 4291 2.5.5.1 */
    { 0, UINT64_C(0xffff000000000000), 80 }, /* SIIT ::ffff:0:a.b.c.d, RFC 2765 */
    { UINT64_C(0x0064ff9b00000000), 0, 96 }, /* NAT64, RFC 6052 */
    { UINT64_C(0x0064ff9b00010000), 0, 48 }, /* local NAT64, RFC 8215 */
    { UINT64_C(0x2001000000000000), 0, 32 }, /* Teredo, RFC 4380 */
    { UINT64_C(0x2002000000000000), 0, 16 }, /* 6to4, RFC 3056 */
    { 0, V4_BASE | 0xc0586300, 120 },        /* 6to4 relays 192.88.99.0/24, RFC 7526 */
};

/* Public by class, but not a place of anybody: IETF protocol assignments (RFC 2928). */
static const prefix assigned[] = {
    { UINT64_C(0x2001000000000000), 0, 23 },
    { UINT64_C(0x5f00000000000000), 0, 16 }, /* SRv6 SIDs, RFC 9602 */
    { 0, V4_BASE | 0xc01fc400, 120 },        /* AS112 192.31.196.0/24, RFC 7535 */
    { 0, V4_BASE | 0xc034c100, 120 },        /* AMT 192.52.193.0/24, RFC 7450 */
    { 0, V4_BASE | 0xc0af3000, 120 },        /* AS112 192.175.48.0/24, RFC 7534 */
};

static bool among(const prefix *p, size_t n, addr a)
{
    for (size_t i = 0; i < n; i++) {
        cidr c = cidr_make((addr){ p[i].hi, p[i].lo }, p[i].len);
        if (addr_cmp(c.lo, a) <= 0 && addr_cmp(a, c.hi) <= 0) return true;
    }
    return false;
}

static bool address_of(const struct sockaddr *sa, addr *ret)
{
    if (sa->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const void *)sa;
        *ret = addr_v4(ntohl(four->sin_addr.s_addr));
        return true;
    }
    if (sa->sa_family != AF_INET6) return false;
    const struct sockaddr_in6 *six = (const void *)sa;
    uint64_t words[2];
    memcpy(words, &six->sin6_addr, sizeof words);
    *ret = (addr){ be64toh(words[0]), be64toh(words[1]) };
    return true;
}

static address_reason judge_public(addr a)
{
    addr_class class = addr_class_of(a);
    if (class == ADDR_UNSPECIFIED || class == ADDR_MULTICAST) return ADDRESS_NOWHERE;
    if (class == ADDR_LOOPBACK) return ADDRESS_INTERNAL;
    if (among(translated, ARRAY_LEN(translated), a)) return ADDRESS_TRANSLATED;
    if (among(assigned, ARRAY_LEN(assigned), a)) return ADDRESS_NOT_ROUTED;
    switch (class) {
    case ADDR_GLOBAL:
        return ADDRESS_PUBLIC;
    case ADDR_PRIVATE:
    case ADDR_LINK_LOCAL:
    case ADDR_SHARED:
        return ADDRESS_INTERNAL;
    case ADDR_DOCUMENTATION:
    case ADDR_BENCHMARK:
        return ADDRESS_NOT_ROUTED;
    default:
        return ADDRESS_NOWHERE;
    }
}

static bool listed(const address_policy *p, addr a)
{
    for (size_t i = 0; i < p->n_allowed; i++)
        if (addr_cmp(p->allowed[i].lo, a) <= 0 && addr_cmp(a, p->allowed[i].hi) <= 0) return true;
    return false;
}

static address_reason judge(const struct sockaddr *to, const address_policy *p)
{
    addr a;
    if (!address_of(to, &a)) return ADDRESS_NOT_INTERNET;
    address_reason r = judge_public(a);
    addr_class class = addr_class_of(a);
    if (class == ADDR_UNSPECIFIED || class == ADDR_MULTICAST) return r;
    if (p->endpoint == ENDPOINT_CONFIGURED) return ADDRESS_CONFIGURED;
    return r != ADDRESS_PUBLIC && listed(p, a) ? ADDRESS_LISTED : r;
}

bool address_allowed(
        const struct sockaddr *to, const address_policy *policy, address_reason *reason)
{
    ASSERT(to && policy && (policy->allowed || !policy->n_allowed));
    address_reason r = judge(to, policy);
    if (reason) *reason = r;
    return r == ADDRESS_PUBLIC || r == ADDRESS_LISTED || r == ADDRESS_CONFIGURED;
}

const char *address_reason_name(address_reason r)
{
    static const char *const names[] = {
        [ADDRESS_PUBLIC] = "public",
        [ADDRESS_LISTED] = "listed",
        [ADDRESS_CONFIGURED] = "configured",
        [ADDRESS_NOT_INTERNET] = "not_internet",
        [ADDRESS_NOWHERE] = "nowhere",
        [ADDRESS_INTERNAL] = "internal",
        [ADDRESS_NOT_ROUTED] = "not_routed",
        [ADDRESS_TRANSLATED] = "translated",
    };
    ASSERT(r < ARRAY_LEN(names));
    return names[r];
}
