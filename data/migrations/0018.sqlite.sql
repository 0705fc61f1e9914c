-- Migration 18 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
ALTER TABLE organisation ADD COLUMN by_letter BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE organisation_version ADD COLUMN by_letter BOOLEAN NOT NULL DEFAULT FALSE;
CREATE TABLE letter (
  delivery INTEGER PRIMARY KEY,
  notice INTEGER NOT NULL,
  org INTEGER NOT NULL,
  number TEXT NOT NULL,
  code TEXT NOT NULL,
  issued INTEGER NOT NULL,
  model BLOB NOT NULL,
  pdf BLOB,
  hash BLOB,
  printed INTEGER,
  handed INTEGER,
  handed_by INTEGER,
  returned INTEGER,
  withdrawn INTEGER);
CREATE UNIQUE INDEX letter_by_number ON letter (number);
CREATE INDEX letter_by_notice ON letter (notice);
