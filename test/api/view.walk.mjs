// Walk: saved views. A screen with its filter under a name, in one's own menu; shared with the organisation or with a
// role in it; changed and removed by its owner alone; an address, through which everybody sees their own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, refused } from './site.mjs';
import { populate } from './world.mjs';

const ABSENT = '00000000-0000-4000-8000-000000000000';
let site, desk, w, officer, analyst, reader, key;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  desk = site.desk;
  w = await populate(site);
  officer = await site.person(w.CERT, 'officer@cert.example', { roles: ['reader', 'coordinator'], lang: 'en' });
  analyst = await site.person(w.BNK, 'analyst@bnk.example', { roles: ['reader', 'analyst'], lang: 'en' });
  reader = await site.person(w.BNK, 'reader@bnk.example', { roles: ['reader'], lang: 'ur' });
  key = site.client({ key: (await analyst.post('/api/keys', { name: 'reads', access: 'read' })).secret });
});
after(() => site.close());

const views = async (who) => (await who.get('/api/views')).items;
const names = async (who) => (await views(who)).map((v) => v.name.en ?? v.name.ur);
const make = (who, more) => who.post('/api/views', { name_en: 'Late', path: '/notices', query: 'state=sent', ...more });
const share = (who, id, json) => who.call('PUT', `/api/views/${id}/share`, { json });
const entries = async (who, type) => (await who.get('/api/ledger?limit=100')).items.filter((e) => e.type === type);

test('a view is kept under its name, in its owner\'s menu and in nobody else\'s', async () => {
  const { id } = await make(analyst, { name_ur: 'تاخیر' });
  assert.deepEqual(await views(analyst), [{ id, name: { first: 'en', en: 'Late', ur: 'تاخیر' }, path: '/notices', query: 'state=sent', whom: 'me', place: 10, mine: true }]);
  for (const who of [w.bnk, reader, officer, desk, w.mox]) assert.deepEqual(await views(who), []);
  assert.deepEqual(await names(key), ['Late'], 'a key reads what its person reads');
  assert.deepEqual([await entries(analyst, 'view.shared'), await entries(analyst, 'view.ended')], [[], []]);
});

test('order in the menu; a name in one language is enough; a second try is the same view', async () => {
  await make(analyst, { name_en: undefined, name_ur: 'واقعات', path: '/events', query: 'last=7&type=c2-server' });
  const retry = { headers: { 'idempotency-key': 'a-key-of-this-test' } };
  const once = await analyst.post('/api/views', { name_en: 'Third', path: '/indicators' }, retry);
  assert.equal((await analyst.post('/api/views', { name_en: 'Third', path: '/indicators' }, retry)).id, once.id);
  assert.deepEqual(await names(analyst), ['Late', 'واقعات', 'Third']);
  await analyst.ok('PATCH', `/api/views/${once.id}`, { json: { place: 5 } });
  assert.deepEqual(await names(analyst), ['Third', 'Late', 'واقعات']);
  await analyst.ok('PATCH', `/api/views/${once.id}`, { json: { name_en: 'First', name_ur: 'پہلا', query: 'q=x.example' } });
  const [first] = await views(analyst);
  assert.deepEqual([first.name, first.query, first.path, first.place], [{ first: 'en', en: 'First', ur: 'پہلا' }, 'q=x.example', '/indicators', 5]);
});

test('shared with the organisation, then with a role of it, then with nobody', async () => {
  const [{ id }] = (await views(analyst)).filter((v) => v.name.en === 'Late');
  assert.equal((await share(analyst, id, { whom: 'organisation' })).status, 200);
  for (const who of [analyst, w.bnk, reader]) assert.ok((await names(who)).includes('Late'));
  for (const who of [officer, desk, w.mox]) assert.ok(!(await names(who)).includes('Late'), 'other organisations do not');
  assert.equal((await views(reader)).find((v) => v.id === id).mine, false);
  assert.equal((await share(analyst, id, { whom: 'role', role: 'org_admin' })).status, 200);
  assert.deepEqual([(await views(analyst)).find((v) => v.id === id).role, await names(reader), await names(w.bnk)], ['org_admin', [], ['Late']]);
  assert.equal((await share(w.bnk, id, { whom: 'me' })).status, 200, 'who may share takes out what another shared');
  assert.deepEqual([await names(w.bnk), (await views(analyst)).find((v) => v.id === id).whom], [[], 'me']);
  assert.deepEqual([(await entries(analyst, 'view.shared')).length, (await entries(analyst, 'view.ended')).length], [2, 1]);
  assert.equal((await entries(w.mox, 'view.shared')).length, 0);
  assert.equal((await entries(officer, 'view.shared')).length, 2, 'the national desk sees that');
});

test('nobody changes, shares or removes another\'s; what stands in no menu of one\'s own is not there', async () => {
  const [{ id }] = (await views(analyst)).filter((v) => v.name.en === 'Late');
  const tries = (who) => [who.call('PATCH', `/api/views/${id}`, { json: { name_en: 'Mine' } }), who.call('DELETE', `/api/views/${id}`)];
  for (const who of [w.bnk, reader, w.mox, officer, desk]) for (const a of await Promise.all(tries(who))) refused(a, 404);
  refused(await share(w.bnk, id, { whom: 'me' }), 404);
  refused(await share(analyst, ABSENT, { whom: 'me' }), 404);
  refused(await share(analyst, '00000000-0000-0000-0000-000000000000', { whom: 'me' }), 404);
  await share(analyst, id, { whom: 'organisation' });
  for (const a of await Promise.all(tries(w.bnk))) refused(a, 403, 'error.office.view_yours');
  refused(await share(w.bnk, id, { whom: 'role', role: 'reader' }), 403, 'error.office.view_yours');
  refused(await share(reader, id, { whom: 'me' }), 403);
  refused(await key.call('DELETE', `/api/views/${id}`), 403);
  refused(await make(site.anyone()).catch(() => site.anyone().call('GET', '/api/views')), 401);
  await share(analyst, id, { whom: 'me' });
});

test('what a view may be of, and how many', async () => {
  const bad = async (json, pointer) => {
    const a = await analyst.call('POST', '/api/views', { json: { name_en: 'x', path: '/notices', ...json } });
    assert.deepEqual([a.status, a.json.pointer], [422, pointer], JSON.stringify(json));
  };
  for (const path of ['/', '//x.example', '/api/people', 'notices', '/notices/', '/l/x', '/Notices', 'javascript:x', '/notices?x=1', '/notices#x']) await bad({ path }, '/path');
  for (const query of ['a b', 'q=<x>', 'q="x"', 'a#b', "q='x'", 'q=\\', '?x', 'q=اردو', 'a;b']) await bad({ query }, '/query');
  await bad({ name_en: undefined }, '/name_en');
  await bad({ name_en: 'x'.repeat(61) }, '/name_en');
  await bad({ query: 'x'.repeat(2001) }, '/query');
  refused(await share(analyst, (await views(analyst))[0].id, { whom: 'role' }), 422, 'error.office.view_role');
  for (let n = 0; n < 100; n++) await make(reader, { name_en: `V ${n}` });
  const a = await reader.call('POST', '/api/views', { json: { name_en: 'one more', path: '/notices' } });
  refused(a, 409, 'error.office.view_many');
  assert.match(a.json.detail, /100/);
});

test('removed, it is gone from every menu; the ledger proves', async () => {
  const [{ id }] = (await views(analyst)).filter((v) => v.name.en === 'Late');
  await share(analyst, id, { whom: 'organisation' });
  await analyst.ok('DELETE', `/api/views/${id}`);
  for (const who of [analyst, w.bnk, reader]) assert.ok(!(await names(who)).includes('Late'));
  refused(await analyst.call('DELETE', `/api/views/${id}`), 404);
  assert.equal((await entries(analyst, 'view.ended'))[0].subject, id);
  await desk.ok('POST', '/api/ledger/verify');
});

test('by the command line', async () => {
  const made = await site.cli(['view', 'add', '/notices', 'Held', '--query', 'state=held', '--json']);
  assert.equal(made.code, 0, made.err);
  const { id } = made.json;
  assert.equal((await site.cli(['view', 'share', id, 'role', '--role', 'coordinator'])).code, 0);
  assert.ok((await names(officer)).includes('Held'));
  assert.match((await site.cli(['view', 'ls'])).out, /Held.*\/notices.*state=held.*coordinator/);
  assert.equal((await site.cli(['view', 'set', id, '--name-en', 'Still held'])).code, 0);
  assert.equal((await site.cli(['view', 'rm', id])).code, 0);
  assert.deepEqual((await views(desk)).length, 0);
});
