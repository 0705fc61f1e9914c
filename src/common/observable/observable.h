/* observable.h - recognises what a person or file wrote: address, CIDR, AS number, domain, URL,
 * hash, mail address, CVE; defanged text too. One normal form each. Pure; any thread. */
#pragma once
#include "base/base.h"
#include "engine/net/addr.h"

typedef enum {
    OBSERVABLE_IP,
    OBSERVABLE_CIDR,
    OBSERVABLE_ASN,
    OBSERVABLE_DOMAIN,
    OBSERVABLE_URL,
    OBSERVABLE_MD5,
    OBSERVABLE_SHA1,
    OBSERVABLE_SHA256,
    OBSERVABLE_EMAIL,
    OBSERVABLE_CVE,
    OBSERVABLE_KINDS
} observable_kind;

typedef struct {
    observable_kind kind;
    str value;   /* normalised, in the arena */
    cidr range;  /* IP and CIDR */
    int64_t asn; /* ASN */
} observable;

/* E_INVALID when it is none of them. */
MUST_USE err observable_recognise(arena *a, str text, observable *ret);
str observable_as_cidr(arena *a, const observable *o); /* "192.0.2.1/32" of an address */
str observable_kind_name(observable_kind k);           /* "ip", "cidr", ... as records keep it */
MUST_USE bool observable_kind_of(str name, observable_kind *ret);
#define OBSERVABLE_TEXT_MAX 8192 /* bytes of a defanged text that may hold one */
/* hxxp, [.], (dot), [at] and the like undone, marks within marks too. */
str observable_refang(arena *a, str text);
