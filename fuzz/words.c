/* words.c - tokens of any text: what is kept is found again when the same is asked for. */
#include "engine/words/words.h"
#include "fuzz/fuzz.h"

static void check_tokens(str tokens)
{
    str part;
    while (str_split(&tokens, ' ', &part)) {
        ASSERT(part.n > 0 && part.n <= WORDS_TOKEN);
        for (size_t i = 0; i < part.n; i++)
            ASSERT((unsigned char)part.p[i] > ' ');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP(arena_free_p) arena *a = arena_new((size_t)1 << 26);
    str text = { (const char *)data, n };
    words_group *g;
    if (n > 4096 || !str_is_utf8(text)) return 0;
    buf out = buf_new(a, 256);
    words_index(a, text, &out);
    words_index_value(a, text, &out);
    if (out.n) check_tokens(buf_str(&out));
    size_t asked = words_ask(a, text, false, &g);
    ASSERT(asked <= WORDS_ASKED);
    if (asked) ASSERT(words_match(g, asked, buf_str(&out)));
    asked = words_ask(a, text, true, &g);
    if (asked) ASSERT(words_match(g, asked, buf_str(&out)));
    return 0;
}
