-- Migration 13 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE attachment (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  parent INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  about TEXT NOT NULL,
  object BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  hash BLOB NOT NULL,
  name BLOB NOT NULL,
  look TEXT NOT NULL,
  mime TEXT,
  kind TEXT,
  report BLOB,
  preview BLOB,
  state TEXT NOT NULL);
CREATE TABLE attachment_version (
  row INTEGER NOT NULL,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  parent INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  about TEXT NOT NULL,
  object BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  hash BLOB NOT NULL,
  name BLOB NOT NULL,
  look TEXT NOT NULL,
  mime TEXT,
  kind TEXT,
  report BLOB,
  preview BLOB,
  state TEXT NOT NULL);
CREATE TABLE file_key (
  file INTEGER PRIMARY KEY,
  wrapped BLOB,
  destroyed INTEGER);
CREATE UNIQUE INDEX attachment_by_id ON attachment (id);
CREATE UNIQUE INDEX attachment_version_by_row_version ON attachment_version (row, version);
CREATE INDEX attachment_by_about_parent_row ON attachment (about, parent, row);
CREATE INDEX attachment_by_hash_row ON attachment (hash, row);
