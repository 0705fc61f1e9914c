// soft_key.mjs - an authenticator in software, by Node's own crypto: makes and shows passkeys as W3C Web Authentication
// says, and lies in every way that a walk asks for. Knows nothing of the program.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const b64 = (b) => Buffer.from(b).toString('base64url');
const sha256 = (b) => createHash('sha256').update(b).digest();

/** CBOR (RFC 8949) of numbers, texts, bytes and maps. */
export function cbor(v) {
  const head = (major, n) => (n < 24 ? Buffer.from([major << 5 | n]) : n < 256 ? Buffer.from([major << 5 | 24, n]) : Buffer.from([major << 5 | 25, n >> 8, n & 255]));
  if (typeof v === 'number') return v >= 0 ? head(0, v) : head(1, -1 - v);
  if (typeof v === 'string') return Buffer.concat([head(3, Buffer.byteLength(v)), Buffer.from(v)]);
  if (v instanceof Uint8Array) return Buffer.concat([head(2, v.length), v]);
  return Buffer.concat([head(5, v.size), ...[...v].flatMap(([k, x]) => [cbor(k), cbor(x)])]);
}

const KINDS = {
  ES256: { make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), alg: -7, hash: 'sha256',
    cose: (k) => new Map([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(k.x, 'base64url')], [-3, Buffer.from(k.y, 'base64url')]]) },
  EdDSA: { make: () => generateKeyPairSync('ed25519'), alg: -8, hash: null,
    cose: (k) => new Map([[1, 1], [3, -8], [-1, 6], [-2, Buffer.from(k.x, 'base64url')]]) },
  RS256: { make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }), alg: -257, hash: 'sha256',
    cose: (k) => new Map([[1, 3], [3, -257], [-1, Buffer.from(k.n, 'base64url')], [-2, Buffer.from(k.e, 'base64url')]]) },
};

export class SoftKey {
  constructor(origin, kind = 'ES256') {
    Object.assign(this, { origin, kind: KINDS[kind], id: randomBytes(32), counter: 0 });
    Object.assign(this, this.kind.make());
  }

  client(type, challenge, lie) {
    return Buffer.from(JSON.stringify({ type: lie.type ?? type, challenge: lie.challenge ?? challenge, origin: lie.origin ?? this.origin, crossOrigin: lie.crossOrigin ?? false, ...lie.more }));
  }

  data(rpId, lie, rest = Buffer.alloc(0), flags = 0) {
    this.counter = lie.counter ?? this.counter + 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    return Buffer.concat([sha256(lie.rpId ?? rpId), Buffer.from([(lie.flags ?? 5) | flags]), counter, rest]);
  }

  sign(bytes) { return sign(this.kind.hash, bytes, this.privateKey); }

  /** What navigator.credentials.create would give. lie: what to get wrong; fmt: none or packed. */
  create(o, { fmt = 'none', ...lie } = {}) {
    this.user = o.user.id;
    const client = this.client('webauthn.create', o.challenge, lie), length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    const key = cbor(this.kind.cose(this.publicKey.export({ format: 'jwk' })));
    const data = this.data(o.rp.id, lie, Buffer.concat([Buffer.alloc(16), length, this.id, key]), 0x40);
    const statement = fmt === 'packed' ? new Map([['alg', this.kind.alg], ['sig', this.sign(Buffer.concat([data, sha256(lie.signed ?? client)]))]]) : new Map();
    const attestation = cbor(new Map([['fmt', lie.fmtName ?? fmt], ['attStmt', statement], ['authData', data]]));
    return { client_data: b64(client), attestation: b64(lie.cut ? attestation.subarray(0, -lie.cut) : attestation) };
  }

  /** What navigator.credentials.get would give. */
  show(o, lie = {}) {
    const client = this.client('webauthn.get', o.challenge, lie), data = this.data(o.rpId, lie);
    return { credential: b64(lie.id ?? this.id), client_data: b64(client), auth_data: b64(data),
      signature: b64(this.sign(Buffer.concat([data, sha256(lie.signed ?? client)]))), user_handle: lie.user ?? this.user };
  }
}

/** Makes a passkey for who is signed in; gives the key. */
export async function addPasskey(who, origin, kind, lie) {
  const key = new SoftKey(origin, kind), o = await who.ok('POST', '/api/session/passkeys/options');
  key.made = (await who.ok('POST', '/api/session/passkeys', { json: { name: 'my phone', ...key.create(o, lie) } }, 201)).id;
  return key;
}
