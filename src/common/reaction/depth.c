/* depth.c - which reaction sets off which, found from what they declare: a chain has an end, or the
 * program does not start. Pure. */
#include "common/reaction/reaction_in.h"

static bool listed(const ledger_type *types, size_t n, ledger_type type)
{
    for (size_t i = 0; i < n; i++)
        if (types[i] == type) return true;
    return false;
}

bool reaction_wants(const reaction_def *d, ledger_type type)
{
    return listed(d->on, d->n_on, type);
}

bool reaction_may_write(const reaction_def *d, ledger_type type)
{
    return listed(d->writes, d->n_writes, type);
}

static bool sets_off(const reaction_def *a, const reaction_def *b)
{
    for (size_t i = 0; i < a->n_writes; i++)
        if (reaction_wants(b, a->writes[i])) return true;
    return false;
}

/* The longest chain that begins with defs[i], at most depth; depth 0 is too long already. */
static bool chain_ends(const reaction_def *defs, size_t n, size_t i, int depth)
{
    if (depth == 0) return false;
    for (size_t k = 0; k < n; k++)
        if (sets_off(&defs[i], &defs[k]) && !chain_ends(defs, n, k, depth - 1)) return false;
    return true;
}

err reaction_check(const reaction_def *defs, size_t n)
{
    ASSERT(n <= REACTIONS_MAX);
    for (size_t i = 0; i < n; i++)
        if (!chain_ends(defs, n, i, REACTION_DEPTH_MAX))
            return ERR1(E_CONFIG, "error.reaction.depth", str_of(defs[i].name));
    return OK;
}
