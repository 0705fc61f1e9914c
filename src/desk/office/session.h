/* session.h - the answer that says who I am, shared by the routes that give it. Office alone. */
#pragma once
#include "api/api.h"

/* Writes the schema Session for v, read in t. */
MUST_USE err session_put(call *c, struct txn *t, const viewer *v);
