-- Migration 22 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE mail_trouble (
  person INTEGER PRIMARY KEY,
  hard INTEGER NOT NULL,
  soft INTEGER NOT NULL,
  status TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL);
CREATE TABLE mail_box (
  name TEXT NOT NULL,
  validity INTEGER NOT NULL,
  uid INTEGER NOT NULL);
CREATE UNIQUE INDEX mail_box_by_name ON mail_box (name);
