// Passkeys: made, shown to sign in and before a dangerous act, named, removed; every way to lie about one is refused.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sleep } from './harness.mjs';
import { Site, cookieOf, refused } from './site.mjs';
import { SoftKey, addPasskey } from './soft_key.mjs';

let site, desk, org, who, other, origin, key;
before(async () => {
  site = await Site.open();
  desk = site.desk;
  origin = `http://localhost:${site.port}`;
  org = (await site.org('MOF')).id;
  who = await site.person(org, 'focal@mof.example');
  other = await site.person(org, 'second@mof.example');
});
after(() => site.close());

const OPTIONS = '/api/session/passkey/options', ENTER = '/api/session/passkey';
const makeKey = (by) => by.call('POST', '/api/keys', { json: { name: 'siem', access: 'read' } });
const types = async () => (await desk.all('/api/ledger')).map((e) => e.type);

/** Begins to sign in; the browser keeps what it was given. */
async function door(headers) {
  let a = await site.anyone().call('POST', OPTIONS, { headers });
  for (; a.status === 429; a = await site.anyone().call('POST', OPTIONS, { headers })) await sleep(300); // a walk asks faster than people do
  assert.equal(a.status, 200, a.text);
  return { o: a.json, by: site.client({ cookie: cookieOf(a) }) };
}
async function enter(k, lie, d) {
  const { o, by } = d ?? await door();
  return by.call('POST', ENTER, { json: k.show(o, lie) });
}
const session = (a) => site.client({ cookie: cookieOf(a) });

test('a passkey is made by who is signed in, listed and named', async () => {
  const o = await who.ok('POST', '/api/session/passkeys/options');
  assert.deepEqual([o.rp.id, o.authenticatorSelection.userVerification, o.attestation], ['localhost', 'required', 'none']);
  key = await addPasskey(who, origin);
  assert.equal((await who.get('/api/session')).passkeys, 1);
  const [p] = (await who.get('/api/session/passkeys')).items;
  assert.deepEqual([p.id, p.name, p.used, p.doubted], [key.made, 'my phone', null, null]);
  await who.ok('PATCH', `/api/session/passkeys/${key.made}`, { json: { name: 'blue key' } });
  assert.equal((await who.get('/api/session/passkeys')).items[0].name, 'blue key');
  assert.ok((await types()).includes('person.passkey_added'));
});

test('it signs in without a mail address, and its session may do dangerous acts', async () => {
  const a = await enter(key);
  assert.equal(a.status, 200, a.text);
  assert.equal(a.json.person.id, who.id);
  assert.equal((await makeKey(session(a))).status, 201);
});

test('every algorithm and both forms of attestation', async () => {
  for (const kind of ['ES256', 'EdDSA', 'RS256']) for (const fmt of ['none', 'packed']) {
    const k = await addPasskey(who, origin, kind, { fmt });
    const a = await enter(k);
    assert.equal(a.status, 200, `${kind} ${fmt}: ${a.text}`);
    await who.ok('DELETE', `/api/session/passkeys/${k.made}`);
  }
});

test('a lie about a fresh one is refused, and nothing is added', async () => {
  const lies = [[{ origin: 'https://evil.example' }, 'passkey_origin'], [{ rpId: 'evil.example' }, 'passkey_bad'], [{ flags: 1 }, 'passkey_unverified'],
    [{ flags: 4 }, 'passkey_bad'], [{ type: 'webauthn.get' }, 'passkey_bad'], [{ crossOrigin: true }, 'passkey_bad'], [{ more: { topOrigin: origin } }, 'passkey_bad'],
    [{ challenge: randomBytes(40).toString('base64url') }, 'passkey_late'], [{ challenge: 'AAAA' }, 'passkey_late'], [{ cut: 3 }, 'passkey_bad'],
    [{ fmtName: 'fido-u2f' }, 'passkey_bad'], [{ fmt: 'packed', signed: 'other' }, 'passkey_bad']];
  for (const [lie, code] of lies) {
    const o = await who.ok('POST', '/api/session/passkeys/options'), k = new SoftKey(origin);
    refused(await who.call('POST', '/api/session/passkeys', { json: k.create(o, lie) }), 422, `error.access.${code}`);
  }
  assert.equal((await who.get('/api/session/passkeys')).items.length, 1);
});

test('what was asked of one session is no answer of another, nor twice, nor for something else', async () => {
  const o = await who.ok('POST', '/api/session/passkeys/options'), k = new SoftKey(origin), made = k.create(o);
  refused(await other.call('POST', '/api/session/passkeys', { json: made }), 422, 'error.access.passkey_late');
  await who.ok('POST', '/api/session/passkeys', { json: made }, 201);
  refused(await who.call('POST', '/api/session/passkeys', { json: new SoftKey(origin).create(o) }), 422, 'error.access.passkey_late');
  const proof = await who.ok('POST', '/api/session/proof/options');
  refused(await who.call('POST', '/api/session/passkeys', { json: new SoftKey(origin).create({ ...o, challenge: proof.challenge }) }), 422, 'error.access.passkey_late');
  const again = await who.ok('POST', '/api/session/passkeys/options');
  refused(await who.call('POST', '/api/session/passkeys', { json: k.create(again) }), 409, 'error.access.passkey_known');
  const mine = (await who.get('/api/session/passkeys')).items;
  await who.ok('DELETE', `/api/session/passkeys/${mine[1].id}`);
});

test('a lie at the door is refused; unknown, stolen and wrong are one answer', async () => {
  const lies = [[{ origin: 'https://evil.example' }, 422, 'passkey_origin'], [{ rpId: 'evil.example' }, 422, 'passkey_bad'], [{ flags: 1 }, 422, 'passkey_unverified'],
    [{ type: 'webauthn.create' }, 422, 'passkey_bad'], [{ crossOrigin: true }, 422, 'passkey_bad'], [{ challenge: randomBytes(40).toString('base64url') }, 422, 'passkey_late'],
    [{ signed: 'other', counter: 900 }, 401, 'passkey_wrong'], [{ id: randomBytes(32), counter: 900 }, 401, 'passkey_wrong'], [{ user: randomBytes(16).toString('base64url'), counter: 900 }, 401, 'passkey_wrong'], [{ user: '', counter: 900 }, 401, 'passkey_wrong']];
  const seen = new Set();
  for (const [lie, status, code] of lies) {
    const before = key.counter, a = await enter(key, lie);
    key.counter = before;
    refused(a, status, `error.access.${code}`);
    if (status === 401) seen.add(a.text);
  }
  assert.equal(seen.size, 1, [...seen].join('\n'));
  const a = await enter(key);
  assert.equal(a.status, 200, a.text);
});

test('an answer counts once, and only in the browser that was asked', async () => {
  const d = await door(), shown = key.show(d.o);
  const elsewhere = await door();
  refused(await elsewhere.by.call('POST', ENTER, { json: shown }), 422, 'error.access.passkey_late');
  assert.equal((await d.by.call('POST', ENTER, { json: shown })).status, 200);
  refused(await d.by.call('POST', ENTER, { json: shown }), 422, 'error.access.passkey_late');
  refused(await d.by.call('POST', ENTER, { json: key.show(d.o) }), 422, 'error.access.passkey_late');
});

test('the address is the configured one, whatever the request calls it', async () => {
  const { o } = await door({ host: 'evil.example' });
  assert.equal(o.rpId, 'localhost');
});

test('who has a passkey shows it before a dangerous act; no password does instead', async () => {
  const signed = await site.anyone().call('POST', '/api/session', { json: { mail: who.mail, password: who.password } });
  const weak = session(signed), held = await makeKey(weak);
  refused(held, 403);
  assert.equal(held.json.step_up, 'passkey');
  refused(await weak.call('POST', '/api/session/proof', { json: { password: who.password } }), 422, 'error.access.proof_missing');
  const foreign = await addPasskey(other, origin);
  const ask = () => weak.ok('POST', '/api/session/proof/options');
  assert.equal((await ask()).allowCredentials.length, 1);
  const theirs = await weak.call('POST', '/api/session/proof', { json: { passkey: foreign.show(await ask()) } });
  refused(theirs, 422, 'error.access.passkey_wrong');
  assert.equal(theirs.json.pointer, '/passkey');
  const { o } = await door();
  refused(await weak.call('POST', '/api/session/proof', { json: { passkey: key.show(o) } }), 422, 'error.access.passkey_late');
  assert.equal((await makeKey(weak)).status, 403);
  await weak.ok('POST', '/api/session/proof', { json: { passkey: key.show(await ask()) } });
  assert.equal((await makeKey(weak)).status, 201);
  refused(await desk.call('POST', '/api/session/proof/options'), 400);
});

test('a counter that goes back is refused, told, and written down', async () => {
  const now = key.counter;
  for (const counter of [now, now - 1, 0]) refused(await enter(key, { counter }), 401, 'error.access.passkey_counter');
  assert.ok((await who.get('/api/session/passkeys')).items[0].doubted);
  assert.equal((await enter(key, { counter: now + 5 })).status, 200);
  const told = await types();
  assert.ok(told.includes('person.passkey_doubted') && told.includes('person.passkey_used_doubted'), told.join());
});

test('a removed one opens nothing, and what it had opened elsewhere ends at once', async () => {
  const gone = await addPasskey(who, origin), open = session(await enter(gone));
  await open.get('/api/session');
  refused(await other.call('DELETE', `/api/session/passkeys/${gone.made}`), 404);
  await who.ok('DELETE', `/api/session/passkeys/${gone.made}`);
  refused(await open.call('GET', '/api/session'), 401);
  refused(await enter(gone), 401, 'error.access.passkey_wrong');
  await who.get('/api/session');
});

test('staff are led to one by their invitation; the last way in stays', async () => {
  const cert = (await desk.get('/api/session')).org.id;
  const invited = await desk.post('/api/people', { name: 'Duty', mail: 'shift@cert.example', org: cert, contact_role: 'none', roles: ['analyst'] });
  const page = await site.open(invited.link);
  assert.ok(page.text.indexOf('value="passkey"') > 0 && page.text.indexOf('value="passkey"') < page.text.indexOf('type="password"'), page.text);
  const pressed = await site.press(invited.link, { way: 'passkey' });
  assert.deepEqual([pressed.status, pressed.headers.location], [303, '/passkey']);
  const duty = site.client({ cookie: cookieOf(pressed) });
  assert.equal((await duty.get('/api/session')).passkey_wanted, 'asked');
  const k = await addPasskey(duty, origin);
  assert.equal((await duty.get('/api/session')).passkey_wanted, 'off');
  refused(await duty.call('DELETE', `/api/session/passkeys/${k.made}`), 409, 'error.access.passkey_last');
  const second = await addPasskey(duty, origin, 'EdDSA');
  await duty.ok('DELETE', `/api/session/passkeys/${k.made}`);
  assert.equal((await enter(second)).status, 200);
  assert.equal((await who.get('/api/session')).passkey_wanted, 'off', 'an agency is not staff');
  const reader = await site.open((await desk.post('/api/people', { name: 'Guest', mail: 'guest@cert.example', org: cert, contact_role: 'none', roles: ['reader'] })).link);
  assert.ok(!reader.text.includes('value="passkey"'));
});

test('who lost them is helped by two others: passkeys and sessions end', async () => {
  const home = (await desk.get('/api/session')).org.id, roles = ['reader', 'coordinator', 'org_admin'];
  const [lost, one, two] = await Promise.all(['lost', 'one', 'two'].map((n) => site.person(home, `${n}@cert.example`, { contact_role: 'none', roles })));
  const k = await addPasskey(lost, origin);
  assert.equal((await one.call('DELETE', `/api/people/${lost.id}/factor`)).status, 202);
  assert.equal((await lost.get('/api/session')).passkeys, 1, 'one alone does nothing');
  await two.ok('POST', `/api/acts/${(await two.get('/api/acts')).items[0].id}/approval`);
  refused(await lost.call('GET', '/api/session'), 401);
  refused(await enter(k), 401, 'error.access.passkey_wrong');
});

test('guessing is slowed', async () => {
  const seen = [], fake = new SoftKey(origin);
  fake.user = randomBytes(16).toString('base64url');
  const d = await door();
  for (let i = 0; i < 8; i++) seen.push((await enter(fake, {}, d)).status);
  assert.ok(seen.includes(429), seen.join());
});

test('where it is required, staff do nothing before they have one', async () => {
  await site.stop();
  site.configure({ signin: { staff_passkey: 'required' } });
  await site.start();
  const cert = (await desk.get('/api/session')).org.id;
  const invited = await desk.post('/api/people', { name: 'New', mail: 'new@cert.example', org: cert, contact_role: 'none', roles: ['analyst'] });
  assert.ok(!(await site.open(invited.link)).text.includes('type="password"'));
  const fresh = await site.enter(invited.link, {});
  refused(await fresh.call('GET', '/api/people'), 403, 'error.access.passkey_first');
  assert.equal((await fresh.get('/api/session')).passkey_wanted, 'required');
  await addPasskey(fresh, origin);
  assert.equal((await fresh.call('GET', '/api/people')).status, 200);
});
