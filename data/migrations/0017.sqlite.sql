-- Migration 17 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE backup_run (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  person INTEGER NOT NULL,
  created INTEGER NOT NULL,
  ended INTEGER,
  bytes INTEGER NOT NULL,
  new_bytes INTEGER NOT NULL,
  took_ms INTEGER NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  entries INTEGER NOT NULL,
  custodians INTEGER NOT NULL);
CREATE UNIQUE INDEX backup_run_by_id ON backup_run (id);
CREATE INDEX backup_run_by_kind_state_ended ON backup_run (kind, state, ended);
CREATE INDEX backup_run_by_created ON backup_run (created);
