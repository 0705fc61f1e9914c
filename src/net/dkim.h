/* dkim.h - DKIM-Signature headers (RFC 6376; RFC 8463 for Ed25519), relaxed/relaxed: what is to be
 * signed, and the header made of the signature; and the DNS record that tells others the key.
 * Owns nothing; pure: the key is somebody else's, the time a parameter. Any thread. */
#pragma once
#include "base/base.h"

typedef enum { DKIM_RSA, DKIM_ED25519, DKIM_ALGORITHMS } dkim_algorithm;

enum { DKIM_SELECTOR_MAX = 40, DKIM_SIGNATURE_MAX = 512, DKIM_KEY_MAX = 600 };

/* What signs: the domain that answers for the mail, and the name of its key there. Ed25519 has a
 * record of its own: SELECTOR-ed. */
typedef struct {
    str domain, selector;
} dkim_identity;
/* Letters of a host name: a selector of ours. */
bool dkim_selector_is_sane(str s);
str dkim_selector_of(arena *a, dkim_algorithm g, str selector);

typedef struct {
    str header;    /* "DKIM-Signature: ..; b=", folded, without its end */
    str statement; /* what the key signs: begins with "from:", ends with "b=" */
} dkim_draft;
/* message: RFC 5322 bytes, lines ended by CRLF. Errors: E_INVALID (error.dkim.message: no empty
 * line after the headers, or no From). */
MUST_USE err dkim_prepare(
        arena *a, str message, dkim_identity by, dkim_algorithm g, instant t, dkim_draft *ret);
/* The whole header with its line's end: it goes before the message. */
str dkim_header(arena *a, const dkim_draft *d, str signature);
/* Is this such a statement, for that selector's record? What the keys process asks before it signs.
 */
bool dkim_statement_is_sane(str statement, dkim_algorithm g, str selector);

/* "v=DKIM1; k=rsa; p=..": key: SubjectPublicKeyInfo, or the 32 bytes of Ed25519. */
str dkim_record(arena *a, dkim_algorithm g, str key);
/* "m1._domainkey.cert.example" */
str dkim_record_name(arena *a, dkim_identity by, dkim_algorithm g);
/* Do two records name the same key? Order, blanks and other tags do not matter. */
bool dkim_record_same(arena *a, str published, str ours);
