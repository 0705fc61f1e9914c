/* dns_txt.h - one TXT record asked of a name server. Owns nothing; blocks for a few seconds at
 * most; for commands, on any thread. */
#pragma once
#include "base/base.h"

enum { DNS_RECORDS_MAX = 8 };

/* server: "address:port", or empty: the machine's. Each record's strings are joined. Errors:
 * E_ABSENT (error.dns.none: there is none), E_PEER (error.dns.silent), E_INVALID. */
MUST_USE err dns_txt(arena *a, str server, str name, str ret[DNS_RECORDS_MAX], size_t *ret_n);
