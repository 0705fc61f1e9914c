/* keys.c - names to keys and classes, by binary search in the generated tables. Used when plans are
 * made and for classes that a row says itself. Any thread. */
#include "flow/value.h"

static const flow_name_row *name_find(const flow_name_row *rows, size_t n, str name)
{
    size_t from = 0, to = n;
    while (from < to) {
        size_t mid = (from + to) / 2;
        size_t common = rows[mid].name.n < name.n ? rows[mid].name.n : name.n;
        int c = common ? memcmp(rows[mid].name.p, name.p, common) : 0;
        if (c == 0) c = rows[mid].name.n < name.n ? -1 : rows[mid].name.n > name.n;
        if (c == 0) return &rows[mid];
        if (c < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return NULL;
}

flow_key flow_key_find(str name)
{
    size_t from = 1, to = FLOW_KEYS;
    while (from < to) {
        size_t mid = (from + to) / 2;
        str have = flow_keys[mid].name;
        size_t common = have.n < name.n ? have.n : name.n;
        int c = common ? memcmp(have.p, name.p, common) : 0;
        if (c == 0) c = have.n < name.n ? -1 : have.n > name.n;
        if (c == 0) return (flow_key)mid;
        if (c < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return FLOW_NO_KEY;
}

uint8_t flow_class_find(str name)
{
    const flow_name_row *r = name_find(flow_class_names, FLOW_CLASS_NAMES, name);
    return r ? r->to : 0;
}

flow_key flow_key_guess(str column)
{
    char word[64];
    size_t n = 0;
    column = str_trim(column);
    if (column.n == 0 || column.n > sizeof word) return FLOW_NO_KEY;
    for (size_t i = 0; i < column.n; i++) {
        char c = column.p[i];
        word[n++] = c >= 'A' && c <= 'Z'               ? (char)(c | 0x20)
                    : c == ' ' || c == '-' || c == '.' ? '_'
                                                       : c;
    }
    flow_key exact = flow_key_find(column);
    if (exact != FLOW_NO_KEY) return exact;
    const flow_name_row *r = name_find(flow_guesses, FLOW_GUESSES, (str){ word, n });
    return r ? (flow_key)r->to : FLOW_NO_KEY;
}
