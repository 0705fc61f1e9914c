/* pattern.h - many patterns at once over hostile text, in linear time (Hyperscan). match.c only. */
#pragma once
#include "base/base.h"

typedef struct patterns patterns;
typedef struct pattern_scratch pattern_scratch;
/* Compiles; ids are given to hit. NULL with OK when n is 0. */
MUST_USE err patterns_build(const str *text, const uint32_t *ids, size_t n, patterns **ret);
void patterns_free(patterns *p);
pattern_scratch *pattern_scratch_new(const patterns *p);
void pattern_scratch_free(pattern_scratch *s);
void patterns_scan(
        const patterns *p, pattern_scratch *s, str text, void (*hit)(void *, uint32_t), void *ctx);
