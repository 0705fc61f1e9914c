// gnupg.mjs - Debian's gpg as the other side: a folder of keys of its own, which makes keys, verifies and
// decrypts. Nothing here knows what the program does with OpenPGP.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from './site.mjs';

export class Gnupg {
  constructor() {
    this.home = mkdtempSync(path.join(tmpdir(), 'minar-gnupg-'));
  }

  /** gpg with these arguments; input as text or bytes. */
  gpg(args, input = '') {
    return run('/usr/bin/gpg', ['--homedir', this.home, '--batch', '--no-tty', '--status-fd', '2', '--pinentry-mode', 'loopback', '--passphrase', '', '--trust-model', 'always', ...args], { input });
  }

  async ok(args, input) {
    const r = await this.gpg(args, input);
    assert.equal(r.code, 0, `gpg ${args.join(' ')}: ${r.err}`);
    return r;
  }

  /** A key for this user, made by these words; its public half, armored. */
  async make(user, words = ['default', 'default', '1y'], more = []) {
    const r = await this.ok([...more, '--quick-gen-key', '--yes', user, ...words]);
    const fingerprint = /KEY_CREATED \w ([0-9A-F]{40})/.exec(r.err)[1];
    return { fingerprint, key: await this.exported(fingerprint) };
  }

  async exported(fingerprint) {
    return (await this.ok(['--armor', '--export', fingerprint])).out;
  }

  import(key) { return this.ok(['--import'], key); }

  /** The fingerprints whose signature on the bytes is good; [] when one is bad. */
  async verify(bytes, signature) {
    const file = path.join(this.home, 'signature.asc');
    writeFileSync(file, signature);
    const r = await this.gpg(['--verify', file, '-'], bytes);
    return /BADSIG/.test(r.err) ? [] : [...r.err.matchAll(/VALIDSIG ([0-9A-F]{40})/g)].map((m) => m[1]);
  }

  /** What it said, and for which keys it was encrypted; null when it cannot be read. */
  async decrypt(armored) {
    const r = await this.gpg(['--decrypt'], armored);
    return r.code === 0 ? r.out : null;
  }

  async close() {
    await run('/usr/bin/gpgconf', ['--homedir', this.home, '--kill', 'all'], {});
    rmSync(this.home, { recursive: true, force: true });
  }
}
