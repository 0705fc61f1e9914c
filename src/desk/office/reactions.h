/* reactions.h - what OFFICE does after a ledger entry. Called by main, which starts reactions. */
#pragma once
#include "common/reaction/reaction.h"

struct app;
enum { OFFICE_REACTIONS = 1 };
/* a stays the caller's until the reactions are stopped. */
void office_reactions(struct app *a, reaction_def ret[OFFICE_REACTIONS]);
