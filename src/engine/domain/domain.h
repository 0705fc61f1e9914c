/* domain.h - domain names: one spelling for each, their suffixes, their registrable part.
 * Pure; libidn2 and libpsl's built-in list are constant tables. Any thread. */
#pragma once
#include "base/base.h"

enum { DOMAIN_MAX = 253, DOMAIN_LABEL_MAX = 63 };

/* Lower case, A-labels (IDNA 2008 by UTS 46), no trailing dot. The result is s itself when nothing
 * changes, else a copy in a. False: not a host name (bad label, too long, an address, empty).
 * Underscores pass: they occur in what sensors say. */
MUST_USE bool domain_normalise(arena *a, str s, str *ret);
/* Takes the first label off: "a.b.example" -> "b.example"; false when one label is left. */
bool domain_parent(str *name);
/* "www.shop.example" -> "shop.example" by the public suffix list; name itself when it is a suffix.
 */
str domain_registrable(str name);
size_t domain_labels(str name);
