/* transfer.h - what every outgoing transfer shares: whom it trusts, which addresses it may reach,
 * its limits, and its failures in our words. Owns no connection: curl does.
 * Included by net/smtp, net/fetch and the courier, whose single thread calls everything here. */
#pragma once
#include "base/base.h"

struct sockaddr;
struct ssl_ctx_st;

/* Who wrote the endpoint down: the configuration (may be internal, is never redirected, must be on
 * the courier's own list), or somebody else (must be public or on the administrator's list). */
typedef enum { ENDPOINT_NAMED, ENDPOINT_CONFIGURED } endpoint_class;

/* The certificates that peers must descend from, read once: no file is opened per connection. */
typedef struct trust trust;
/* Reads PEM files; extra may be NULL. Errors: E_CONFIG when a file is absent or has no certificate.
 */
MUST_USE err trust_load(const char *file, const char *extra, trust **ret);
void trust_free(trust *t);
void trust_install(const trust *t, struct ssl_ctx_st *ctx);

/* Asked with each address before a socket is opened to it; false: not there. */
typedef struct {
    bool (*allow)(void *ctx, const struct sockaddr *to);
    void *ctx;
} address_gate;

enum { HOST_MAX = 253, TRANSFER_ERROR_BYTES = 256, ADDRESS_TEXT_BYTES = 48 };

/* One transfer's common part. Zero it, set the first block, then transfer_open. */
typedef struct {
    const trust *trusted;
    address_gate gate;
    endpoint_class endpoint;
    bool encrypted;      /* TLS from the start, or by STARTTLS that is demanded */
    int64_t deadline_us; /* monotonic: the whole transfer, redirects included */

    void *curl;   /* CURL *, owned */
    str host;     /* for messages */
    bool refused; /* the gate said no to some address of this hop */
    char refused_address[ADDRESS_TEXT_BYTES];
    char error[TRANSFER_ERROR_BYTES];
} transfer;

/* Makes the curl handle with everything that must hold for each transfer: no proxy from the
 * environment, no .netrc, no redirect by itself, TLS 1.2 or newer with the peer verified, a gate on
 * each address, the deadline. Errors: E_FULL when curl has no memory. */
MUST_USE err transfer_open(transfer *t);
void transfer_close(transfer *t);
/* Sets what is left of the deadline, before each hop; E_TIMEOUT when nothing is. */
MUST_USE err transfer_arm(transfer *t);
/* A CURLcode as an error: E_DENIED (address), E_TIMEOUT, E_TOO_LARGE, E_PEER; OK for CURLE_OK. */
MUST_USE err transfer_fault(const transfer *t, int curl_code);

/* A host name or address literal in safe characters, not empty, HOST_MAX at most. */
bool host_is_sane(str host);
/* s cut to max bytes at a character's end, without control characters and broken UTF-8: what a peer
 * said, fit for a log and a page. */
str peer_text(arena *a, str s, size_t max);
