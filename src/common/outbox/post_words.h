/* post_words.h - what a machine, a room or a telephone is told of a notice. A machine gets a
 * CloudEvents 1.0 object (structured mode, JSON): details for CLEAR and GREEN as in a mail, else a
 * pointer; rooms and telephones never get more than a pointer. Pure but for post_facts_read. */
#pragma once
#include "base/text.h"
#include "base/time.h"

struct txn;
struct viewer;

typedef struct {
    id128 message;    /* the delivery's; of a test: its own */
    id128 notice;     /* zero: a test */
    str number, kind; /* kind: the findings' classification */
    str org_key, org; /* org, subject, text: by language */
    str subject, text;
    const char *class_key; /* text key: what may be said of it to everybody */
    int label;             /* LABEL_CLEAR ... */
    int64_t severity, findings;
    instant at, due;
    str base;    /* the site's address, without a slash at the end */
    str site[2]; /* its name by lang */
} post_facts;

/* The facts of a notice, for one of its deliveries. base and site are the caller's to fill. */
MUST_USE err post_facts_read(struct txn *t, const struct viewer *sys, arena *a, int64_t notice,
        id128 delivery, post_facts *ret);
/* A notice that is none, for a preview. */
post_facts post_facts_shown(arena *a, str org_key, str org, int label, instant now);
/* The same without a notice: that a test arrives. */
post_facts post_facts_test(str org_key, str org, id128 message, instant now);

/* CloudEvents. */
str post_event(arena *a, const post_facts *f);
/* A pointer, one or two lines. */
str post_line(arena *a, lang l, const post_facts *f);
/* {"text":...} of Mattermost's incoming webhook; {"msgtype":"m.text","body":...} of Matrix. */
str post_mattermost(arena *a, lang l, const post_facts *f);
str post_matrix(arena *a, lang l, const post_facts *f);

/* ---- Standard Webhooks 1.0 ---- */
/* "v1,..." by one secret, or by two, parted by a space; before may be empty. E_INVALID: a secret
 * that is none. */
MUST_USE err post_sign(
        arena *a, str secret, str before, str id, int64_t timestamp, str body, str *ret);
