/* csv_out.c - see csv_out.h. Source: RFC 4180 sections 2.5 to 2.7; OWASP, CSV Injection. */
#include "engine/csv/csv_out.h"

/* = + - @ in full width: EF BC 9D, 8B, 8D, A0. */
static bool acts_wide(str s)
{
    static const str wide[] = { { "\xEF\xBC\x9D", 3 }, { "\xEF\xBC\x8B", 3 }, { "\xEF\xBC\x8D", 3 },
        { "\xEF\xBC\xA0", 3 } };
    for (size_t i = 0; i < ARRAY_LEN(wide); i++)
        if (str_starts(s, wide[i])) return true;
    return false;
}

bool csv_acts(str text)
{
    size_t i = 0;
    while (i < text.n && (text.p[i] == '\'' || text.p[i] == ' '))
        i++;
    if (i == text.n) return false;
    return memchr("=+-@\t\r\n", text.p[i], 7) != NULL || acts_wide(str_sub(text, i, text.n));
}

static bool wants_quotes(str s)
{
    if (s.n == 0) return false;
    if (s.p[0] == ' ' || s.p[s.n - 1] == ' ') return true;
    for (size_t i = 0; i < s.n; i++)
        if (memchr(",\"\r\n\t;", s.p[i], 6)) return true;
    return false;
}

static void put_quoted(buf *b, str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"') buf_byte(b, '"');
        buf_byte(b, s.p[i]);
    }
}

void csv_put_cell(buf *b, str text)
{
    bool acts = csv_acts(text), quotes = acts || wants_quotes(text);
    if (!quotes) {
        buf_put(b, text);
        return;
    }
    buf_byte(b, '"');
    if (acts) buf_byte(b, '\'');
    put_quoted(b, text);
    buf_byte(b, '"');
}
