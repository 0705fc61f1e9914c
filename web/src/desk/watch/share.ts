// Reach, preview and change of the kinds that are shared: the same requests under their addresses.
import { api, call, ifMatch } from '../../lib/api';
import type { components } from '../../generated/api';
import type { AudienceEffect, Reach } from '../../lib/types';

export type Shared = 'finding' | 'notice' | 'indicator' | 'file';
export const LABELS = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const;
export type Label = (typeof LABELS)[number];

type Draft = components['schemas']['AudienceDraft'];

export function readReach(kind: Shared, id: string, query: { org?: string; cursor?: string | undefined; limit?: number }): Promise<Reach> {
  const params = { path: { id }, query };
  switch (kind) {
    case 'finding': return call(api.GET('/api/findings/{id}/reach', { params }));
    case 'notice': return call(api.GET('/api/notices/{id}/reach', { params }));
    case 'indicator': return call(api.GET('/api/indicators/{id}/reach', { params }));
    case 'file': return call(api.GET('/api/reach/{id}', { params: { path: { id }, query: { ...query, kind: 'attachment' } } }));
  }
}

export function previewShare(kind: Shared, id: string, draft: Draft): Promise<AudienceEffect> {
  const params = { path: { id }, query: { tlp: draft.tlp, limit: 50, ...(draft.group ? { group: draft.group } : {}), ...(draft.people?.length ? { people: draft.people.join(' ') } : {}) } };
  switch (kind) {
    case 'finding': return call(api.GET('/api/findings/{id}/reach/preview', { params }));
    case 'notice': return call(api.GET('/api/notices/{id}/reach/preview', { params }));
    case 'indicator': return call(api.GET('/api/indicators/{id}/reach/preview', { params }));
    case 'file': return call(api.GET('/api/files/{id}/reach/preview', { params }));
  }
}

/** True when it happened; false when it waits for a second person. */
export async function share(kind: Shared, id: string, match: ReturnType<typeof ifMatch>, body: Draft): Promise<boolean> {
  const with_ = { params: { path: { id }, header: { 'If-Match': match } }, body };
  const done = kind === 'finding' ? await call(api.PATCH('/api/findings/{id}/reach', with_))
    : kind === 'notice' ? await call(api.PATCH('/api/notices/{id}/reach', with_))
    : kind === 'file' ? await call(api.PATCH('/api/files/{id}/reach', with_)) : await call(api.PATCH('/api/indicators/{id}/reach', with_));
  return 'version' in done;
}
