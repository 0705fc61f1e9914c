-- name: read_note_add exec
-- system: who read what is no record; its route asks who owns the thing
-- in: day i64, at time, person i64, org i64, how str, kind str, record i64, subject id, version i64, why str
INSERT INTO read_note (day, at, person, org, how, kind, record, subject, version, why)
VALUES ($day, $at, $person, $org, $how, $kind, $record, $subject, $version, $why);

-- name: read_day_get one
-- system: the chain of a day
-- in: day i64
-- out: salt blob, chain blob, notes i64, state str, entry id?, closed time?
SELECT d.salt, d.chain, d.notes, d.state, d.entry, d.closed FROM read_day d WHERE d.day = $day;

-- name: read_day_add exec
-- system: the chain of a day
-- in: day i64, salt blob, chain blob
INSERT INTO read_day (day, salt, chain, notes, state, entry, closed) VALUES ($day, $salt, $chain, 0, 'open', NULL, NULL);

-- name: read_day_grow exec
-- system: the chain of a day
-- in: day i64, chain blob
UPDATE read_day SET chain = $chain, notes = notes + 1 WHERE day = $day;

-- name: read_days many
-- system: the keeper closes days, proving goes through all of them, and the auditor sees their digests
-- in: after i64, limit i64
-- out: day i64, salt blob, chain blob, notes i64, state str, entry id?, closed time?
SELECT d.day, d.salt, d.chain, d.notes, d.state, d.entry, d.closed FROM read_day d WHERE d.day > $after
ORDER BY d.day LIMIT $limit;

-- name: read_days_back many
-- system: the auditor sees their digests
-- in: before i64, limit i64
-- out: day i64, chain blob, notes i64, state str, entry id?, closed time?
SELECT d.day, d.chain, d.notes, d.state, d.entry, d.closed FROM read_day d WHERE d.day < $before
ORDER BY d.day DESC LIMIT $limit;

-- name: read_days_open many
-- system: the keeper closes the days that are over
-- in: before i64
-- out: day i64, chain blob, notes i64
SELECT d.day, d.chain, d.notes FROM read_day d WHERE d.state = 'open' AND d.day < $before
ORDER BY d.day LIMIT 100;

-- name: read_day_set exec
-- system: the keeper
-- in: day i64, state str, entry id?, closed time?
UPDATE read_day SET state = $state, entry = $entry, closed = $closed WHERE day = $day;

-- name: read_held one
-- system: a legal hold wins over reads.keep_days
-- out: n i64
SELECT count(*) AS n FROM legal_hold h WHERE h.lifted IS NULL;

-- name: read_days_old many
-- system: notes are kept for reads.keep_days
-- in: before i64
-- out: day i64, entry id?, closed time?
SELECT d.day, d.entry, d.closed FROM read_day d WHERE d.state = 'closed' AND d.day < $before ORDER BY d.day LIMIT 1;

-- name: read_notes_end exec
-- system: notes are kept for reads.keep_days
-- in: day i64, limit i64
DELETE FROM read_note WHERE row IN (SELECT n.row FROM read_note n WHERE n.day = $day ORDER BY n.row LIMIT $limit);

-- name: read_notes_of_day many
-- system: proving makes the chain again
-- in: day i64, after i64, limit i64
-- out: row i64, at time, person i64, org i64, how str, kind str, record i64, subject id, version i64, why str
SELECT n.row, n.at, n.person, n.org, n.how, n.kind, n.record, n.subject, n.version, n.why
FROM read_note n WHERE n.day = $day AND n.row > $after ORDER BY n.row LIMIT $limit;

-- name: read_entry_of_day one
-- system: proving holds a day against what the ledger says of it
-- in: at time, subject id
-- out: body text
SELECT e.body FROM ledger_entry e WHERE e.at = $at AND e.subject = $subject AND e.type = 'reads.closed';

-- name: read_entries_count one
-- system: proving counts: a day that was taken out leaves its entry behind
-- out: entries i64, days i64
SELECT (SELECT count(*) FROM ledger_entry e WHERE e.type = 'reads.closed') AS entries,
  (SELECT count(*) FROM read_day d WHERE d.state <> 'open') AS days;

-- name: saw_orgs many
-- system: the handler has asked that the asker owns the thing
-- in: kind str, record i64
-- out: org i64, people i64, times i64, first time, last time
SELECT n.org, count(DISTINCT n.person) AS people, count(*) AS times, min(n.at) AS first, max(n.at) AS last
FROM read_note n WHERE n.kind = $kind AND n.record = $record
GROUP BY n.org ORDER BY min(n.at), n.org LIMIT 500;

-- name: saw_people many
-- system: the handler has asked that the asker owns the thing; people of the asker's own organisation
-- in: kind str, record i64, org i64
-- out: person i64, how str, times i64, first time, last time, version i64
SELECT n.person, n.how, count(*) AS times, min(n.at) AS first, max(n.at) AS last, max(n.version) AS version
FROM read_note n WHERE n.kind = $kind AND n.record = $record AND n.org = $org
GROUP BY n.person, n.how ORDER BY min(n.at), n.person LIMIT 500;
