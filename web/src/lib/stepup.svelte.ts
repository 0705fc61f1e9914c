// A dangerous act asks again who one is: the answer names the proof, a dialog asks for it, and the act
// is repeated. Whoever sends a request need not know: api.ts and upload.ts come here.
import { problemOf } from './api';
import type { Problem } from './types';

export type Proof = NonNullable<Problem['step_up']>;
interface Asked { proof: Proof; answer: (shown: boolean) => void }

const state = $state<{ asked: Asked | null }>({ asked: null });
export const asked = () => state.asked;

/** Which proof a refusal asks for, if it is of that kind. A key cannot show one. */
export function proofOf(status: number, body: unknown): Proof | null {
  const wanted = status === 403 ? problemOf(body).step_up : undefined;
  return wanted && wanted !== 'key' ? wanted : null;
}

/** True when the proof was shown: ask for the act again. Several acts wait for one dialog. */
let waiting: Promise<boolean> | null = null;
export function showProof(proof: Proof): Promise<boolean> {
  waiting ??= new Promise<boolean>((resolve) => {
    state.asked = { proof, answer: resolve };
  }).finally(() => {
    waiting = null;
    state.asked = null;
  });
  return waiting;
}

/** fetch that repeats a request once its proof was shown. */
export async function steppingFetch(request: Request): Promise<Response> {
  const again = request.clone();
  const answer = await fetch(request);
  if (answer.status !== 403) return answer;
  const proof = proofOf(403, await answer.clone().json().catch(() => null));
  return proof && (await showProof(proof)) ? fetch(again) : answer;
}
