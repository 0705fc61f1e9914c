// Whether staff without a passkey are shown its screen first: where the site requires one, at every address; where it
// asks, only on the way home, and not again for a day: who opens a notice from a mail is not held up.
import { path } from './router.svelte';
import { session } from './session.svelte';

const DAY_MS = 24 * 3600 * 1000;
let later = $state(Date.now() - Number(localStorage.getItem('passkey_later') ?? 0) < DAY_MS);
export function putOff() {
  later = true;
  localStorage.setItem('passkey_later', String(Date.now()));
}
export function passkeyFirst(): boolean {
  const wanted = session()?.passkey_wanted;
  return wanted === 'required' || (wanted === 'asked' && !later && path() === '/');
}
