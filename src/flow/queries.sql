-- What the pipeline reads of the records: its snapshot, its feeds, its imports, where promotion stands.

-- name: flow_orgs many
-- system: the pipeline finds owners for events nobody has seen yet; events then carry an audience
-- out: row i64, id id
SELECT o.row, o.id FROM organisation o WHERE o.state = 'active' ORDER BY o.row;

-- name: flow_networks many
-- system: the pipeline finds owners for events nobody has seen yet
-- out: org i64, kind str, value str, valid_from time, valid_to time
SELECT n.org, n.kind, n.value, n.valid_from, n.valid_to FROM network n
WHERE n.state = 'approved' ORDER BY n.row;

-- name: flow_indicators many
-- system: every event is held against every indicator; whether a person may see one is asked when it is shown
-- in: now time
-- out: row i64, kind str, value str, valid_until time
SELECT i.row, i.kind, i.value, i.valid_until FROM indicator i
WHERE i.state = 'active' AND i.valid_from <= $now AND i.valid_until > $now ORDER BY i.row;

-- name: flow_indicator_next one
-- system: when an indicator begins to hold the pipeline must look again
-- in: now time
-- out: next time?
SELECT min(i.valid_from) AS next FROM indicator i WHERE i.state = 'active' AND i.valid_from > $now;

-- name: flow_feeds many
-- system: the scheduler fetches for nobody in particular
-- out: row i64, key str, format str, url str?, every_s i64, state str
SELECT f.row, f.key, f.format, f.url, f.every_s, f.state FROM feed f ORDER BY f.row;

-- name: intake_same many
-- system: the same content of the same feed is not read twice, whoever brought it
-- in: feed i64, hash blob
-- out: row i64, id id, state str
SELECT r.row, r.id, r.state FROM import_run r
WHERE r.kind = 'feed' AND r.subject = $feed AND r.file_hash = $hash AND r.state IN ('running', 'done')
ORDER BY r.row DESC;

-- name: intake_left many
-- system: imports go on after a stop of the program
-- out: row i64, id id, feed i64, file_name str, file_hash blob, bytes_total i64
SELECT r.row, r.id, r.subject AS feed, r.file_name, r.file_hash, r.bytes_total FROM import_run r
WHERE r.kind = 'feed' AND r.state = 'running' ORDER BY r.row;

-- name: promote_place one
-- system: where promotion stands is the pipeline's own
-- out: number i64
SELECT p.number FROM reaction p WHERE p.name = 'flow.promote';

-- name: promote_place_set exec
-- system: where promotion stands is the pipeline's own
-- in: number i64
INSERT INTO reaction (name, number) VALUES ('flow.promote', $number)
ON CONFLICT (name) DO UPDATE SET number = excluded.number;

-- name: flow_reference many
-- system: data of the world that update bundles brought, the same for everybody
-- out: kind str, name str, version str, date time, n_bytes i64, sha256 blob, digest str, made time, folder id, applied time
SELECT r.kind, r.name, r.version, r.date, r.n_bytes, r.sha256, r.digest, r.made, r.folder, r.applied
FROM reference_part r ORDER BY r.kind, r.name;

-- name: flow_reference_drop exec
-- system: as flow_reference
-- in: kind str
DELETE FROM reference_part WHERE kind = $kind;

-- name: flow_reference_add exec
-- system: as flow_reference
-- in: kind str, name str, version str, date time, n_bytes i64, sha256 blob, digest str, made time, folder id, applied time, person i64
INSERT INTO reference_part (kind, name, version, date, n_bytes, sha256, digest, made, folder, applied, person)
VALUES ($kind, $name, $version, $date, $n_bytes, $sha256, $digest, $made, $folder, $applied, $person);
