/* glass.h - what the files about things opened by emergency share: who is named in a grant, and the
 * thread that writes down what its time has closed. Office only, and main, which starts the
 * thread. */
#pragma once
#include "api/api.h"
#include "gen/desk/office/queries.h"

/* Name of a person and of an organisation (0: the person's own) in l, for whoever is to know to
 * whom it was opened: the grant itself says it, whatever else its reader may see. */
MUST_USE err glass_names(call *c, int64_t person, int64_t org, lang l, str *ret_name, str *ret_org);
/* The kind of record that a grant opens; NULL: there is none of this name. */
struct record_def;
const struct record_def *glass_def(str kind);
bool glass_is_open(const call *c, const glass_page_row *r);

/* A thread a realm: within two seconds of its end by the realm's clock, a grant's end stands in the
 * ledger. Reading stops at the end itself, by the clause. */
typedef struct glass_keeper glass_keeper;
MUST_USE err glass_keeper_start(const realm *r, glass_keeper **ret);
/* Ends the thread. Before the store is closed. */
void glass_keeper_stop(glass_keeper *k);
