-- Deliveries as the outbox works through them. Owned by common/outbox.

-- name: delivery_due many
-- system: the outbox is the machine's
-- doc: Deliveries that are held, or mail of a state, to be looked at now, longest due first.
-- in: state text, now time, limit i64
-- out: row i64
SELECT d.row FROM delivery d WHERE d.state = $state AND d.next_at <= $now AND (d.state = 'held' OR d.channel = 'mail')
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

-- name: letter_add exec
-- system: the outbox numbers letters
-- in: delivery i64, notice i64, org i64, number text, code text, issued time, model blob
INSERT INTO letter (delivery, notice, org, number, code, issued, model)
VALUES ($delivery, $notice, $org, $number, $code, $issued, $model);

-- name: letter_machines many
-- system: the letter's words are written for its recipient by the machine
-- in: notice i64, limit i64
-- out: ip text?, port i64?, fqdn text?, last_seen time
SELECT f.ip, f.port, f.fqdn, f.last_seen FROM finding f WHERE f.notice = $notice ORDER BY f.row LIMIT $limit;

-- name: letter_standing one
-- system: a notice has one letter that counts; who asks may write to its recipient
-- in: notice i64
-- out: id id, version i64
SELECT d.id, d.version FROM delivery d
WHERE d.parent = $notice AND d.channel = 'letter' AND d.state NOT IN ('undone', 'withdrawn')
ORDER BY d.row DESC LIMIT 1;

-- name: letter_facts one
-- system: its state is looked at before it is moved
-- in: delivery i64
-- out: number text, issued time, withdrawn time?, pdf bool
SELECT l.number, l.issued, l.withdrawn, (l.pdf IS NOT NULL) AS pdf FROM letter l WHERE l.delivery = $delivery;

-- name: letter_step exec
-- system: what an officer says became of it
-- in: delivery i64, state text, at time, person i64?
UPDATE letter SET printed = CASE WHEN $state = 'printed' THEN $at ELSE printed END,
  handed = CASE WHEN $state = 'handed' THEN $at ELSE handed END,
  handed_by = CASE WHEN $state = 'handed' THEN $person ELSE handed_by END,
  returned = CASE WHEN $state = 'returned' THEN $at ELSE returned END,
  withdrawn = CASE WHEN $state = 'withdrawn' THEN $at ELSE withdrawn END
WHERE delivery = $delivery;

-- name: letter_by_number one
-- system: whoever holds a letter asks; the code on it is compared by the caller
-- in: number text
-- out: number text, code text, org i64, issued time, withdrawn time?
SELECT l.number, l.code, l.org, l.issued, l.withdrawn FROM letter l
WHERE l.number = $number AND l.pdf IS NOT NULL;

-- name: letter_waiting one
-- system: the outbox is the machine's
-- doc: The letter that is to be made next.
-- in: now time
-- out: delivery i64, number text, model blob, issued time
SELECT l.delivery, l.number, l.model, l.issued FROM delivery d JOIN letter l ON l.delivery = d.row
WHERE d.state = 'writing' AND d.next_at <= $now ORDER BY d.next_at, d.row LIMIT 1;

-- name: letter_keep exec
-- system: the outbox keeps what it has made, once
-- in: delivery i64, pdf blob, hash blob
UPDATE letter SET pdf = $pdf, hash = $hash WHERE delivery = $delivery AND pdf IS NULL;

-- name: trouble_add exec
-- system: the outbox counts what came back; whose it is was read from the tag
-- in: person i64, hard i64, soft i64, status text, at time
INSERT INTO mail_trouble (person, hard, soft, status, first, last) VALUES ($person, $hard, $soft, $status, $at, $at)
ON CONFLICT (person) DO UPDATE SET hard = mail_trouble.hard + $hard, soft = mail_trouble.soft + $soft, status = $status, last = $at;

-- name: trouble_read one
-- system: shown with its person, whom the caller has read as the viewer
-- in: person i64
-- out: hard i64, soft i64, status text, first time, last time
SELECT m.hard, m.soft, m.status, m.first, m.last FROM mail_trouble m WHERE m.person = $person;

-- name: trouble_forget exec
-- system: the caller may write to its person
-- in: person i64
DELETE FROM mail_trouble WHERE person = $person;

-- name: box_read one
-- system: the outbox reads its own mailbox
-- in: name text
-- out: validity i64, uid i64
SELECT b.validity, b.uid FROM mail_box b WHERE b.name = $name;

-- name: box_keep exec
-- system: the outbox reads its own mailbox
-- in: name text, validity i64, uid i64
INSERT INTO mail_box (name, validity, uid) VALUES ($name, $validity, $uid)
ON CONFLICT (name) DO UPDATE SET validity = $validity, uid = $uid;

-- name: channel_find many
-- system: who may see a channel is decided by permit_channel; the outbox is the machine's
-- doc: Channels of an organisation, of a kind, or the one that is named.
-- in: org i64?, kind text?, id id?, row i64?
-- out: row i64, id id, org i64, kind text, shown text, wrapped blob, sealed blob, state text, why text, before_until time?, next_at time, failing time?, good time?, last_error text?, test text?, test_words text?, created time, version i64
SELECT c.row, c.id, c.org, c.kind, c.shown, c.wrapped, c.sealed, c.state, c.why, c.before_until, c.next_at, c.failing, c.good,
  c.last_error, c.test, c.test_words, c.created, c.version
FROM channel c WHERE c.row > 0 {? org: AND c.org = $org} {? kind: AND c.kind = $kind} {? id: AND c.id = $id} {? row: AND c.row = $row}
ORDER BY c.row LIMIT 8;

-- name: channel_add exec
-- system: as channel_find
-- in: id id, org i64, kind text, shown text, wrapped blob, sealed blob, now time, author i64
INSERT INTO channel (id, org, kind, shown, wrapped, sealed, state, why, next_at, told, created, modified, author, version)
VALUES ($id, $org, $kind, $shown, $wrapped, $sealed, 'on', '', $now, TRUE, $now, $now, $author, 1);

-- name: channel_seal exec
-- system: as channel_find
-- doc: Another address or secret; what is said of the earlier one is gone with it.
-- in: row i64, shown text, wrapped blob, sealed blob, before_until time?, now time
UPDATE channel SET shown = $shown, wrapped = $wrapped, sealed = $sealed, before_until = $before_until, next_at = $now,
  failing = NULL, last_error = NULL, test = NULL, test_words = NULL, modified = $now, version = version + 1 WHERE row = $row;

-- name: channel_switch exec
-- system: as channel_find
-- in: row i64, state text, why text, told bool, now time
UPDATE channel SET state = $state, why = $why, told = $told, failing = NULL, next_at = $now, modified = $now, version = version + 1
WHERE row = $row;

-- name: channel_good exec
-- system: what a receiver answered
-- in: row i64, now time
UPDATE channel SET good = $now, failing = NULL, last_error = NULL WHERE row = $row;

-- name: channel_bad exec
-- system: what a receiver answered
-- in: row i64, since time, words text, next_at time
UPDATE channel SET failing = $since, last_error = $words, next_at = $next_at WHERE row = $row;

-- name: channel_drop exec
-- system: as channel_find
-- in: row i64
DELETE FROM channel WHERE row = $row;

-- name: channel_test_set exec
-- system: what came of a test message
-- in: row i64, test text, at time, words text?
UPDATE channel SET test = $test, test_at = $at, test_words = $words WHERE row = $row;

-- name: channel_test_due many
-- system: the outbox is the machine's
-- in: now time, limit i64
-- out: row i64
SELECT c.row FROM channel c WHERE c.test IN ('asked', 'sending') AND c.test_at <= $now ORDER BY c.row LIMIT $limit;

-- name: channel_untold many
-- system: an organisation is told that a channel of its turned itself off
-- in: limit i64
-- out: row i64, id id, org i64, kind text, why text
SELECT c.row, c.id, c.org, c.kind, c.why FROM channel c WHERE c.told = FALSE ORDER BY c.row LIMIT $limit;

-- name: channel_told exec
-- system: as channel_untold
-- in: row i64
UPDATE channel SET told = TRUE WHERE row = $row;

-- name: channel_counts one
-- system: how a channel's messages stand, without what they say
-- in: org i64, kind text
-- out: failed i64, waiting i64
SELECT CAST(COALESCE(sum(CASE WHEN d.state = 'failed' THEN 1 ELSE 0 END), 0) AS BIGINT) AS failed,
  CAST(COALESCE(sum(CASE WHEN d.state IN ('queued', 'sending') THEN 1 ELSE 0 END), 0) AS BIGINT) AS waiting
FROM delivery d WHERE d.org = $org AND d.state IN ('failed', 'queued', 'sending') AND d.channel = $kind;

-- name: post_due many
-- system: the outbox is the machine's
-- doc: Messages to machines and telephones that are to leave now: none to an address where one is under way, or whose receiver asked for time.
-- in: state text, now time, limit i64
-- out: row i64, org i64, channel text
SELECT d.row, d.org, d.channel FROM delivery d
WHERE d.state = $state AND d.next_at <= $now AND d.channel IN ('webhook', 'mattermost', 'matrix', 'sms')
  AND NOT EXISTS (SELECT 1 FROM channel c WHERE c.org = d.org AND c.kind = d.channel AND c.next_at > $now)
  AND (d.channel = 'sms' OR NOT EXISTS (SELECT 1 FROM delivery x
    WHERE x.org = d.org AND x.state = 'sending' AND x.channel = d.channel AND x.next_at > $now))
ORDER BY d.next_at, d.row LIMIT $limit;

-- name: replay_span many
-- system: who may send them again is decided by permit_channel
-- doc: Messages of an organisation's channel, made within a span, that were given up (or, when sent is said, taken).
-- in: org i64, channel text, from time, until time, sent bool, limit i64
-- out: row i64
SELECT d.row FROM delivery d
WHERE d.org = $org AND d.channel = $channel AND d.created >= $from AND d.created < $until
  AND (d.state = 'failed' OR ($sent = TRUE AND d.state = 'sent'))
ORDER BY d.row LIMIT $limit;

-- name: delivery_hurry exec
-- system: what waited for a key of the person leaves now
-- in: person i64, now time
UPDATE delivery SET next_at = $now, version = version + 1 WHERE person = $person AND channel = 'mail' AND state = 'queued';
