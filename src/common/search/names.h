/* names.h - the words of sealed names that were read lately, so that a search does not open each
 * again: in locked memory, ten minutes at most, found by the ciphertext alone. Whose key is
 * destroyed is not asked for (queries.sql). Included by search.c alone; any thread. */
#pragma once
#include "base/base.h"

/* False: not kept. The words are put into out. */
bool names_find(str sealed, buf *out);
void names_keep(str sealed, str words);
