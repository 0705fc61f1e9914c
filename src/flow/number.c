/* number.c - numbers as Python reads them and JSON writes them, for that is what feeds were made
 * for. Pure; any thread. */
#include <math.h>
#include <stdlib.h>

#include "flow/value.h"

bool value_int(arena *a, str s, int64_t *ret, str *text, bool *big)
{
    char digit[64];
    size_t n = 0;
    s = str_trim(s);
    bool minus = s.n && s.p[0] == '-';
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
    if (i == s.n || s.n > 4096) return false;
    *big = false;
    if (s.n >= sizeof digit) return false;
    for (size_t from = i; i < s.n; i++) {
        if (s.p[i] == '_' && i > from && i + 1 < s.n && s.p[i - 1] != '_') continue;
        if ((unsigned)(s.p[i] - '0') > 9) return false;
        if (n > 0 || s.p[i] != '0') digit[n++] = s.p[i];
    }
    if (n > 18) {
        *big = true;
        *text = str_cat(a, minus ? S("-") : S(""), (str){ digit, n });
        return true;
    }
    int64_t v = 0;
    for (size_t k = 0; k < n; k++)
        v = v * 10 + (digit[k] - '0');
    *ret = minus ? -v : v;
    *text = (str){ 0 };
    return true;
}

/* Whether s is spelt as JSON wants numbers; then it can be kept as it stands. */
static bool json_spelling(str s)
{
    size_t i = s.n && s.p[0] == '-', d = i;
    while (i < s.n && (unsigned)(s.p[i] - '0') <= 9)
        i++;
    if (i == d || (s.p[d] == '0' && i - d > 1)) return false;
    if (i < s.n && s.p[i] == '.') {
        d = ++i;
        while (i < s.n && (unsigned)(s.p[i] - '0') <= 9)
            i++;
        if (i == d) return false;
    }
    if (i < s.n && (s.p[i] | 0x20) == 'e') {
        i++;
        if (i < s.n && (s.p[i] == '+' || s.p[i] == '-')) i++;
        d = i;
        while (i < s.n && (unsigned)(s.p[i] - '0') <= 9)
            i++;
        if (i == d) return false;
    }
    return i == s.n;
}

bool value_float(arena *a, str s, str *text)
{
    double d;
    s = str_trim(s);
    if (s.n == 0 || s.n > 64) return false;
    bool plain = json_spelling(s);
    str head = s.p[0] == '+' ? str_sub(s, 1, s.n) : s;
    if (!str_to_f64(head, &d)) {
        /* ".5", "5." and leading zeros, which the strict reader does not take */
        char *end, *z = str_z(a, head);
        if (!memchr("0123456789.-", head.n ? head.p[0] : 'x', 12)) return false;
        for (size_t i = 0; i < head.n; i++)
            if ((head.p[i] | 0x20) == 'x' || (head.p[i] | 0x20) == 'p') return false;
        d = strtod(z, &end);
        if (end == z || *end) return false;
    }
    if (!isfinite(d)) return false;
    *text = plain ? s : str_fmt(a, "%.17g", d);
    return true;
}
