-- Migration 15 for PostgreSQL, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE search_index (
  kind TEXT NOT NULL,
  version BIGINT NOT NULL,
  position BIGINT NOT NULL,
  whole BOOLEAN NOT NULL);
CREATE TABLE organisation_words (
  row BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL);
CREATE TABLE sharing_group_words (
  row BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL);
CREATE TABLE indicator_words (
  row BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL);
CREATE TABLE finding_words (
  row BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL);
CREATE TABLE notice_words (
  row BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL);
CREATE UNIQUE INDEX search_index_by_kind ON search_index (kind);
CREATE INDEX organisation_words_by_words ON organisation_words USING gin (words);
CREATE INDEX sharing_group_words_by_words ON sharing_group_words USING gin (words);
CREATE INDEX indicator_words_by_words ON indicator_words USING gin (words);
CREATE INDEX finding_words_by_words ON finding_words USING gin (words);
CREATE INDEX notice_words_by_words ON notice_words USING gin (words);
