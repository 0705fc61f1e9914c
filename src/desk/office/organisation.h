/* organisation.h - what office's handlers and import share about organisations. Office only. */
#pragma once
#include "api/api.h"
#include "gen/records/organisation.h"

/* Both names and the key folded, for search and sorting. */
str organisation_fold(arena *a, str name_en, str name_ur, str key);
/* The sector that a kind belongs to when the file names none. */
str organisation_sector(str kind);
/* The path's organisation: its id, or its key for people at a keyboard. E_ABSENT. */
MUST_USE err organisation_of_path(call *c, id128 *ret);
/* The member "org" of an object: id, key and name. */
void organisation_ref_put(jsonw *w, const organisation_handle *o);
/* Adds one claim to an organisation; value is recognised (CIDR, address, AS number, domain).
 * Errors: E_INVALID with what is wrong, E_CONFLICT when the organisation has it already. */
MUST_USE err network_add(struct txn *t, const realm *r, const viewer *v,
        const organisation_handle *o, str value, instant from, instant to, str source,
        id128 *ret_id, int64_t *ret_version);
/* Has the organisation this claim? *ret_before: it has it, or had it once and it was withdrawn. */
MUST_USE err network_claimed(struct txn *t, const viewer *v, int64_t org, str kind, str value,
        bool *ret, bool *ret_before);
/* Recognises and normalises a claim's value. */
MUST_USE err network_recognise(arena *a, str value, str *ret_kind, str *ret_value);
