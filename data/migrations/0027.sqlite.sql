-- Migration 27 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE object_gone (
  row INTEGER PRIMARY KEY,
  object BLOB NOT NULL);
