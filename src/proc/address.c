/* address.c - whether the courier may connect to an internet address. Owns nothing; any thread.
 * Classes are data/addresses.json's; here stands what they mean to someone who connects. The forms
 * of IPv6 that lead to an IPv4 address are refused whole: a translator may stand inside. */
#include "proc/address.h"

#include <endian.h>
#include <netinet/in.h>
#include <sys/socket.h>

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

/* What each class of data/addresses.json means to someone who connects. */
static const address_reason meaning[ADDR_CLASSES] = {
    [ADDR_GLOBAL] = ADDRESS_PUBLIC,
    [ADDR_UNSPECIFIED] = ADDRESS_NOWHERE,
    [ADDR_LOOPBACK] = ADDRESS_INTERNAL,
    [ADDR_PRIVATE] = ADDRESS_INTERNAL,
    [ADDR_LINK_LOCAL] = ADDRESS_INTERNAL,
    [ADDR_SHARED] = ADDRESS_INTERNAL,
    [ADDR_MULTICAST] = ADDRESS_NOWHERE,
    [ADDR_DOCUMENTATION] = ADDRESS_NOT_ROUTED,
    [ADDR_BENCHMARK] = ADDRESS_NOT_ROUTED,
    [ADDR_TRANSLATED] = ADDRESS_TRANSLATED,
    [ADDR_ASSIGNED] = ADDRESS_NOT_ROUTED,
    [ADDR_RESERVED] = ADDRESS_NOWHERE,
};

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
    addr_class class = addr_class_of(a);
    address_reason r = meaning[class];
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
