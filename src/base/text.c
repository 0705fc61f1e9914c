/* text.c - the words people read: catalogue lookup, placeholders, faults in words.
 * Owns nothing; the table is generated. Any layer, any thread. */
#include "base/text.h"

#include <stdlib.h>

#include "base/text_table.h"

bool lang_parse(str s, lang *ret)
{
    ptrdiff_t dash = str_find_byte(s, '-');
    if (dash >= 0) s.n = (size_t)dash;
    if (str_eq_nocase(s, S("en")))
        *ret = LANG_EN;
    else if (str_eq_nocase(s, S("ur")))
        *ret = LANG_UR;
    else
        return false;
    return true;
}

str lang_code(lang l)
{
    ASSERT(l < LANGS);
    return l == LANG_UR ? S("ur") : S("en");
}

static int by_key(const void *key, const void *row)
{
    return strcmp(key, ((const text_row *)row)->key);
}

static const text_row *find(const char *key)
{
    return bsearch(key, text_rows, text_rows_n, sizeof *text_rows, by_key);
}

bool text_has(const char *key)
{
    return find(key) != NULL;
}

str T(lang l, const char *key)
{
    ASSERT(l < LANGS && key);
    const text_row *row = find(key);
    return row ? row->words[l] : str_of(key);
}

str text_fill(arena *a, str pattern, str a1, str a2, str a3)
{
    const str args[3] = { a1, a2, a3 };
    buf b = buf_new(a, pattern.n + a1.n + a2.n + a3.n);
    for (size_t i = 0; i < pattern.n; i++) {
        bool mark = pattern.n - i >= 3 && pattern.p[i] == '{' && pattern.p[i + 2] == '}' &&
                    pattern.p[i + 1] >= '1' && pattern.p[i + 1] <= '3';
        if (!mark) {
            buf_byte(&b, pattern.p[i]);
            continue;
        }
        buf_put(&b, args[pattern.p[i + 1] - '1']);
        i += 2;
    }
    return buf_str(&b);
}

/* Foreign text inside a right-to-left sentence keeps its own direction (UAX #9, FSI and PDI), and
 * control characters in it cannot break the line. */
static str isolated(arena *a, lang l, str s)
{
    if (s.n == 0) return s;
    buf b = buf_new(a, s.n + 8);
    if (l == LANG_UR) buf_put(&b, S("\xE2\x81\xA8"));
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        buf_byte(&b, c < 32 || c == 127 ? ' ' : s.p[i]);
    }
    if (l == LANG_UR) buf_put(&b, S("\xE2\x81\xA9"));
    return buf_str(&b);
}

static void put_place(buf *b, lang l, str words)
{
    if (words.n == 0) return;
    buf_put(b, b->n ? T(l, "fault.place_comma") : S(" ("));
    buf_put(b, words);
}

static str numbered(arena *a, str pattern, int64_t n)
{
    if (n == 0) return (str){ 0 };
    return text_fill(a, pattern, str_fmt(a, "%lld", (long long)n), (str){ 0 }, (str){ 0 });
}

static str place_text(arena *a, lang l, const fault *f)
{
    buf b = buf_new(a, 128);
    put_place(&b, l, isolated(a, l, f->file));
    put_place(&b, l, numbered(a, T(l, "fault.row"), f->row));
    put_place(&b, l, numbered(a, T(l, "fault.column"), f->col));
    put_place(&b, l, isolated(a, l, f->pointer));
    if (b.n) buf_byte(&b, ')');
    return buf_str(&b);
}

str fault_text(arena *a, lang l, const fault *f)
{
    str args[3];
    for (int i = 0; i < 3; i++)
        args[i] = isolated(a, l, f->args[i]);
    return str_cat(a, text_fill(a, T(l, f->key), args[0], args[1], args[2]), place_text(a, l, f));
}
