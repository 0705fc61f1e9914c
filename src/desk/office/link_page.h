/* link_page.h - what the pages behind one-time links say. Pure; office only. */
#pragma once
#include "access/auth/auth.h"
#include "access/auth/passkey.h"
#include "base/text.h"

typedef struct {
    str token;
    lang lang;
    link_facts facts;
    int64_t person_org;  /* row of the organisation that the person acts for */
    str person, org;     /* the person's name; the organisation's texts */
    str notice;          /* acknowledge: number and subject, in lang */
    str list;            /* contacts: what is shown, as the form gives it back */
    const str *contacts; /* contacts: a line each */
    size_t n_contacts;
    passkey_wish passkey; /* invite: what is asked of this person */
    str wrong;            /* what to mend, or empty */
} link_page;
str link_page_show(arena *a, const link_page *p);
str link_page_thanks(arena *a, const link_page *p);
str link_page_ended(arena *a, lang l);
