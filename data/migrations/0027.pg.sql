-- Migration 27 for PostgreSQL, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE reference_part (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  date BIGINT NOT NULL,
  n_bytes BIGINT NOT NULL,
  sha256 BYTEA NOT NULL,
  digest TEXT NOT NULL,
  made BIGINT NOT NULL,
  folder BYTEA NOT NULL,
  applied BIGINT NOT NULL,
  person BIGINT NOT NULL);
CREATE UNIQUE INDEX reference_part_by_kind_name ON reference_part (kind, name);
