-- Migration 9 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE leave (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  person INTEGER NOT NULL,
  org INTEGER NOT NULL,
  deputy INTEGER,
  starts INTEGER NOT NULL,
  until INTEGER NOT NULL,
  created INTEGER NOT NULL,
  author INTEGER NOT NULL,
  began INTEGER,
  ended INTEGER);
CREATE TABLE leave_gap (
  org INTEGER PRIMARY KEY,
  since INTEGER NOT NULL);
CREATE TABLE acted_for (
  kind TEXT NOT NULL,
  record INTEGER NOT NULL,
  deputy INTEGER NOT NULL,
  person INTEGER NOT NULL,
  at INTEGER NOT NULL);
CREATE TABLE role_end (
  person INTEGER NOT NULL,
  role INTEGER NOT NULL,
  until INTEGER NOT NULL,
  granted INTEGER NOT NULL,
  author INTEGER NOT NULL,
  warned INTEGER);
CREATE UNIQUE INDEX leave_by_id ON leave (id);
CREATE INDEX leave_by_person_until ON leave (person, until);
CREATE INDEX leave_by_deputy_until ON leave (deputy, until);
CREATE INDEX leave_by_until ON leave (until);
CREATE UNIQUE INDEX acted_for_by_kind_record ON acted_for (kind, record);
CREATE UNIQUE INDEX role_end_by_person_role ON role_end (person, role);
CREATE INDEX role_end_by_until ON role_end (until);
