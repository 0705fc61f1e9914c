// A demonstration is made and removed in one place; where it is removed from within, the way leads back to the live realm.
import { api, call } from '../../lib/api';
import { session } from '../../lib/session.svelte';

export const makeDemo = () => call(api.POST('/api/realms', { body: { name: 'demo', kind: 'demo', fill: true } }));

/** Reads again while one is being filled; what it returns ends that. */
export function followFilling(filling: () => boolean, read: () => void): () => void {
  const timer = setInterval(() => { if (filling() && !document.hidden) read(); }, 2000);
  return () => clearInterval(timer);
}

export async function removeRealm(name: string) {
  await call(api.DELETE('/api/realms/{name}', { params: { path: { name } } }));
  if (name === session()?.realm.name) location.assign('/');
}
