/* message_body.c - a text part of a mail: line ends made whole, and 7 bits everywhere, by
 * quoted-printable where most of it is ASCII and by base64 where it is not (Urdu). Owns nothing;
 * pure. */
#include "net/message.h"

enum { LINE = 76 };

typedef enum { AS_IS, QUOTED, BASE64 } coding;

/* Any of CRLF, CR and LF becomes CRLF; the last line is ended too. */
static str lines_make(arena *a, str s)
{
    buf b = buf_new(a, s.n + s.n / 32 + 16);
    for (size_t i = 0; i < s.n; i++) {
        bool cr = s.p[i] == '\r';
        if (!cr && s.p[i] != '\n') {
            buf_byte(&b, s.p[i]);
            continue;
        }
        if (cr && i + 1 < s.n && s.p[i + 1] == '\n') i++;
        buf_put(&b, S("\r\n"));
    }
    if (!str_ends(buf_str(&b), S("\r\n"))) buf_put(&b, S("\r\n"));
    return buf_str(&b);
}

static bool line_is_plain(str line)
{
    return line.n <= LINE + 2 && !str_starts(line, S("--")) && !str_starts(line, S("From ")) &&
           !str_starts(line, S(".")) && !str_ends(line, S(" ")) && !str_ends(line, S("\t"));
}

static coding coding_of(str text)
{
    size_t high = 0;
    bool plain = true;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        high += c > 126;
        plain = plain && (c >= 32 || c == '\t' || c == '\r' || c == '\n') && c <= 126;
    }
    str rest = text, line;
    while (plain && str_split(&rest, '\n', &line))
        plain = line_is_plain(str_ends(line, S("\r")) ? str_sub(line, 0, line.n - 1) : line);
    return plain ? AS_IS : high > text.n / 6 ? BASE64 : QUOTED;
}

void base64_put_lines(buf *b, str s)
{
    enum { BYTES = LINE / 4 * 3 };
    for (size_t i = 0; i < s.n; i += BYTES) {
        base64_put(b, str_sub(s, i, BYTES));
        buf_put(b, S("\r\n"));
    }
}

/* A blank at a line's end would be lost on the way. */
static bool is_literal(str line, size_t i)
{
    unsigned char c = (unsigned char)line.p[i];
    if (c == ' ' || c == '\t') return i + 1 < line.n;
    return c > 32 && c < 127 && c != '=';
}

/* At a line's start a dot, a dash or "From " could be mistaken for something else: quoted. */
static bool is_mistakable(char c)
{
    return c == '.' || c == '-' || c == 'F';
}

static void put_quoted_line(buf *b, str line)
{
    size_t column = 0;
    for (size_t i = 0; i < line.n; i++) {
        bool literal = is_literal(line, i);
        if (column + (literal ? 1 : 3) > LINE - 1) {
            buf_put(b, S("=\r\n"));
            column = 0;
        }
        if (column == 0 && is_mistakable(line.p[i])) literal = false;
        if (literal)
            buf_byte(b, line.p[i]);
        else
            buf_fmt(b, "=%02X", (unsigned)(unsigned char)line.p[i]);
        column += literal ? 1 : 3;
    }
    buf_put(b, S("\r\n"));
}

static void put_quoted_lines(buf *b, str text)
{
    str line;
    ASSERT(str_ends(text, S("\r\n")));
    text = str_sub(text, 0, text.n - 2);
    while (str_split(&text, '\n', &line))
        put_quoted_line(b, str_ends(line, S("\r")) ? str_sub(line, 0, line.n - 1) : line);
}

void part_put(buf *b, str type, str text)
{
    str lines = lines_make(b->a, text);
    coding c = coding_of(lines);
    static const char *const names[] = { "7bit", "quoted-printable", "base64" };
    buf_fmt(b, "Content-Type: %.*s; charset=UTF-8\r\nContent-Transfer-Encoding: %s\r\n\r\n",
            STR_ARG(type), names[c]);
    if (c == AS_IS)
        buf_put(b, lines);
    else if (c == QUOTED)
        put_quoted_lines(b, lines);
    else
        base64_put_lines(b, lines);
}
