-- Migration 12 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE key_used (
  key INTEGER PRIMARY KEY,
  at INTEGER NOT NULL);
CREATE TABLE recert (
  org INTEGER PRIMARY KEY,
  due INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  done INTEGER,
  doer INTEGER,
  kept INTEGER);
CREATE TABLE rights_confirmed (
  person INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  author INTEGER NOT NULL);
CREATE TABLE rights_suspended (
  person INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  state TEXT NOT NULL);
CREATE TABLE delegate (
  org INTEGER PRIMARY KEY,
  keeper INTEGER NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  author INTEGER NOT NULL);
CREATE INDEX recert_by_next_at ON recert (next_at);
CREATE INDEX recert_by_due_org ON recert (due, org);
CREATE INDEX delegate_by_keeper_until ON delegate (keeper, until);
CREATE INDEX delegate_by_until ON delegate (until);
