-- Migration 14 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE contact_round (
  org INTEGER PRIMARY KEY,
  next_at INTEGER NOT NULL,
  asks INTEGER NOT NULL,
  asked INTEGER);
CREATE INDEX contact_round_by_next_at_org ON contact_round (next_at, org);
CREATE INDEX contact_round_by_asks_org ON contact_round (asks, org);
