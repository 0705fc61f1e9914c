/* fold.h - text as search and sorting compare it: case folded, marks dropped, Arabic-script letters
 * of one sound and shape made one. Pure; any thread. */
#pragma once
#include "base/base.h"

/* NFKC case folding (Unicode), then: combining marks, tatweel and zero-width joiners dropped;
 * Arabic yeh and alef maksura as Farsi yeh, Arabic kaf as keheh, heh forms as heh goal, alef forms
 * as alef, hamza carriers as their letters; runs of what is not a letter or digit as one space. */
str fold_text(arena *a, str s);
/* The same, but the he of aspirates (as in bhai, khel) is kept apart: it is heard otherwise. */
enum { FOLD_ASPIRATE = 0x06BE };
str fold_spoken(arena *a, str s);
