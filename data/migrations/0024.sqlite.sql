-- Migration 24 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE first_step (
  name TEXT NOT NULL,
  why TEXT NOT NULL,
  person INTEGER NOT NULL,
  at INTEGER NOT NULL);
CREATE TABLE feed_day (
  feed INTEGER NOT NULL,
  day INTEGER NOT NULL,
  n_rows INTEGER NOT NULL,
  n_bad INTEGER NOT NULL);
CREATE TABLE feed_pulse (
  feed INTEGER PRIMARY KEY,
  last INTEGER NOT NULL);
CREATE TABLE feed_alarm (
  feed INTEGER NOT NULL,
  what TEXT NOT NULL,
  since INTEGER NOT NULL);
CREATE UNIQUE INDEX first_step_by_name ON first_step (name);
CREATE UNIQUE INDEX feed_day_by_feed_day ON feed_day (feed, day);
CREATE INDEX feed_day_by_day ON feed_day (day);
CREATE UNIQUE INDEX feed_alarm_by_feed_what ON feed_alarm (feed, what);
