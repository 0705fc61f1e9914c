// Walk (i), first half: a constituents file -> preview -> organisations -> found, changed, claimed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ON_PG } from './harness.mjs';
import { Site, refused } from './site.mjs';

let site, desk;
before(async () => {
  site = await Site.open();
  desk = site.desk;
});
after(() => site.close());

const TARGET = '/api/imports/organisations';
const give = (text, query = '', options) => desk.file(`${TARGET}?name=c.csv${query}`, text, options);

const ENGLISH = `Code,Organisation name,Urdu name,Type,Province,Language,Networks,ASNs,Domains,Focal person,E-mail,Phone
MOX,Ministry of Examples,وزارتِ امثال,Ministry,Islamabad,Urdu,198.18.4.0/22; 198.18.9.7,64500,mox.example,Aisha K.,aisha@mox.example,+92 51 1
HOSP,Green Hospital,سبز ہسپتال,Hospital,Sindh,English,198.18.16.0/24,,hosp.example,Bilal R.,bilal@hosp.example,
`;
const URDU = `کوڈ,نام,قسم,صوبہ,زبان,نیٹ ورک,ڈومین,فوکل پرسن,ای میل
TALIM,جامعہ تعلیم,جامعہ,پنجاب,اردو,198.18.32.0/24,talim.example,سارہ,sara@talim.example
BIJLI,ادارہ بجلی,بجلی,سندھ,اردو,198.18.33.0/24,bijli.example,عمر,omar@bijli.example
`;

test('a preview says what would happen and changes nothing', async () => {
  const ledger = (await desk.get('/api/ledger?limit=1')).size;
  const p = await give(ENGLISH, '&dry_run=true');
  assert.equal(p.state, 'preview');
  assert.equal(p.id, null);
  assert.deepEqual([p.rows_read, p.rows_done, p.rows_bad], [2, 2, 0]);
  assert.deepEqual(p.preview.map((x) => [x.row, x.what, x.key, x.networks, x.people]), [[2, 'create', 'MOX', 4, 1], [3, 'create', 'HOSP', 2, 1]]);
  const fields = Object.fromEntries(p.mapping.map((m) => [m.column, m.field]));
  assert.equal(fields.Code, 'key');
  assert.equal(fields['Focal person'], 'contact_name');
  assert.equal((await desk.get('/api/organisations?q=MOX')).items.length, 0);
  assert.equal((await desk.get('/api/ledger?limit=1')).size, ledger);
});

test('English and Urdu headings are recognised, and a second run changes nothing', async () => {
  const e = await give(ENGLISH);
  assert.deepEqual([e.state, e.rows_done, e.rows_same, e.rows_bad], ['done', 2, 0, 0], JSON.stringify(e.errors));
  const u = await give(URDU);
  assert.deepEqual([u.rows_done, u.rows_bad], [2, 0], JSON.stringify(u.errors));
  const again = await give(ENGLISH);
  assert.deepEqual([again.rows_done, again.rows_same, again.rows_bad], [0, 2, 0]);
  assert.deepEqual(again.preview.map((x) => x.what), ['same', 'same']);
  const [uni] = (await desk.get('/api/organisations?q=TALIM')).items;
  assert.deepEqual([uni.name.first, uni.name.ur, uni.kind, uni.lang], ['ur', 'جامعہ تعلیم', 'education', 'ur']);
  const report = await desk.get(`/api/imports/${e.id}`);
  assert.deepEqual([report.state, report.rows_done], ['done', 2]);
  assert.ok((await desk.get('/api/imports')).items.some((x) => x.id === e.id));
});

test('a changed row changes its organisation; what the file leaves out stays', async () => {
  const [before] = (await desk.get('/api/organisations?q=HOSP')).items;
  const r = await give('Code,Name,Province\nHOSP,Green Hospital of Sindh,\n');
  assert.deepEqual([r.rows_done, r.rows_same], [1, 0]);
  const now = await desk.get(`/api/organisations/${before.id}?figures=true`);
  const [listed] = (await desk.get('/api/organisations?q=HOSP&figures=true')).items;
  assert.deepEqual([listed.networks, listed.open_findings, listed.waiting_notices], [now.networks, now.open_findings, now.waiting_notices]);
  assert.equal('open_findings' in before, false, 'nothing is counted unasked');
  assert.equal(now.name.en, 'Green Hospital of Sindh');
  assert.equal(now.name.ur, before.name.ur);
  assert.equal(now.province, before.province);
  assert.ok(now.version > before.version);
  assert.equal(now.networks, 2);
});

test('row errors name row, column and value, in both languages; good rows go in', async () => {
  const text = 'Code,Name,Type,Networks,Contact,Mail\nGOOD1,Good One,bank,198.18.40.0/24,,\nBAD1,Bad One,spaceship,198.18.41.0/24,,\n'
    + 'BAD2,Bad Two,bank,198.18.999.0/24,,\n,No Key,bank,,,\nBAD3,Bad Three,bank,,Someone,not-a-mail\n';
  const en = await give(text, '&dry_run=true', { headers: { 'accept-language': 'en' } });
  const ur = await give(text, '&dry_run=true', { headers: { 'accept-language': 'ur' } });
  const where = (r) => r.errors.map((e) => [e.row, e.column, e.value ?? '']);
  assert.deepEqual(where(en), [[3, 'Type', 'spaceship'], [4, 'Networks', '198.18.999.0/24'], [5, 'Code', ''], [6, 'Mail', 'not-a-mail']]);
  assert.deepEqual(where(ur), where(en));
  for (const e of en.errors) assert.match(e.message, /^[\x20-\x7e"“”]{15,}$/);
  for (const e of ur.errors) assert.match(e.message, /[؀-ۿ]{3,}/);
  const done = await give(text);
  assert.ok(done.rows_bad >= 2 && done.rows_done >= 1, JSON.stringify(done));
  assert.equal((await desk.get('/api/organisations?q=GOOD1')).items.length, 1);
  assert.equal((await desk.get('/api/organisations?q=BAD1')).items.length, 0);
});

test('what is no table, lacks the key, or is wrongly mapped is refused whole', async () => {
  for (const [text, query] of [['', ''], ['Name,Type\nX,bank\n', ''], ['Code,Name\nX,Y\n', '&map=Nothing%3Dkey'], ['Code,Name\nX,Y\n', '&map=Code%3Dnofield']]) {
    refused(await desk.call('POST', `${TARGET}?name=c.csv${query}`, { body: text }), 422);
  }
  const own = await give('Kürzel;Bezeichnung\nMAP1;Mapped\n', '&map=K%C3%BCrzel%3Dkey,Bezeichnung%3Dname_en');
  assert.equal(own.rows_done, 1, JSON.stringify(own));
});

test('300 organisations with networks and contacts in less than two seconds', async () => {
  const rows = Array.from({ length: 300 }, (_, i) => `B${i},Body ${i},ادارہ ${i},ministry,ur,10.${i >> 8}.${i & 255}.0/24,b${i}.example,Person ${i},p${i}@b${i}.example`);
  const text = `Code,Name,Urdu name,Type,Language,Networks,Domain,Contact,Mail\n${rows.join('\n')}\n`;
  const began = Date.now();
  const r = await give(text);
  const ms = Date.now() - began;
  assert.deepEqual([r.rows_done, r.rows_bad], [300, 0], JSON.stringify(r.errors.slice(0, 3)));
  // PostgreSQL answers each of some 5,000 statements over its socket; a busy machine triples that.
  assert.ok(ms < (ON_PG ? 6000 : 2000) * Number(process.env.MINAR_SLOW ?? 1), `${ms} ms`);
  const all = await desk.all('/api/organisations', 100);
  assert.ok(all.length > 300);
  assert.equal(new Set(all.map((o) => o.id)).size, all.length);
});

test('search finds Urdu and Roman spellings alike', async () => {
  const keys = async (q) => (await desk.get(`/api/organisations?q=${encodeURIComponent(q)}`)).items.map((o) => o.key);
  assert.deepEqual(await keys('وزارت امثال'), ['MOX']);
  assert.deepEqual(await keys('وزارتِ أمثال'), ['MOX']);
  assert.deepEqual(await keys('MINISTRY OF EX'), ['MOX']);
  assert.deepEqual(await keys('ministry  examples'), ['MOX']);
  assert.deepEqual(await keys('بجلي'), ['BIJLI']);
  assert.deepEqual(await keys('no such body'), []);
  const health = await desk.get('/api/organisations?sector=health');
  assert.deepEqual(health.items.map((o) => o.key), ['HOSP']);
});

test('a change needs the version it is made of', async () => {
  const o = await site.org('CHG', { name_ur: 'ادارہ تبدیلی' });
  const target = `/api/organisations/${o.id}`;
  const read = await desk.call('GET', target);
  assert.match(read.headers.etag, /^"v1-/);
  assert.equal((await desk.call('GET', target, { headers: { 'if-none-match': read.headers.etag } })).status, 304);
  refused(await desk.call('PATCH', target, { json: { name_en: 'X' } }), 400);
  const first = await desk.ok('PATCH', target, { json: { name_en: 'Changed' }, ifMatch: read.headers.etag });
  assert.equal(first.version, 2);
  for (const ifMatch of [read.headers.etag, '"v1"']) refused(await desk.call('PATCH', target, { json: { name_en: 'Late' }, ifMatch }), 412);
  const now = await desk.get(target);
  assert.deepEqual([now.name.en, now.name.ur, now.version], ['Changed', 'ادارہ تبدیلی', 2]);
  refused(await desk.call('POST', '/api/organisations', { json: { key: 'CHG', name_en: 'Twice', kind: 'bank' } }), 409);
});

test('the same write sent twice with one key is one write', async () => {
  const json = { key: 'IDEM', name_en: 'Once', kind: 'bank' }, headers = { 'idempotency-key': 'k1' };
  const a = await desk.post('/api/organisations', json, { headers }), b = await desk.post('/api/organisations', json, { headers });
  assert.deepEqual(a, b);
  refused(await desk.call('POST', '/api/organisations', { json: { ...json, name_en: 'Other' }, headers }), 422);
});

test('a withdrawn network comes back when it is claimed again', async () => {
  const o = await site.org('NET');
  const target = `/api/organisations/${o.id}/networks`;
  const made = [];
  for (const value of ['203.0.113.0/25', '203.0.113.200', 'AS64511', 'net.example', '2001:db8:9::/48']) made.push(await desk.post(target, { value }));
  const list = (await desk.get(target)).items;
  assert.deepEqual(list.map((n) => n.kind).sort(), ['asn', 'cidr', 'cidr', 'cidr', 'domain']);
  refused(await desk.call('POST', target, { json: { value: '203.0.113.0/25' } }), 409);
  refused(await desk.call('POST', target, { json: { value: 'what is this' } }), 422);
  await desk.ok('DELETE', `/api/networks/${made[0].id}`);
  const active = async () => (await desk.get(target)).items.filter((n) => n.state === 'approved').map((n) => n.value);
  assert.ok(!(await active()).includes('203.0.113.0/25'));
  await desk.post(target, { value: '203.0.113.0/25' });
  assert.ok((await active()).includes('203.0.113.0/25'));
});

test('invalid bodies are told with their place', async () => {
  for (const [json, pointer] of [[{ name_en: 'X', kind: 'bank' }, '/key'], [{ key: 'K', name_en: 'X', kind: 'castle' }, '/kind'],
    [{ key: 'K', name_en: 'X', kind: 'bank', more: 1 }, '/more'], [{ key: 7, name_en: 'X', kind: 'bank' }, '/key']]) {
    const a = await desk.call('POST', '/api/organisations', { json });
    refused(a, 422);
    assert.equal(a.json.pointer, pointer);
  }
  const a = await desk.call('POST', '/api/organisations', { body: '{"key": "K",\n "name_en": }', headers: { 'content-type': 'application/json' } });
  refused(a, 400);
  assert.equal(a.json.row, 2);
});
