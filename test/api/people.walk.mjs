// Walk (i), second half: a focal person is invited, comes in, is who they are, and goes; keys.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { send } from './harness.mjs';
import { Site, cookieOf, poll, refused } from './site.mjs';

let site, desk, org;
before(async () => {
  site = await Site.open();
  desk = site.desk;
  org = (await site.org('MOX', { name_ur: 'وزارتِ امثال', lang: 'ur' })).id;
});
after(() => site.close());

const invite = (mail, more = {}) => desk.post('/api/people', { name: `P ${mail}`, mail, org, contact_role: 'focal', lang: 'en', ...more });
const signIn = (mail, password) => site.anyone().call('POST', '/api/session', { json: { mail, password } });
const GOOD = 'a sentence that only I know';

test('the first link signs the founder in, once', async () => {
  const a = await site.open(site.link);
  assert.equal(a.status, 200);
  const who = await site.enter(site.link);
  const s = await who.get('/api/session');
  assert.equal(s.national, true);
  assert.deepEqual([s.realm.name, s.realm.kind], ['live', 'live']);
  assert.ok(s.permissions.includes('org.import'));
  assert.equal((await site.press(site.link)).status, 404);
});

test('whoever is on the machine gets a link for the browser; nobody else does', async () => {
  const { link } = await desk.ok('POST', '/api/session/link');
  const who = await site.enter(link);
  assert.equal((await who.get('/api/session')).national, true);
  refused(await who.call('POST', '/api/session/link'), 403);
});

test('an invitation: looking changes nothing, mistakes are told, then it works once', async () => {
  const { link, expires } = await invite('one@mox.example', { lang: 'ur' });
  assert.ok(Date.parse(expires) > Date.now() + 70 * 3600e3);
  const size = (await desk.get('/api/ledger?limit=1')).size;
  const pages = [await site.open(link), await site.open(link)];
  for (const p of pages) {
    assert.equal(p.status, 200);
    assert.match(p.text, /<html[^>]*lang="ur"[^>]*dir="rtl"|<html[^>]*dir="rtl"[^>]*lang="ur"/);
    assert.match(p.text, /وزارتِ امثال/);
    assert.equal(p.headers['set-cookie'], undefined);
    assert.match(p.headers['referrer-policy'] ?? '', /no-referrer/);
  }
  assert.equal((await desk.get('/api/ledger?limit=1')).size, size);
  for (const form of [{ password: 'short', again: 'short' }, { password: GOOD, again: `${GOOD}!` }, { password: 'aaaaaaaaaaaaaa', again: 'aaaaaaaaaaaaaa' }, {}]) {
    const wrong = await site.press(link, form);
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /role="alert"/);
    assert.match(wrong.text, /[؀-ۿ]{3,}/);
  }
  const in1 = await site.press(link, { password: GOOD, again: GOOD });
  assert.deepEqual([in1.status, in1.headers.location], [303, '/']);
  assert.match([in1.headers['set-cookie']].flat()[0], /(?=.*HttpOnly)(?=.*SameSite)(?=.*Secure)/i);
  const me = await site.client({ cookie: cookieOf(in1) }).get('/api/session');
  assert.deepEqual([me.national, me.org.key, me.lang], [false, 'MOX', 'ur']);
  assert.equal((await site.press(link, { password: GOOD, again: GOOD })).status, 404);
  assert.equal((await site.open(link)).status, 404);
  assert.equal((await signIn('one@mox.example', GOOD)).status, 200);
});

test('a fresh invitation ends the one before', async () => {
  const first = await invite('two@mox.example');
  const second = await desk.ok('POST', `/api/people/${first.id}/invitation`);
  assert.equal((await site.open(first.link)).status, 404);
  assert.equal((await site.open(second.link)).status, 200);
  refused(await desk.call('POST', '/api/people', { json: { name: 'Again', mail: 'TWO@mox.example', org } }), 409);
});

test('an expired invitation is refused', async () => {
  const realm = await desk.post('/api/realms', { name: 'demo', kind: 'demo' });
  const there = site.client({ key: realm.key });
  const o = await there.post('/api/organisations', { key: 'X', name_en: 'X', kind: 'bank' });
  const { link, expires } = await there.post('/api/people', { name: 'X', mail: 'x@x.example', org: o.id, contact_role: 'focal' });
  assert.equal((await site.open(link)).status, 200);
  await there.ok('PUT', '/api/realm/clock', { json: { now: new Date(Date.parse(expires) + 1000).toISOString() } });
  assert.equal((await site.open(link)).status, 404);
  assert.equal((await site.press(link, { password: GOOD, again: GOOD })).status, 404);
  refused(await desk.call('PUT', '/api/realm/clock', { json: { now: expires } }), 403);
  await desk.ok('DELETE', '/api/realms/demo');
  assert.equal((await there.call('GET', '/api/session')).status, 401);
});

test('a wrong password and an unknown mail get the same answer; guessing is slowed', async () => {
  await site.person(org, 'three@mox.example');
  const wrong = await signIn('three@mox.example', 'not the password'), unknown = await signIn('nobody@mox.example', 'not the password');
  assert.equal(wrong.status, 401);
  assert.equal(wrong.text, unknown.text);
  const seen = [];
  for (let i = 0; i < 8; i++) seen.push((await signIn('three@mox.example', `guess ${i}`)).status);
  assert.ok(seen.includes(429), seen.join());
  const slowed = await signIn('three@mox.example', 'a long one for three@mox.example');
  assert.equal(slowed.status, 429, 'a right password does not get round the throttle');
  refused(slowed, 429);
});

test('signing out ends the session and its stream at once', async () => {
  const who = await site.person(org, 'four@mox.example');
  const stream = who.stream();
  await stream.ready;
  await who.ok('DELETE', '/api/session');
  assert.equal((await who.call('GET', '/api/session')).status, 401);
  await desk.post(`/api/organisations/${org}/networks`, { value: '198.18.200.0/24' });
  await poll('the stream ends', () => stream.over, 5000);
  assert.equal(stream.events.length, 0);
});

test('a disabled person is out at once: session, key, password, stream', async () => {
  const who = await site.person(org, 'five@mox.example');
  const { secret } = await who.post('/api/keys', { name: 'mine', access: 'write' });
  const byKey = site.client({ key: secret }), stream = who.stream();
  await stream.ready;
  assert.equal((await byKey.call('GET', '/api/session')).status, 200);
  const p = (await desk.all('/api/people')).find((x) => x.id === who.id);
  await desk.ok('PATCH', `/api/people/${who.id}`, { json: { state: 'disabled' }, ifMatch: `"v${p.version}"` });
  assert.equal((await who.call('GET', '/api/session')).status, 401);
  assert.equal((await byKey.call('GET', '/api/session')).status, 401);
  assert.equal((await signIn('five@mox.example', who.password)).status, 401);
  refused(await desk.call('POST', `/api/people/${who.id}/invitation`), 409);
  await desk.post(`/api/organisations/${org}/networks`, { value: '198.18.201.0/24' });
  await poll('the stream ends', () => stream.over, 5000);
  assert.equal(stream.events.length, 0);
});

test('a read key reads, a write key writes, a revoked key does neither', async () => {
  const read = await desk.post('/api/keys', { name: 'siem', access: 'read' });
  const write = await desk.post('/api/keys', { name: 'robot', access: 'write', days: 1 });
  const r = site.client({ key: read.secret }), w = site.client({ key: write.secret });
  await r.get('/api/organisations');
  refused(await r.call('POST', '/api/organisations', { json: { key: 'R', name_en: 'R', kind: 'bank' } }), 403);
  await w.post('/api/organisations', { key: 'W', name_en: 'W', kind: 'bank' });
  const keys = (await desk.get('/api/keys')).items;
  assert.ok(keys.every((k) => !('secret' in k)));
  assert.ok(keys.some((k) => k.id === read.id && k.access === 'read'));
  await desk.ok('DELETE', `/api/keys/${write.id}`);
  assert.equal((await w.call('GET', '/api/organisations')).status, 401);
  assert.equal((await site.client({ key: `${read.secret}x` }).call('GET', '/api/session')).status, 401);
  refused(await desk.call('POST', '/api/keys', { json: { name: 'k', access: 'all' } }), 422);
});

test('a language is one\'s own', async () => {
  const who = await site.person(org, 'six@mox.example', { lang: 'en' });
  await who.ok('PATCH', '/api/session', { json: { lang: 'ur' } });
  assert.equal((await who.get('/api/session')).lang, 'ur');
  const a = await who.call('GET', '/api/organisations/00000000-0000-4000-8000-000000000000');
  assert.match(a.text, /[؀-ۿ]{3,}/);
});

test('a cookie from another site acts on nothing', async () => {
  const who = await site.person(org, 'seven@mox.example');
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, {}]) {
    const a = await send(site.server, 'DELETE', '/api/session', { headers: { cookie: who.cookie, ...headers } });
    assert.equal(a.status, 403, JSON.stringify(headers));
  }
  assert.equal((await who.call('GET', '/api/session')).status, 200);
});

test('people are listed with their contacts, and change by version', async () => {
  await invite('eight@mox.example');
  const p = (await desk.all('/api/people?org=' + org)).find((x) => x.mail === 'eight@mox.example');
  assert.deepEqual([p.state, p.contact_role, p.org.key], ['invited', 'focal', 'MOX']);
  await desk.ok('PATCH', `/api/people/${p.id}`, { json: { contact_role: 'technical', phone: '+92 51 2' }, ifMatch: `"v${p.version}"` });
  refused(await desk.call('PATCH', `/api/people/${p.id}`, { json: { phone: '1' }, ifMatch: `"v${p.version}"` }), 412);
});
