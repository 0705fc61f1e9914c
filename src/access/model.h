/* model.h - the access model of the whole program, decided here and in model.c alone: who sees a
 * thing (as C for streams and history, as SQL for records), who may write one, what a role permits.
 * Pure; any thread. */
#pragma once
#include "access/viewer.h"
#include "gen/permissions.h"
#include "gen/record_kinds.h"

/* May v see a thing with this audience, owner and author? (Parents and glass are the SQL's.) */
bool model_sees(const viewer *v, int64_t audience, int64_t owner, int64_t author);

/* Does v administer this organisation in its stead now (access/delegate.h)? */
bool permit_delegated(const viewer *v, int64_t org);
/* How many organisations that are: the first so many of sight's kept, all or none. */
size_t permit_keeps(const viewer *v);
/* The organisation for which v administers others, as the see clause asks for it; 0: none. */
int64_t model_keeper(const viewer *v);
/* May v's role create a record of this kind owned by `owner`? about: the organisation that the
 * record is about (`about` of data/records), 0: none. Who administers that one for it owns nothing
 * of it. */
MUST_USE err permit_create(const viewer *v, record_kind kind, int64_t owner, int64_t about);
/* The same for a part of something that belongs to `whole` and that v sees. */
MUST_USE err permit_create_part(const viewer *v, record_kind kind, int64_t owner, int64_t whole);
/* May v say of something that an organisation did (owner) that it is done? Who may give it to do,
 * and is not the person who did it (0: nobody has said so). E_DENIED. */
MUST_USE err permit_verify(const viewer *v, int64_t owner, int64_t doer);
/* May v change a record it can see? E_DENIED says which rule. */
MUST_USE err permit_write(const viewer *v, record_kind kind, int64_t owner, int64_t about);
/* May what was made at `origin` be shown to more here? Only where it was made. E_DENIED. */
MUST_USE err permit_widen(id128 origin, id128 here);
/* May v use a route with this permission at all? */
MUST_USE err permit_use(const viewer *v, permission p);
/* The viewer as which v does this: for itself when its own role lets it and nobody is named, else
 * for somebody (who: the person's id; zero: anybody who fits) for whom it stands in now and whose
 * role lets. E_DENIED (error.access.not_standing). */
MUST_USE err permit_for(const viewer *v, permission p, id128 who, viewer *ret);
/* For whom v stands in now (who zero: the first); NULL: for nobody. */
const viewer_leave *permit_standing(const viewer *v, id128 who);
/* May v say that this person (of org, with these roles) is away, or end that? The person, or an
 * administrator who holds the person's rights. */
MUST_USE err permit_leave(const viewer *v, int64_t person, int64_t org, uint32_t roles);
/* "event.read finding.read" as bits; what everybody has who is signed in is always among them.
 * E_INVALID (error.access.scope) names what is no permission. */
MUST_USE err scope_parse(str text, uint64_t *ret);
/* Does v have every permission of the scope? What a key is limited to is a part of its maker's. */
MUST_USE err permit_scope(const viewer *v, uint64_t scope);
/* May v do a dangerous act now? A session must have shown its person's strongest proof within the
 * last valid_us before now (live clock); a user of this machine proved it to the machine; a key has
 * nothing to show, and does no such act in a live realm. E_DENIED (error.access.step_up_*, _key)
 * says what to show. */
MUST_USE err permit_step_up(const viewer *v, bool live, instant now, int64_t valid_us);
/* May v let an act happen that somebody else (person, of organisation org) asked for? Who decides
 * about acts (act.decide), has the same right, is somebody else, and stands in the same
 * organisation, in the national one, or in the one of the person that it is about (about_org; 0:
 * about nobody). Of what a delegate's administrator asks for, no colleague decides: the way back in
 * that the act may give would open the other organisation's content. */
MUST_USE err permit_second(
        const viewer *v, permission p, int64_t person, int64_t org, int64_t about_org);
/* Does v hear of every delegation? The national administrator, coordinator and auditor. */
bool permit_delegations_whole(const viewer *v);
/* May v confirm who may act for this organisation, and be told? Its administrators and whoever
 * administers it; the national desk for any (told: its auditor too). */
bool permit_recert(const viewer *v, int64_t org, bool told);
/* An emergency's grant: whose thing, to whom, by which two. owner 0: there is no such thing. */
typedef struct {
    int64_t owner, person, approver_1, approver_2;
} glass_grant;
/* The channels of an organisation (webhook, rooms, text messages): its own administrators' and the
 * national desk's; who administers its people in its stead does not say where its notices go.
 * told: only to know of them, as an auditor may. */
bool permit_channel(const viewer *v, int64_t org, bool told);
/* Does v hear of every grant of this realm? The national coordinator and auditor. */
bool permit_glass_whole(const viewer *v);
/* May v close it before its time? The owner, who asked, and either of the two. */
MUST_USE err permit_glass_end(const viewer *v, const glass_grant *g);
/* Is v told what an organisation's people with one of these roles must know of, and may v say that
 * they know? */
bool permit_task(const viewer *v, int64_t org, uint32_t roles);
/* Does a saved view stand in v's menu? It is v's own, or is shared with the people of v's
 * organisation who have one of these roles; roles 0: it is shared with nobody. */
bool permit_view(const viewer *v, int64_t person, int64_t org, uint32_t roles);
/* Does v hear of a long work that this person asked for (0: the machine), and may v stop it? One's
 * own, and everybody's for the national administrator, who keeps the machine. */
bool permit_job(const viewer *v, int64_t person);
/* Everybody's at once? */
bool permit_jobs_whole(const viewer *v);
/* Rights that v may hand to another person of organisation org: a subset of v's own (I9); where v
 * administers it by delegation no national ones. */
MUST_USE err permit_roles(const viewer *v, int64_t org, uint32_t roles);
/* And until when ({0}: without an end): not longer than v has them itself. */
MUST_USE err permit_roles_until(const viewer *v, uint32_t roles, instant until);
