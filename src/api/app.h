/* app.h - what a running program holds and every call may reach: configuration, realms, the
 * courier. Filled by main before the first request, constant after. Above main nobody adds to it:
 * parts that belong to one realm hang on the realm (access/realm.h, slots). */
#pragma once
#include "access/realm.h"
#include "base/conf.h"

struct courier; /* proc/courier.h; NULL when a command works alone */
struct sandbox; /* proc/sandbox.h; the same */
struct printer; /* proc/printer.h; the same */
struct keys;    /* proc/keys.h */
struct api;     /* api's own: pool, rate classes, keys */
struct http;    /* net/http.h; NULL when a command works alone */
struct signer;  /* ledger/sign.h; NULL without its key */
struct witness_peer;

/* Starting and stopping what works for one realm (pipeline, reactions, outbox): main's. */
typedef struct app app;
enum { DEMO_REGISTRY_DAYS = 95 }; /* how far back the clock of a demonstration starts */
struct app {
    const char *data_dir;
    const conf *conf;
    realms *realms;
    struct courier *courier;
    struct sandbox *sandbox;
    struct printer *printer;
    struct keys *keys;
    struct api *api;
    struct http *http;
    str public_url; /* "http://localhost:8420", without a slash at the end */
    int64_t invite_us, link_us, hold_us;
    struct signer *log_key, *witness_key;
    str log_origin, witness_name;                        /* how outsiders call us */
    const struct witness_peer *witnesses, *witness_logs; /* whom we ask; whose logs we cosign */
    size_t n_witnesses, n_witness_logs;
    str smime_authorities; /* mail.smime_ca: PEM, or empty */
    bool held;             /* restored from a backup and not let go yet: nothing leaves */
    err (*realm_start)(app *a, realm *r);
    void (*realm_stop)(app *a, realm *r);
    /* A demonstration filled by the running server: begun (by the key of its national desk), ended,
     * and how far it is in percent (-1: none is). NULL when a command works alone. */
    err (*demo_fill)(app *a, str key);
    void (*demo_end)(app *a);
    int (*demo_percent)(app *a);
};

static inline str app_public_url(const app *a)
{
    return a->public_url;
}
static inline int64_t app_invite_us(const app *a)
{
    return a->invite_us;
}
