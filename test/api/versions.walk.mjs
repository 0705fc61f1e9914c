// Walk: what a thing was before. Each version by its own label: a later, wider one shows nothing of an earlier,
// narrower one; as_of gives what stood then; who may not see the thing hears nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, poll, refused } from './site.mjs';
import { populate } from './world.mjs';

const ABSENT = '00000000-0000-4000-8000-000000000000';
let site, desk, w, officer, finding;

before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  desk = site.desk;
  w = await populate(site);
  officer = await site.person(w.CERT, 'officer@cert.example', { roles: ['reader', 'analyst', 'coordinator'], lang: 'en', contact_role: 'none' });
  await w.give([['198.18.4.10']]);
  finding = await poll('a finding', async () => (await desk.get(`/api/findings?org=${w.MOX}`)).items[0], 30000);
});
after(() => site.close());

const of = (x, query = '') => `/api/${x}/versions${query}`;
const share = async (kind, id, tlp, more = {}) => {
  const { version } = await officer.get(`/api/${kind}/${id}/reach?limit=1`);
  return officer.call('PATCH', `/api/${kind}/${id}/reach`, { json: { tlp, ...more }, ifMatch: `"v${version}"` });
};

test('an answer is a version with who gave it, what it was and what it is', async () => {
  const path = `/api/findings/${finding.id}`;
  const row = await w.mox.get(path);
  await w.mox.ok('POST', `${path}/answer`, { json: { answer: 'fixed' }, ifMatch: `"v${row.version}"` });
  const now = await w.mox.get(path);
  const { items, next } = await w.mox.get(`${path}/versions`);
  assert.equal(next, null);
  assert.deepEqual(items.map((i) => i.version), Array.from({ length: now.version }, (_, i) => now.version - i));
  const state = items[0].changes.find((c) => c.field === 'state');
  assert.deepEqual([state.from, state.to], ['open', 'fixed']);
  assert.equal(items[0].by.id, w.mox.id);
  assert.ok(items[0].words.length > 3 && items[0].entry.startsWith('finding.'));
  const by = items[0].changes.find((c) => c.field === 'answered_by');
  assert.deepEqual([by.from, by.to], [null, w.mox.id], 'a row number is told as the id of what it stands for');
  assert.equal(items.at(-1).changes, null);
  assert.equal(items.at(-1).earlier_unseen, false);
  assert.equal(items.at(-1).entry, 'finding.opened');
});

test('as_of: what stood then, whole; before it was there, nothing', async () => {
  const path = `/api/findings/${finding.id}/versions`;
  const { items } = await w.mox.get(path);
  const then = await w.mox.get(`${path}?as_of=${items.at(-1).at}`);
  assert.equal(then.items.length, 1);
  assert.equal(then.items[0].version, 1);
  assert.equal(then.items[0].fields.state, 'open');
  const now = await w.mox.get(`${path}?as_of=${items[0].at}`);
  assert.equal(now.items[0].fields.state, 'fixed');
  assert.equal(now.items[0].version, items[0].version);
  refused(await w.mox.call('GET', `${path}?as_of=2001-01-01T00:00:00Z`), 404);
  refused(await w.mox.call('GET', `${path}?as_of=yesterday`), 422, 'error.api.not_a_time');
});

test('pages: one at a time gives the same as all at once; a cursor of another is worth nothing', async () => {
  const path = `/api/findings/${finding.id}/versions`;
  const all = (await w.mox.get(path)).items, one = [];
  let next = '';
  do {
    const page = await w.mox.get(`${path}?limit=1${next && `&cursor=${next}`}`);
    one.push(...page.items);
    next = page.next;
  } while (next && one.length < 50);
  assert.deepEqual(one, all);
  const { next: mine } = await w.mox.get(`${path}?limit=1`);
  refused(await officer.call('GET', `${path}?cursor=${mine}`), 422, 'error.api.cursor');
});

test('who may not see it hears nothing, in the words of what is not there', async () => {
  const path = `/api/findings/${finding.id}`;
  const a = await w.bnk.call('GET', `${path}/versions`), b = await w.bnk.call('GET', `/api/findings/${ABSENT}/versions`);
  refused(a, 404);
  refused(b, 404);
  assert.deepEqual({ ...a.json, instance: '', request: '' }, { ...b.json, instance: '', request: '' });
  refused(await site.anyone().call('GET', `${path}/versions`), 401);
});

test('a later, wider label shows nothing of an earlier, narrower one', async () => {
  const ioc = await officer.post('/api/indicators', { value: 'wide.example', why: 'the first words', tlp: 'AMBER' });
  const path = `/api/indicators/${ioc.id}/versions`;
  refused(await w.bnk.call('GET', path), 404);
  assert.equal((await share('indicators', ioc.id, 'GREEN')).status, 200);
  const first = (await officer.get(path)).items.at(-1);
  const theirs = (await w.bnk.get(path)).items;
  assert.equal(theirs.length, 1, 'what they could not see then they are not shown now');
  assert.equal(theirs[0].earlier_unseen, true);
  assert.equal(theirs[0].changes, null);
  refused(await w.bnk.call('GET', `${path}?as_of=${first.at}`), 404);
  assert.equal((await officer.get(path)).items.length, 2);
});

test('a narrower version in between is left out and what was before it is shown', async () => {
  const ioc = await officer.post('/api/indicators', { value: 'between.example', why: 'x', tlp: 'GREEN' });
  const path = `/api/indicators/${ioc.id}/versions`;
  const own = await officer.post('/api/groups', { name_en: 'Only us', kind: 'case', members: [w.CERT] });
  assert.equal((await w.bnk.get(path)).items.length, 1);
  assert.equal((await share('indicators', ioc.id, 'AMBER', { group: own.id })).status, 200);
  refused(await w.bnk.call('GET', path), 404);
  assert.equal((await share('indicators', ioc.id, 'GREEN')).status, 200);
  const theirs = (await w.bnk.get(path)).items;
  assert.deepEqual(theirs.map((v) => [v.version, v.tlp, v.earlier_unseen]), [[3, 'GREEN', true], [1, 'GREEN', false]]);
  assert.deepEqual((await officer.get(path)).items.map((v) => v.tlp), ['GREEN', 'AMBER', 'GREEN']);
});

test('an organisation and a notice have versions too; a reading from outside is noted', async () => {
  const org = await desk.get(`/api/organisations/${w.MOX}`);
  await desk.ok('PATCH', `/api/organisations/${w.MOX}`, { json: { province: 'Sindh' }, ifMatch: `"v${org.version}"` });
  const { items } = await desk.get(`/api/organisations/${w.MOX}/versions`);
  assert.deepEqual(items[0].changes, [{ field: 'province', from: org.province ?? null, to: 'Sindh' }]);
  const notice = await poll('a notice', async () => (await w.mox.get('/api/notices')).items[0], 30000);
  const v = (await desk.get(`/api/notices/${notice.id}/versions`)).items, told = (await w.mox.get(`/api/notices/${notice.id}/versions`)).items;
  assert.ok(v.some((x) => x.changes?.some((c) => c.field === 'state' && c.from === 'held' && c.to === 'sent')));
  assert.ok(told.length < v.length && told.at(-1).earlier_unseen, 'while it was held it was not for who is told');
  const reads = async () => JSON.stringify(await w.mox.get(`/api/findings/${finding.id}/saw`));
  const was = await reads();
  await officer.get(`/api/findings/${finding.id}/versions`);
  assert.notEqual(await reads(), was, 'the owner is told who looked');
});
