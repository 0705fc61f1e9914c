-- Migration 21 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE notification (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  person INTEGER NOT NULL,
  kind TEXT NOT NULL,
  urgent BOOLEAN NOT NULL,
  words BLOB NOT NULL,
  created INTEGER NOT NULL,
  mail_at INTEGER,
  mailed INTEGER,
  read_at INTEGER);
CREATE TABLE notify_choice (
  person INTEGER NOT NULL,
  kind TEXT NOT NULL,
  way TEXT NOT NULL);
CREATE TABLE notify_hours (
  person INTEGER PRIMARY KEY,
  quiet_from INTEGER NOT NULL,
  quiet_until INTEGER NOT NULL,
  daily_at INTEGER NOT NULL,
  zone TEXT NOT NULL);
ALTER TABLE held_act ADD COLUMN told INTEGER;
CREATE UNIQUE INDEX notification_by_id ON notification (id);
CREATE INDEX notification_by_person_row ON notification (person, row);
CREATE INDEX notification_by_mail_at_row ON notification (mail_at, row);
CREATE UNIQUE INDEX notify_choice_by_person_kind ON notify_choice (person, kind);
