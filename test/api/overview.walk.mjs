// Walk: one organisation in figures. Whoever asks, each figure is as long as the list that it leads to, for the same
// person; what a person may not see is in none of them; a part that is not theirs to see is not there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, poll, refused } from './site.mjs';
import { populate } from './world.mjs';

let site, w, second, auditor, officer;
const DAY = 24;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  w = await populate(site);
  await w.give([['198.18.4.10'], ['198.18.4.11'], ['198.18.64.20']]);
  await w.give([['198.18.4.12']], undefined, { hoursAgo: 12 * DAY });
  await w.give([['198.18.4.13']], undefined, { hoursAgo: 40 * DAY });
  await poll('a notice', async () => (await w.mox.get('/api/notices')).items.find((n) => n.state === 'sent'), 30000);
  await poll('the other', async () => (await w.bnk.get('/api/notices')).items.length, 30000);
  await poll('all findings', async () => (await w.mox.get('/api/findings')).items.length === 4, 30000);
  second = await site.person(w.MOX, 'second@mox.example', { contact_role: 'technical', roles: ['reader'] });
  officer = await site.person(w.CERT, 'officer@cert.example', { contact_role: 'none', roles: ['reader', 'coordinator'] });
  auditor = await site.person(w.CERT, 'auditor@cert.example', { contact_role: 'none', roles: ['auditor'] });
});
after(() => site?.close());

const view = (who, org = w.MOX) => who.get(`/api/organisations/${org}/overview`);
const query = (filter) => new URLSearchParams(Object.entries(filter).filter(([, v]) => v !== undefined));
const length = async (who, path, filter) => (await who.all(`${path}?${query(filter)}`)).length;

/** Every figure of an answer against the list that the console opens for it. */
async function held(who, org) {
  const o = await view(who, org), f = o.findings, n = o.notices, p = o.people, edge = (i) => ({ opened_from: f.age_edges[i], opened_until: i > 0 ? f.age_edges[i - 1] : undefined });
  assert.ok(f.whole && n.whole && p.whole);
  assert.equal(f.counted, await length(who, '/api/findings', { org }));
  assert.equal(f.open, await length(who, '/api/findings', { org, state: 'open' }));
  for (const k of f.kinds) {
    assert.equal(k.open, await length(who, '/api/findings', { org, state: 'open', identifier: k.identifier }));
    for (const [i, of] of k.ages.entries()) assert.equal(of, await length(who, '/api/findings', { org, state: 'open', identifier: k.identifier, ...edge(i) }), `${k.identifier} ${i}`);
    assert.equal(k.ages.reduce((a, b) => a + b), k.open);
  }
  for (const k of f.weeks) {
    const of = { org, opened_from: k.from, opened_until: k.until };
    assert.deepEqual([k.opened, k.open], [await length(who, '/api/findings', of), await length(who, '/api/findings', { ...of, state: 'open' })], k.from);
  }
  for (const state of ['held', 'sent', 'acknowledged', 'undone']) assert.equal(n[state], await length(who, '/api/notices', { org, state }), state);
  assert.equal(n.late, await length(who, '/api/notices', { org, state: 'sent', late: true }));
  assert.equal(n.answered.n, n.acknowledged);
  for (const c of n.channels) assert.equal(c.notices, await length(who, '/api/notices', { org, channel: c.channel, delivery: c.state }), `${c.channel} ${c.state}`);
  for (const state of ['active', 'invited', 'disabled']) assert.equal(p[state], await length(who, '/api/people', { org, state }), state);
  assert.deepEqual([p.contacts, p.due], [await length(who, '/api/people', { org, contact: 'any' }), await length(who, '/api/people', { org, contact: 'due' })]);
  const nets = (await who.get(`/api/organisations/${org}/networks`)).items;
  for (const kind of ['cidr', 'asn', 'domain']) assert.equal(o.networks[kind], nets.filter((x) => x.kind === kind && x.state === 'approved').length, kind);
  return o;
}

test('each figure is as long as its list, for the desk, the agency, its reader', async () => {
  for (const who of [w.desk, w.mox, second]) {
    const o = await held(who, w.MOX);
    assert.equal(o.org.key, 'MOX');
    assert.deepEqual([o.findings.open, o.findings.kinds.map((k) => k.ages)], [4, [[2, 1, 1, 0]]]);
    assert.equal(o.people.contacts, 2);
    assert.deepEqual(o.networks, { cidr: 2, asn: 0, domain: 1 });
    assert.ok(o.notices.channels.some((c) => c.channel === 'portal' && c.state === 'sent'), JSON.stringify(o.notices.channels));
  }
  const o = await view(w.desk, w.BNK);
  assert.deepEqual([o.findings.open, o.findings.weeks.at(-1)].map((x) => x.opened ?? x), [1, 1]);
});

test('another agency is told nothing of it; a part that is not theirs is not there', async () => {
  const other = await w.bnk.call('GET', `/api/organisations/${w.MOX}/overview`);
  refused(other, 404);
  refused(await w.bnk.call('GET', '/api/organisations/00000000-0000-4000-8000-000000000000/overview'), 404);
  const o = await view(auditor, w.MOX);
  assert.deepEqual([o.findings, o.notices, o.people, o.groups], [undefined, undefined, undefined, []]);
  assert.equal((await w.mox.get('/api/organisations/MOX/overview')).org.id, w.MOX, 'by its key too');
});

test('what changes moves the figures: fixed, acknowledged, away, in a group', async () => {
  const [one] = (await w.mox.get('/api/findings?state=open')).items;
  await w.mox.ok('POST', `/api/findings/${one.id}/answer`, { json: { answer: 'fixed' } });
  for (const n of (await w.mox.get('/api/notices?state=sent')).items) await w.mox.ok('POST', `/api/notices/${n.id}/acknowledge`);
  const at = (days) => new Date(Date.now() + days * 86400e3).toISOString().replace(/\.\d+/, '');
  await w.mox.post('/api/leaves', { from: at(-0.01), until: at(3), deputy: second.id });
  const group = await officer.post('/api/groups', { name_en: 'Examples', kind: 'sector', members: [w.MOX] });
  for (const who of [w.desk, w.mox, second]) {
    const o = await held(who, w.MOX);
    assert.equal(o.findings.open, 3);
    assert.ok(o.notices.acknowledged >= 1 && o.notices.answered.median_s === undefined, JSON.stringify(o.notices));
    assert.deepEqual(o.people.away.map((a) => [a.person.id, a.deputy?.id]), [[w.mox.id, second.id]]);
    assert.deepEqual(o.groups.map((g) => g.id), (await who.all('/api/groups')).map((g) => g.id));
    assert.deepEqual(o.groups.map((g) => g.id), [group.id]);
  }
});

test('a list by what it is not: nothing, and an answer in words', async () => {
  assert.equal(await length(w.desk, '/api/notices', { org: w.MOX, channel: 'letter' }), 0);
  assert.equal(await length(w.desk, '/api/findings', { org: w.MOX, opened_from: '2090-01-01T00:00:00Z' }), 0);
  refused(await w.desk.call('GET', '/api/notices?channel=pigeon'), 422);
  refused(await w.desk.call('GET', '/api/findings?opened_from=yesterday'), 422);
  refused(await w.desk.call('GET', '/api/people?contact=some'), 422);
});
