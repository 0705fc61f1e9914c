/* notice_text.h - a notice's words, in both languages. Pure; WATCH only. */
#pragma once
#include "gen/records/notice.h"
#include "base/text.h"
#include "base/time.h"
#include "common/advice/advice.h"

enum { NOTICE_MACHINES = 20 };
typedef struct {
    str ip, fqdn;
    int64_t port; /* -1: none */
    instant seen;
} notice_machine;

/* What the findings say together. */
typedef struct {
    const advice *advice;
    instant first, last;
    notice_machine machines[NOTICE_MACHINES];
    size_t n_machines;
} notice_facts;

/* Fills subject and body of d, whose number, kind, severity, findings and due are there. org: its
 * name as texts. The words live in a. */
void notice_words(arena *a, const notice_facts *f, str org, const zone *z, notice_draft *d);
