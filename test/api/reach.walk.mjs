// Walk: who may see this. In a small random country every thing's reach, as its owner is told it, is held
// against asking the server as every person and every key; so is what a change of label or audience was
// said to come to. Nobody but the owner's people hears of others.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Site, poll, refused } from './site.mjs';
import { populate } from './world.mjs';

const ABSENT = '00000000-0000-4000-8000-000000000000';
const LABELS = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'];
const SEED = Number(process.env.MINAR_SEED ?? 20261130), STEPS = Number(process.env.MINAR_REACH_STEPS ?? 40);
let seed = SEED;
const pick = (n) => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return (seed >>> 16) % n; };
const one = (list) => list[pick(list.length)];

let site, desk, w, people, keys, things, groups, officer;

const named = (id) => people.find((p) => p.id === id);

async function makePeople() {
  people = [];
  const add = async (org, mail, roles) => people.push(Object.assign(await site.person(w[org], `${mail}@${org.toLowerCase()}.example`, { roles, lang: 'en', contact_role: 'none' }), { org, roles }));
  for (const org of ['MOX', 'BNK']) for (const role of ['analyst', 'reader', 'auditor']) await add(org, role, [role]);
  await add('MOX', 'head', ['reader', 'analyst', 'org_admin']);
  await add('BNK', 'head', ['reader', 'analyst', 'org_admin']);
  for (const org of ['CLIENT', 'OUTSIDE', 'OTHER']) await add(org, 'reader', ['reader']);
  await add('CLIENT', 'none', []);
  officer = await site.person(w.CERT, 'officer@cert.example', { roles: ['reader', 'analyst', 'coordinator'], lang: 'en', contact_role: 'none' });
  people.push(Object.assign(officer, { org: 'CERT', roles: ['reader', 'analyst', 'coordinator'] }));
  const gone = await site.person(w.BNK, 'gone@bnk.example', { roles: ['reader'], lang: 'en', contact_role: 'none' });
  const row = (await desk.all('/api/people')).find((x) => x.id === gone.id);
  await desk.ok('PATCH', `/api/people/${gone.id}`, { json: { state: 'disabled' }, ifMatch: `"v${row.version}"` });
  people.push(Object.assign(gone, { org: 'BNK', roles: ['reader'], gone: true }));
}

async function makeKeys() {
  keys = [];
  const add = async (who, more) => {
    const k = await who.post('/api/keys', { name: 'siem', access: 'read', ...more });
    keys.push(Object.assign(site.client({ key: k.secret }), { of: who, keyId: k.id }));
  };
  const [analyst] = people.filter((p) => p.org === 'BNK' && p.roles.includes('analyst'));
  await add(analyst, {});
  await add(analyst, { scope: 'finding.read' });
  await add(officer, { scope: 'indicator.read notice.read' });
}

before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  desk = site.desk;
  w = await populate(site);
  w.CLIENT = (await site.org('CLIENT', { provider_key: 'MOX' })).id;
  w.OUTSIDE = (await site.org('OUTSIDE', { community: false, provider_key: 'BNK' })).id;
  w.OTHER = (await site.org('OTHER')).id;
  await makePeople();
  people.push(Object.assign(w.mox, { org: 'MOX', roles: ['reader', 'analyst', 'org_admin'] }), Object.assign(w.bnk, { org: 'BNK', roles: ['reader', 'analyst', 'org_admin'] }));
  for (const p of [w.mox, w.bnk]) p.roles = (await p.get('/api/session')).roles;
  await makeKeys();
  groups = [];
  for (const members of [['MOX', 'BNK'], ['BNK', 'CERT'], ['MOX', 'CERT', 'OTHER'], []]) groups.push(await officer.post('/api/groups', { name_en: `Group ${members}`, kind: 'sector', members: members.map((m) => w[m]) }));
  await w.give([['198.18.4.10'], ['198.18.64.20']]);
  const notices = await poll('two notices that left', async () => { const n = (await desk.get('/api/notices')).items.filter((x) => x.state === 'sent'); return n.length === 2 && n; }, 30000);
  things = notices.map((n) => ({ kind: 'notice', id: n.id, owner: 'CERT' }));
  for (const org of ['MOX', 'BNK']) things.push({ kind: 'finding', id: (await poll('a finding', async () => (await desk.get(`/api/findings?org=${w[org]}`)).items[0])).id, owner: org });
  for (const value of ['one.example', 'two.example']) things.push({ kind: 'indicator', id: (await officer.post('/api/indicators', { value, why: 'x' })).id, value, owner: 'CERT' });
  for (const [kind, of, owner] of [['finding', 'MOX', 'MOX'], ['notice', 'CERT', 'CERT']]) {
    const on = things.find((t) => t.kind === kind && t.owner === of), by = owner === 'CERT' ? officer : w.mox;
    const a = await by.call('POST', `/api/files?kind=${kind}&id=${on.id}&name=a.txt`, { body: 'what it hung on' });
    assert.equal(a.status, 201, a.text);
    things.push({ kind: 'file', id: a.json.id, owner });
  }
});
after(() => site.close());

/** Is it there for this person or key? */
async function gets(who, x) {
  const a = x.kind === 'indicator' ? await who.call('GET', `/api/indicators?q=${x.value}`) : await who.call('GET', `/api/${x.kind}s/${x.id}`);
  if (x.kind === 'indicator') return a.status === 200 && a.json.items.some((i) => i.id === x.id);
  assert.ok([200, 401, 403, 404].includes(a.status), a.text);
  return a.status === 200;
}

/** Everybody who gets it: people by id (the desk's own, who asks from the machine, too), keys by id. */
async function seers(x) {
  const seen = { people: [], keys: [] };
  for (const p of people) if (await gets(p, x)) seen.people.push(p.id);
  if (await gets(desk, x)) seen.people.push('desk');
  for (const k of keys) if (await gets(k, x)) seen.keys.push(k.keyId);
  return seen;
}

const path = (x) => `/api/${x.kind}s/${x.id}/reach`;
/** Where its reach is read; of a file, of one organisation where asked. */
const reachOf = (x, org) => (x.kind === 'file' ? `/api/reach/${x.id}?kind=attachment${org ? `&org=${org}` : ''}` : `${path(x)}${org ? `?org=${org}` : ''}`);
const orgOf = (id) => (id === 'desk' ? 'CERT' : named(id).org);
const count = (ids) => ids.reduce((m, id) => ({ ...m, [orgOf(id)]: (m[orgOf(id)] ?? 0) + 1 }), {});
const owners = (x) => people.filter((p) => p.org === x.owner && !p.gone && p.roles.some((r) => ['analyst', 'org_admin', 'coordinator'].includes(r)));

async function ownerWhoSees(x) {
  for (const p of owners(x)) if (await gets(p, x)) return p;
  return x.owner === 'CERT' && await gets(desk, x) ? desk : null;
}

/** What the owner is told of x against what everybody gets. */
async function holds(x, words) {
  const who = await ownerWhoSees(x), seen = await seers(x);
  if (!who) return null;
  const r = await who.get(reachOf(x)), want = count(seen.people);
  assert.equal(r.whole, true, words);
  assert.equal(r.people, seen.people.length, `${words}: people ${JSON.stringify(want)} ${JSON.stringify(r.items.map((i) => [i.org.key, i.people]))}`);
  assert.equal(r.keys, seen.keys.length, `${words}: keys`);
  for (const row of r.items) assert.equal(row.people, want[row.org.key] ?? 0, `${words}: ${row.org.key}`);
  const told = r.items.reduce((n, row) => n + row.people, 0);
  assert.equal(r.unnamed.people, seen.people.length - told, `${words}: unnamed`);
  assert.equal(r.organisations, r.items.length + r.unnamed.organisations, words);
  for (const row of r.items) {
    const part = await who.get(reachOf(x, row.org.id));
    const ids = seen.people.filter((id) => id !== 'desk' && orgOf(id) === row.org.key).sort();
    const got = part.persons.map((p) => p.id).filter((id) => named(id)).sort();
    if (x.owner === 'CERT' || row.own) assert.deepEqual(got, ids, `${words}: ${row.org.key}'s people`);
    for (const p of part.persons) assert.ok(p.why.length > 0, words);
  }
  return { who, seen, reach: r };
}

test('as they stand, reach is who gets them', async () => {
  let held = 0;
  for (const x of things) held += (await holds(x, `${x.kind} as it stands`)) ? 1 : 0;
  assert.equal(held, things.length);
});

test('why: the owner, its group, and who has no role for it', async () => {
  const x = things.find((t) => t.kind === 'finding' && t.owner === 'MOX');
  const r = await w.mox.get(path(x));
  const mine = r.items.find((i) => i.own);
  assert.deepEqual([mine.org.key, mine.why, mine.others], ['MOX', ['owner'], 1]);
  assert.deepEqual(r.items.find((i) => i.org.key === 'CERT').why, ['group']);
  assert.deepEqual([r.tlp, r.owner.key], ['AMBER+STRICT', 'MOX']);
});

test('who is not the owner hears of his own organisation; who sees nothing, of nothing', async () => {
  const x = things.find((t) => t.kind === 'finding' && t.owner === 'MOX');
  const r = await officer.get(path(x));
  assert.deepEqual([r.whole, r.items.map((i) => i.org.key), r.organisations, r.unnamed.people], [false, ['CERT'], 1, 0]);
  const reader = people.find((p) => p.org === 'MOX' && p.roles[0] === 'reader');
  const mine = await reader.get(path(x));
  assert.deepEqual([mine.whole, mine.items.map((i) => i.org.key)], [false, ['MOX']]);
  assert.equal((await officer.call('GET', `${path(x)}?org=${w.MOX}`)).status, 404);
  const hidden = await w.bnk.call('GET', path(x)), absent = await w.bnk.call('GET', path({ ...x, id: ABSENT }));
  assert.deepEqual([hidden.status, hidden.text], [404, absent.text]);
  refused(await people.find((p) => p.roles[0] === 'auditor').call('GET', path(x)), 403);
});

async function wanted(who) {
  const tlp = one(LABELS), q = { tlp };
  if (tlp.startsWith('AMBER') && pick(3)) {
    const mine = (await who.all('/api/groups?single=true')).map((g) => g.id);
    if (mine.length) q.group = one(mine);
  }
  if (tlp === 'RED') q.people = (await who.all('/api/people')).map((p) => p.id).filter((id) => named(id)).filter(() => pick(3) === 0);
  return q;
}

const query = (q) => new URLSearchParams({ tlp: q.tlp, ...(q.group ? { group: q.group } : {}), ...(q.people?.length ? { people: q.people.join(' ') } : {}) });

/** The change, and whoever is the second where one is wanted. */
async function share(who, x, version, q, effect) {
  const a = await who.call('PATCH', path(x), { json: q, ifMatch: `"v${version}"` });
  assert.equal(a.status, effect.second ? 202 : 200, `${JSON.stringify(q)} ${a.text}`);
  if (effect.second) {
    const act = (await desk.get('/api/acts')).items.find((i) => i.id === a.json.id);
    assert.deepEqual([act.share.kind, act.share.record, act.share.tlp], [x.kind === 'file' ? 'attachment' : x.kind, x.id, q.tlp]);
    await desk.ok('POST', `/api/acts/${a.json.id}/approval`);
  }
}

test(`a random country (seed ${SEED}): what a change was said to come to is what it comes to`, async () => {
  let changed = 0, seconds = 0, gained = 0, lost = 0;
  for (let step = 0; step < STEPS; step++) {
    const x = one(things), words = `step ${step} ${x.kind} of ${x.owner}`, now = await holds(x, words);
    const by = now && (x.owner !== 'CERT' ? owners(x).find((p) => p.roles.includes('analyst')) : now.who);
    if (!by || !await gets(by, x) || by === desk) continue;
    const q = await wanted(by), p = await by.get(`${path(x)}/preview?${query(q)}`);
    await share(by, x, now.reach.version, q, p);
    const then = await seers(x), detail = `${words} to ${JSON.stringify(q)}`;
    const fresh = then.people.filter((id) => !now.seen.people.includes(id)), gone = now.seen.people.filter((id) => !then.people.includes(id));
    assert.deepEqual([p.gains.people, p.loses.people], [fresh.length, gone.length], detail);
    assert.equal(p.after.people, then.people.length, detail);
    assert.equal(p.gains.keys - p.loses.keys, then.keys.length - now.seen.keys.length, detail);
    for (const row of p.items) assert.deepEqual([row.gains, row.loses], [count(fresh)[row.org.key] ?? 0, count(gone)[row.org.key] ?? 0], `${detail}: ${row.org.key}`);
    if (fresh.length) assert.ok(p.widens, detail);
    await holds(x, `after ${detail}`);
    changed++;
    seconds += p.second ? 1 : 0;
    gained += fresh.length;
    lost += gone.length;
  }
  assert.ok(changed > STEPS / 3 && seconds > 0 && gained > 5 && lost > 5, `${changed} changes, ${seconds} by two, ${gained} gained, ${lost} lost: too few to say anything`);
});

test('broken glass is a reason of its own, and ends', async () => {
  const x = { kind: 'indicator', value: 'glass.example', owner: 'CERT' };
  x.id = (await officer.post('/api/indicators', { value: x.value, why: 'x' })).id;
  const { id } = await w.bnk.post('/api/glass', { kind: 'indicator', record: x.id, reason: 'the attack is running now', minutes: 60 });
  await desk.ok('POST', `/api/acts/${id}/approval`);
  await people.find((p) => p.org === 'BNK' && p.roles.length === 3 && p !== w.bnk).ok('POST', `/api/acts/${id}/approval`);
  const { reach } = await holds(x, 'with broken glass');
  const row = reach.items.find((i) => i.org.key === 'BNK');
  assert.deepEqual([row.why, row.people, row.named.map((p) => [p.id, p.why])], [[], 1, [[w.bnk.id, ['glass']]]]);
  const [grant] = (await desk.get('/api/glass')).items;
  await desk.ok('DELETE', `/api/glass/${grant.id}`);
  assert.ok(!(await holds(x, 'without it')).reach.items.some((i) => i.org.key === 'BNK'));
});

test('only its owner shares a thing, only with whom he sees, and not what is held', async () => {
  const x = things.find((t) => t.kind === 'finding' && t.owner === 'BNK'), id = (await officer.post('/api/indicators', { value: 'mine.example', why: 'x', tlp: 'CLEAR' })).id;
  const analyst = people.find((p) => p.org === 'BNK' && p.roles[0] === 'analyst'), q = { tlp: 'AMBER', group: groups[0].id };
  refused(await analyst.call('PATCH', `/api/indicators/${id}/reach`, { json: { tlp: 'CLEAR' }, ifMatch: '"v1"' }), 403, 'error.access.not_owner');
  refused(await analyst.call('GET', `/api/indicators/${id}/reach/preview?tlp=RED`), 403, 'error.access.not_owner');
  refused(await officer.call('PATCH', `/api/indicators/${id}/reach`, { json: { tlp: 'CLEAR' } }), 400, 'error.api.if_match_missing');
  refused(await officer.call('PATCH', `/api/indicators/${id}/reach`, { json: { tlp: 'CLEAR' }, ifMatch: '"v9"' }), 412);
  for (const [json, code] of [[{ tlp: 'AMBER', group: ABSENT }, 'error.office.group_unknown'], [{ tlp: 'RED', people: [ABSENT] }, 'error.office.named_unknown'], [{ tlp: 'GREEN', group: q.group }, 'error.access.group_label'], [{ tlp: 'AMBER', people: [officer.id] }, 'error.access.people_not_red']]) refused(await officer.call('PATCH', `/api/indicators/${id}/reach`, { json, ifMatch: '"v1"' }), 422, code);
  const key = site.client({ key: (await officer.post('/api/keys', { name: 'w', access: 'write' })).secret });
  await officer.ok('PATCH', `/api/indicators/${id}/reach`, { json: { tlp: 'AMBER' }, ifMatch: '"v1"' });
  assert.equal((await key.call('PATCH', `/api/indicators/${id}/reach`, { json: { tlp: 'GREEN' }, ifMatch: '"v2"' })).json.step_up, 'key', 'a key shows no proof');
  await key.ok('PATCH', `/api/indicators/${id}/reach`, { json: { tlp: 'RED' }, ifMatch: '"v2"' });
  assert.ok(x);
});

test('other kinds: a person, an organisation, a group', async () => {
  const p = await officer.get(`/api/reach/${w.bnk.id}?kind=person`);
  assert.deepEqual([p.whole, p.items.map((i) => i.org.key).sort()], [true, ['BNK', 'CERT']]);
  const o = await w.bnk.get(`/api/reach/${w.BNK}?kind=organisation`);
  assert.deepEqual([o.whole, o.items.map((i) => i.org.key)], [false, ['BNK']]);
  const g = await officer.get(`/api/reach/${groups[0].id}?kind=sharing_group`);
  assert.deepEqual(g.items.map((i) => i.org.key).sort(), ['BNK', 'CERT', 'MOX']);
  assert.equal((await w.bnk.call('GET', `/api/reach/${w.MOX}?kind=organisation`)).status, 404);
  assert.equal((await officer.call('GET', `/api/reach/${w.bnk.id}?kind=api_key`)).status, 422);
  for (const who of people.filter((q) => !q.gone && q.roles.length)) {
    const sees = (await who.call('GET', '/api/people')).json.items?.some((q) => q.id === w.bnk.id) ?? false;
    assert.equal(sees, ['BNK', 'CERT'].includes(who.org) && who.roles[0] !== 'auditor', `${who.org} ${who.roles}`);
  }
});

test('the command line says the same', async () => {
  const x = { kind: 'indicator', id: (await officer.post('/api/indicators', { value: 'cli.example', why: 'x' })).id };
  const r = await site.cli(['indicator', 'reach', x.id, '--json']);
  assert.equal(r.code, 0, r.err);
  assert.deepEqual(r.json.people, (await desk.get(path(x))).people);
  const s = await site.cli(['indicator', 'share-preview', x.id, 'RED', '--json']);
  assert.equal(s.code, 0, s.err);
  assert.equal(s.json.to.tlp, 'RED');
});
