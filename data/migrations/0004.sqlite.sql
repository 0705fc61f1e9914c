-- Migration 4 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE passkey (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  person INTEGER NOT NULL,
  credential BLOB NOT NULL,
  alg INTEGER NOT NULL,
  public_key BLOB NOT NULL,
  counter INTEGER NOT NULL,
  name BLOB NOT NULL,
  created INTEGER NOT NULL,
  used INTEGER,
  doubted INTEGER);
CREATE TABLE passkey_spent (
  challenge BLOB NOT NULL,
  at INTEGER NOT NULL);
CREATE UNIQUE INDEX passkey_by_id ON passkey (id);
CREATE UNIQUE INDEX passkey_by_credential ON passkey (credential);
CREATE INDEX passkey_by_person ON passkey (person);
CREATE UNIQUE INDEX passkey_spent_by_challenge ON passkey_spent (challenge);
CREATE INDEX passkey_spent_by_at ON passkey_spent (at);
