/* sound.c - consonants of a word. Vowels are dropped, since Urdu does not write the short ones and
 * Roman Urdu spells all of them as it likes; one at the beginning is an `a`. Waw and yeh (w, v, y)
 * count at the beginning alone, the silent he at the end does not. */
#include "engine/words/sound.h"

#include <string.h>
#include <unicode/utf8.h>

/* ---- what kind of word ---- */

static bool among(const char *const *sorted, size_t n, str word)
{
    size_t from = 0, to = n;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        int way = str_cmp(str_of(sorted[mid]), word);
        if (way == 0) return true;
        if (way < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return false;
}

static bool is_urdu(UChar32 c)
{
    return c >= 0x0621 && c <= 0x06D3;
}

word_script sound_script(str word)
{
    size_t latin = 0, urdu = 0, all = 0;
    for (size_t i = 0; i < word.n; all++) {
        UChar32 c;
        U8_NEXT(word.p, i, word.n, c);
        latin += c >= 'a' && c <= 'z';
        urdu += is_urdu(c);
    }
    if (all && urdu == all) return WORD_URDU;
    if (!all || latin != all) return WORD_OTHER;
    return among(sound_english, sound_english_n, word) ? WORD_ENGLISH : WORD_ROMAN;
}

bool sound_is_join(str word)
{
    return among(sound_joins, sound_joins_n, word);
}

/* ---- the ways in which it is heard ---- */

typedef struct {
    sound *way;
    size_t n;
} ways;

static void put(sound *s, str more)
{
    for (size_t i = 0; i < more.n && s->n < SOUND_MAX; i++)
        s->p[s->n++] = more.p[i];
}

/* All ways go on with x; where it is heard otherwise too, each of them goes on both ways. */
static void add(ways *w, str x, str other)
{
    size_t n = w->n;
    for (size_t i = 0; other.n && i < n && w->n < SOUND_WAYS; i++) {
        w->way[w->n] = w->way[i];
        put(&w->way[w->n++], other);
    }
    for (size_t i = 0; i < n; i++)
        put(&w->way[i], x);
}

static bool is_vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

static bool fits(const sound_spelling *s, str rest, bool english)
{
    size_t n = strlen(s->letters);
    if ((s->english && !english) || !str_starts(rest, (str){ s->letters, n })) return false;
    return !*s->before || (rest.n > n && strchr(s->before, rest.p[n]));
}

/* The first letters where they are vowels, or half of one. */
static size_t begin(ways *w, str word, bool english)
{
    char c = word.p[0];
    if (c == 'x') return add(w, S("z"), S("ks")), 1;
    if (c == 'v' || c == 'w') return add(w, S("v"), (str){ 0 }), 1;
    if (c == 'y') return add(w, S("y"), (str){ 0 }), 1;
    if (c == 'u' && english) return add(w, S("a"), S("y")), 1;
    if (is_vowel(c)) return add(w, S("a"), (str){ 0 }), 1;
    return 0;
}

static size_t hear(ways *w, str rest, bool english)
{
    for (size_t i = 0; i < sound_spellings_n; i++) {
        const sound_spelling *s = &sound_spellings[i];
        if (!fits(s, rest, english)) continue;
        add(w, str_of(s->sound), str_of(s->other));
        return strlen(s->letters);
    }
    return 1; /* a vowel, w, v or y */
}

static void roman(ways *w, str word, bool english)
{
    size_t first = begin(w, word, english);
    for (size_t i = first; i < word.n;) {
        bool twice = i > first && word.p[i] == word.p[i - 1] && !is_vowel(word.p[i]);
        i += twice ? 1 : hear(w, str_sub(word, i, word.n - i), english);
    }
}

static char letter_sound(UChar32 c)
{
    for (size_t i = 0; i < sound_letters_n; i++)
        if (sound_letters[i].letter == (uint32_t)c) return sound_letters[i].sound;
    return 0;
}

enum { ALEF = 0x0627, AIN = 0x0639, WAW = 0x0648, YEH = 0x06CC, SHEEN = 0x0634, HE = 0x06C1 };

static void urdu_letter(ways *w, UChar32 c, UChar32 before)
{
    char s = letter_sound(c);
    if (!before && (c == ALEF || c == AIN)) s = 'a';
    if (!before && c == WAW) s = 'v';
    if (!before && c == YEH) s = 'y';
    if (c == HE && before == SHEEN) return; /* Naushahra is heard as Nowshera */
    if (s) add(w, (str){ &s, 1 }, (str){ 0 });
}

/* skip: a letter that is left out, or word.n. */
static void urdu(ways *w, str word, size_t from, size_t skip)
{
    UChar32 c, before = 0;
    for (size_t i = from; i < word.n; before = c) {
        size_t at = i;
        U8_NEXT(word.p, i, word.n, c);
        if (at != skip) urdu_letter(w, c, before);
    }
}

static void other_way(ways *w, str word, size_t from, size_t skip)
{
    ways one = { w->way + w->n, 1 };
    if (w->n == SOUND_WAYS) return;
    urdu(&one, word, from, skip);
    w->n++;
}

static bool is_sun(str word, size_t at)
{
    UChar32 c = 0;
    if (at < word.n) U8_NEXT(word.p, at, word.n, c);
    char s = letter_sound(c);
    return s && strchr("tsdzrxnl", s);
}

/* The article: al-mal is mal as well, for Roman writes it apart, as ul or al; and abd-al-rahman is
 * said abdur-rahman. */
static void urdu_ways(ways *w, str word)
{
    static const str article = { "\xd8\xa7\xd9\x84", 4 };
    urdu(w, word, 0, word.n);
    if (str_starts(word, article) && word.n >= article.n + 3 * 2)
        other_way(w, word, article.n, word.n);
    if (word.n < 2) return;
    ptrdiff_t in = str_find(str_sub(word, 2, word.n), article);
    size_t lam = (size_t)in + 2 + 2;
    if (in >= 2 && is_sun(word, lam + 2)) other_way(w, word, 0, lam);
}

static bool same(const sound *x, const sound *y)
{
    return x->n == y->n && memcmp(x->p, y->p, x->n) == 0;
}

/* A he at the end is silent (madrasa, madrasah), where something is left without it. */
static size_t only_heard(sound *all, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        sound s = all[i];
        if (s.n > 2 && s.p[s.n - 1] == 'h') s.n--;
        bool fresh = s.n >= 2;
        for (size_t k = 0; k < kept && fresh; k++)
            fresh = !same(&all[k], &s);
        if (fresh) all[kept++] = s;
    }
    return kept;
}

size_t sound_of(str word, word_script script, sound ret[SOUND_WAYS])
{
    ways w = { ret, 1 };
    memset(ret, 0, sizeof(sound) * SOUND_WAYS);
    if (!word.n || script == WORD_OTHER) return 0;
    if (script == WORD_URDU)
        urdu_ways(&w, word);
    else
        roman(&w, word, script == WORD_ENGLISH);
    return only_heard(ret, w.n);
}
