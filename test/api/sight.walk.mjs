// Visibility: what is not yours is not there. Two agencies, an auditor, an administrator and the desk
// look at the same country; each answer is a function of what its viewer may see.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, poll } from './site.mjs';
import { populate } from './world.mjs';

const ABSENT = '00000000-0000-4000-8000-000000000000';
let site, desk, w, theirs, site_org;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  desk = site.desk;
  w = await populate(site);
  site_org = w.CERT;
  await w.give([['198.18.4.10'], ['198.18.64.20'], ['192.0.2.9']]);
  const notice = await poll('a notice that left', async () => (await w.mox.get('/api/notices')).items.find((n) => n.state === 'sent'), 30000);
  await poll('the other', async () => (await w.bnk.get('/api/notices')).items.length, 30000);
  const [event] = (await w.mox.get('/api/events')).items;
  const [finding] = (await w.mox.get('/api/findings')).items;
  const [network] = (await w.mox.get(`/api/organisations/${w.MOX}/networks`)).items;
  const key = await w.mox.post('/api/keys', { name: 'mine', access: 'read' });
  theirs = { notice, event, finding, network, key, person: w.mox.id };
});
after(() => site.close());

const ids = (items) => items.map((x) => x.id);

test('each agency sees its own, and the counts are its own', async () => {
  for (const [who, org, ip, other] of [[w.mox, w.MOX, '198.18.4.10', '198.18.64.20'], [w.bnk, w.BNK, '198.18.64.20', '198.18.4.10']]) {
    assert.deepEqual((await who.get('/api/events')).items.map((e) => e.ip), [ip]);
    const s = await who.get('/api/events/summary');
    assert.equal(s.count, 1);
    assert.ok(!JSON.stringify(s).includes(other));
    for (const facet of Object.values(s.facets)) assert.ok(facet.reduce((n, f) => n + f.count, 0) <= 1, JSON.stringify(s.facets));
    assert.deepEqual((await who.get('/api/findings')).items.map((f) => f.org.id), [org]);
    const notices = (await who.get('/api/notices')).items;
    assert.ok(notices.length >= 1 && notices.every((n) => n.org.id === org));
    assert.equal((await who.get(`/api/events?q=${other}`)).items.length, 0);
    assert.equal((await who.get(`/api/events/summary?q=${other}`)).count, 0);
    assert.equal((await who.get('/api/events?unowned=true')).items.length, 0);
    assert.equal((await who.get('/api/agency')).org.id, org);
    const status = await who.get('/api/status');
    assert.deepEqual([status.events_24h, status.findings_open, status.ledger_size, status.feeds_total], [1, 1, null, null]);
  }
  assert.equal((await desk.get('/api/events/summary')).count, 3);
});

test('people, contacts and networks of another agency are not told', async () => {
  const people = await w.bnk.all('/api/people');
  assert.ok(ids(people).includes(w.bnk.id) && !ids(people).includes(w.mox.id));
  const text = JSON.stringify(people);
  assert.ok(!text.includes('focal@mox.example') && !text.includes('عائشہ'));
  const a = await w.bnk.call('GET', `/api/organisations/${w.MOX}/networks`);
  assert.ok(a.status === 404 || a.json.items.length === 0, a.text);
  const all = await w.bnk.all('/api/organisations');
  assert.ok(!JSON.stringify(all).includes('198.18.4.'));
  const look = await w.bnk.get('/api/lookup?q=198.18.4.10');
  assert.ok(!look.owner && !(look.seen > 0), JSON.stringify(look));
  assert.ok(!JSON.stringify((await w.bnk.get('/api/lookup?q=focal%40mox.example')).hits).includes(w.mox.id));
  const n = await w.bnk.get(`/api/lookup?q=${theirs.notice.number}`);
  assert.equal(n.hits.length, 0);
});

/** Every read by id: what is another's answers like what was never there, but for the id itself. */
test('another agency\'s id and an id that never was get the same answer', async () => {
  const targets = [['/api/notices/', theirs.notice.id], ['/api/findings/', theirs.finding.id], ['/api/events/', theirs.event.id]];
  for (const [target, id] of targets) {
    const real = await w.bnk.call('GET', target + id), none = await w.bnk.call('GET', target + ABSENT);
    assert.equal(real.status, 404, real.text);
    assert.equal(real.text.replaceAll(id, 'ID'), none.text.replaceAll(ABSENT, 'ID'));
    const keep = ({ date, ...rest }) => rest;
    assert.deepEqual(keep(real.headers), keep(none.headers));
  }
  for (const query of [`/api/notices?org=${w.MOX}`, `/api/findings?org=${w.MOX}`, `/api/findings?notice=${theirs.notice.id}`, `/api/events?org=${w.MOX}`, `/api/people?org=${w.MOX}`]) {
    const a = await w.bnk.call('GET', query), none = await w.bnk.call('GET', query.replace(/=[^=]*$/, `=${ABSENT}`));
    assert.equal(a.status, none.status, query);
    assert.deepEqual(a.json?.items ?? [], none.json?.items ?? [], query);
    assert.equal((a.json?.items ?? []).length, 0, `${query} ${a.text}`);
  }
});

test('another agency\'s id in every write: not there, or not allowed, and nothing changes', async () => {
  const size = (await desk.get('/api/ledger?limit=1')).size;
  const writes = [
    ['PATCH', `/api/organisations/${w.MOX}`, { name_en: 'Taken' }, '"v1"'], ['POST', `/api/organisations/${w.MOX}/networks`, { value: '203.0.113.0/24' }],
    ['DELETE', `/api/networks/${theirs.network.id}`], ['PATCH', `/api/people/${w.mox.id}`, { state: 'disabled' }],
    ['POST', `/api/people/${w.mox.id}/invitation`], ['POST', '/api/people', { name: 'Spy', mail: 'spy@mox.example', org: w.MOX, roles: ['org_admin'] }],
    ['POST', '/api/people', { name: 'Spy', mail: 'spy2@cert.example', org: site_org, roles: ['admin'] }],
    ['DELETE', `/api/keys/${theirs.key.id}`], ['POST', `/api/findings/${theirs.finding.id}/answer`, { answer: 'fixed' }],
    ['POST', `/api/notices/${theirs.notice.id}/acknowledge`], ['POST', `/api/notices/${theirs.notice.id}/undo`],
    ['POST', '/api/realms', { name: 'mine', kind: 'demo' }], ['POST', '/api/feeds', { key: 'f', format: 'csv' }], ['POST', '/api/indicators', { value: '198.18.4.10', why: 'x' }],
  ];
  for (const [method, target, json, ifMatch] of writes) {
    const a = await w.bnk.call(method, target, { json, ifMatch });
    assert.ok([403, 404].includes(a.status), `${method} ${target}: ${a.status} ${a.text}`);
    if (a.status !== 404) continue;
    const none = await w.bnk.call(method, target.replace(/[0-9a-f-]{36}/, ABSENT), { json, ifMatch });
    assert.equal(a.text, none.text, `${method} ${target}`);
  }
  assert.equal((await desk.get('/api/ledger?limit=1')).size, size, 'the ledger grew');
  assert.equal((await w.mox.get(`/api/notices/${theirs.notice.id}`)).state, 'sent');
});

test('an agency\'s own rights end where its role ends', async () => {
  const reader = await site.person(w.BNK, 'reader@bnk.example', { contact_role: 'management', roles: ['reader'] });
  assert.equal((await reader.get('/api/findings')).items.length, 1);
  const [f] = (await reader.get('/api/findings')).items;
  assert.equal((await reader.call('POST', `/api/findings/${f.id}/answer`, { json: { answer: 'fixed' } })).status, 403);
  assert.equal((await reader.call('POST', '/api/keys', { json: { name: 'k', access: 'read' } })).status, 403);
  assert.equal((await reader.call('PATCH', `/api/people/${w.bnk.id}`, { json: { state: 'disabled' } })).status, 403);
  const up = await w.bnk.call('POST', '/api/people', { json: { name: 'Up', mail: 'up@bnk.example', org: w.BNK, roles: ['coordinator'] } });
  assert.ok([403, 422].includes(up.status), up.text);
  const own = await w.bnk.call('POST', '/api/people', { json: { name: 'Colleague', mail: 'colleague@bnk.example', org: w.BNK, roles: ['reader'] } });
  assert.equal(own.status, 201, own.text);
});

test('an administrator sees accounts and no content; an auditor the ledger and no content', async () => {
  const admin = await site.person(site_org, 'admin@cert.example', { contact_role: 'none', roles: ['admin'] });
  assert.ok((await admin.get('/api/people')).items.length > 0);
  for (const target of ['/api/events', '/api/findings', '/api/notices', '/api/organisations']) assert.equal((await admin.call('GET', target)).status, 403, target);
  const auditor = await site.person(site_org, 'auditor@cert.example', { contact_role: 'none', roles: ['auditor'] });
  const page = await auditor.get('/api/ledger');
  assert.ok(page.items.length > 0 && page.size > 0 && page.root);
  assert.ok((await auditor.ok('POST', '/api/ledger/verify')).entries > 0);
  for (const target of ['/api/events', '/api/findings', '/api/notices', '/api/people', '/api/feeds']) assert.equal((await auditor.call('GET', target)).status, 403, target);
  assert.equal((await auditor.call('POST', '/api/organisations', { json: { key: 'A', name_en: 'A', kind: 'bank' } })).status, 403);
});

test('ledger entries and the stream tell an agency of its own alone', async () => {
  const mine = await w.bnk.all('/api/ledger');
  const hidden = new Set([theirs.notice.id, theirs.finding.id, w.mox.id, theirs.network.id, theirs.key.id]);
  assert.ok(mine.length > 0 && mine.every((e) => !hidden.has(e.subject)));
  const page = await w.bnk.get('/api/ledger');
  assert.deepEqual([page.size, page.root], [null, null]);
  const a = w.bnk.stream(), b = w.mox.stream(), d = desk.stream();
  await Promise.all([a.ready, b.ready, d.ready]);
  await w.mox.ok('POST', `/api/notices/${theirs.notice.id}/acknowledge`);
  const [n] = (await w.bnk.get('/api/notices')).items;
  await w.bnk.ok('POST', `/api/notices/${n.id}/acknowledge`);
  await a.until('its own', (e) => e.subject === n.id);
  await b.until('its own', (e) => e.subject === theirs.notice.id);
  await d.until('both', (e) => e.subject === n.id);
  assert.ok(a.events.every((e) => !hidden.has(e.subject)), JSON.stringify(a.events));
  assert.ok(b.events.every((e) => e.subject !== n.id));
  assert.ok(d.events.some((e) => e.subject === theirs.notice.id));
  for (const s of [a, b, d]) s.close();
});

test('nobody sees nothing', async () => {
  for (const target of ['/api/session', '/api/organisations', '/api/events', '/api/notices', `/api/notices/${theirs.notice.id}`, '/api/ledger', '/api/stream', '/api/status']) {
    assert.equal((await site.anyone().call('GET', target)).status, 401, target);
  }
  assert.equal((await site.anyone().call('GET', '/healthz')).status, 200);
  assert.equal((await site.anyone().call('GET', '/api/openapi.json')).status, 200);
});

test('a cursor of one viewer is worth nothing to another', async () => {
  const { next } = await desk.get('/api/organisations?limit=1');
  const a = await w.bnk.call('GET', `/api/organisations?limit=1&cursor=${encodeURIComponent(next)}`);
  assert.equal(a.status, 422);
});
