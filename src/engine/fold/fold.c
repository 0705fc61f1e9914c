/* fold.c - folding by ICU's NFKC_Casefold and a short table of Arabic-script letters. */
#include "engine/fold/fold.h"
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

/* Letters that Urdu keyboards, Arabic keyboards and old systems write for the same thing. */
static UChar32 one_letter(UChar32 c)
{
    switch (c) {
    case 0x064A:
    case 0x0649:
    case 0x0626:
        return 0x06CC; /* yeh, alef maksura, yeh with hamza */
    case 0x0643:
        return 0x06A9; /* kaf */
    case 0x0647:
    case 0x06C0:
    case 0x06C2:
    case 0x06D5:
    case 0x0629:
        return 0x06C1;
    case 0x0622:
    case 0x0623:
    case 0x0625:
    case 0x0671:
        return 0x0627; /* alef forms */
    case 0x0624:
        return 0x0648; /* waw with hamza */
    case 0x06D3:
        return 0x06D2; /* bari yeh with hamza */
    default:
        break;
    }
    int digit = u_charDigitValue(c);
    return digit >= 0 ? '0' + digit : c;
}

static bool is_dropped(UChar32 c)
{
    int8_t type = u_charType(c);
    return type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || c == 0x0640 || c == 0x0621 ||
           (c >= 0x200B && c <= 0x200F);
}

static void put_utf8(buf *b, UChar32 c)
{
    char out[U8_MAX_LENGTH];
    int32_t n = 0;
    U8_APPEND_UNSAFE(out, n, c);
    buf_put(b, (str){ out, (size_t)n });
}

static str letters_only(arena *a, const UChar *u, int32_t n, bool aspirates)
{
    buf b = buf_new(a, (size_t)n * 2 + 8);
    bool gap = false;
    for (int32_t i = 0; i < n;) {
        UChar32 c;
        U16_NEXT(u, i, n, c);
        if (is_dropped(c)) continue;
        if (!u_isalnum(c)) {
            gap = b.n > 0;
            continue;
        }
        if (gap) buf_byte(&b, ' ');
        gap = false;
        put_utf8(&b, c == FOLD_ASPIRATE && !aspirates ? 0x06C1 : one_letter(c));
    }
    return buf_str(&b);
}

static str fold(arena *a, str s, bool aspirates)
{
    UErrorCode e = U_ZERO_ERROR;
    int32_t n = 0, m;
    ASSERT(s.n < INT32_MAX / 20);
    const UNormalizer2 *fold = unorm2_getNFKCCasefoldInstance(&e);
    const UNormalizer2 *apart = unorm2_getNFDInstance(&e);
    ASSERT(U_SUCCESS(e));
    UChar *u = NEW_ARRAY(a, UChar, s.n + 1);
    u_strFromUTF8WithSub(u, (int32_t)s.n + 1, &n, s.p ? s.p : "", (int32_t)s.n, 0xFFFD, NULL, &e);
    ASSERT(U_SUCCESS(e));
    int32_t room = n * 18 + 8; /* NFKC makes at most 18 units of one */
    UChar *v = NEW_ARRAY(a, UChar, (size_t)room);
    m = unorm2_normalize(fold, u, n, v, room, &e);
    ASSERT(U_SUCCESS(e));
    UChar *w = NEW_ARRAY(a, UChar, (size_t)m * 4 + 8);
    n = unorm2_normalize(apart, v, m, w, m * 4 + 8, &e);
    ASSERT(U_SUCCESS(e));
    return letters_only(a, w, n, aspirates);
}

str fold_text(arena *a, str s)
{
    return fold(a, s, false);
}

str fold_spoken(arena *a, str s)
{
    return fold(a, s, true);
}
