"""What tools/gen/queries.py refuses, and that a whole file goes through. Run by `meson test`."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "gen"))
import queries  # noqa: E402
from schema import load_records, see_block  # noqa: E402

GOOD = """
-- name: finding_queue many
-- doc: Open findings, newest first.
-- see: r finding
-- see: o organisation
-- in: state str?, before time, limit i64
-- out: id id, name texts, last_seen time, port i64?
SELECT r.id, o.name, r.last_seen, r.port FROM finding r JOIN organisation o ON o.row = r.owner AND {see o}
WHERE {see r} AND r.last_seen < $before {? state: AND r.state = $state}
ORDER BY r.last_seen DESC, r.row DESC LIMIT $limit;
"""

BAD = [
    ("-- name: q many\n-- out: id id\nSELECT r.id FROM finding r ORDER BY r.row;", "without `-- see: r finding`"),
    ("-- name: q many\n-- out: id id\nSELECT r.id FROM job j, finding r ORDER BY r.row;", "without `-- see: r finding`"),
    ("-- name: q many\n-- out: id id\nSELECT v.id FROM finding_version v ORDER BY v.row;", "without `-- see: v finding`"),
    ("-- name: q many\n-- see: r finding\n-- out: id id\nSELECT r.id FROM finding r ORDER BY r.row;", "must stand in"),
    ("-- name: q many\n-- see: r finding\n-- out: id id\nSELECT r.id FROM finding r "
     "WHERE r.state = 'open' OR {see r} ORDER BY r.row;", "never part of an OR"),
    ("-- name: q many\n-- see: r finding\n-- out: id id\nSELECT r.id FROM finding r "
     "WHERE {see r} OR r.state = 'open' ORDER BY r.row;", "never part of an OR"),
    ("-- name: q many\n-- see: r finding\n-- out: id id\nSELECT r.id FROM finding r "
     "WHERE NOT {see r} ORDER BY r.row;", "never part of an OR"),
    ("-- name: q many\n-- out: row i64\nSELECT j.row FROM job j LIMIT 5;", "LIMIT without ORDER BY"),
    ("-- name: q many\n-- out: row i64\nSELECT * FROM job j ORDER BY j.row;", "SELECT *"),
    ("-- name: q exec\nUPDATE job SET run_at = unixepoch() WHERE row = 1;", "for the time"),
    ("-- name: q exec\nDELETE FROM job WHERE created < CURRENT_TIMESTAMP;", "for the time"),
    ("-- name: q exec\n-- in: s text\nUPDATE finding SET state = $s;", "_save"),
    ("-- name: q exec\n-- in: s text\nDELETE FROM finding WHERE state = $s;", "_save"),
    ("-- name: q exec\n-- in: s text\nUPDATE job SET state = $t;", "not among the parameters"),
    ("-- name: q exec\n-- in: s text\nUPDATE job SET state = ?1;", "named"),
    ("-- name: q one\n-- in: s text\n-- out: row i64\nSELECT j.row FROM job j WHERE j.row > 0 {? s: AND j.state = $s};",
     "with a ?"),
    ("-- name: q one\nSELECT j.row FROM job j WHERE j.row = 1;", "belongs to many and one"),
    ("-- name: q one\n-- out: row int\nSELECT j.row FROM job j WHERE j.row = 1;", "unknown type"),
    ("-- name: q some\n-- out: row i64\nSELECT 1;", "many|one|exec"),
    ("-- name: q one\n-- system: why\n-- see: r finding\n-- out: id id\nSELECT r.id FROM finding r WHERE {see r};",
     "both `see` and `system`"),
]


def compile_text(text):
    with tempfile.NamedTemporaryFile("w", suffix=".sql", delete=False) as f:
        f.write(text)
    try:
        found = queries.parse(f.name)
        return [queries.declare(q) + queries.define(q, load_records(), see_block()) for q in found]
    finally:
        os.unlink(f.name)


class Queries(unittest.TestCase):
    def test_good(self):
        (made,) = compile_text(GOOD)
        self.assertIn("viewer_bind(v, in + 3)", made)
        self.assertIn("bool has_port", made)
        self.assertIn("$9", made)
        self.assertEqual(made.count("among("), 4)  # two records, two lists
        self.assertEqual(made.count(" = ANY("), 4)

    def test_refusals(self):
        for text, why in BAD:
            with self.subTest(text=text):
                with self.assertRaises(SystemExit) as caught:
                    compile_text(text)
                self.assertIn(why, str(caught.exception))


if __name__ == "__main__":
    unittest.main()
