-- Migration 3 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
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
CREATE INDEX ledger_entry_by_at_subject ON ledger_entry (at, subject);
CREATE UNIQUE INDEX ledger_leaves_by_position ON ledger_leaves (position);
CREATE UNIQUE INDEX ledger_checkpoint_by_size ON ledger_checkpoint (size);
CREATE UNIQUE INDEX ledger_cosignature_by_size_witness ON ledger_cosignature (size, witness);
CREATE UNIQUE INDEX ledger_witness_by_name ON ledger_witness (name);
CREATE UNIQUE INDEX ledger_witnessed_by_origin ON ledger_witnessed (origin);
