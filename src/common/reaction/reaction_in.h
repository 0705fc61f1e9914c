/* reaction_in.h - what the files of common/reaction share. */
#pragma once
#include "common/reaction/reaction.h"

/* Refuses circles and chains that are too long. */
MUST_USE err reaction_check(const reaction_def *defs, size_t n);
bool reaction_wants(const reaction_def *d, ledger_type type);
bool reaction_may_write(const reaction_def *d, ledger_type type);
