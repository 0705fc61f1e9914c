/* notice_text.h - a notice's words, in one language at a time. Pure; WATCH only. */
#pragma once
#include "base/text.h"
#include "base/time.h"
#include "common/advice/advice.h"

enum { NOTICE_MACHINES = 20 };
typedef struct {
    str ip, fqdn;
    int64_t port;   /* -1: none */
    instant seen;
} notice_machine;

typedef struct {
    str number, kind;
    str org;        /* texts */
    const advice *advice;
    int64_t findings, severity;
    instant first, last, due;
    const zone *zone;
    notice_machine machines[NOTICE_MACHINES];
    size_t n_machines;
} notice_facts;

/* Both languages as texts. */
str notice_subject(arena *a, const notice_facts *f);
str notice_body(arena *a, const notice_facts *f);
