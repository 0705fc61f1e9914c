// Credentials: nobody raises himself by another's; nothing but a right one lets in; guessing is slowed whatever
// it looks like; a session belongs to one site and ends when it ends.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLES, grants } from '../matrix/expect.mjs';
import { randomBytes } from 'node:crypto';
import { addAuthenticator } from '../api/authenticator.mjs';
import { send, sleep } from '../api/harness.mjs';
import { Site, cookieOf, refused } from '../api/site.mjs';
import { SoftKey } from '../api/soft_key.mjs';
import { ABSENT, unchanged } from './ground.mjs';

const ALL = ROLES.slice(0, 6);
let site, desk, cert, agency;
before(async () => {
  site = await Site.open();
  desk = site.desk;
  cert = (await desk.get('/api/session')).org.id;
  agency = (await site.org('MOX')).id;
});
after(() => site.close());

/** A key that acts for a person with these roles; made in a realm of its own, where an administrator may. */
async function people(realm, org, list) {
  const made = {};
  for (const role of list) {
    const p = await realm.post('/api/people', { name: role, mail: `${role}.${org.slice(0, 8)}@example.org`, org, roles: [role], contact_role: 'none', ...(role === 'auditor' ? { roles_until: new Date(Date.now() + 30 * 86400e3).toISOString() } : {}) });
    await realm.ok('PATCH', `/api/people/${p.id}`, { json: { state: 'active' } });
    const { secret } = await realm.post('/api/keys', { name: role, access: 'write', person: p.id });
    made[role] = Object.assign(site.client({ key: secret }), { id: p.id });
  }
  return made;
}

/** All pairs of roles on every route that makes, changes or hands out somebody's credentials. */
async function pairsOf(realm, org, standing, session) {
  const who = await people(realm, org, ALL);
  for (const by of ALL) for (const over of ALL) {
    const tries = [
      ['invites', 'POST', `/api/people/${who[over].id}/invitation`],
      ['changes', 'PATCH', `/api/people/${who[over].id}`, { phone: '1' }],
      ['raises himself', 'PATCH', `/api/people/${who[by].id}`, { roles: [by, over] }],
      ['adds', 'POST', '/api/people', { name: 'New', mail: `${by}.${over}.${standing}@new.example`, org, roles: [over] }],
      ['makes a key for', 'POST', '/api/keys', { name: 'k', access: 'write', person: who[over].id }],
    ];
    for (const [what, method, target, json] of tries) {
      const a = await who[by].call(method, target, { json });
      if (by === over && what === 'makes a key for') continue;
      const may = grants(standing, by, over, true);
      if (a.status < 300) assert.ok(may, `${standing}: ${by} ${what} ${over}: ${a.status} ${a.text}`);
      else assert.ok([403, 404, 409].includes(a.status), `${standing}: ${by} ${what} ${over}: ${a.status} ${a.text}`);
    }
  }
  for (const by of ALL) assert.deepEqual((await session(who[by])).roles.includes(by), true);
}

test('CVE-2019-12794 nobody hands out, resets or takes over more than he has', async () => {
  const { key } = await desk.post('/api/realms', { name: 'pairs', kind: 'demo' });
  const realm = site.client({ key }), home = (await realm.get('/api/session')).org.id;
  const other = (await realm.post('/api/organisations', { key: 'MOX', name_en: 'Body', kind: 'ministry' })).id;
  const session = (who) => who.get('/api/session');
  await pairsOf(realm, home, 'cert', session);
  await pairsOf(realm, other, 'member', session);
  await desk.ok('DELETE', '/api/realms/pairs');
});

test('rights held in one realm reach into no other', async () => {
  const { key } = await desk.post('/api/realms', { name: 'one', kind: 'demo' });
  await desk.post('/api/realms', { name: 'two', kind: 'demo' });
  const founder = site.client({ key }); // holds every role, there
  refused(await founder.call('DELETE', '/api/realms/two'), 403, 'error.realm.from_live');
  refused(await founder.call('POST', '/api/realms', { json: { name: 'three', kind: 'demo' } }), 403, 'error.realm.from_live');
  refused(await founder.call('DELETE', '/api/realms/live'), 403);
  for (const target of [`/api/organisations/${agency}`, `/api/organisations/${agency}/networks`]) assert.equal((await founder.call('GET', target)).status, 404, target);
  assert.deepEqual((await desk.get('/api/realms')).items.map((r) => r.name).sort(), ['live', 'one', 'two']);
  await founder.ok('DELETE', '/api/realms/one'); // its own
  await desk.ok('DELETE', '/api/realms/two');
});

test('CVE-2026-27960 no word, id or emptiness stands for a credential', async () => {
  const key = (await desk.post('/api/keys', { name: 'k', access: 'write' })).secret;
  await unchanged(site, () => tryWords(key));
});

async function tryWords(key) {
  const person = (await desk.get('/api/session')).person.id, secret = key.split('.')[1];
  const words = ['', 'null', 'undefined', 'true', '0', '1', 'admin', 'system', 'live.', 'live', '.', `live.${person}`, person, ABSENT, `live.${'A'.repeat(43)}`, `LIVE.${secret}`, `demo.${secret}`,
    `live.${secret.slice(0, -1)}`, `live.${secret}A`, `live.${secret.toLowerCase()}`, `live.${secret} `, `live..${secret}`, `live.${secret}.x`, `live.${Buffer.from(secret).toString('base64url').slice(0, 43)}`, '*', '%', "' OR 1=1--", 'live.\' OR \'1\'=\'1'];
  for (const word of words.filter((x) => x.trim() !== key)) {
    const byKey = await send(site.server, 'GET', '/api/session', { headers: { authorization: `Bearer ${word}` } });
    const right = word.trim() === `live.${secret}`; // white space around a header's value is not part of it
    assert.equal(byKey.status, right ? 200 : 401, `Bearer ${word}: ${byKey.text}`);
    const byCookie = await send(site.server, 'GET', '/api/session', { headers: { cookie: `__Host-minar=${word}` } });
    assert.equal(byCookie.status, 401, `cookie ${word}`);
  }
  for (const scheme of ['Basic', 'Token', 'bearer', 'Digest', 'Negotiate', '']) {
    const a = await send(site.server, 'GET', '/api/session', { headers: { authorization: `${scheme} ${Buffer.from('admin:admin').toString('base64')}` } });
    assert.equal(a.status, 401, scheme);
  }
  for (const headers of [{ 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' }, { 'x-remote-user': 'admin' }, { 'remote-user': 'admin' }, { 'x-forwarded-user': 'admin' }, { forwarded: 'for=127.0.0.1' }, { 'minar-realm': 'live' }, { 'x-minar-user': person }]) {
    assert.equal((await send(site.server, 'GET', '/api/session', { headers })).status, 401, JSON.stringify(headers));
  }
  for (const body of [{}, { mail: '', password: '' }, { mail: null, password: null }, { mail: 'admin', password: 'admin' }, { mail: ['a'], password: true }, { mail: 'root@localhost' }]) {
    assert.ok([401, 422].includes((await site.anyone().call('POST', '/api/session', { json: body })).status), JSON.stringify(body));
  }
}

/** Throttles and rates are in memory: they begin anew. */
async function restart() {
  await site.stop();
  await site.start();
}

test('CVE-2020-8890 guessing is slowed whatever method, case, form or clock it comes with', async () => {
  const who = await site.person(agency, 'élan.focal@mox.example'), spelled = ['élan.focal@mox.example', 'ÉLAN.FOCAL@MOX.EXAMPLE', 'e\u0301lan.focal@mox.example', ' élan.focal@mox.example ', 'Élan.Focal@Mox.Example', 'ｅ\u0301lan.focal@mox.example'];
  const signIn = (mail, password, headers) => site.anyone().call('POST', '/api/session', { json: { mail, password }, headers });
  const forms = []; // those that do open the account; another form does not even try it
  for (const mail of spelled) if ((await signIn(mail, who.password)).status === 200) forms.push(mail);
  assert.ok(forms.length >= 2, forms.join());
  await restart();
  const seen = [];
  for (let i = 0; i < 11; i++) {
    const a = await signIn(forms[i % forms.length], `guess number ${i}`, { 'x-forwarded-for': `198.51.100.${i}`, date: new Date(Date.now() + (i % 2 ? 36e5 : -36e5)).toUTCString() });
    seen.push(a.status === 429 ? a.json.code : a.status);
  }
  assert.deepEqual(seen, [...Array(6).fill(401), ...Array(5).fill('error.access.throttled')]);
  for (const method of ['PUT', 'GET', 'PATCH', 'DELETE']) {
    const a = await site.anyone().call(method, '/api/session', { json: { mail: who.mail, password: who.password }, checked: false });
    assert.ok([400, 401, 403, 404, 405, 413].includes(a.status) && !a.headers['set-cookie'], `${method} ${a.status}`);
  }
  const right = await site.anyone().call('POST', '/api/session', { json: { mail: who.mail, password: who.password } });
  assert.equal(right.status, 429, 'the right password does not go round it');
});

test('many guesses at one moment are not more guesses', async () => {
  await restart();
  const guess = (i) => site.anyone().call('POST', '/api/session', { json: { mail: 'nobody.here@mox.example', password: `guess number ${i}` } });
  const seen = (await Promise.all(Array.from({ length: 14 }, (_, i) => guess(i)))).map((a) => a.status);
  assert.ok(seen.filter((s) => s === 401).length <= 6, seen.join());
});

const guessAt = (mail, password, from) => site.anyone().call('POST', '/api/session', { json: { mail, password }, from });

test('CVE-2018-12649 guesses from many addresses are guesses at one account, and do not lock its person out at the usual one', async () => {
  await restart();
  const who = await site.person(agency, 'usual.place@mox.example');
  assert.equal((await guessAt(who.mail, who.password)).status, 200, 'from now on this address is known');
  const seen = [];
  for (let i = 0; i < 20; i++) seen.push((await guessAt(who.mail, `guess number ${i}`, `127.0.7.${i + 1}`)).status);
  assert.deepEqual([seen.filter((s) => s === 401).length, seen.filter((s) => s === 429).length], [6, 14], seen.join());
  assert.equal((await guessAt(who.mail, who.password, '127.0.7.99')).status, 429, 'the right password from elsewhere waits too');
  assert.equal((await guessAt(who.mail, who.password)).status, 200, 'its person gets in');
  const here = [];
  for (let i = 0; i < 10; i++) here.push((await guessAt(who.mail, `guess number ${i}`)).status);
  assert.ok(here.filter((s) => s === 401).length <= 6, `the usual address has no free hand: ${here.join()}`);
});

test('CVE-2018-12649 a flood of names from hundreds of addresses washes no count away', async () => {
  await restart();
  const who = await site.person(agency, 'flooded@mox.example');
  for (let i = 0; i < 6; i++) assert.equal((await guessAt(who.mail, `guess number ${i}`)).status, 401);
  assert.equal((await guessAt(who.mail, 'one too many')).status, 429);
  const options = await site.anyone().call('POST', '/api/session/passkey/options');
  const shown = new SoftKey(`http://localhost:${site.port}`).show(options.json), browser = site.client({ cookie: cookieOf(options) });
  const flood = Array.from({ length: 6000 }, (_, i) => `127.10.${1 + Math.floor(i / 25)}.1`);
  const wrong = async (from) => {
    const a = await browser.call('POST', '/api/session/passkey', { json: { ...shown, credential: randomBytes(32).toString('base64url') }, from, checked: false });
    assert.equal(a.status, 401, `${from}: ${a.text}`);
  };
  await Promise.all(Array.from({ length: 16 }, async () => { for (let from = flood.pop(); from; from = flood.pop()) await wrong(from); }));
  await sleep(2500); // the wait that six failures earned is over; what is left is the count
  const seen = [];
  for (let i = 0; i < 6; i++) seen.push((await guessAt(who.mail, `another guess ${i}`, '127.0.9.1')).status);
  assert.deepEqual(seen, [401, 429, 429, 429, 429, 429], 'forgotten, it would have five free guesses again');
});

test('CVE-2025-62399 every door that takes a secret has the brake: showing again by password or code, from all sessions together', async () => {
  await restart();
  const who = await site.person(agency, 'many.doors@mox.example'), again = await guessAt(who.mail, who.password);
  const sessions = [who, site.client({ cookie: cookieOf(again) })];
  const prove = async (json, n, i) => (await sessions[i % 2].call('POST', '/api/session/proof', { json, from: `127.0.8.${n + i}` })).status;
  const tries = async (json, n) => {
    const seen = [];
    for (let i = 0; i < 12; i++) seen.push(await prove(json(i), n, i));
    return [seen.filter((s) => s === 422).length, seen.filter((s) => s === 429).length];
  };
  assert.deepEqual(await tries((i) => ({ password: `guess number ${i}` }), 1), [6, 6]);
  assert.equal(await prove({ password: who.password }, 100, 0), 429, 'the right one waits too');
  await restart();
  await addAuthenticator(who);
  assert.deepEqual(await tries((i) => ({ code: String(100000 + i) }), 101), [6, 6]);
});

test('CVE-2020-24713 the cookie is this site\'s alone, dies when one signs out, and no page frames ours', async () => {
  await restart();
  const mail = 'leaver@mox.example', who = await site.person(agency, mail);
  const again = await site.anyone().call('POST', '/api/session', { json: { mail, password: who.password } });
  const set = [again.headers['set-cookie']].flat();
  assert.equal(set.length, 1);
  assert.match(set[0], /^__Host-minar=live\.[\w-]{43}; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Strict$/);
  const second = site.client({ cookie: cookieOf(again) });
  const writes = [['DELETE', '/api/session'], ['PATCH', '/api/session', { lang: 'en' }], ['POST', '/api/keys', { name: 'k', access: 'read' }]];
  for (const [method, target, json] of writes) for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'null' }, { origin: `http://127.0.0.1.evil.example:${site.port}` }, { origin: site.server.base, 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'none' }, { referer: site.server.base }]) {
    const body = json ? JSON.stringify(json) : undefined;
    const a = await send(site.server, method, target, { body, headers: { cookie: second.cookie, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body ?? ''), ...headers } });
    assert.equal(a.status, 403, `${method} ${target} ${JSON.stringify(headers)}: ${a.text}`);
  }
  const form = await send(site.server, 'POST', '/api/keys', { body: '{"name":"k","access":"read"}', headers: { cookie: second.cookie, origin: site.server.base, 'content-type': 'text/plain', 'content-length': 28 } });
  assert.equal(form.status, 415, 'a form of another site can send text/plain');
  await second.ok('DELETE', '/api/session');
  assert.equal((await second.call('GET', '/api/session')).status, 401, 'the cookie is dead');
  assert.equal((await who.call('GET', '/api/session')).status, 200, 'another session of the same person lives');
  for (const target of ['/', '/queue', '/l/live.x', '/api/session', '/healthz']) {
    const a = await send(site.server, 'GET', target, { headers: { accept: 'text/html' } });
    assert.match(a.headers['content-security-policy'] ?? '', /frame-ancestors 'none'/, target);
    assert.equal(a.headers['access-control-allow-origin'], undefined);
  }
  const preflight = await send(site.server, 'OPTIONS', '/api/session', { headers: { origin: 'https://evil.example', 'access-control-request-method': 'DELETE' } });
  assert.ok(preflight.status >= 400 && !preflight.headers['access-control-allow-origin']);
  refused(await site.anyone().call('GET', '/api/session'), 401);
});

test('CVE-2024-3262 nothing that somebody had to be known for is kept by a cache', async () => {
  const { secret } = await desk.post('/api/keys', { name: 'cache', access: 'read' });
  const key = site.client({ key: secret });
  for (const target of ['/api/session', '/api/organisations', `/api/organisations/${agency}`, '/api/people', '/api/keys', '/api/ledger', '/api/events', '/api/notices', '/api/queue', '/api/status', '/api/agency', '/api/lookup?q=MOX', '/api/indicators', '/api/nosuch', `/api/notices/${ABSENT}`, '/l/live.x', '/api/openapi.json', '/healthz']) {
    for (const who of [key, site.anyone()]) {
      const a = await who.call('GET', target);
      assert.equal(a.headers['cache-control'], 'no-store', `${target} ${a.status}`);
    }
  }
  const first = await key.call('GET', '/api/organisations'), tag = first.headers.etag;
  const same = await key.call('GET', '/api/organisations', { headers: { 'if-none-match': tag } });
  assert.deepEqual([same.status, same.headers['cache-control']], [304, 'no-store']);
  const other = await site.anyone().call('GET', '/api/organisations', { headers: { 'if-none-match': tag } });
  assert.equal(other.status, 401, 'a tag is no credential');
  assert.ok(cert);
});
