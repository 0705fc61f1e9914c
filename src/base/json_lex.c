/* json_lex.c - the spelling of JSON's strings and numbers.
 * Owns nothing; called by json.c only, on any thread. */
#include "base/json_lex.h"

static int hex4(const char *p, const char *end)
{
    int v = 0;
    if (end - p < 4) return -1;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int d = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
        if (d < 0) return -1;
        v = v * 16 + d;
    }
    return v;
}

/* Reads what follows \u at *p, a surrogate pair whole; negative when it is no character. */
static int32_t unescape_u(const char **p, const char *end)
{
    int32_t c = hex4(*p, end);
    if (c < 0 || (c >= 0xDC00 && c < 0xE000)) return -1;
    *p += 4;
    if (c < 0xD800 || c >= 0xDC00) return c;
    if (end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u') return -1;
    int low = hex4(*p + 2, end);
    if (low < 0xDC00 || low >= 0xE000) return -1;
    *p += 6;
    return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

static char *put_utf8(char *o, int32_t c)
{
    if (c < 0x80) {
        *o++ = (char)c;
        return o;
    }
    if (c < 0x800) {
        *o++ = (char)(0xC0 | c >> 6);
    } else {
        if (c < 0x10000)
            *o++ = (char)(0xE0 | c >> 12);
        else
            *o++ = (char)(0xF0 | c >> 18), *o++ = (char)(0x80 | (c >> 12 & 63));
        *o++ = (char)(0x80 | (c >> 6 & 63));
    }
    *o++ = (char)(0x80 | (c & 63));
    return o;
}

/* The character that backslash and *p stand for (RFC 8259, section 7); -1: none, 0: U+0000. */
static int32_t unescape_one(const char **p, const char *end)
{
    if (*p == end) return -1;
    char c = *(*p)++;
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'u':
        return unescape_u(p, end);
    default:
        return -1;
    }
}

json_lex_result json_unescape(str raw, char *out, str *ret, size_t *bad_at)
{
    ASSERT(raw.n >= 2 && raw.p[0] == '"' && raw.p[raw.n - 1] == '"');
    const char *in = raw.p + 1, *end = raw.p + raw.n - 1;
    char *o = out;
    for (;;) {
        const char *slash = memchr(in, '\\', (size_t)(end - in));
        size_t plain = (size_t)((slash ? slash : end) - in);
        memcpy(o, in, plain);
        o += plain;
        if (!slash) break;
        in = slash + 1;
        int32_t c = unescape_one(&in, end);
        *bad_at = (size_t)(slash - raw.p);
        if (c <= 0) return c == 0 ? JSON_LEX_NUL : JSON_LEX_ESCAPE;
        o = put_utf8(o, c);
    }
    *ret = (str){ out, (size_t)(o - out) };
    return JSON_LEX_OK;
}

static bool is_digit(str s, size_t i)
{
    return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

bool json_is_number(str s)
{
    size_t i = s.n && s.p[0] == '-';
    if (!is_digit(s, i)) return false;
    if (s.p[i] == '0')
        i++;
    else
        while (is_digit(s, i))
            i++;
    if (i < s.n && s.p[i] == '.') {
        if (!is_digit(s, ++i)) return false;
        while (is_digit(s, i))
            i++;
    }
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i++;
        if (i < s.n && (s.p[i] == '+' || s.p[i] == '-')) i++;
        if (!is_digit(s, i)) return false;
        while (is_digit(s, i))
            i++;
    }
    return i == s.n;
}
