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
