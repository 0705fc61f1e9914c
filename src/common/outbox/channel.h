/* channel.h - where an organisation's machines and rooms hear of its notices: a webhook, a room of
 * Mattermost or Matrix, or its people's telephones; at most one of a kind. Owns table channel.
 * Addresses and secrets are sealed under a key of the row's own. Writer thread, within apply; what
 * only reads on any. Who may is the caller's to ask (permit_channel). Decision 43. */
#pragma once
#include "base/base.h"
#include "gen/common/outbox/queries.h"

struct txn;
struct conf;

/* What is never shown again. */
typedef struct {
    str url;
    str secret, before; /* webhook: "whsec_...", and the one before it; or empty */
    str room, token;    /* matrix */
} channel_secrets;

/* To a machine or a room: these leave even when somebody has acknowledged. */
bool channel_is_machine(str channel);
/* By HTTP: those, and text messages. */
bool channel_is_post(str channel);
/* The organisation's channel of a kind, on or off. E_ABSENT. */
MUST_USE err channel_of(struct txn *t, arena *a, int64_t org, str kind, channel_find_row **ret);
/* E_ABSENT. */
MUST_USE err channel_by_id(struct txn *t, arena *a, id128 id, channel_find_row **ret);
MUST_USE err channel_open(arena *a, const channel_find_row *c, channel_secrets *ret);

/* Is it an address to which this kind may be sent? http: plain http may be. E_INVALID with the
 * field. *ret_shown: what may be said of it. */
MUST_USE err channel_check(arena *a, str kind, const channel_secrets *s, bool http, str *ret_shown);
/* "whsec_" and 32 random bytes. */
str channel_secret_new(arena *a);
enum { CHANNEL_BOTH_S = 86400 }; /* for how long an earlier secret signs as well */
/* Sets it up, or gives it another address; it is on from then on. */
MUST_USE err channel_put(struct txn *t, int64_t org, str kind, str shown, const channel_secrets *s,
        int64_t author, id128 *ret_id, int64_t *ret_version);
/* A fresh secret; the one that was signs for a day more. */
MUST_USE err channel_renew(struct txn *t, const channel_find_row *c, str *ret_secret);

/* ---- how it fares ---- */
typedef struct {
    bool good, gone;
    str words;
    instant next_at; /* not before; zero: at any time */
    int64_t off_after_us;
} channel_answer;
/* Writes it down; one that is gone, or took nothing for off_after_us, is turned off, in the ledger,
 * and its people are told (desk/office/channel_turn). */
MUST_USE err channel_fared(struct txn *t, int64_t row, const channel_answer *x);
