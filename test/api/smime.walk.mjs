// Walk: mail signed and encrypted by S/MIME. The site's key is made, asked for at an authority of the test's own, given
// its certificate, renewed and removed by `minar smime`; what was received is taken apart by Python's parser, verified by
// Debian's openssl and gpgsm, and decrypted by openssl. Certificates that must not count are refused one by one; one
// counts when its owner gave back the code that came encrypted to it; its end is told, and mail then goes in clear. And
// what commands do to the site's keys stands in the ledger.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Authority } from './authority.mjs';
import { Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';
import { populate } from './world.mjs';

const CERT = 'cert@cert.example';
let site, box, ca, other, w, dana, boss, place;
const conf = (more = {}) => ({ mail: { ...mailConf(box), dkim_selector: 'm1', sign: 'smime', smime_cipher: 'gcm', ...more }, outbox: { hold_s: 0 } });
before(async () => {
  box = await startMailbox();
  ca = new Authority('Country CA');
  other = new Authority('Other CA');
  place = mkdtempSync(path.join(tmpdir(), 'minar-smime-'));
  site = await Site.open({ conf: conf() });
  w = await populate(site, { people: false });
  boss = await site.person(w.MOX, 'boss@mox.example', { lang: 'en', roles: ['reader', 'analyst', 'org_admin'], contact_role: 'none' });
  dana = await site.person(w.MOX, 'dana@mox.example', { lang: 'ur', name: 'دانا Example', roles: ['reader', 'analyst'] }, boss);
});
after(async () => {
  await site?.close();
  await box?.stop();
  ca?.close();
  other?.close();
  if (place) rmSync(place, { recursive: true, force: true });
});

const parts = (raw) => JSON.parse(execFileSync('/usr/bin/python3', [path.join(import.meta.dirname, 'mail_parts.py')], { input: raw }));
const bytes = (part) => Buffer.from(part.bytes, 'base64');
const payload = (part) => Buffer.from(part.payload, 'base64');
const seen = new Set();
const next = async (to) => {
  const m = await poll(`mail to ${to}`, () => box.to(to).find((x) => !seen.has(x)), 60000);
  seen.add(m);
  return Buffer.from(m.raw, 'base64');
};
const skip = (to) => box.to(to).forEach((m) => seen.add(m));
const restart = async (more) => {
  await site.stop();
  if (more) site.configure(conf(more));
  await site.start();
};
const smime = (...args) => site.cli(['smime', ...args]);
const shown = async () => (await smime('show', '--json')).json;
const file = (name, text) => {
  writeFileSync(path.join(place, name), text);
  return path.join(place, name);
};
/** Signed: by which certificate, as openssl finds under our authority. */
async function signer(raw) {
  const m = parts(raw);
  assert.equal(m.type, 'multipart/signed', raw.toString('latin1').slice(0, 900));
  assert.deepEqual([m.micalg, m.protocol, m.parts[1].type, m.defects], ['sha-256', 'application/pkcs7-signature', 'application/pkcs7-signature', []]);
  return { m, by: await ca.verify(bytes(m.parts[0]), payload(m.parts[1])) };
}
let sealed = 'authEnveloped-data'; // as the site is set
/** Encrypted: what is inside, which is signed in its turn. */
async function opened(raw, who) {
  const m = parts(raw);
  assert.equal(m.type, 'application/pkcs7-mime', raw.toString('latin1').slice(0, 900));
  assert.ok(raw.toString('latin1').includes(`smime-type=${sealed}`), raw.toString('latin1').slice(0, 900));
  const inside = await ca.decrypt(Buffer.from(m.whole, 'base64'), who);
  return inside && signer(inside);
}
const mine = async (who = dana) => (await who.get('/api/session/mail-keys')).items;
const bring = (key, who = dana) => who.call('POST', '/api/session/mail-keys', { json: { key } });
const code = (text) => /[A-Z2-9]{5}-[A-Z2-9]{5}/.exec(text)[0];
const confirm = (id, typed, who = dana) => who.call('POST', `/api/session/mail-keys/${id}/confirm`, { json: { code: typed } });
async function exchange(cert, who = dana, form = cert.pem) {
  skip(who.mail);
  const a = await bring(form, who);
  assert.equal(a.status, 201, a.text);
  let found = null; // mail about what was removed before may come first
  while (!found) {
    const raw = await next(who.mail);
    if (parts(raw).type === 'application/pkcs7-mime') found = await opened(raw, cert);
  }
  const c = await confirm(a.json.id, code(found.m.plain), who);
  assert.equal(c.status, 200, c.text);
  return a.json.id;
}

let request;
test('a key is made here and its request goes out; the private key stays', async () => {
  skip('dana@mox.example');
  assert.match((await smime('show')).err, /minar smime make/);
  assert.match((await site.anyone().call('GET', '/openpgp')).text, /not signed by S\/MIME/);
  assert.equal((await smime('request')).code, 1);
  const made = await smime('make');
  assert.equal(made.code, 0, made.err);
  request = made.out;
  assert.match(request, /^-----BEGIN CERTIFICATE REQUEST-----[^]*-----END CERTIFICATE REQUEST-----\n$/);
  const words = ca.openssl(['req', '-noout', '-verify', '-text'], { input: request }).toString();
  assert.match(words, /email:cert@cert\.example/);
  assert.match(words, /E-mail Protection/);
  assert.match(words, /3072 bit/);
  assert.equal(statSync(path.join(site.dir, 'keys', 'smime-next.pem')).mode & 0o777, 0o600);
  assert.equal((await smime('make')).code, 7, 'one waits already');
  const again = await smime('request');
  assert.equal(ca.openssl(['req', '-noout', '-pubkey'], { input: again.out }).toString(), ca.openssl(['req', '-noout', '-pubkey'], { input: request }).toString());
  for (const wrong of [['take'], ['drop'], ['drop', 'it'], ['sign']]) assert.equal((await smime(...wrong)).code, 2, wrong.join(' '));
  assert.deepEqual(await shown(), { waits: true, certificate: null });
});

test('only the certificate of that key, for that address and purpose, that counts now is taken in', async () => {
  const good = { mail: [CERT], kind: 'site' }, past = Date.now() - 86400e3;
  const altered = Buffer.from(ca.der(ca.answer(request, good)));
  altered[altered.indexOf(Buffer.from('National'))] ^= 1;
  for (const [what, text, words] of [['another key', ca.issue('x', CERT, { kind: 'site' }).pem, /for a key of this site/], ['ended', ca.answer(request, { ...good, from: past - 86400e3, until: past }), /ended on/],
    ['early', ca.answer(request, { ...good, from: Date.now() + 86400e3 }), /before/], ['address', ca.answer(request, { ...good, mail: ['x@cert.example'] }), /another address/],
    ['purpose', ca.answer(request, { ...good, purpose: 'serverAuth' }), /not meant for that/], ['use', ca.answer(request, { ...good, kind: 'keyEncipherment' }), /not meant for that/],
    ['SHA-1', ca.answer(request, { ...good, md: 'sha1' }), /SHA-1/], ['altered', ca.bundle([ca.openssl(['x509', '-inform', 'DER'], { input: altered }).toString(), ca.pem]), /altered/], ['nothing', 'hello', /no certificate/]]) {
    const r = await smime('take', '--certificate', file('no.pem', text));
    assert.equal(r.code, 6, `${what}: ${r.err}`);
    assert.match(r.err, words, what);
  }
  const r = await smime('take', '--certificate', file('chain.p7b', ca.bundle([ca.pem, ca.answer(request, good)], 'DER')));
  assert.equal(r.code, 0, r.err);
  assert.ok(!existsSync(path.join(site.dir, 'keys', 'smime-next.pem')));
  assert.equal(statSync(path.join(site.dir, 'keys', 'smime.pem')).mode & 0o777, 0o600);
  const { waits, certificate } = await shown();
  assert.deepEqual([waits, certificate.state, certificate.issuer, certificate.subject], [false, 'signs', 'CN = Country CA', 'CN = National CERT']);
  assert.equal((await smime('drop', 'used')).code, 7, 'mail.sign names it');
});

test('mail is signed as RFC 8551 says; openssl and gpgsm find it good, and bad when a byte is another', async () => {
  await restart();
  const { certificate } = await shown();
  for (const lang of ['en', 'ur']) {
    await site.desk.post('/api/people', { name: 'عائشہ خان', mail: `${lang}@mox.example`, org: w.MOX, lang });
    const { m, by } = await signer(await next(`${lang}@mox.example`));
    assert.match(by, new RegExp(`serial=${certificate.serial}\n`));
    assert.ok(m.headers['dkim-signature'], 'and by the domain');
    assert.match(m.plain, /Ministry of Examples|وزارتِ امثال/);
    const said = await ca.gpgsm(bytes(m.parts[0]), payload(m.parts[1]));
    assert.match(said, /GOODSIG/);
    assert.match(said, /TRUST_FULLY/);
    const bad = bytes(m.parts[0]);
    bad[bad.length - 5] ^= 1;
    assert.equal(await ca.verify(bad, payload(m.parts[1])), null);
    assert.equal(await other.verify(bytes(m.parts[0]), payload(m.parts[1])), null, 'nor under another authority');
  }
  const page = (await site.anyone().call('GET', '/openpgp')).text;
  assert.match(page, /All our mail is signed by S\/MIME/);
  assert.ok(page.includes(certificate.fingerprint.replace(/(.{4})(?=.)/g, '$1 ')) && page.includes(certificate.serial), page);
  const d = JSON.parse((await site.cli(['doctor', '--json'])).out).checks.find((c) => c.name === 'smime');
  assert.equal(d.state, 'ok', JSON.stringify(d));
});

test('certificates that must not count are refused, each in words, and none is kept', async () => {
  const me = 'dana@mox.example', one = ca.issue('Dana', me), foreign = ca.issue('Dana', 'dana@other.example');
  const altered = Buffer.from(ca.der(one.pem));
  altered[altered.indexOf(Buffer.from('Dana'))] ^= 1;
  const pem = (der) => ca.openssl(['x509', '-inform', 'DER'], { input: der }).toString();
  for (const [what, key, why] of [['weak', ca.issue('Dana', me, { key: ['-newkey', 'rsa:1024'] }).pem, 'weak'], ['Ed25519', ca.issue('Dana', me, { key: ['-newkey', 'ed25519'], kind: 'curve' }).pem, 'weak'],
    ['SHA-1', ca.issue('Dana', me, { md: 'sha1' }).pem, 'sha1'], ['ended', ca.issue('Dana', me, { from: Date.now() - 9 * 86400e3, until: Date.now() - 86400e3 }).pem, 'ended'],
    ['early', ca.issue('Dana', me, { from: Date.now() + 2 * 86400e3 }).pem, 'early'], ['another address', foreign.pem, 'address'], ['no address', ca.issue('Dana', []).pem, 'address'],
    ['purpose', ca.issue('Dana', me, { purpose: 'clientAuth' }).pem, 'purpose'], ['sign only', ca.issue('Dana', me, { kind: 'digitalSignature' }).pem, 'purpose'],
    ['an authority', ca.pem, 'purpose'], ['secret', one.pem + readFileSync(one.key, 'utf8'), 'secret'], ['two', one.pem + foreign.pem, 'many'],
    ['altered', ca.bundle([pem(altered), ca.pem]).toString(), 'altered'], ['cut', ca.der(one.pem).subarray(0, 300).toString('base64'), 'none'], ['empty', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n', 'none']]) {
    const a = await bring(key);
    assert.equal(a.status, 422, `${what}: ${a.text}`);
    assert.deepEqual([a.json.code, a.json.pointer], [`error.smime.${why}`, '/key'], what);
  }
  assert.deepEqual(await mine(), []);
});

let first, second;
test('a certificate counts when its owner gave the code back that came encrypted to it', async () => {
  first = ca.issue('Dana', 'DANA@mox.example', { until: Date.now() + 20 * 86400e3 });
  skip('dana@mox.example');
  const a = await bring(first.pem);
  assert.equal(a.status, 201, a.text);
  const raw = await next('dana@mox.example'), { m, by } = await opened(raw, first);
  assert.match(by, /CN = National CERT/);
  assert.match(m.plain, /سرٹیفکیٹ/, 'in Urdu, as its reader wants it');
  assert.ok(!raw.includes(code(m.plain)), 'never in clear');
  assert.equal(await ca.decrypt(Buffer.from(parts(raw).whole, 'base64'), ca.issue('Eve', 'dana@mox.example')), null, 'to nobody else');
  const bad = Buffer.from(parts(raw).whole, 'base64');
  bad[bad.length - 40] ^= 1;
  assert.equal(await ca.decrypt(bad, first), null, 'a byte that is another is seen');
  refused(await confirm(a.json.id, 'AAAAA-AAAAA'), 422);
  refused(await confirm(a.json.id, code(m.plain), boss), 404);
  assert.equal((await confirm(a.json.id, code(m.plain))).status, 200);
  const [k] = await mine();
  assert.deepEqual([k.kind, k.state, k.user, k.issuer], ['smime', 'used', 'CN = Dana', 'CN = Country CA']);
  assert.equal(k.serial, ca.openssl(['x509', '-noout', '-serial', '-in', first.file]).toString().trim().split('=')[1]);
  refused(await bring(first.pem), 409);
  const told = await opened(await next('dana@mox.example'), first);
  assert.match(told.m.plain, /ختم ہو گا/, 'it ends within thirty days');
});

test('as DER, as a bundle, with a curve: each is read', async () => {
  const curve = ca.issue('Boss', 'boss@mox.example', { key: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], kind: 'curve' });
  await exchange(curve, boss, ca.der(curve.pem).toString('base64'));
  const bundled = ca.issue('Boss', 'boss@mox.example');
  await exchange(bundled, boss, ca.bundle([ca.pem, bundled.pem]).toString());
  const der = ca.issue('Boss', 'boss@mox.example');
  await exchange(der, boss, ca.bundle([der.pem, ca.pem], 'DER').toString('base64'));
});

test('a notice goes encrypted, text and HTML in Urdu; who looks at the relay reads none of it', async () => {
  skip('dana@mox.example');
  await w.give([['198.18.4.21', 8443, 'critical']]);
  const raw = await next('dana@mox.example'), { m } = await opened(raw, first);
  const n = await w.notice(w.MOX);
  assert.ok(m.plain.includes(n.number), m.plain);
  assert.match(m.plain, /[\u0600-\u06ff]{3}/);
  assert.ok(!raw.includes('/l/'), 'no link in clear');
  assert.ok(parts(raw).headers['dkim-signature']);
});

test('an administrator brings the next one: both are on file, and mail goes to the newest', async () => {
  second = ca.issue('Dana', 'dana@mox.example');
  skip('dana@mox.example');
  const a = await boss.call('POST', `/api/people/${dana.id}/mail-keys`, { json: { key: second.pem } });
  assert.equal(a.status, 201, a.text);
  const got = [await next('dana@mox.example'), await next('dana@mox.example')];
  const mails = (await Promise.all(got.map(async (raw) => (await opened(raw, second)) ?? opened(raw, first)))).map((x) => x.m.plain);
  assert.deepEqual((await boss.get('/api/mail-keys')).people.map((k) => [k.kind, k.state]).sort(), [['smime', 'used'], ['smime', 'waiting']]);
  assert.equal((await confirm(a.json.id, code(mails.find((t) => /[A-Z2-9]{5}-[A-Z2-9]{5}/.test(t))))).status, 200);
  assert.deepEqual((await mine()).map((k) => k.state), ['other', 'used']);
  skip('dana@mox.example');
  await w.give([['198.18.4.22', 8443, 'critical']]);
  const raw = await next('dana@mox.example');
  assert.equal(await opened(raw, first), null);
  assert.ok(await opened(raw, second));
});

test('the site\'s certificate is renewed: the first signs until the second has come', async () => {
  const { certificate } = await shown();
  const made = await smime('make');
  assert.equal(made.code, 0, made.err);
  await restart();
  await site.desk.post('/api/people', { name: 'Meanwhile', mail: 'meanwhile@mox.example', org: w.MOX, lang: 'en' });
  assert.match((await signer(await next('meanwhile@mox.example'))).by, new RegExp(`serial=${certificate.serial}\n`));
  const r = await smime('take', '--certificate', file('next.pem', ca.answer(made.out, { mail: [CERT], kind: 'site' }) + ca.pem));
  assert.equal(r.code, 0, r.err);
  assert.ok(readdirSync(path.join(site.dir, 'keys')).includes(`smime-${certificate.serial}.crt`));
  const now = (await shown()).certificate;
  assert.notEqual(now.serial, certificate.serial);
  await restart();
  await site.desk.post('/api/people', { name: 'After', mail: 'after@mox.example', org: w.MOX, lang: 'en' });
  assert.match((await signer(await next('after@mox.example'))).by, new RegExp(`serial=${now.serial}\n`));
  assert.deepEqual((await boss.get('/api/mail-keys')).site.map((k) => [k.kind, k.serial, k.state]), [['smime', now.serial, 'signs']]);
});

test('a certificate that ends: its owner and the desk are told, then mail goes signed in clear and says so', async () => {
  for (const k of await mine()) await dana.ok('DELETE', `/api/session/mail-keys/${k.id}`);
  const brief = ca.issue('Dana', 'dana@mox.example', { until: Date.now() + 25e3 });
  await exchange(brief);
  await poll('told', async () => (await dana.get('/api/notifications')).items.find((n) => /ختم ہو گئی|ختم ہو چکی/.test(n.subject)), 60000);
  assert.deepEqual((await mine()).map((k) => k.state), ['ended']);
  await poll('the desk is told', async () => (await site.desk.get('/api/notifications')).items.find((n) => /A key for mail has ended/.test(n.subject)));
  await w.give([['198.18.4.23', 8443, 'critical']]);
  await poll('the notice in clear', async () => {
    const m = parts(await next('dana@mox.example'));
    return m.type === 'multipart/signed' && /یہ میل خفیہ نہیں: آپ کی کلید یا سرٹیفکیٹ/.test(m.plain) && m;
  }, 60000);
});

test('with authorities named, a certificate must lead to one of them; mail by CBC, which every program opens', async () => {
  const between = new Authority('Between CA', ca);
  try {
    await restart({ smime_ca: file('ca.pem', ca.pem), smime_cipher: 'cbc' });
    sealed = 'enveloped-data';
    const strange = await bring(other.issue('Dana', 'dana@mox.example').pem);
    assert.equal(strange.status, 422, strange.text);
    assert.equal(strange.json.code, 'error.smime.authority');
    const below = between.issue('Dana', 'dana@mox.example');
    assert.equal((await bring(below.pem)).status, 422, 'without the one between');
    await exchange(below, dana, between.bundle([below.pem, between.pem]).toString());
  } finally { between.close(); }
});

test('what commands did to the keys of the site stands in the ledger: who and what', async () => {
  assert.equal((await site.cli(['dkim', 'make', 'm9'])).code, 0);
  assert.equal((await site.cli(['dkim', 'make', 'm9'])).code, 0, 'which makes nothing');
  assert.equal((await site.cli(['dkim', 'drop', 'm9'])).code, 0);
  await restart({ sign: 'openpgp' });
  const { certificate } = await shown();
  assert.equal((await smime('drop', 'used')).code, 0);
  assert.equal((await smime('drop', 'used')).code, 1);
  assert.equal((await smime('drop', 'waiting')).code, 1);
  const all = await poll('the last one', async () => {
    const found = (await site.desk.all('/api/ledger')).filter((e) => e.type.startsWith('site.mail_key'));
    return found.some((e) => e.type === 'site.mail_key_ended' && e.mail_key.key === 'smime') && found;
  });
  const of = (type, key) => all.filter((e) => e.type === `site.mail_key_${type}` && e.mail_key.key === key);
  assert.deepEqual(['made', 'changed', 'ended'].map((t) => [of(t, 'dkim').length, of(t, 'smime').length]), [[1, 2], [0, 2], [1, 1]]);
  assert.equal(of('made', 'dkim')[0].mail_key.name, 'm9');
  assert.equal(of('ended', 'smime')[0].mail_key.name, certificate.serial);
  for (const e of all) assert.equal(e.mail_key.uid, process.getuid());
  for (const e of all) assert.notEqual(e.who, 'Minar', 'the user of this machine is known');
  assert.deepEqual(readdirSync(path.join(site.dir, 'realm', 'live', 'acts')), []);
});
