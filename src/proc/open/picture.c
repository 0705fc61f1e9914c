/* picture.c - a picture made plain: its pixels read, made small, written as a new PNG that holds
 * nothing else (no text, place, profile or second picture). PNG by libpng, JPEG by libjpeg-turbo,
 * WebP by libwebp; another type is no picture here. Owns nothing. One thread. */
#include "proc/open/open.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <png.h>
#include <webp/decode.h>

enum { INPUT_MAX = 64 << 20, SIDE_MAX = 20000, PIXELS_MAX = 40 << 20, RGBA = 4 };

typedef struct {
    uint8_t *rgba; /* malloc'd */
    int64_t w, h;
} pixels;

static bool bearable(int64_t w, int64_t h)
{
    return w > 0 && h > 0 && w <= SIDE_MAX && h <= SIDE_MAX && w * h <= PIXELS_MAX;
}

/* ---- reading ---- */

static bool read_png(const uint8_t *p, size_t n, pixels *to)
{
    png_image x = { .version = PNG_IMAGE_VERSION };
    if (!png_image_begin_read_from_memory(&x, p, n)) return false;
    if (!bearable(x.width, x.height)) {
        png_image_free(&x);
        return false;
    }
    x.format = PNG_FORMAT_RGBA;
    *to = (pixels){ malloc(PNG_IMAGE_SIZE(x)), x.width, x.height };
    ASSERT(to->rgba);
    return png_image_finish_read(&x, NULL, to->rgba, 0, NULL) != 0;
}

typedef struct {
    struct jpeg_error_mgr m; /* first: the library's */
    jmp_buf out;
} jpeg_fault;

static void jpeg_failed(j_common_ptr c)
{
    longjmp(((jpeg_fault *)c->err)->out, 1);
}

static void jpeg_silent(j_common_ptr c)
{
    (void)c;
}

/* A picture that is larger than needed is read at an eighth, a quarter or half of its size. */
static unsigned scale_of(int64_t w, int64_t h)
{
    unsigned d = 8;
    while (d > 1 && (w / d < OPEN_PICTURE_SIDE || h / d < OPEN_PICTURE_SIDE))
        d /= 2;
    return d;
}

static void jpeg_rows(struct jpeg_decompress_struct *j, uint8_t *row, pixels *to)
{
    while (j->output_scanline < j->output_height) {
        uint8_t *at = to->rgba + (size_t)j->output_scanline * (size_t)to->w * RGBA;
        (void)jpeg_read_scanlines(j, &row, 1);
        for (int64_t x = 0; x < to->w; x++, at += RGBA) {
            memcpy(at, row + x * 3, 3);
            at[3] = 255;
        }
    }
}

static bool read_jpeg(const uint8_t *p, size_t n, pixels *to)
{
    struct jpeg_decompress_struct j = { 0 };
    jpeg_fault broken;
    uint8_t *volatile row = NULL;
    j.err = jpeg_std_error(&broken.m);
    broken.m.error_exit = jpeg_failed;
    broken.m.output_message = jpeg_silent;
    if (setjmp(broken.out)) {
        jpeg_destroy_decompress(&j);
        free(row);
        return false;
    }
    jpeg_create_decompress(&j);
    jpeg_mem_src(&j, p, (unsigned long)n);
    (void)jpeg_read_header(&j, TRUE);
    if (!bearable(j.image_width, j.image_height)) jpeg_failed((j_common_ptr)&j);
    j.scale_num = 1;
    j.scale_denom = scale_of(j.image_width, j.image_height);
    j.out_color_space = JCS_RGB;
    (void)jpeg_start_decompress(&j);
    *to = (pixels){ malloc((size_t)j.output_width * j.output_height * RGBA), j.output_width,
        j.output_height };
    row = malloc((size_t)j.output_width * 3);
    ASSERT(to->rgba && row);
    jpeg_rows(&j, row, to);
    (void)jpeg_finish_decompress(&j);
    jpeg_destroy_decompress(&j);
    free(row);
    return true;
}

static bool read_webp(const uint8_t *p, size_t n, pixels *to)
{
    int w, h;
    if (!WebPGetInfo(p, n, &w, &h) || !bearable(w, h)) return false;
    *to = (pixels){ malloc((size_t)w * (size_t)h * RGBA), w, h };
    ASSERT(to->rgba);
    return WebPDecodeRGBAInto(p, n, to->rgba, (size_t)w * (size_t)h * RGBA, w * RGBA) != NULL;
}

static bool read_any(const uint8_t *p, size_t n, pixels *to)
{
    if (n > 8 && memcmp(p, "\x89PNG\r\n\x1a\n", 8) == 0) return read_png(p, n, to);
    if (n > 3 && memcmp(p, "\xff\xd8\xff", 3) == 0) return read_jpeg(p, n, to);
    if (n > 12 && memcmp(p, "RIFF", 4) == 0 && memcmp(p + 8, "WEBP", 4) == 0)
        return read_webp(p, n, to);
    return false;
}

/* ---- making it small: each new pixel is the mean of those it stands for ---- */

static void mean(const pixels *from, pixels *to, int64_t x, int64_t y)
{
    int64_t x0 = x * from->w / to->w, x1 = (x + 1) * from->w / to->w;
    int64_t y0 = y * from->h / to->h, y1 = (y + 1) * from->h / to->h;
    uint64_t sum[RGBA] = { 0 }, n = (uint64_t)((x1 - x0) * (y1 - y0));
    for (int64_t v = y0; v < y1; v++)
        for (int64_t u = x0; u < x1; u++)
            for (int c = 0; c < RGBA; c++)
                sum[c] += from->rgba[(v * from->w + u) * RGBA + c];
    for (int c = 0; c < RGBA; c++)
        to->rgba[(y * to->w + x) * RGBA + c] = (uint8_t)(sum[c] / n);
}

static void make_small(pixels *p)
{
    int64_t side = p->w > p->h ? p->w : p->h;
    if (side <= OPEN_PICTURE_SIDE) return;
    pixels to = { .w = p->w * OPEN_PICTURE_SIDE / side, .h = p->h * OPEN_PICTURE_SIDE / side };
    if (to.w < 1) to.w = 1;
    if (to.h < 1) to.h = 1;
    to.rgba = malloc((size_t)(to.w * to.h) * RGBA);
    ASSERT(to.rgba);
    for (int64_t y = 0; y < to.h; y++)
        for (int64_t x = 0; x < to.w; x++)
            mean(p, &to, x, y);
    free(p->rgba);
    *p = to;
}

static void write_png(const pixels *p, arena *a, open_picture *ret)
{
    png_alloc_size_t n = 0;
    png_image x = { .version = PNG_IMAGE_VERSION,
        .width = (png_uint_32)p->w,
        .height = (png_uint_32)p->h,
        .format = PNG_FORMAT_RGBA };
    if (!png_image_write_to_memory(&x, NULL, &n, 0, p->rgba, 0, NULL) || n > OPEN_PICTURE_BYTES)
        return;
    char *to = arena_alloc(a, n);
    if (!png_image_write_to_memory(&x, to, &n, 0, p->rgba, 0, NULL)) return;
    ret->png = (str){ to, n };
    ret->w = p->w;
    ret->h = p->h;
}

void open_picture_of(const open_input *in, arena *a, open_picture *ret)
{
    pixels p = { 0 };
    *ret = (open_picture){ 0 };
    if (in->bytes > INPUT_MAX || in->bytes <= 0) return;
    uint8_t *bytes = malloc((size_t)in->bytes);
    ASSERT(bytes);
    size_t n = 0, got;
    while ((got = open_get(in, (int64_t)n, bytes + n, (size_t)in->bytes - n)) > 0)
        n += got;
    if (read_any(bytes, n, &p)) {
        make_small(&p);
        write_png(&p, a, ret);
    }
    free(p.rgba);
    free(bytes);
}
