/* allowed.h - what a set of roles comes to, in words of the permission table: for previews and for
 * "what I may do". Asks model.c; decides nothing. Pure; any thread. */
#pragma once
#include "access/model.h"

/* Which permissions a session with these roles has, as bits. national: in the organisation that
 * runs the site. */
uint64_t allowed_of(uint32_t roles, bool national);
/* The same for what v has now, its key's limits included. */
uint64_t allowed_now(const viewer *v);
/* Which kinds of record these roles make, or change where they stand, as bits. */
uint64_t allowed_records(uint32_t roles, bool national);
