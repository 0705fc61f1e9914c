/* extract.c - lines into words, words into observables. A line is tried whole, then word by word; a
 * word whole, then without what logs put around a value: `src=`, a port, a path, brackets. */
#include "common/observable/extract.h"

#include <xxhash.h>

enum { SLOTS = 2048, CUTS = 4, HASH_LIKE = 24 };
static_assert(SLOTS >= 2 * EXTRACT_MAX, "the table is never full");

typedef struct {
    arena *a;
    extracted *out;
    uint16_t slot[SLOTS]; /* number of a found one, from 1 */
    uint32_t line;
    bool full, too_long;
} extractor;

str missed_why_name(missed_why w)
{
    static const char *const names[MISSED_WHYS] = { "nothing", "long", "hash", "address" };
    return str_of(names[w]);
}

/* ---- each once ---- */

static uint32_t slot_of(const observable *o)
{
    return XXH3_64bits_withSeed(o->value.p, o->value.n, (uint64_t)o->kind) % SLOTS;
}

static void add(extractor *x, const observable *o)
{
    extracted *out = x->out;
    uint32_t i = slot_of(o);
    for (; x->slot[i]; i = (i + 1) % SLOTS) {
        extract_found *f = &out->found[x->slot[i] - 1];
        if (f->o.kind != o->kind || !str_eq(f->o.value, o->value)) continue;
        f->times++;
        return;
    }
    if (out->n_found == EXTRACT_MAX) {
        x->full = true;
        return;
    }
    out->found[out->n_found++] = (extract_found){ *o, x->line, 1 };
    x->slot[i] = (uint16_t)out->n_found;
}

/* ---- words ---- */

/* What stands between words in any script; a byte alone, or one of the signs below. */
static size_t parting(str s)
{
    static const char *const signs[] = { "،", "؛", "۔", "“", "”", "‘", "’", "«", "»", "\xC2\xA0",
        "•", "\xE2\x80\x8B", "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xAA", "\xE2\x80\xAB",
        "\xE2\x80\xAC", "\xE2\x80\xAD", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA7",
        "\xE2\x81\xA8", "\xE2\x81\xA9", "\xEF\xBB\xBF" };
    if (memchr(" \t\r\v\f\"<>|`", s.p[0], 10)) return 1;
    if ((uint8_t)s.p[0] < 0x80) return 0;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (str_starts(s, str_of(signs[i]))) return strlen(signs[i]);
    return 0;
}

/* A bracket belongs to the word when its other half stands in it too: "bad[.]example". */
static bool is_loose(str s, char c)
{
    static const char pairs[] = "()[]{}";
    const char *at = strchr(pairs, c);
    if (!c) return false;
    if (!at) return strchr(".,;:!?'*", c) != NULL;
    size_t i = (size_t)(at - pairs) & ~(size_t)1;
    size_t opened = str_count_byte(s, pairs[i]), closed = str_count_byte(s, pairs[i + 1]);
    if (c == pairs[i]) return opened > closed || s.p[s.n - 1] == pairs[i + 1];
    return closed > opened || s.p[0] == pairs[i];
}

static str bare(str s)
{
    bool cut = true;
    while (cut && s.n) {
        cut = is_loose(s, s.p[0]) && !(s.p[0] == '*' && s.n > 1 && s.p[1] == '.');
        if (cut) s = str_sub(s, 1, s.n);
    }
    while (s.n && is_loose(s, s.p[s.n - 1]))
        s = str_sub(s, 0, s.n - 1);
    return s;
}

static bool known(extractor *x, str s, observable *o)
{
    if (!s.n || s.n > OBSERVABLE_TEXT_MAX) return false;
    return !failed(observable_recognise(x->a, s, o));
}

static ptrdiff_t last_colon_of_port(str s)
{
    size_t i = s.n;
    while (i > 0 && s.p[i - 1] >= '0' && s.p[i - 1] <= '9')
        i--;
    bool port = i > 1 && s.n - i >= 1 && s.n - i <= 5 && s.p[i - 1] == ':';
    return port ? (ptrdiff_t)i - 1 : -1;
}

/* What logs write before a value: "src=", "user.name=". Where it is read as part of the value
 * ("user=a@b.example" is a mail address), it is not meant so. */
static bool is_name(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!plain && c != '_' && c != '-' && c != '.') return false;
    }
    return s.n > 0;
}

static bool word(extractor *x, str s, int cuts)
{
    observable o;
    s = bare(s);
    ptrdiff_t equals = str_find_byte(s, '=');
    bool named = cuts && equals > 0 && is_name(str_sub(s, 0, (size_t)equals));
    if (named && word(x, str_sub(s, (size_t)equals + 1, s.n), cuts - 1)) return true;
    if (known(x, s, &o)) {
        add(x, &o);
        return true;
    }
    if (!cuts || !s.n || s.n > OBSERVABLE_TEXT_MAX) return false;
    ptrdiff_t colon = str_find_byte(s, ':'), slash = str_find_byte(s, '/');
    ptrdiff_t port = last_colon_of_port(s);
    if (equals >= 0 && !named && word(x, str_sub(s, (size_t)equals + 1, s.n), cuts - 1))
        return true;
    if (port >= 0 && word(x, str_sub(s, 0, (size_t)port), cuts - 1)) return true;
    if (slash > 0 && str_find(s, S("://")) < 0 && word(x, str_sub(s, 0, (size_t)slash), cuts - 1))
        return true;
    return colon >= 0 && word(x, str_sub(s, (size_t)colon + 1, s.n), cuts - 1);
}

/* The part of s before its first comma or semicolon; false when there is no more. */
static bool part_next(str *s, str *part)
{
    size_t i = 0;
    if (!s->n) return false;
    while (i < s->n && s->p[i] != ',' && s->p[i] != ';')
        i++;
    *part = str_sub(*s, 0, i);
    *s = str_sub(*s, i < s->n ? i + 1 : i, s->n);
    return true;
}

/* A comma parts values, unless none of what follows is one: then it belongs to a URL. */
static bool parts_are_values(extractor *x, str s)
{
    observable o;
    str part;
    if (!part_next(&s, &part)) return false;
    while (part_next(&s, &part))
        if (known(x, bare(part), &o)) return true;
    return false;
}

static bool word_or_list(extractor *x, str s)
{
    str part;
    bool any = false, list = str_find_byte(s, ',') >= 0 || str_find_byte(s, ';') >= 0;
    x->too_long |= s.n > OBSERVABLE_TEXT_MAX && !list;
    if (!list) return word(x, s, CUTS);
    if (!parts_are_values(x, s) && word(x, s, CUTS)) return true;
    while (part_next(&s, &part))
        any |= word(x, part, CUTS);
    return any;
}

/* ---- lines ---- */

static bool words(extractor *x, str line)
{
    bool any = false;
    size_t from = 0, i = 0;
    while (i <= line.n && !x->full) {
        size_t n = i < line.n ? parting(str_sub(line, i, line.n)) : 1;
        if (!n) {
            i++;
            continue;
        }
        bool arrow = i > from && i < line.n && line.p[i] == '>' && line.p[i - 1] == '-';
        size_t end = arrow ? i - 1 : i;
        if (end > from) any |= word_or_list(x, str_sub(line, from, end - from));
        from = i += n;
    }
    return any;
}

/* What the line's last word nearly was. */
static missed_why why_of(const extractor *x, str line)
{
    str s = line;
    for (size_t i = s.n; i-- > 0;)
        if (parting(str_sub(line, i, line.n))) {
            s = str_sub(line, i + 1, line.n);
            break;
        }
    s = bare(s);
    if (x->too_long) return MISSED_LONG;
    if (s.n >= HASH_LIKE && str_only(s, "0123456789abcdefABCDEF")) return MISSED_HASH;
    if (str_only(s, "0123456789./[]()") && str_count_byte(s, '.') >= 3) return MISSED_ADDRESS;
    return MISSED_NOTHING;
}

static void miss(extractor *x, str line)
{
    extracted *out = x->out;
    out->lines_missed++;
    if (out->n_missed == EXTRACT_MISSED_MAX) return;
    out->missed[out->n_missed++] = (extract_missed){ x->line, line, why_of(x, line) };
}

static void line_read(extractor *x, str line)
{
    observable o;
    line = str_trim(line);
    if (!line.n) return;
    x->out->lines++;
    x->too_long = false;
    if (known(x, line, &o))
        add(x, &o);
    else if (!words(x, line) && !x->full)
        miss(x, line);
}

static err too_much(arena *a, const char *key, int limit)
{
    return ERR1(E_TOO_LARGE, key, str_fmt(a, "%d", limit));
}

err observables_extract(arena *a, str text, extracted *ret)
{
    extracted out = { .found = NEW_ARRAY(a, extract_found, EXTRACT_MAX),
        .missed = NEW_ARRAY(a, extract_missed, EXTRACT_MISSED_MAX) };
    extractor *x = NEW(a, extractor);
    str line;
    if (text.n > EXTRACT_BYTES_MAX) return too_much(a, "error.lookup.text", EXTRACT_BYTES_MAX);
    x->a = a;
    x->out = &out;
    while (!x->full && str_split(&text, '\n', &line)) {
        x->line++;
        line_read(x, line);
    }
    if (x->full) return too_much(a, "error.lookup.many", EXTRACT_MAX);
    *ret = out;
    return OK;
}
