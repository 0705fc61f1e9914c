-- Migration 20 for PostgreSQL, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
ALTER TABLE job ADD COLUMN started BIGINT;
ALTER TABLE job ADD COLUMN result TEXT;
ALTER TABLE job ADD COLUMN undone BIGINT;
CREATE TABLE job_item (
  job BIGINT NOT NULL,
  item BIGINT NOT NULL,
  record BIGINT NOT NULL,
  was BIGINT NOT NULL,
  made BIGINT NOT NULL);
CREATE INDEX job_by_kind_row ON job (kind, row);
CREATE UNIQUE INDEX job_item_by_job_item ON job_item (job, item);
