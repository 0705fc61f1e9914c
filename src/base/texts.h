/* texts.h - words by language tag as records keep them: {"first":"en","en":"...","ur":"..."}, first
 * naming the language written first. Any layer, any thread. */
#pragma once
#include "base/json.h"
#include "base/text.h"

/* Makes texts; the first that is not empty was written first (English before Urdu). */
str texts_make(arena *a, str en, str ur);
/* The words in language l, else those written first. */
str texts_pick(arena *a, str texts, lang l);
/* The words in language l alone, or empty. */
str texts_only(arena *a, str texts, lang l);
