// Walk: mail is signed (DKIM). The key is made by the keys process and never leaves it; its records are shown as
// a zone file has them; an outside verifier (python3-dkim) finds both signatures of received mail good, and false
// when a byte is another or a second From was put in; the key is changed by a second selector while mail of the
// first still verifies; doctor compares what is published.
import assert from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startNames } from './names.mjs';
import { Site, poll, run } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';

let site, box, names, org, first;
const conf = (selector) => ({ mail: { ...mailConf(box), dkim_selector: selector }, doctor: { name_server: `127.0.0.1:${names.port}` } });
before(async () => {
  box = await startMailbox();
  names = await startNames();
  site = await Site.open({ conf: conf('m1') });
  org = (await site.org('MOX', { name_en: 'Ministry of Examples' })).id;
});
after(async () => {
  await site?.close();
  await box?.stop();
  await names?.stop();
});

const records = async () => Object.fromEntries((await site.cli(['dkim', 'show', '--json'])).json.map((r) => [r.name, r.value]));
async function verify(raw, known) {
  const r = await run('/usr/bin/python3', [path.join(import.meta.dirname, 'dkim_check.py')], { input: JSON.stringify({ raw: Buffer.from(raw).toString('base64'), records: known }) });
  assert.equal(r.code, 0, r.err);
  return r.json;
}
/** Somebody is invited in that language; the mail as it was received. */
async function mail(to, more = {}) {
  await site.desk.post('/api/people', { name: 'عائشہ خان  of   Examples', mail: to, org, ...more });
  const m = await poll(`mail to ${to}`, () => box.to(to)[0]);
  return Buffer.from(m.raw, 'base64');
}
const line = async () => JSON.parse((await site.cli(['doctor', '--json'])).out).checks.filter((c) => c.name === 'dkim');

test('the key is made once, readable by its owner alone; its records are shown for people and for programs', async () => {
  const file = path.join(site.dir, 'keys', 'dkim-m1.pem');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const shown = await site.cli(['dkim', 'show']), known = await records();
  assert.deepEqual(Object.keys(known), ['m1._domainkey.cert.example', 'm1-ed._domainkey.cert.example']);
  assert.match(known['m1._domainkey.cert.example'], /^v=DKIM1; k=rsa; p=[A-Za-z0-9+/]{300,}=*$/);
  assert.match(known['m1-ed._domainkey.cert.example'], /^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/);
  for (const l of shown.out.trim().split('\n')) {
    assert.match(l, /^m1(-ed)?\._domainkey\.cert\.example\. 3600 IN TXT \(( "[^"]{1,255}")+ \)$/);
    const joined = [...l.matchAll(/"([^"]+)"/g)].map((m) => m[1]).join('');
    assert.equal(joined, known[l.split('. ')[0]]);
  }
  assert.match(shown.err, /m1 signs mail now/);
});

test('an outside verifier finds both signatures good, in both languages; a changed byte or a second From is found', async () => {
  for (const [to, lang] of [['en@mox.example', 'en'], ['ur@mox.example', 'ur']]) {
    const raw = await mail(to, { lang }), known = await records(), found = await verify(raw, known);
    first ??= { raw, known };
    assert.deepEqual(found.map((f) => [f.good, f.why, f.a, f.s, f.d, f.c]), [
      [true, '', 'rsa-sha256', 'm1', 'cert.example', 'relaxed/relaxed'], [true, '', 'ed25519-sha256', 'm1-ed', 'cert.example', 'relaxed/relaxed']]);
    for (const name of ['from', 'to', 'subject', 'date', 'message-id', 'content-type', 'auto-submitted']) assert.ok(found[0].h.split(':').includes(name), name);
    const text = raw.toString('latin1'), cut = text.indexOf('\r\n\r\n');
    const bad = async (other, what) => assert.ok((await verify(Buffer.from(other, 'latin1'), known)).every((f) => !f.good), what);
    await bad(`${text.slice(0, cut + 20)}X${text.slice(cut + 21)}`, 'the body');
    await bad(text.replace('\r\nSubject: ', '\r\nSubject: X'), 'the subject');
    await bad(text.replace('\r\nFrom: ', '\r\nFrom: Somebody <other@evil.example>\r\nFrom: '), 'a second From');
    // What relays do on the way is no change: blanks at a header's fold, empty lines at the end.
    const folded = `${text.replace('\r\nTo: ', '\r\nTo:   ')}\r\n\r\n`;
    assert.ok((await verify(Buffer.from(folded, 'latin1'), known)).every((f) => f.good), 'relaxed');
  }
});

test('the next key is published beside the first, then signs; mail of the first still verifies; the first goes last', async () => {
  const busy = await site.cli(['dkim', 'drop', 'm1']);
  assert.equal(busy.code, 7, busy.err);
  for (const wrong of ['M2', '../x', 'a b', '-a', 'x'.repeat(41), '']) assert.notEqual((await site.cli(['dkim', 'make', wrong])).code, 0, wrong);
  assert.deepEqual(readdirSync(path.join(site.dir, 'keys')).filter((f) => f.startsWith('dkim')), ['dkim-m1.pem']);
  const made = await site.cli(['dkim', 'make', 'm2']);
  assert.equal(made.code, 0, made.err);
  const known = await records();
  assert.equal(Object.keys(known).length, 4);
  assert.notEqual(known['m1._domainkey.cert.example'], known['m2._domainkey.cert.example']);
  await site.stop();
  site.configure(conf('m2'));
  await site.start();
  const raw = await mail('later@mox.example'.replace('later', 'second'));
  assert.deepEqual((await verify(raw, known)).map((f) => [f.good, f.s]), [[true, 'm2'], [true, 'm2-ed']]);
  assert.ok((await verify(first.raw, known)).every((f) => f.good && f.s.startsWith('m1')), 'mail under way');
  const gone = await site.cli(['dkim', 'drop', 'm1']);
  assert.equal(gone.code, 0, gone.err);
  assert.equal((await site.cli(['dkim', 'drop', 'm1'])).code, 1);
  assert.equal(Object.keys(await records()).length, 2);
});

test('doctor looks up what is published and says what is to be', async () => {
  const ours = await records();
  let [d] = await line();
  assert.equal(d.state, 'bad');
  assert.ok(d.fix.includes('m2._domainkey.cert.example') && d.fix.includes(ours['m2._domainkey.cert.example']), d.fix);
  Object.assign(names.records, ours);
  [d] = await line();
  assert.equal(d.state, 'ok', JSON.stringify(d));
  assert.ok(names.asked.includes('m2-ed._domainkey.cert.example'));
  names.records['m2._domainkey.cert.example'] = first.known['m1._domainkey.cert.example'];
  [d] = await line();
  assert.equal(d.state, 'bad');
  assert.match(d.words, /another key/);
  names.records['m2._domainkey.cert.example'] = `k=rsa;  t=s; ${ours['m2._domainkey.cert.example'].slice(16)}`;
  assert.equal((await line())[0].state, 'ok', 'order and other tags do not matter');
  names.silent = true;
  [d] = await line();
  assert.equal(d.state, 'warn');
  names.silent = false;
});

test('a key file that others read, or a name that is none, is refused in words at the start', async () => {
  await site.stop();
  site.configure(conf('Bad Name'));
  const refused = await site.cli(['dkim', 'show']);
  assert.equal(refused.code, 3);
  assert.match(refused.err, /mail\.dkim_selector/);
  writeFileSync(path.join(site.dir, 'keys', 'dkim-m3.pem'), 'no key', { mode: 0o600 });
  site.configure(conf('m3'));
  const [d] = await line();
  assert.equal(d.state, 'bad');
  assert.match(d.words, /dkim-m3\.pem/);
});
