-- Migration 7 for PostgreSQL, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
ALTER TABLE glass ADD COLUMN id BYTEA;
ALTER TABLE glass ADD COLUMN record_id BYTEA;
ALTER TABLE glass ADD COLUMN owner BIGINT;
ALTER TABLE glass ADD COLUMN org BIGINT;
ALTER TABLE glass ADD COLUMN ended BIGINT;
ALTER TABLE glass ADD COLUMN ender BIGINT;
CREATE TABLE held_yes (
  act BIGINT NOT NULL,
  person BIGINT NOT NULL,
  at BIGINT NOT NULL);
CREATE UNIQUE INDEX glass_by_id ON glass (id);
CREATE INDEX glass_by_until ON glass (until);
CREATE UNIQUE INDEX held_yes_by_act_person ON held_yes (act, person);
