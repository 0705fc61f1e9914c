/* nation.c - see nation.h. */
#include "support/nation.h"

#include "access/auth/auth.h"
#include "access/seal.h"
#include "access/site.h"
#include "base/texts.h"
#include "gen/records/person.h"
#include "ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void must(err e, const char *what)
{
    if (!failed(e)) return;
    fprintf(stderr, "%s: %s %.*s %.*s\n", what, e.f->key, STR_ARG(e.f->args[0]),
            STR_ARG(e.f->args[1]));
    abort();
}
#define MUST(expr) must((expr), #expr)

static void open_parts(nation *n)
{
    n->r.store = n->ts->s;
    MUST(ledger_open(n->ts->s, &n->r.ledger));
}

nation *nation_new(bool pg, realm_kind kind)
{
    static bool sealed;
    nation *n = calloc(1, sizeof *n);
    int64_t person;
    char key[300];
    const char *tmp = getenv("MINAR_TMP");
    ASSERT(n);
    snprintf(key, sizeof key, "%s/nation-%d.key", tmp ? tmp : "/tmp", (int)getpid());
    if (!sealed) MUST(seal_init(key));
    sealed = true;
    unlink(key);
    n->ts = test_store_new(pg);
    n->r.kind = kind;
    memcpy(n->r.name, kind == REALM_LIVE ? "live" : "demo", 5);
    clock_freeze(&n->r.clock, clock_now(&n->ts->clock));
    open_parts(n);
    MUST(site_found(&n->r,
            &(site_draft){ .key = S("cert"),
                    .name_en = S("National CERT"),
                    .name_ur = S("قومی سرٹ"),
                    .person_name = S("Amna Iqbal"),
                    .mail = S("amna@cert.example"),
                    .lang = S("en"),
                    .uid = -1 },
            &person));
    return n;
}

void nation_free(nation *n)
{
    store_close(n->ts->s);
    n->ts->s = NULL;
    ledger_close(n->r.ledger);
    test_store_free(n->ts);
    free(n);
}

void nation_reopen(nation *n)
{
    store_close(n->ts->s);
    n->ts->s = NULL;
    ledger_close(n->r.ledger);
    test_store_reopen(n->ts);
    open_parts(n);
}

void nation_pass(nation *n, int64_t seconds)
{
    instant t = { clock_now(&n->ts->clock).us + seconds * US_PER_S };
    clock_freeze(&n->ts->clock, t);
    clock_freeze(&n->r.clock, t);
}

/* ---- the registry ---- */

typedef struct {
    nation *n;
    const char *key, *lang, *mail, *role, *state;
    int64_t org, row;
} adding;

static err add_org(txn *t, void *ctx)
{
    adding *x = ctx;
    const organisation_handle *o;
    arena *a = txn_arena(t);
    viewer sys;
    organisation_draft d = { .key = str_of(x->key),
        .kind = S("ministry"),
        .sector = S("government"),
        .name = texts_make(a, str_fmt(a, "Ministry %s", x->key), str_fmt(a, "وزارت %s", x->key)),
        .name_fold = str_of(x->key),
        .lang = str_of(x->lang),
        .community = true,
        .state = S("active") };
    TRY(viewer_system(t, &sys));
    TRY(site_add_organisation(t, &x->n->r, &sys, &d, &o));
    x->row = o->row;
    return OK;
}

int64_t nation_org(nation *n, const char *key, const char *language)
{
    adding x = { .n = n, .key = key, .lang = language };
    MUST(store_write(n->ts->s, add_org, &x));
    return x.row;
}

static uint32_t roles_of(const char *contact_role)
{
    return strcmp(contact_role, "focal") ? ROLE_READER | ROLE_ANALYST
                                         : ROLE_READER | ROLE_ANALYST | ROLE_ORG_ADMIN;
}

static err add_person(txn *t, void *ctx)
{
    adding *x = ctx;
    const person_handle *p;
    uint8_t hash[SEAL_MAIL_HASH];
    viewer sys;
    person_draft d = { .owner = x->n->r.site_org,
        .org = x->org,
        .name = str_of(x->key),
        .mail = str_of(x->mail),
        .lang = str_of(x->lang),
        .contact_role = str_of(x->role),
        .state = str_of(x->state),
        .roles = roles_of(x->role) };
    const organisation_handle *o;
    seal_mail_hash(d.mail, hash);
    d.mail_hash = (str){ (const char *)hash, sizeof hash };
    TRY(viewer_system(t, &sys));
    TRY(organisation_read_row(t, &sys, x->org, &o));
    TRY(site_audience_strict(t, o->now.grp, &d.audience));
    TRY(person_insert(t, &sys, &d, LEDGER_person_created, &p));
    x->row = p->row;
    return OK;
}

int64_t nation_person(nation *n, int64_t org, const char *mail, const char *language,
        const char *contact_role, const char *state)
{
    adding x = { .n = n,
        .key = "Bilal Khan",
        .org = org,
        .mail = mail,
        .lang = language,
        .role = contact_role,
        .state = state };
    MUST(store_write(n->ts->s, add_person, &x));
    return x.row;
}

viewer nation_viewer(nation *n, txn *t, int64_t person)
{
    viewer v;
    MUST(viewer_of_person(t, &n->r, person, S("session"), &v));
    return v;
}

txn *nation_read(nation *n)
{
    txn *t;
    MUST(txn_read(n->ts->s, 0, &t));
    return t;
}

/* ---- findings ---- */

promote_item nation_item(
        int64_t org, const char *type, const char *identifier, int64_t severity, uint32_t at)
{
    static char ips[4096][16]; /* long enough for any batch */
    char *ip = ips[at % 4096];
    instant seen;
    ASSERT(instant_parse(S("2025-12-31T20:00:00Z"), &seen));
    snprintf(ip, 16, "10.%u.%u.%u", at >> 16 & 255, at >> 8 & 255, at & 255);
    promote_item i = { .owner = org,
        .feed = 1,
        .taxonomy = S("vulnerable"),
        .type = str_of(type),
        .identifier = str_of(identifier),
        .severity = severity,
        .ip = str_of(ip),
        .port = 3389,
        .asn = 64500,
        .first_seen = seen,
        .last_seen = seen,
        .count = 1,
        .why_kind = S("network"),
        .why_value = S("10.0.0.0/8"),
        .event = id_new() };
    memcpy(i.dedup, &org, 8);
    memcpy(i.dedup + 8, &at, 4);
    for (size_t k = 0; k < i.identifier.n; k++)
        i.dedup[12 + k % 4] ^= (uint8_t)(i.identifier.p[k] + (int)k);
    return i;
}

typedef struct {
    nation *n;
    const promote_item *items;
    size_t count;
} promoting;

static err promote_apply(txn *t, void *ctx)
{
    promoting *p = ctx;
    return finding_promote(t, &p->n->r, p->items, p->count);
}

void nation_promote(nation *n, const promote_item *items, size_t count)
{
    promoting p = { n, items, count };
    MUST(store_write(n->ts->s, promote_apply, &p));
}
