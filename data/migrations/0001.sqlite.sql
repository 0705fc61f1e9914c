-- Migration 1 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE organisation (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  name_fold TEXT NOT NULL,
  kind TEXT NOT NULL,
  sector TEXT NOT NULL,
  province TEXT,
  lang TEXT NOT NULL,
  provider INTEGER,
  community BOOLEAN NOT NULL,
  grp INTEGER NOT NULL,
  state TEXT NOT NULL);
CREATE TABLE organisation_version (
  row INTEGER NOT NULL,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  name_fold TEXT NOT NULL,
  kind TEXT NOT NULL,
  sector TEXT NOT NULL,
  province TEXT,
  lang TEXT NOT NULL,
  provider INTEGER,
  community BOOLEAN NOT NULL,
  grp INTEGER NOT NULL,
  state TEXT NOT NULL);
CREATE TABLE network (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  org INTEGER NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_to INTEGER NOT NULL,
  state TEXT NOT NULL,
  source TEXT NOT NULL);
CREATE TABLE network_version (
  row INTEGER NOT NULL,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  org INTEGER NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_to INTEGER NOT NULL,
  state TEXT NOT NULL,
  source TEXT NOT NULL);
CREATE TABLE person (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  name BLOB NOT NULL,
  mail BLOB NOT NULL,
  phone BLOB,
  mail_hash BLOB,
  lang TEXT NOT NULL,
  org INTEGER NOT NULL,
  roles INTEGER NOT NULL,
  contact_role TEXT NOT NULL,
  state TEXT NOT NULL,
  confirmed INTEGER);
CREATE TABLE person_version (
  row INTEGER NOT NULL,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  name BLOB NOT NULL,
  mail BLOB NOT NULL,
  phone BLOB,
  mail_hash BLOB,
  lang TEXT NOT NULL,
  org INTEGER NOT NULL,
  roles INTEGER NOT NULL,
  contact_role TEXT NOT NULL,
  state TEXT NOT NULL,
  confirmed INTEGER);
CREATE TABLE sharing_group (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL);
CREATE TABLE sharing_group_version (
  row INTEGER NOT NULL,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL);
CREATE TABLE indicator (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  source TEXT NOT NULL,
  confidence INTEGER NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_until INTEGER NOT NULL,
  tags TEXT NOT NULL,
  why TEXT NOT NULL,
  state TEXT NOT NULL,
  batch INTEGER NOT NULL);
CREATE TABLE indicator_version (
  row INTEGER NOT NULL,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  source TEXT NOT NULL,
  confidence INTEGER NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_until INTEGER NOT NULL,
  tags TEXT NOT NULL,
  why TEXT NOT NULL,
  state TEXT NOT NULL,
  batch INTEGER NOT NULL);
CREATE TABLE feed (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  format TEXT NOT NULL,
  declaration TEXT NOT NULL,
  provider TEXT NOT NULL,
  accuracy INTEGER NOT NULL,
  url TEXT,
  every_s INTEGER NOT NULL,
  expect_every_s INTEGER NOT NULL,
  event_audience INTEGER NOT NULL,
  state TEXT NOT NULL);
CREATE TABLE feed_version (
  row INTEGER NOT NULL,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  format TEXT NOT NULL,
  declaration TEXT NOT NULL,
  provider TEXT NOT NULL,
  accuracy INTEGER NOT NULL,
  url TEXT,
  every_s INTEGER NOT NULL,
  expect_every_s INTEGER NOT NULL,
  event_audience INTEGER NOT NULL,
  state TEXT NOT NULL);
CREATE TABLE import_run (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  kind TEXT NOT NULL,
  subject INTEGER NOT NULL,
  file_name TEXT NOT NULL,
  file_hash BLOB NOT NULL,
  state TEXT NOT NULL,
  rows_read INTEGER NOT NULL,
  rows_done INTEGER NOT NULL,
  rows_same INTEGER NOT NULL,
  rows_bad INTEGER NOT NULL,
  bytes_done INTEGER NOT NULL,
  bytes_total INTEGER NOT NULL,
  report TEXT NOT NULL,
  finished INTEGER);
CREATE TABLE import_run_version (
  row INTEGER NOT NULL,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  kind TEXT NOT NULL,
  subject INTEGER NOT NULL,
  file_name TEXT NOT NULL,
  file_hash BLOB NOT NULL,
  state TEXT NOT NULL,
  rows_read INTEGER NOT NULL,
  rows_done INTEGER NOT NULL,
  rows_same INTEGER NOT NULL,
  rows_bad INTEGER NOT NULL,
  bytes_done INTEGER NOT NULL,
  bytes_total INTEGER NOT NULL,
  report TEXT NOT NULL,
  finished INTEGER);
CREATE TABLE finding (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  feed INTEGER NOT NULL,
  taxonomy TEXT NOT NULL,
  type TEXT NOT NULL,
  identifier TEXT NOT NULL,
  severity INTEGER NOT NULL,
  ip TEXT,
  port INTEGER,
  fqdn TEXT,
  asn INTEGER,
  detail TEXT NOT NULL,
  dedup BLOB NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  why_kind TEXT NOT NULL,
  why_value TEXT NOT NULL,
  indicator INTEGER,
  event BLOB NOT NULL,
  notice INTEGER,
  state TEXT NOT NULL,
  answered_by INTEGER,
  answered INTEGER);
CREATE TABLE finding_version (
  row INTEGER NOT NULL,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  feed INTEGER NOT NULL,
  taxonomy TEXT NOT NULL,
  type TEXT NOT NULL,
  identifier TEXT NOT NULL,
  severity INTEGER NOT NULL,
  ip TEXT,
  port INTEGER,
  fqdn TEXT,
  asn INTEGER,
  detail TEXT NOT NULL,
  dedup BLOB NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  why_kind TEXT NOT NULL,
  why_value TEXT NOT NULL,
  indicator INTEGER,
  event BLOB NOT NULL,
  notice INTEGER,
  state TEXT NOT NULL,
  answered_by INTEGER,
  answered INTEGER);
CREATE TABLE notice (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  number TEXT NOT NULL,
  org INTEGER NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  kind TEXT NOT NULL,
  severity INTEGER NOT NULL,
  findings INTEGER NOT NULL,
  held_until INTEGER NOT NULL,
  due INTEGER NOT NULL,
  state TEXT NOT NULL,
  acknowledged INTEGER,
  acknowledged_by INTEGER);
CREATE TABLE notice_version (
  row INTEGER NOT NULL,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  number TEXT NOT NULL,
  org INTEGER NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  kind TEXT NOT NULL,
  severity INTEGER NOT NULL,
  findings INTEGER NOT NULL,
  held_until INTEGER NOT NULL,
  due INTEGER NOT NULL,
  state TEXT NOT NULL,
  acknowledged INTEGER,
  acknowledged_by INTEGER);
CREATE TABLE delivery (
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
  channel TEXT NOT NULL,
  org INTEGER NOT NULL,
  person INTEGER,
  lang TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  last_error TEXT,
  sent INTEGER,
  opened INTEGER,
  acknowledged INTEGER);
CREATE TABLE delivery_version (
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
  channel TEXT NOT NULL,
  org INTEGER NOT NULL,
  person INTEGER,
  lang TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  last_error TEXT,
  sent INTEGER,
  opened INTEGER,
  acknowledged INTEGER);
CREATE TABLE api_key (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  name TEXT NOT NULL,
  person INTEGER NOT NULL,
  secret_hash BLOB NOT NULL,
  access TEXT NOT NULL,
  expires INTEGER NOT NULL,
  revoked INTEGER);
CREATE TABLE api_key_version (
  row INTEGER NOT NULL,
  id BLOB NOT NULL,
  origin BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  retention TEXT NOT NULL,
  salt BLOB NOT NULL,
  name TEXT NOT NULL,
  person INTEGER NOT NULL,
  secret_hash BLOB NOT NULL,
  access TEXT NOT NULL,
  expires INTEGER NOT NULL,
  revoked INTEGER);
CREATE TABLE audience (
  row INTEGER PRIMARY KEY,
  label INTEGER NOT NULL,
  grp INTEGER NOT NULL,
  named TEXT NOT NULL);
CREATE TABLE audience_person (
  audience INTEGER NOT NULL,
  person INTEGER NOT NULL);
CREATE TABLE group_member (
  grp INTEGER NOT NULL,
  org INTEGER NOT NULL);
CREATE TABLE glass (
  row INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  record INTEGER NOT NULL,
  person INTEGER NOT NULL,
  reason TEXT NOT NULL,
  until INTEGER NOT NULL,
  approver_1 INTEGER NOT NULL,
  approver_2 INTEGER NOT NULL,
  created INTEGER NOT NULL);
CREATE TABLE person_key (
  person INTEGER PRIMARY KEY,
  wrapped BLOB,
  destroyed INTEGER);
CREATE TABLE password (
  person INTEGER PRIMARY KEY,
  hash TEXT NOT NULL,
  changed INTEGER NOT NULL);
CREATE TABLE session (
  token_hash BLOB NOT NULL,
  person INTEGER NOT NULL,
  created INTEGER NOT NULL,
  used INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  how TEXT NOT NULL);
CREATE TABLE link (
  token_hash BLOB NOT NULL,
  kind TEXT NOT NULL,
  person INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  used INTEGER);
CREATE TABLE local_user (
  uid INTEGER PRIMARY KEY,
  person INTEGER NOT NULL);
CREATE TABLE idempotency (
  key_hash BLOB NOT NULL,
  request_hash BLOB NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  created INTEGER NOT NULL);
CREATE TABLE job (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  person INTEGER NOT NULL,
  state TEXT NOT NULL,
  run_at INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  leased_by TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  progress INTEGER NOT NULL,
  total INTEGER NOT NULL,
  error TEXT,
  created INTEGER NOT NULL,
  finished INTEGER);
CREATE TABLE ledger_entry (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject BLOB NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  leaf BLOB NOT NULL,
  audience INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  number INTEGER);
CREATE TABLE ledger_head (
  row INTEGER PRIMARY KEY,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  frontier BLOB NOT NULL,
  sealed INTEGER NOT NULL);
CREATE TABLE ledger_tile (
  level INTEGER NOT NULL,
  position INTEGER NOT NULL,
  hash BLOB NOT NULL);
CREATE TABLE reaction (
  name TEXT NOT NULL,
  number INTEGER NOT NULL);
CREATE TABLE parked (
  name TEXT NOT NULL,
  entry INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  error TEXT NOT NULL,
  parked INTEGER NOT NULL);
CREATE TABLE counter (
  name TEXT NOT NULL,
  value INTEGER NOT NULL);
CREATE TABLE setting (
  name TEXT NOT NULL,
  value TEXT NOT NULL);
CREATE UNIQUE INDEX organisation_by_id ON organisation (id);
CREATE UNIQUE INDEX organisation_version_by_row_version ON organisation_version (row, version);
CREATE UNIQUE INDEX organisation_by_key ON organisation (key);
CREATE INDEX organisation_by_name_fold_row ON organisation (name_fold, row);
CREATE INDEX organisation_by_sector_row ON organisation (sector, row);
CREATE UNIQUE INDEX network_by_id ON network (id);
CREATE UNIQUE INDEX network_version_by_row_version ON network_version (row, version);
CREATE UNIQUE INDEX network_by_org_kind_value_valid_from ON network (org, kind, value, valid_from);
CREATE INDEX network_by_org_row ON network (org, row);
CREATE INDEX network_by_kind_value ON network (kind, value);
CREATE UNIQUE INDEX person_by_id ON person (id);
CREATE UNIQUE INDEX person_version_by_row_version ON person_version (row, version);
CREATE UNIQUE INDEX person_by_mail_hash ON person (mail_hash);
CREATE INDEX person_by_org_row ON person (org, row);
CREATE UNIQUE INDEX sharing_group_by_id ON sharing_group (id);
CREATE UNIQUE INDEX sharing_group_version_by_row_version ON sharing_group_version (row, version);
CREATE UNIQUE INDEX indicator_by_id ON indicator (id);
CREATE UNIQUE INDEX indicator_version_by_row_version ON indicator_version (row, version);
CREATE UNIQUE INDEX indicator_by_kind_value_source ON indicator (kind, value, source);
CREATE INDEX indicator_by_state_row ON indicator (state, row);
CREATE UNIQUE INDEX feed_by_id ON feed (id);
CREATE UNIQUE INDEX feed_version_by_row_version ON feed_version (row, version);
CREATE UNIQUE INDEX feed_by_key ON feed (key);
CREATE UNIQUE INDEX import_run_by_id ON import_run (id);
CREATE UNIQUE INDEX import_run_version_by_row_version ON import_run_version (row, version);
CREATE INDEX import_run_by_kind_subject_row ON import_run (kind, subject, row);
CREATE UNIQUE INDEX finding_by_id ON finding (id);
CREATE UNIQUE INDEX finding_version_by_row_version ON finding_version (row, version);
CREATE UNIQUE INDEX finding_by_dedup ON finding (dedup);
CREATE INDEX finding_by_state_last_seen_row ON finding (state, last_seen, row);
CREATE INDEX finding_by_owner_last_seen_row ON finding (owner, last_seen, row);
CREATE INDEX finding_by_notice_row ON finding (notice, row);
CREATE INDEX finding_by_ip_row ON finding (ip, row);
CREATE UNIQUE INDEX notice_by_id ON notice (id);
CREATE UNIQUE INDEX notice_version_by_row_version ON notice_version (row, version);
CREATE UNIQUE INDEX notice_by_number ON notice (number);
CREATE INDEX notice_by_state_due_row ON notice (state, due, row);
CREATE INDEX notice_by_org_row ON notice (org, row);
CREATE INDEX notice_by_created_row ON notice (created, row);
CREATE UNIQUE INDEX delivery_by_id ON delivery (id);
CREATE UNIQUE INDEX delivery_version_by_row_version ON delivery_version (row, version);
CREATE INDEX delivery_by_state_next_at_row ON delivery (state, next_at, row);
CREATE INDEX delivery_by_org_state_row ON delivery (org, state, row);
CREATE INDEX delivery_by_parent_row ON delivery (parent, row);
CREATE UNIQUE INDEX api_key_by_id ON api_key (id);
CREATE UNIQUE INDEX api_key_version_by_row_version ON api_key_version (row, version);
CREATE UNIQUE INDEX api_key_by_secret_hash ON api_key (secret_hash);
CREATE INDEX api_key_by_person_row ON api_key (person, row);
CREATE UNIQUE INDEX audience_by_label_grp_named ON audience (label, grp, named);
CREATE INDEX audience_by_grp ON audience (grp);
CREATE UNIQUE INDEX audience_person_by_audience_person ON audience_person (audience, person);
CREATE UNIQUE INDEX group_member_by_grp_org ON group_member (grp, org);
CREATE INDEX group_member_by_org ON group_member (org);
CREATE INDEX glass_by_person_kind_record ON glass (person, kind, record);
CREATE UNIQUE INDEX session_by_token_hash ON session (token_hash);
CREATE INDEX session_by_person ON session (person);
CREATE INDEX session_by_expires ON session (expires);
CREATE UNIQUE INDEX link_by_token_hash ON link (token_hash);
CREATE INDEX link_by_person ON link (person);
CREATE INDEX link_by_subject ON link (subject);
CREATE UNIQUE INDEX idempotency_by_key_hash ON idempotency (key_hash);
CREATE INDEX idempotency_by_created ON idempotency (created);
CREATE UNIQUE INDEX job_by_id ON job (id);
CREATE INDEX job_by_state_run_at_row ON job (state, run_at, row);
CREATE UNIQUE INDEX ledger_entry_by_id ON ledger_entry (id);
CREATE UNIQUE INDEX ledger_entry_by_number ON ledger_entry (number);
CREATE INDEX ledger_entry_by_owner_number ON ledger_entry (owner, number);
CREATE INDEX ledger_entry_by_subject_number ON ledger_entry (subject, number);
CREATE UNIQUE INDEX ledger_tile_by_level_position ON ledger_tile (level, position);
CREATE UNIQUE INDEX reaction_by_name ON reaction (name);
CREATE UNIQUE INDEX parked_by_name_entry ON parked (name, entry);
CREATE UNIQUE INDEX counter_by_name ON counter (name);
CREATE UNIQUE INDEX setting_by_name ON setting (name);
