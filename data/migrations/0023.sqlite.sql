-- Migration 23 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE channel (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  org INTEGER NOT NULL,
  kind TEXT NOT NULL,
  shown TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  sealed BLOB NOT NULL,
  state TEXT NOT NULL,
  why TEXT NOT NULL,
  before_until INTEGER,
  next_at INTEGER NOT NULL,
  failing INTEGER,
  good INTEGER,
  last_error TEXT,
  told BOOLEAN NOT NULL,
  test TEXT,
  test_at INTEGER,
  test_words TEXT,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  author INTEGER NOT NULL,
  version INTEGER NOT NULL);
CREATE UNIQUE INDEX channel_by_id ON channel (id);
CREATE UNIQUE INDEX channel_by_org_kind ON channel (org, kind);
CREATE INDEX channel_by_test_row ON channel (test, row);
CREATE INDEX channel_by_told_row ON channel (told, row);
