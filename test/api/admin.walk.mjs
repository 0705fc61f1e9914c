// What an administrator does is seen by others: each act stands in the ledger that an auditor reads, by name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addAuthenticator } from './authenticator.mjs';
import { Site } from './site.mjs';

let site, admin, auditor, home, lost;
before(async () => {
  site = await Site.open();
  home = (await site.desk.get('/api/session')).org.id;
  admin = await site.person(home, 'admin@cert.example', { roles: ['admin', 'reader'] });
  auditor = await site.person(home, 'auditor@cert.example', { roles: ['auditor'] });
  lost = await site.person(home, 'lost@cert.example', { roles: ['reader'] });
  await addAuthenticator(lost);
});
after(() => site.close());

const ACTS = [
  ['person.invited', async () => admin.post('/api/people', { name: 'New', mail: 'new@cert.example', org: home, roles: ['reader'] })],
  ['person.changed', async ({ id }) => admin.ok('PATCH', `/api/people/${id}`, { json: { phone: '+92 51 1' } })],
  ['person.invited_again', async ({ id }) => admin.ok('POST', `/api/people/${id}/invitation`)],
  ['api_key.created', async () => admin.post('/api/keys', { name: 'k', access: 'read' })],
  ['api_key.renewed', async (_, key) => admin.ok('POST', `/api/keys/${key.id}/secret`)],
  ['api_key.revoked', async (_, key) => admin.ok('DELETE', `/api/keys/${key.id}`)],
  ['act.asked', async () => admin.ok('DELETE', `/api/people/${lost.id}/factor`)],
  ['act.withdrawn', async () => admin.ok('DELETE', `/api/acts/${(await admin.get('/api/acts')).items[0].id}`)],
  ['realm.created', async () => admin.post('/api/realms', { name: 'demo', kind: 'demo' })],
  ['realm.removed', async () => admin.ok('DELETE', '/api/realms/demo')],
];

test('every act of an administrator stands where an auditor reads it', async () => {
  let person, key;
  for (const [type, act] of ACTS) {
    const before = (await auditor.all('/api/ledger')).length;
    const made = await act(person, key);
    if (type === 'person.invited') person = made;
    if (type === 'api_key.created') key = made;
    const now = await auditor.all('/api/ledger');
    assert.ok(now.length > before, `${type}: nothing new for the auditor`);
    const entry = now.slice(0, now.length - before).find((e) => e.type === type);
    assert.ok(entry, `${type}: ${now.slice(0, 4).map((e) => e.type)}`);
    assert.match(entry.words, /\w{3}/);
  }
});
