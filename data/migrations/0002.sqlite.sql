-- Migration 2 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE second_factor (
  person INTEGER PRIMARY KEY,
  secret BLOB NOT NULL,
  confirmed INTEGER,
  last_step INTEGER NOT NULL);
ALTER TABLE session ADD COLUMN strong INTEGER;
