-- Feeds, indicators, and what the records say beside events. Owned by desk/watch/event.

-- name: feed_all many
-- see: f feed
-- out: _row i64, id id, key str, name texts, format str, provider str, accuracy i64, url str?, every_s i64, expect_every_s i64, state str, declaration str, version i64, _created time
SELECT f.row AS _row, f.id, f.key, f.name, f.format, f.provider, f.accuracy, f.url, f.every_s, f.expect_every_s,
  f.state, f.declaration, f.version, f.created AS _created
FROM feed f WHERE {see f} ORDER BY f.key, f.row;

-- name: feed_by_key one
-- see: f feed
-- in: key str
-- out: row i64, id id, state str
SELECT f.row, f.id, f.state FROM feed f WHERE f.key = $key AND {see f};

-- name: feed_by_id one
-- see: f feed
-- in: id id
-- out: row i64, id id, state str
SELECT f.row, f.id, f.state FROM feed f WHERE f.id = $id AND {see f};

-- name: feed_key_taken many
-- system: a key is taken whoever may see the feed
-- in: key str
-- out: row i64
SELECT f.row FROM feed f WHERE f.key = $key ORDER BY f.row;

-- name: feed_files many
-- see: r import_run
-- out: feed i64, last time
SELECT r.subject AS feed, max(r.created) AS last FROM import_run r
WHERE r.kind = 'feed' AND {see r} GROUP BY r.subject ORDER BY r.subject;

-- name: feed_run one
-- see: r import_run
-- in: row i64
-- out: id id, kind str, file_name str, state str, rows_read i64, rows_done i64, rows_same i64, rows_bad i64, bytes_done i64, bytes_total i64, _report json, started time, finished time?
SELECT r.id, r.kind, r.file_name, r.state, r.rows_read, r.rows_done, r.rows_same, r.rows_bad, r.bytes_done,
  r.bytes_total, r.report AS _report, r.created AS started, r.finished
FROM import_run r WHERE r.row = $row AND {see r};

-- name: event_org one
-- see: o organisation
-- in: row i64
-- out: id id, key str, name texts
SELECT o.id, o.key, o.name FROM organisation o WHERE o.row = $row AND {see o};

-- name: event_org_by_id one
-- see: o organisation
-- in: id id
-- out: row i64
SELECT o.row FROM organisation o WHERE o.id = $id AND {see o};

-- name: indicator_page many
-- see: i indicator
-- in: before i64, kind str?, value str?, limit i64
-- out: _row i64, id id, kind str, value str, source str, confidence i64, _valid_from time, _valid_until time, tags json, why str, state str, _audience i64, version i64
SELECT i.row AS _row, i.id, i.kind, i.value, i.source, i.confidence, i.valid_from AS _valid_from,
  i.valid_until AS _valid_until, i.tags, i.why, i.state, i.audience AS _audience, i.version
FROM indicator i WHERE i.row < $before AND {see i}
  {? kind: AND i.kind = $kind}
  {? value: AND i.value = $value}
ORDER BY i.row DESC LIMIT $limit;

-- name: indicator_same many
-- system: kind, value and source are taken whoever may see the indicator
-- in: kind str, value str, source str
-- out: row i64
SELECT i.row FROM indicator i WHERE i.kind = $kind AND i.value = $value AND i.source = $source ORDER BY i.row;

-- name: lookup_many_claims many
-- see: n network
-- see: o organisation
-- in: orgs json, claims json
-- out: org i64, value str, id id, key str, name texts
SELECT n.org, n.value, o.id, o.key, o.name FROM network n JOIN organisation o ON o.row = n.org
WHERE n.org IN (SELECT j.value FROM json_each($orgs) j)
  AND n.value IN (SELECT j.value FROM json_each($claims) j) AND n.state = 'approved' AND {see n} AND {see o}
ORDER BY n.row;
-- pg: a list is taken apart by another function
SELECT n.org, n.value, o.id, o.key, o.name FROM network n JOIN organisation o ON o.row = n.org
WHERE n.org IN (SELECT CAST(j AS BIGINT) FROM json_array_elements_text(CAST($orgs AS json)) j)
  AND n.value IN (SELECT j FROM json_array_elements_text(CAST($claims AS json)) j) AND n.state = 'approved' AND {see n} AND {see o}
ORDER BY n.row;

-- name: lookup_many_indicators many
-- see: i indicator
-- in: kind str, values json, now time
-- out: value str, source str
SELECT i.value, i.source FROM indicator i
WHERE i.kind = $kind AND i.value IN (SELECT j.value FROM json_each($values) j)
  AND i.state = 'active' AND i.valid_from <= $now AND i.valid_until > $now AND {see i} ORDER BY i.row DESC;
-- pg: a list is taken apart by another function
SELECT i.value, i.source FROM indicator i
WHERE i.kind = $kind AND i.value IN (SELECT j FROM json_array_elements_text(CAST($values AS json)) j)
  AND i.state = 'active' AND i.valid_from <= $now AND i.valid_until > $now AND {see i} ORDER BY i.row DESC;

-- name: lookup_many_matched many
-- see: i indicator
-- in: rows json, now time
-- out: row i64, kind str, value str, source str
SELECT i.row, i.kind, i.value, i.source FROM indicator i
WHERE i.row IN (SELECT j.value FROM json_each($rows) j)
  AND i.state = 'active' AND i.valid_from <= $now AND i.valid_until > $now AND {see i} ORDER BY i.row;
-- pg: a list is taken apart by another function
SELECT i.row, i.kind, i.value, i.source FROM indicator i
WHERE i.row IN (SELECT CAST(j AS BIGINT) FROM json_array_elements_text(CAST($rows AS json)) j)
  AND i.state = 'active' AND i.valid_from <= $now AND i.valid_until > $now AND {see i} ORDER BY i.row;

-- name: lookup_many_findings_ip many
-- see: f finding
-- in: values json
-- out: value str, n i64, newest time, id id
SELECT x.value, x.n, x.newest, x.id FROM (
  SELECT f.ip AS value, f.id, f.last_seen AS newest, count(*) OVER (PARTITION BY f.ip) AS n,
    row_number() OVER (PARTITION BY f.ip ORDER BY f.last_seen DESC, f.row DESC) AS nth
  FROM finding f WHERE f.ip IN (SELECT j.value FROM json_each($values) j) AND {see f}) x
WHERE x.nth = 1 ORDER BY x.value;
-- pg: a list is taken apart by another function
SELECT x.value, x.n, x.newest, x.id FROM (
  SELECT f.ip AS value, f.id, f.last_seen AS newest, count(*) OVER (PARTITION BY f.ip) AS n,
    row_number() OVER (PARTITION BY f.ip ORDER BY f.last_seen DESC, f.row DESC) AS nth
  FROM finding f WHERE f.ip IN (SELECT j FROM json_array_elements_text(CAST($values AS json)) j) AND {see f}) x
WHERE x.nth = 1 ORDER BY x.value;

-- name: lookup_many_findings_fqdn many
-- see: f finding
-- in: values json
-- out: value str, n i64, newest time, id id
SELECT x.value, x.n, x.newest, x.id FROM (
  SELECT f.fqdn AS value, f.id, f.last_seen AS newest, count(*) OVER (PARTITION BY f.fqdn) AS n,
    row_number() OVER (PARTITION BY f.fqdn ORDER BY f.last_seen DESC, f.row DESC) AS nth
  FROM finding f WHERE f.fqdn IN (SELECT j.value FROM json_each($values) j) AND {see f}) x
WHERE x.nth = 1 ORDER BY x.value;
-- pg: a list is taken apart by another function
SELECT x.value, x.n, x.newest, x.id FROM (
  SELECT f.fqdn AS value, f.id, f.last_seen AS newest, count(*) OVER (PARTITION BY f.fqdn) AS n,
    row_number() OVER (PARTITION BY f.fqdn ORDER BY f.last_seen DESC, f.row DESC) AS nth
  FROM finding f WHERE f.fqdn IN (SELECT j FROM json_array_elements_text(CAST($values AS json)) j) AND {see f}) x
WHERE x.nth = 1 ORDER BY x.value;

-- name: lookup_claim many
-- see: n network
-- see: o organisation
-- in: org i64, value str
-- out: id id, key str, name texts
SELECT o.id, o.key, o.name FROM network n JOIN organisation o ON o.row = n.org
WHERE n.org = $org AND n.value = $value AND n.state = 'approved' AND {see n} AND {see o}
ORDER BY n.row LIMIT 1;

-- name: lookup_orgs many
-- see: o organisation
-- in: q str, limit i64
-- out: id id, key str, name texts, sector str
SELECT o.id, o.key, o.name, o.sector FROM organisation o
WHERE (o.name_fold LIKE $q OR o.key LIKE $q) AND {see o} ORDER BY o.name_fold, o.row LIMIT $limit;

-- name: lookup_org_id one
-- see: o organisation
-- in: id id
-- out: id id, key str, name texts, sector str
SELECT o.id, o.key, o.name, o.sector FROM organisation o WHERE o.id = $id AND {see o};

-- name: lookup_indicators many
-- see: i indicator
-- in: kind str, value str, limit i64
-- out: id id, kind str, value str, source str, why str, state str
SELECT i.id, i.kind, i.value, i.source, i.why, i.state FROM indicator i
WHERE i.kind = $kind AND i.value = $value AND {see i} ORDER BY i.row DESC LIMIT $limit;

-- name: lookup_indicator_id one
-- see: i indicator
-- in: id id
-- out: id id, kind str, value str, source str, why str
SELECT i.id, i.kind, i.value, i.source, i.why FROM indicator i WHERE i.id = $id AND {see i};

-- name: lookup_findings_ip many
-- see: f finding
-- in: ip str, limit i64
-- out: id id, type str, identifier str, ip str?, fqdn str?, state str, last_seen time
SELECT f.id, f.type, f.identifier, f.ip, f.fqdn, f.state, f.last_seen FROM finding f
WHERE f.ip = $ip AND {see f} ORDER BY f.row DESC LIMIT $limit;

-- name: lookup_findings_fqdn many
-- see: f finding
-- in: fqdn str, limit i64
-- out: id id, type str, identifier str, ip str?, fqdn str?, state str, last_seen time
SELECT f.id, f.type, f.identifier, f.ip, f.fqdn, f.state, f.last_seen FROM finding f
WHERE f.fqdn = $fqdn AND {see f} ORDER BY f.row DESC LIMIT $limit;

-- name: lookup_finding_id one
-- see: f finding
-- in: id id
-- out: id id, type str, identifier str, ip str?, fqdn str?, state str, last_seen time
SELECT f.id, f.type, f.identifier, f.ip, f.fqdn, f.state, f.last_seen FROM finding f WHERE f.id = $id AND {see f};

-- name: lookup_notice one
-- see: n notice
-- in: number str
-- out: id id, number str, subject texts, state str
SELECT n.id, n.number, n.subject, n.state FROM notice n WHERE n.number = $number AND {see n};

-- name: lookup_notice_id one
-- see: n notice
-- in: id id
-- out: id id, number str, subject texts, state str
SELECT n.id, n.number, n.subject, n.state FROM notice n WHERE n.id = $id AND {see n};

-- name: lookup_feed many
-- see: f feed
-- in: q str, limit i64
-- out: id id, key str, name texts
SELECT f.id, f.key, f.name FROM feed f WHERE f.key LIKE $q AND {see f} ORDER BY f.key, f.row LIMIT $limit;

-- name: feed_run_counts many
-- system: what feeds bring is counted for whoever runs them
-- in: id id
-- out: feed i64, rows_done i64, rows_same i64, rows_bad i64, finished time
SELECT r.subject AS feed, r.rows_done, r.rows_same, r.rows_bad, r.finished FROM import_run r
WHERE r.id = $id AND r.kind = 'feed' AND r.finished IS NOT NULL;

-- name: feed_day_add exec
-- system: what feeds bring is counted for whoever runs them
-- in: feed i64, day i64, n_rows i64, n_bad i64
INSERT INTO feed_day (feed, day, n_rows, n_bad) VALUES ($feed, $day, $n_rows, $n_bad)
ON CONFLICT (feed, day) DO UPDATE SET n_rows = feed_day.n_rows + $n_rows, n_bad = feed_day.n_bad + $n_bad;

-- name: feed_day_trim exec
-- system: what feeds bring is counted for whoever runs them
-- in: feed i64, day i64
DELETE FROM feed_day WHERE feed = $feed AND day < $day;

-- name: feed_pulse_set exec
-- system: what feeds bring is counted for whoever runs them
-- in: feed i64, last time
INSERT INTO feed_pulse (feed, last) VALUES ($feed, $last) ON CONFLICT (feed) DO UPDATE SET last = $last;

-- name: feed_watched many
-- system: the machine looks after feeds
-- out: row i64, id id, name texts, every_s i64, expect_every_s i64, modified time, last time?
SELECT f.row, f.id, f.name, f.every_s, f.expect_every_s, f.modified, p.last FROM feed f
LEFT JOIN feed_pulse p ON p.feed = f.row WHERE f.state = 'active' ORDER BY f.row LIMIT 1000;

-- name: feed_days many
-- system: the machine looks after feeds
-- in: first i64
-- out: feed i64, day i64, n_rows i64, n_bad i64
SELECT d.feed, d.day, d.n_rows, d.n_bad FROM feed_day d WHERE d.day >= $first ORDER BY d.feed, d.day;

-- name: feed_alarms many
-- system: the machine looks after feeds; who reads them is shown those of feeds it sees (feed_health.c)
-- out: feed i64, what text, since time
SELECT a.feed, a.what, a.since FROM feed_alarm a ORDER BY a.feed, a.what;

-- name: feed_alarm_put exec
-- system: the machine looks after feeds
-- in: feed i64, what text, since time
INSERT INTO feed_alarm (feed, what, since) VALUES ($feed, $what, $since) ON CONFLICT (feed, what) DO NOTHING;

-- name: feed_alarm_drop exec
-- system: the machine looks after feeds
-- in: feed i64, what text
DELETE FROM feed_alarm WHERE feed = $feed AND what = $what;

-- name: feed_keepers many
-- system: the machine tells those who run feeds
-- in: org i64, roles i64
-- out: row i64, lang text
SELECT p.row, p.lang FROM person p WHERE p.org = $org AND p.state = 'active' AND (p.roles & $roles) <> 0 ORDER BY p.row;
