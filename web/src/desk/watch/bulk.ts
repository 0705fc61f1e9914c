// Acts on many findings or notices: what they would do, and asking for them.
import { api, call } from '../../lib/api';
import { actingFor } from '../../lib/acting.svelte';
import type { BulkEffect } from '../../lib/types';

export type BulkAct = 'fixed' | 'not_mine' | 'false_positive' | 'acknowledge' | 'withhold';
export interface Pick { ids?: string[]; all?: boolean; state?: string; org?: string; identifier?: string; notice?: string; total?: number }

export function previewOf(act: BulkAct, body: Pick): Promise<BulkEffect> {
  if (act === 'acknowledge') return call(api.POST('/api/bulk/acknowledgements/preview', { params: { query: actingFor('notice.acknowledge') }, body }));
  if (act === 'withhold') return call(api.POST('/api/bulk/withdrawals/preview', { body }));
  return call(api.POST('/api/bulk/answers/preview', { params: { query: actingFor('finding.answer') }, body: { ...body, answer: act } }));
}

export function askFor(act: BulkAct, body: Pick): Promise<{ id: string; undo: boolean }> {
  if (act === 'acknowledge') return call(api.POST('/api/bulk/acknowledgements', { params: { query: actingFor('notice.acknowledge') }, body }));
  if (act === 'withhold') return call(api.POST('/api/bulk/withdrawals', { body }));
  return call(api.POST('/api/bulk/answers', { params: { query: actingFor('finding.answer') }, body: { ...body, answer: act } }));
}
