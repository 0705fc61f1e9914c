-- name: ledger_entry_add exec
-- system: the ledger is written by whatever happens; reading it asks access
-- in: id id, at time, type str, kind str, subject id, version i64, body str, leaf blob, audience i64, owner i64, author i64
INSERT INTO ledger_entry (id, at, type, kind, subject, version, body, leaf, audience, owner, author)
VALUES ($id, $at, $type, $kind, $subject, $version, $body, $leaf, $audience, $owner, $author);

-- name: ledger_unsealed many
-- system: sealing gives every entry its number
-- in: limit i64
-- out: row i64, id id, at time, type str, kind str, subject id, version i64, body str, leaf blob, audience i64, owner i64, author i64
SELECT e.row, e.id, e.at, e.type, e.kind, e.subject, e.version, e.body, e.leaf, e.audience, e.owner, e.author
FROM ledger_entry e WHERE e.number IS NULL ORDER BY e.row LIMIT $limit;

-- name: ledger_number exec
-- system: sealing gives every entry its number
-- in: row i64, number i64
UPDATE ledger_entry SET number = $number WHERE row = $row;

-- name: ledger_range many
-- system: followers ask access/ before anything reaches a person
-- in: after i64, limit i64
-- out: number i64, id id, at time, type str, kind str, subject id, version i64, body str, leaf blob, audience i64, owner i64, author i64
SELECT e.number, e.id, e.at, e.type, e.kind, e.subject, e.version, e.body, e.leaf, e.audience, e.owner, e.author
FROM ledger_entry e WHERE e.number > $after ORDER BY e.number LIMIT $limit;

-- name: ledger_leaves many
-- system: proofs are made of hashes
-- in: after i64, limit i64
-- out: leaf blob
SELECT e.leaf FROM ledger_entry e WHERE e.number > $after ORDER BY e.number LIMIT $limit;

-- name: ledger_head_get one
-- system: the sealed tree
-- out: size i64, root blob, frontier blob, sealed time
SELECT h.size, h.root, h.frontier, h.sealed FROM ledger_head h WHERE h.row = 1;

-- name: ledger_head_set exec
-- system: the sealed tree
-- in: size i64, root blob, frontier blob, sealed time
INSERT INTO ledger_head (row, size, root, frontier, sealed) VALUES (1, $size, $root, $frontier, $sealed)
ON CONFLICT (row) DO UPDATE SET size = excluded.size, root = excluded.root,
  frontier = excluded.frontier, sealed = excluded.sealed;

-- name: ledger_tile_add exec
-- system: proofs are made of hashes
-- in: level i64, position i64, hash blob
INSERT INTO ledger_tile (level, position, hash) VALUES ($level, $position, $hash);

-- name: ledger_tile_get one
-- system: proofs are made of hashes
-- in: level i64, position i64
-- out: hash blob
SELECT t.hash FROM ledger_tile t WHERE t.level = $level AND t.position = $position;

-- name: ledger_count one
-- system: verification counts what is there
-- out: n i64, unsealed i64
SELECT count(*) AS n, count(*) FILTER (WHERE e.number IS NULL) AS unsealed FROM ledger_entry e;
