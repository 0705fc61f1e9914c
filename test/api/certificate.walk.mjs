// Keys bound to a client certificate, over real TLS on loopback: who shows another certificate, a spent
// one, one of another authority, or none is told what a wrong key is told. Certificates: Debian's openssl.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Site, run } from './site.mjs';

let site, dir, who, org;
const file = (name) => path.join(dir, name);
const read = (name) => readFileSync(file(name));
const openssl = (...args) => execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });

function authority(name) {
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '30', '-subj', `/CN=${name}`, '-addext', 'basicConstraints=critical,CA:true');
}

/** A certificate of ca for a fresh key, or for the key of another name; days may lie in the past. */
function certify(name, ca, { from = '-1', to = '30', usage = 'clientAuth', key = name } = {}) {
  if (key === name) openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
  openssl('req', '-new', '-key', `${key}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
  const at = (days) => `${new Date(Date.now() + days * 86400e3).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  writeFileSync(file(`${name}.ext`), `extendedKeyUsage=${usage}\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n`);
  writeFileSync(file('db.txt'), '');
  writeFileSync(file('ca.conf'), `[ca]\ndefault_ca=d\n[d]\ndatabase=db.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\nunique_subject=no\npolicy=p\n[p]\ncommonName=supplied\n`);
  openssl('ca', '-batch', '-config', 'ca.conf', '-cert', `${ca}.pem`, '-keyfile', `${ca}.key`, '-in', `${name}.csr`, '-out', `${name}.pem`, '-startdate', at(Number(from)), '-enddate', at(Number(to)), '-extfile', `${name}.ext`, '-notext');
}

const leaf = (name) => new X509Certificate(read(`${name}.pem`));
const fingerprint = (name) => leaf(name).fingerprint256;
const keyPrint = (name) => createHash('sha256').update(leaf(name).publicKey.export({ type: 'spki', format: 'der' })).digest('base64url');

/** GET over TLS with this certificate and key; resolves with status and text. */
function ask(target, { secret, cert, agent } = {}) {
  const shown = cert ? { cert: read(`${cert}.pem`), key: read(`${cert}.key`) } : {};
  return new Promise((resolve, reject) => {
    https.get({ host: '127.0.0.1', port: site.port, path: target, ca: read('ca.pem'), agent: agent ?? false, ...shown, headers: secret ? { authorization: `Bearer ${secret}` } : {} }, (r) => {
      let text = '';
      r.setEncoding('utf8').on('data', (d) => { text += d; }).on('end', () => resolve({ status: r.statusCode, text }));
    }).on('error', reject);
  });
}

before(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'minar-cert-'));
  authority('ca');
  authority('elsewhere');
  certify('server', 'ca', { usage: 'serverAuth' });
  for (const name of ['siem', 'other']) certify(name, 'ca');
  certify('siem-again', 'ca', { key: 'siem' });
  writeFileSync(file('siem-again.key'), read('siem.key'));
  certify('spent', 'ca', { from: '-20', to: '-1' });
  certify('early', 'ca', { from: '2', to: '20' });
  certify('foreign', 'elsewhere');
  certify('not-for-clients', 'ca', { usage: 'serverAuth' });
  site = await Site.open({ conf: { tls: { cert_file: file('server.pem'), key_file: file('server.key'), client_ca_file: file('ca.pem') } } });
  org = (await site.org('MOF')).id;
  who = await localPerson();
});
after(async () => {
  await site?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Whoever runs the machine makes keys over the local socket. */
async function localPerson() {
  return { key: (more) => site.desk.post('/api/keys', { name: 'siem', access: 'read', ...more }) };
}
const unknown = async () => (await ask('/api/session', { secret: `live.${'A'.repeat(43)}` })).text;

test('a bound key is known with exactly its certificate', async () => {
  const k = await who.key({ certificate: fingerprint('siem') });
  assert.equal(k.certificate, fingerprint('siem').replaceAll(':', '').toLowerCase());
  assert.equal(k.binds, 'certificate');
  assert.equal((await ask('/api/session', { secret: k.secret, cert: 'siem' })).status, 200);
  const wrong = await unknown();
  for (const cert of [undefined, 'other', 'siem-again']) {
    const a = await ask('/api/session', { secret: k.secret, cert });
    assert.equal(a.status, 401, cert);
    assert.equal(a.text, wrong, `${cert}: the words of a wrong key`);
  }
  const shown = (await site.desk.get('/api/keys')).items.find((x) => x.id === k.id);
  assert.equal(shown.certificate, k.certificate);
});

test('expired, not yet valid, of another authority, not meant for clients: as if there were none', async () => {
  const wrong = await unknown();
  for (const cert of ['spent', 'early', 'foreign', 'not-for-clients']) {
    const k = await who.key({ certificate: fingerprint(cert) });
    const a = await ask('/api/session', { secret: k.secret, cert });
    assert.equal(a.status, 401, cert);
    assert.equal(a.text, wrong, cert);
    assert.equal((await ask('/healthz', { cert })).status, 200, 'who needs no certificate is not shut out');
  }
});

test('a certificate without a key is nobody', async () => {
  assert.equal((await ask('/api/session', { cert: 'siem' })).status, 401);
});

test('bound to the public key: a certificate given anew for it is good, another key is not', async () => {
  const k = await who.key({ certificate: keyPrint('siem'), binds: 'public_key' });
  for (const [cert, status] of [['siem', 200], ['siem-again', 200], ['other', 401], [undefined, 401]])
    assert.equal((await ask('/api/session', { secret: k.secret, cert })).status, status, cert);
});

test('renewing keeps the binding, on both secrets', async () => {
  const k = await who.key({ certificate: fingerprint('siem') });
  const second = await site.desk.ok('POST', `/api/keys/${k.id}/secret`, {}, 201);
  assert.equal(second.certificate, k.certificate);
  for (const { secret } of [k, second]) {
    assert.equal((await ask('/api/session', { secret, cert: 'siem' })).status, 200);
    assert.equal((await ask('/api/session', { secret, cert: 'other' })).status, 401);
  }
});

test('many requests on one connection, then the same key on another without the certificate', async () => {
  const k = await who.key({ certificate: fingerprint('siem') });
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < 20; i++) assert.equal((await ask('/api/session', { secret: k.secret, cert: 'siem', agent })).status, 200);
  agent.destroy();
  assert.equal((await ask('/api/session', { secret: k.secret })).status, 401, 'the cached viewer does not stand for the certificate');
});

test('what is no fingerprint is refused at its field', async () => {
  for (const certificate of ['abc', `${fingerprint('siem')}:00`, 'z'.repeat(64), fingerprint('siem').slice(0, -3)]) {
    const a = await site.desk.call('POST', '/api/keys', { json: { name: 'x', access: 'read', certificate } });
    assert.equal(a.status, 422, certificate);
    assert.equal(a.json.pointer, '/certificate');
  }
});

test('machines need a certificate: keys without one are refused over the network, not on the machine itself', async () => {
  const bare = await who.key({});
  const bound = await who.key({ certificate: fingerprint('siem') });
  assert.equal((await ask('/api/session', { secret: bare.secret })).status, 200);
  await site.stop();
  site.configure({ signin: { machines_need_certificate: true } });
  await site.start();
  for (const cert of [undefined, 'siem']) assert.equal((await ask('/api/session', { secret: bare.secret, cert })).status, 401);
  assert.equal((await ask('/api/session', { secret: bound.secret, cert: 'siem' })).status, 200);
  assert.equal((await site.desk.call('GET', '/api/session')).status, 200, 'the user of the machine');
  assert.equal((await run('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--unix-socket', site.sock, '-H', `Authorization: Bearer ${bare.secret}`, 'http://localhost/api/session'])).out, '200');
});

test('asking for certificates without TLS, or wanting them without asking, does not start', async () => {
  for (const conf of [{ tls: { client_ca_file: file('ca.pem') } }, { signin: { machines_need_certificate: true }, tls: { cert_file: file('server.pem'), key_file: file('server.key') } }]) {
    const other = await Site.open({ founded: false, serve: false, conf });
    const r = await run(process.env.MINAR ?? 'build/minar', ['init', '--data', other.dir]);
    assert.notEqual(r.code, 0);
    await other.close();
  }
});
