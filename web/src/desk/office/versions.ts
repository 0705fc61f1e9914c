// Versions of the kinds that have them: the same request under four addresses; and values in words.
import { api, call } from '../../lib/api';
import { label, number, say, t } from '../../lib/text.svelte';
import { dateTime } from '../../lib/time.svelte';
import type { Texts, VersionPage } from '../../lib/types';

export type Versioned = 'finding' | 'notice' | 'indicator' | 'organisation';

export function readVersions(kind: Versioned, id: string, cursor: string | undefined): Promise<VersionPage> {
  const params = { path: { id }, query: { limit: 20, ...(cursor ? { cursor } : {}) } };
  switch (kind) {
    case 'finding': return call(api.GET('/api/findings/{id}/versions', { params }));
    case 'notice': return call(api.GET('/api/notices/{id}/versions', { params }));
    case 'indicator': return call(api.GET('/api/indicators/{id}/versions', { params }));
    case 'organisation': return call(api.GET('/api/organisations/{id}/versions', { params }));
  }
}

const SEVERITY = ['unknown', 'info', 'low', 'medium', 'high', 'critical'];
const WORDS: Record<Versioned, Record<string, string>> = {
  finding: { state: 'finding_state', identifier: 'identifier' }, notice: { state: 'notice_state', kind: 'identifier' },
  indicator: { state: 'ioc_state', kind: 'ioc_kind' }, organisation: { kind: 'org_kind', sector: 'sector' },
};
const MOMENT = /^\d{4}-\d\d-\d\dT/;

/** A field's value as a person reads it. */
export function value(kind: Versioned, field: string, v: unknown): string {
  if (v === null || v === undefined || v === '') return t('console.versions.nothing');
  if (field === 'severity' && typeof v === 'number') return label('severity', SEVERITY[v]);
  if (typeof v === 'number') return field === 'port' || field === 'asn' ? String(v) : number(v);
  if (typeof v === 'string') return MOMENT.test(v) ? dateTime(v) : label(WORDS[kind][field] ?? field, v);
  if (typeof v === 'object' && 'first' in v) return say(v as Texts);
  return JSON.stringify(v);
}
