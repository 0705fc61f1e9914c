-- Migration 5 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE key_certificate (
  key INTEGER PRIMARY KEY,
  binds TEXT NOT NULL,
  hash BLOB NOT NULL);
CREATE TABLE oidc_flow (
  state_hash BLOB NOT NULL,
  browser_hash BLOB NOT NULL,
  nonce TEXT NOT NULL,
  verifier TEXT NOT NULL,
  purpose TEXT NOT NULL,
  person INTEGER NOT NULL,
  session_hash BLOB NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL);
CREATE TABLE person_identity (
  hash BLOB NOT NULL,
  person INTEGER NOT NULL,
  linked INTEGER NOT NULL);
CREATE UNIQUE INDEX oidc_flow_by_state_hash ON oidc_flow (state_hash);
CREATE INDEX oidc_flow_by_expires ON oidc_flow (expires);
CREATE UNIQUE INDEX person_identity_by_hash ON person_identity (hash);
CREATE UNIQUE INDEX person_identity_by_person ON person_identity (person);
