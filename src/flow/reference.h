/* reference.h - data of the world that update bundles bring: known exploited vulnerabilities,
 * scores, address data, a mapping. What stands is said by table reference_part; each part lies at
 * DATA/realm/NAME/reference/FOLDER/KIND/NAME, written once. So a commit is the moment at which new
 * parts count, and what no row names is rubbish. Any thread, but where said. */
#pragma once
#include "access/realm.h"
#include "common/bundle/bundle.h"
#include "flow/vuln.h"

struct txn;

/* Is the file what its kind wants, and of when is it? Every bad row is told to bad (may be NULL).
 * A program is looked at from outside only. facts' texts live in a. E_INVALID with the place. */
MUST_USE err reference_check(arena *a, bundle_kind kind, const char *path, str name,
        vuln_bad_fn bad, void *ctx, vuln_facts *ret);

typedef struct {
    bundle_part part;
    instant made, applied; /* made: of its bundle */
    str digest;            /* of its bundle's manifest, hexadecimal */
    id128 folder;
} reference_row;
/* What stands, by kind and name. */
enum { REFERENCE_ROWS = 32 };
typedef struct {
    reference_row row[REFERENCE_ROWS];
    size_t n;
} reference_state;
MUST_USE err reference_read(struct txn *t, arena *a, reference_state *ret);
/* E_CONFLICT error.bundle.older: the bundle, or one of its parts, is older than what stands. */
MUST_USE err reference_not_older(arena *a, const reference_state *now, const bundle *b);
/* Parts that a site keeps: all but the program. */
#define REFERENCE_KINDS (((1u << BUNDLE_KINDS) - 1) & ~(1u << BUNDLE_PROGRAM))
/* b's parts take the place of all of their kinds. */
MUST_USE err reference_put(
        struct txn *t, const bundle *b, str digest, id128 folder, int64_t person);

/* ---- placing: one at a time in a process ---- */
MUST_USE err reference_turn(void); /* E_BUSY error.bundle.busy; ended by reference_turn_end */
void reference_turn_end(void);
/* Writes and checks b's parts, whose first is where fd stands, into a new folder of the realm.
 * Durable when it returns, and named by no row yet. */
MUST_USE err reference_place(
        const realm *r, const char *data_dir, arena *a, int fd, const bundle *b, id128 *ret_folder);
/* Removes the folders that no row names. Within a turn. */
void reference_sweep(const realm *r, const char *data_dir);

/* ---- using ---- */
/* What is known of vulnerabilities, held for the caller (vuln_release); NULL: nothing. */
vuln *reference_vuln(const realm *r);
/* Waits until b's parts, placed in folder and committed, are in use; false: not within that time,
 * or no pipeline runs here. */
bool reference_await(const realm *r, const bundle *b, id128 folder, int64_t timeout_ms);
/* Does the pipeline use that row's part? */
bool reference_in_use(const realm *r, const reference_row *row);
/* Days after which data of that kind should be renewed. */
int reference_old_days(bundle_kind k);
