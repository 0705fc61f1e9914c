/* words.c - see words.h. */
#include "render/words.h"

static const char *const month_keys[12] = { TK("month.1"), TK("month.2"), TK("month.3"),
    TK("month.4"), TK("month.5"), TK("month.6"), TK("month.7"), TK("month.8"), TK("month.9"),
    TK("month.10"), TK("month.11"), TK("month.12") };

static str day_of(arena *a, lang l, const civil *c)
{
    str month = T(l, month_keys[c->month - 1]);
    return str_fmt(a, "%d %.*s %d", c->day, STR_ARG(month), c->year);
}

str day_text(arena *a, lang l, instant t, const zone *z)
{
    civil c = civil_of(t, z);
    return day_of(a, l, &c);
}

str moment_text(arena *a, lang l, instant t, const zone *z)
{
    civil c = civil_of(t, z);
    str day = day_of(a, l, &c);
    return str_fmt(a, "%.*s%s %02d:%02d", STR_ARG(day), l == LANG_UR ? "،" : ",", c.hour, c.minute);
}

str ltr_text(arena *a, lang l, str s)
{
    return l == LANG_UR && s.n ? str_fmt(a, "\u2066%.*s\u2069", STR_ARG(s)) : s;
}

str count_text(arena *a, int64_t n)
{
    return str_fmt(a, "%lld", (long long)n);
}
