-- Holidays: what every office of the country may know.

-- name: holiday_from many
-- system: holidays are everybody's to know
-- doc: Those that an office of such a sector and province has on a day or later.
-- in: day i64, sector text, province text, limit i64
-- out: day i64, last i64
SELECT h.day, h.last FROM holiday h
WHERE h.last >= $day AND (h.sector IS NULL OR h.sector = $sector) AND (h.province IS NULL OR h.province = $province)
ORDER BY h.day, h.row LIMIT $limit;

-- name: holiday_between many
-- system: holidays are everybody's to know
-- in: first i64, last i64, id id?, limit i64
-- out: row i64, id id, day i64, last i64, name texts, sector text?, province text?, expected bool, version i64
SELECT h.row, h.id, h.day, h.last, h.name, h.sector, h.province, h.expected, h.version FROM holiday h
WHERE h.last >= $first AND h.day <= $last {? id: AND h.id = $id} ORDER BY h.day, h.row LIMIT $limit;

-- name: holiday_add exec
-- system: who may is decided by the route's permission
-- in: id id, day i64, last i64, name texts, sector text?, province text?, expected bool, now time
INSERT INTO holiday (id, day, last, name, sector, province, expected, version, modified)
VALUES ($id, $day, $last, $name, $sector, $province, $expected, 1, $now);

-- name: holiday_set exec
-- system: who may is decided by the route's permission
-- in: row i64, day i64, last i64, name texts, sector text?, province text?, expected bool, now time
UPDATE holiday SET day = $day, last = $last, name = $name, sector = $sector, province = $province, expected = $expected,
  version = version + 1, modified = $now
WHERE row = $row;

-- name: holiday_drop exec
-- system: who may is decided by the route's permission
-- in: row i64
DELETE FROM holiday WHERE row = $row;
