-- Migration 11 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE delegate (
  org INTEGER PRIMARY KEY,
  keeper INTEGER NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  author INTEGER NOT NULL);
CREATE INDEX delegate_by_keeper_until ON delegate (keeper, until);
CREATE INDEX delegate_by_until ON delegate (until);
