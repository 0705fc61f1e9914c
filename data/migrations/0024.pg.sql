-- Migration 24 for PostgreSQL, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE first_step (
  name TEXT NOT NULL,
  why TEXT NOT NULL,
  person BIGINT NOT NULL,
  at BIGINT NOT NULL);
CREATE UNIQUE INDEX first_step_by_name ON first_step (name);
