// What the one box and the page of results find: what was recognised answers first, then what has the words.
import { api, call } from './api';
import { may } from './session.svelte';
import type { Hit } from './types';

export interface Line { kind: string; title: string; sub: string; href: string }
export interface Answer { recognised: string; value: string; words: string; lines: Line[] }

/** Where a found thing is shown: an indicator in its list, cut down to it. */
export const place = (h: Hit) => (h.kind === 'indicator' ? `${h.href}?q=${encodeURIComponent(h.title)}` : h.href);

const line = (h: Hit): Line => ({ kind: h.kind, title: h.title, sub: h.sub ?? '', href: place(h) });

export async function ask(q: string, signal: AbortSignal): Promise<Answer> {
  const [known, found] = await Promise.all([
    call(api.GET('/api/lookup', { params: { query: { q } }, signal })),
    may('session.read') ? call(api.GET('/api/search', { params: { query: { q, typing: true, limit: 4 } }, signal })) : { items: [] },
  ]);
  const first = known.hits.map((h) => ({ kind: h.kind, title: h.title, sub: h.sub ?? '', href: h.href, id: h.id ?? '' }));
  const ids = new Set(first.map((h) => h.id));
  const rest = found.items.filter((h) => !ids.has(h.id)).map(line);
  const value = known.recognised !== 'text';
  return { recognised: known.recognised, value: known.value ?? q, words: value ? known.words : '', lines: value ? [...first, ...rest] : [...rest, ...first] };
}
