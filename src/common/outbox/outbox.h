/* outbox.h - the thread that lets messages leave: deliveries of notices when their hold is over,
 * and queued mail. It commits before it sends and records after: a crash between the two sends
 * again, with the same Message-ID. One a realm; in one that is not live the portal shows notices,
 * letters say that they are none, and what would leave is withheld. Owns nothing but what is in the
 * courier's hands. */
#pragma once
#include "access/realm.h"
#include "base/conf.h"
#include "common/outbox/paper_options.h"
#include "common/outbox/sms.h"
#include "net/dkim.h"
#include "net/mail_wrap.h"
#include "net/smtp.h"

struct courier;
struct txn;
struct zone;

/* All slices live as long as the outbox. */
typedef struct outbox_options {
    struct courier *courier; /* NULL: mail waits */
    str public_url;          /* without a slash at the end */
    str site_name_en, site_name_ur;
    const struct zone *zone;
    int64_t link_us;          /* how long a link to acknowledge works */
    str bounce_address;       /* of the envelope, with a tag (verp.h); empty: it is from */
    uint8_t bounce_key[32];   /* the caller's to fill */
    str from;                 /* address; empty: mail waits */
    str host, user, password; /* of the relay; host empty: mail waits */
    int32_t port;
    mail_security security;
    dkim_identity dkim;    /* selector empty: mail is not signed */
    mail_way sign;         /* by what mail is signed that is not encrypted */
    mail_cipher cipher;    /* of what is encrypted to a certificate */
    struct keys *keys;     /* signs; the caller's to fill; NULL: nobody does */
    bool hold_without_key; /* a notice to whom mail was encrypted waits when the key has ended */
    sms_options sms;
    int64_t channel_off_us; /* a channel that took nothing for so long is turned off */
    paper_options paper;    /* printer, keys and public_url are the caller's to fill */
    /* As courier_send, which is meant when it is NULL; tests hand in their own. */
    err (*send)(struct courier *c, const mail_job *job,
            void (*done)(void *, err, const mail_result *), void *ctx);
    /* As courier_fetch. */
    err (*post)(struct courier *c, const fetch_job *job, bool (*body)(void *, str),
            void (*done)(void *, err, const fetch_result *), void *ctx);
    /* Called when a notice's hold is over, before its first message leaves, in the same
     * transaction: its last chance to be put into words. NULL: nothing. */
    err (*ready)(struct txn *t, const realm *r, void *ctx, int64_t notice);
    void *ready_ctx;
} outbox_options;
/* Fills all but courier, public_url, keys, ready and those of paper from the configuration; reads
 * mail.password_file. smtps:// is TLS from the start; smtp:// with a user, or on port 587, demands
 * STARTTLS. Errors: E_CONFIG with the setting's name. */
MUST_USE err outbox_options_load(arena *a, const conf *c, outbox_options *ret);

/* Who signs mail: mail.dkim_selector and mail.dkim_domain, which is the sender's when it is not
 * said. Errors: E_CONFIG with the setting's name. */
MUST_USE err dkim_conf(const conf *c, dkim_identity *ret);

typedef struct outbox outbox;
/* o is copied. */
MUST_USE err outbox_start(realm *r, const outbox_options *o, outbox **ret);
/* Ends the thread. What is in the courier's hands is waited for: stop the courier first, which ends
 * it all; such mail goes again after the next start. Before the store is closed. */
void outbox_stop(outbox *x);
/* Waits until nothing is due or in hand; false when that took longer. For tests and commands. */
bool outbox_settle(outbox *x, int timeout_ms);
