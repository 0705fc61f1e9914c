// A notice on paper: asked for, numbered, printed in both languages, signed; read by who may see the notice
// and by nobody else; its way by hand written down; checked on the public page; found forged when a byte is
// another. Outside readers: poppler's pdfsig, pdftotext and pdftoppm, openssl cms, zbarimg.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client, Site, poll, refused, run } from './site.mjs';
import { populate } from './world.mjs';

let site, desk, w, dir, notice, letter, pdf;
const SETTINGS = { prefix: 'RC', contacts_en: '1 Harbour Road, Chashmabad · +000 51 000 000 · cert@cert.example', contacts_ur: 'ہاربر روڈ 1، چشمہ آباد', signer_en: 'Hina R., head of the desk', signer_ur: 'حنا ر۔، سربراہِ دفتر' };
before(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'minar-letter-'));
  site = await Site.open({ conf: { public_url: 'https://cert.example', outbox: { hold_s: 1 }, letter: SETTINGS } });
  desk = site.desk;
  w = await populate(site);
  await w.give([['198.18.4.10', 8443], ['198.18.4.11']]);
  notice = await w.notice(w.MOX, (n) => n.state === 'sent');
});
after(async () => {
  await site?.close();
  rmSync(dir, { recursive: true, force: true });
});

const letterOf = async (who, id) => (await who.get(`/api/notices/${id}`)).deliveries.filter((d) => d.channel === 'letter');
const made = (id) => poll('the letter is made', async () => (await letterOf(desk, id)).find((d) => d.letter?.sha256));
const fileOf = async (who, id) => {
  const a = await who.call('GET', `/api/letters/${id}/pdf`);
  assert.equal(a.status, 200, a.text);
  assert.equal(a.headers['content-type'], 'application/pdf');
  return a.bytes;
};
const kept = (name, bytes) => { const p = path.join(dir, name); writeFileSync(p, bytes); return p; };
const text = async (p, ...more) => (await run('pdftotext', ['-layout', ...more, p, '-'])).out.replace(/[\u2066-\u2069\u200e\u200f\u202a-\u202e]/g, '');

test('a notice is put on paper once, and numbered', async () => {
  const first = await desk.ok('POST', `/api/notices/${notice.id}/letter`);
  const again = await desk.ok('POST', `/api/notices/${notice.id}/letter`);
  assert.equal(again.id, first.id);
  letter = await made(notice.id);
  assert.equal(letter.id, first.id);
  assert.equal(letter.letter.number, `RC-${new Date().getFullYear()}-000001`);
  assert.equal(letter.state, 'made');
  pdf = await fileOf(desk, letter.id);
  assert.equal(createHash('sha256').update(pdf).digest('hex'), letter.letter.sha256);
  assert.deepEqual(await fileOf(desk, letter.id), pdf, 'the same bytes whenever it is asked for');
});

test('it says in both languages what was found, where, the one thing to do and by when; no law that nobody has written', async () => {
  const p = kept('letter.pdf', pdf), en = await text(p, '-f', '2', '-l', '2');
  const pages = (await run('pdfinfo', [p])).out;
  assert.match(pages, /Pages: +2/);
  for (const words of [letter.letter.number, 'National CERT', 'The head of Ministry of Examples', notice.number, notice.subject.en.slice(0, 40), '198.18.4.10', '198.18.4.11', '8443', 'Answer by', 'What is to be done', 'Have this done by', 'Hina R., head of the desk', 'TLP:AMBER+STRICT', '1 Harbour Road, Chashmabad', 'cert.example/letter', '2 / 2']) {
    assert.ok(en.includes(words), `${words} is missing in:\n${en}`);
  }
  assert.ok(!/legal basis/i.test(en));
  const ur = await text(p, '-f', '1', '-l', '1');
  assert.ok(ur.includes('198.18.4.10') && ur.includes(letter.letter.number), ur);
  assert.ok((ur.match(/[؀-ۿﭐ-﷿ﹰ-﻿]/g) ?? []).length > 300, 'the first page is Urdu');
  const fonts = (await run('pdffonts', [p])).out.trim().split('\n').slice(2);
  assert.ok(fonts.some((f) => f.includes('NotoNastaliqUrdu')) && fonts.some((f) => f.includes('NotoSans')));
  for (const f of fonts) assert.match(f, / yes yes /, 'each typeface is embedded, in part');
});

test('poppler and openssl find the signature good over the whole file, by the rules of PAdES B-B; a flipped byte is found', async () => {
  const good = await run('pdfsig', [kept('letter.pdf', pdf)]);
  assert.match(good.out, /Signature is Valid/);
  assert.match(good.out, /ETSI\.CAdES\.detached/);
  assert.match(good.out, /SHA-256/);
  assert.match(good.out, /Total document signed/);
  assert.match(good.out, /Common Name: National CERT/);
  const s = pdf.toString('latin1'), range = /\/ByteRange \[0 (\d+) (\d+) (\d+)\]/.exec(s).slice(1).map(Number);
  assert.equal(range[1] + range[2], pdf.length);
  const hex = s.slice(range[0] + 1, range[1] - 1).replace(/(00)+$/, '');
  const cms = kept('cms.der', Buffer.from(hex.length % 2 ? `${hex}0` : hex, 'hex'));
  const content = kept('signed', Buffer.concat([pdf.subarray(0, range[0]), pdf.subarray(range[1])]));
  const key = await site.cli(['letterkey', 'show']);
  assert.equal(key.code, 0, key.err);
  // Its own certificate, as whoever trusts this desk keeps it: -cades checks signing-certificate-v2 against it.
  const own = kept('own.pem', readFileSync(path.join(site.dir, 'keys', 'letter.pem'), 'utf8').replace(/-----BEGIN PRIVATE[\s\S]*PRIVATE KEY-----\n/, ''));
  const verify = (what) => run('openssl', ['cms', '-verify', '-cades', '-binary', '-purpose', 'any', '-CAfile', own, '-inform', 'DER', '-in', cms, '-content', what, '-out', '/dev/null']);
  const right = await verify(content);
  assert.equal(right.code, 0, right.err);
  assert.notEqual((await verify(kept('other', Buffer.from('x')))).code, 0);
  const print = (await run('openssl', ['cms', '-cmsout', '-print', '-inform', 'DER', '-in', cms])).out;
  for (const part of ['contentType', 'messageDigest', 'signingCertificateV2']) assert.ok(print.includes(part), part);
  assert.ok(!print.includes('signingTime'), 'the time stands in entry M alone');
  assert.match(s, /\/M \(D:\d{14}Z\)/);
  const digest = /SHA-256[^:]*: ([0-9a-f]{64})/.exec(key.out)[1].toUpperCase();
  assert.ok(print.includes(`[HEX DUMP]:${digest}`), 'the signed attribute names the certificate by its SHA-256');
  for (const at of [200, Math.floor(pdf.length / 3), pdf.length - 40]) {
    const other = Buffer.from(pdf);
    other[at] ^= 1;
    const bad = await run('pdfsig', [kept('bad.pdf', other)]);
    assert.ok(!/Signature is Valid/.test(bad.out), `byte ${at} was changed and nobody saw it`);
  }
});

test('the code on paper is read by an outside reader, and opens the page that says yes', async () => {
  await run('pdftoppm', ['-r', '110', '-png', kept('letter.pdf', pdf), path.join(dir, 'page')]);
  const found = [];
  for (const page of [1, 2]) {
    const r = await run('zbarimg', ['--raw', '-q', path.join(dir, `page-${page}.png`)]);
    assert.equal(r.code, 0, `no code on page ${page}: ${r.err}`);
    found.push(r.out.trim());
  }
  assert.equal(found[0], found[1]);
  const u = new URL(found[0]);
  assert.equal(u.origin, 'https://cert.example');
  letter.query = u.pathname + u.search;
  letter.code = u.searchParams.get('c');
  for (const [language, words, name] of [['en', 'This letter is ours', 'Ministry of Examples'], ['ur', 'یہ خط ہمارا ہے', 'وزارتِ امثال']]) {
    const a = await site.anyone().call('GET', letter.query, { headers: { 'accept-language': language } });
    assert.equal(a.status, 200, a.text);
    assert.ok(a.text.includes(words) && a.text.includes(name) && a.text.includes(letter.letter.number), a.text);
    assert.match(a.text, new RegExp(`<html lang="${language}"`));
    assert.ok(a.text.length < 60000 && !a.text.includes('<script'));
    assert.ok(!a.text.includes('198.18'), 'nothing of the matter');
  }
  const typed = `/letter?n=${letter.letter.number.toLowerCase()}&c=${letter.code.slice(0, 5).toLowerCase()}-${letter.code.slice(5).toLowerCase()}`;
  assert.equal((await site.anyone().call('GET', typed)).status, 200, 'as people type');
});

test('a wrong code and an unknown number answer the same; who asks on and on is slowed down', async () => {
  const wrong = await site.anyone().call('GET', `/letter?n=${letter.letter.number}&c=0000000000`, { from: '127.0.0.31' });
  const none = await site.anyone().call('GET', '/letter?n=RC-2026-999999&c=0000000000', { from: '127.0.0.31' });
  const right = await site.anyone().call('GET', `/letter?n=RC-2026-999999&c=${letter.code}`, { from: '127.0.0.31' });
  assert.equal(wrong.status, 404);
  assert.deepEqual([none.status, none.text], [wrong.status, wrong.text]);
  assert.deepEqual([right.status, right.text], [wrong.status, wrong.text]);
  assert.ok(!wrong.text.includes('999999'));
  const empty = await site.anyone().call('GET', '/letter', { from: '127.0.0.31' });
  assert.equal(empty.status, 200);
  assert.match(empty.text, /<form/);
  let slowed = 0;
  for (let i = 0; i < 40 && !slowed; i++) slowed = (await site.anyone().call('GET', '/letter?n=x&c=y', { from: '127.0.0.32' })).status === 429;
  assert.ok(slowed, 'forty questions in a row were all answered');
});

test('all letters: those in a state, of an organisation, page by page, to whom their notices show', async () => {
  const waiting = (await desk.get('/api/letters?state=made')).items;
  assert.deepEqual(waiting.map((l) => [l.id, l.channel, l.state, l.notice, l.notice_number, l.letter.number, l.org.id]), [[letter.id, 'letter', 'made', notice.id, notice.number, letter.letter.number, w.MOX]]);
  assert.deepEqual(waiting[0].letter, letter.letter);
  assert.deepEqual((await desk.get('/api/letters?state=printed')).items, []);
  assert.equal((await desk.get(`/api/letters?org=${w.MOX}`)).items.length, 1);
  assert.equal((await desk.get(`/api/letters?org=${w.BNK}`)).items.length, 0);
  assert.equal((await w.mox.get('/api/letters')).items.length, 1);
  assert.deepEqual((await w.bnk.get('/api/letters')).items, []);
  refused(await w.bnk.call('GET', `/api/letters?org=${w.MOX}`), 404);
  const ls = await site.cli(['letter', 'ls', '--state', 'made']);
  assert.ok(ls.out.includes(letter.letter.number) && ls.out.includes(notice.number), ls.out + ls.err);
});

test('who may see the notice reads the letter, nobody else does; only the desk says what became of it', async () => {
  assert.deepEqual(await fileOf(w.mox, letter.id), pdf);
  refused(await w.bnk.call('GET', `/api/letters/${letter.id}/pdf`), 404);
  refused(await site.anyone().call('GET', `/api/letters/${letter.id}/pdf`), 401);
  refused(await w.mox.call('POST', `/api/letters/${letter.id}/state`, { json: { state: 'printed' } }), 403);
  refused(await w.mox.call('POST', `/api/notices/${notice.id}/letter`), 403);
  refused(await desk.call('POST', '/api/letters/00000000-0000-4000-8000-000000000000/state', { json: { state: 'printed' } }), 404);
  const portal = (await desk.get(`/api/notices/${notice.id}`)).deliveries.find((d) => d.channel === 'portal');
  refused(await desk.call('POST', `/api/letters/${portal.id}/state`, { json: { state: 'printed' } }), 409);
  refused(await desk.call('GET', `/api/letters/${portal.id}/pdf`), 409);
});

test('printed, handed over on a day by somebody, returned, handed over again: each in order, each in the ledger', async () => {
  const to = (state, at) => desk.call('POST', `/api/letters/${letter.id}/state`, { json: { state, ...(at ? { at } : {}) } });
  assert.equal((await to('printed')).status, 200);
  refused(await to('handed', '2020-01-01T00:00:00Z'), 422);
  refused(await to('handed', new Date(Date.now() + 86400e3).toISOString()), 422);
  const at = new Date(Date.now() - 3600e3).toISOString().replace(/\.\d+Z/, 'Z');
  assert.equal((await to('handed', at)).status, 200);
  let [d] = await letterOf(desk, notice.id);
  assert.equal(d.state, 'handed');
  assert.equal(Date.parse(d.letter.handed), Date.parse(at));
  assert.equal(Date.parse(d.sent), Date.parse(at));
  assert.ok(d.letter.handed_by && d.letter.printed);
  refused(await to('printed'), 409);
  assert.equal((await to('returned')).status, 200);
  assert.equal((await to('handed')).status, 200);
  [d] = await letterOf(desk, notice.id);
  assert.equal(d.state, 'handed');
  const types = (await desk.get('/api/ledger?limit=50')).items.map((x) => x.type);
  for (const type of ['letter.made', 'letter.printed', 'letter.handed', 'letter.returned']) assert.ok(types.includes(type), type);
  assert.deepEqual(await fileOf(desk, letter.id), pdf, 'its bytes stay');
});

test('an organisation that gets letters has one with each notice; the second number follows the first', async () => {
  const o = await desk.get(`/api/organisations/${w.BNK}`);
  assert.equal(o.by_letter, false);
  await desk.ok('PATCH', `/api/organisations/${w.BNK}`, { json: { by_letter: true }, ifMatch: `"v${o.version}"` });
  await w.give([['198.18.64.20', 9443, 'critical']]);
  const n = await w.notice(w.BNK);
  assert.ok((await letterOf(desk, n.id)).length, 'held with the other channels');
  const d = await made(n.id);
  assert.equal(d.letter.number, `RC-${new Date().getFullYear()}-000002`);
  const bytes = await fileOf(w.bnk, d.id), en = await text(kept('bnk.pdf', bytes), '-f', '1', '-l', '1');
  assert.ok(en.includes('The head of Bank of Examples'), 'its language stands first');
});

test('while it is held it can be taken back, and no number is lost', async () => {
  await site.stop();
  site.configure({ outbox: { hold_s: 60 } });
  await site.start();
  await w.give([['198.18.65.5', 9444, 'high']], undefined);
  const n = await w.notice(w.BNK, (x) => x.state === 'held');
  refused(await desk.call('POST', `/api/notices/${n.id}/letter`), 409);
  await desk.ok('POST', `/api/notices/${n.id}/undo`);
  assert.deepEqual((await letterOf(desk, n.id)).map((d) => d.state), ['undone']);
  await site.stop();
  site.configure({ outbox: { hold_s: 0 } });
  await site.start();
  await w.give([['198.18.66.5', 9445, 'high']]);
  const next = await made((await w.notice(w.BNK, (x) => x.id !== n.id && x.state === 'sent' && x.subject.en && !x.number.endsWith('2'))).id);
  assert.equal(next.letter.number, `RC-${new Date().getFullYear()}-000003`);
});

test('withdrawn: whoever checks it hears so, and a new letter has a new number', async () => {
  await desk.ok('POST', `/api/letters/${letter.id}/state`, { json: { state: 'withdrawn' } });
  const a = await site.anyone().call('GET', letter.query, { headers: { 'accept-language': 'en' }, from: '127.0.0.33' });
  assert.equal(a.status, 200);
  assert.match(a.text, /This letter was withdrawn/);
  refused(await desk.call('POST', `/api/letters/${letter.id}/state`, { json: { state: 'handed' } }), 409);
  const fresh = await desk.ok('POST', `/api/notices/${notice.id}/letter`);
  assert.notEqual(fresh.id, letter.id);
});

test('the law stands there when somebody has written it; the command line makes, reads and moves a letter', async () => {
  await site.stop();
  site.configure({ letter: { ...SETTINGS, legal_basis_en: 'Fictional Act 1 of 2099, section 3', legal_basis_ur: 'فرضی قانون 1، دفعہ 3' } });
  await site.start();
  await w.give([['198.18.5.9', 8444, 'high']]);
  const n = await w.notice(w.MOX, (x) => x.id !== notice.id && x.state === 'sent');
  const asked = await site.cli(['notice', 'letter', n.id, '--json']);
  assert.equal(asked.code, 0, asked.err);
  const d = await made(n.id);
  assert.equal(JSON.parse(asked.out).id, d.id);
  const bytes = await fileOf(desk, d.id);
  assert.match(await text(kept('law.pdf', bytes), '-f', '2', '-l', '2'), /Legal basis: Fictional Act 1 of 2099, section 3/);
  const moved = await site.cli(['letter', 'set', d.id, 'printed']);
  assert.equal(moved.code, 0, moved.err);
  assert.equal((await letterOf(desk, n.id))[0].state, 'printed');
});

test('another key: letters from then on are signed by it, the ones before stay good; an administrator brings a certificate', async () => {
  const busy = await site.cli(['letterkey', 'renew']);
  assert.notEqual(busy.code, 0, 'not under a running server');
  await site.stop();
  const before = await site.cli(['letterkey', 'show']);
  const own = await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', path.join(dir, 'own.key'), '-out', path.join(dir, 'own.crt'), '-days', '20', '-subj', '/CN=Brought along']);
  assert.equal(own.code, 0, own.err);
  const wrong = await site.cli(['letterkey', 'take', '--key', path.join(dir, 'own.key'), '--certificate', path.join(dir, 'own.key')]);
  assert.notEqual(wrong.code, 0);
  assert.equal((await site.cli(['letterkey', 'show'])).out, before.out, 'a bad one changes nothing');
  const taken = await site.cli(['letterkey', 'take', '--key', path.join(dir, 'own.key'), '--certificate', path.join(dir, 'own.crt')]);
  assert.equal(taken.code, 0, taken.err);
  assert.match(taken.out, /Brought along/);
  const doctor = (await site.cli(['doctor', '--json'])).json;
  const line = (doctor.checks ?? doctor.lines ?? Object.values(doctor).find(Array.isArray)).find((l) => (l.name ?? l.check) === 'letter');
  assert.equal(line.state, 'warn', JSON.stringify(line));
  await site.start();
  await w.give([['198.18.6.9', 8446, 'high']]);
  const all = await poll('a further notice', async () => {
    const items = (await desk.get(`/api/notices?org=${w.MOX}`)).items.filter((x) => x.state === 'sent');
    return items.length >= 3 && items;
  });
  await desk.ok('POST', `/api/notices/${all[0].id}/letter`);
  const d = await made(all[0].id), bytes = await fileOf(desk, d.id);
  assert.match((await run('pdfsig', [kept('own.pdf', bytes)])).out, /Common Name: Brought along[\s\S]*Signature is Valid/);
  assert.match((await run('pdfsig', [kept('letter.pdf', pdf)])).out, /Signature is Valid/);
});


test('what is for named people alone does not stand on paper: the letter points to the portal', async () => {
  await w.give([['198.18.7.7', 8447, 'high']]);
  const f = await poll('its finding', async () => (await desk.all('/api/findings')).find((x) => x.ip === '198.18.7.7' && x.notice));
  const n = await poll('its notice has left', async () => { const x = await desk.get(`/api/notices/${f.notice}`); return x.state === 'sent' && x; });
  const who = (await desk.all('/api/people')).map((x) => x.id);
  const shared = await desk.call('PATCH', `/api/notices/${n.id}/reach`, { json: { tlp: 'RED', people: who }, ifMatch: `"v${n.version}"` });
  assert.equal(shared.status, 200, shared.text);
  await desk.ok('POST', `/api/notices/${n.id}/letter`);
  const d = await made(n.id), p = kept('red.pdf', await fileOf(desk, d.id)), all = await text(p);
  assert.match(all, /TLP:RED/);
  assert.match(all, /its details do not stand\s+on paper/);
  for (const secret of ['198.18.7.7', '8447', n.subject.en.slice(0, 30)]) assert.ok(!all.includes(secret), `the letter tells ${secret}`);
});

test('an exercise prints letters that say so, without code, and nobody signs them', async () => {
  await desk.post('/api/realms', { name: 'demo', kind: 'demo' });
  const there = new Client(site, { realm: 'demo' }), v = await populate({ desk: there }, { people: false });
  await v.give([['198.18.4.10']]);
  const n = await poll('a notice there has left', async () => (await there.get('/api/notices')).items.find((x) => x.state === 'sent'));
  const asked = await there.ok('POST', `/api/notices/${n.id}/letter`);
  const d = await poll('the letter is made', async () => (await letterOf(there, n.id)).find((x) => x.id === asked.id && x.letter?.sha256));
  const p = kept('demo.pdf', await fileOf(there, d.id));
  assert.match(await text(p), /this is not a real letter/);
  assert.match((await run('pdfsig', [p])).out, /does not contain any signatures/);
  await run('pdftoppm', ['-r', '110', '-png', '-singlefile', p, path.join(dir, 'demo')]);
  assert.notEqual((await run('zbarimg', ['--raw', '-q', path.join(dir, 'demo.png')])).code, 0);
  assert.equal((await site.anyone().call('GET', `/letter?n=${d.letter.number}&c=0000000000`, { from: '127.0.0.35' })).status, 404);
});
