-- Migration 6 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE read_note (
  row INTEGER PRIMARY KEY,
  day INTEGER NOT NULL,
  at INTEGER NOT NULL,
  person INTEGER NOT NULL,
  org INTEGER NOT NULL,
  how TEXT NOT NULL,
  kind TEXT NOT NULL,
  record INTEGER NOT NULL,
  subject BLOB NOT NULL,
  version INTEGER NOT NULL,
  why TEXT NOT NULL);
CREATE TABLE read_day (
  day INTEGER PRIMARY KEY,
  salt BLOB NOT NULL,
  chain BLOB NOT NULL,
  notes INTEGER NOT NULL,
  state TEXT NOT NULL,
  entry BLOB,
  closed INTEGER);
CREATE INDEX read_note_by_kind_record_row ON read_note (kind, record, row);
CREATE INDEX read_note_by_day_row ON read_note (day, row);
