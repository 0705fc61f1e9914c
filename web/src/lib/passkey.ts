// Passkeys in the browser: made, and shown. Bytes travel as base64url; what to do is the server's to say.
import { api, call, Fault } from './api';
import { t } from './text.svelte';
import type { components } from '../generated/api';

type Creation = components['schemas']['PasskeyCreation'];
type Request = components['schemas']['PasskeyRequest'];
export type Shown = components['schemas']['PasskeyShown'];

export const canPasskey = () => window.isSecureContext && 'PublicKeyCredential' in window;

const bytes = (text: string) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (b: ArrayBuffer) => btoa(Array.from(new Uint8Array(b), (x) => String.fromCharCode(x)).join('')).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const ref = (r: { id: string }) => ({ type: 'public-key' as const, id: bytes(r.id) });

/** A browser's refusal in our words; it does not tell a person who closed the window from one who was too late. */
function refusal(e: unknown): never {
  if (e instanceof Fault) throw e;
  const name = e instanceof DOMException ? e.name : '';
  if (name === 'AbortError') throw e;
  throw new Fault(-1, { detail: t(name === 'InvalidStateError' ? 'console.passkey.there' : name === 'SecurityError' ? 'console.passkey.address' : 'console.passkey.closed') });
}

async function create(o: Creation) {
  const made = (await navigator.credentials.create({ publicKey: {
    ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: o.excludeCredentials.map(ref),
  } })) as PublicKeyCredential;
  const r = made.response as AuthenticatorAttestationResponse;
  return { client_data: text(r.clientDataJSON), attestation: text(r.attestationObject) };
}

async function get(o: Request, more: CredentialRequestOptions = {}): Promise<Shown> {
  const shown = (await navigator.credentials.get({ ...more, publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: o.allowCredentials.map(ref) } })) as PublicKeyCredential;
  const r = shown.response as AuthenticatorAssertionResponse;
  return { credential: text(shown.rawId), client_data: text(r.clientDataJSON), auth_data: text(r.authenticatorData), signature: text(r.signature), ...(r.userHandle ? { user_handle: text(r.userHandle) } : {}) };
}

/** Makes one and keeps it for who is signed in. */
export async function makePasskey(name: string) {
  const options = await call(api.POST('/api/session/passkeys/options'));
  const made = await create(options).catch(refusal);
  return call(api.POST('/api/session/passkeys', { body: { ...(name ? { name } : {}), ...made } }));
}

/** Signs in; with a signal, only offers it among the mail addresses that the browser knows. */
export async function enterByPasskey(signal?: AbortSignal) {
  const options = await call(api.POST('/api/session/passkey/options'));
  const shown = await get(options, signal ? { mediation: 'conditional', signal } : {}).catch(refusal);
  return call(api.POST('/api/session/passkey', { body: shown }));
}

/** Shows it before a dangerous act. */
export async function provePasskey() {
  const options = await call(api.POST('/api/session/proof/options'));
  const passkey = await get(options).catch(refusal);
  return call(api.POST('/api/session/proof', { body: { passkey } }));
}

export async function canOffer(): Promise<boolean> {
  return canPasskey() && !!(await PublicKeyCredential.isConditionalMediationAvailable?.());
}
