/* pdf_sign.c - see pdf_sign.h. What is read here is what Cairo has written for us: a file that does
 * not look so is refused. */
#include "render/pdf_sign.h"
#include "base/civil.h"
#include <sodium.h>
#include <stdlib.h>

typedef struct {
    arena *a;
    str pdf;
    int64_t size, root, info, page, xref; /* of the trailer: numbers of objects, and an offset */
    buf out;
    int64_t at[4], number[4]; /* the objects added: where, and which */
} signing;

/* ---- reading ---- */

static ptrdiff_t find_last(str s, str what)
{
    for (size_t i = s.n + 1; i-- > what.n;)
        if (memcmp(s.p + i - what.n, what.p, what.n) == 0) return (ptrdiff_t)(i - what.n);
    return -1;
}

/* The number behind a key. */
static bool number_after(str s, str key, int64_t *ret)
{
    ptrdiff_t at = str_find(s, key);
    if (at < 0) return false;
    size_t from = (size_t)at + key.n, to;
    while (from < s.n && (s.p[from] == ' ' || s.p[from] == '\n'))
        from++;
    for (to = from; to < s.n && s.p[to] >= '0' && s.p[to] <= '9';)
        to++;
    return str_to_i64(str_sub(s, from, to - from), ret);
}

/* What stands between "N 0 obj\n<<" and its end. */
static bool object_of(const signing *x, int64_t n, str *ret)
{
    str head = str_fmt(x->a, "\n%lld 0 obj\n<<", (long long)n);
    ptrdiff_t at = find_last(x->pdf, head);
    if (at < 0) return false;
    str rest = str_sub(x->pdf, (size_t)at + head.n, x->pdf.n);
    ptrdiff_t end = str_find(rest, S("\nendobj"));
    if (end < 0) return false;
    *ret = str_sub(rest, 0, (size_t)end);
    return true;
}

static bool read_file(signing *x)
{
    int64_t pages;
    str catalogue, tree;
    ptrdiff_t at = find_last(x->pdf, S("trailer\n"));
    if (at < 0) return false;
    str end = str_sub(x->pdf, (size_t)at, x->pdf.n);
    return number_after(end, S("/Size"), &x->size) && number_after(end, S("/Root"), &x->root) &&
           number_after(end, S("/Info"), &x->info) && number_after(end, S("startxref"), &x->xref) &&
           object_of(x, x->root, &catalogue) && number_after(catalogue, S("/Pages"), &pages) &&
           object_of(x, pages, &tree) && number_after(tree, S("/Kids ["), &x->page);
}

/* ---- writing ---- */

/* A text string in UTF-16 (ISO 32000-1, 7.9.2.2), as hexadecimal digits. */
static void put_text(buf *b, str s)
{
    buf_put(b, S("<FEFF"));
    for (size_t i = 0; i < s.n;) {
        const unsigned char *u = (const unsigned char *)s.p + i;
        size_t n = utf8_len(s.p + i, s.n - i);
        uint32_t c =
                n == 2   ? (u[0] & 31u) << 6 | (u[1] & 63u)
                : n == 3 ? (u[0] & 15u) << 12 | (u[1] & 63u) << 6 | (u[2] & 63u)
                : n == 4 ? (u[0] & 7u) << 18 | (u[1] & 63u) << 12 | (u[2] & 63u) << 6 | (u[3] & 63u)
                         : u[0];
        if (c >= 0x10000)
            buf_fmt(b, "%04X%04X", 0xd800 + ((c - 0x10000) >> 10),
                    0xdc00 + ((c - 0x10000) & 0x3ff));
        else
            buf_fmt(b, "%04X", c);
        i += n ? n : 1;
    }
    buf_byte(b, '>');
}

static void put_time(buf *b, instant t)
{
    str s = instant_text(b->a, (instant){ t.us / US_PER_S * US_PER_S }); /* 2026-11-24T11:24:25Z */
    buf_put(b, S("(D:"));
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= '0' && s.p[i] <= '9') buf_byte(b, s.p[i]);
    buf_put(b, S("Z)"));
}

enum { CATALOGUE, PAGE, VALUE, FIELD };

static void begin(signing *x, int which, int64_t number)
{
    x->at[which] = (int64_t)x->out.n;
    x->number[which] = number;
    buf_fmt(&x->out, "%lld 0 obj\n<<", (long long)number);
}

static void end(signing *x)
{
    buf_put(&x->out, S("\n>>\nendobj\n"));
}

/* The copy of an object, with one more entry at its beginning. Its own ">>" closes it. */
static bool put_again(signing *x, int which, int64_t number, str entry)
{
    str body;
    if (!object_of(x, number, &body)) return false;
    begin(x, which, number);
    buf_put(&x->out, entry);
    buf_put(&x->out, body);
    buf_put(&x->out, S("\nendobj\n"));
    return true;
}

#define RANGE_ROOM "[0 0000000000 0000000000 0000000000]"

/* *range, *room: where the file's parts and the signature will be written. */
static void put_value(signing *x, const pdf_signing *s, size_t *range, size_t *room)
{
    begin(x, VALUE, x->size);
    buf_put(&x->out,
            S(" /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached\n/Name "));
    put_text(&x->out, s->name);
    buf_put(&x->out, S("\n/Reason "));
    put_text(&x->out, s->reason);
    buf_put(&x->out, S("\n/M "));
    put_time(&x->out, s->at);
    buf_put(&x->out, S("\n/ByteRange "));
    *range = x->out.n;
    buf_put(&x->out, S(RANGE_ROOM "\n/Contents <"));
    *room = x->out.n;
    memset(buf_room(&x->out, 2 * PDF_SIGN_ROOM), '0', 2 * PDF_SIGN_ROOM);
    x->out.n += 2 * PDF_SIGN_ROOM;
    buf_byte(&x->out, '>');
    end(x);
}

/* A widget of no size on the first page: locked, printed, not shown. */
static void put_field(signing *x)
{
    begin(x, FIELD, x->size + 1);
    buf_fmt(&x->out,
            " /Type /Annot /Subtype /Widget /FT /Sig /T (Signature) /Rect [0 0 0 0] /F 132\n"
            "/P %lld 0 R /V %lld 0 R",
            (long long)x->page, (long long)x->size);
    end(x);
}

static void put_trailer(signing *x)
{
    size_t from = x->out.n;
    buf_put(&x->out, S("xref\n"));
    for (size_t i = 0; i < ARRAY_LEN(x->at); i++)
        buf_fmt(&x->out, "%lld 1\n%010lld 00000 n \n", (long long)x->number[i],
                (long long)x->at[i]);
    buf_fmt(&x->out,
            "trailer\n<< /Size %lld\n   /Root %lld 0 R\n   /Info %lld 0 R\n   /Prev %lld\n>>\n"
            "startxref\n%zu\n%%%%EOF\n",
            (long long)x->size + 2, (long long)x->root, (long long)x->info, (long long)x->xref,
            from);
}

static void digest(pdf_unsigned *u, size_t range)
{
    crypto_hash_sha256_state h;
    char text[sizeof RANGE_ROOM + 24];
    const uint8_t *p = (const uint8_t *)u->pdf.p;
    size_t before = u->room - 1, after = u->room + 2 * PDF_SIGN_ROOM + 1;
    int n = snprintf(
            text, sizeof text, "[0 %010zu %010zu %010zu]", before, after, u->pdf.n - after);
    ASSERT(n == (int)sizeof RANGE_ROOM - 1);
    memcpy((char *)(uintptr_t)u->pdf.p + range, text, (size_t)n);
    crypto_hash_sha256_init(&h);
    crypto_hash_sha256_update(&h, p, before);
    crypto_hash_sha256_update(&h, p + after, u->pdf.n - after);
    crypto_hash_sha256_final(&h, u->digest);
}

err pdf_sign_prepare(arena *a, str pdf, const pdf_signing *s, pdf_unsigned *ret)
{
    signing x = { .a = a, .pdf = pdf, .out = buf_new(a, pdf.n + 2 * PDF_SIGN_ROOM + 4096) };
    size_t range;
    if (!read_file(&x)) return ERR(E_INVALID, "error.pdf.doc");
    buf_put(&x.out, pdf);
    str form = str_fmt(
            a, " /AcroForm << /Fields [ %lld 0 R ] /SigFlags 3 >>\n", (long long)x.size + 1);
    str annots = str_fmt(a, " /Annots [ %lld 0 R ]\n", (long long)x.size + 1);
    bool good = put_again(&x, CATALOGUE, x.root, form) && put_again(&x, PAGE, x.page, annots);
    if (!good) return ERR(E_INVALID, "error.pdf.doc");
    put_value(&x, s, &range, &ret->room);
    put_field(&x);
    put_trailer(&x);
    ret->pdf = buf_str(&x.out);
    digest(ret, range);
    return OK;
}

void pdf_sign_fill(pdf_unsigned *u, str cms)
{
    char *to = (char *)(uintptr_t)u->pdf.p + u->room;
    ASSERT(cms.n && cms.n <= PDF_SIGN_ROOM);
    for (size_t i = 0; i < cms.n; i++) {
        static const char digits[] = "0123456789abcdef";
        to[2 * i] = digits[(uint8_t)cms.p[i] >> 4];
        to[2 * i + 1] = digits[cms.p[i] & 15];
    }
}
