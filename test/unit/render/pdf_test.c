/* pdf_test.c - docs on paper: the same bytes for the same doc, pages that break, limits, and the
 * room for a signature. That it looks right is for eyes; that others read it, for letter.walk.mjs.
 */
#include "unit/unit.h"

#include "base/time.h"
#include "render/pdf.h"
#include "render/pdf_sign.h"

static pdf_fonts *fonts;
static arena *m;

static err make(const doc *d, str *ret)
{
    return pdf_make(fonts, d, monotonic_us() + 20 * US_PER_S, m, ret);
}

static const str words[] = { S("A server can be reached by anybody."),
    S("ایک سرور تک کوئی بھی پہنچ سکتا ہے: \u2066198.51.100.7\u2069") };
static const str rows[] = { S("Address"), S("Port"), S("198.51.100.7"), S("3389"), S("x"), S("") };
static const str code[] = { S("https://cert.example/letter?n=L-1&c=0"), S("Is it real?") };

static doc small(doc_block to[8])
{
    const doc_block all[] = { { DOC_HEADING, LANG_EN, 1, words, 1 },
        { DOC_TEXT, LANG_UR, 0, words + 1, 1 }, { DOC_TABLE, LANG_UR, 2, rows, 6 },
        { DOC_FACTS, LANG_EN, 2, rows, 6 }, { DOC_QR, LANG_UR, 0, code, 2 },
        { DOC_BANNER, LANG_EN, 0, words, 1 }, { DOC_PAGE, LANG_EN, 0, NULL, 0 },
        { DOC_STRONG, LANG_UR, 0, words + 1, 1 } };
    memcpy(to, all, sizeof all);
    return (doc){ .title = S("T"),
        .author = S("A"),
        .mark = S("AMBER"),
        .foot = S("L-1"),
        .made = { INT64_C(1790000000) * US_PER_S },
        .blocks = to,
        .n = 8 };
}

static int pages_of(str pdf)
{
    int n = 0;
    str rest = pdf;
    for (ptrdiff_t at; (at = str_find(rest, S("/Type /Page %"))) >= 0; n++)
        rest = str_sub(rest, (size_t)at + 5, rest.n);
    return n;
}

static void the_same_doc_is_the_same_bytes(void **state)
{
    (void)state;
    doc_block b[8];
    doc d = small(b);
    str x, y;
    assert_ok(make(&d, &x));
    for (int i = 0; i < 3; i++) {
        assert_ok(make(&d, &y));
        assert_true(str_eq(x, y));
    }
    assert_int_equal(pages_of(x), 2);
    assert_true(str_find(x, S("NotoNastaliqUrdu")) > 0);
    d.made.us += US_PER_S;
    assert_ok(make(&d, &y));
    assert_false(str_eq(x, y));
}

static void long_ones_break(void **state)
{
    (void)state;
    str *cells = NEW_ARRAY(m, str, 600);
    for (int i = 0; i < 600; i++)
        cells[i] = i % 2 ? words[0] : words[1];
    doc_block b = { DOC_TABLE, LANG_UR, 2, cells, 600 };
    doc d = { .blocks = &b, .n = 1 };
    str x;
    assert_ok(make(&d, &x));
    assert_true(pages_of(x) > 5);
}

static void limits_are_kept(void **state)
{
    (void)state;
    doc_block b[8], *many = NEW_ARRAY(m, doc_block, DOC_PAGES_MAX + 1);
    doc d = small(b);
    str x;
    b[0].cells = (str[]){ S("\xff") };
    assert_fails(make(&d, &x), E_INVALID, "error.pdf.doc");
    d = small(b);
    b[2].n = DOC_COLUMNS_MAX + 1;
    assert_false(doc_fits(&d));
    b[2].n = 0;
    assert_false(doc_fits(&d));
    d = small(b);
    b[4].cells = (str[]){ S("") };
    assert_false(doc_fits(&d));
    for (int i = 0; i <= DOC_PAGES_MAX; i++)
        many[i].kind = DOC_PAGE;
    d = (doc){ .blocks = many, .n = DOC_PAGES_MAX + 1 };
    assert_fails(make(&d, &x), E_TOO_LARGE, "error.pdf.pages");
    d = small(b);
    assert_fails(pdf_make(fonts, &d, monotonic_us() - 1, m, &x), E_TIMEOUT, "error.pdf.time");
}

static void a_folder_without_fonts_is_told(void **state)
{
    (void)state;
    pdf_fonts *none;
    assert_fails(pdf_fonts_open("/nowhere", &none), E_CONFIG, "error.pdf.font");
}

static void a_signature_gets_its_room(void **state)
{
    (void)state;
    doc_block b[8];
    doc d = small(b);
    pdf_signing s = { S("قومی سرٹ"), S("Letter"), d.made };
    pdf_unsigned u, again;
    str x;
    assert_ok(make(&d, &x));
    assert_ok(pdf_sign_prepare(m, x, &s, &u));
    assert_true(str_starts(u.pdf, x));
    assert_true(u.pdf.p[u.room - 1] == '<' && u.pdf.p[u.room + 2 * PDF_SIGN_ROOM] == '>');
    assert_ok(pdf_sign_prepare(m, x, &s, &again));
    assert_memory_equal(u.digest, again.digest, sizeof u.digest);
    pdf_sign_fill(&u, S("\x30\x03xyz"));
    assert_true(str_starts(str_sub(u.pdf, u.room, 20), S("300378797a00")));
    for (size_t n = 0; n < x.n; n += 997) /* cut ones are none, and harm nobody */
        assert_fails(pdf_sign_prepare(m, str_sub(x, 0, n), &s, &again), E_INVALID, "error.pdf.doc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_without_fonts_is_told),
        cmocka_unit_test(the_same_doc_is_the_same_bytes),
        cmocka_unit_test(long_ones_break),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(a_signature_gets_its_room),
    };
    m = arena_new((size_t)1 << 30);
    assert_ok(pdf_fonts_open(PDF_FONT_FOLDER, &fonts));
    int rc = cmocka_run_group_tests_name("pdf", tests, NULL, NULL);
    pdf_fonts_close(fonts);
    arena_free(m);
    return rc;
}
