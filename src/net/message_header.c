/* message_header.c - headers of a mail: encoded words, quoted names, folding. Owns nothing; pure.
 * Its callers have refused control characters: what is left cannot end a header. */
#include "net/message.h"

#include <sodium.h>

enum { LINE = 76, WORD = 75 }; /* RFC 2047 section 2 */

void base64_put(buf *b, str s)
{
    size_t cap = sodium_base64_ENCODED_LEN(s.n, sodium_base64_VARIANT_ORIGINAL);
    char *to = buf_room(b, cap);
    sodium_bin2base64(to, cap, (const unsigned char *)s.p, s.n, sodium_base64_VARIANT_ORIGINAL);
    b->n += cap - 1;
}

/* How many bytes of whole characters fit into one encoded word of width columns. */
static size_t word_bytes(str s, size_t width)
{
    size_t most = (width - strlen("=?UTF-8?B?"
                                  "?=")) /
                  4 * 3,
           n = 0;
    while (n < s.n) {
        size_t step = utf8_len(s.p + n, s.n - n);
        ASSERT(step);
        if (n + step > most) break;
        n += step;
    }
    return n;
}

/* Encoded words from column on, a line each after the first; returns the last line's length. */
static size_t put_encoded(buf *b, str s, size_t column)
{
    while (s.n) {
        if (column + 24 > LINE) {
            buf_put(b, S("\r\n "));
            column = 1;
        }
        size_t width = LINE - column < WORD ? LINE - column : WORD;
        size_t n = word_bytes(s, width), from = b->n;
        buf_put(b, S("=?UTF-8?B?"));
        base64_put(b, str_sub(s, 0, n));
        buf_put(b, S("?="));
        column += b->n - from;
        s = str_sub(s, n, s.n);
        if (!s.n) break;
        buf_put(b, S("\r\n "));
        column = 1;
    }
    return column;
}

static bool is_printable_ascii(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 32 || (unsigned char)s.p[i] > 126) return false;
    return true;
}

void header_put_text(buf *b, str name, str text)
{
    buf_put(b, name);
    buf_put(b, S(": "));
    bool plain =
            is_printable_ascii(text) && name.n + 2 + text.n <= LINE && str_find(text, S("=?")) < 0;
    if (plain)
        buf_put(b, text);
    else
        put_encoded(b, text, name.n + 2);
    buf_put(b, S("\r\n"));
}

static bool is_escaped(char c)
{
    return c == '"' || c == '\\';
}

static size_t quoted_length(str s)
{
    size_t n = 2 + s.n;
    for (size_t i = 0; i < s.n; i++)
        n += is_escaped(s.p[i]);
    return n;
}

static void put_quoted(buf *b, str s)
{
    buf_byte(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (is_escaped(s.p[i])) buf_byte(b, '\\');
        buf_byte(b, s.p[i]);
    }
    buf_byte(b, '"');
}

static size_t put_name(buf *b, str name, size_t column)
{
    size_t width = quoted_length(name);
    bool plain = is_printable_ascii(name) && column + width < LINE && str_find(name, S("=?")) < 0;
    if (!plain) return put_encoded(b, name, column);
    put_quoted(b, name);
    return column + width;
}

static size_t put_mailbox(buf *b, const mailbox *m, size_t column)
{
    if (m->name.n) {
        column = put_name(b, m->name, column);
        buf_put(b, column + m->address.n + 3 > LINE ? S("\r\n ") : S(" "));
        column = column + m->address.n + 3 > LINE ? 1 : column + 1;
    }
    buf_byte(b, '<');
    buf_put(b, m->address);
    buf_byte(b, '>');
    return column + m->address.n + 2;
}

void header_put_mailboxes(buf *b, str name, const mailbox *list, size_t n)
{
    buf_put(b, name);
    buf_put(b, S(": "));
    size_t column = name.n + 2;
    for (size_t i = 0; i < n; i++) {
        column = put_mailbox(b, &list[i], column);
        if (i + 1 == n) break;
        buf_put(b, S(",\r\n "));
        column = 1;
    }
    buf_put(b, S("\r\n"));
}
