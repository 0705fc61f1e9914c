-- Findings as promote and the notices see them: by their key, many a second. Owned by common/findings.

-- name: finding_by_dedup one
-- system: promote asks for the machine whether the finding is there already
-- in: dedup blob
-- out: row i64, state text, answered time?
SELECT f.row, f.state, f.answered FROM finding f WHERE f.dedup = $dedup;

-- name: finding_ledgered one
-- system: whether the ledger speaks of the version that stands in the table
-- doc: A record's entry has its time, by which the entries are found: an index by subject alone has random pages.
-- in: row i64
-- out: version i64, entries i64
SELECT f.version, (SELECT count(*) FROM ledger_entry e
  WHERE e.at = f.modified AND e.subject = f.id AND e.version = f.version) AS entries
FROM finding f WHERE f.row = $row;

-- name: finding_again exec
-- system: a repeat is a count, not an act of anybody; see findings.h
-- in: row i64, n i64, first_seen time, last_seen time, severity i64, now time
UPDATE finding SET seen = seen + $n, version = version + 1, modified = $now,
  first_seen = CASE WHEN $first_seen < first_seen THEN $first_seen ELSE first_seen END,
  last_seen = CASE WHEN $last_seen > last_seen THEN $last_seen ELSE last_seen END,
  severity = CASE WHEN $severity > severity THEN $severity ELSE severity END
WHERE row = $row;

-- name: finding_to_notice exec
-- system: the notice's ledger entry names its findings; they need none each
-- in: row i64, notice i64, now time
UPDATE finding SET notice = $notice, version = version + 1, modified = $now WHERE row = $row;

-- name: finding_off_notice exec
-- system: the undo's ledger entry stands for all of them
-- in: notice i64, now time
UPDATE finding SET notice = NULL, version = version + 1, modified = $now WHERE notice = $notice;

-- name: finding_on_notice_ledgered many
-- system: versions that the ledger speaks of are kept before a set operation writes over them
-- in: notice i64
-- out: row i64, version i64
SELECT f.row, f.version FROM finding f WHERE f.notice = $notice AND EXISTS (
  SELECT 1 FROM ledger_entry e WHERE e.at = f.modified AND e.subject = f.id AND e.version = f.version)
ORDER BY f.row;
