/* vuln.h - what is known of vulnerabilities by their CVE number: CISA's catalogue of those that are
 * exploited (KEV), and FIRST's scores (EPSS). Read once, sorted, never changed; shared by holds;
 * any thread. A question is a binary search. */
#pragma once
#include "base/base.h"

typedef struct vuln vuln;
typedef struct {
    bool exploited;     /* it is in the catalogue; the rest up to scored is of it */
    instant added, due; /* days, UTC; due: by when the catalogue asks its own to act */
    bool ransomware;    /* known to be used by ransomware */
    str vendor, product, name, action;
    bool scored;
    double epss, percentile; /* 0 to 1 */
    instant kev_of, epss_of; /* of when catalogue and scores are; zero: there are none */
} vuln_answer;

/* A row that cannot be taken, with its place; *ctx is the caller's. */
typedef void (*vuln_bad_fn)(void *ctx, err why);
typedef struct {
    str version;  /* as the publisher says it; in a */
    instant date; /* of the data */
    size_t rows, bad;
} vuln_facts;

/* Nothing known; one owner. */
vuln *vuln_new(void);
/* Adds the catalogue (JSON), the scores (CSV) of that text; each once, before it is shared. Every
 * bad row is told to bad (may be NULL), and one is enough that nothing is taken: E_INVALID
 * error.vuln.*. facts may be of use all the same. file names it in errors. */
MUST_USE err vuln_add_kev(vuln *v, str text, str file, vuln_bad_fn bad, void *ctx, vuln_facts *ret);
MUST_USE err vuln_add_epss(
        vuln *v, str text, str file, vuln_bad_fn bad, void *ctx, vuln_facts *ret);
void vuln_hold(vuln *v);    /* NULL is allowed */
void vuln_release(vuln *v); /* the last one frees it; NULL is allowed */
/* cve: "CVE-2025-48384". Strings live as long as v. v may be NULL: nothing is known. */
vuln_answer vuln_find(const vuln *v, str cve);
