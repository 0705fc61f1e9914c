/* words.c - tokens of a text. A word's sound stands behind a mark that says how it was written:
 * #u in Urdu script, #r in Roman letters, #e an English word. Who asks in one way is answered from
 * the others, but an English word never from Roman ones that happen to sound alike. Beginnings of
 * words are tokens of their own (^): an index that has to gather all words with a beginning is as
 * slow as they are many. */
#include "engine/words/words.h"

#include "engine/fold/fold.h"
#include "engine/words/sound.h"

#include <string.h>

enum { BEGINS = 3, BEGUN_LETTERS = 6, BEGUN_SOUNDS = 5, PREFIX_VALUE = 6, HOST_ENDS = 6 };

int words_version(void)
{
    return sound_version;
}

typedef struct {
    str plain, spoken;
    word_script script;
    sound heard[SOUND_WAYS];
    size_t ways;
    bool join;
} word;

/* The he of aspirates as the other one, which is as long. */
static str made_plain(arena *a, str spoken)
{
    str s = str_copy(a, spoken);
    for (size_t i = 0; i + 1 < s.n; i++)
        if (memcmp(s.p + i, "\xda\xbe", 2) == 0) memcpy((char *)(uintptr_t)s.p + i, "\xdb\x81", 2);
    return s;
}

/* Cut where a letter begins. */
static str cut(str s)
{
    if (s.n <= WORDS_TOKEN) return s;
    size_t n = WORDS_TOKEN;
    while (n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--;
    return str_sub(s, 0, n);
}

static size_t count_words(str folded, size_t max)
{
    size_t n = folded.n > 0;
    for (size_t i = 0; i < folded.n; i++)
        n += folded.p[i] == ' ';
    return n < max ? n : max;
}

static size_t split(arena *a, str text, size_t max, word **ret)
{
    str rest = fold_spoken(a, text), part;
    size_t n = 0, all = count_words(rest, max);
    *ret = NEW_ARRAY(a, word, all + 1);
    while (n < all && str_split(&rest, ' ', &part)) {
        word *w = *ret + n++;
        w->spoken = cut(part);
        w->plain = made_plain(a, w->spoken);
        w->script = sound_script(w->spoken);
        w->join = sound_is_join(w->plain);
        w->ways = sound_of(w->spoken, w->script, w->heard);
    }
    return n;
}

static char mark_of(word_script s)
{
    return s == WORD_URDU ? 'u' : s == WORD_ROMAN ? 'r' : 'e';
}

/* Two words as one: Islamabad is two words in Urdu, abd ur rehman one. */
static bool joined(const word *x, const word *y, sound *ret)
{
    if (!x->ways || !y->ways || x->script != y->script) return false;
    *ret = x->heard[0];
    str more = { y->heard[0].p, y->heard[0].n };
    if (more.p[0] == 'a' || more.p[0] == ret->p[ret->n - 1]) more = str_sub(more, 1, more.n);
    for (size_t i = 0; i < more.n && ret->n < SOUND_MAX; i++)
        ret->p[ret->n++] = more.p[i];
    return true;
}

/* ---- values ---- */

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A piece of ASCII with a mark between letters or digits. */
static bool is_value(str s)
{
    bool mark = false;
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] >= 0x80 || s.p[i] < ' ') return false;
        mark = mark || (i > 0 && i + 1 < s.n && !is_alnum(s.p[i]));
    }
    return mark;
}

/* Numbers that mean something together alone: an address (192.0.2.7, 192.0.2.0/24, 2001:db8::1), or
 * an identifier (CVE-2024-1234). A text that has each of them somewhere does not have it. */
static bool is_whole(str s)
{
    str part, rest = s, first = { 0 };
    if (str_only(s, "0123456789./:") && str_count_byte(s, '.') >= 2) return true;
    if (str_only(s, "0123456789abcdefABCDEF:/.") && str_count_byte(s, ':') >= 2) return true;
    for (size_t n = 0; str_split(&rest, '-', &part); n++)
        if (!n)
            first = part;
        else if (!str_only(part, "0123456789"))
            return false;
    return str_count_byte(s, '-') >= 2 && first.n && !(first.p[0] >= '0' && first.p[0] <= '9');
}

static bool is_mark(char c)
{
    return !is_alnum(c) && !((unsigned char)c & 0x80);
}

/* Without marks around it. */
static str bare(str s)
{
    while (s.n && is_mark(s.p[0]))
        s = str_sub(s, 1, s.n);
    while (s.n && is_mark(s.p[s.n - 1]))
        s.n--;
    return s;
}

static str value_token(arena *a, str s)
{
    buf b = buf_new(a, WORDS_TOKEN + 1);
    s = bare(s);
    for (size_t i = 0; i < s.n && b.n < WORDS_TOKEN; i++) {
        char c = s.p[i];
        buf_byte(&b, is_mark(c) ? '_' : c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
    }
    while (b.n && b.p[b.n - 1] == '_')
        b.n--;
    return str_is_utf8(buf_str(&b)) ? buf_str(&b) : (str){ 0 };
}

static void token(buf *out, str t)
{
    if (!t.n) return;
    if (out->n) buf_byte(out, ' ');
    buf_put(out, t);
}

static str host_of(str v)
{
    ptrdiff_t at = str_find(v, S("://"));
    if (at >= 0) v = str_sub(v, (size_t)at + 3, v.n);
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] == '/' || v.p[i] == '?' || v.p[i] == '#' || v.p[i] == ':') v.n = i;
    at = str_find_byte(v, '@');
    return at >= 0 ? str_sub(v, (size_t)at + 1, v.n) : v;
}

/* health.gov.pk of mail.health.gov.pk; no part of an address, but that without its port. */
static void host_ends(arena *a, str host, bool whole, buf *out)
{
    size_t last = host.n;
    while (last && host.p[last - 1] != '.')
        last--;
    if (!last || last == host.n) return;
    if (!whole) token(out, value_token(a, host));
    if (host.p[last] >= '0' && host.p[last] <= '9') return;
    for (int i = 0; i < HOST_ENDS; i++) {
        ptrdiff_t dot = str_find_byte(host, '.');
        if (dot < 0) return;
        host = str_sub(host, (size_t)dot + 1, host.n);
        if (str_find_byte(host, '.') < 0) return;
        token(out, value_token(a, host));
    }
}

void words_index_value(arena *a, str value, buf *out)
{
    str host = host_of(value);
    token(out, value_token(a, value));
    host_ends(a, host, host.n == value.n, out);
}

/* ---- beginnings ---- */

/* The first n letters, or none when there are fewer. */
static str letters(str s, size_t n)
{
    size_t at = 0;
    while (at < s.n && n) {
        at++;
        while (at < s.n && ((unsigned char)s.p[at] & 0xc0) == 0x80)
            at++;
        n--;
    }
    return n ? (str){ 0 } : str_sub(s, 0, at);
}

static void put_begun(str plain, buf *out)
{
    for (size_t n = BEGINS; n <= BEGUN_LETTERS; n++) {
        str s = letters(plain, n);
        if (s.n) buf_fmt(out, " ^%.*s", STR_ARG(s));
    }
}

static void put_begun_sound(char mark, const sound *s, buf *out)
{
    for (size_t n = BEGINS; n <= BEGUN_SOUNDS && n <= s->n; n++)
        buf_fmt(out, " ^#%c%.*s", mark, (int)n, s->p);
}

/* The token by which a word is found that goes on from here; empty: too short to go on. */
static str begun(arena *a, str plain)
{
    for (size_t n = BEGUN_LETTERS; n >= BEGINS; n--) {
        str s = letters(plain, n);
        if (s.n) return str_fmt(a, "^%.*s", STR_ARG(s));
    }
    return (str){ 0 };
}

/* ---- to be kept ---- */

static void put_sounds(const word *all, size_t i, size_t n, buf *out)
{
    const word *w = &all[i];
    sound both;
    for (size_t k = 0; k < w->ways; k++) {
        buf_fmt(out, " #%c%.*s", mark_of(w->script), (int)w->heard[k].n, w->heard[k].p);
        if (i < WORDS_BEGUN) put_begun_sound(mark_of(w->script), &w->heard[k], out);
    }
    if (i + 1 < n && w->script != WORD_ENGLISH && joined(w, w + 1, &both))
        buf_fmt(out, " #%c%.*s", mark_of(w->script), (int)both.n, both.p);
}

static bool next_piece(str *rest, str *ret)
{
    *rest = str_trim(*rest);
    if (!rest->n) return false;
    size_t n = 0;
    while (n < rest->n && !strchr(" \t\r\n", rest->p[n]))
        n++;
    *ret = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n, rest->n);
    return true;
}

void words_index(arena *a, str text, buf *out)
{
    word *all;
    size_t n = split(a, text, WORDS_TEXT, &all);
    str piece;
    for (size_t i = 0; i < n; i++) {
        token(out, all[i].plain);
        if (i < WORDS_BEGUN) put_begun(all[i].plain, out);
        if (!all[i].join) put_sounds(all, i, n, out);
    }
    for (int i = 0; i < WORDS_TEXT && next_piece(&text, &piece); i++)
        if (is_value(piece)) words_index_value(a, piece, out);
}

/* ---- to be asked ---- */

static void term(words_group *g, str t, bool prefix)
{
    if (t.n) g->any[g->n++] = (words_term){ t, prefix };
}

/* Which ways of writing answer one that is asked in this one. */
static const char *answers(word_script s)
{
    return s == WORD_URDU ? "re" : s == WORD_ROMAN ? "ur" : "u";
}

static void term_sound(arena *a, words_group *g, const word *w, const sound *s, bool typing)
{
    size_t n = s->n < BEGUN_SOUNDS ? s->n : BEGUN_SOUNDS;
    for (const char *mark = answers(w->script); *mark; mark++) {
        term(g, str_fmt(a, "#%c%.*s", *mark, (int)s->n, s->p), false);
        if (typing && n >= BEGINS) term(g, str_fmt(a, "^#%c%.*s", *mark, (int)n, s->p), false);
    }
}

enum { TERMS = 32 }; /* two for the word, four a way, four for two words as one, a value */
static void ask_word(arena *a, words_group *g, const word *w, bool typing)
{
    g->any = NEW_ARRAY(a, words_term, TERMS);
    term(g, w->plain, false);
    if (typing) term(g, begun(a, w->plain), false);
    for (size_t k = 0; k < w->ways; k++)
        term_sound(a, g, w, &w->heard[k], typing);
}

static void ask_joined(arena *a, words_group *g, const word *all, size_t i)
{
    sound both;
    if (!joined(&all[i], &all[i + 1], &both)) return;
    term_sound(a, &g[i], &all[i], &both, false);
    term_sound(a, &g[i + 1], &all[i + 1], &both, false);
}

/* The words of one piece: all of them, or the piece as a value; what is whole as a value alone.
 * How many groups it is; all: their words. */
static size_t ask_piece(arena *a, str piece, size_t max, bool typing, word *all, words_group *g)
{
    str value = is_value(piece) ? value_token(a, piece) : (str){ 0 };
    bool begins = typing && value.n >= PREFIX_VALUE;
    if (value.n && (begins || !typing) && is_whole(bare(piece))) {
        g->any = NEW(a, words_term);
        term(g, value, begins);
        return 1;
    }
    word *words;
    size_t n = split(a, piece, max, &words), kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (words[i].join) continue;
        ask_word(a, &g[kept], &words[i], typing && i + 1 == n);
        term(&g[kept], value, begins);
        all[kept++] = words[i];
    }
    return kept;
}

static size_t ask_pieces(arena *a, str text, bool typing, word *all, words_group *g)
{
    str piece;
    size_t n = 0;
    while (n < WORDS_ASKED && next_piece(&text, &piece)) {
        bool last = !str_trim(text).n;
        n += ask_piece(a, piece, WORDS_ASKED - n, typing && last, all + n, g + n);
    }
    return n;
}

size_t words_ask(arena *a, str text, bool typing, words_group **ret)
{
    word *all = NEW_ARRAY(a, word, WORDS_ASKED), *first;
    words_group *g = NEW_ARRAY(a, words_group, WORDS_ASKED);
    *ret = g;
    size_t n = ask_pieces(a, text, typing, all, g);
    for (size_t i = 0; i + 1 < n; i++)
        ask_joined(a, g, all, i);
    if (n || !split(a, text, 1, &first)) return n;
    ask_word(a, &g[0], first, typing); /* only a word that joins others */
    return 1;
}

static bool has(str tokens, const words_term *t)
{
    str part;
    while (str_split(&tokens, ' ', &part))
        if (t->prefix ? str_starts(part, t->token) : str_eq(part, t->token)) return true;
    return false;
}

bool words_match(const words_group *groups, size_t n, str tokens)
{
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t k = 0; k < groups[i].n && !found; k++)
            found = has(tokens, &groups[i].any[k]);
        if (!found) return false;
    }
    return n > 0;
}
