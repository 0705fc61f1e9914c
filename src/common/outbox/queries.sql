-- Deliveries as the outbox works through them. Owned by common/outbox.

-- name: delivery_due many
-- system: the outbox is the machine's
-- doc: Deliveries of a state that are to be looked at now, longest due first.
-- in: state text, now time, limit i64
-- out: row i64
SELECT d.row FROM delivery d WHERE d.state = $state AND d.next_at <= $now
ORDER BY d.next_at, d.row LIMIT $limit;

-- name: delivery_of_notice many
-- system: what becomes of a notice becomes of its deliveries
-- in: notice i64
-- out: row i64, channel text, state text, person i64?
SELECT d.row, d.channel, d.state, d.person FROM delivery d WHERE d.parent = $notice ORDER BY d.row;

-- name: delivery_put_off exec
-- system: a delivery that breaks the outbox waits in sight and lets the others pass
-- in: row i64, until time, error text
UPDATE delivery SET state = 'queued', next_at = $until, last_error = $error, version = version + 1
WHERE row = $row AND state IN ('held', 'queued', 'sending');

-- name: notice_first_type one
-- system: the mail says what class of matter the notice is about
-- in: notice i64
-- out: type text, identifier text
SELECT f.type, f.identifier FROM finding f WHERE f.notice = $notice ORDER BY f.row LIMIT 1;

-- name: org_contacts many
-- system: whom a notice goes to is decided by the registry, not by a viewer
-- in: org i64
-- out: row i64, lang text, contact_role text
SELECT p.row, p.lang, p.contact_role FROM person p
WHERE p.org = $org AND p.state IN ('active', 'invited') AND p.contact_role IN ('focal', 'technical')
ORDER BY p.row;

-- name: mail_due many
-- doc: Whether queued mail waits to be sent.
-- in: now time
-- out: row i64
SELECT j.row FROM job j
WHERE j.state IN ('ready', 'running') AND j.run_at <= $now AND j.lease_until <= $now AND j.kind = 'mail'
ORDER BY j.run_at, j.row LIMIT 1;

-- name: delivery_counts many
-- system: how the machine's outbox stands, without whom it is for
-- out: channel text, state text, n i64
SELECT d.channel, d.state, count(*) AS n FROM delivery d GROUP BY d.channel, d.state
ORDER BY d.channel, d.state;

-- name: delivery_waiting many
-- system: a restored installation sends nothing before somebody says so
-- doc: Messages that wait to leave by mail, made before a time.
-- in: before time, after i64, limit i64
-- out: row i64
SELECT d.row FROM delivery d WHERE d.state IN ('held', 'queued', 'sending') AND d.channel <> 'portal'
  AND d.created <= $before AND d.row > $after ORDER BY d.row LIMIT $limit;

-- name: mail_waiting one
-- system: as delivery_waiting
-- in: before time
-- out: n i64
SELECT count(*) AS n FROM job j WHERE j.kind = 'mail' AND j.state IN ('ready', 'running') AND j.created <= $before;

-- name: mail_stop exec
-- system: as delivery_waiting
-- in: now time, before time
UPDATE job SET state = 'stopped', finished = $now
WHERE kind = 'mail' AND state IN ('ready', 'running') AND created <= $before;
