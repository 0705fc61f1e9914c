-- Migration 20 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
ALTER TABLE job ADD COLUMN started INTEGER;
ALTER TABLE job ADD COLUMN result TEXT;
ALTER TABLE job ADD COLUMN undone INTEGER;
CREATE TABLE job_item (
  job INTEGER NOT NULL,
  item INTEGER NOT NULL,
  record INTEGER NOT NULL,
  was INTEGER NOT NULL,
  made INTEGER NOT NULL);
CREATE INDEX job_by_kind_row ON job (kind, row);
CREATE UNIQUE INDEX job_item_by_job_item ON job_item (job, item);
