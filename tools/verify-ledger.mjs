#!/usr/bin/env node
// verify-ledger.mjs - checks a Minar ledger from outside, with Node's standard library alone; it shares no
// line with the program. Formats: C2SP signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature,
// tlog-proof; RFC 6962 and 9162. Reads over HTTP, or files that were saved before.
//
//   node verify-ledger.mjs --key VKEY [--witness VKEY ...] [--quorum N] LOG     LOG: https://HOST/log, or a folder
//     --old FILE     a checkpoint kept from earlier: the ledger must have grown out of it
//     --proof FILE   an entry's proof (minar ledger proof ID --json, or its tlog-proof text); LOG may be left out
//     --all          every tile and every bundle, from the commitments up to the signed root
//     --save DIR     keeps what is fetched, to be checked again without a network
//     --json         the result as JSON
// Exit: 0 all holds, 1 something does not, 2 the question is not of this form.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const TILE = 256, sha = (...parts) => parts.reduce((h, p) => h.update(p), createHash('sha256')).digest();
const leafHash = (data) => sha(Buffer.of(0), data), nodeHash = (l, r) => sha(Buffer.of(1), l, r);
class Wrong extends Error {}
const must = (holds, words) => { if (!holds) throw new Wrong(words); };

// ---- notes and keys ----

function base64(text, bytes) {
  const b = Buffer.from(text ?? '', 'base64');
  must(b.toString('base64') === text && (bytes === undefined || b.length === bytes), `not base64 of ${bytes ?? 'any'} bytes: ${text}`);
  return b;
}

function readKey(vkey) {
  const [, name, id, material] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey.trim()) ?? [];
  must(name, `not a verifier key: ${vkey}`);
  const b = base64(material, 33), type = b[0], raw = b.subarray(1);
  must(type === 1 || type === 4, `a key of type ${type} is not known here`);
  must(sha(name, '\n', b).subarray(0, 4).toString('hex') === id, `the key's id is not its own: ${vkey}`);
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') } });
  return { name, id, type, key };
}

function readNote(bytes) {
  const note = bytes.toString('utf8'), cut = note.lastIndexOf('\n\n');
  must(Buffer.from(note, 'utf8').equals(bytes) && cut > 0, 'not a signed note');
  const text = note.slice(0, cut + 1), lines = note.slice(cut + 2).split('\n');
  must(lines.pop() === '' && lines.length > 0 && lines.length <= 64, 'the signatures of the note do not end');
  const sigs = lines.map((line) => {
    const [, name, b] = /^\u2014 ([^+\s]+) (\S+)$/.exec(line) ?? [];
    must(name, `not a signature line: ${line}`);
    const bytes4 = base64(b);
    must(bytes4.length > 4, `a signature without bytes: ${line}`);
    return { name, id: bytes4.subarray(0, 4).toString('hex'), bytes: bytes4.subarray(4) };
  });
  return { text, sigs };
}

/** Seconds of a cosignature (0 for the log's own); undefined: k has not signed. A bad one is an error. */
function signedBy(note, k) {
  let at;
  for (const s of note.sigs.filter((x) => x.name === k.name && x.id === k.id)) {
    const timed = k.type === 4;
    must(s.bytes.length === (timed ? 72 : 64), `a signature of ${k.name} has a wrong length`);
    at = timed ? Number(s.bytes.readBigUInt64BE(0)) : 0;
    const message = timed ? `cosignature/v1\ntime ${at}\n${note.text}` : note.text;
    must(verify(null, Buffer.from(message), k.key, s.bytes.subarray(timed ? 8 : 0)), `a signature of ${k.name} does not hold`);
  }
  return at;
}

const decimal = (s) => (/^(0|[1-9]\d{0,14})$/.test(s ?? '') ? Number(s) : undefined);

function readCheckpoint(bytes, key) {
  const note = readNote(bytes), lines = note.text.split('\n'), size = decimal(lines[1]);
  must(lines.length >= 4 && lines[0] && size !== undefined, 'not a checkpoint');
  must(signedBy(note, key) !== undefined, `the checkpoint is not signed by ${key.name}`);
  must(lines[0] === key.name, `the checkpoint is of ${lines[0]}, the key of ${key.name}`);
  return { note, origin: lines[0], size, root: base64(lines[2], 32) };
}

// ---- proofs (RFC 9162, 2.1.3.2 and 2.1.4.2) ----

function climb(fn, sn, path_, take) {
  for (const p of path_) {
    if (sn === 0) return false;
    if (fn % 2 || fn === sn) {
      take(p, true);
      while (fn % 2 === 0 && fn) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else {
      take(p, false);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0;
}

function included(leaf, index, size, proof, root) {
  let r = leaf;
  return index >= 0 && index < size
    && climb(index, size - 1, proof, (p, left) => { r = left ? nodeHash(p, r) : nodeHash(r, p); }) && r.equals(root);
}

function grew(from, to, fromRoot, proof, toRoot) {
  if (from > to) return false;
  if (from === to) return proof.length === 0 && fromRoot.equals(toRoot);
  if (from === 0) return proof.length === 0 && fromRoot.equals(sha());
  const whole = Number.isInteger(Math.log2(from)), [first, ...rest] = whole ? [fromRoot, ...proof] : proof;
  if (!first) return false;
  let fn = from - 1, sn = to - 1, fr = first, sr = first;
  while (fn % 2) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  return climb(fn, sn, rest, (p, left) => {
    if (left) [fr, sr] = [nodeHash(p, fr), nodeHash(p, sr)];
    else sr = nodeHash(sr, p);
  }) && fr.equals(fromRoot) && sr.equals(toRoot);
}

// ---- tiles ----

const padded = (n) => { const t = [String(n % 1000).padStart(3, '0')]; while ((n = Math.floor(n / 1000))) t.unshift(`x${String(n % 1000).padStart(3, '0')}`); return t.join('/'); };

class Log {
  constructor(where, save) { Object.assign(this, { where: where.replace(/\/+$/, ''), save, tiles: new Map(), fetched: 0 }); }

  async get(name) {
    let bytes;
    if (/^https?:/.test(this.where)) {
      const r = await fetch(`${this.where}/${name}`, { redirect: 'error', signal: AbortSignal.timeout(60000) });
      must(r.ok, `${this.where}/${name} answered ${r.status}`);
      bytes = Buffer.from(await r.arrayBuffer());
    } else {
      try { bytes = readFileSync(path.join(this.where, name)); } catch (e) { must(false, `${name}: ${e.code}`); }
    }
    this.fetched++;
    if (this.save) {
      mkdirSync(path.dirname(path.join(this.save, name)), { recursive: true });
      writeFileSync(path.join(this.save, name), bytes);
    }
    return bytes;
  }

  width(level, index) { return Math.max(0, Math.min(TILE, Math.floor(this.size / TILE ** level) - index * TILE)); }

  name(level, index) {
    const w = this.width(level, index);
    must(w > 0, `the tree has no tile ${level}/${index}`);
    return `tile/${level}/${padded(index)}${w < TILE ? `.p/${w}` : ''}`;
  }

  async tile(level, index) {
    const key = `${level}/${index}`;
    if (!this.tiles.has(key)) {
      const bytes = await this.get(this.name(level, index)), n = this.width(level, index);
      must(bytes.length === n * 32, `tile ${key} has ${bytes.length} bytes, not ${n * 32}`);
      this.tiles.set(key, Array.from({ length: n }, (_, i) => bytes.subarray(i * 32, i * 32 + 32)));
    }
    return this.tiles.get(key);
  }

  async bundle(index) {
    const w = this.width(0, index), bytes = await this.get(this.name(0, index).replace('/0/', '/entries/')), out = [];
    for (let at = 0; at < bytes.length;) {
      const n = bytes.readUInt16BE(at);
      must(at + 2 + n <= bytes.length, `bundle ${index} ends within an entry`);
      out.push(bytes.subarray(at + 2, at + 2 + n));
      at += 2 + n;
    }
    must(out.length === w, `bundle ${index} has ${out.length} entries, not ${w}`);
    return out;
  }

  /** The root of 2^height leaves at that position of its height. */
  async node(height, position) {
    const level = Math.floor(height / 8), wide = 2 ** (height % 8), first = position * wide;
    const tile = await this.tile(level, Math.floor(first / TILE));
    return fold(tile.slice(first % TILE, first % TILE + wide));
  }

  async range(from, n) {
    const h = Math.floor(Math.log2(n)), left = await this.node(h, from / 2 ** h);
    return 2 ** h === n ? left : nodeHash(left, await this.range(from + 2 ** h, n - 2 ** h));
  }

  async inclusion(m, from, n) {
    if (n === 1) return [];
    const k = 2 ** Math.floor(Math.log2(n - 1));
    return m < k ? [...await this.inclusion(m, from, k), await this.range(from + k, n - k)]
      : [...await this.inclusion(m - k, from + k, n - k), await this.range(from, k)];
  }

  async growth(m, from, n, known) {
    if (m === n) return known ? [] : [await this.range(from, n)];
    const k = 2 ** Math.floor(Math.log2(n - 1));
    return m <= k ? [...await this.growth(m, from, k, known), await this.range(from + k, n - k)]
      : [...await this.growth(m - k, from + k, n - k, false), await this.range(from, k)];
  }
}

function fold(hashes) {
  while (hashes.length > 1) hashes = Array.from({ length: hashes.length / 2 }, (_, i) => nodeHash(hashes[2 * i], hashes[2 * i + 1]));
  return hashes[0];
}

/** Every tile against the one below, every bundle against its leaves, the whole against the root. */
async function everything(log, head) {
  for (let i = 0; i < Math.ceil(log.size / TILE); i++) {
    const leaves = await log.tile(0, i), entries = await log.bundle(i);
    entries.forEach((e, k) => must(leafHash(e).equals(leaves[k]), `entry ${i * TILE + k} does not hash to its leaf`));
  }
  for (let level = 1; Math.floor(log.size / TILE ** level) > 0; level++)
    for (let i = 0; log.width(level, i) > 0; i++)
      for (const [k, hash] of (await log.tile(level, i)).entries())
        must(fold(await log.tile(level - 1, i * TILE + k)).equals(hash), `tile ${level}/${i} is wrong at ${k}`);
  must((await log.range(0, log.size)).equals(head.root), 'the tiles do not make the signed root');
}

// ---- an entry's proof ----

function readProof(bytes) {
  let text = bytes.toString('utf8');
  if (text.startsWith('{')) text = JSON.parse(text).proof;
  const cut = text.indexOf('\n\n'), lines = text.slice(0, cut).split('\n');
  must(lines.shift() === 'c2sp.org/tlog-proof@v1' && cut > 0, 'not a tlog-proof');
  must(lines[0].startsWith('extra '), 'the proof does not say what it opens');
  const { said, salt, rest } = JSON.parse(base64(lines.shift().slice(6)));
  const index = decimal(lines.shift().replace(/^index /, ''));
  must(index !== undefined && /^[0-9a-f]{32}$/.test(salt) && /^[0-9a-f]{64}$/.test(rest), 'the proof is not of its form');
  const commitment = sha(sha(Buffer.from(salt, 'hex'), said), Buffer.from(rest, 'hex'));
  return { said: JSON.parse(said), index, leaf: leafHash(commitment), commitment, path: lines.map((l) => base64(l, 32)), checkpoint: Buffer.from(text.slice(cut + 2)) };
}

// ---- the question ----

async function main() {
  const { values: o, positionals } = parseArgs({ allowPositionals: true, options: { key: { type: 'string' }, witness: { type: 'string', multiple: true, default: [] }, quorum: { type: 'string' }, old: { type: 'string' }, proof: { type: 'string' }, all: { type: 'boolean' }, save: { type: 'string' }, json: { type: 'boolean' } } });
  if (!o.key || (!positionals[0] && !o.proof)) throw new TypeError('say --key VKEY and LOG (or --proof FILE); the first lines of this file show how');
  const key = readKey(o.key), witnesses = o.witness.map(readKey), said = {}, quorum = Number(o.quorum ?? witnesses.length);
  const cosigned = (head) => {
    const by = witnesses.map((w) => ({ name: w.name, at: signedBy(head.note, w) })).filter((w) => w.at !== undefined);
    must(by.length >= quorum, `cosigned by ${by.length} of the witnesses, not ${quorum}`);
    return by.map((w) => ({ ...w, at: new Date(w.at * 1000).toISOString() }));
  };
  const proof = o.proof && readProof(readFileSync(o.proof));
  if (proof) {
    const head = readCheckpoint(proof.checkpoint, key);
    must(included(proof.leaf, proof.index, head.size, proof.path, head.root), 'the entry is not in the tree of its own proof');
    Object.assign(said, { entry: proof.said, index: proof.index, proved_at_size: head.size, proof_cosigned: cosigned(head) });
  }
  if (positionals[0]) {
    const log = new Log(positionals[0], o.save), head = readCheckpoint(await log.get('checkpoint'), key);
    log.size = head.size;
    Object.assign(said, { origin: head.origin, size: head.size, root: head.root.toString('base64'), cosigned: cosigned(head) });
    const older = [...(o.old ? [readFileSync(o.old)] : []), ...(proof ? [proof.checkpoint] : [])].map((b) => readCheckpoint(b, key));
    for (const old of older) {
      must(old.size <= head.size, `the ledger had ${old.size} entries and has ${head.size}`);
      const steps = old.size && old.size < head.size ? await log.growth(old.size, 0, head.size, true) : [];
      must(grew(old.size, head.size, old.root, steps, head.root), `the ledger of ${head.size} entries did not grow out of that of ${old.size}`);
      said.grew_from = old.size;
    }
    if (proof) must(included(proof.leaf, proof.index, head.size, await log.inclusion(proof.index, 0, head.size), head.root), 'the entry is not in the tree as it is now');
    if (o.all) await everything(log, head);
    Object.assign(said, { everything: Boolean(o.all), files: log.fetched });
  }
  console.log(o.json ? JSON.stringify(said) : `holds: ${Object.entries(said).map(([k, v]) => `\n  ${k}: ${typeof v === 'object' ? JSON.stringify(v) : v}`).join('')}`);
}

main().catch((e) => {
  console.error(`${e instanceof Wrong ? 'DOES NOT HOLD' : e.name}: ${e.message}`);
  process.exit(e instanceof Wrong ? 1 : 2);
});
