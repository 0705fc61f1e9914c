/* nation.h - a small country for tests: a founded realm over a fresh store, organisations with
 * contacts, findings about them. Tests and benchmarks only. */
#pragma once
#include "access/realm.h"
#include "access/viewer.h"
#include "common/findings/findings.h"
#include "support/stores.h"

typedef struct {
    test_store *ts;
    realm r;
} nation;
/* Founded, its clock standing still at 2026-01-01. */
nation *nation_new(bool pg, realm_kind kind);
void nation_free(nation *n);
/* As after a restart of the program: what the threads held is gone. */
void nation_reopen(nation *n);
void nation_pass(nation *n, int64_t seconds); /* the clock goes on */

/* Rows. lang: "en", "ur". */
int64_t nation_org(nation *n, const char *key, const char *language);
int64_t nation_person(nation *n, int64_t org, const char *mail, const char *language,
        const char *contact_role, const char *state);
/* The viewer of a person in t. */
viewer nation_viewer(nation *n, txn *t, int64_t person);
txn *nation_read(nation *n);

/* A finding of an organisation at address number `at`. */
promote_item nation_item(
        int64_t org, const char *type, const char *identifier, int64_t severity, uint32_t at);
void nation_promote(nation *n, const promote_item *items, size_t count);
