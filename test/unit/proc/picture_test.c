/* picture_test.c - a picture comes back small, plain and whole: no word that stood in it, no second
 * picture; what is no picture, too large or broken gives none; what an opener hands back is looked
 * at. */
#include "proc/open/open.h"
#include "proc/sandbox_wire.h"
#include "unit.h"
#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>
#include <zlib.h>

static arena *m;
#define SECRET "31.5204N 74.3587E"

static uint8_t *paint(int w, int h, int samples)
{
    uint8_t *p = arena_alloc(m, (size_t)w * (size_t)h * (size_t)samples);
    for (int i = 0; i < w * h; i++)
        for (int c = 0; c < samples; c++)
            p[i * samples + c] = c == 3 ? 255 : (uint8_t)(i * (c + 3) / 7);
    return p;
}

static void to_buf(png_structp x, png_bytep p, size_t n)
{
    buf_put(png_get_io_ptr(x), (str){ (const char *)p, n });
}

static void flush(png_structp x)
{
    (void)x;
}

/* With words in it, as cameras and editors write them. */
static str a_png(int w, int h)
{
    buf b = buf_new(m, 1 << 16);
    uint8_t *p = paint(w, h, 3);
    png_text text = { .compression = PNG_TEXT_COMPRESSION_NONE,
        .key = (char[]){ "Location" },
        .text = (char[]){ SECRET } };
    png_structp x = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(x);
    png_set_write_fn(x, &b, to_buf, flush);
    png_set_IHDR(x, info, (png_uint_32)w, (png_uint_32)h, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
            PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_text(x, info, &text, 1);
    png_write_info(x, info);
    for (int y = 0; y < h; y++)
        png_write_row(x, p + (size_t)y * (size_t)w * 3);
    png_write_end(x, NULL);
    png_destroy_write_struct(&x, &info);
    return buf_str(&b);
}

static str a_jpeg(int w, int h)
{
    struct jpeg_compress_struct j;
    struct jpeg_error_mgr e;
    unsigned char *out = NULL;
    unsigned long n = 0;
    uint8_t *p = paint(w, h, 3);
    j.err = jpeg_std_error(&e);
    jpeg_create_compress(&j);
    jpeg_mem_dest(&j, &out, &n);
    j.image_width = (JDIMENSION)w;
    j.image_height = (JDIMENSION)h;
    j.input_components = 3;
    j.in_color_space = JCS_RGB;
    jpeg_set_defaults(&j);
    jpeg_start_compress(&j, TRUE);
    jpeg_write_marker(&j, JPEG_COM, (const JOCTET *)SECRET, sizeof SECRET);
    for (int y = 0; y < h; y++) {
        JSAMPROW row = p + (size_t)y * (size_t)w * 3;
        jpeg_write_scanlines(&j, &row, 1);
    }
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    str s = str_copy(m, (str){ (char *)out, n });
    free(out);
    return s;
}

static str a_webp(int w, int h)
{
    uint8_t *out = NULL;
    size_t n = WebPEncodeLosslessRGBA(paint(w, h, 4), w, h, w * 4, &out);
    str s = str_copy(m, (str){ (char *)out, n });
    WebPFree(out);
    return s;
}

static open_picture small(str s)
{
    open_input in = { .p = (const uint8_t *)s.p, .bytes = (int64_t)s.n };
    buf b = buf_new(m, 4096);
    open_picture p;
    sandbox_work(SANDBOX_PICTURE, &in, m, &b);
    assert_true(sandbox_get_picture(str_copy(m, buf_str(&b)), &p));
    return p;
}

static void all_three_come_back_small_and_plain(void **state)
{
    const str all[] = { a_png(1200, 600), a_jpeg(1200, 600), a_webp(1200, 600) };
    assert_true(str_find(all[0], S(SECRET)) > 0 && str_find(all[1], S(SECRET)) > 0);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        open_picture p = small(all[i]);
        assert_int_equal(p.w, OPEN_PICTURE_SIDE);
        assert_int_equal(p.h, OPEN_PICTURE_SIDE / 2);
        assert_true(str_find(p.png, S(SECRET)) < 0);
        assert_true(open_picture_plain(&p));
    }
}

static void a_small_one_keeps_its_size_and_its_colours(void **state)
{
    open_picture p = small(a_png(20, 10));
    png_image x = { .version = PNG_IMAGE_VERSION };
    uint8_t got[20 * 10 * 3];
    assert_int_equal(p.w, 20);
    assert_true(png_image_begin_read_from_memory(&x, p.png.p, p.png.n) != 0);
    x.format = PNG_FORMAT_RGB;
    assert_true(png_image_finish_read(&x, NULL, got, 0, NULL) != 0);
    assert_memory_equal(got, paint(20, 10, 3), sizeof got);
}

static void what_is_none_gives_none(void **state)
{
    assert_int_equal(small(S("no picture")).png.n, 0);
    assert_int_equal(small(S("")).png.n, 0);
    assert_int_equal(small(S("GIF89a\x01\x00\x01\x00")).png.n, 0);
    const str all[] = { a_png(60, 60), a_jpeg(60, 60), a_webp(60, 60) };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        for (size_t n = 0; n < all[i].n; n += 37)
            (void)small(str_sub(all[i], 0, n)); /* some of it, or none; never harm */
}

static void put_number(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* A few hundred bytes that say they are enormous. */
static void a_claim_is_not_believed(void **state)
{
    str s = a_png(60, 60);
    uint8_t *p = (uint8_t *)(uintptr_t)s.p;
    put_number(p + 16, 60000);
    put_number(p + 20, 60000);
    put_number(p + 29, (uint32_t)crc32(0, p + 12, 17));
    assert_int_equal(small(s).png.n, 0);
}

static void what_an_opener_hands_back_is_looked_at(void **state)
{
    open_picture p = small(a_png(60, 60)), bad = p;
    assert_true(open_picture_plain(&p));
    bad.w++;
    assert_false(open_picture_plain(&bad));
    bad = p;
    bad.png = a_png(60, 60); /* with words in it */
    assert_false(open_picture_plain(&bad));
    bad.png = str_cat(m, p.png, S("<script>"));
    assert_false(open_picture_plain(&bad));
    for (size_t n = 0; n < p.png.n; n++) {
        bad.png = str_sub(p.png, 0, n);
        assert_false(open_picture_plain(&bad));
    }
    for (size_t i = 0; i < p.png.n; i++) {
        char *q = arena_alloc(m, p.png.n);
        memcpy(q, p.png.p, p.png.n);
        q[i] ^= 1;
        bad.png = (str){ q, p.png.n };
        assert_false(open_picture_plain(&bad));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_three_come_back_small_and_plain),
        cmocka_unit_test(a_small_one_keeps_its_size_and_its_colours),
        cmocka_unit_test(what_is_none_gives_none),
        cmocka_unit_test(a_claim_is_not_believed),
        cmocka_unit_test(what_an_opener_hands_back_is_looked_at),
    };
    m = arena_new((size_t)1 << 30);
    int rc = cmocka_run_group_tests_name("picture", tests, NULL, NULL);
    arena_free(m);
    return rc;
}
