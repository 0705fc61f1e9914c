/* plain.c - is a PNG what open_picture_of writes? A browser will read it, so what an opener hands
 * back is looked at by its frame alone: the chunks that pixels need, in their order, whole and with
 * their sums, and nothing before, between or after them. Pure. */
#include "proc/open/open.h"

#include <zlib.h>

static uint32_t number(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

typedef struct {
    str rest;
    char type[5];
    const uint8_t *data;
    uint32_t n;
} chunks;

static bool next(chunks *c)
{
    const uint8_t *p = (const uint8_t *)c->rest.p;
    if (c->rest.n < 12) return false;
    c->n = number(p);
    if (c->n > c->rest.n - 12) return false;
    memcpy(c->type, p + 4, 4);
    c->data = p + 8;
    c->rest = str_sub(c->rest, 12 + (size_t)c->n, c->rest.n);
    return number(c->data + c->n) == crc32(0, p + 4, c->n + 4);
}

static bool is(const chunks *c, const char *type)
{
    return memcmp(c->type, type, 4) == 0;
}

/* 8 bits a sample, colours with or without a mask, no interlacing. */
static bool is_head(const chunks *c, const open_picture *p)
{
    const uint8_t *d = c->data;
    return is(c, "IHDR") && c->n == 13 && number(d) == (uint32_t)p->w &&
           number(d + 4) == (uint32_t)p->h && d[8] == 8 && (d[9] == 2 || d[9] == 6) && !d[10] &&
           !d[11] && !d[12];
}

/* Numbers that libpng writes beside the pixels: how bright, in which plain colour space. */
static bool is_colour(const chunks *c)
{
    return (is(c, "sRGB") && c->n == 1) || (is(c, "gAMA") && c->n == 4) ||
           (is(c, "cHRM") && c->n == 32);
}

bool open_picture_plain(const open_picture *p)
{
    static const char begin[] = "\x89PNG\r\n\x1a\n";
    chunks c = { .rest = p->png };
    int data = 0;
    if (!str_starts(c.rest, (str){ begin, 8 })) return false;
    c.rest = str_sub(c.rest, 8, c.rest.n);
    if (!next(&c) || !is_head(&c, p)) return false;
    while (next(&c)) {
        if (is(&c, "IEND")) return c.n == 0 && !c.rest.n && data > 0;
        if (is(&c, "IDAT"))
            data++;
        else if (data || !is_colour(&c))
            return false;
    }
    return false;
}
