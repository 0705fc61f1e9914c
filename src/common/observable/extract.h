/* extract.h - the observables that stand in a pasted text: a log, a mail, a list, with whatever
 * stands between them. What one is says observable_recognise alone; here words are cut out and
 * tried. Pure; any thread. */
#pragma once
#include "common/observable/observable.h"

enum {
    EXTRACT_BYTES_MAX = 65536, /* of a text */
    EXTRACT_MAX = 500,         /* different observables of a text */
    EXTRACT_MISSED_MAX = 100   /* lines shown that held none */
};

/* Why nothing was found in a line. */
typedef enum {
    MISSED_NOTHING, /* none of its words is an observable */
    MISSED_LONG,    /* it has a word of more than OBSERVABLE_TEXT_MAX bytes */
    MISSED_HASH,    /* a hash, by its digits, but none of the known lengths */
    MISSED_ADDRESS, /* an address, by its form, but not a valid one */
    MISSED_WHYS
} missed_why;

typedef struct {
    observable o;
    uint32_t line, times; /* where it stood first, from 1; how often it stands there */
} extract_found;
typedef struct {
    uint32_t line;
    str text; /* borrowed from the text */
    missed_why why;
} extract_missed;
typedef struct {
    extract_found *found; /* as they stand in the text, each once */
    extract_missed *missed;
    size_t n_found, n_missed;
    uint32_t lines, lines_missed; /* that are not empty; of those, without an observable */
} extracted;

/* Errors: E_TOO_LARGE error.lookup.text or error.lookup.many (argument 1: the limit). */
MUST_USE err observables_extract(arena *a, str text, extracted *ret);
str missed_why_name(missed_why w); /* "nothing", "long", "hash", "address" */
