/* owner.h - whose is it? Organisations' claims to networks, AS numbers, domains and, last, a
 * country; the most specific claim that held at the event's time wins, and the answer says why.
 * Built once, then read by any thread. */
#pragma once
#include "engine/net/addr.h"
#include "flow/event.h"

/* A claim holds from from_us (0: always) until before to_us (0: still). org: place in the list of
 * organisations that the claims were given with. */
typedef struct {
    int64_t from_us, to_us;
    uint32_t org;
} owner_claim;
typedef struct {
    cidr net;
    owner_claim claim;
} owner_network;
typedef struct {
    uint32_t asn;
    owner_claim claim;
} owner_asn;
typedef struct {
    str domain;
    owner_claim claim;
} owner_domain; /* the name and all below it */
typedef struct {
    char cc[2];
    owner_claim claim;
} owner_country;
typedef struct {
    int64_t row;
    id128 id;
} owner_org;

typedef struct {
    const owner_org *org;
    size_t n_org;
    const owner_network *network;
    size_t n_network;
    const owner_asn *asn;
    size_t n_asn;
    const owner_domain *domain;
    size_t n_domain;
    const owner_country *country;
    size_t n_country;
} owner_input;

typedef struct {
    addr ip;      /* zero: none */
    uint32_t asn; /* 0: none */
    str name;     /* domain in normal form, or empty */
    str cc;       /* two letters, or empty */
    int64_t time_us;
} owner_question;
typedef struct {
    const owner_org *org; /* NULL: nobody's */
    uint8_t why;          /* owner_why, OWNER_CONFLICT added */
    str text;             /* what matched; in the arena of the question */
} owner_answer;

typedef struct owners owners;
/* Copies what it needs. Domains that are no names are left out and counted in *refused. */
owners *owners_build(const owner_input *in, size_t *refused);
void owners_free(owners *o);
size_t owners_bytes(const owners *o);
owner_answer owners_find(const owners *o, arena *a, const owner_question *q);
/* Sets owner, owner_why and owner_text of every row. */
void owners_batch(const owners *o, flow_batch *b);
