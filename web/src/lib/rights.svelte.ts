// What I may do and who can change it: read once, when a refusal or a page first asks.
import { api, call } from './api';
import { label } from './text.svelte';
import type { Problem, Rights } from './types';

let asked: Promise<Rights> | null = null;
let of = '';
/** The rights of whoever is signed in; who names them, so that the next person asks anew. */
export function myRights(who: string): Promise<Rights> {
  if (of !== who) asked = null;
  of = who;
  asked ??= call(api.GET('/api/session/rights')).catch((e: unknown) => {
    asked = null;
    throw e;
  });
  return asked;
}

/** A permission or a kind of record, in words. */
export const does = (name: string) => label('permission', name);
export const kind = (name: string) => label('record', name);
export type Missing = NonNullable<Problem['missing']>;
