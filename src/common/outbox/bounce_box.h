/* bounce_box.h - the thread that reads the mailbox of what came back: asks for it by the courier,
 * lets the sandbox take it apart, and has it marked (bounce.h). In the live realm alone. Mail that
 * is no report stays untouched for people. Owns table mail_box. */
#pragma once
#include "access/realm.h"
#include "base/conf.h"
#include "common/outbox/verp.h"
#include "net/imap.h"

struct courier;
struct sandbox;

/* Slices live as long as the configuration. */
typedef struct {
    str address; /* empty: mail comes back to the sender */
    box_job box; /* host empty: nothing is read */
    int64_t every_us;
    uint8_t key[VERP_KEY];   /* the caller's to fill, as are: */
    struct courier *courier; /* NULL: nothing is read */
    struct sandbox *sandbox;
    const char *spool; /* a folder for a mail that is being looked at */
} bounce_options;
/* Errors: E_CONFIG with the setting's name. */
MUST_USE err bounce_options_load(arena *a, const conf *c, bounce_options *ret);

typedef struct bounce_box bounce_box;
/* o is copied. *ret NULL: there is nothing to read. */
MUST_USE err bounce_box_start(realm *r, const bounce_options *o, bounce_box **ret);
void bounce_box_stop(bounce_box *b); /* NULL: nothing; after the courier and the sandbox stopped */
