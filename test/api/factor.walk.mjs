// The second factor and dangerous acts: an authenticator is added, asked for, spent, shown again, ended.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { codeOf } from './authenticator.mjs';
import { Site, cookieOf, refused } from './site.mjs';
import { sleep } from './harness.mjs';

let site, desk, org, who, old, secret, step;
const GOOD = 'a sentence that only I know';
const MAIL = 'focal@mof.example';
before(async () => {
  site = await Site.open();
  desk = site.desk;
  org = (await site.org('MOF')).id;
  who = await site.person(org, MAIL);
  old = site.client({ cookie: cookieOf(await signIn({ password: who.password })) });
});
after(() => site.close());

const signIn = (more) => site.anyone().call('POST', '/api/session', { json: { mail: MAIL, ...more } });
const makeKey = (by) => by.call('POST', '/api/keys', { json: { name: 'siem', access: 'read' } });

/** The next code that was not used: each step's counts once, and the phone's clock may be a step off. */
async function nextCode() {
  for (step = Math.max((step ?? 0) + 1, Math.floor(Date.now() / 30000)); step > Math.floor(Date.now() / 30000) + 1;) await sleep(500);
  return codeOf(secret, step);
}

test('who has only a password does dangerous acts just after giving it', async () => {
  assert.equal((await makeKey(who)).status, 201);
  assert.equal((await who.get('/api/session')).factor, 'none');
});

test('an authenticator counts once its first code is confirmed', async () => {
  const made = await who.ok('POST', '/api/session/factor', {}, 201);
  secret = made.secret;
  assert.match(secret, /^[A-Z2-7]{32}$/);
  assert.match(made.uri, new RegExp(`^otpauth://totp/Minar%20CERT:focal%40mof.example\\?secret=${secret}&issuer=Minar%20CERT$`));
  assert.equal((await who.get('/api/session')).factor, 'pending');
  assert.equal((await signIn({ password: who.password })).status, 200, 'not yet asked for');
  const wrong = await who.call('PUT', '/api/session/factor', { json: { code: '000000' } });
  refused(wrong, 422);
  assert.equal(wrong.json.pointer, '/code');
  await who.ok('PUT', '/api/session/factor', { json: { code: await nextCode() } });
  assert.equal((await who.get('/api/session')).factor, 'totp');
  refused(await who.call('POST', '/api/session/factor'), 409);
});

test('signing in asks for a code, and each counts once', async () => {
  const without = await signIn({ password: who.password });
  refused(without, 401);
  assert.equal(without.json.code, 'error.access.code_wanted');
  assert.equal((await signIn({ password: 'not the password' })).json.code, 'error.access.sign_in', 'a wrong password hears nothing of it');
  const code = await nextCode();
  assert.equal((await signIn({ password: who.password, code })).status, 200);
  assert.equal((await signIn({ password: who.password, code })).json.code, 'error.access.code');
});

test('what was strong before is not any more: the act says what to show, and goes on after it', async () => {
  const held = await makeKey(old);
  refused(held, 403);
  assert.equal(held.json.step_up, 'totp');
  refused(await old.call('POST', '/api/session/proof', { json: {} }), 422);
  refused(await old.call('POST', '/api/session/proof', { json: { password: who.password } }), 422);
  const wrong = await old.call('POST', '/api/session/proof', { json: { code: '000000' } });
  refused(wrong, 422);
  assert.equal(wrong.json.pointer, '/code');
  assert.equal((await makeKey(old)).status, 403);
  await old.ok('POST', '/api/session/proof', { json: { code: await nextCode() } });
  assert.equal((await makeKey(old)).status, 201);
});

test('a fresh invitation is no way round the authenticator', async () => {
  const { link } = await desk.ok('POST', `/api/people/${who.id}/invitation`);
  const came = site.client({ cookie: cookieOf(await site.press(link, { password: GOOD, again: GOOD })) });
  assert.equal((await came.get('/api/session')).factor, 'totp');
  for (const [method, target] of [['POST', '/api/keys'], ['DELETE', '/api/session/factor']]) {
    const a = await came.call(method, target, method === 'POST' ? { json: { name: 'k', access: 'write' } } : {});
    refused(a, 403);
    assert.equal(a.json.step_up, 'totp');
  }
});

test('a key does no dangerous act where all is live; who may not at all hears nothing of proofs', async () => {
  const { secret: key } = await desk.post('/api/keys', { name: 'machine', access: 'write' });
  const refusedKey = await makeKey(site.client({ key }));
  refused(refusedKey, 403);
  assert.equal(refusedKey.json.step_up, 'key');
  const reader = await site.person(org, 'reader@mof.example', { contact_role: 'none', roles: ['reader'] });
  const denied = await makeKey(reader);
  refused(denied, 403);
  assert.equal(denied.json.step_up, undefined);
  refused(await desk.call('POST', '/api/session/proof', { json: { password: 'x' } }), 400);
});

test('guessing codes is slowed', async () => {
  const seen = [];
  for (let i = 0; i < 8; i++) seen.push((await old.call('POST', '/api/session/proof', { json: { code: '999999' } })).status);
  assert.ok(seen.includes(429), seen.join());
});

test('ending it is a dangerous act too, and the ledger says both', async () => {
  await old.ok('DELETE', '/api/session/factor');
  assert.equal((await old.get('/api/session')).factor, 'none');
  const types = (await old.all('/api/ledger')).map((e) => e.type);
  assert.ok(types.includes('person.factor_added') && types.includes('person.factor_removed'), types.join());
});
