-- Migration 19 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE action (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  parent INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  about TEXT NOT NULL,
  number TEXT NOT NULL,
  lang TEXT NOT NULL,
  title TEXT NOT NULL,
  detail TEXT NOT NULL,
  asker INTEGER NOT NULL,
  person INTEGER,
  due INTEGER NOT NULL,
  state TEXT NOT NULL,
  done INTEGER,
  done_by INTEGER,
  done_said TEXT NOT NULL,
  closed INTEGER,
  closed_by INTEGER,
  said TEXT NOT NULL,
  late_told INTEGER);
CREATE TABLE action_version (
  row INTEGER NOT NULL,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  parent INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  about TEXT NOT NULL,
  number TEXT NOT NULL,
  lang TEXT NOT NULL,
  title TEXT NOT NULL,
  detail TEXT NOT NULL,
  asker INTEGER NOT NULL,
  person INTEGER,
  due INTEGER NOT NULL,
  state TEXT NOT NULL,
  done INTEGER,
  done_by INTEGER,
  done_said TEXT NOT NULL,
  closed INTEGER,
  closed_by INTEGER,
  said TEXT NOT NULL,
  late_told INTEGER);
CREATE TABLE holiday (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  day INTEGER NOT NULL,
  last INTEGER NOT NULL,
  name TEXT NOT NULL,
  sector TEXT,
  province TEXT,
  expected BOOLEAN NOT NULL,
  version INTEGER NOT NULL,
  modified INTEGER NOT NULL);
CREATE VIRTUAL TABLE action_words USING fts5(words, tokenize = "ascii tokenchars '#=^_'", detail = none, columnsize = 0);
CREATE UNIQUE INDEX action_by_id ON action (id);
CREATE UNIQUE INDEX action_version_by_row_version ON action_version (row, version);
CREATE UNIQUE INDEX action_by_number ON action (number);
CREATE INDEX action_by_state_due_row_see ON action (state, due, row, owner, audience, author, not_before);
CREATE INDEX action_by_owner_due_row_see ON action (owner, due, row, audience, author, not_before);
CREATE INDEX action_by_about_parent_row ON action (about, parent, row);
CREATE INDEX action_by_person_state_row ON action (person, state, row);
CREATE UNIQUE INDEX holiday_by_id ON holiday (id);
CREATE INDEX holiday_by_last_day ON holiday (last, day);
