-- Migration 11 for PostgreSQL, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
DROP INDEX finding_by_state_last_seen_row;
DROP INDEX finding_by_owner_last_seen_row;
CREATE INDEX finding_by_state_last_seen_row_see ON finding (state, last_seen, row, owner, audience, author, not_before);
CREATE INDEX finding_by_owner_last_seen_row_see ON finding (owner, last_seen, row, audience, author, not_before);
