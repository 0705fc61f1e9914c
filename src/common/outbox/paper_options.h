/* paper_options.h - what stands on each letter, and what makes it one: from the configuration.
 * Included by paper.h and whoever hands it over. */
#pragma once
#include "base/conf.h"
#include "base/text.h"

struct printer;
struct keys;
struct zone;

/* What stands on each letter. All slices live as long as what holds it. */
typedef struct paper_options {
    struct printer *printer; /* NULL: letters wait */
    struct keys *keys;       /* NULL: letters wait */
    str public_url;          /* without a slash at the end */
    str prefix;
    str name[LANGS], contacts[LANGS], signer[LANGS];
    str legal[LANGS]; /* empty: that line is left out; nothing is made up */
    const struct zone *zone;
} paper_options;
/* Fills all but printer, keys and public_url. */
MUST_USE err paper_options_load(const conf *c, paper_options *ret);
