/* count_many.c - how often many addresses, names or values occur, each kind with one question.
 * Owns nothing; any thread. */
#include "events/history_in.h"
#include "events/queries_gen.h"

enum { TAIL_MAX = 12 };

static err many_reader(
        history *h, const sight *s, const event_filter *f, const void *of, size_t n, reader **r)
{
    ASSERT(h != NULL && s != NULL && of != NULL && n > 0);
    if (n > HISTORY_MANY_MAX) return ERR(E_TOO_LARGE, "error.history.list");
    TRY(reader_take(h, r));
    reader_narrow_to(*r, f, INT64_MAX);
    return OK;
}

err history_count_nets(history *h, arena *a, const sight *s, const event_filter *f,
        const event_net *nets, size_t n_nets, history_count_nets_row **ret, size_t *n)
{
    CLEANUP(reader_give) reader *r = NULL;
    TRY(many_reader(h, s, f, nets, n_nets, &r));
    return q_count_nets(r, a, s, f, &(q_count_nets_in){ nets, n_nets }, ret, n);
}

/* Characters, as the engine counts them; bytes are never fewer, and names are ASCII. */
static uint32_t tail_of(const str *names, size_t n)
{
    size_t tail = TAIL_MAX;
    for (size_t i = 0; i < n; i++)
        if (names[i].n < tail) tail = names[i].n;
    return (uint32_t)tail;
}

err history_count_names(history *h, arena *a, const sight *s, const event_filter *f,
        const str *names, size_t n_names, history_count_names_row **ret, size_t *n)
{
    CLEANUP(reader_give) reader *r = NULL;
    TRY(many_reader(h, s, f, names, n_names, &r));
    q_count_names_in in = { names, n_names, tail_of(names, n_names) };
    return q_count_names(r, a, s, f, &in, ret, n);
}

err history_count_values(history *h, arena *a, const sight *s, const event_filter *f,
        event_column by, const str *values, size_t n_values, history_count_values_row **ret,
        size_t *n)
{
    CLEANUP(reader_give) reader *r = NULL;
    TRY(many_reader(h, s, f, values, n_values, &r));
    return q_count_values(r, a, s, f, &(q_count_values_in){ by, values, n_values }, ret, n);
}

err history_count_listed(history *h, arena *a, const sight *s, const event_filter *f,
        event_column by, const str *values, size_t n_values, history_count_listed_row **ret,
        size_t *n)
{
    CLEANUP(reader_give) reader *r = NULL;
    ASSERT(event_columns[by].type == EVENT_TEXT);
    TRY(many_reader(h, s, f, values, n_values, &r));
    return q_count_listed(r, a, s, f, &(q_count_listed_in){ by, values, n_values }, ret, n);
}
