-- Migration 16 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE saved_view (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  person INTEGER NOT NULL,
  org INTEGER NOT NULL,
  roles INTEGER NOT NULL,
  name TEXT NOT NULL,
  path TEXT NOT NULL,
  query TEXT NOT NULL,
  place INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL);
CREATE UNIQUE INDEX saved_view_by_id ON saved_view (id);
CREATE INDEX saved_view_by_person_row ON saved_view (person, row);
CREATE INDEX saved_view_by_org_row ON saved_view (org, row);
