/* advice.c - see advice.h. */
#include "common/advice/advice.h"

static bool among(const char *const *list, str word)
{
    for (; *list; list++)
        if (str_eq_nocase(word, str_of(*list))) return true;
    return false;
}

static bool cuts(char c)
{
    return c == '-' || c == '_' || c == '.' || c == ':' || c == '/' || c == ' ';
}

/* Takes the next word off *rest. */
static bool next_word(str *rest, str *word)
{
    size_t from = 0, to;
    while (from < rest->n && cuts(rest->p[from]))
        from++;
    for (to = from; to < rest->n && !cuts(rest->p[to]);)
        to++;
    *word = str_sub(*rest, from, to - from);
    *rest = str_sub(*rest, to, rest->n - to);
    return word->n > 0;
}

static bool names_one(const advice *a, str identifier)
{
    str word;
    while (next_word(&identifier, &word))
        if (among(a->words, word)) return true;
    return false;
}

static const advice *of_type(str type)
{
    for (size_t i = 0; i < advice_rows_n; i++)
        if (among(advice_rows[i].types, type)) return &advice_rows[i];
    return NULL;
}

/* A brute-force attack on SSH is no open SSH: the type's class goes before the identifier's words.
 */
const advice *advice_for(str type, str identifier)
{
    const advice *fallback = of_type(type);
    for (size_t i = 0; i < advice_rows_n; i++) {
        const advice *a = &advice_rows[i];
        bool fits = !fallback || strcmp(a->class_key, fallback->class_key) == 0;
        if (fits && names_one(a, identifier)) return a;
    }
    return fallback ? fallback : &advice_rows[advice_rows_n - 1];
}
