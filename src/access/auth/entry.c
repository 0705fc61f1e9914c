/* entry.c - what happened to a person's ways in, as a ledger entry; see auth.h. Owns nothing. */
#include "access/auth/auth.h"
#include "access/delegate.h"
#include "gen/records/person.h"

static err append(struct txn *t, int64_t person, const viewer *by, ledger_type type)
{
    viewer sys = { .system = true };
    const person_handle *p;
    TRY(person_read_row(t, &sys, person, &p));
    return ledger_append(t, &(ledger_draft){ .type = type,
                                    .kind = S("person"),
                                    .subject = p->id.id,
                                    .version = p->version,
                                    .audience = p->audience,
                                    .owner = p->owner,
                                    .author = by->person,
                                    .more = delegate_mark(t, by, p->now.org) });
}

err person_entry(struct txn *t, int64_t person, int64_t author, ledger_type type)
{
    return append(t, person, &(viewer){ .person = author }, type);
}

err person_entry_by(struct txn *t, int64_t person, const viewer *v, ledger_type type)
{
    return append(t, person, v, type);
}
