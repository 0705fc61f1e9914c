-- queries.sql - every question that is put to the history of events. tools/gen/events_sql.py makes
-- typed C of it (events/queries_gen.h) and refuses a query that reads {event} without {see}.
--
--   {event}  the months asked, under the name e     {see}     what the asker may see
--   {filter} the filter's conditions, with AND      {columns} all columns of an event
--   {col:x}  the column that input x names          $x        input x
--   {sets:x} {grouping:x} {value:x}  of the columns that input x names: counted by each, by which, and its value
--   {batch} {reject} {position} {overlay}  those tables; a query over them gives no event, and says
--            after "unseen:" why nobody's sight matters
-- Types: i64 u64 u32 u16 u8 text column; [] is a list; key is a pair (batch, row_no). A list of texts is one
--            column of a SELECT, one of nets a SELECT (no, bits, hi, lo, mask_hi, mask_lo).

-- filter: from instant | e.time_observation >= $ | taken in at or after
-- filter: to instant | e.time_observation < $ | taken in before
-- filter: source_from instant | e.time_source >= $ | happened at or after
-- filter: source_to instant | e.time_source < $ | happened before
-- filter: feed u32 | e.feed = $ | feed row
-- filter: batch i64 | e.batch = $ | one batch
-- filter: owner i64 | e.owner = $ | organisation row
-- filter: unowned bool | e.owner = 0 | nobody's
-- filter: taxonomy text | e.taxonomy = $ | classification.taxonomy
-- filter: type text | e.type = $ | classification.type
-- filter: identifier text | e.identifier = $ | classification.identifier
-- filter: severity_min u8 | e.severity >= $ | this severe or more, 1 to 5
-- filter: source_net net | {net source_ip} | source address or network
-- filter: any_net net | ({net source_ip} OR {net destination_ip}) | either side's address or network
-- filter: fqdn text | (e.source_fqdn = $ OR ends_with(e.source_fqdn, '.' || $) OR e.source_reverse_dns = $ OR ends_with(e.source_reverse_dns, '.' || $)) | this name and all below it, lower case; an address's own name counts
-- filter: url text | e.source_url = $ | exactly this URL
-- filter: source_cc text | e.source_cc = $ | two upper-case letters
-- filter: source_asn u32 | e.source_asn = $ | source.asn
-- filter: source_port u16 | e.source_port = $ | source.port
-- filter: destination_port u16 | e.destination_port = $ | destination.port
-- filter: malware_name text | e.malware_name = $ | malware.name
-- filter: malware_hash text | e.malware_hash = $ | malware.hash
-- filter: vulnerability text | contains(e.product_vulnerabilities, $) | a CVE number
-- filter: status text | e.status = $ | status
-- filter: matched bool | e.matched <> '' | those that matched an indicator
-- filter: finding u64 | e.finding = $ | one finding's key
-- filter: words text | (contains(e.source_fqdn, $) OR contains(e.source_url, $) OR contains(e.source_reverse_dns, $) OR contains(e.identifier, $) OR contains(e.malware_name, $)) | found inside these texts

-- Rows are found in two steps, see search.c: rid is a row's place in its month's file.
-- query: page
-- in: from_batch i64, before_batch i64, before_row i64, most u32
-- out: rid i64
SELECT e.rid FROM {event} e
WHERE {see} {filter} AND e.batch BETWEEN $from_batch AND $before_batch
  AND (e.batch < $before_batch OR e.row_no < $before_row)
ORDER BY e.batch DESC, e.row_no DESC LIMIT $most;

-- query: places
-- in: low i64, high i64, keys key[]
-- out: rid i64
SELECT e.rid FROM {event} e JOIN (VALUES {keys}) k(batch, row_no)
  ON e.batch = k.batch AND e.row_no = k.row_no
WHERE {see} AND e.batch BETWEEN $low AND $high
ORDER BY e.batch DESC, e.row_no DESC;

-- query: rows
-- in: places i64[]
-- out: event
SELECT {columns} FROM {event} e JOIN (VALUES {places}) k(rid) ON e.rid = k.rid
WHERE {see}
ORDER BY e.batch DESC, e.row_no DESC;

-- first, last: when the first and the last happened; a time that was not said (0) is not the first.
-- query: total
-- out: n_rows i64, n_times i64, first i64, last i64, taken_in i64
SELECT count(*), CAST(coalesce(sum(greatest(e.count, 1)), 0) AS BIGINT),
  coalesce(min(e.time_source) FILTER (WHERE e.time_source >= 86400000000), 0),
  coalesce(max(e.time_source), 0), coalesce(max(e.time_observation), 0)
FROM {event} e WHERE {see} {filter};

-- query: facet
-- in: by column, most u32
-- out: value text, n_rows i64, n_times i64
SELECT CAST(value AS VARCHAR), n_rows, n_times FROM (
  SELECT {col:by} AS value, count(*) AS n_rows,
    CAST(sum(greatest(e.count, 1)) AS BIGINT) AS n_times
  FROM {event} e WHERE {see} {filter}
  GROUP BY 1 ORDER BY n_rows DESC, value LIMIT $most);

-- Several columns at once: the rows are read and asked for once. which says by its bits which
-- columns are not the one counted by.
-- query: facets
-- in: by column[], most u32
-- out: which i64, value text, n_rows i64
SELECT which, value, n_rows FROM (
  SELECT which, value, n_rows,
    row_number() OVER (PARTITION BY which ORDER BY n_rows DESC, value) AS nth
  FROM (
    SELECT CAST({grouping:by} AS BIGINT) AS which, {value:by} AS value, count(*) AS n_rows
    FROM {event} e WHERE {see} {filter} GROUP BY {sets:by}))
WHERE nth <= $most ORDER BY which, nth;

-- query: facet_ip
-- in: hi column, lo column, most u32
-- out: hi u64, lo u64, n_rows i64, n_times i64
SELECT {col:hi} AS hi, {col:lo} AS lo, count(*) AS n_rows,
  CAST(sum(greatest(e.count, 1)) AS BIGINT) AS n_times
FROM {event} e WHERE {see} {filter}
GROUP BY 1, 2 ORDER BY n_rows DESC, hi, lo LIMIT $most;

-- query: histogram
-- in: by column, width_us i64
-- out: at i64, n_rows i64, n_times i64
SELECT {col:by} // $width_us * $width_us AS at, count(*) AS n_rows,
  CAST(sum(greatest(e.count, 1)) AS BIGINT) AS n_times
FROM {event} e WHERE {see} {filter}
GROUP BY 1 ORDER BY 1;

-- query: last_of_findings
-- in: findings u64[], each u32
-- out: batch i64, row_no i64
SELECT batch, row_no FROM (
  SELECT e.batch, e.row_no,
    row_number() OVER (PARTITION BY e.finding ORDER BY e.batch DESC, e.row_no DESC) AS nth
  FROM {event} e WHERE {see} {filter} AND e.finding IN ({findings}))
WHERE nth <= $each ORDER BY batch DESC, row_no DESC;

-- Many addresses, names or values at once: how many events each has, on how many days, and when the last
-- happened. What no event has is left out. Each is one reading of the months asked (of addresses two: of the
-- events' sources, and of their destinations where the source does not count already).
-- query: count_nets
-- in: nets net[]
-- out: no i64, n_rows i64, n_days i64, last i64
SELECT no, count(*), count(DISTINCT happened // 86400000000), max(happened) FROM (
  SELECT k.no, x.happened FROM (
    SELECT m.bits, e.source_ip_hi & m.mask_hi AS hi, e.source_ip_lo & m.mask_lo AS lo, e.time_source AS happened
    FROM {event} e CROSS JOIN (SELECT DISTINCT bits, mask_hi, mask_lo FROM ({nets}) n) m
    WHERE {see} {filter}) x
  JOIN ({nets}) k ON x.hi = k.hi AND x.lo = k.lo AND x.bits = k.bits
  UNION ALL
  SELECT k.no, x.happened FROM (
    SELECT m.bits, e.destination_ip_hi & m.mask_hi AS hi, e.destination_ip_lo & m.mask_lo AS lo,
      e.source_ip_hi & m.mask_hi AS other_hi, e.source_ip_lo & m.mask_lo AS other_lo, e.time_source AS happened
    FROM {event} e CROSS JOIN (SELECT DISTINCT bits, mask_hi, mask_lo FROM ({nets}) n) m
    WHERE {see} {filter} AND (e.destination_ip_hi <> 0 OR e.destination_ip_lo <> 0)) x
  JOIN ({nets}) k ON x.hi = k.hi AND x.lo = k.lo AND x.bits = k.bits
  WHERE x.hi <> x.other_hi OR x.lo <> x.other_lo)
GROUP BY no;

-- A name and all below it. tail: so many characters at the end of an event's name must be those of one asked
-- for; none of those is shorter. What is left is joined by longer ends, to the fourth character of each name asked
-- for, so that many names of one suffix are not each held against each event.
-- query: count_names
-- in: names text[], tail u32
-- out: value text, n_rows i64, n_days i64, last i64
SELECT value, count(*), count(DISTINCT happened // 86400000000), max(happened) FROM (
  SELECT k.value, x.happened FROM (
    SELECT e.source_fqdn AS name, m.n, right(e.source_fqdn, m.n) AS ending, e.time_source AS happened
    FROM {event} e CROSS JOIN (SELECT DISTINCT greatest(length(value) // 4 * 4, least(length(value), 4)) AS n FROM (SELECT {names}) t(value)) m
    WHERE {see} {filter} AND right(e.source_fqdn, $tail) IN (SELECT right(value, $tail) FROM (SELECT {names}) t(value))) x
  JOIN (SELECT value, greatest(length(value) // 4 * 4, least(length(value), 4)) AS n, right(value, n) AS ending FROM (SELECT {names}) t(value)) k
    ON x.n = k.n AND x.ending = k.ending
  WHERE x.name = k.value OR ends_with(x.name, '.' || k.value)
  UNION ALL
  SELECT k.value, x.happened FROM (
    SELECT e.source_reverse_dns AS name, e.source_fqdn AS other, m.n, right(e.source_reverse_dns, m.n) AS ending, e.time_source AS happened
    FROM {event} e CROSS JOIN (SELECT DISTINCT greatest(length(value) // 4 * 4, least(length(value), 4)) AS n FROM (SELECT {names}) t(value)) m
    WHERE {see} {filter} AND right(e.source_reverse_dns, $tail) IN (SELECT right(value, $tail) FROM (SELECT {names}) t(value))) x
  JOIN (SELECT value, greatest(length(value) // 4 * 4, least(length(value), 4)) AS n, right(value, n) AS ending FROM (SELECT {names}) t(value)) k
    ON x.n = k.n AND x.ending = k.ending
  WHERE (x.name = k.value OR ends_with(x.name, '.' || k.value)) AND NOT (x.other = k.value OR ends_with(x.other, '.' || k.value)))
GROUP BY value;

-- query: count_values
-- in: by column, values text[]
-- out: value text, n_rows i64, n_days i64, last i64
SELECT k.value, count(*), count(DISTINCT x.happened // 86400000000), max(x.happened) FROM (
  SELECT CAST({col:by} AS VARCHAR) AS value, e.time_source AS happened FROM {event} e WHERE {see} {filter}) x
JOIN (SELECT {values}) k(value) ON x.value = k.value GROUP BY 1;

-- Of a column that holds several, parted by ";".
-- query: count_listed
-- in: by column, values text[]
-- out: value text, n_rows i64, n_days i64, last i64
SELECT k.value, count(*), count(DISTINCT x.happened // 86400000000), max(x.happened) FROM (
  SELECT unnest(list_distinct(string_split({col:by}, ';'))) AS value, e.time_source AS happened
  FROM {event} e WHERE {see} {filter} AND {col:by} <> '') x
JOIN (SELECT {values}) k(value) ON x.value = k.value GROUP BY 1;

-- query: batches
-- unseen: what came in, for those who keep the feeds; no event's content
-- in: feed u32, before i64, most u32
-- out: batch i64, feed u32, received i64, file text, file_hash text, input text, place i64, n_rows i64, n_rejected i64, header blob
SELECT b.batch, b.feed, b.received, b.file, b.file_hash, b.input, b.place, b.n_rows, b.n_rejected,
  b.header
FROM {batch} b WHERE b.feed = $feed AND b.batch < $before ORDER BY b.batch DESC LIMIT $most;

-- query: batch_by_id
-- unseen: what came in, for those who keep the feeds; no event's content
-- in: id i64
-- out: batch i64, feed u32, received i64, file text, file_hash text, input text, place i64, n_rows i64, n_rejected i64, header blob
SELECT b.batch, b.feed, b.received, b.file, b.file_hash, b.input, b.place, b.n_rows, b.n_rejected,
  b.header
FROM {batch} b WHERE b.batch = $id;

-- query: feed_hours
-- unseen: health of the feeds, for those who keep them; numbers of rows taken in only
-- in: feed u32, from_us i64
-- out: at i64, n_rows i64, n_rejected i64, n_batches i64
SELECT b.received // 3600000000 * 3600000000 AS at, CAST(sum(b.n_rows) AS BIGINT),
  CAST(sum(b.n_rejected) AS BIGINT), count(*)
FROM {batch} b WHERE b.feed = $feed AND b.received >= $from_us GROUP BY 1 ORDER BY 1;

-- query: feeds
-- unseen: health of the feeds, for those who keep them; numbers of rows taken in only
-- in: from_us i64
-- out: feed u32, last_us i64, n_rows i64, n_rejected i64, n_batches i64
SELECT b.feed, max(b.received), CAST(sum(b.n_rows) AS BIGINT), CAST(sum(b.n_rejected) AS BIGINT),
  count(*)
FROM {batch} b WHERE b.received >= $from_us GROUP BY 1 ORDER BY 1;

-- query: rejects
-- unseen: rows that could not be read, for those who keep the feeds; they are no events yet
-- in: batch i64, most u32
-- out: batch i64, row_no i64, reason text, place text, raw blob
SELECT r.batch, r.row_no, r.reason, r.place, r.raw
FROM {reject} r WHERE r.batch = $batch ORDER BY r.row_no LIMIT $most;

-- query: position
-- unseen: where an input stands, for the pipeline; no event's content
-- in: name text
-- out: input text, place i64, mark text, moved i64
SELECT p.input, p.place, p.mark, p.moved
FROM {position} p WHERE p.input = $name ORDER BY p.seq DESC LIMIT 1;

-- query: sizes
-- unseen: how much a month holds, for who keeps the site
-- in: from_batch i64, to_batch i64
-- out: n_rows i64, n_overlaid i64
SELECT CAST(coalesce(sum(b.n_rows), 0) AS BIGINT), (SELECT count(*) FROM {overlay} o
  WHERE o.batch >= $from_batch AND o.batch < $to_batch) FROM {batch} b;
