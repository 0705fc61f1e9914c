-- Migration 8 for PostgreSQL, written by tools/gen/migrate.py from data/records/.
-- Forward only: once released, never edited.
CREATE INDEX person_by_state_org_roles ON person (state, org, roles);
CREATE INDEX glass_by_kind_record ON glass (kind, record);
