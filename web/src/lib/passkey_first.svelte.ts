// Whether staff without a passkey are shown its screen first: once in a browser's session, unless the site requires one.
import { session } from './session.svelte';

let later = $state(sessionStorage.getItem('passkey') === 'later');
export function putOff() {
  later = true;
  sessionStorage.setItem('passkey', 'later');
}
export function passkeyFirst(): boolean {
  const wanted = session()?.passkey_wanted;
  return wanted === 'required' || (wanted === 'asked' && !later);
}
