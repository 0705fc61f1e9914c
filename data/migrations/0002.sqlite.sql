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
ALTER TABLE ledger_entry ADD COLUMN salt BLOB NOT NULL DEFAULT x'';
CREATE TABLE ledger_leaves (
  position INTEGER NOT NULL,
  hashes BLOB NOT NULL);
CREATE TABLE ledger_checkpoint (
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  at INTEGER NOT NULL,
  note TEXT NOT NULL);
CREATE TABLE ledger_cosignature (
  size INTEGER NOT NULL,
  witness TEXT NOT NULL,
  at INTEGER NOT NULL,
  line TEXT NOT NULL);
CREATE TABLE ledger_witness (
  name TEXT NOT NULL,
  size INTEGER NOT NULL,
  asked INTEGER NOT NULL,
  answered INTEGER,
  error TEXT NOT NULL);
CREATE TABLE ledger_halt (
  row INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  key TEXT NOT NULL,
  detail TEXT NOT NULL);
CREATE TABLE ledger_witnessed (
  origin TEXT NOT NULL,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  at INTEGER NOT NULL);
DROP INDEX ledger_entry_by_owner_number;
DROP INDEX ledger_entry_by_subject_number;
CREATE UNIQUE INDEX key_before_by_secret_hash ON key_before (secret_hash);
CREATE INDEX key_before_by_key ON key_before (key);
CREATE UNIQUE INDEX held_act_by_id ON held_act (id);
CREATE INDEX held_act_by_state_row ON held_act (state, row);
CREATE INDEX ledger_entry_by_at_subject ON ledger_entry (at, subject);
CREATE UNIQUE INDEX ledger_leaves_by_position ON ledger_leaves (position);
CREATE UNIQUE INDEX ledger_checkpoint_by_size ON ledger_checkpoint (size);
CREATE UNIQUE INDEX ledger_cosignature_by_size_witness ON ledger_cosignature (size, witness);
CREATE UNIQUE INDEX ledger_witness_by_name ON ledger_witness (name);
CREATE UNIQUE INDEX ledger_witnessed_by_origin ON ledger_witnessed (origin);
