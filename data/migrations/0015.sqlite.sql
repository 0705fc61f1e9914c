-- Migration 15 for SQLite, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE TABLE search_index (
  kind TEXT NOT NULL,
  version INTEGER NOT NULL,
  position INTEGER NOT NULL,
  whole BOOLEAN NOT NULL);
CREATE VIRTUAL TABLE organisation_words USING fts5(words, tokenize = "ascii tokenchars '#=^_'", detail = none, columnsize = 0);
CREATE VIRTUAL TABLE sharing_group_words USING fts5(words, tokenize = "ascii tokenchars '#=^_'", detail = none, columnsize = 0);
CREATE VIRTUAL TABLE indicator_words USING fts5(words, tokenize = "ascii tokenchars '#=^_'", detail = none, columnsize = 0);
CREATE VIRTUAL TABLE finding_words USING fts5(words, tokenize = "ascii tokenchars '#=^_'", detail = none, columnsize = 0);
CREATE VIRTUAL TABLE notice_words USING fts5(words, tokenize = "ascii tokenchars '#=^_'", detail = none, columnsize = 0);
CREATE UNIQUE INDEX search_index_by_kind ON search_index (kind);
