/* mark.h - one word of marks for 64 bytes: quote, separator, line end. Included by csv.c alone.
 * SSE2 belongs to every amd64; elsewhere the plain loop gives the same words. */
#pragma once
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static inline uint64_t mark_plain(const char *p, size_t n, char separator, bool *odd)
{
    uint64_t word = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t hit = p[i] == '"' || p[i] == separator || p[i] == '\n';
        word |= hit << i;
        if ((unsigned char)p[i] - 1u >= 0x7f) *odd = true;
    }
    return word;
}

#ifdef __SSE2__
static inline uint64_t mark_16(const char *p, char separator, int *odd)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i hit = _mm_or_si128(
            _mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8(separator)));
    hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, _mm_set1_epi8('\n')));
    *odd |= _mm_movemask_epi8(_mm_cmplt_epi8(v, _mm_set1_epi8(1))); /* NUL and bytes over 0x7f */
    return (uint16_t)_mm_movemask_epi8(hit);
}
#endif

/* Marks of the first min(n, 64) bytes; *odd is set when one of them is NUL or over 0x7f. */
static inline uint64_t mark_block(const char *p, size_t n, char separator, bool *odd)
{
#ifdef __SSE2__
    if (n >= 64) {
        int strange = 0;
        uint64_t word = mark_16(p, separator, &strange);
        word |= mark_16(p + 16, separator, &strange) << 16;
        word |= mark_16(p + 32, separator, &strange) << 32;
        word |= mark_16(p + 48, separator, &strange) << 48;
        if (strange) *odd = true;
        return word;
    }
#endif
    return mark_plain(p, n < 64 ? n : 64, separator, odd);
}
