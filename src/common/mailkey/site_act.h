/* site_act.h - what a command did to a key that signs the site's mail, on its way into the ledger:
 * a command works beside a running server, whose store it cannot write, so it leaves a note in
 * DATA/realm/live/acts; the server enters it within a second, or at its next start. Owns that
 * folder. No secret and no name of a person stands in a note. */
#pragma once
#include "net/mail_wrap.h"

struct txn;
struct realm;
typedef enum { SITE_ACT_MADE, SITE_ACT_CHANGED, SITE_ACT_ENDED, SITE_ACTS } site_act_kind;
#define SITE_ACT_DKIM "dkim"

/* A command's: by the user of this machine who runs it, now. key: "dkim", or a mail_way_name; name:
 * selector, fingerprint or serial number; at most 128 bytes. Where no site is yet, nothing is left.
 * Errors: E_IO. */
MUST_USE err site_act_note(
        arena *a, const char *data_dir, site_act_kind act, const char *key, str name);

/* ---- the server's, for the live realm ---- */
enum { SITE_ACTS_AT_ONCE = 32 };
/* The names of notes, oldest first by chance; in a. Nothing there: 0. */
size_t site_act_list(arena *a, const char *data_dir, str ret[SITE_ACTS_AT_ONCE]);
/* Enters one, once, however often it is called; what is no note is left out. */
MUST_USE err site_act_enter(struct txn *t, const struct realm *r, const char *data_dir, str name);
/* When that is durable. */
void site_act_forget(const char *data_dir, str name);
