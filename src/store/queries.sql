-- Slow work: who has it, how far it is. Owned by store/job.c.

-- name: job_add one
-- in: id id, kind text, body json, person i64, run_at time, max_attempts i64, total i64, now time
-- out: row i64
INSERT INTO job (id, kind, body, person, state, run_at, lease_until, leased_by, attempts, max_attempts,
  progress, total, created)
VALUES ($id, $kind, $body, $person, 'ready', $run_at, 0, '', 0, $max_attempts, 0, $total, $now)
RETURNING row;

-- name: job_next one
-- doc: The job that is due longest; one whose lease ran out by the live clock counts as ready.
-- in: now time, live time, kind text?
-- out: row i64
SELECT j.row FROM job j
WHERE j.state IN ('ready', 'running') AND j.run_at <= $now AND j.lease_until <= $live
  {? kind: AND j.kind = $kind}
ORDER BY j.run_at, j.row LIMIT 1;
-- pg: several programs may share the store: a row that another is claiming is passed over
SELECT j.row FROM job j
WHERE j.state IN ('ready', 'running') AND j.run_at <= $now AND j.lease_until <= $live
  {? kind: AND j.kind = $kind}
ORDER BY j.run_at, j.row LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: job_ready one
-- doc: The same without taking it.
-- in: now time, live time, kind text
-- out: row i64
SELECT j.row FROM job j
WHERE j.state IN ('ready', 'running') AND j.run_at <= $now AND j.lease_until <= $live AND j.kind = $kind
ORDER BY j.run_at, j.row LIMIT 1;

-- name: job_lease exec
-- in: row i64, who text, until time, now time
UPDATE job SET state = 'running', leased_by = $who, lease_until = $until, attempts = attempts + 1,
  started = COALESCE(started, $now)
WHERE row = $row;

-- name: job_row one
-- in: row i64
-- out: row i64, id id, kind text, body json, person i64, state text, run_at time, lease_until time,
--   leased_by text, attempts i64, max_attempts i64, progress i64, total i64, error text?, created time,
--   started time?, finished time?, result text?, undone i64?
SELECT row, id, kind, body, person, state, run_at, lease_until, leased_by, attempts, max_attempts,
  progress, total, error, created, started, finished, result, undone
FROM job WHERE row = $row;

-- name: job_by_id one
-- in: id id
-- out: row i64
SELECT row FROM job WHERE id = $id;

-- name: job_beat exec
-- in: row i64, who text, progress i64, total i64, result text?, until time
UPDATE job SET progress = $progress, total = $total, result = COALESCE($result, result),
  lease_until = $until
WHERE row = $row AND leased_by = $who AND state = 'running';

-- name: job_end exec
-- in: row i64, who text, state text, error text?, now time
UPDATE job SET state = $state, error = $error, finished = $now, lease_until = 0
WHERE row = $row AND leased_by = $who AND state = 'running';

-- name: job_retry exec
-- in: row i64, who text, error text, run_at time
UPDATE job SET state = 'ready', error = $error, run_at = $run_at, lease_until = 0, leased_by = ''
WHERE row = $row AND leased_by = $who AND state = 'running';

-- name: job_put_back exec
-- in: row i64, who text
UPDATE job SET state = 'ready', lease_until = 0, leased_by = '', attempts = attempts - 1
WHERE row = $row AND leased_by = $who AND state = 'running';

-- name: job_halt exec
-- in: row i64, now time
UPDATE job SET state = 'stopped', finished = $now, lease_until = 0
WHERE row = $row AND state IN ('ready', 'running');

-- name: job_page many
-- doc: Of some kinds, the latest first; whose is decided by the caller.
-- in: person i64?, limit i64
-- out: row i64
SELECT j.row FROM job j
WHERE j.kind IN ('acknowledge', 'answer', 'answer_undo', 'retention', 'withhold') {? person: AND j.person = $person}
ORDER BY j.row DESC LIMIT $limit;

-- name: job_undo exec
-- doc: Only one undo finds it not undone.
-- in: row i64, undone i64
UPDATE job SET undone = $undone WHERE row = $row AND undone IS NULL;

-- name: job_withdraw_ready exec
-- in: kind text, person i64
DELETE FROM job WHERE state = 'ready' AND kind = $kind AND person = $person;

-- name: setting_value one
-- in: name text
-- out: value text
SELECT s.value FROM setting s WHERE s.name = $name;

-- name: setting_put exec
-- in: name text, value text
INSERT INTO setting (name, value) VALUES ($name, $value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: counter_next one
-- doc: Raises the counter by one and gives its new value; the first one is 1.
-- in: name text
-- out: value i64
INSERT INTO counter (name, value) VALUES ($name, 1)
ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value;

-- name: job_counts many
-- doc: How much slow work there is, by its state; nobody's content.
-- out: state text, n i64
SELECT j.state, count(*) AS n FROM job j GROUP BY j.state ORDER BY j.state;
