// Who is here and what they may do. The server decides; this only spares people what would be refused.
import { api, call, Fault, onSignedOut } from './api';
import { setLang, type Lang } from './text.svelte';
import { setClock } from './time.svelte';
import type { Session } from './types';

const state = $state<{ session: Session | null; ready: boolean; fault: Fault | null }>({ session: null, ready: false, fault: null });

export const session = () => state.session;
export const sessionReady = () => state.ready;
export const sessionFault = () => state.fault;
export const may = (permission: string) => state.session?.permissions.includes(permission) ?? false;
export const national = () => state.session?.national ?? false;
export const mine = (org: string | undefined) => org !== undefined && org === state.session?.org.id;

export function home(): string {
  if (may('notice.read')) return national() ? '/queue' : '/agency';
  return may('ledger.read') ? '/ledger' : '/people';
}

export async function enter(s: Session) {
  setClock(s.realm.now, s.site.time_zone);
  await setLang(s.lang);
  localStorage.setItem('lang', s.lang);
  state.session = s;
}

export async function loadSession() {
  state.fault = null;
  try {
    await enter(await call(api.GET('/api/session')));
  } catch (e) {
    if (!(e instanceof Fault) || e.status !== 401) state.fault = e instanceof Fault ? e : new Fault(-1, {});
  }
  state.ready = true;
}

export async function chooseLang(next: Lang) {
  await setLang(next);
  localStorage.setItem('lang', next);
  if (!state.session) return;
  await call(api.PATCH('/api/session', { body: { lang: next } }));
  state.session = { ...state.session, lang: next };
}

export async function leave() {
  await call(api.DELETE('/api/session'));
  state.session = null;
}

onSignedOut(() => (state.session = null));
