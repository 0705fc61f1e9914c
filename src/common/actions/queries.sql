-- What organisations have to do.

-- name: action_count one
-- system: a limit, whoever asks
-- in: about text, parent i64
-- out: n i64
SELECT count(*) AS n FROM action x WHERE x.about = $about AND x.parent = $parent;

-- name: action_seen_since one
-- system: of the finding, or of a notice's findings, whose action the viewer sees
-- in: since time, finding i64?, notice i64?
-- out: n i64, again i64, last_seen time?
SELECT count(*) AS n, count(CASE WHEN f.last_seen > $since THEN 1 END) AS again,
  CAST(max(CASE WHEN f.last_seen > $since THEN f.last_seen END) AS BIGINT) AS last_seen
FROM finding f WHERE f.row > 0 {? finding: AND f.row = $finding} {? notice: AND f.notice = $notice};

-- name: action_late many
-- system: the machine tells whose time has passed
-- in: now time, limit i64
-- out: row i64
SELECT x.row FROM action x WHERE x.state = 'open' AND x.due < $now AND x.late_told IS NULL ORDER BY x.due, x.row LIMIT $limit;
