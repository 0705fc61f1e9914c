-- Answers to retried writes, kept for a day. Owned by api/idempotency.c.

-- name: idempotency_answer one
-- system: bound to the viewer and route by its key
-- in: key_hash blob, after time
-- out: request_hash blob, status i64, body text
SELECT i.request_hash, i.status, i.body FROM idempotency i
WHERE i.key_hash = $key_hash AND i.created > $after;

-- name: idempotency_add exec
-- system: bound to the viewer and route by its key
-- in: key_hash blob, request_hash blob, status i64, body text, created time
INSERT INTO idempotency (key_hash, request_hash, status, body, created)
VALUES ($key_hash, $request_hash, $status, $body, $created);

-- name: idempotency_purge exec
-- system: keys older than a day
-- in: before time
DELETE FROM idempotency WHERE created <= $before;

-- name: held_add exec
-- system: kept as it was asked for; who may see it is decided by permit_second
-- in: id id, route str, path str, body str, person i64, org i64, created time, expires time
INSERT INTO held_act (id, route, path, body, person, org, state, created, expires)
VALUES ($id, $route, $path, $body, $person, $org, 'held', $created, $expires);

-- name: held_waiting many
-- system: who may see one is decided by permit_second
-- in: now time, id id?, limit i64
-- out: row i64, id id, route str, path str, body str, person i64, org i64, created time, expires time
SELECT h.row, h.id, h.route, h.path, h.body, h.person, h.org, h.created, h.expires FROM held_act h
WHERE h.state = 'held' AND h.expires > $now {? id: AND h.id = $id} ORDER BY h.row LIMIT $limit;

-- name: held_decide exec
-- system: only one decision finds it waiting
-- in: row i64, state str, decider i64, now time
UPDATE held_act SET state = $state, decider = $decider, decided = $now
WHERE row = $row AND state = 'held' AND expires > $now;

-- name: held_yes_add exec
-- system: counted by held_approve, which asks permit_second
-- in: act i64, person i64, at time
INSERT INTO held_yes (act, person, at) VALUES ($act, $person, $at) ON CONFLICT (act, person) DO NOTHING;

-- name: held_yes_of many
-- system: who may see the act is decided by permit_second
-- in: act i64
-- out: person i64
SELECT y.person FROM held_yes y WHERE y.act = $act ORDER BY y.at, y.person LIMIT 8;
