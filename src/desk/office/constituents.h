/* constituents.h - a constituents file as plans: one an organisation, with its networks and
 * contacts, checked cell by cell, then compared with or written into the registry. Office only. */
#pragma once
#include "api/api.h"
#include "common/import/import.h"
#include "desk/office/person.h"

typedef enum { PLAN_CREATE, PLAN_CHANGE, PLAN_SAME, PLAN_BAD } plan_what;

typedef struct plan_network {
    str value;
    import_row at; /* for the error, should writing refuse it */
    struct plan_network *next;
} plan_network;
typedef struct plan_contact {
    person_facts facts;
    struct plan_contact *next;
} plan_contact;

/* One organisation as the file wants it; empty texts: the file does not say. */
typedef struct plan {
    int64_t row;
    str key, name_en, name_ur, kind, sector, province, lang, provider;
    bool community;
    plan_network *networks;
    plan_contact *contacts;
    int n_networks, n_contacts;
    plan_what what;
    struct plan *next;
} plan;

extern const import_field constituents_fields[];
extern const size_t constituents_fields_n;

/* Reads the whole sheet. Wrong cells are noted in the sheet; an organisation with a wrong cell that
 * it cannot be without is PLAN_BAD, other wrong cells are left out. Rows of one key are one plan.
 */
plan *constituents_read(arena *a, import_sheet *s);
/* Compares (write false) or writes (write true, in a writing transaction): fills p->what. */
MUST_USE err constituents_apply(
        struct txn *t, const realm *r, const viewer *v, plan *p, bool write);
