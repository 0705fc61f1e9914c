// How much there is that I was told and have not read. Looked at again when something happens, and every minute.
import { api, call } from './api';
import { onEntry } from './stream.svelte';

const EVERY_MS = 60_000, SOON_MS = 1500;
const state = $state({ unread: 0 });
export const unread = () => state.unread;

export async function lookBell() {
  try {
    state.unread = (await call(api.GET('/api/notifications/unread'))).unread;
  } catch { /* the line above the menu says when nothing is heard any more */ }
}

export function startBell(): () => void {
  let soon: ReturnType<typeof setTimeout> | undefined;
  const off = onEntry(() => { soon ??= setTimeout(() => { soon = undefined; void lookBell(); }, SOON_MS); });
  const timer = setInterval(() => void lookBell(), EVERY_MS);
  void lookBell();
  return () => { off(); clearInterval(timer); clearTimeout(soon); };
}
