/* person.h - what office's handlers share about people. Office only. */
#pragma once
#include "api/api.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"

typedef struct {
    str name, mail, phone, lang, contact_role;
    uint32_t roles;
} person_facts;
/* Adds a person to an organisation, invited but not yet able to sign in. E_CONFLICT when the mail
 * address is taken. */
MUST_USE err person_add(struct txn *t, const realm *r, const viewer *v,
        const organisation_handle *o, const person_facts *f, ledger_type entry,
        const person_handle **ret);
/* Makes the invitation link, sends it by mail, and writes the Invitation answer. */
MUST_USE err person_invitation(call *c, const person_handle *p);
/* Roles by what a contact is for: focal people keep their organisation's people and answer. */
uint32_t person_roles_of(str contact_role);
/* The roles of a list of names; every name is known (the decoder checked). */
uint32_t person_roles_bits(const str *names, size_t n);
void person_roles_put(jsonw *w, uint32_t roles);
/* Writes the whole Person object. */
MUST_USE err person_put(call *c, int64_t row);
/* "REALM public address/l/token". */
str person_link_address(call *c, str token);
/* Sessions and password go and keys are revoked: all that a lost phone may hold. */
MUST_USE err person_shut_out(call *c, int64_t person);
