-- Migration 25 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE retention_rule (
  name TEXT NOT NULL,
  changed BOOLEAN NOT NULL,
  days INTEGER,
  set_by INTEGER,
  set_at INTEGER,
  ran INTEGER,
  gone INTEGER NOT NULL);
CREATE TABLE legal_hold (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  kind TEXT NOT NULL,
  record INTEGER NOT NULL,
  subject BLOB NOT NULL,
  reason TEXT NOT NULL,
  author INTEGER NOT NULL,
  created INTEGER NOT NULL,
  lifted INTEGER,
  lifter INTEGER);
CREATE UNIQUE INDEX retention_rule_by_name ON retention_rule (name);
CREATE UNIQUE INDEX legal_hold_by_id ON legal_hold (id);
CREATE INDEX legal_hold_by_lifted_kind_record ON legal_hold (lifted, kind, record);
