// Administration that is delegated: a sector CERT administers the people and keys of its members, as the
// national administrator gives it, by two persons and until a day. It gives no more than its own rights and
// no national ones, gets no way into a member, reads nothing of what a member is told; every act of it is
// marked and told; it ends at once, on open sessions too, or by itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addAuthenticator } from './authenticator.mjs';
import { Site, poll, refused } from './site.mjs';
import { mailConf, startMailbox } from './smtp.mjs';
import { populate } from './world.mjs';

let site, desk, w, box, home, second, sector, head, plain, helper;
const at = (days) => new Date(Date.now() + days * 86400e3).toISOString();
const give = (body, by = desk) => by.call('POST', '/api/delegations', { json: body });
const allow = async (by = second) => {
  const act = (await by.get('/api/acts')).items.find((a) => a.act === 'delegation_give');
  return by.call('POST', `/api/acts/${act.id}/approval`);
};
const given = async (members, until = at(30), keeper = sector) => {
  const asked = await give({ keeper, members, until });
  assert.equal(asked.status, 202, asked.text);
  const done = await allow();
  assert.ok(done.status < 300, done.text);
};
const people = async (by, org) => (await by.all(`/api/people${org ? `?org=${org}` : ''}`));
const add = (by, org, mail, body = {}) => by.call('POST', '/api/people', { json: { name: `P ${mail}`, mail, org, contact_role: 'none', roles: ['reader'], ...body } });
const change = (by, id, json) => by.call('PATCH', `/api/people/${id}`, { json });
const list = async (by) => (await by.get('/api/delegations')).items;
const told = async (by, type) => (await by.all('/api/ledger')).filter((e) => e.type === type);
const linkOf = (mail) => /https?:\/\/\S+\/l\/[\w.-]+/.exec(mail.text)?.[0];

before(async () => {
  box = await startMailbox();
  site = await Site.open({ conf: { mail: mailConf(box), outbox: { hold_s: 1 } } });
  desk = site.desk;
  home = (await desk.get('/api/session')).org.id;
  w = await populate(site);
  sector = (await site.org('SEC', { kind: 'sector_cert', name_en: 'Sector CERT of Examples' })).id;
  w.OTH = (await site.org('OTH')).id;
  second = await site.person(home, 'second@cert.example', { contact_role: 'none', roles: ['admin'] });
  head = await site.person(sector, 'head@sec.example', { roles: ['reader', 'org_admin'] });
  helper = await site.person(sector, 'helper@sec.example', { contact_role: 'none', roles: ['reader', 'org_admin'] });
  plain = await site.person(sector, 'plain@sec.example', { contact_role: 'none', roles: ['reader', 'analyst'] });
});
after(async () => {
  await site?.close();
  await box?.stop();
});

test('before it is given the sector CERT knows of nobody there', async () => {
  refused(await add(head, w.BNK, 'x@bnk.example'), 404);
  refused(await change(head, w.bnk.id, { phone: '1' }), 404);
  assert.equal((await people(head)).filter((p) => p.org.id !== sector).length, 0);
  assert.deepEqual(await list(head), []);
  assert.equal((await head.get('/api/session')).keeps, 0);
});

test('refused in words: by whom, to whom, of whom, for how long', async () => {
  refused(await give({ keeper: sector, members: [w.BNK], until: at(30) }, head), 403);
  refused(await give({ keeper: home, members: [w.BNK], until: at(30) }), 422, 'error.office.delegate_site');
  refused(await give({ keeper: sector, members: [home], until: at(30) }), 422, 'error.office.delegate_site');
  refused(await give({ keeper: sector, members: [sector], until: at(30) }), 409, 'error.office.delegate_keeps');
  refused(await give({ keeper: sector, members: [], until: at(30) }), 422, 'error.office.delegate_none');
  refused(await give({ keeper: sector, members: [w.BNK], until: at(-1) }), 422, 'error.office.delegate_past');
  refused(await give({ keeper: sector, members: [w.BNK], until: at(401) }), 422, 'error.office.delegate_long');
  refused(await give({ keeper: sector, members: ['00000000-0000-4000-8000-000000000000'], until: at(30) }), 404);
  assert.equal((await second.get('/api/acts')).items.length, 0, 'nobody was asked about any of these');
});

test('previewed, and a second administrator is told what it is; only then it counts', async () => {
  const effect = await desk.get(`/api/delegations/preview?keeper=${sector}&members=${w.BNK}%20${w.MOX}`);
  assert.deepEqual([effect.administrators, effect.organisations, effect.people, effect.keys], [2, 2, 2, 0]);
  assert.deepEqual(effect.items.map((i) => [i.org.key, i.people, i.before]), [['BNK', 1, false], ['MOX', 1, false]]);
  refused(await head.call('GET', `/api/delegations/preview?keeper=${sector}&members=${w.BNK}`), 403);
  assert.equal((await give({ keeper: sector, members: [w.BNK, w.MOX], until: at(30) })).status, 202);
  const [act] = (await second.get('/api/acts')).items;
  assert.deepEqual([act.act, act.delegation.keeper.key, act.delegation.organisations], ['delegation_give', 'SEC', 2]);
  refused(await add(head, w.BNK, 'x@bnk.example'), 404);
  refused(await desk.call('POST', `/api/acts/${act.id}/approval`), 403);
  assert.equal((await allow()).status, 200);
  assert.deepEqual((await list(head)).map((d) => [d.org.key, d.keeper.key, d.mine, d.may_end]).sort(), [['BNK', 'SEC', true, false], ['MOX', 'SEC', true, false]]);
  assert.equal((await head.get('/api/session')).keeps, 2);
  assert.equal((await plain.get('/api/session')).keeps, 0, 'administrators alone');
});

test('a member sees by whom it is administered: list, own page, rights, mail, ledger; others do not', async () => {
  assert.deepEqual((await list(w.bnk)).map((d) => [d.org.key, d.keeper.name.en]), [['BNK', 'Sector CERT of Examples']]);
  assert.equal((await w.bnk.get(`/api/organisations/${w.BNK}`)).administered.keeper.key, 'SEC');
  assert.equal((await w.bnk.get('/api/session/rights')).administered.keeper.key, 'SEC');
  assert.equal((await head.get('/api/session/rights')).administered, null);
  const other = await site.person(w.OTH, 'focal@oth.example', {});
  assert.deepEqual(await list(other), []);
  const m = await poll('the member is told', () => box.to('focal@bnk.example').find((x) => /delegated/.test(x.subject)));
  assert.match(m.text, /Sector CERT of Examples/);
  await poll('the keeper is told', () => box.to('head@sec.example').find((x) => /delegated/.test(x.subject)));
  assert.equal((await told(w.bnk, 'delegation.given')).length, 1);
  assert.equal((await told(head, 'delegation.held')).length, 2);
  assert.equal((await told(head, 'delegation.given')).length, 0, "not of the members' ledger");
});

test('its people are seen by the administrators of the sector CERT, and nothing that they are told', async () => {
  await w.give([['198.18.64.40', 9443, 'high']]);
  await poll('the notice is there for the member', async () => (await w.bnk.all('/api/notices')).length);
  assert.deepEqual((await people(head, w.BNK)).map((p) => p.id), [w.bnk.id]);
  refused(await plain.call('GET', `/api/people?org=${w.BNK}`), 404);
  assert.ok((await head.get('/api/organisations')).items.some((o) => o.key === 'BNK'));
  assert.ok(!(await plain.get('/api/organisations')).items.some((o) => o.key === 'BNK'));
  for (const what of ['findings', 'notices']) {
    assert.equal((await head.all(`/api/${what}`)).length, 0, what);
    assert.ok((await w.bnk.all(`/api/${what}`)).length > 0, what);
  }
  assert.equal((await head.get(`/api/organisations/${w.BNK}/networks`)).items.length, 0);
  const one = await head.get(`/api/organisations/${w.BNK}?figures=true`);
  assert.deepEqual([one.networks, one.open_findings, one.waiting_notices], [0, 0, 0]);
  assert.ok(!(await head.all('/api/ledger')).some((e) => e.type.startsWith('finding.') || e.type.startsWith('notice.')));
  const finding = (await w.bnk.all('/api/findings'))[0];
  refused(await head.call('GET', `/api/findings/${finding.id}`), 404);
});

test('who may see a person says so, and why', async () => {
  const r = await desk.get(`/api/reach/${w.bnk.id}?kind=person`);
  const of = r.items.find((i) => i.org?.key === 'SEC');
  assert.deepEqual(of?.named.map((p) => p.why), [['delegated'], ['delegated']], JSON.stringify(r.items));
  const f = await w.bnk.get(`/api/findings/${(await w.bnk.all('/api/findings'))[0].id}/reach`);
  assert.ok(f.whole && !f.items.some((i) => i.org?.key === 'SEC'), 'and not what it is told');
});

test('it adds somebody: the way in goes to that person alone, and the member and the desk see who did it', async () => {
  const made = await add(head, w.BNK, 'new@bnk.example', { roles: ['reader', 'org_admin'] });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.link, undefined, 'whoever has the link could read as that person');
  const mail = await poll('the invitation', () => box.to('new@bnk.example').find((x) => linkOf(x)));
  assert.ok(linkOf(mail));
  w.made = made.json.id;
  const [entry] = (await told(w.bnk, 'person.invited')).filter((e) => e.subject === w.made);
  assert.equal(entry.delegate.name.en, 'Sector CERT of Examples');
  assert.equal((await told(desk, 'person.invited')).find((e) => e.subject === w.made).delegate.id, sector);
  assert.equal((await told(desk, 'person.invited')).find((e) => e.subject === w.bnk.id).delegate, undefined);
  const m = await poll('its administrators are told', () => box.to('focal@bnk.example').find((x) => /acted on/.test(x.subject)));
  assert.match(m.text, /new@bnk\.example/);
  const [task] = (await w.bnk.get('/api/tasks')).items;
  assert.deepEqual([task.kind, task.path], ['delegate', `/people/${w.made}`]);
  await w.bnk.ok('POST', `/api/tasks/${task.id}/done`);
  assert.ok((await people(w.bnk)).some((p) => p.id === w.made) && (await people(desk)).some((p) => p.id === w.made));
  const again = await head.call('POST', `/api/people/${w.made}/invitation`);
  assert.deepEqual([again.status, again.json.link], [201, undefined]);
  assert.ok((await told(w.bnk, 'person.invited_again'))[0].delegate);
});

test('rights are a subset of its own, never national ones, and only of its members', async () => {
  refused(await add(head, w.BNK, 'y@bnk.example', { roles: ['analyst'] }), 403, 'error.access.more_than_own');
  for (const role of ['coordinator', 'admin', 'auditor']) refused(await add(head, w.BNK, 'y@bnk.example', { roles: [role], roles_until: at(3) }), 403, 'error.access.more_than_own');
  const able = await site.person(sector, 'able@sec.example', { contact_role: 'none', roles: ['reader', 'org_admin', 'coordinator'] });
  refused(await add(able, w.BNK, 'y@bnk.example', { roles: ['coordinator'] }), 403, 'error.access.delegated_roles');
  assert.equal((await add(able, sector, 'y@sec.example', { roles: ['coordinator'] })).status, 201, 'at home as before');
  refused(await change(head, w.made, { roles: ['reader', 'analyst'] }), 403, 'error.access.more_than_own');
  const preview = (roles) => head.call('GET', `/api/people/${w.made}/preview?roles=${roles}`);
  assert.equal((await preview('reader')).status, 200);
  refused(await preview('analyst'), 403, 'error.access.more_than_own');
  refused(await change(head, w.bnk.id, { state: 'disabled' }), 403, 'error.access.more_than_own'); // the focal person is an analyst too
  refused(await add(head, w.OTH, 'y@oth.example'), 404);
  refused(await add(head, home, 'y@cert.example'), 403);
  refused(await change(head, second.id, { phone: '1' }), 404);
});

test('it changes and ends people, also those whom the member or the desk added', async () => {
  const own = await w.bnk.call('POST', '/api/people', { json: { name: 'Own', mail: 'own@bnk.example', org: w.BNK, roles: ['reader'], contact_role: 'none' } });
  assert.equal((await change(head, own.json.id, { phone: '+92 51 000', contact_role: 'technical' })).status, 200);
  assert.equal((await change(head, w.made, { roles: ['reader'] })).status, 200);
  assert.ok((await told(w.bnk, 'person.changed')).find((e) => e.subject === w.made).delegate);
  assert.equal((await change(head, w.made, { state: 'disabled' })).status, 200);
  assert.equal((await people(w.bnk)).find((p) => p.id === w.made).state, 'disabled');
  const leave = await head.call('POST', '/api/leaves', { json: { person: own.json.id, from: at(1), until: at(2) } });
  assert.equal(leave.status, 201, leave.text);
  assert.ok((await told(w.bnk, 'leave.entered'))[0].delegate);
  await head.ok('DELETE', `/api/leaves/${leave.json.id}`);
});

test('it sees and ends the keys of members, and makes none', async () => {
  const reader = await site.person(w.BNK, 'reader@bnk.example', { contact_role: 'none', roles: ['reader', 'analyst'] });
  const { id, secret } = await reader.post('/api/keys', { name: 'siem', access: 'read' });
  assert.deepEqual((await head.get(`/api/keys?person=${reader.id}`)).items.map((k) => k.id), [id]);
  assert.equal((await w.bnk.get(`/api/keys?person=${reader.id}`)).items.length, 1, 'their own administrators too');
  refused(await reader.call('GET', `/api/keys?person=${w.bnk.id}`), 403, 'error.office.key_of_other');
  refused(await plain.call('GET', `/api/keys?person=${reader.id}`), 403);
  refused(await w.mox.call('GET', `/api/keys?person=${reader.id}`), 404);
  refused(await head.call('POST', '/api/keys', { json: { name: 'k', access: 'read', person: reader.id } }), 403, 'error.office.key_for_other');
  refused(await head.call('POST', `/api/keys/${id}/secret`), 403, 'error.office.key_of_other');
  await head.ok('DELETE', `/api/keys/${id}`);
  refused(await site.client({ key: secret }).call('GET', '/api/session'), 401);
  assert.ok((await told(w.bnk, 'api_key.revoked')).find((e) => e.subject === id).delegate);
});

test('a lost authenticator: asked for by the delegate, let happen by the member or the desk, never by a colleague', async () => {
  const lost = await site.person(w.BNK, 'lost@bnk.example', { contact_role: 'none', roles: ['reader'] });
  await addAuthenticator(lost);
  const ask = () => head.call('DELETE', `/api/people/${lost.id}/factor`);
  assert.equal((await ask()).status, 202);
  assert.equal((await helper.get('/api/acts')).items.length, 0, 'a colleague would get the way into the member');
  const [act] = (await w.bnk.get('/api/acts')).items;
  assert.equal(act.act, 'person_factor_end');
  refused(await helper.call('POST', `/api/acts/${act.id}/approval`), 404);
  refused(await head.call('POST', `/api/acts/${act.id}/approval`), 403);
  const done = await w.bnk.ok('POST', `/api/acts/${act.id}/approval`);
  assert.match(done.link, /\/l\//);
  assert.ok((await told(w.bnk, 'person.factor_ended'))[0].delegate);
  assert.equal((await lost.call('GET', '/api/session')).status, 401);
});

test('there are no chains', async () => {
  refused(await give({ keeper: w.BNK, members: [w.OTH], until: at(30) }), 409, 'error.office.delegate_chain');
  refused(await give({ keeper: w.OTH, members: [sector], until: at(30) }), 409, 'error.office.delegate_keeps');
  refused(await give({ keeper: w.OTH, members: [w.BNK], until: at(30) }), 409, 'error.office.delegate_other');
});

test('given again it gets the new end; taken back it is over at once, on open sessions and held acts too', async () => {
  const [before] = (await list(head)).filter((d) => d.org.key === 'BNK'), until = at(60);
  await given([w.BNK], until);
  const [now] = (await list(head)).filter((d) => d.org.key === 'BNK');
  assert.deepEqual([now.since, Date.parse(now.until)], [before.since, Date.parse(until)]);
  const reader = await site.person(w.BNK, 'late@bnk.example', { contact_role: 'none', roles: ['reader'] });
  await addAuthenticator(reader);
  assert.equal((await head.call('DELETE', `/api/people/${reader.id}/factor`)).status, 202);
  assert.equal((await change(head, reader.id, { phone: '1' })).status, 200);
  refused(await head.call('DELETE', `/api/delegations/${w.BNK}`), 403);
  await desk.ok('DELETE', '/api/delegations/BNK');
  refused(await change(head, reader.id, { phone: '2' }), 404);
  const [act] = (await w.bnk.get('/api/acts')).items;
  refused(await w.bnk.call('POST', `/api/acts/${act.id}/approval`), 404);
  assert.equal((await reader.get('/api/session')).factor, 'totp', 'what it asked for is not done');
  refused(await head.call('GET', `/api/people?org=${w.BNK}`), 404);
  assert.equal((await head.get('/api/session')).keeps, 1);
  refused(await desk.call('DELETE', '/api/delegations/BNK'), 404);
  assert.equal((await told(w.bnk, 'delegation.ended')).length, 1);
  await poll('told', () => box.to('focal@bnk.example').find((x) => /is over/.test(x.subject)));
  assert.equal((await w.bnk.get(`/api/organisations/${w.BNK}`)).administered, null);
  await desk.ok('DELETE', `/api/delegations/${sector}`);
  assert.deepEqual(await list(desk), [], 'all of a keeper by its own id');
});

test('who is no administrator there any more administers nobody', async () => {
  await given([w.BNK]);
  assert.equal((await helper.get('/api/session')).keeps, 1);
  assert.equal((await change(desk, helper.id, { roles: ['reader'] })).status, 200);
  assert.equal((await helper.get('/api/session')).keeps, 0);
  refused(await helper.call('GET', `/api/people?org=${w.BNK}`), 404);
  const aud = await site.person(home, 'aud@cert.example', { contact_role: 'none', roles: ['auditor'], roles_until: at(20) });
  assert.deepEqual((await list(aud)).map((d) => d.org.key), ['BNK'], 'the auditor sees who administers whom');
});

test('under an injected clock it ends by itself, at its minute', async () => {
  const realm = await desk.post('/api/realms', { name: 'demo', kind: 'demo', now: '2030-01-01T00:00:00Z' });
  const there = site.client({ key: realm.key }), clock = (now) => there.ok('PUT', '/api/realm/clock', { json: { now, frozen: true } });
  await clock('2030-01-01T00:00:00Z');
  const own = (await there.get('/api/session')).org.id, yes = await site.person(own, 'yes@cert.example', { contact_role: 'none', roles: ['admin'] }, there);
  const [k, m] = [await there.post('/api/organisations', { key: 'K', name_en: 'K', kind: 'sector_cert' }), await there.post('/api/organisations', { key: 'M', name_en: 'M', kind: 'bank' })];
  const boss = await site.person(k.id, 'boss@k.example', { roles: ['org_admin'] }, there);
  assert.equal((await give({ keeper: k.id, members: [m.id], until: '2030-03-01T00:00:00Z' }, there)).status, 202);
  assert.ok((await allow(yes)).status < 300);
  await clock('2030-02-28T23:59:59Z');
  const { id } = (await add(boss, m.id, 'a@m.example')).json;
  assert.ok(id);
  await clock('2030-03-01T00:00:00Z');
  refused(await change(boss, id, { phone: '1' }), 404);
  refused(await add(boss, m.id, 'b@m.example'), 404);
  await poll('it is written down', async () => (await told(there, 'delegation.ended')).length === 1);
  assert.ok((await there.ok('POST', '/api/ledger/verify')).versions > 2);
  await desk.ok('DELETE', '/api/realms/demo');
});

test('the command line: ls, preview, add, end', async () => {
  const ls = await site.cli(['delegation', 'ls', '--json']);
  assert.equal(ls.code, 0, ls.err);
  assert.equal(ls.json.items[0].org.key, 'BNK');
  assert.equal((await site.cli(['delegation', 'preview', '--keeper', sector, '--members', w.OTH])).code, 0);
  const asked = await site.cli(['delegation', 'add', '--keeper', sector, '--members', w.OTH, '--until', at(9)]);
  assert.equal(asked.code, 0, asked.err);
  assert.ok((await allow()).status < 300);
  assert.equal((await site.cli(['delegation', 'end', 'OTH'])).code, 0);
});

test('after all that the ledger fits its records', async () => {
  assert.ok((await desk.ok('POST', '/api/ledger/verify')).versions > 10);
});
