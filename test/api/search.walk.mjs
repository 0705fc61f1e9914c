// Walk: search by words. Both scripts and the usual Roman spellings meet; people and files are found by
// names that are sealed; nobody finds, or counts, what they do not see; what stood before there was an
// index, or was indexed otherwise, is found after an upgrade.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from './matrix_world.mjs';
import { Site, poll } from './site.mjs';
import { populate } from './world.mjs';

let site, desk, w, health, notice;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  desk = site.desk;
  w = await populate(site);
  health = (await desk.post('/api/organisations', { key: 'MOHX', name_en: 'Ministry of Health Services', name_ur: 'وزارتِ صحت', kind: 'ministry' })).id;
  await desk.post('/api/organisations', { key: 'SWT', name_en: 'Wizarat-e-Khazana Swat', kind: 'ministry' });
  await w.give([['198.18.4.10', 8443, 'high', { hostname: 'mail.mox.example' }], ['198.18.64.20']]);
  notice = await poll('a notice that left', async () => (await w.mox.get('/api/notices')).items.find((n) => n.state === 'sent'), 30000);
  await desk.post('/api/indicators', { value: 'hxxp://drop.bad.example/x', why: 'Serves the Zarqa loader', tlp: 'GREEN' });
  await desk.post('/api/indicators', { value: 'hidden.example', why: 'Zarqa, not to be told', tlp: 'AMBER+STRICT' });
});
after(() => site.close());

const search = (who, q, more = '') => who.get(`/api/search?q=${encodeURIComponent(q)}${more}`);
const titles = async (who, q, more) => (await search(who, q, more)).items.map((x) => x.title);
const ids = async (who, q, more) => (await search(who, q, more)).items.map((x) => x.id);
const counted = async (who, q) => Object.fromEntries((await search(who, q, '&counts=true')).kinds.map((k) => [k.kind, k.n]));

test('a body is found by its name in Urdu, in English and in Roman spellings', async () => {
  for (const q of ['وزارت صحت', 'صحت', 'Wazarat-e-Sehat', 'wizarat e sehhat', 'wazarat sehat', 'health ministry', 'HEALTH', 'MOHX']) assert.ok((await ids(desk, q)).includes(health), q);
  for (const q of ['wazarat khazana', 'وزارت خزانہ', 'sehat swat', 'wealth', 'وزارت تعلیم']) assert.ok(!(await ids(desk, q)).includes(health), q);
  assert.deepEqual(await titles(desk, 'وزارت خزانہ'), ['Wizarat-e-Khazana Swat']);
  assert.deepEqual(await ids(desk, 'heal', '&kind=organisation'), []);
  assert.deepEqual(await ids(desk, 'heal', '&kind=organisation&typing=true'), [health]);
});

test('findings, notices and indicators are found by what stands in them', async () => {
  const by = async (q, kind) => (await search(desk, q)).items.filter((x) => x.kind === kind);
  assert.match((await by('198.18.4.10', 'finding'))[0].title, /open-widget 198\.18\.4\.10/);
  assert.equal((await by('mox.example', 'finding')).length + (await by('mail.mox.example', 'finding')).length > 0, true);
  assert.equal((await by(notice.number, 'notice'))[0].id, notice.id);
  assert.equal((await by('drop.bad.example', 'indicator')).length, 1);
  assert.equal((await by('bad.example', 'indicator')).length, 1);
  assert.equal((await by('zarqa loader', 'indicator'))[0].title, 'http://drop.bad.example/x');
});

test('people are found by sealed names in either script, and by their whole address', async () => {
  assert.deepEqual(await titles(desk, 'Ayesha Khan', '&kind=person'), ['عائشہ خان']);
  assert.deepEqual(await titles(desk, 'بلال رضا', '&kind=person'), ['Bilal Raza']);
  assert.deepEqual(await titles(desk, 'focal@mox.example', '&kind=person'), ['عائشہ خان']);
  assert.deepEqual(await titles(desk, 'focal', '&kind=person'), []);
});

test('files are found by their sealed names and by their hash', async () => {
  const a = await w.mox.call('POST', `/api/files?kind=notice&id=${notice.id}&name=${encodeURIComponent('رپورٹ report.txt')}`, { body: 'what was found' });
  assert.equal(a.status, 201, a.text);
  const { sha256 } = await w.mox.get(`/api/files/${a.json.id}`);
  for (const q of ['report.txt', 'report', 'رپورٹ', sha256]) {
    const [hit] = (await search(w.mox, q, '&kind=attachment')).items;
    assert.equal(hit?.id, a.json.id, q);
    assert.equal(hit.href, `/files/${a.json.id}`);
    assert.deepEqual(await ids(w.bnk, q), [], q);
  }
});

test('what somebody does not see is not found and not counted', async () => {
  for (const q of ['198.18.4.10', notice.number, 'Ayesha Khan', 'focal@mox.example', 'hidden.example', 'zarqa told']) {
    assert.deepEqual(await ids(w.bnk, q), [], q);
    for (const n of Object.values(await counted(w.bnk, q))) assert.equal(n, 0, q);
  }
  assert.deepEqual(await titles(w.bnk, 'zarqa'), ['http://drop.bad.example/x']);
  assert.equal((await counted(w.bnk, 'zarqa')).indicator, 1);
  assert.equal((await counted(desk, 'zarqa')).indicator, 2);
  const auditor = await site.person(w.BNK, 'auditor@bnk.example', { roles: ['auditor'] });
  assert.deepEqual((await search(auditor, 'zarqa', '&counts=true')).kinds.map((k) => k.kind), ['organisation'], 'kinds that a role does not read are not there');
});

test('what changes is found by its new words alone, and by whom it is now for', async () => {
  const made = await desk.post('/api/organisations', { key: 'CHG', name_en: 'Firstname Board', kind: 'other' });
  await desk.ok('PATCH', `/api/organisations/${made.id}`, { json: { name_en: 'Secondname Board' }, ifMatch: `"v${made.version}"` });
  assert.deepEqual([await ids(desk, 'Firstname'), await ids(desk, 'Secondname')], [[], [made.id]]);
  const i = await desk.post('/api/indicators', { value: 'narrow.example', why: 'narrowed', tlp: 'GREEN' });
  assert.deepEqual(await ids(w.bnk, 'narrow.example'), [i.id]);
  await desk.ok('PATCH', `/api/indicators/${i.id}/reach`, { json: { tlp: 'AMBER+STRICT' }, ifMatch: `"v${i.version}"` });
  assert.deepEqual(await ids(w.bnk, 'narrow.example'), []);
});

test('a kind is read page by page; a cursor is its reader\'s own', async () => {
  for (let n = 0; n < 7; n++) await desk.post('/api/indicators', { value: `p${n}.paged.example`, why: 'pages' });
  const first = await search(desk, 'paged.example', '&kind=indicator&limit=3');
  assert.equal(first.items.length, 3);
  const all = await desk.all('/api/search?q=paged.example&kind=indicator', 3);
  assert.deepEqual(all.map((x) => x.title), [6, 5, 4, 3, 2, 1, 0].map((n) => `p${n}.paged.example`));
  const a = await w.mox.call('GET', `/api/search?q=paged.example&kind=indicator&cursor=${encodeURIComponent(first.next)}`);
  assert.equal(a.status, 422, a.text);
  assert.equal((await search(desk, 'paged.example')).items.filter((x) => x.kind === 'indicator').length, 5, 'of each kind five');
});

test('odd questions are answered, with nothing', async () => {
  for (const q of ['؟', '...', '"', '" * "', '=o1', '#rmnstr', 'a'.repeat(300)]) assert.deepEqual(await ids(desk, q), [], q);
  for (const [q, status] of [['', 422], ['x'.repeat(301), 422]]) assert.equal((await desk.call('GET', `/api/search?q=${q}`)).status, status);
  assert.equal((await desk.call('GET', '/api/search?q=x&kind=session')).status, 422);
});

test('the command line takes words', async () => {
  const r = await site.cli(['search', 'wazarat', 'sehat', '--json']);
  assert.equal(r.code, 0, r.err);
  assert.deepEqual(r.json.items.map((x) => x.id), [health]);
  const same = await site.cli(['search', 'for', 'وزارت', 'صحت', '--kind', 'organisation']);
  assert.equal(same.code, 0, same.err);
  assert.match(same.out, /organisation/);
});

test('a store from before there was an index is filled when it is opened, and one of other words anew', async () => {
  await site.stop();
  sql(site, 'DELETE FROM search_index; DELETE FROM organisation_words; DELETE FROM finding_words; DELETE FROM notice_words;');
  await site.start();
  assert.deepEqual(await ids(desk, 'wazarat sehat'), [health]);
  assert.equal((await ids(desk, notice.number, '&kind=notice')).length, 1);
  await site.stop();
  sql(site, 'UPDATE search_index SET version = version - 1, position = 0;');
  await site.start();
  assert.deepEqual(await ids(desk, 'wazarat sehat'), [health]);
  assert.equal((await ids(desk, '198.18.4.10', '&kind=finding')).length, 1, 'and nothing is there twice');
  assert.equal((await site.cli(['verify'])).code, 0);
});
