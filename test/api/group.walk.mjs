// Walk: sharing groups. Made, renamed, members in and out; what that was said to come to, organisation by
// organisation, is what its people then get; above AMBER letting in needs a second person.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, refused } from './site.mjs';
import { populate } from './world.mjs';

const ABSENT = '00000000-0000-4000-8000-000000000000';
let site, desk, w, officer, other, client, group, values;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  desk = site.desk;
  w = await populate(site);
  w.CLIENT = (await site.org('CLIENT', { provider_key: 'BNK' })).id;
  w.OTHER = (await site.org('OTHER')).id;
  officer = await site.person(w.CERT, 'officer@cert.example', { roles: ['reader', 'analyst', 'coordinator'], lang: 'en' });
  other = await site.person(w.OTHER, 'reader@other.example', { roles: ['reader'], lang: 'en' });
  client = await site.person(w.CLIENT, 'reader@client.example', { roles: ['reader'], lang: 'en' });
});
after(() => site.close());

const get = async (who) => (await who.all('/api/indicators')).filter((i) => values.includes(i.value)).length;
const change = async (json, who = officer) => who.call('PATCH', `/api/groups/${group.id}`, { json, ifMatch: `"v${(await officer.get(`/api/groups/${group.id}`)).version}"` });
const preview = (q) => officer.get(`/api/groups/${group.id}/preview?${new URLSearchParams(q)}`);

test('a group is made, and known to its members and its keeper alone', async () => {
  group = await officer.post('/api/groups', { name_en: 'Banks', name_ur: 'بینک', kind: 'sector', members: [w.BNK] });
  const g = await officer.get(`/api/groups/${group.id}`);
  assert.deepEqual([g.name.en, g.name.ur, g.kind, g.members, g.own, g.may_change], ['Banks', 'بینک', 'sector', 1, true, true]);
  assert.deepEqual(g.organisations.map((o) => o.key), ['BNK']);
  assert.equal((await w.bnk.get(`/api/groups/${group.id}`)).own, false);
  assert.deepEqual((await w.bnk.get('/api/groups')).items.map((x) => x.id), [group.id]);
  const hidden = await w.mox.call('GET', `/api/groups/${group.id}`), absent = await w.mox.call('GET', `/api/groups/${ABSENT}`);
  assert.deepEqual([hidden.status, hidden.text], [404, absent.text]);
  assert.deepEqual((await w.mox.get('/api/groups')).items, []);
  refused(await w.bnk.call('POST', '/api/groups', { json: { name_en: 'Mine', kind: 'case' } }), 403);
});

test('what is shared with it is seen by its members, and by clients of members as far as AMBER', async () => {
  values = [];
  for (const tlp of ['AMBER', 'AMBER', 'AMBER+STRICT']) {
    const value = `shared-${values.length}.example`, { id } = await officer.post('/api/indicators', { value, why: 'x', tlp: 'RED' === tlp ? undefined : 'AMBER+STRICT' });
    values.push(value);
    const a = await officer.call('PATCH', `/api/indicators/${id}/reach`, { json: { tlp, group: group.id }, ifMatch: '"v1"' });
    assert.equal(a.status, 202, 'from AMBER+STRICT by two');
    await desk.ok('POST', `/api/acts/${a.json.id}/approval`);
  }
  assert.deepEqual([await get(w.bnk), await get(client), await get(w.mox), await get(other)], [3, 2, 0, 0]);
});

test('letting in: previewed, then by two, for something is above AMBER', async () => {
  const p = await preview({ add: w.MOX });
  assert.deepEqual([p.widens, p.second, p.gains.indicators, p.loses.indicators], [true, true, 3, 0]);
  assert.deepEqual(p.items.map((i) => [i.org.key, i.change, i.gains.indicators]), [['MOX', 'in', 3]]);
  const a = await change({ add: [w.MOX] });
  assert.equal(a.status, 202);
  assert.equal(await get(w.mox), 0, 'nothing until the second');
  const act = (await desk.get('/api/acts')).items.find((i) => i.id === a.json.id);
  assert.deepEqual([act.act, act.asker], ['group_change', 'P officer@cert.example']);
  await desk.ok('POST', `/api/acts/${a.json.id}/approval`);
  assert.equal(await get(w.mox), 3);
});

test('a member that goes takes its clients with it', async () => {
  const p = await preview({ remove: w.BNK });
  assert.deepEqual([p.widens, p.second, p.loses.indicators], [false, false, 5]);
  assert.deepEqual(p.items.map((i) => [i.org.key, i.change, i.loses.indicators]).sort(), [['BNK', 'out', 3], ['CLIENT', 'client', 2]]);
  assert.equal((await change({ remove: [w.BNK] })).status, 200);
  assert.deepEqual([await get(w.bnk), await get(client), await get(w.mox)], [0, 0, 3]);
  assert.equal((await w.bnk.call('GET', `/api/groups/${group.id}`)).status, 404);
});

test('one comes as another goes', async () => {
  const q = { add: `${w.OTHER} ${w.BNK}`, remove: w.MOX }, p = await preview(q);
  assert.deepEqual(p.items.map((i) => [i.org.key, i.gains.indicators, i.loses.indicators]).sort(), [['BNK', 3, 0], ['CLIENT', 2, 0], ['MOX', 0, 3], ['OTHER', 3, 0]]);
  const a = await change({ add: [w.OTHER, w.BNK], remove: [w.MOX] });
  await desk.ok('POST', `/api/acts/${a.json.id}/approval`);
  assert.deepEqual([await get(other), await get(w.bnk), await get(client), await get(w.mox)], [3, 3, 2, 0]);
});

test('renamed; refused where it must be', async () => {
  assert.equal((await change({ name_en: 'Banks and others' })).status, 200);
  assert.deepEqual((({ en, ur }) => [en, ur])((await officer.get(`/api/groups/${group.id}`)).name), ['Banks and others', 'بینک']);
  refused(await change({ name_en: 'x' }, w.bnk), 403);
  refused(await officer.call('PATCH', `/api/groups/${group.id}`, { json: { name_en: 'x' } }), 400, 'error.api.if_match_missing');
  refused(await change({ add: [ABSENT] }), 422, 'error.office.member_unknown');
  const [single] = (await officer.get('/api/groups?single=true')).items.filter((g) => g.kind === 'national');
  assert.equal(single.may_change, false);
  refused(await officer.call('PATCH', `/api/groups/${single.id}`, { json: { add: [w.MOX] }, ifMatch: `"v${single.version}"` }), 409, 'error.office.group_kept');
  const key = site.client({ key: (await officer.post('/api/keys', { name: 'w', access: 'write' })).secret });
  assert.equal((await change({ add: [w.MOX] }, key)).json.step_up, 'key');
});

test('the ledger says who came and who went, to the keeper and to that organisation', async () => {
  const types = async (who) => (await who.all('/api/ledger')).filter((e) => e.type.startsWith('sharing_group.') && e.subject === group.id).map((e) => e.type);
  const all = await types(officer);
  assert.deepEqual([all.filter((t) => t === 'sharing_group.joined').length, all.filter((t) => t === 'sharing_group.left').length], [4, 2]);
  assert.ok(all.includes('sharing_group.created'));
  const mox = (await types(w.mox)).filter((t) => /joined|left/.test(t));
  assert.deepEqual(mox.sort(), ['sharing_group.joined', 'sharing_group.left'], 'of itself alone');
  assert.ok((await desk.ok('POST', '/api/ledger/verify')).entries > 0);
});

test('the command line lists and shows them', async () => {
  const r = await site.cli(['group', 'ls', '--json']);
  assert.equal(r.code, 0, r.err);
  assert.ok(r.json.items.some((g) => g.id === group.id));
  const p = await site.cli(['group', 'preview', group.id, '--add', w.MOX, '--json']);
  assert.equal(p.code, 0, p.err);
  assert.equal(p.json.gains.indicators, 3);
});
