/* model.c - the access model, whole, to be held against its definition:
 *
 *   aud(o)   = {own(o)} + members(g(o))
 *   lab(o,u) = CLEAR: true | GREEN: org(u) is a community member
 *            | AMBER: org(u) in aud or client_of(org(u)) in aud | STRICT: org(u) in aud
 *            | RED: u in N or u = author
 *   see(u,o) = active(u) and now >= not_before(o) and (p = none or see(u,p))
 *              and (lab(o,u) or glass(u,o) or keeps(u,about(o)))
 *   glass    = grant(u,o), now < until, |approvers - {u}| >= 2
 *   may(u,op,o) = see(u,o) and org(u) = own(o) and role(u,own(o)) allows op
 *              (glass never gives write)
 *   for(u,x,op) = leave(x,u) now and x active and org(x) = org(u) and not away(u) and op among
 *                 those that deputies do: then role(x) allows op too. It never shows more to u.
 *   keeps(u,x) = delegate(x) = org(u), now < until, u an administrator: u sees x's entry, people
 *                 and keys (about(o) = x; all else is about nobody) and writes the latter two as
 *                 at home, but gives nobody a national role. Nothing is kept of a keeper.
 *
 * It stands here twice, side by side because two engines run it: as SQL (the block below, put into
 * every query over records by tools/gen/queries.py, which refuses a query without it; parents are
 * added there by nesting the same block) and as C (model_sees: streams and history). Tests hold the
 * two together over random states. An audience's label is its low three bits.
 *
 * see-sql
 * ( [owner] ({r}.owner = $v_org AND ({r}.audience & 7) IN (2, 3))
 *   OR [group] (({r}.audience & 7) IN (2, 3) AND EXISTS (SELECT 1 FROM audience x
 *              JOIN group_member m ON m.grp = x.grp
 *              WHERE x.row = {r}.audience AND m.org = $v_org))
 *   OR [group_client] (({r}.audience & 7) = 2 AND EXISTS (SELECT 1 FROM audience x
 *              JOIN group_member m ON m.grp = x.grp
 *              WHERE x.row = {r}.audience AND m.org = $v_provider))
 *   OR [named] (({r}.audience & 7) = 4 AND EXISTS (SELECT 1 FROM audience_person n
 *              WHERE n.audience = {r}.audience AND n.person = $v_person))
 *   OR [clear] ({r}.audience & 7) = 0
 *   OR [community] (({r}.audience & 7) = 1 AND $v_community IS TRUE)
 *   OR [owner_client] ({r}.owner = $v_provider AND ({r}.audience & 7) = 2)
 *   OR [author] ({r}.author = $v_person AND ({r}.audience & 7) = 4)
 *   OR [delegated] EXISTS (SELECT 1 FROM delegate x
 *              WHERE x.org = {r}.{about} AND x.keeper = $v_keeper AND x.until > $v_now)
 *   OR [glass] EXISTS (SELECT 1 FROM glass w
 *              WHERE w.kind = '{kind}' AND w.record = {r}.row AND w.person = $v_person
 *                AND w.until > $v_now AND w.approver_1 <> w.approver_2
 *                AND w.approver_1 <> w.person AND w.approver_2 <> w.person) )
 * AND {r}.not_before <= $v_now AND $v_active IS TRUE
 * see-sql end
 *
 * A query's own viewer brings what some branches come to as lists (sight_load.c), and asks those:
 * listed-sql
 * group group_client named: among($v_seen, {r}.audience)
 * glass: among($v_glass, {r}.row * 64 + {number})
 * delegated: among($v_kept, {r}.{about})
 * listed-sql end
 *
 * Each branch has its name, which is the reason that reach.h gives. Turned round
 * (tools/gen/reach.py puts an organisation's and a person's columns where a query has its viewer)
 * the same text says who sees one record. Whom a branch that asks for the person can let in:
 * people-sql
 * [author] SELECT {r}.author FROM {from}
 * [named] SELECT n.person FROM {from} JOIN audience_person n
 *   ON n.audience = {r}.audience
 * [delegated] SELECT p2.row FROM {from} JOIN delegate x ON x.org = {r}.{about}
 *   JOIN person p2 ON p2.org = x.keeper
 * [glass] SELECT w.person FROM {from} JOIN glass w
 *   ON w.kind = '{kind}' AND w.record = {r}.row
 * people-sql end
 */
#include "access/model.h"
#include "access/role_end.h"
#include "base/seeded.h"

/* Whose administration is delegated to; and what they never hand out or touch there. */
enum {
    DELEGATE_ROLES = ROLE_ORG_ADMIN,
    NATIONAL_ROLES = ROLE_COORDINATOR | ROLE_AUDITOR | ROLE_ADMIN
};

bool model_sees(const viewer *v, int64_t audience, int64_t owner, int64_t author)
{
    return sight_sees(&v->sight, audience, owner, author);
}

static bool has_role(const viewer *v, uint32_t roles)
{
    return (v->roles & roles) != 0;
}

/* Whoever is away stands in for nobody: there are no chains. who zero: anybody. */
static const viewer_leave *standing(const viewer *v, uint32_t roles, id128 who)
{
    const viewer_leave *found = NULL;
    for (uint8_t i = 0; i < v->n_leaves; i++) {
        const viewer_leave *l = &v->leaves[i];
        if (l->starts.us > v->sight.now.us || l->until.us <= v->sight.now.us) continue;
        if (l->person == v->person) return NULL;
        uint32_t has = roles_left(l->roles, l->role_until, v->sight.now);
        bool fits = (has & roles) && (id_is_zero(who) || id_eq(who, l->id));
        if (fits && !found) found = l;
    }
    return found;
}

const viewer_leave *permit_standing(const viewer *v, id128 who)
{
    return standing(v, UINT32_MAX, who);
}

static bool by_deputy(const viewer *v, bool deputy, uint32_t roles)
{
    return deputy && standing(v, roles, (id128){ { 0 } });
}

err permit_for(const viewer *v, permission p, id128 who, viewer *ret)
{
    const permission_rule *r = &permission_rules[p];
    *ret = *v;
    if (id_is_zero(who) && (v->system || has_role(v, r->roles))) return OK;
    const viewer_leave *l = r->deputy ? standing(v, r->roles, who) : NULL;
    if (!l) return ERR1(E_DENIED, "error.access.not_standing", str_of(r->name));
    ret->stands_for = l->person;
    ret->stands_for_id = l->id;
    return OK;
}

size_t permit_keeps(const viewer *v)
{
    bool over = sight_over(&v->sight, v->sight.now);
    bool keeper = has_role(v, DELEGATE_ROLES) || SEEDED(delegation_by_anybody);
    return keeper && !over ? v->sight.n_kept : 0;
}

bool permit_delegated(const viewer *v, int64_t org)
{
    if (v->system || !org || !has_role(v, DELEGATE_ROLES)) return false;
    for (size_t i = 0; i < permit_keeps(v); i++)
        if (v->sight.kept[i] == org) return true;
    return false;
}

int64_t model_keeper(const viewer *v)
{
    return permit_keeps(v) ? v->org : 0;
}

err permit_leave(const viewer *v, int64_t person, int64_t org, uint32_t roles)
{
    if (v->system || v->person == person) return OK;
    if (!has_role(v, ROLE_ORG_ADMIN | ROLE_COORDINATOR | ROLE_ADMIN))
        return ERR(E_DENIED, "error.access.leave");
    return permit_roles(v, org, roles);
}

err permit_use(const viewer *v, permission p)
{
    const permission_rule *r = &permission_rules[p];
    if (v->system || SEEDED(role_not_asked)) return OK;
    if (r->writes && !v->may_write)
        return ERR1(E_DENIED, "error.access.key_reads_only", str_of(r->name));
    if (r->national && !v->national)
        return ERR1(E_DENIED, "error.access.national_only", str_of(r->name));
    if (!has_role(v, r->roles) && !by_deputy(v, r->deputy, r->roles))
        return ERR1(E_DENIED, "error.access.role", str_of(r->name));
    bool own = p == PERMISSION_session_read || p == PERMISSION_session_write ||
               p == PERMISSION_session_end;
    if (v->enrol && !own) return ERR(E_DENIED, "error.access.passkey_first");
    if (v->scoped && !(v->scope >> p & 1))
        return ERR1(E_DENIED, "error.access.key_scope", str_of(r->name));
    return OK;
}

static_assert(PERMISSIONS <= 64, "a scope is bits");

err scope_parse(str text, uint64_t *ret)
{
    uint64_t bits = UINT64_C(1) << PERMISSION_session_read;
    str part;
    while (str_split(&text, ' ', &part)) {
        int p = 0;
        if (!part.n) continue;
        while (p < PERMISSIONS && !str_eq(part, str_of(permission_rules[p].name)))
            p++;
        if (p == PERMISSIONS) return ERR1(E_INVALID, "error.access.scope", part);
        bits |= UINT64_C(1) << p;
    }
    *ret = bits;
    return OK;
}

err permit_scope(const viewer *v, uint64_t scope)
{
    for (int p = 0; p < PERMISSIONS; p++)
        if (scope >> p & 1) TRY(permit_use(v, (permission)p));
    return OK;
}

err permit_step_up(const viewer *v, bool live, instant now, int64_t valid_us)
{
    if (v->system || str_eq(v->how, S("local"))) return OK;
    if (str_eq(v->how, S("key"))) return live ? ERR(E_DENIED, "error.access.step_up_key") : OK;
    if (v->strong.us && now.us - v->strong.us < valid_us) return OK;
    switch (v->proof) {
    case PROOF_PASSKEY:
        return ERR(E_DENIED, "error.access.step_up_passkey");
    case PROOF_TOTP:
        return ERR(E_DENIED, "error.access.step_up_totp");
    case PROOF_PASSWORD:
        return ERR(E_DENIED, "error.access.step_up_password");
    case PROOF_OIDC:
        return ERR(E_DENIED, "error.access.step_up_oidc");
    case PROOF_LINK:
        break;
    }
    return ERR(E_DENIED, "error.access.step_up_link");
}

err permit_second(const viewer *v, permission p, int64_t person, int64_t org, int64_t about_org)
{
    ASSERT(person > 0 && org > 0 && !v->system);
    TRY(permit_use(v, PERMISSION_act_decide));
    TRY(permit_use(v, p));
    if (v->person == person) return ERR(E_DENIED, "error.access.second_self");
    if (v->national || v->org == about_org) return OK;
    if (v->org != org || (about_org && about_org != org))
        return ERR(E_DENIED, "error.access.other_organisation");
    return OK;
}

bool permit_delegations_whole(const viewer *v)
{
    return v->national && has_role(v, NATIONAL_ROLES);
}

bool permit_recert(const viewer *v, int64_t org, bool told)
{
    uint32_t desk = ROLE_COORDINATOR | ROLE_ADMIN | (told ? ROLE_AUDITOR : 0);
    if (v->org == org && has_role(v, ROLE_ORG_ADMIN | ROLE_ADMIN)) return true;
    return permit_delegated(v, org) || (v->national && has_role(v, desk));
}

bool permit_channel(const viewer *v, int64_t org, bool told)
{
    if (v->org == org && has_role(v, ROLE_ORG_ADMIN)) return true;
    return v->national && has_role(v, ROLE_COORDINATOR | (told ? ROLE_AUDITOR : 0));
}

bool permit_glass_whole(const viewer *v)
{
    return v->national && has_role(v, ROLE_COORDINATOR | ROLE_AUDITOR);
}

err permit_glass_end(const viewer *v, const glass_grant *g)
{
    bool owner = g->owner == v->org && has_role(v, ROLE_ORG_ADMIN | ROLE_COORDINATOR);
    bool own = v->person == g->person || v->person == g->approver_1 || v->person == g->approver_2;
    return owner || own ? OK : ERR(E_DENIED, "error.access.glass_end");
}

bool permit_task(const viewer *v, int64_t org, uint32_t roles)
{
    return v->org == org && has_role(v, roles);
}

bool permit_view(const viewer *v, int64_t person, int64_t org, uint32_t roles)
{
    return v->person == person || (v->org == org && has_role(v, roles));
}

bool permit_jobs_whole(const viewer *v)
{
    return v->national && has_role(v, ROLE_ADMIN);
}

bool permit_job(const viewer *v, int64_t person)
{
    return (person && v->person == person) || permit_jobs_whole(v);
}

err permit_create(const viewer *v, record_kind kind, int64_t owner, int64_t about)
{
    const record_rule *r = &record_rules[kind];
    ASSERT(owner > 0);
    if (v->system) return OK;
    if (!v->may_write) return ERR(E_DENIED, "error.access.key_reads_only");
    if (owner == v->org && has_role(v, r->create)) return OK;
    if (v->national && has_role(v, r->create_for_others)) return OK;
    if (owner != v->org && has_role(v, r->delegate) && permit_delegated(v, about)) return OK;
    return ERR1(E_DENIED, "error.access.create", str_of(r->name));
}

err permit_create_part(const viewer *v, record_kind kind, int64_t owner, int64_t whole)
{
    const record_rule *r = &record_rules[kind];
    err e = permit_create(v, kind, owner, 0);
    if (err_code_of(e) != E_DENIED || !v->may_write) return e;
    return owner == whole && has_role(v, r->create_at_whole) ? OK : e;
}

err permit_verify(const viewer *v, int64_t owner, int64_t doer)
{
    TRY(permit_create(v, RECORD_action, owner, 0));
    return doer && v->person == doer ? ERR(E_DENIED, "error.action.own") : OK;
}

err permit_write(const viewer *v, record_kind kind, int64_t owner, int64_t about)
{
    const record_rule *r = &record_rules[kind];
    ASSERT(owner > 0);
    if (v->system) return OK;
    if (!v->may_write) return ERR(E_DENIED, "error.access.key_reads_only");
    if (has_role(v, r->delegate) && permit_delegated(v, about)) return OK;
    if (owner != v->org && !SEEDED(edit_by_view))
        return ERR1(E_DENIED, "error.access.not_owner", str_of(r->name));
    if (!has_role(v, r->write) && !by_deputy(v, r->deputy, r->write) && !SEEDED(edit_without_role))
        return ERR1(E_DENIED, "error.access.role", str_of(r->name));
    return OK;
}

err permit_widen(id128 origin, id128 here)
{
    return id_eq(origin, here) ? OK : ERR(E_DENIED, "error.access.not_originator");
}

err permit_roles(const viewer *v, int64_t org, uint32_t roles)
{
    if (v->system || SEEDED(roles_beyond_own)) return OK;
    if (roles & ~v->roles & ~ROLE_READER) return ERR(E_DENIED, "error.access.more_than_own");
    if (org == v->org || v->national) return OK;
    if (!permit_delegated(v, org)) return ERR(E_DENIED, "error.access.other_organisation");
    if (roles & NATIONAL_ROLES) return ERR(E_DENIED, "error.access.delegated_roles");
    return OK;
}

err permit_roles_until(const viewer *v, uint32_t roles, instant until)
{
    if (v->system) return OK;
    for (int b = 0; b < ROLES; b++) {
        instant own = v->role_until[b];
        if (!(roles >> b & 1) || !own.us) continue;
        if (!until.us || until.us > own.us) return ERR(E_DENIED, "error.access.longer_than_own");
    }
    return OK;
}
