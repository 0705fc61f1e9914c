/* notify.h - what a person is told: it stands in the person's list in the console, and goes by mail
 * at once, with others in one mail an hour or a day, or not at all, as the person chose for its
 * kind. In the person's quiet hours mail waits for their end; what is urgent waits for nothing, and
 * says so. Words are sealed under the person's key. Owns tables notification, notify_choice and
 * notify_hours. Writing functions within a transaction of the store's writer, so that a thing and
 * what is told of it are one commit; the turn's too, so that a mail goes out once, whenever the
 * program ends. */
#pragma once
#include "access/realm.h"
#include "base/time.h"
#include "common/outbox/mail.h"

typedef enum {
    NOTIFY_TASK,      /* something that the own organisation has to do */
    NOTIFY_NOTICE,    /* a notice to the own organisation */
    NOTIFY_SECOND,    /* an act that waits for a second person */
    NOTIFY_ACCOUNT,   /* own roles, standing in, who administers */
    NOTIFY_EMERGENCY, /* opened by emergency, shut out: always at once */
    NOTIFY_KINDS
} notify_kind;
typedef enum {
    NOTIFY_AT_ONCE,
    NOTIFY_HOURLY,
    NOTIFY_DAILY,
    NOTIFY_CONSOLE,
    NOTIFY_WAYS
} notify_way;
extern const char *const notify_kind_names[NOTIFY_KINDS];
extern const char *const notify_way_names[NOTIFY_WAYS];

enum { DAY_MIN = 24 * 60 };
/* Minutes of the day, in zone. quiet_from == quiet_until: no quiet hours; they may pass midnight.
 */
typedef struct {
    notify_way ways[NOTIFY_KINDS];
    int quiet_from, quiet_until, daily_at;
    str zone; /* IANA name; empty: UTC */
} notify_prefs;

/* ---- when (notify_when.c): pure ---- */
bool notify_is_quiet(const notify_prefs *p, const zone *z, instant now);
/* When mail of this kind goes: now itself, later, or never ({0}: it stands in the console alone).
 * *ret_passed, if not NULL: it would have waited, were it not urgent. */
instant notify_mail_at(const notify_prefs *p, const zone *z, notify_kind kind, bool urgent,
        instant now, bool *ret_passed);

/* ---- choices ---- */
/* What a person chose; where nothing was chosen, everything at once and at any hour. The zone is in
 * t's arena. */
MUST_USE err notify_prefs_read(struct txn *t, int64_t person, notify_prefs *ret);
/* Errors: E_INVALID, with the place, when the zone is none or a minute is outside of the day. */
MUST_USE err notify_prefs_write(struct txn *t, int64_t person, const notify_prefs *p);

/* ---- telling ---- */
typedef struct {
    notify_kind kind;
    bool urgent;
    mail_words words; /* in the person's language; url whole, for mail at once */
    str path;         /* where it leads: "/notices/ID", "/l/TOKEN" */
    bool by_delivery; /* where it is mailed at once, a delivery of its own does it */
    bool no_mail;     /* it stands in the list alone */
} notify_item;
/* r may be NULL for what goes by delivery. */
MUST_USE err notify_person(struct txn *t, const realm *r, int64_t person, const notify_item *item);
/* Where mail of a notice to this contact goes: now, later, or {0} for not by a mail of its own. */
MUST_USE err notify_contact_at(
        struct txn *t, int64_t person, bool urgent, instant at, instant *ret);

/* ---- the list ---- */
typedef struct {
    int64_t row;
    id128 id;
    notify_kind kind;
    bool urgent;
    instant created, read;   /* read {0}: not yet */
    instant mail_at, mailed; /* when it is to go by mail, when it went; {0}: not */
    str subject, text, path;
} notify_line;
/* A person's own, newest first, before a row (INT64_MAX: from the start); what cannot be opened any
 * more is left out. In t's arena. *ret_last: the last row that was looked at, 0 when it was the
 * end. */
MUST_USE err notify_list(struct txn *t, int64_t person, int64_t before, int64_t limit,
        notify_line **ret, size_t *ret_n, int64_t *ret_last);
enum { NOTIFY_COUNTED = 100, NOTIFY_KEPT = 500, DIGEST_LINES = 40 };
/* Unread ones, counted up to NOTIFY_COUNTED. */
MUST_USE err notify_unread(struct txn *t, int64_t person, int64_t *ret);
/* Marks one as read, or all up to a row. E_ABSENT: there is none of this id. */
MUST_USE err notify_read_one(struct txn *t, int64_t person, id128 id);
MUST_USE err notify_read_all(struct txn *t, int64_t person);

/* ---- what time does: one mail a person of all that is due ---- */
MUST_USE err notify_turn_wanted(struct txn *t, bool *ret);
/* public_url: without a slash at the end. */
MUST_USE err notify_turn(struct txn *t, const realm *r, str public_url);

/* A person is erased: the own list and choices go. Writing. */
MUST_USE err notify_forget(struct txn *t, int64_t person);
