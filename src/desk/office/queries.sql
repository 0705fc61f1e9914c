-- name: organisation_page many
-- see: o organisation
-- in: after_name str, after_row i64, q str?, sector str?, limit i64
-- out: _row i64, id id, key str, name texts, _name_fold str, kind str, sector str, province str?, lang str, community bool, by_letter bool, state str, created time, modified time, version i64
SELECT o.row AS _row, o.id, o.key, o.name, o.name_fold AS _name_fold, o.kind, o.sector, o.province, o.lang, o.community, o.by_letter, o.state,
  o.created, o.modified, o.version
FROM organisation o
WHERE {see o} AND (o.name_fold, o.row) > ($after_name, $after_row)
  {? q: AND o.name_fold LIKE $q}
  {? sector: AND o.sector = $sector}
ORDER BY o.name_fold, o.row LIMIT $limit;

-- name: organisation_by_key one
-- see: o organisation
-- in: key str
-- out: row i64, id id
SELECT o.row, o.id FROM organisation o WHERE {see o} AND o.key = $key;

-- name: organisation_one one
-- see: o organisation
-- in: id id
-- out: _row i64, id id, key str, name texts, kind str, sector str, province str?, lang str, community bool, by_letter bool, state str, created time, modified time, version i64
SELECT o.row AS _row, o.id, o.key, o.name, o.kind, o.sector, o.province, o.lang, o.community, o.by_letter, o.state, o.created,
  o.modified, o.version
FROM organisation o WHERE {see o} AND o.id = $id;

-- name: organisation_figures one
-- see: n network
-- see: f finding
-- see: t notice
-- in: org i64
-- out: networks i64, open_findings i64, waiting_notices i64
SELECT (SELECT count(*) FROM network n WHERE n.org = $org AND n.state = 'approved' AND {see n}) AS networks,
  (SELECT count(*) FROM finding f WHERE f.owner = $org AND f.state = 'open' AND {see f}) AS open_findings,
  (SELECT count(*) FROM notice t WHERE t.org = $org AND t.state = 'sent' AND {see t}) AS waiting_notices;

-- name: overview_findings many
-- see: f finding
-- doc: An organisation's findings, last seen first; no further than the limit, whatever there is.
-- in: org i64, limit i64
-- out: identifier text, state text, severity i64, first_seen time
SELECT f.identifier, f.state, f.severity, f.first_seen FROM finding f
WHERE f.owner = $org AND {see f} ORDER BY f.last_seen DESC, f.row DESC LIMIT $limit;

-- name: overview_notices many
-- see: n notice
-- doc: An organisation's notices, newest first; no further than the limit.
-- in: org i64, limit i64
-- out: state text, created time, due time, acknowledged time?
SELECT n.state, n.created, n.due, n.acknowledged FROM notice n
WHERE n.org = $org AND {see n} ORDER BY n.row DESC LIMIT $limit;

-- name: overview_channels many
-- see: n notice
-- see: d delivery
-- doc: How many of these notices went out where, by how that stands.
-- in: org i64, limit i64
-- out: channel text, state text, notices i64
SELECT d.channel, d.state, count(DISTINCT d.parent) AS notices
FROM (SELECT n.row FROM notice n WHERE n.org = $org AND {see n} ORDER BY n.row DESC LIMIT $limit) q
  JOIN delivery d ON d.parent = q.row AND {see d}
GROUP BY d.channel, d.state ORDER BY d.channel, d.state;

-- name: overview_networks many
-- see: n network
-- in: org i64, limit i64
-- out: kind text, n i64
SELECT q.kind, count(*) AS n FROM (SELECT n.kind FROM network n
  WHERE n.org = $org AND n.state = 'approved' AND {see n} ORDER BY n.row LIMIT $limit) q
GROUP BY q.kind ORDER BY q.kind;

-- name: overview_people many
-- see: p person
-- in: org i64, limit i64
-- out: state text, contact_role text, created time, confirmed time?
SELECT p.state, p.contact_role, p.created, p.confirmed FROM person p
WHERE p.org = $org AND {see p} ORDER BY p.row LIMIT $limit;

-- name: overview_away many
-- see: p person
-- doc: Who is away now, and who stands in.
-- in: org i64, now time, limit i64
-- out: person i64, deputy i64?, until time
SELECT l.person, l.deputy, l.until FROM person p JOIN leave l ON l.person = p.row
WHERE p.org = $org AND {see p} AND l.ended IS NULL AND l.starts <= $now AND l.until > $now
ORDER BY l.until, l.row LIMIT $limit;

-- name: overview_groups many
-- see: g sharing_group
-- doc: Groups of people's making that an organisation is in.
-- in: org i64, limit i64
-- out: id id, name texts, kind text
SELECT g.id, g.name, g.kind FROM group_member m JOIN sharing_group g ON g.row = m.grp AND {see g}
WHERE m.org = $org AND g.kind NOT IN ('single', 'national') ORDER BY g.row LIMIT $limit;

-- name: network_of_org many
-- see: n network
-- in: org i64
-- out: _row i64, id id, kind str, value str, state str, source str, _valid_from time, _valid_to time, version i64
SELECT n.row AS _row, n.id, n.kind, n.value, n.state, n.source,
  n.valid_from AS _valid_from, n.valid_to AS _valid_to, n.version
FROM network n WHERE {see n} AND n.org = $org ORDER BY n.kind, n.value, n.row LIMIT 2000;

-- name: person_page many
-- see: p person
-- doc: due: contacts that nobody has confirmed since then.
-- in: after i64, org i64?, state text?, due time?, limit i64
-- out: row i64
SELECT p.row FROM person p WHERE {see p} AND p.row > $after {? org: AND p.org = $org}
  {? state: AND p.state || '' = $state}
  {? due: AND p.state || '' = 'active' AND p.contact_role <> 'none' AND COALESCE(p.confirmed, p.created) <= $due}
ORDER BY p.row LIMIT $limit;

-- name: person_by_mail_seen one
-- see: p person
-- in: mail_hash blob
-- out: row i64, org i64
SELECT p.row, p.org FROM person p WHERE {see p} AND p.mail_hash = $mail_hash;

-- name: api_key_mine many
-- see: k api_key
-- in: person i64
-- out: id id, name str, access str, expires time, revoked time?, created time, scope str?, _row i64
SELECT k.id, k.name, k.access, k.expires, k.revoked, k.created,
  (SELECT l.scope FROM key_limit l WHERE l.key = k.row) AS scope, k.row FROM api_key k
WHERE {see k} AND k.person = $person ORDER BY k.row DESC LIMIT 200;

-- name: import_page many
-- see: r import_run
-- in: before i64, kind str?, limit i64
-- out: _row i64, id id, kind str, file_name str, state str, rows_read i64, rows_done i64, rows_same i64, rows_bad i64, bytes_done i64, bytes_total i64, _report json, started time, finished time?, _author i64
SELECT r.row AS _row, r.id, r.kind, r.file_name, r.state, r.rows_read, r.rows_done, r.rows_same, r.rows_bad,
  r.bytes_done, r.bytes_total, r.report AS _report, r.created AS started, r.finished, r.author AS _author
FROM import_run r WHERE {see r} AND r.row < $before {? kind: AND r.kind = $kind}
ORDER BY r.row DESC LIMIT $limit;

-- name: import_one one
-- see: r import_run
-- in: id id
-- out: _row i64, id id, kind str, file_name str, state str, rows_read i64, rows_done i64, rows_same i64, rows_bad i64, bytes_done i64, bytes_total i64, _report json, started time, finished time?, _author i64
SELECT r.row AS _row, r.id, r.kind, r.file_name, r.state, r.rows_read, r.rows_done, r.rows_same, r.rows_bad,
  r.bytes_done, r.bytes_total, r.report AS _report, r.created AS started, r.finished, r.author AS _author
FROM import_run r WHERE {see r} AND r.id = $id;

-- name: ledger_back many
-- system: the handler asks access about every entry before it is shown
-- in: before i64, limit i64
-- out: number i64, id id, at time, type str, kind str, subject id, version i64, leaf blob, author i64, owner i64, audience i64, body text
SELECT e.number, e.id, e.at, e.type, e.kind, e.subject, e.version, e.leaf, e.author, e.owner, e.audience, e.body
FROM ledger_entry e WHERE e.number < $before AND e.type <> 'ledger.padding' ORDER BY e.number DESC LIMIT $limit;

-- name: version_entry one
-- system: the version that it made was shown to the viewer
-- in: at time, subject id, version i64
-- out: type str, author i64
SELECT e.type, e.author FROM ledger_entry e WHERE e.at = $at AND e.subject = $subject AND e.version = $version;

-- name: network_find many
-- see: n network
-- doc: The claim as it stands now or stood before it was withdrawn, the latest first.
-- in: org i64, kind str, value str
-- out: row i64, state str
SELECT n.row, n.state FROM network n WHERE {see n} AND n.org = $org AND n.kind = $kind AND n.value = $value
ORDER BY n.valid_from DESC LIMIT 1;

-- name: organisation_id_of_key one
-- see: o organisation
-- in: key str
-- out: id id
SELECT o.id FROM organisation o WHERE {see o} AND o.key = $key;

-- name: person_keepers many
-- see: p person
-- in: org i64, roles i64, limit i64
-- out: row i64
SELECT p.row FROM person p
WHERE p.org = $org AND (p.roles & $roles) <> 0 AND p.state = 'active' AND {see p}
ORDER BY p.row LIMIT $limit;

-- name: my_groups many
-- see: g sharing_group
-- in: org i64
-- out: id id, name texts, kind str
SELECT g.id, g.name, g.kind FROM sharing_group g JOIN group_member m ON m.grp = g.row
WHERE m.org = $org AND {see g} ORDER BY g.row LIMIT 200;

-- name: my_ways one
-- see: k api_key
-- doc: How many sessions and keys of a person's are good now.
-- in: person i64, now time
-- out: sessions i64, keys i64
SELECT (SELECT count(*) FROM session s WHERE s.person = $person AND s.expires > $now) AS sessions,
  (SELECT count(*) FROM api_key k WHERE {see k} AND k.person = $person AND k.expires > $now
   AND k.revoked IS NULL) AS keys;

-- name: second_waiting many
-- system: whom an act waits for is decided by what it needs, as permit_second does
-- doc: Acts that wait, of which nobody was told yet.
-- in: now time, limit i64
-- out: row i64, route str, person i64, org i64, expires time
SELECT h.row, h.route, h.person, h.org, h.expires FROM held_act h
WHERE h.state = 'held' AND h.expires > $now AND h.told IS NULL ORDER BY h.row LIMIT $limit;

-- name: second_told exec
-- system: the machine told of it
-- in: row i64, now time
UPDATE held_act SET told = $now WHERE row = $row;

-- name: org_with_role many
-- system: whom an organisation has for something is the registry's, not a viewer's
-- in: org i64, role i64
-- out: row i64, lang text
SELECT p.row, p.lang FROM person p
WHERE p.org = $org AND p.state = 'active' AND (p.roles & $role) <> 0 ORDER BY p.row;

-- name: glass_add exec
-- system: two others let it happen (held.c)
-- in: id id?, kind str, record i64, record_id id, owner i64?, person i64, org i64, reason str, until time, approver_1 i64, approver_2 i64, created time
INSERT INTO glass (id, kind, record, record_id, owner, person, org, reason, until, approver_1, approver_2, created)
VALUES ($id, $kind, $record, $record_id, $owner, $person, $org, $reason, $until, $approver_1, $approver_2, $created);

-- name: glass_page many
-- system: who may see one is decided by permit_glass
-- in: org i64, person i64, whole bool, id id?
-- out: row i64, id id, kind str, record_id id, owner i64?, person i64, org i64, reason str, until time, approver_1 i64, approver_2 i64, created time, ended time?, ender i64?
SELECT g.row, g.id, g.kind, g.record_id, g.owner, g.person, g.org, g.reason, g.until, g.approver_1, g.approver_2,
  g.created, g.ended, g.ender
FROM glass g
WHERE g.id IS NOT NULL AND ($whole IS TRUE OR g.owner = $org OR g.person = $person OR g.approver_1 = $person OR g.approver_2 = $person)
  {? id: AND g.id = $id} ORDER BY g.row DESC LIMIT 200;

-- name: glass_close exec
-- system: who may end one is decided by permit_glass
-- in: row i64, id id, now time, ender i64
UPDATE glass SET until = $now, ended = $now, ender = $ender
WHERE (row = $row OR (id IS NULL AND record_id = $id)) AND ended IS NULL AND until > $now;

-- name: glass_over many
-- system: what is over by time is written down by the machine
-- in: now time
-- out: row i64, id id, owner i64?, person i64, org i64, until time
SELECT g.row, g.id, g.owner, g.person, g.org, g.until FROM glass g
WHERE g.until <= $now AND g.ended IS NULL AND g.id IS NOT NULL ORDER BY g.row LIMIT 100;

-- name: glass_over_set exec
-- system: what is over by time is written down by the machine
-- in: row i64, until time
UPDATE glass SET ended = $until WHERE row = $row AND ended IS NULL;

-- name: leave_page many
-- see: p person
-- doc: Leaves of people that the viewer sees, the latest entered first.
-- in: before i64, since time?, id id?, limit i64
-- out: row i64, id id, person i64, org i64, roles i64, deputy i64?, starts time, until time, ended time?
SELECT l.row, l.id, l.person, l.org, p.roles, l.deputy, l.starts, l.until, l.ended
FROM leave l JOIN person p ON p.row = l.person AND {see p}
WHERE l.row < $before {? since: AND l.until > $since} {? id: AND l.id = $id}
ORDER BY l.row DESC LIMIT $limit;

-- name: leave_in one
-- system: the times of one person, asked by who names that person
-- in: person i64, starts time, until time
-- out: n i64
SELECT CAST(count(l.row) AS BIGINT) AS n FROM leave l
WHERE l.person = $person AND l.ended IS NULL AND l.starts < $until AND l.until > $starts;

-- name: leave_stood_in one
-- system: how often one person is named already
-- in: deputy i64, now time
-- out: n i64
SELECT CAST(count(l.row) AS BIGINT) AS n FROM leave l
WHERE l.deputy = $deputy AND l.ended IS NULL AND l.until > $now;

-- name: leave_add exec
-- system: who may enter it is decided by permit_leave
-- in: id id, person i64, org i64, deputy i64?, starts time, until time, created time, author i64
INSERT INTO leave (id, person, org, deputy, starts, until, created, author)
VALUES ($id, $person, $org, $deputy, $starts, $until, $created, $author);

-- name: leave_due many
-- system: what time does to leaves
-- doc: Those that have begun or are over since that was last written down.
-- in: now time, limit i64
-- out: row i64, id id, org i64, until time
SELECT l.row, l.id, l.org, l.until FROM leave l
WHERE l.ended IS NULL AND (l.until <= $now OR (l.starts <= $now AND l.began IS NULL))
ORDER BY l.until, l.row LIMIT $limit;

-- name: leave_mark exec
-- system: what time does to leaves, or who may end one (permit_leave)
-- in: row i64, now time, until time, over bool
UPDATE leave SET began = COALESCE(began, $now), until = $until,
  ended = CASE WHEN $over IS TRUE THEN $until ELSE ended END
WHERE row = $row AND ended IS NULL;

-- name: focal_away many
-- system: for whom nobody acts is asked by the machine
-- in: now time, limit i64
-- out: org i64
SELECT DISTINCT p.org FROM leave l JOIN person p ON p.row = l.person
WHERE p.contact_role = 'focal' AND p.state IN ('active', 'invited') AND l.ended IS NULL
  AND l.starts <= $now AND l.until > $now ORDER BY p.org LIMIT $limit;

-- name: focal_people many
-- system: for whom nobody acts is asked by the machine
-- in: org i64
-- out: row i64
SELECT p.row FROM person p
WHERE p.org = $org AND p.contact_role = 'focal' AND p.state IN ('active', 'invited') ORDER BY p.row;

-- name: leave_gap_all many
-- system: what the national desk was told
-- in: limit i64
-- out: org i64
SELECT g.org FROM leave_gap g ORDER BY g.org LIMIT $limit;

-- name: leave_gap_add exec
-- system: what the national desk was told
-- in: org i64, since time
INSERT INTO leave_gap (org, since) VALUES ($org, $since) ON CONFLICT (org) DO NOTHING;

-- name: leave_gap_drop exec
-- system: what the national desk was told
-- in: org i64
DELETE FROM leave_gap WHERE org = $org;

-- name: leave_gaps_page many
-- see: o organisation
-- out: id id, key str, name texts, since time
SELECT o.id, o.key, o.name, g.since FROM leave_gap g JOIN organisation o ON o.row = g.org AND {see o}
ORDER BY g.since, o.row LIMIT 1000;

-- name: role_due many
-- system: what time does to roles
-- doc: Roles that are over, or end soon without the person having been told.
-- in: now time, soon time, limit i64
-- out: person i64, role i64, until time, lang text, state text
SELECT r.person, r.role, r.until, p.lang, p.state FROM role_end r JOIN person p ON p.row = r.person
WHERE r.until <= $now OR (r.until <= $soon AND r.warned IS NULL)
ORDER BY r.until, r.person, r.role LIMIT $limit;

-- name: role_warned exec
-- system: what time does to roles
-- in: person i64, role i64, now time
UPDATE role_end SET warned = $now WHERE person = $person AND role = $role;

-- name: task_add exec
-- system: what must be known is told by the act itself; who may see it is decided by permit_task
-- in: id id, org i64, roles i64, what str, subject id, created time
INSERT INTO task (id, org, roles, what, subject, created) VALUES ($id, $org, $roles, $what, $subject, $created);

-- name: task_waiting many
-- system: who may see one is decided by permit_task
-- in: org i64, id id?
-- out: row i64, id id, org i64, roles i64, what str, subject id, created time
SELECT t.row, t.id, t.org, t.roles, t.what, t.subject, t.created FROM task t
WHERE t.org = $org AND t.done IS NULL {? id: AND t.id = $id} ORDER BY t.row LIMIT 50;

-- name: task_do exec
-- system: who may say so is decided by permit_task; with a subject, who closed what it is about
-- in: org i64, id id?, subject id?, what str?, now time, doer i64
UPDATE task SET done = $now, doer = $doer WHERE org = $org AND done IS NULL {? id: AND id = $id} {? subject: AND subject = $subject}
  {? what: AND what = $what};

-- name: group_page many
-- see: g sharing_group
-- doc: Groups that people made; with single also those that the registry keeps.
-- in: after i64, single bool, limit i64
-- out: row i64
SELECT g.row FROM sharing_group g
WHERE g.row > $after AND (g.kind NOT IN ('single', 'national') OR $single IS TRUE) AND {see g}
ORDER BY g.row LIMIT $limit;

-- name: delegate_page many
-- system: who may see which is decided by permit_delegations_whole; both sides see theirs
-- in: after i64, now time, org i64, whole bool, limit i64
-- out: org i64, keeper i64, since time, until time
SELECT d.org, d.keeper, d.since, d.until FROM delegate d
WHERE d.org > $after AND d.until > $now AND ($whole IS TRUE OR d.org = $org OR d.keeper = $org)
ORDER BY d.org LIMIT $limit;

-- name: delegate_keeps one
-- system: whether an organisation administers others is asked before it is given to somebody
-- in: keeper i64, now time
-- out: n i64
SELECT CAST(count(d.org) AS BIGINT) AS n FROM delegate d WHERE d.keeper = $keeper AND d.until > $now;

-- name: delegate_counts one
-- system: figures for who gives it, has it, and is administered
-- in: org i64, now time
-- out: people i64, keys i64
SELECT (SELECT CAST(count(p.row) AS BIGINT) FROM person p WHERE p.org = $org AND p.state <> 'disabled') AS people,
  (SELECT CAST(count(k.row) AS BIGINT) FROM api_key k WHERE k.owner = $org AND k.revoked IS NULL AND k.expires > $now) AS keys;

-- name: delegate_put exec
-- system: who may give it is decided by the route's permission
-- in: org i64, keeper i64, since time, until time, author i64
INSERT INTO delegate (org, keeper, since, until, author) VALUES ($org, $keeper, $since, $until, $author)
ON CONFLICT (org) DO UPDATE SET keeper = excluded.keeper, until = excluded.until, author = excluded.author,
  since = CASE WHEN delegate.keeper = excluded.keeper AND delegate.until > excluded.since THEN delegate.since ELSE excluded.since END;

-- name: delegate_drop exec
-- system: by its time, or who may take it back
-- in: org i64
DELETE FROM delegate WHERE org = $org;

-- name: delegate_over many
-- system: what time does to delegations
-- in: now time, limit i64
-- out: org i64, keeper i64
SELECT d.org, d.keeper FROM delegate d WHERE d.until <= $now ORDER BY d.until, d.org LIMIT $limit;

-- name: recert_page many
-- system: who may be told of which is decided by permit_recert
-- in: after_due time, after i64, from time, to time, org i64, keeper i64, now time, whole bool, one i64?, limit i64
-- out: org i64, due time, stage i64, done time?, kept i64?
SELECT r.org, r.due, r.stage, r.done, r.kept FROM recert r
WHERE (r.due, r.org) > ($after_due, $after) AND r.due > $from AND r.due <= $to {? one: AND r.org = $one}
  AND ($whole IS TRUE OR r.org = $org OR EXISTS (SELECT 1 FROM delegate d WHERE d.org = r.org AND d.keeper = $keeper AND d.until > $now))
ORDER BY r.due, r.org LIMIT $limit;

-- name: recert_sums one
-- system: figures of the organisations that recert_page shows
-- in: open time, now time, org i64, keeper i64, whole bool
-- out: quiet i64, open i64, late i64, kept i64
SELECT CAST(coalesce(sum(CASE WHEN r.due > $open THEN 1 ELSE 0 END), 0) AS BIGINT) AS quiet,
  CAST(coalesce(sum(CASE WHEN r.due > $now AND r.due <= $open THEN 1 ELSE 0 END), 0) AS BIGINT) AS open,
  CAST(coalesce(sum(CASE WHEN r.due <= $now THEN 1 ELSE 0 END), 0) AS BIGINT) AS late,
  CAST(coalesce(sum(CASE WHEN r.kept IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS kept
FROM recert r WHERE $whole IS TRUE OR r.org = $org
  OR EXISTS (SELECT 1 FROM delegate d WHERE d.org = r.org AND d.keeper = $keeper AND d.until > $now);

-- name: recert_people many
-- system: who may be told of them is decided by permit_recert
-- in: org i64
-- out: row i64, id id, version i64, state text, roles i64, contact_role text, created time, seen time?, decided time?
SELECT p.row, p.id, p.version, p.state, p.roles, p.contact_role, p.created, s.at AS seen, c.at AS decided
FROM person p LEFT JOIN person_seen s ON s.person = p.row LEFT JOIN rights_confirmed c ON c.person = p.row
WHERE p.org = $org AND p.state <> 'disabled' ORDER BY p.row;

-- name: recert_gone many
-- system: who may be told of them is decided by permit_recert
-- in: org i64
-- out: row i64, id id, roles i64, at time, state text
SELECT p.row, p.id, p.roles, x.at, x.state FROM rights_suspended x JOIN person p ON p.row = x.person
WHERE p.org = $org ORDER BY x.at DESC, p.row;

-- name: recert_keys many
-- system: who may be told of them is decided by permit_recert
-- in: person i64, now time
-- out: id id, name str, access str, expires time, used time?
SELECT k.id, k.name, k.access, k.expires, u.at AS used FROM api_key k LEFT JOIN key_used u ON u.key = k.row
WHERE k.person = $person AND k.revoked IS NULL AND k.expires > $now ORDER BY k.row;

-- name: recert_deputies many
-- system: who may be told of them is decided by permit_recert
-- in: person i64, now time
-- out: deputy i64
SELECT l.deputy FROM leave l
WHERE l.person = $person AND l.deputy IS NOT NULL AND l.ended IS NULL AND l.until > $now ORDER BY l.starts, l.row;

-- name: recert_begin many
-- system: what time does to confirmations
-- doc: Organisations that nobody asks yet; rows grow, so that the newest asked tells which.
-- in: limit i64
-- out: org i64
SELECT o.row AS org FROM organisation o
WHERE o.row > (SELECT coalesce(max(r.org), 0) FROM recert r) ORDER BY o.row LIMIT $limit;

-- name: recert_due many
-- system: what time does to confirmations
-- in: now time, limit i64
-- out: org i64, due time, stage i64
SELECT r.org, r.due, r.stage FROM recert r WHERE r.next_at <= $now ORDER BY r.next_at, r.org LIMIT $limit;

-- name: recert_get one
-- system: what time and confirming do to confirmations
-- in: org i64
-- out: due time, stage i64, next_at time
SELECT r.due, r.stage, r.next_at FROM recert r WHERE r.org = $org;

-- name: recert_add exec
-- system: what time does to confirmations
-- in: org i64, due time, next_at time
INSERT INTO recert (org, due, next_at, stage) VALUES ($org, $due, $next_at, 0);

-- name: recert_stage exec
-- system: what time does to confirmations
-- in: org i64, stage i64, next_at time, kept i64?
UPDATE recert SET stage = $stage, next_at = $next_at, kept = $kept WHERE org = $org;

-- name: recert_round exec
-- system: all is confirmed; the next time begins
-- in: org i64, due time, next_at time, now time, doer i64
UPDATE recert SET due = $due, next_at = $next_at, stage = 0, done = $now, doer = $doer, kept = NULL WHERE org = $org;

-- name: contact_people many
-- system: who may be told of them is decided by permit_recert
-- in: org i64
-- out: row i64, id id, version i64, contact_role text, lang text, created time, confirmed time?
SELECT p.row, p.id, p.version, p.contact_role, p.lang, p.created, p.confirmed FROM person p
WHERE p.org = $org AND p.state = 'active' AND p.contact_role <> 'none' ORDER BY p.row;

-- name: contact_page many
-- system: who may be told of which is decided by permit_recert
-- in: after_asks i64, after i64, least_asks i64, most_asks i64, org i64, keeper i64, now time, whole bool, one i64?, limit i64
-- out: org i64, next_at time, asked time?, asks i64
SELECT r.org, r.next_at, r.asked, r.asks FROM contact_round r
WHERE (r.asks < $after_asks OR (r.asks = $after_asks AND r.org > $after)) AND r.asks >= $least_asks AND r.asks <= $most_asks {? one: AND r.org = $one}
  AND ($whole IS TRUE OR r.org = $org OR EXISTS (SELECT 1 FROM delegate d WHERE d.org = r.org AND d.keeper = $keeper AND d.until > $now))
ORDER BY r.asks DESC, r.org LIMIT $limit;

-- name: contact_begin many
-- system: what time does to contacts
-- doc: Organisations that nobody asks yet; rows grow, so that the newest asked tells which.
-- in: limit i64
-- out: org i64
SELECT o.row AS org FROM organisation o
WHERE o.row > (SELECT coalesce(max(r.org), 0) FROM contact_round r) ORDER BY o.row LIMIT $limit;

-- name: contact_due many
-- system: what time does to contacts
-- in: now time, limit i64
-- out: org i64, asks i64
SELECT r.org, r.asks FROM contact_round r WHERE r.next_at <= $now ORDER BY r.next_at, r.org LIMIT $limit;

-- name: contact_round_of one
-- system: what time and confirming do to contacts
-- in: org i64
-- out: asks i64
SELECT r.asks FROM contact_round r WHERE r.org = $org;

-- name: contact_round_add exec
-- system: what time does to contacts
-- in: org i64, next_at time
INSERT INTO contact_round (org, next_at, asks) VALUES ($org, $next_at, 0);

-- name: contact_round_set exec
-- system: what time and confirming do to contacts
-- in: org i64, next_at time, asks i64, asked time?
UPDATE contact_round SET next_at = $next_at, asks = $asks, asked = coalesce($asked, asked) WHERE org = $org;

-- name: rights_confirm exec
-- system: who may confirm is decided by permit_recert, and by who may change a person
-- in: person i64, at time, author i64
INSERT INTO rights_confirmed (person, at, author) VALUES ($person, $at, $author)
ON CONFLICT (person) DO UPDATE SET at = excluded.at, author = excluded.author;

-- name: rights_suspend exec
-- system: what time does to confirmations
-- in: person i64, at time, state str
INSERT INTO rights_suspended (person, at, state) VALUES ($person, $at, $state)
ON CONFLICT (person) DO UPDATE SET at = excluded.at, state = excluded.state;

-- name: rights_resume exec
-- system: who may change a person lets back in
-- in: person i64
DELETE FROM rights_suspended WHERE person = $person;

-- name: saved_view_of many
-- system: in whose menu a view stands is decided by permit_view
-- doc: A person's views, and those shared within an organisation, in the menu's order.
-- in: person i64, org i64, id id?, limit i64
-- out: row i64, id id, person i64, org i64, roles i64, name texts, path text, query text, place i64
SELECT w.row, w.id, w.person, w.org, w.roles, w.name, w.path, w.query, w.place FROM saved_view w
WHERE (w.person = $person OR (w.org = $org AND w.roles <> 0)) {? id: AND w.id = $id}
ORDER BY w.place, w.row LIMIT $limit;

-- name: saved_view_own one
-- system: how many a person has
-- in: person i64
-- out: n i64, last i64
SELECT CAST(count(w.row) AS BIGINT) AS n, CAST(COALESCE(max(w.place), 0) AS BIGINT) AS last FROM saved_view w
WHERE w.person = $person;

-- name: saved_view_add exec
-- system: a person's own
-- in: id id, person i64, org i64, name texts, path text, query text, place i64, now time
INSERT INTO saved_view (id, person, org, roles, name, path, query, place, created, modified)
VALUES ($id, $person, $org, 0, $name, $path, $query, $place, $now, $now);

-- name: saved_view_set exec
-- system: who may change one is decided by permit_view
-- in: row i64, org i64, roles i64, name texts, query text, place i64, now time
UPDATE saved_view SET org = $org, roles = $roles, name = $name, query = $query, place = $place, modified = $now
WHERE row = $row;

-- name: saved_view_drop exec
-- system: who may remove one is decided by permit_view
-- in: row i64
DELETE FROM saved_view WHERE row = $row;

-- name: action_page many
-- doc: What is to be done, the earliest first: in one state, of one organisation, or about one thing.
-- see: x action
-- in: after time, after_row i64, state text?, org i64?, about text?, parent i64?, mine i64?, limit i64
-- out: row i64, due time
SELECT x.row, x.due FROM action x
WHERE {see x} AND (x.due > $after OR (x.due = $after AND x.row > $after_row))
  {? state: AND x.state = $state} {? org: AND x.owner = $org} {? about: AND x.about = $about}
  {? parent: AND x.parent = $parent} {? mine: AND x.person = $mine}
ORDER BY x.due, x.row LIMIT $limit;

-- name: first_steps many
-- system: what whoever runs the site set aside of its first hour
-- out: name text, why text, at time
SELECT s.name, s.why, s.at FROM first_step s ORDER BY s.name;

-- name: first_step_put exec
-- system: what whoever runs the site set aside of its first hour
-- in: name text, why text, person i64, at time
INSERT INTO first_step (name, why, person, at) VALUES ($name, $why, $person, $at)
ON CONFLICT (name) DO UPDATE SET why = $why, person = $person, at = $at;

-- name: first_step_drop exec
-- system: what whoever runs the site set aside of its first hour
-- in: name text
DELETE FROM first_step WHERE name = $name;

-- name: first_founded many
-- system: when the site was set up, to who runs it
-- in: site i64
-- out: at time
SELECT o.created AS at FROM organisation o WHERE o.row = $site;

-- name: first_strong many
-- system: whether anybody has a passkey or an authenticator, to who runs the site
-- out: there i64
SELECT q.there FROM (SELECT p.row AS there FROM passkey p UNION ALL
  SELECT f.person AS there FROM second_factor f WHERE f.confirmed IS NOT NULL) q ORDER BY q.there LIMIT 1;

-- name: first_network many
-- system: whether there is any of organisations from one row to another, to who runs the site
-- in: first i64, last i64
-- out: there i64
SELECT n.row AS there FROM network n WHERE n.org BETWEEN $first AND $last ORDER BY n.org, n.row LIMIT 1;

-- name: first_constituent many
-- system: whether there is any, to who runs the site
-- in: site i64
-- out: there i64
SELECT o.row AS there FROM organisation o WHERE o.row > $site ORDER BY o.row LIMIT 1;

-- name: first_import many
-- system: whether any file of a feed brought something, to who runs the site; no more than a thousand are asked
-- out: there i64
SELECT q.row AS there FROM (SELECT r.row, r.kind, r.rows_done FROM import_run r ORDER BY r.row LIMIT 1000) q
WHERE q.kind = 'feed' AND q.rows_done > 0 ORDER BY q.row LIMIT 1;

-- name: first_finding many
-- system: whether there is any, to who runs the site
-- out: there i64
SELECT f.row AS there FROM finding f ORDER BY f.row LIMIT 1;

-- name: first_guest many
-- system: whether anybody of another organisation has come in, to who runs the site
-- in: site i64
-- out: there i64
SELECT p.row AS there FROM person p WHERE p.state = 'active' AND p.org > $site ORDER BY p.org, p.roles LIMIT 1;

-- name: first_answer many
-- system: whether any notice was answered, to who runs the site
-- out: there i64
SELECT n.row AS there FROM notice n WHERE n.state = 'acknowledged' ORDER BY n.due, n.row LIMIT 1;

-- name: first_backup many
-- system: whether there is one of this kind that ended so, to who runs the site
-- in: kind text, state text
-- out: there i64
SELECT b.row AS there FROM backup_run b WHERE b.kind = $kind AND b.state = $state ORDER BY b.ended LIMIT 1;

-- name: erase_others one
-- system: a count, for who may change one of them
-- in: org i64, person i64, roles i64
-- out: n i64
SELECT CAST(count(p.row) AS BIGINT) AS n FROM person p
WHERE p.org = $org AND p.row <> $person AND p.state = 'active' AND (p.roles & $roles) <> 0;

-- name: erase_counts one
-- system: what is one person's own, for who may erase that person
-- in: person i64, live time, now time
-- out: sessions i64, keys i64, key_names i64, passkeys i64, mail_keys i64, factors i64, passwords i64, identities i64, machines i64, links i64, notifications i64, views i64, views_shared i64, leaves i64, acts i64, actions i64
SELECT (SELECT count(*) FROM session s WHERE s.person = $person AND s.expires > $live) AS sessions,
  (SELECT count(*) FROM api_key k WHERE k.person = $person AND k.revoked IS NULL AND k.expires > $live) AS keys,
  (SELECT count(*) FROM api_key k WHERE k.person = $person) AS key_names,
  (SELECT count(*) FROM passkey y WHERE y.person = $person) AS passkeys,
  (SELECT count(*) FROM mail_key m WHERE m.person = $person) AS mail_keys,
  (SELECT count(*) FROM second_factor f WHERE f.person = $person) AS factors,
  (SELECT count(*) FROM password w WHERE w.person = $person) AS passwords,
  (SELECT count(*) FROM person_identity i WHERE i.person = $person) AS identities,
  (SELECT count(*) FROM local_user u WHERE u.person = $person) AS machines,
  (SELECT count(*) FROM link l WHERE l.person = $person AND l.used IS NULL AND l.expires > $now) AS links,
  (SELECT count(*) FROM notification n WHERE n.person = $person) AS notifications,
  (SELECT count(*) FROM saved_view v WHERE v.person = $person) AS views,
  (SELECT count(*) FROM saved_view v WHERE v.person = $person AND v.roles <> 0) AS views_shared,
  (SELECT count(*) FROM leave e WHERE e.person = $person AND e.ended IS NULL AND e.until > $now) AS leaves,
  (SELECT count(*) FROM held_act h WHERE h.state = 'held' AND h.person = $person AND h.expires > $now) AS acts,
  (SELECT count(*) FROM action a WHERE a.person = $person AND a.state = 'open') AS actions;

-- name: erase_views exec
-- system: of a person who is erased; nobody else could change one that is shared
-- in: person i64
DELETE FROM saved_view WHERE person = $person;

-- name: erase_leaves exec
-- system: of a person who is erased
-- in: person i64, now time
UPDATE leave SET ended = $now, until = CASE WHEN until > $now THEN $now ELSE until END
WHERE person = $person AND ended IS NULL;

-- name: erase_acts exec
-- system: nobody asks for them any more
-- in: person i64, now time
UPDATE held_act SET state = 'withdrawn', decided = $now WHERE state = 'held' AND person = $person;

-- name: erase_mail_keys exec
-- system: of a person who is erased
-- in: person i64
DELETE FROM mail_key WHERE person = $person;

-- name: erase_role_ends exec
-- system: of a person who is erased
-- in: person i64
DELETE FROM role_end WHERE person = $person;

-- name: erase_confirmed exec
-- system: of a person who is erased
-- in: person i64
DELETE FROM rights_confirmed WHERE person = $person;

-- name: erase_hashes exec
-- system: of a person who is erased
-- in: person i64
UPDATE person_version SET mail_hash = NULL WHERE row = $person;

-- name: mail_key_soon many
-- see: p person
-- doc: Keys for mail that end before a day, have ended, or wait for their owner.
-- in: before time, limit i64
-- out: row i64, person i64, org i64
SELECT k.row, k.person, p.org FROM person p JOIN mail_key k ON k.person = p.row
WHERE {see p} AND p.state || '' = 'active' AND (k.confirmed IS NULL OR k.expires <= $before)
ORDER BY k.expires, k.row LIMIT $limit;
