/* site.h - founding a realm's registry: the organisation that runs the site, its groups, its first
 * person. Once per realm, in one transaction; afterwards read at start. */
#pragma once
#include "access/realm.h"
#include "access/viewer.h"
#include "gen/records/organisation.h"

struct txn;
typedef struct {
    str key;              /* of the organisation, "cert" */
    str name_en, name_ur; /* of the organisation */
    str person_name, mail, lang;
    int64_t uid; /* user of this machine who is that person on the local socket; -1 none */
} site_draft;

/* Is this realm founded? Fills realm's instance, site_org and national_grp when it is. */
MUST_USE err site_load(realm *r, bool *ret_founded);
/* Founds it. The first person has every role and no password; ret_person is its row. */
MUST_USE err site_found(realm *r, const site_draft *d, int64_t *ret_person);
/* Makes an organisation with its own group (audience: GREEN within the community). Used by the
 * registry's handlers and import. Of d, owner, audience and grp are filled here. */
MUST_USE err site_add_organisation(struct txn *t, const realm *r, const viewer *v,
        const organisation_draft *d, const organisation_handle **ret);
/* The organisation that runs the site of t's realm. */
MUST_USE err site_org_row(struct txn *t, int64_t *ret);
/* The audience for what concerns one organisation and the national desk: AMBER+STRICT with the
 * group given (the organisation's own when the national desk owns it, the national one when the
 * organisation does). */
MUST_USE err site_audience_strict(struct txn *t, int64_t grp, int64_t *ret);
