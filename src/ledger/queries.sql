-- name: ledger_entry_add exec
-- system: the ledger is written by whatever happens; reading it asks access
-- in: id id, at time, type str, kind str, subject id, version i64, body str, salt blob, leaf blob, audience i64, owner i64, author i64
-- doc: The number is the next one: rows of a part that is undone give theirs back.
INSERT INTO ledger_entry (id, at, type, kind, subject, version, body, salt, leaf, audience, owner, author, number)
VALUES ($id, $at, $type, $kind, $subject, $version, $body, $salt, $leaf, $audience, $owner, $author,
  (SELECT coalesce(max(e.number), 0) + 1 FROM ledger_entry e));

-- name: ledger_unsealed many
-- system: sealing puts what is new into the tree
-- in: after i64, limit i64
-- out: row i64, number i64?, id id, at time, type str, kind str, subject id, version i64, body str, leaf blob, audience i64, owner i64, author i64
SELECT e.row, e.number, e.id, e.at, e.type, e.kind, e.subject, e.version, e.body, e.leaf, e.audience, e.owner, e.author
FROM ledger_entry e WHERE e.row > $after ORDER BY e.row LIMIT $limit;

-- name: ledger_last_sealed one
-- system: sealing goes on after it
-- out: row i64
SELECT coalesce(max(e.row), 0) AS row FROM ledger_entry e;

-- name: ledger_number exec
-- system: a row whose number was touched gets the right one
-- in: row i64, number i64
UPDATE ledger_entry SET number = $number WHERE row = $row;

-- name: ledger_range many
-- system: followers ask access/ before anything reaches a person
-- in: after i64, limit i64
-- out: number i64, id id, at time, type str, kind str, subject id, version i64, body str, leaf blob, audience i64, owner i64, author i64
SELECT e.number, e.id, e.at, e.type, e.kind, e.subject, e.version, e.body, e.leaf, e.audience, e.owner, e.author
FROM ledger_entry e WHERE e.number > $after ORDER BY e.number LIMIT $limit;

-- name: ledger_leaf_range many
-- system: proofs are made of hashes
-- in: after i64, limit i64
-- out: leaf blob
SELECT e.leaf FROM ledger_entry e WHERE e.number > $after ORDER BY e.number LIMIT $limit;

-- name: ledger_proving many
-- system: verification looks at what is hashed alone
-- in: after i64, limit i64
-- out: number i64, body str, salt blob, leaf blob
SELECT e.number, e.body, e.salt, e.leaf FROM ledger_entry e
WHERE e.number > $after ORDER BY e.number LIMIT $limit;

-- name: ledger_entry_of one
-- system: the handler asks access about the entry before anything of it is shown
-- in: id id
-- out: number i64?, kind str, subject id, body str, salt blob, leaf blob, audience i64, owner i64, author i64
SELECT e.number, e.kind, e.subject, e.body, e.salt, e.leaf, e.audience, e.owner, e.author
FROM ledger_entry e WHERE e.id = $id;

-- name: ledger_leaves_add exec
-- system: proofs are made of hashes
-- in: position i64, hashes blob
INSERT INTO ledger_leaves (position, hashes) VALUES ($position, $hashes);

-- name: ledger_leaves_get one
-- system: proofs are made of hashes
-- in: position i64
-- out: hashes blob
SELECT l.hashes FROM ledger_leaves l WHERE l.position = $position;

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

-- name: ledger_tile_range many
-- system: proofs are made of hashes
-- in: level i64, from i64, limit i64
-- out: hash blob
SELECT t.hash FROM ledger_tile t WHERE t.level = $level AND t.position >= $from AND t.position < $from + $limit
ORDER BY t.position LIMIT 256;

-- name: ledger_tops many
-- system: proofs are made of hashes
-- in: after i64, limit i64
-- out: position i64, hash blob
SELECT t.position, t.hash FROM ledger_tile t WHERE t.level = 1 AND t.position > $after
ORDER BY t.position LIMIT $limit;

-- name: ledger_unsealed_count one
-- system: padding fills what outsiders see up to a whole batch
-- in: after i64
-- out: n i64
SELECT count(*) AS n FROM ledger_entry e WHERE e.row > $after;

-- name: ledger_count one
-- system: verification counts what is there
-- out: n i64, unsealed i64
SELECT count(*) AS n, count(*) FILTER (WHERE e.number IS NULL) AS unsealed FROM ledger_entry e;

-- name: ledger_checkpoint_add exec
-- system: what outsiders were told
-- in: size i64, root blob, at time, note str
INSERT INTO ledger_checkpoint (size, root, at, note) VALUES ($size, $root, $at, $note);

-- name: ledger_checkpoint_last one
-- system: what outsiders were told
-- out: size i64, root blob, at time, note str
SELECT c.size, c.root, c.at, c.note FROM ledger_checkpoint c ORDER BY c.size DESC LIMIT 1;

-- name: ledger_cosignature_set exec
-- system: what outsiders were told
-- in: size i64, witness str, at time, line str
INSERT INTO ledger_cosignature (size, witness, at, line) VALUES ($size, $witness, $at, $line)
ON CONFLICT (size, witness) DO UPDATE SET at = excluded.at, line = excluded.line;

-- name: ledger_cosignatures many
-- system: what outsiders were told
-- in: size i64
-- out: witness str, at time, line str
SELECT c.witness, c.at, c.line FROM ledger_cosignature c WHERE c.size = $size ORDER BY c.witness;

-- name: ledger_witness_set exec
-- system: how each witness answered
-- in: name str, size i64, asked time, answered time?, error str
INSERT INTO ledger_witness (name, size, asked, answered, error) VALUES ($name, $size, $asked, $answered, $error)
ON CONFLICT (name) DO UPDATE SET size = excluded.size, asked = excluded.asked, answered = excluded.answered,
  error = excluded.error;

-- name: ledger_witness_get one
-- system: how each witness answered
-- in: name str
-- out: size i64, asked time, answered time?, error str
SELECT w.size, w.asked, w.answered, w.error FROM ledger_witness w WHERE w.name = $name;

-- name: ledger_halt_set exec
-- system: why nothing is signed any more
-- in: at time, key str, detail str
INSERT INTO ledger_halt (row, at, key, detail) VALUES (1, $at, $key, $detail)
ON CONFLICT (row) DO UPDATE SET at = excluded.at, key = excluded.key, detail = excluded.detail;

-- name: ledger_halt_get one
-- system: why nothing is signed any more
-- out: at time, key str, detail str
SELECT h.at, h.key, h.detail FROM ledger_halt h WHERE h.row = 1;

-- name: ledger_halt_end exec
-- system: why nothing is signed any more
DELETE FROM ledger_halt WHERE row = 1;

-- name: ledger_witnessed_get one
-- system: what this site has cosigned for others
-- in: origin str
-- out: size i64, root blob, at time
SELECT w.size, w.root, w.at FROM ledger_witnessed w WHERE w.origin = $origin;

-- name: ledger_witnessed_set exec
-- system: what this site has cosigned for others
-- in: origin str, size i64, root blob, at time
INSERT INTO ledger_witnessed (origin, size, root, at) VALUES ($origin, $size, $root, $at)
ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, at = excluded.at;
