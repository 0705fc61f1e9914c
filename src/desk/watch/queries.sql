-- Findings, notices, the queue, an agency's day. Owned by desk/watch.

-- name: finding_new one
-- system: the reaction writes the notice for the machine
-- in: id id
-- out: row i64, id id, owner i64, type text, identifier text, severity i64, ip text?, port i64?, fqdn text?, first_seen time, last_seen time, state text, notice i64?
SELECT f.row, f.id, f.owner, f.type, f.identifier, f.severity, f.ip, f.port, f.fqdn, f.first_seen, f.last_seen,
  f.state, f.notice
FROM finding f WHERE f.id = $id;

-- name: notice_first_since one
-- system: the reaction looks for a notice that it may still join
-- doc: Row of the first notice written after a time: all that are still held are from there on.
-- in: since time
-- out: row i64
SELECT n.row FROM notice n WHERE n.created > $since ORDER BY n.created, n.row LIMIT 1;

-- name: notice_to_join one
-- system: the reaction looks for a notice that it may still join
-- in: org i64, first i64, kind text, now time
-- out: row i64, id id, version i64, severity i64, audience i64, owner i64, created time, held_until time
SELECT n.row, n.id, n.version, n.severity, n.audience, n.owner, n.created, n.held_until FROM notice n
WHERE n.org = $org AND n.row >= $first AND n.kind = $kind AND n.state || '' = 'held' AND n.held_until > $now ORDER BY n.row DESC LIMIT 1;

-- name: notice_more exec
-- system: more findings on a held notice; its words are written when it leaves, its entry names them
-- in: row i64, n i64, severity i64, due time, now time
UPDATE notice SET findings = findings + $n, version = version + 1, modified = $now,
  due = CASE WHEN $severity > severity THEN $due ELSE due END,
  severity = CASE WHEN $severity > severity THEN $severity ELSE severity END
WHERE row = $row;

-- name: notice_machines many
-- system: the notice's words are written for its recipient by the machine
-- in: notice i64, limit i64
-- out: type text, identifier text, ip text?, port i64?, fqdn text?, last_seen time
SELECT f.type, f.identifier, f.ip, f.port, f.fqdn, f.last_seen FROM finding f WHERE f.notice = $notice ORDER BY f.row LIMIT $limit;

-- name: notice_extent one
-- system: the notice's words are written for its recipient by the machine
-- in: notice i64
-- out: first_seen time, last_seen time
SELECT coalesce(min(f.first_seen), 0) AS first_seen, coalesce(max(f.last_seen), 0) AS last_seen
FROM finding f WHERE f.notice = $notice;

-- name: finding_page many
-- see: f finding
-- doc: Of one state, last seen first.
-- in: state text, before time, before_row i64, identifier text?, opened_from time?, opened_until time?, limit i64
-- out: row i64, last_seen time
SELECT f.row, f.last_seen FROM finding f
WHERE f.state = $state AND (f.last_seen, f.row) < ($before, $before_row) AND {see f}
  {? identifier: AND f.identifier = $identifier}
  {? opened_from: AND f.first_seen >= $opened_from}
  {? opened_until: AND f.first_seen < $opened_until}
ORDER BY f.last_seen DESC, f.row DESC LIMIT $limit;

-- name: finding_page_org many
-- see: f finding
-- in: org i64, before time, before_row i64, state text?, identifier text?, opened_from time?, opened_until time?, limit i64
-- out: row i64, last_seen time
SELECT f.row, f.last_seen FROM finding f
WHERE f.owner = $org AND (f.last_seen, f.row) < ($before, $before_row) AND {see f}
  {? state: AND f.state || '' = $state}
  {? identifier: AND f.identifier = $identifier}
  {? opened_from: AND f.first_seen >= $opened_from}
  {? opened_until: AND f.first_seen < $opened_until}
ORDER BY f.last_seen DESC, f.row DESC LIMIT $limit;

-- name: finding_page_notice many
-- see: f finding
-- in: notice i64, after i64, state text?, limit i64
-- out: row i64, last_seen time
SELECT f.row, f.last_seen FROM finding f
WHERE f.notice = $notice AND f.row > $after AND {see f} {? state: AND f.state || '' = $state}
ORDER BY f.row LIMIT $limit;

-- name: finding_view one
-- see: f finding
-- see: o organisation
-- see: d feed
-- see: n notice
-- in: row i64
-- out: id id, org_id id, org_key text, org_name texts, feed text?, taxonomy text, type text, identifier text, severity i64, ip text?, port i64?, fqdn text?, asn i64?, detail json, first_seen time, last_seen time, seen i64, why_kind text, why_value text, indicator i64?, event id, notice id?, state text, answered time?, answered_by i64?, audience i64, version i64
SELECT f.id, o.id AS org_id, o.key AS org_key, o.name AS org_name,
  (SELECT d.key FROM feed d WHERE d.row = f.feed AND {see d}) AS feed,
  f.taxonomy, f.type, f.identifier, f.severity, f.ip, f.port, f.fqdn, f.asn, f.detail, f.first_seen,
  f.last_seen, f.seen, f.why_kind, f.why_value, f.indicator, f.event,
  (SELECT n.id FROM notice n WHERE n.row = f.notice AND {see n}) AS notice,
  f.state, f.answered, f.answered_by, f.audience, f.version
FROM finding f JOIN organisation o ON o.row = f.owner AND {see o}
WHERE f.row = $row AND {see f};

-- name: finding_row one
-- see: f finding
-- in: id id
-- out: row i64, version i64, owner i64, audience i64, author i64
SELECT f.row, f.version, f.owner, f.audience, f.author FROM finding f WHERE f.id = $id AND {see f};

-- name: watch_org_by_id one
-- see: o organisation
-- in: id id
-- out: row i64
SELECT o.row FROM organisation o WHERE o.id = $id AND {see o};

-- name: notice_row_of one
-- see: n notice
-- in: id id
-- out: row i64, version i64, owner i64, audience i64, author i64
SELECT n.row, n.version, n.owner, n.audience, n.author FROM notice n WHERE n.id = $id AND {see n};

-- name: notice_page many
-- see: n notice
-- see: d delivery
-- doc: With channel only those that went, or go, out there ('': anywhere) in the state delivery ('': any).
-- in: before i64, state text?, late time?, channel text?, delivery text, limit i64
-- out: row i64
SELECT n.row FROM notice n WHERE n.row < $before AND {see n} {? state: AND n.state || '' = $state}
  {? late: AND n.state || '' = 'sent' AND n.due < $late}
  {? channel: AND EXISTS (SELECT 1 FROM delivery d WHERE d.parent = n.row AND ($channel = '' OR d.channel = $channel)
    AND ($delivery = '' OR d.state || '' = $delivery) AND {see d})}
ORDER BY n.row DESC LIMIT $limit;

-- name: notice_page_org many
-- see: n notice
-- see: d delivery
-- in: org i64, before i64, state text?, late time?, channel text?, delivery text, limit i64
-- out: row i64
SELECT n.row FROM notice n WHERE n.org = $org AND n.row < $before AND {see n}
  {? state: AND n.state || '' = $state}
  {? late: AND n.state || '' = 'sent' AND n.due < $late}
  {? channel: AND EXISTS (SELECT 1 FROM delivery d WHERE d.parent = n.row AND ($channel = '' OR d.channel = $channel)
    AND ($delivery = '' OR d.state || '' = $delivery) AND {see d})}
ORDER BY n.row DESC LIMIT $limit;

-- name: notice_view one
-- see: n notice
-- see: o organisation
-- in: row i64
-- out: id id, number text, org_id id, org_key text, org_name texts, subject texts, body texts, kind text, severity i64, findings i64, state text, created time, held_until time, due time, acknowledged time?, acknowledged_by i64?, audience i64, version i64, _row i64
SELECT n.id, n.number, o.id AS org_id, o.key AS org_key, o.name AS org_name, n.subject, n.body, n.kind,
  n.severity, n.findings, n.state, n.created, n.held_until, n.due, n.acknowledged, n.acknowledged_by,
  n.audience, n.version, n.row AS _row
FROM notice n JOIN organisation o ON o.row = n.org AND {see o}
WHERE n.row = $row AND {see n};

-- name: notice_deliveries many
-- see: d delivery
-- in: notice i64
-- out: id id, channel text, _person i64?, state text, sent time?, opened time?, acknowledged time?, attempts i64, last_error text?, _row i64, _number text?, _issued time?, _hash blob?, _printed time?, _handed time?, _handed_by i64?, _returned time?, _withdrawn time?
SELECT d.id, d.channel, d.person AS _person, d.state, d.sent, d.opened, d.acknowledged, d.attempts, d.last_error, d.row AS _row,
  l.number AS _number, l.issued AS _issued, l.hash AS _hash, l.printed AS _printed, l.handed AS _handed, l.handed_by AS _handed_by,
  l.returned AS _returned, l.withdrawn AS _withdrawn
FROM delivery d LEFT JOIN letter l ON l.delivery = d.row WHERE d.parent = $notice AND {see d} ORDER BY d.row LIMIT 200;

-- name: letter_file one
-- see: d delivery
-- doc: A letter as it was issued, if this delivery is one, with the notice that it puts on paper.
-- in: id id
-- out: pdf blob?, notice i64
SELECT l.pdf, d.parent AS notice FROM delivery d LEFT JOIN letter l ON l.delivery = d.row
WHERE d.id = $id AND {see d};

-- name: delivery_to_acknowledge one
-- see: d delivery
-- in: notice i64
-- out: id id
SELECT d.id FROM delivery d WHERE d.parent = $notice AND d.channel = 'portal' AND {see d}
ORDER BY d.row LIMIT 1;

-- name: queue_notices many
-- see: n notice
-- see: o organisation
-- see: d delivery
-- doc: Notices of one state by deadline; contacts is how many mails they have.
-- in: state text, after time, after_row i64, before time?, sector text?, limit i64
-- out: row i64, id id, number text, subject texts, org_id id, org_key text, org_name texts, kind text, severity i64, state text, created time, due time, findings i64, audience i64, contacts i64
SELECT n.row, n.id, n.number, n.subject, o.id AS org_id, o.key AS org_key, o.name AS org_name, n.kind,
  n.severity, n.state, n.created, n.due, n.findings, n.audience,
  (SELECT count(*) FROM delivery d WHERE d.parent = n.row AND d.channel = 'mail' AND {see d}) AS contacts
FROM notice n JOIN organisation o ON o.row = n.org AND {see o}
WHERE n.state = $state AND (n.due, n.row) > ($after, $after_row) AND {see n}
  {? before: AND n.due < $before}
  {? sector: AND o.sector = $sector}
ORDER BY n.due, n.row LIMIT $limit;

-- name: queue_findings many
-- see: f finding
-- see: o organisation
-- doc: Open findings that no notice tells, newest first.
-- in: before i64, sector text?, limit i64
-- out: row i64, id id, type text, identifier text, ip text?, fqdn text?, severity i64, first_seen time, why_kind text, org_id id, org_key text, org_name texts, seen i64, audience i64
SELECT f.row, f.id, f.type, f.identifier, f.ip, f.fqdn, f.severity, f.first_seen, f.why_kind,
  o.id AS org_id, o.key AS org_key, o.name AS org_name, f.seen, f.audience
FROM finding f JOIN organisation o ON o.row = f.owner AND {see o}
WHERE f.notice IS NULL AND f.row < $before AND f.state || '' = 'open' AND {see f}
  {? sector: AND o.sector = $sector}
ORDER BY f.row DESC LIMIT $limit;

-- name: notices_waiting one
-- see: n notice
-- in: now time
-- out: waiting i64, late i64
SELECT count(*) AS waiting, coalesce(sum(CASE WHEN n.due < $now THEN 1 ELSE 0 END), 0) AS late
FROM notice n WHERE n.state = 'sent' AND {see n};

-- name: findings_unnoticed one
-- see: f finding
-- doc: Counts no further than the limit.
-- in: limit i64
-- out: n i64
SELECT count(*) AS n FROM (SELECT f.row FROM finding f
  WHERE f.notice IS NULL AND f.state || '' = 'open' AND {see f} ORDER BY f.row LIMIT $limit) q;

-- name: findings_open one
-- see: f finding
-- out: n i64
SELECT count(*) AS n FROM finding f WHERE f.state = 'open' AND {see f};

-- name: findings_open_of one
-- see: f finding
-- in: org i64
-- out: n i64
SELECT count(*) AS n FROM finding f WHERE f.owner = $org AND f.state || '' = 'open' AND {see f};

-- name: mails_failed one
-- see: d delivery
-- out: n i64
SELECT count(*) AS n FROM delivery d WHERE d.state IN ('failed', 'bounced') AND {see d};

-- name: agency_waiting many
-- see: n notice
-- in: org i64, limit i64
-- out: row i64, id id, number text, subject texts, due time, severity i64, findings i64
SELECT n.row, n.id, n.number, n.subject, n.due, n.severity, n.findings FROM notice n
WHERE n.org = $org AND n.state || '' = 'sent' AND {see n} ORDER BY n.due, n.row LIMIT $limit;

-- name: agency_to_fix many
-- see: n notice
-- see: f finding
-- doc: Acknowledged notices some of whose findings are open.
-- in: org i64, limit i64
-- out: id id, number text, subject texts, due time, severity i64, open i64
SELECT n.id, n.number, n.subject, n.due, n.severity,
  (SELECT count(*) FROM finding f WHERE f.notice = n.row AND f.state || '' = 'open' AND {see f}) AS open
FROM notice n
WHERE n.org = $org AND n.state || '' = 'acknowledged' AND {see n}
  AND EXISTS (SELECT 1 FROM finding f WHERE f.notice = n.row AND f.state || '' = 'open' AND {see f})
ORDER BY n.due, n.row LIMIT $limit;

-- name: agency_by_identifier many
-- see: f finding
-- in: org i64
-- out: identifier text, type text, n i64
SELECT f.identifier, f.type, count(*) AS n FROM finding f
WHERE f.owner = $org AND f.state || '' = 'open' AND {see f}
GROUP BY f.identifier, f.type ORDER BY n DESC, f.identifier, f.type LIMIT 50;

-- name: agency_people many
-- see: p person
-- in: org i64
-- out: row i64
SELECT p.row FROM person p WHERE p.org = $org AND p.state <> 'disabled' AND {see p} ORDER BY p.row LIMIT 100;

-- name: agency_networks many
-- see: n network
-- in: org i64
-- out: id id, kind text, value text, state text, source text, version i64
SELECT n.id, n.kind, n.value, n.state, n.source, n.version FROM network n
WHERE n.org = $org AND n.state = 'approved' AND {see n} ORDER BY n.kind, n.value, n.row LIMIT 500;

-- name: job_item_add exec
-- system: what a bulk act changed, by its own slice
-- in: job i64, item i64, record i64, was i64, made i64
INSERT INTO job_item (job, item, record, was, made) VALUES ($job, $item, $record, $was, $made);

-- name: job_items many
-- system: for the undo alone, which holds each of them as its viewer may
-- in: job i64, skip i64, limit i64
-- out: record i64, was i64, made i64
SELECT i.record, i.was, i.made FROM job_item i WHERE i.job = $job ORDER BY i.item LIMIT $limit OFFSET $skip;

-- name: job_items_n one
-- system: how much there is to undo, for who did it
-- in: job i64
-- out: n i64
SELECT count(*) AS n FROM job_item i WHERE i.job = $job;

-- name: job_items_old exec
-- system: what cannot be undone any more
-- in: before time
DELETE FROM job_item WHERE job IN (SELECT j.row FROM job j WHERE j.kind = 'answer' AND j.finished < $before);

-- name: dead_page many
-- see: d delivery
-- see: n notice
-- see: o organisation
-- doc: Messages that were given up, the latest made first.
-- in: before i64, channel text?, org i64?, limit i64
-- out: id id, channel text, notice_id id, number text, org_id id, org_key text, org_name texts, _person i64?, attempts i64, at time, last_error text?, _org i64, _audience i64, _row i64
SELECT d.id, d.channel, n.id AS notice_id, n.number, o.id AS org_id, o.key AS org_key, o.name AS org_name, d.person AS _person,
  d.attempts, d.modified AS at, d.last_error, d.org AS _org, n.audience AS _audience, d.row AS _row
FROM delivery d JOIN notice n ON n.row = d.parent JOIN organisation o ON o.row = d.org
WHERE {see d} AND {see n} AND {see o} AND d.state = 'failed' AND d.row < $before
  {? channel: AND d.channel = $channel} {? org: AND d.org = $org}
ORDER BY d.row DESC LIMIT $limit;

-- name: wall_provinces many
-- see: f finding
-- see: o organisation
-- doc: Open findings by province, of the last seen; of fewer than three organisations no figure.
-- in: limit i64
-- out: province text?, findings i64?
SELECT o.province, CASE WHEN count(DISTINCT q.owner) < 3 THEN NULL ELSE count(*) END AS findings
FROM (SELECT f.owner FROM finding f WHERE f.state = 'open' AND {see f} ORDER BY f.last_seen DESC, f.row DESC LIMIT $limit) q
JOIN organisation o ON o.row = q.owner AND {see o} GROUP BY o.province ORDER BY o.province;

-- name: wall_kinds many
-- see: f finding
-- doc: The gravest kinds among the open findings of up to a label, of the last seen.
-- in: limit i64, label i64, top i64
-- out: kind text, severity i64, findings i64, organisations i64
SELECT q.kind, max(q.severity) AS severity, count(*) AS findings, count(DISTINCT q.owner) AS organisations
FROM (SELECT f.owner, f.severity, f.audience & 7 AS label, CASE WHEN f.identifier = '' THEN f.type ELSE f.identifier END AS kind
  FROM finding f WHERE f.state = 'open' AND {see f} ORDER BY f.last_seen DESC, f.row DESC LIMIT $limit) q
WHERE q.label <= $label GROUP BY q.kind ORDER BY max(q.severity) DESC, count(DISTINCT q.owner) DESC, q.kind LIMIT $top;

-- name: wall_above one
-- see: f finding
-- doc: How many kinds there are above a label, and how many findings were looked at.
-- in: limit i64, label i64
-- out: kinds i64, findings i64
SELECT count(DISTINCT CASE WHEN q.label > $label THEN q.kind END) AS kinds, count(*) AS findings
FROM (SELECT f.audience & 7 AS label, CASE WHEN f.identifier = '' THEN f.type ELSE f.identifier END AS kind
  FROM finding f WHERE f.state = 'open' AND {see f} ORDER BY f.last_seen DESC, f.row DESC LIMIT $limit) q;

-- name: letters_page many
-- see: d delivery
-- see: n notice
-- see: o organisation
-- doc: Letters, the latest first.
-- in: before i64, state text?, org i64?, limit i64
-- out: id id, state text, notice_id id, notice_number text, org_id id, org_key text, org_name texts, acknowledged time?, _audience i64, _row i64, _number text, _issued time, _hash blob?, _printed time?, _handed time?, _handed_by i64?, _returned time?, _withdrawn time?
SELECT d.id, d.state, n.id AS notice_id, n.number AS notice_number, o.id AS org_id, o.key AS org_key, o.name AS org_name, d.acknowledged,
  n.audience AS _audience, d.row AS _row, l.number AS _number, l.issued AS _issued, l.hash AS _hash, l.printed AS _printed,
  l.handed AS _handed, l.handed_by AS _handed_by, l.returned AS _returned, l.withdrawn AS _withdrawn
FROM letter l JOIN delivery d ON d.row = l.delivery JOIN notice n ON n.row = d.parent JOIN organisation o ON o.row = d.org
WHERE {see d} AND {see n} AND {see o} AND d.row < $before {? state: AND d.state = $state} {? org: AND d.org = $org}
ORDER BY d.row DESC LIMIT $limit;
