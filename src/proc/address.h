/* address.h - whether the courier may connect to an internet address: one pure function.
 * Owns nothing; any thread. The address judged is the one that is connected to, so that names,
 * redirects and strange spellings of numbers have nothing to hide behind. */
#pragma once
#include "base/base.h"
#include "engine/net/addr.h"
#include "net/transfer.h"

typedef struct {
    endpoint_class endpoint;
    const cidr *allowed; /* the administrator's list of networks that others may name */
    size_t n_allowed;
} address_policy;

typedef enum {
    ADDRESS_PUBLIC,
    ADDRESS_LISTED,       /* not public, but on the administrator's list */
    ADDRESS_CONFIGURED,   /* the configuration wrote the endpoint: any unicast address */
    ADDRESS_NOT_INTERNET, /* neither IPv4 nor IPv6 */
    ADDRESS_NOWHERE,      /* unspecified, multicast or reserved: nobody may */
    ADDRESS_INTERNAL,     /* loopback, private, link-local, shared (CGNAT) */
    ADDRESS_NOT_ROUTED,   /* documentation, benchmark */
    ADDRESS_TRANSLATED,   /* IPv6 that carries an IPv4 address: NAT64, 6to4, Teredo, compatible */
} address_reason;

/* reason may be NULL; it is set in both cases. */
bool address_allowed(
        const struct sockaddr *to, const address_policy *policy, address_reason *reason);
const char *address_reason_name(address_reason r);
