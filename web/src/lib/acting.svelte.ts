// For whom a person who stands in for somebody does what it does: chosen once, beside the buttons.
import { session } from './session.svelte';
import type { StandsIn } from './types';

const state = $state<{ who: string }>({ who: '' });

/** Those for whom I stand in now. */
export const standsIn = (): StandsIn[] => session()?.stands_in ?? [];
export const chosen = () => (standsIn().some((s) => s.id === state.who) ? state.who : '');
export const choose = (id: string) => { state.who = id; };

/** The query of an act: for whom it is done, when that was chosen and is allowed. */
export function actingFor(permission: string): { for_person?: string } {
  const s = standsIn().find((x) => x.id === chosen());
  return s?.permissions.includes(permission) ? { for_person: s.id } : {};
}
