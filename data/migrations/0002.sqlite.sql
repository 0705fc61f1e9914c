-- Migration 2 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE second_factor (
  person INTEGER PRIMARY KEY,
  secret BLOB NOT NULL,
  confirmed INTEGER,
  last_step INTEGER NOT NULL);
ALTER TABLE session ADD COLUMN strong INTEGER;
CREATE TABLE person_seen (
  person INTEGER PRIMARY KEY,
  at INTEGER NOT NULL);
CREATE TABLE key_limit (
  key INTEGER PRIMARY KEY,
  scope TEXT NOT NULL);
CREATE TABLE key_before (
  secret_hash BLOB NOT NULL,
  key INTEGER NOT NULL,
  until INTEGER NOT NULL);
CREATE TABLE held_act (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  route TEXT NOT NULL,
  path TEXT NOT NULL,
  body TEXT NOT NULL,
  person INTEGER NOT NULL,
  org INTEGER NOT NULL,
  state TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  decided INTEGER,
  decider INTEGER);
CREATE UNIQUE INDEX key_before_by_secret_hash ON key_before (secret_hash);
CREATE INDEX key_before_by_key ON key_before (key);
CREATE UNIQUE INDEX held_act_by_id ON held_act (id);
CREATE INDEX held_act_by_state_row ON held_act (state, row);
