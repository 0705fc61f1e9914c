/* cbor.h - the little of CBOR (RFC 8949) that an attestation object needs: a map of definite length
 * whose keys are short texts. Values are slices of the input. Access only; pure; any thread.
 * libfido2 keeps its own reader to itself, and only reads what lies deeper. */
#pragma once
#include "base/base.h"

enum { CBOR_DEPTH = 6, CBOR_ITEMS = 64 };

typedef struct {
    uint8_t major; /* 0 number, 1 negative, 2 bytes, 3 text, 4 array, 5 map, 7 simple */
    uint64_t n;    /* the number; bytes of a text; items of an array; pairs of a map */
    str body;      /* of bytes and text: their content */
    str raw;       /* the whole item */
} cbor_item;

/* The item that in begins with. false: cut off, of indefinite length, tagged, too deep or with too
 * many items. */
MUST_USE bool cbor_read(str in, cbor_item *ret);
/* The value of a text key in a map. false: not there, or there twice. */
MUST_USE bool cbor_get(const cbor_item *map, str key, cbor_item *ret);
