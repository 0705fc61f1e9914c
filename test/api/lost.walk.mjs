// A lost phone at three in the morning: one officer on duty of the national desk and one administrator of the
// ministry end the authenticator; all hear of it; the way back is a link in the hand of who let it happen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addAuthenticator } from './authenticator.mjs';
import { Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';

let site, box, org, officer, admin, lost, key, link;
const ADMIN = ['reader', 'analyst', 'org_admin'];
const told = (who, subject) => poll(`${who} hears ${subject}`, () => box.to(who).find((m) => m.subject.includes(subject)));

before(async () => {
  box = await startMailbox();
  site = await Site.open({ conf: { mail: mailConf(box) } });
  const home = (await site.desk.get('/api/session')).org.id;
  org = (await site.org('MOF')).id;
  officer = await site.person(home, 'officer@cert.example', { roles: [...ADMIN, 'coordinator'] });
  admin = await site.person(org, 'admin@mof.example', { roles: ADMIN, lang: 'ur' });
  lost = await site.person(org, 'lost@mof.example', { roles: ADMIN, lang: 'en' });
  key = site.client({ key: (await lost.post('/api/keys', { name: 'phone', access: 'read' })).secret });
  await addAuthenticator(lost);
});
after(async () => {
  await site?.close();
  await box?.stop();
});

test('the officer asks, the administrator of the ministry lets it happen', async () => {
  const asked = await officer.call('DELETE', `/api/people/${lost.id}/factor`);
  assert.equal(asked.status, 202, asked.text);
  assert.equal(asked.json.link, undefined, 'nothing for who asks');
  refused(await lost.call('POST', `/api/acts/${asked.json.id}/approval`), 403);
  const done = await admin.ok('POST', `/api/acts/${asked.json.id}/approval`);
  link = done.link;
  assert.ok(link && done.expires);
});

test('what the phone held is over at once: session, key, password', async () => {
  assert.equal((await lost.call('GET', '/api/session')).status, 401);
  assert.equal((await key.call('GET', '/api/session')).status, 401);
  refused(await site.anyone().call('POST', '/api/session', { json: { mail: lost.mail, password: lost.password } }), 401);
});

test('the person, the administrators and the national coordinators hear of it, each in the own language; no mail has the link', async () => {
  await told('lost@mof.example', 'the authenticator was ended');
  await told('officer@cert.example', 'the authenticator was ended');
  await told('admin@mof.example', 'تصدیقی');
  assert.ok(!JSON.stringify(box.mails).includes(new URL(link).pathname));
});

const tasks = async (who) => (await who.get('/api/tasks')).items;
const kinds = async (who) => (await tasks(who)).map((x) => x.kind);

test('the portals of ministry and national desk tell it too; each says for itself that it knows', async () => {
  const [here] = await tasks(admin), [there] = await tasks(officer);
  for (const x of [here, there]) assert.deepEqual([x.kind, x.path], ['lost', `/people/${lost.id}`]);
  assert.match(here.words, /lost@mof/);
  assert.match(here.words, /قومی ڈیسک/, 'in the reader\'s language');
  assert.match(there.words, /lost@mof.*call the national desk/);
  refused(await admin.call('POST', `/api/tasks/${there.id}/done`), 404);
  await admin.ok('POST', `/api/tasks/${here.id}/done`);
  assert.deepEqual([await kinds(admin), await kinds(officer)], [[], ['lost']]);
});

test('the link lets back in once, with another password; and all hear of that', async () => {
  assert.match((await site.open(link)).text, /Come back/);
  const back = await site.enter(link, { password: 'quite another one here', again: 'quite another one here' });
  assert.equal((await back.get('/api/session')).factor, 'none');
  assert.equal((await site.press(link, { password: 'a third one for it', again: 'a third one for it' })).status, 404);
  await told('officer@cert.example', 'has come back');
  await told('lost@mof.example', 'has come back');
  await told('admin@mof.example', 'واپس');
  assert.deepEqual([await kinds(admin), await kinds(officer)], [['returned'], ['lost', 'returned']]);
});
