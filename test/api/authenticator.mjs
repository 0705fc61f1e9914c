// authenticator.mjs - an authenticator for people of a walk, by Node's own HMAC: a second implementation of RFC 6238.
import { createHmac } from 'node:crypto';

/** The code of a secret (base32) at a step of thirty seconds. */
export function codeOf(secret, step) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
}

/** Adds one to the account of who, and confirms it. */
export async function addAuthenticator(who) {
  const { secret } = await who.ok('POST', '/api/session/factor');
  await who.ok('PUT', '/api/session/factor', { json: { code: codeOf(secret, Math.floor(Date.now() / 30000)) } });
}
