/* json_in.h - the C door to simdjson's first stage: where a document's tokens begin.
 * Included by json.c only. Any thread: each thread has a scanner of its own. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    JSON_SCAN_OK,
    JSON_SCAN_EMPTY,    /* nothing but white space */
    JSON_SCAN_UTF8,     /* not UTF-8 */
    JSON_SCAN_CONTROL,  /* a control character inside a string */
    JSON_SCAN_UNCLOSED, /* a string without its closing quote */
    JSON_SCAN_MEMORY,   /* larger than 4 GB, or no memory for the index */
} json_scan_result;

/* Checks n bytes' UTF-8 and strings, and gives the offsets of all brackets, commas, colons, opening
 * quotes and first bytes of other words, in order. *at belongs to the thread's scanner and stays
 * until its next scan. */
json_scan_result json_scan(const char *bytes, size_t n, const uint32_t **at, size_t *count);

#ifdef __cplusplus
}
#endif
