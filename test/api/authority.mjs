// authority.mjs - a certificate authority of the test's own, by Debian's openssl: it answers requests, and reads and
// verifies what was made. Nothing here knows what the program does with S/MIME.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from './site.mjs';

const OPENSSL = '/usr/bin/openssl';
const PURPOSES = { person: 'digitalSignature,keyEncipherment', site: 'digitalSignature,nonRepudiation', curve: 'digitalSignature,keyAgreement' };
const stamp = (t) => `${new Date(t).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;

export class Authority {
  /** above: the authority that this one is below; without one it is a root. */
  constructor(name, above) {
    this.dir = mkdtempSync(path.join(tmpdir(), 'minar-authority-'));
    this.n = 0;
    for (const f of ['index.txt', 'index.txt.attr']) writeFileSync(this.at(f), f === 'index.txt' ? '' : 'unique_subject = no\n');
    writeFileSync(this.at('serial'), '1000\n');
    writeFileSync(this.at('ca.cnf'), `[ca]\ndefault_ca=own\n[own]\ndatabase=${this.at('index.txt')}\nserial=${this.at('serial')}\nnew_certs_dir=${this.dir}\ncertificate=${this.at('ca.pem')}\nprivate_key=${this.at('ca.key')}\npolicy=any\nemail_in_dn=no\nunique_subject=no\n[any]\ncommonName=supplied\n[req]\ndistinguished_name=dn\n[dn]\n[own_ext]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n`);
    if (above) {
      this.openssl(['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', this.at('ca.key'), '-out', this.at('ca.csr'), '-subj', `/CN=${name}`, '-config', this.at('ca.cnf')]);
      writeFileSync(this.at('ca.pem'), above.answer(readFileSync(this.at('ca.csr'), 'utf8'), { authority: true }));
    } else this.openssl(['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', this.at('ca.key'), '-out', this.at('ca.pem'), '-days', '3650', '-subj', `/CN=${name}`, '-config', this.at('ca.cnf'), '-extensions', 'own_ext']);
    this.pem = readFileSync(this.at('ca.pem'), 'utf8');
  }

  at(name) { return path.join(this.dir, name); }

  openssl(args, options) { return execFileSync(OPENSSL, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options }); }

  file(bytes) {
    const f = this.at(`f${this.n++}`);
    writeFileSync(f, bytes);
    return f;
  }

  /** A request -> its certificate, PEM: for the addresses, from and until (ms). */
  answer(request, { mail = [], kind = 'person', from = Date.now() - 60e3, until = Date.now() + 300 * 86400e3, purpose = 'emailProtection', md = 'sha256', authority = false } = {}) {
    const to = this.at(`c${this.n++}.pem`), ext = this.file(authority ? '[x]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n'
      : `[x]\nbasicConstraints=CA:FALSE\nkeyUsage=${PURPOSES[kind] ?? kind}\nextendedKeyUsage=${purpose}\n${mail.length ? `subjectAltName=${mail.map((m) => `email:${m}`).join(',')}\n` : ''}`);
    this.openssl(['ca', '-batch', '-notext', '-config', this.at('ca.cnf'), '-in', this.file(request), '-out', to, '-md', md, '-startdate', stamp(from), '-enddate', stamp(until), '-extfile', ext, '-extensions', 'x']);
    return readFileSync(to, 'utf8');
  }

  /** A key and its certificate: { key: file, pem, file }. */
  issue(name, mail, { key = ['-newkey', 'rsa:2048'], ...more } = {}) {
    const own = this.at(`k${this.n++}.key`), csr = this.at(`r${this.n++}.csr`);
    this.openssl(['req', '-new', ...key, '-nodes', '-keyout', own, '-out', csr, '-subj', `/CN=${name}`, '-config', this.at('ca.cnf')]);
    const pem = this.answer(readFileSync(csr, 'utf8'), { mail: [mail].flat(), ...more });
    return { key: own, pem, file: this.file(pem) };
  }

  /** As a bundle (.p7b), PEM or DER. */
  bundle(pems, form = 'PEM') {
    return this.openssl(['crl2pkcs7', '-nocrl', '-outform', form, '-certfile', this.file(pems.join('\n'))]);
  }

  der(pem) { return this.openssl(['x509', '-outform', 'DER', '-in', this.file(pem)]); }

  /** What was encrypted, as the holder reads it; null when it cannot be read. */
  async decrypt(der, who) {
    const r = await run(OPENSSL, ['cms', '-decrypt', '-inform', 'DER', '-in', this.file(der), '-inkey', who.key, '-recip', who.file, '-out', this.at('plain')]);
    return r.code === 0 ? readFileSync(this.at('plain')) : null;
  }

  /** Does the signature hold, and lead here, as one for mail? -> the signer's certificate; null: no. */
  async verify(bytes, signature) {
    const signer = this.at('signer.pem');
    const r = await run(OPENSSL, ['cms', '-verify', '-binary', '-purpose', 'smimesign', '-inform', 'DER', '-in', this.file(signature), '-content', this.file(bytes), '-CAfile', this.at('ca.pem'), '-signer', signer, '-out', '/dev/null']);
    return r.code === 0 ? this.openssl(['x509', '-noout', '-serial', '-subject', '-in', signer]).toString() : null;
  }

  /** The same by gpgsm, which shares no code with openssl: its words. */
  async gpgsm(bytes, signature) {
    const home = mkdtempSync(path.join(tmpdir(), 'minar-gpgsm-'));
    const gpgsm = (args) => run('/usr/bin/gpgsm', ['--homedir', home, '--batch', '--disable-crl-checks', '--disable-dirmngr', '--status-fd', '1', ...args], {});
    const print = this.openssl(['x509', '-noout', '-fingerprint', '-sha1', '-in', this.at('ca.pem')]).toString().split('=')[1].trim();
    writeFileSync(path.join(home, 'trustlist.txt'), `${print} S relax\n`);
    assert.equal((await gpgsm(['--import', this.at('ca.pem')])).code, 0);
    const r = await gpgsm(['--verify', this.file(signature), this.file(bytes)]);
    await run('/usr/bin/gpgconf', ['--homedir', home, '--kill', 'all'], {});
    rmSync(home, { recursive: true, force: true });
    return r.out;
  }

  close() { rmSync(this.dir, { recursive: true, force: true }); }
}
