/* matrix.c - the world of the access matrix: organisations, people with their credentials, and what
 * they are asked about (matrix_records.c makes the records). One thread. */
#include "support/matrix_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "access/auth/token.h"
#include "access/site.h"
#include "base/texts.h"
#include "gen/access/auth/queries.h"
#include "gen/records/api_key.h"
#include "gen/records/organisation.h"
#include "gen/records/person.h"

const char *const matrix_standings[] = { "cert", "member", "outside" };
const char *const matrix_states[] = { "active", "invited", "disabled" };
const char *const matrix_credentials[] = { "nobody", "session", "ended session", "read key",
    "write key", "expired key", "revoked key", "unknown token", "other realm", "local user" };
const char *const matrix_relations[] = { "own", "group", "provider", "provider in group", "named",
    "author", "delegated", "none" };
const char *const matrix_labels[] = { "CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED" };
const char *const matrix_times[] = { "plain", "early", "glass", "early glass", "self glass",
    "one glass", "old glass", "orphan" };

enum { UID = 70000 };
#define FAR_US (30 * US_PER_DAY)

const char *matrix_role(int role)
{
    return role < ROLES ? role_names[role] : role == ROLES ? "none" : "all";
}

uint32_t matrix_role_bits(int role)
{
    return role < ROLES ? 1u << role : role == ROLES ? 0 : (1u << ROLES) - 1;
}

void matrix_must(err e, const char *what)
{
    if (!failed(e)) return;
    fprintf(stderr, "%s: %s %.*s\n", what, e.f->key, STR_ARG(e.f->args[0]));
    abort();
}

int64_t matrix_org(const matrix_world *m, int standing)
{
    return m->org[standing];
}

int64_t matrix_elsewhere(const matrix_world *m)
{
    return m->elsewhere;
}

int64_t matrix_kept(const matrix_world *m, int64_t keeper)
{
    for (int s = 0; s < STANDINGS; s++)
        if (m->org[s] == keeper) return m->kept[s];
    return m->elsewhere;
}

/* ---- organisations and groups ---- */

static err add_org(
        txn *t, matrix_world *m, const char *key, bool community, int64_t provider, int64_t *ret)
{
    viewer v;
    const organisation_handle *o;
    str name = str_of(key);
    TRY(viewer_system(t, &v));
    organisation_draft d = { .key = name,
        .name = texts_make(txn_arena(t), name, (str){ 0 }),
        .name_fold = name,
        .kind = S("ministry"),
        .sector = S("government"),
        .lang = S("en"),
        .community = community,
        .provider = provider,
        .has_provider = provider != 0,
        .state = S("active") };
    TRY(site_add_organisation(t, m->w.r, &v, &d, &o));
    *ret = o->row;
    return OK;
}

/* The site's own organisation was founded without a provider. */
static err give_cert_provider(txn *t, matrix_world *m)
{
    viewer v;
    const organisation_handle *o;
    TRY(viewer_system(t, &v));
    TRY(organisation_hold_row(t, &v, m->org[0], &o));
    organisation_draft d = o->now;
    d.provider = m->provider[0];
    d.has_provider = true;
    return organisation_save(t, &v, o, &d, LEDGER_organisation_changed);
}

static err add_group(txn *t, int64_t org, int64_t *ret)
{
    viewer v;
    const sharing_group_handle *g;
    sharing_group_draft d = { .owner = 1, .audience = 8, .name = S("{}"), .kind = S("case") };
    TRY(viewer_system(t, &v));
    TRY(group_create(t, &v, &d, &org, 1, &g));
    *ret = g->row;
    return OK;
}

static err add_orgs(txn *t, void *ctx)
{
    static const char *const providers[] = { "PC", "PM", "PO" }, *const kept[] = { "KC", "KM",
        "KO" };
    matrix_world *m = ctx;
    for (int s = 0; s < STANDINGS; s++)
        TRY(add_org(t, m, providers[s], true, 0, &m->provider[s]));
    TRY(site_org_row(t, &m->org[0]));
    TRY(give_cert_provider(t, m));
    TRY(add_org(t, m, "MEMBER", true, m->provider[1], &m->org[1]));
    TRY(add_org(t, m, "OUTSIDE", false, m->provider[2], &m->org[2]));
    TRY(add_org(t, m, "ELSEWHERE", true, 0, &m->elsewhere));
    for (int s = 0; s < STANDINGS; s++) {
        TRY(add_group(t, m->org[s], &m->group[s]));
        TRY(add_group(t, m->provider[s], &m->provider_group[s]));
        TRY(add_org(t, m, kept[s], true, 0, &m->kept[s]));
        TRY(matrix_delegate(t, m->kept[s], m->org[s]));
    }
    return OK;
}

/* ---- people and their credentials ---- */

static err add_person(txn *t, int64_t org, uint32_t roles, const char *state, int64_t *ret)
{
    viewer v;
    const person_handle *p;
    uint8_t hash[32] = { 0 };
    static int64_t n;
    memcpy(hash, &(int64_t){ ++n }, sizeof n);
    TRY(viewer_system(t, &v));
    person_draft d = { .owner = 1,
        .audience = LABEL_STRICT,
        .name = S("Somebody"),
        .mail = S("somebody@example.org"),
        .mail_hash = { (const char *)hash, sizeof hash },
        .lang = S("en"),
        .org = org,
        .roles = roles,
        .contact_role = S("none"),
        .state = str_of(state) };
    TRY(person_insert(t, &v, &d, LEDGER_person_created, &p));
    *ret = p->row;
    return OK;
}

static err add_key(txn *t, matrix_world *m, int64_t person, const char *access, int64_t valid_us,
        bool revoked, str *ret)
{
    viewer v;
    const api_key_handle *h;
    uint8_t hash[TOKEN_HASH];
    instant now = clock_now(&clock_system);
    *ret = token_new(m->a, m->w.r->name, hash);
    TRY(viewer_system(t, &v));
    api_key_draft d = { .owner = 1,
        .audience = LABEL_STRICT,
        .name = S("key"),
        .person = person,
        .secret_hash = { (const char *)hash, sizeof hash },
        .access = str_of(access),
        .expires = { now.us + valid_us } };
    if (revoked) d.revoked = now;
    return api_key_insert(t, &v, &d, LEDGER_api_key_created, &h);
}

static err add_session(txn *t, matrix_world *m, int64_t person, int64_t valid_us, str *ret)
{
    uint8_t hash[TOKEN_HASH];
    instant now = clock_now(&clock_system);
    str token = token_new(m->a, m->w.r->name, hash);
    *ret = str_fmt(m->a, "__Host-minar=%.*s", STR_ARG(token));
    return session_add(t,
            &(session_add_args){ .token_hash = { (const char *)hash, sizeof hash },
                    .person = person,
                    .created = now,
                    .used = now,
                    .expires = { now.us + valid_us },
                    .how = S("password") },
            NULL);
}

static err add_credentials(txn *t, matrix_world *m, matrix_person *p)
{
    uint8_t hash[TOKEN_HASH];
    TRY(add_session(t, m, p->row, FAR_US, &p->session));
    TRY(add_session(t, m, p->row, -1, &p->ended));
    TRY(add_key(t, m, p->row, "read", FAR_US, false, &p->read));
    TRY(add_key(t, m, p->row, "write", FAR_US, false, &p->write));
    TRY(add_key(t, m, p->row, "write", -1, false, &p->expired));
    TRY(add_key(t, m, p->row, "write", FAR_US, true, &p->revoked));
    p->unknown = token_new(m->a, m->w.r->name, hash);
    p->other_realm = str_fmt(m->a, "other%.*s",
            STR_ARG(str_sub(p->write, (size_t)str_find_byte(p->write, '.'), p->write.n)));
    return local_user_set(t, &(local_user_set_args){ .uid = UID + p->row, .person = p->row }, NULL);
}

static err add_people(txn *t, void *ctx)
{
    matrix_world *m = ctx;
    for (int s = 0; s < STANDINGS; s++)
        for (int r = 0; r < ROLE_SETS; r++)
            for (int x = 0; x < PERSON_STATES; x++) {
                matrix_person *p = &m->people[s][r][x];
                TRY(add_person(t, m->org[s], matrix_role_bits(r), matrix_states[x], &p->row));
                TRY(add_credentials(t, m, p));
            }
    TRY(add_person(t, m->elsewhere, 0, "active", &m->approver[0]));
    return add_person(t, m->elsewhere, 0, "active", &m->approver[1]);
}

err matrix_viewer(matrix_world *m, int standing, int role, int state, int credential, viewer *ret)
{
    const matrix_person *p = &m->people[standing][role][state];
    const str cookies[CREDENTIALS] = { [1] = p->session, [2] = p->ended };
    const str bearers[CREDENTIALS] = { [3] = p->read,
        [4] = p->write,
        [5] = p->expired,
        [6] = p->revoked,
        [7] = p->unknown,
        [8] = p->other_realm };
    auth_credentials c = { .cookie = cookies[credential],
        .bearer = bearers[credential],
        .local_uid = credential == 9 ? UID + p->row : -1 };
    realm *r;
    return auth_resolve(m->w.all, &c, &r, ret);
}

/* ---- the whole ---- */

matrix_world *matrix_open(const bool kinds[RECORD_KINDS])
{
    matrix_world *m = calloc(1, sizeof *m);
    ASSERT(m);
    m->a = arena_new((size_t)64 << 20);
    memcpy(m->kinds, kinds, sizeof m->kinds);
    world_folder(&m->w, "matrix");
    world_open(&m->w);
    matrix_must(store_write(m->w.r->store, add_orgs, m), "organisations");
    matrix_must(store_write(m->w.r->store, add_people, m), "people");
    matrix_records_make(m);
    return m;
}

void matrix_close(matrix_world *m)
{
    realms_close(m->w.all);
    world_remove(&m->w);
    arena_free(m->a);
    free(m);
}
