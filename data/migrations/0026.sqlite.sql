-- Migration 26 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE mail_key (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  person INTEGER NOT NULL,
  words BLOB NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER,
  confirmed INTEGER,
  code BLOB NOT NULL,
  tries INTEGER NOT NULL,
  told INTEGER NOT NULL);
CREATE UNIQUE INDEX mail_key_by_id ON mail_key (id);
CREATE INDEX mail_key_by_person_row ON mail_key (person, row);
CREATE INDEX mail_key_by_expires_row ON mail_key (expires, row);
CREATE INDEX mail_key_by_confirmed_created ON mail_key (confirmed, created);
