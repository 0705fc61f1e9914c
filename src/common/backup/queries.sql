-- What is asked of a restored installation. Owned by common/backup.

-- name: backup_people many
-- system: looks whether what is sealed can be opened, and shows it to nobody
-- in: after i64, limit i64
-- out: person i64
SELECT k.person FROM person_key k WHERE k.person > $after AND k.wrapped IS NOT NULL ORDER BY k.person LIMIT $limit;

-- name: backup_run_add exec
-- system: the installation's own book of backups; routes ask for the right to it
-- in: id id, kind str, state str, person i64, created time, ended time?, bytes i64, new_bytes i64, took_ms i64, name str, digest str, entries i64, custodians i64
INSERT INTO backup_run (id, kind, state, person, created, ended, bytes, new_bytes, took_ms, name, digest, entries, custodians)
VALUES ($id, $kind, $state, $person, $created, $ended, $bytes, $new_bytes, $took_ms, $name, $digest, $entries, $custodians);

-- name: backup_run_end exec
-- system: as backup_run_add
-- in: id id, state str, ended time, bytes i64, new_bytes i64, took_ms i64, name str, digest str, entries i64
UPDATE backup_run SET state = $state, ended = $ended, bytes = $bytes, new_bytes = $new_bytes, took_ms = $took_ms,
  name = $name, digest = $digest, entries = $entries
WHERE id = $id AND state = 'begun';

-- name: backup_run_one one
-- system: as backup_run_add
-- in: id id
-- out: id id, kind str, state str, created time, ended time?, bytes i64, new_bytes i64, took_ms i64, name str, digest str, entries i64, custodians i64
SELECT b.id, b.kind, b.state, b.created, b.ended, b.bytes, b.new_bytes, b.took_ms, b.name, b.digest, b.entries, b.custodians
FROM backup_run b WHERE b.id = $id;

-- name: backup_run_page many
-- system: as backup_run_add
-- in: limit i64
-- out: id id, kind str, state str, created time, ended time?, bytes i64, new_bytes i64, took_ms i64, name str, digest str, entries i64, custodians i64, person i64
SELECT b.id, b.kind, b.state, b.created, b.ended, b.bytes, b.new_bytes, b.took_ms, b.name, b.digest, b.entries, b.custodians, b.person
FROM backup_run b ORDER BY b.created DESC, b.row DESC LIMIT $limit;

-- name: backup_last one
-- system: when the last good ones were, for whoever runs the machine
-- out: made time?, drilled time?, drill_good i64, checked time?
SELECT (SELECT max(b.ended) FROM backup_run b WHERE b.kind = 'backup' AND b.state = 'made') AS made,
  (SELECT max(b.ended) FROM backup_run b WHERE b.kind = 'drill') AS drilled,
  (SELECT count(*) FROM backup_run b WHERE b.kind = 'drill' AND b.state = 'good'
    AND b.ended = (SELECT max(d.ended) FROM backup_run d WHERE d.kind = 'drill')) AS drill_good,
  (SELECT max(b.ended) FROM backup_run b WHERE b.kind IN ('ceremony', 'rotation', 'check')) AS checked;
