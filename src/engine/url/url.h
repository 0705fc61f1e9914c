/* url.h - web addresses: their parts, and one spelling for each so that they can be compared.
 * Pure; any thread. Uses: net, domain. */
#pragma once
#include "engine/net/addr.h"

enum { URL_MAX = 8192 };

typedef struct {
    str scheme; /* lower case */
    str user;   /* "user:password", or empty: a secret; not part of the normal form */
    str host;   /* domain in normal form, or an address's canonical text */
    addr ip;    /* set when the host is an address */
    bool host_is_ip;
    uint16_t port; /* 0: the scheme's own */
    str path;      /* with the query, begins with '/'; fragment left out */
} url;

/* Reads an absolute URL with a host; hxxp, hxxps, and [.] and (.) in the host are re-fanged. Slices
 * lie in s or a. */
MUST_USE bool url_parse(arena *a, str s, url *ret);
/* scheme://host[:port]/path?query: lower-case scheme and host, no default port, no user, no
 * fragment, unreserved characters unescaped, dot segments removed (RFC 3986 section 6.2.2). */
str url_normal(arena *a, const url *u);
