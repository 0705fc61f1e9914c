// What happens elsewhere, as it happens: ledger entries by server-sent events. Lists count, they do not move.
import { loadSession } from './session.svelte';
import type { LedgerEntry } from './types';

type Listener = (entry: LedgerEntry) => void;
const listeners = new Set<Listener>();
const state = $state<{ live: 'live' | 'waiting' | 'off' }>({ live: 'off' });
export const streamState = () => state.live;

export function onEntry(run: Listener): () => void {
  listeners.add(run);
  return () => listeners.delete(run);
}

function tell(e: MessageEvent<string>) {
  let entry: LedgerEntry;
  try {
    entry = JSON.parse(e.data) as LedgerEntry;
  } catch {
    return; // a heartbeat or something newer than this page
  }
  if (entry.type) for (const run of listeners) run(entry);
}

export function startStream(): () => void {
  const source = new EventSource('/api/stream');
  state.live = 'waiting';
  source.onopen = () => (state.live = 'live');
  source.onerror = () => (state.live = source.readyState === EventSource.CLOSED ? 'off' : 'waiting');
  source.onmessage = tell;
  source.addEventListener('over', () => { // the right to listen ended: who is here is asked again
    source.close();
    state.live = 'off';
    void loadSession();
  });
  return () => {
    source.close();
    state.live = 'off';
  };
}

/** Counts entries of some types since the last look. Call inside an effect's lifetime. */
export function counter(types: string[]) {
  const seen = $state({ n: 0 });
  $effect(() => onEntry((e) => {
    if (types.some((type) => e.type === type || (type.endsWith('.') && e.type.startsWith(type)))) seen.n += 1;
  }));
  return { get n() { return seen.n; }, clear: () => (seen.n = 0) };
}
