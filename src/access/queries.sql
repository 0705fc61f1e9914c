-- Audiences, groups, keys of people, and what verification reads. Owned by access/.

-- name: person_key_find one
-- system: keys of people are access's own
-- in: person i64
-- out: wrapped blob?, destroyed time?
SELECT k.wrapped, k.destroyed FROM person_key k WHERE k.person = $person;

-- name: person_key_add exec
-- system: keys of people are access's own
-- doc: Nothing happens when the person has one, destroyed or not.
-- in: person i64, wrapped blob
INSERT INTO person_key (person, wrapped) VALUES ($person, $wrapped) ON CONFLICT (person) DO NOTHING;

-- name: person_key_destroy exec
-- system: keys of people are access's own
-- in: person i64, now time
UPDATE person_key SET wrapped = NULL, destroyed = $now WHERE person = $person AND wrapped IS NOT NULL;

-- name: audience_find one
-- in: label i64, grp i64, named text
-- out: row i64
SELECT x.row FROM audience x WHERE x.label = $label AND x.grp = $grp AND x.named = $named;

-- name: audience_get one
-- in: row i64
-- out: label i64, grp i64, named text
SELECT x.label, x.grp, x.named FROM audience x WHERE x.row = $row;

-- name: audience_add exec
-- in: row i64, label i64, grp i64, named text
INSERT INTO audience (row, label, grp, named) VALUES ($row, $label, $grp, $named);

-- name: audience_person_add exec
-- in: audience i64, person i64
INSERT INTO audience_person (audience, person) VALUES ($audience, $person);

-- name: audiences_seen many
-- doc: Audiences that a viewer sees whoever owns the row; CLEAR and GREEN need no list.
-- in: org i64, provider i64, person i64
-- out: row i64
SELECT x.row FROM audience x JOIN group_member m ON m.grp = x.grp
WHERE (x.label IN (2, 3) AND m.org = $org) OR (x.label = 2 AND m.org = $provider)
UNION SELECT n.audience FROM audience_person n WHERE n.person = $person
ORDER BY 1;

-- name: glass_of many
-- system: what somebody sees by emergency is decided by sight_load.c, by the words of model.c
-- in: from i64, to i64, now time
-- out: kind text, record i64, person i64, until time, approver_1 i64, approver_2 i64
SELECT w.kind, w.record, w.person, w.until, w.approver_1, w.approver_2 FROM glass w
WHERE w.person BETWEEN $from AND $to AND w.until > $now;

-- name: group_member_add exec
-- in: grp i64, org i64
INSERT INTO group_member (grp, org) VALUES ($grp, $org) ON CONFLICT (grp, org) DO NOTHING;

-- name: group_member_remove exec
-- in: grp i64, org i64
DELETE FROM group_member WHERE grp = $grp AND org = $org;

-- name: group_members many
-- in: grp i64
-- out: org i64
SELECT m.org FROM group_member m WHERE m.grp = $grp ORDER BY m.org;

-- name: verify_entries many
-- doc: Ledger entries that speak of a version of a record; version 0 stands for a bulk act on it.
-- in: after i64, limit i64
-- out: row i64, number i64?, at time, kind text, subject id, version i64, body text
SELECT e.row, e.number, e.at, e.kind, e.subject, e.version, e.body FROM ledger_entry e
WHERE e.row > $after AND e.kind <> '' AND e.version > 0 ORDER BY e.row LIMIT $limit;

-- name: verify_gone many
-- doc: What the ledger says of things that went by a rule of retention.
-- in: after i64, limit i64
-- out: row i64, body text
SELECT e.row, e.body FROM ledger_entry e WHERE e.row > $after AND e.type = 'retention.began' ORDER BY e.row LIMIT $limit;

-- name: leave_of_viewer many
-- system: who stands in for whom is decided by model.c
-- doc: Own leaves, and those of active people of the same organisation that name this person, not over yet.
-- in: person i64, now time
-- out: person i64, id id, roles i64, starts time, until time
SELECT l.person, p.id, p.roles, l.starts, l.until
FROM leave l JOIN person p ON p.row = l.person JOIN person d ON d.row = $person
WHERE (l.person = $person OR (l.deputy = $person AND p.state = 'active' AND p.org = d.org))
  AND l.ended IS NULL AND l.until > $now ORDER BY l.starts, l.row LIMIT 16;

-- name: leave_at one
-- system: where mail goes is the registry's, not a viewer's
-- doc: The leave that a person is on, with who stands in: active, of the organisation still, and not away.
-- in: person i64, now time
-- out: until time, deputy i64?, lang text?
SELECT l.until, d.row AS deputy, d.lang
FROM leave l JOIN person p ON p.row = l.person
  LEFT JOIN person d ON d.row = l.deputy AND d.state = 'active' AND d.org = p.org
    AND NOT EXISTS (SELECT 1 FROM leave x WHERE x.person = l.deputy AND x.ended IS NULL
      AND x.starts <= $now AND x.until > $now)
WHERE l.person = $person AND l.ended IS NULL AND l.starts <= $now AND l.until > $now
ORDER BY l.row LIMIT 1;

-- name: acted_for_put exec
-- system: kept beside the act, in its transaction
-- in: kind text, record i64, deputy i64, person i64, at time
INSERT INTO acted_for (kind, record, deputy, person, at) VALUES ($kind, $record, $deputy, $person, $at)
ON CONFLICT (kind, record) DO UPDATE SET deputy = excluded.deputy, person = excluded.person, at = excluded.at;

-- name: acted_for_drop exec
-- system: kept beside the act, in its transaction
-- in: kind text, record i64
DELETE FROM acted_for WHERE kind = $kind AND record = $record;

-- name: acted_for_get one
-- system: whose name is shown is asked of the person
-- in: kind text, record i64
-- out: person i64
SELECT a.person FROM acted_for a WHERE a.kind = $kind AND a.record = $record;

-- name: role_end_of many
-- system: until when a right lasts is access's own
-- in: person i64
-- out: role i64, until time
SELECT r.role, r.until FROM role_end r WHERE r.person = $person ORDER BY r.role;

-- name: role_end_put exec
-- system: who may is decided by permit_roles_until
-- in: person i64, role i64, until time, granted time, author i64
INSERT INTO role_end (person, role, until, granted, author) VALUES ($person, $role, $until, $granted, $author)
ON CONFLICT (person, role) DO UPDATE SET until = excluded.until, granted = excluded.granted,
  author = excluded.author, warned = NULL;

-- name: role_end_drop exec
-- system: a role that is gone has no end
-- in: person i64, role i64
DELETE FROM role_end WHERE person = $person AND role = $role;

-- name: reach_counts many
-- system: how many an organisation's active people are, for whoever may know who sees a thing
-- in: site i64, site_roles i64, roles i64
-- out: org i64, people i64, others i64
SELECT p.org,
  CAST(sum(CASE WHEN (p.roles & CASE WHEN p.org = $site THEN $site_roles ELSE $roles END) <> 0 THEN 1 ELSE 0 END) AS BIGINT) AS people,
  CAST(sum(CASE WHEN (p.roles & CASE WHEN p.org = $site THEN $site_roles ELSE $roles END) = 0 THEN 1 ELSE 0 END) AS BIGINT) AS others
FROM person p WHERE p.state = 'active' GROUP BY p.org ORDER BY p.org;

-- name: reach_keys many
-- system: how many keys act for an organisation's people, for whoever may know who sees a thing
-- in: now time, site i64, site_roles i64, roles i64, reads str
-- out: org i64, person i64, keys i64
SELECT p.org, p.row AS person, count(*) AS keys
FROM api_key k JOIN person p ON p.row = k.person LEFT JOIN key_limit l ON l.key = k.row
WHERE k.revoked IS NULL AND k.expires > $now AND p.state = 'active'
  AND (p.roles & CASE WHEN p.org = $site THEN $site_roles ELSE $roles END) <> 0
  AND (l.scope IS NULL OR ' ' || l.scope || ' ' LIKE $reads)
GROUP BY p.org, p.row ORDER BY p.org, p.row;

-- name: reach_orgs_seen many
-- see: o organisation
-- doc: Which organisations the viewer may be told the names of, by name.
-- out: row i64
SELECT o.row FROM organisation o WHERE {see o} ORDER BY o.name_fold, o.row;

-- name: reach_org_name one
-- see: o organisation
-- in: row i64
-- out: id id, key str, name texts
SELECT o.id, o.key, o.name FROM organisation o WHERE o.row = $row AND {see o};

-- name: clients_of many
-- system: whom a change of a group reaches besides its members
-- in: org i64
-- out: row i64
SELECT o.row FROM organisation o WHERE o.provider = $org ORDER BY o.row;

-- name: delegate_kept many
-- system: who administers whom is decided by model.c
-- in: keeper i64, now time
-- out: org i64, until time
SELECT d.org, d.until FROM delegate d WHERE d.keeper = $keeper AND d.until > $now ORDER BY d.org;

-- name: delegate_at one
-- system: who administers an organisation is told to whoever sees that organisation
-- in: org i64, now time
-- out: keeper i64, since time, until time
SELECT d.keeper, d.since, d.until FROM delegate d WHERE d.org = $org AND d.until > $now;

-- name: search_index one
-- system: how far the index of words is; no viewer is involved
-- in: kind text
-- out: version i64, position i64, whole bool
SELECT x.version, x.position, x.whole FROM search_index x WHERE x.kind = $kind;

-- name: search_index_set exec
-- system: how far the index of words is; no viewer is involved
-- in: kind text, version i64, position i64, whole bool
INSERT INTO search_index (kind, version, position, whole) VALUES ($kind, $version, $position, $whole)
ON CONFLICT (kind) DO UPDATE SET version = excluded.version, position = excluded.position, whole = excluded.whole;
