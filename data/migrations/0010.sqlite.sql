-- Migration 10 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE task (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  org INTEGER NOT NULL,
  roles INTEGER NOT NULL,
  what TEXT NOT NULL,
  subject BLOB NOT NULL,
  created INTEGER NOT NULL,
  done INTEGER,
  doer INTEGER);
CREATE UNIQUE INDEX task_by_id ON task (id);
CREATE INDEX task_by_org_row ON task (org, row);
CREATE INDEX task_by_subject ON task (subject);
