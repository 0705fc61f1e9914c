-- Migration 27 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE object_gone (
  row INTEGER PRIMARY KEY,
  object BLOB NOT NULL);
CREATE TABLE reference_part (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  date INTEGER NOT NULL,
  n_bytes INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  digest TEXT NOT NULL,
  made INTEGER NOT NULL,
  folder BLOB NOT NULL,
  applied INTEGER NOT NULL,
  person INTEGER NOT NULL);
CREATE UNIQUE INDEX reference_part_by_kind_name ON reference_part (kind, name);
