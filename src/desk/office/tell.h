/* tell.h - the people of an organisation who must know of an act, its administrators or the
 * national desk's coordinators, are told of it: by mail, in the portal (task.c), and in the ledger.
 * Office only; in a writing transaction. */
#pragma once
#include "api/api.h"
#include "base/text.h"
#include "common/notify/notify.h"
#include "gen/records/person.h"
#include "ledger/ledger.h"

/* Where it is told from. */
typedef struct {
    struct txn *t;
    struct app *app;
    const realm *r;
    arena *a;
} teller;
/* Text keys, whose {1} {2} {3} are the arguments; more is a paragraph as it stands, or empty. */
typedef struct {
    notify_kind kind; /* how its reader chose to be told of such */
    const char *subject, *text;
    str a1, a3, more;
    instant a2;       /* as the site's clock on the wall says it, in the reader's language */
    const char *link; /* text key of the link's words */
    str path;         /* where it leads in the console */
} telling;
/* An organisation by its name in both languages: one line goes to people of both. */
str tell_names(arena *a, str name);
/* Tells everybody active of the organisation who has one of the roles, each in the own
 * language and as each chose to be told. *ret_n: how many; the mail leaves when the transaction is
 * durable. */
MUST_USE err tell_org(
        const teller *x, int64_t org, uint32_t roles, const telling *w, size_t *ret_n);
/* The same to one person. */
MUST_USE err tell_person(const teller *x, int64_t person, str lang, const telling *w);
/* A person who lost an authenticator was shut out (back: has come back by the link): told to the
 * person, to the administrators of the person's organisation, and to the national coordinators. */
MUST_USE err tell_return(
        struct txn *t, struct app *of, const realm *r, const person_handle *p, bool back);
/* The same in the portal, for everybody of the organisation who has one of the roles, until one of
 * them says that they know. what: glass, lost, returned, delegate, recert, contacts, channel;
 * subject: of the grant, the person or the organisation. */
MUST_USE err task_give(const teller *x, int64_t org, uint32_t roles, str what, id128 subject);
/* An entry of the ledger about what concerns one organisation, which it and the national desk see.
 * author 0: the machine. */
typedef struct {
    ledger_type type;
    str kind;
    id128 subject;
    int64_t org, author;
    str more; /* an object as JSON, or empty */
} told_entry;
MUST_USE err tell_entry(struct txn *t, const realm *r, const told_entry *e);
