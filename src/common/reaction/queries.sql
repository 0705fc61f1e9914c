-- Cursors of reactions and the entries they gave up on. Owned by common/reaction.

-- name: reaction_cursor one
-- in: name text
-- out: number i64
SELECT r.number FROM reaction r WHERE r.name = $name;

-- name: reaction_cursor_set exec
-- in: name text, number i64
INSERT INTO reaction (name, number) VALUES ($name, $number)
ON CONFLICT (name) DO UPDATE SET number = excluded.number;

-- name: parked_add exec
-- in: name text, entry i64, attempts i64, error text, parked time
INSERT INTO parked (name, entry, attempts, error, parked)
VALUES ($name, $entry, $attempts, $error, $parked) ON CONFLICT (name, entry) DO NOTHING;

-- name: parked_count one
-- out: n i64
SELECT count(*) AS n FROM parked;

-- name: ledger_last_row one
-- doc: Where the entries of this part begin.
-- out: row i64
SELECT coalesce(max(e.row), 0) AS row FROM ledger_entry e;

-- name: ledger_types_after many
-- doc: The inner order and limit keep the planner on the key: what it knows of a row bound is a guess.
-- in: row i64
-- out: type text
SELECT DISTINCT q.type FROM (SELECT e.type FROM ledger_entry e WHERE e.row > $row ORDER BY e.row LIMIT 100000) q
ORDER BY q.type;
