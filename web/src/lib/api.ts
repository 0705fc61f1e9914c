// The one door to the server: a client typed by the OpenAPI document, and problems as values thrown.
import createClient from 'openapi-fetch';
import type { paths } from '../generated/api';
import { steppingFetch } from './stepup.svelte';
import type { Problem } from './types';

export class Fault extends Error {
  constructor(
    readonly status: number,
    readonly problem: Partial<Problem>,
  ) {
    super(problem.detail ?? problem.title ?? '');
  }
  /** The field a problem points at: "/name_en" and "/body/name_en" are "name_en". */
  get field(): string {
    return this.problem.pointer?.split('/').pop() ?? '';
  }
}

export const api = createClient<paths>({ baseUrl: location.origin, credentials: 'same-origin', fetch: (request) => steppingFetch(request) });

let signedOut = () => {};
export function onSignedOut(run: () => void) {
  signedOut = run;
}

interface Answer<T> { data?: T; error?: unknown; response: Response }

/** Waits for an answer; throws a Fault for a problem, for no connection, and tells when nobody is signed in. */
export async function call<T>(answer: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>;
  try {
    got = await answer;
  } catch {
    throw new Fault(0, {});
  }
  if (got.response.ok) return got.data as T;
  if (got.response.status === 401) signedOut();
  throw new Fault(got.response.status, problemOf(got.error));
}

export function problemOf(body: unknown): Partial<Problem> {
  return typeof body === 'object' && body !== null ? (body as Partial<Problem>) : {};
}

export function faultOf(e: unknown): Fault {
  return e instanceof Fault ? e : new Fault(-1, { detail: e instanceof Error ? e.message : String(e) });
}

/** A fresh Idempotency-Key: one per form, so that a second press is the same request. */
export function idempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}

export const ifMatch = (version: number | undefined) => (version === undefined ? undefined : `"v${version}"`);
