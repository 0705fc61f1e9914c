-- Migration 7 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
ALTER TABLE glass ADD COLUMN id BLOB;
ALTER TABLE glass ADD COLUMN record_id BLOB;
ALTER TABLE glass ADD COLUMN owner INTEGER;
ALTER TABLE glass ADD COLUMN org INTEGER;
ALTER TABLE glass ADD COLUMN ended INTEGER;
ALTER TABLE glass ADD COLUMN ender INTEGER;
CREATE TABLE held_yes (
  act INTEGER NOT NULL,
  person INTEGER NOT NULL,
  at INTEGER NOT NULL);
CREATE UNIQUE INDEX glass_by_id ON glass (id);
CREATE INDEX glass_by_until ON glass (until);
CREATE UNIQUE INDEX held_yes_by_act_person ON held_yes (act, person);
