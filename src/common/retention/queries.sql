-- How long things are kept, and what must not go. Owned by common/retention.

-- name: hold_add exec
-- system: who may place one is the route's
-- in: id id, kind text, record i64, subject id, reason text, author i64, created time
INSERT INTO legal_hold (id, kind, record, subject, reason, author, created)
VALUES ($id, $kind, $record, $subject, $reason, $author, $created);

-- name: hold_on one
-- system: asked before something goes
-- in: kind text, record i64, org i64
-- out: n i64
SELECT count(*) AS n FROM legal_hold h WHERE h.lifted IS NULL
  AND ((h.kind = $kind AND h.record = $record) OR (h.kind = 'organisation' AND h.record = $org));

-- name: hold_count one
-- system: asked before something goes
-- out: n i64
SELECT count(*) AS n FROM legal_hold h WHERE h.lifted IS NULL;

-- name: hold_page many
-- system: the national desk's list
-- in: id id?, open bool, before i64, limit i64
-- out: row i64, id id, kind text, record i64, subject id, reason text, author i64, created time, lifted time?, lifter i64?
SELECT h.row, h.id, h.kind, h.record, h.subject, h.reason, h.author, h.created, h.lifted, h.lifter
FROM legal_hold h WHERE h.row < $before AND ($open IS NOT TRUE OR h.lifted IS NULL) {? id: AND h.id = $id}
ORDER BY h.row DESC LIMIT $limit;

-- name: hold_lift exec
-- system: who may lift one is the route's
-- in: row i64, now time, lifter i64
UPDATE legal_hold SET lifted = $now, lifter = $lifter WHERE row = $row AND lifted IS NULL;

-- name: rule_get one
-- system: how long things are kept
-- in: name text
-- out: changed bool, days i64?, set_by i64?, set_at time?, ran time?, gone i64
SELECT r.changed, r.days, r.set_by, r.set_at, r.ran, r.gone FROM retention_rule r WHERE r.name = $name;

-- name: rule_set exec
-- system: who may is the route's
-- in: name text, days i64?, set_by i64, set_at time
INSERT INTO retention_rule (name, changed, days, set_by, set_at, gone) VALUES ($name, TRUE, $days, $set_by, $set_at, 0)
ON CONFLICT (name) DO UPDATE SET changed = TRUE, days = excluded.days, set_by = excluded.set_by, set_at = excluded.set_at;

-- name: rule_ran exec
-- system: the machine's
-- in: name text, at time, gone i64
INSERT INTO retention_rule (name, changed, ran, gone) VALUES ($name, FALSE, $at, $gone)
ON CONFLICT (name) DO UPDATE SET ran = excluded.ran,
  gone = CASE WHEN excluded.gone > 0 THEN excluded.gone ELSE retention_rule.gone END;

-- name: job_waits one
-- system: one run at a time
-- out: n i64
SELECT count(*) AS n FROM job j WHERE j.kind = 'retention' AND j.state IN ('ready', 'running');

-- name: old_notifications many
-- system: what goes by its age
-- in: after i64, limit i64
-- out: row i64, made time, at time, due i64, held i64
SELECT n.row, n.created AS made, n.created AS at, CAST(CASE WHEN n.mail_at IS NULL THEN 1 ELSE 0 END AS BIGINT) AS due,
  (SELECT count(*) FROM legal_hold h WHERE h.lifted IS NULL AND ((h.kind = 'person' AND h.record = n.person)
    OR (h.kind = 'organisation' AND h.record = (SELECT p.org FROM person p WHERE p.row = n.person)))) AS held
FROM notification n WHERE n.row > $after AND n.row < (SELECT max(m.row) FROM notification m)
ORDER BY n.row LIMIT $limit;

-- name: gone_notification exec
-- system: what goes by its age
-- in: row i64
DELETE FROM notification WHERE row = $row;

-- name: old_jobs many
-- system: what goes by its age
-- in: mail bool, after i64, limit i64
-- out: row i64, made time, at time, due i64, held i64
SELECT j.row, j.created AS made, COALESCE(j.finished, j.created) AS at,
  CAST(CASE WHEN j.state IN ('done', 'failed', 'stopped') AND (j.kind = 'mail') = $mail THEN 1 ELSE 0 END AS BIGINT) AS due,
  (SELECT count(*) FROM legal_hold h WHERE h.lifted IS NULL AND ((h.kind = 'person' AND h.record = j.person)
    OR (h.kind = 'organisation' AND h.record = (SELECT p.org FROM person p WHERE p.row = j.person)))) AS held
FROM job j WHERE j.row > $after AND j.row < (SELECT max(m.row) FROM job m) ORDER BY j.row LIMIT $limit;

-- name: gone_job exec
-- system: what goes by its age
-- in: row i64
DELETE FROM job WHERE row = $row;

-- name: gone_job_items exec
-- system: what goes by its age
-- in: row i64
DELETE FROM job_item WHERE job = $row;

-- name: old_sign_in one
-- system: what goes by its age
-- in: before time
-- out: n i64, oldest time?
SELECT (SELECT count(*) FROM session s WHERE s.expires < $before) + (SELECT count(*) FROM link l WHERE l.expires < $before)
  + (SELECT count(*) FROM passkey_spent c WHERE c.at < $before) + (SELECT count(*) FROM oidc_flow f WHERE f.expires < $before) AS n,
  (SELECT min(s.expires) FROM session s WHERE s.expires < $before) AS oldest;

-- name: gone_sessions exec
-- system: what goes by its age
-- in: before time
DELETE FROM session WHERE expires < $before;

-- name: gone_links exec
-- system: what goes by its age
-- in: before time
DELETE FROM link WHERE expires < $before;

-- name: gone_challenges exec
-- system: what goes by its age
-- in: before time
DELETE FROM passkey_spent WHERE at < $before;

-- name: gone_flows exec
-- system: what goes by its age
-- in: before time
DELETE FROM oidc_flow WHERE expires < $before;

-- name: old_acts many
-- system: what goes by its age
-- doc: Acts that waited for a second person and were decided, or waited in vain.
-- in: now time, after i64, limit i64
-- out: row i64, made time, at time, due i64, held i64
SELECT a.row, a.created AS made, COALESCE(a.decided, a.expires) AS at,
  CAST(CASE WHEN a.state <> 'held' OR a.expires < $now THEN 1 ELSE 0 END AS BIGINT) AS due,
  (SELECT count(*) FROM legal_hold h WHERE h.lifted IS NULL AND ((h.kind = 'person' AND h.record = a.person)
    OR (h.kind = 'organisation' AND h.record = a.org))) AS held
FROM held_act a WHERE a.row > $after AND a.row < (SELECT max(m.row) FROM held_act m) ORDER BY a.row LIMIT $limit;

-- name: gone_act exec
-- system: what goes by its age
-- in: row i64
DELETE FROM held_act WHERE row = $row;

-- name: gone_act_yes exec
-- system: what goes by its age
-- in: row i64
DELETE FROM held_yes WHERE act = $row;

-- name: old_imports many
-- system: what goes by its age
-- in: after i64, limit i64
-- out: row i64, made time, at time, due i64, held i64
SELECT r.row, r.created AS made, COALESCE(r.finished, r.modified) AS at,
  CAST(CASE WHEN r.state <> 'running' THEN 1 ELSE 0 END AS BIGINT) AS due,
  (SELECT count(*) FROM legal_hold h WHERE h.lifted IS NULL AND h.kind = 'organisation' AND h.record = r.owner) AS held
FROM import_run r WHERE r.row > $after AND r.row < (SELECT max(m.row) FROM import_run m) ORDER BY r.row LIMIT $limit;

-- name: gone_import exec
-- system: what goes by its age
-- in: row i64
DELETE FROM import_run WHERE row = $row;

-- name: gone_import_versions exec
-- system: what goes by its age
-- in: row i64
DELETE FROM import_run_version WHERE row = $row;

-- name: old_files many
-- system: what goes by its age
-- doc: Of findings and notices that are over, and what was erased already; what an organisation keeps stays.
-- in: after i64, limit i64
-- out: row i64, made time, at time, due i64, held i64
SELECT x.row, x.created AS made, x.modified AS at,
  CAST(CASE WHEN x.state = 'erased'
    OR (x.about = 'finding' AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.row = x.parent AND f.state = 'open'))
    OR (x.about = 'notice' AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.row = x.parent AND n.state NOT IN ('acknowledged', 'undone')))
    THEN 1 ELSE 0 END AS BIGINT) AS due,
  (SELECT count(*) FROM legal_hold h WHERE h.lifted IS NULL AND ((h.kind = 'attachment' AND h.record = x.row)
    OR (h.kind = 'organisation' AND h.record = x.owner) OR (h.kind = x.about AND h.record = x.parent))) AS held
FROM attachment x WHERE x.row > $after AND x.row < (SELECT max(m.row) FROM attachment m) ORDER BY x.row LIMIT $limit;

-- name: old_actions many
-- system: what goes by its age
-- in: after i64, limit i64
-- out: row i64, made time, at time, due i64, held i64
SELECT a.row, a.created AS made, COALESCE(a.closed, a.modified) AS at,
  CAST(CASE WHEN a.state IN ('verified', 'dropped') THEN 1 ELSE 0 END AS BIGINT) AS due,
  (SELECT count(*) FROM legal_hold h WHERE h.lifted IS NULL AND ((h.kind = 'organisation' AND h.record IN (a.owner, a.asker))
    OR (h.kind = a.about AND h.record = a.parent))) AS held
FROM action a WHERE a.row > $after AND a.row < (SELECT max(m.row) FROM action m) ORDER BY a.row LIMIT $limit;

-- name: gone_action exec
-- system: what goes by its age
-- in: row i64
DELETE FROM action WHERE row = $row;

-- name: gone_action_versions exec
-- system: what goes by its age
-- in: row i64
DELETE FROM action_version WHERE row = $row;

-- name: gone_action_words exec
-- system: what goes by its age
-- in: row i64
DELETE FROM action_words WHERE rowid = $row;
-- pg: the index of words has a row of its own
DELETE FROM action_words WHERE row = $row;

-- name: old_findings many
-- system: what goes by its age
-- doc: Closed ones on which nothing hangs.
-- in: after i64, limit i64
-- out: row i64, made time, at time, due i64, held i64
SELECT f.row, f.created AS made, f.modified AS at,
  CAST(CASE WHEN f.state <> 'open'
    AND NOT EXISTS (SELECT 1 FROM attachment x WHERE x.about = 'finding' AND x.parent = f.row)
    AND NOT EXISTS (SELECT 1 FROM action a WHERE a.about = 'finding' AND a.parent = f.row) THEN 1 ELSE 0 END AS BIGINT) AS due,
  (SELECT count(*) FROM legal_hold h WHERE h.lifted IS NULL AND ((h.kind = 'finding' AND h.record = f.row)
    OR (h.kind = 'organisation' AND h.record = f.owner) OR (h.kind = 'notice' AND h.record = f.notice))) AS held
FROM finding f WHERE f.row > $after AND f.row < (SELECT max(m.row) FROM finding m) ORDER BY f.row LIMIT $limit;

-- name: gone_finding exec
-- system: what goes by its age
-- in: row i64
DELETE FROM finding WHERE row = $row;

-- name: gone_finding_versions exec
-- system: what goes by its age
-- in: row i64
DELETE FROM finding_version WHERE row = $row;

-- name: gone_finding_words exec
-- system: what goes by its age
-- in: row i64
DELETE FROM finding_words WHERE rowid = $row;
-- pg: the index of words has a row of its own
DELETE FROM finding_words WHERE row = $row;

-- name: old_notices many
-- system: what goes by its age
-- doc: Acknowledged or taken back, on which nothing hangs and of which no finding speaks any more.
-- in: after i64, limit i64
-- out: row i64, made time, at time, due i64, held i64
SELECT n.row, n.created AS made,
  COALESCE((SELECT max(d.modified) FROM delivery d WHERE d.parent = n.row AND d.modified > n.modified), n.modified) AS at,
  CAST(CASE WHEN n.state IN ('acknowledged', 'undone')
    AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.notice = n.row)
    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.parent = n.row AND d.row = (SELECT max(y.row) FROM delivery y))
    AND NOT EXISTS (SELECT 1 FROM attachment x WHERE x.about = 'notice' AND x.parent = n.row)
    AND NOT EXISTS (SELECT 1 FROM action a WHERE a.about = 'notice' AND a.parent = n.row) THEN 1 ELSE 0 END AS BIGINT) AS due,
  (SELECT count(*) FROM legal_hold h WHERE h.lifted IS NULL AND ((h.kind = 'notice' AND h.record = n.row)
    OR (h.kind = 'organisation' AND h.record = n.org))) AS held
FROM notice n WHERE n.row > $after AND n.row < (SELECT max(m.row) FROM notice m) ORDER BY n.row LIMIT $limit;

-- name: gone_notice exec
-- system: what goes by its age
-- in: row i64
DELETE FROM notice WHERE row = $row;

-- name: gone_notice_versions exec
-- system: what goes by its age
-- in: row i64
DELETE FROM notice_version WHERE row = $row;

-- name: gone_notice_words exec
-- system: what goes by its age
-- in: row i64
DELETE FROM notice_words WHERE rowid = $row;
-- pg: the index of words has a row of its own
DELETE FROM notice_words WHERE row = $row;

-- name: gone_delivery_links exec
-- system: what goes by its age
-- in: notice i64
DELETE FROM link WHERE kind = 'acknowledge' AND subject IN (SELECT d.row FROM delivery d WHERE d.parent = $notice);

-- name: gone_delivery_letters exec
-- system: what goes by its age
-- in: notice i64
DELETE FROM letter WHERE notice = $notice;

-- name: gone_delivery_versions exec
-- system: what goes by its age
-- in: notice i64
DELETE FROM delivery_version WHERE row IN (SELECT d.row FROM delivery d WHERE d.parent = $notice);

-- name: gone_deliveries exec
-- system: what goes by its age
-- in: notice i64
DELETE FROM delivery WHERE parent = $notice;

-- name: gone_acted_for exec
-- system: what goes by its age
-- in: kind text, row i64
DELETE FROM acted_for WHERE kind = $kind AND record = $row;

-- name: old_reads one
-- system: what goes by its age
-- in: before i64
-- out: n i64, oldest i64?
SELECT count(*) AS n, min(r.day) AS oldest FROM read_note r WHERE r.day < $before;
