// Objects: the one that was checked is the one that is changed; what is seen may not therefore be edited; what
// hangs on a thing is guarded like the thing; what is derived speaks of what is seen.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { kindOf, routes, sheet } from '../matrix/expect.mjs';
import { SOURCE, sleep } from '../api/harness.mjs';
import { openapi } from '../api/schema.mjs';
import { ABSENT, MACHINES, ground, unchanged } from './ground.mjs';

let site, desk, w;
before(async () => { ({ site, desk, w } = await ground()); });
after(() => site.close());

const BODIES = {
  notify_prefs_change: { task: 'at_once', notice: 'at_once', second: 'at_once', account: 'at_once', quiet_from: 0, quiet_until: 0, daily_at: 480, zone: 'UTC' },
  mail_key_add: { key: 'evil' }, mail_key_confirm: { code: 'AAAAA-AAAAA' }, person_mail_key_add: { key: 'evil' },
  session_lang: { lang: 'en' }, organisation_create: { key: 'EVIL', name_en: 'Evil', kind: 'bank' }, organisation_change: { province: 'Taken' },
  network_create: { value: '203.0.113.0/24' }, person_change: { phone: '000' }, key_create: { name: 'k', access: 'read' }, feed_create: { key: 'evil', format: 'csv' },
  feed_change: { every_s: 60 }, finding_answer: { answer: 'fixed' }, indicator_create: { value: 'evil.example', why: 'x' }, realm_create: { name: 'evil', kind: 'demo' },
  lookup_many: { text: '198.18.4.77 secret.example' }, leave_create: { from: '2090-01-01T00:00:00Z', until: '2090-01-02T00:00:00Z' },
  action_create: { about: 'notice', subject: ABSENT, title: 'Evil', working_days: 1 }, action_change: { nobody: true }, action_step: { to: 'done', said: 'Evil is done.' },
  first_step_skip: { why: 'Evil' }, holiday_create: { from: '2030-01-01', name_en: 'Evil', name_ur: 'بد' }, holiday_change: { from: '2030-01-01', name_en: 'Evil', name_ur: 'بد' },
  hold_place: { kind: 'organisation', subject: ABSENT, reason: 'Evil reasons.' }, retention_set: { days: 7 }, view_change: { place: 1 }, view_share: { whom: 'organisation' }, letter_state: { state: 'printed' }, backup_end: { state: 'failed' }, contact_confirm: { list: '0'.repeat(64) },
  channel_set: { kind: 'webhook', url: 'https://evil.example/x' }, channel_change: { state: 'off' }, delivery_replay_span: { from: '2020-01-01T00:00:00Z', until: '2090-01-01T00:00:00Z', sent: true },
  finding_audience: { tlp: 'CLEAR' }, notice_audience: { tlp: 'CLEAR' }, indicator_audience: { tlp: 'CLEAR' }, file_audience: { tlp: 'CLEAR' }, group_create: { name_en: 'Evil', kind: 'case' }, group_change: { name_en: 'Evil' },
};
const bodyOf = (route, of) => (route.id === 'person_create' ? { name: 'Spy', mail: 'spy@evil.example', org: of.organisation } : BODIES[route.id]);
const writes = routes.filter((r) => r.method !== 'GET' && !r.public && r.where !== 'stream');
const withId = writes.filter((r) => r.path.includes('{id}'));
const idOf = (route, of) => (route.path.startsWith('/api/feeds') ? 'shadowserver' : of[kindOf(sheet[route.id]) ?? 'notice']);

/** What a route cannot be asked without. */
const NEEDS = { channel_preview: '?kind=webhook', person_preview: '?roles=reader', key_preview: '?access=read', finding_audience_preview: '?tlp=RED', notice_audience_preview: '?tlp=RED', indicator_audience_preview: '?tlp=RED', file_audience_preview: '?tlp=RED', reach_read: '?kind=network', calendar_due: '?working_days=1', file_list: `?kind=notice&id=${ABSENT}`, file_create: `?kind=notice&id=${ABSENT}&name=x` };
function ask(who, route, id, { json, query = NEEDS[route.id] ?? '', headers } = {}) {
  const body = route.raw_body ? { body: 'a,b\n1,2\n' } : { json };
  const name = route.id === 'feed_file' ? `${query ? '&' : '?'}name=x.csv` : '';
  return who.call(route.method, route.path.replace('{id}', id).replace('{name}', 'nosuch') + query + name, { ...body, headers, ifMatch: '"v1"' });
}

test('CVE-2018-8949 checked one id, wrote another', () => unchanged(site, async () => {
  for (const route of withId) {
    const mine = idOf(route, w.own), foreign = idOf(route, w.theirs), body = bodyOf(route, w.own) ?? {};
    for (const [id, sent] of [
      [foreign, { json: body }], [foreign, { json: { ...body, id: mine } }], [mine, { json: { ...body, id: foreign } }], [foreign, { json: body, query: `?id=${mine}` }],
      [mine, { json: body, query: `?id=${foreign}` }], [`${mine}/../${foreign}`, { json: body }], [`${mine}%2f..%2f${foreign}`, { json: body }], [`${foreign}%00${mine}`, { json: body }],
      [`${foreign};${mine}`, { json: body }], [foreign.toUpperCase(), { json: body }], [foreign, { json: body, headers: { 'x-original-url': route.path.replace('{id}', mine), 'x-rewrite-url': route.path.replace('{id}', mine), 'x-http-method-override': 'GET' } }],
    ]) {
      // A route that reads no body takes none (413), whatever stands in it.
      const more = route.body || sent.json.id ? sent : { ...sent, json: undefined };
      const a = await ask(w.bnk, route, id, more);
      assert.ok([400, 403, 404, 405, 413, 422].includes(a.status), `${route.id} ${id} ${JSON.stringify(more)}: ${a.status} ${a.text}`);
    }
  }
}));

test('CVE-2026-56424 seen is not editable', () => unchanged(site, async () => {
  const reader = w.bnk;
  for (const target of [`/api/organisations/${w.BNK}`, `/api/organisations/${w.BNK}/networks`, `/api/notices/${w.own.notice}`]) assert.equal((await reader.call('GET', target)).status, 200, target);
  for (const [method, target, json] of [
    ['PATCH', `/api/organisations/${w.BNK}`, { province: 'x' }], ['POST', `/api/organisations/${w.BNK}/networks`, { value: '203.0.113.0/24' }], ['DELETE', `/api/networks/${w.own.network}`],
    ['PATCH', `/api/people/${w.bnk.id}`, { roles: ['reader', 'coordinator', 'admin'] }], ['POST', `/api/notices/${w.own.notice}/undo`], ['POST', '/api/indicators', { value: 'x.example', why: 'x' }],
  ]) {
    const a = await reader.call(method, target, { json, ifMatch: '"v1"' });
    assert.equal(a.status, 403, `${method} ${target}: ${a.status} ${a.text}`);
  }
}));

test('a key that reads changes nothing, by any route', async () => {
  const { secret } = await desk.post('/api/keys', { name: 'siem', access: 'read' });
  const key = site.client({ key: secret });
  await unchanged(site, async () => {
    for (const route of writes.filter((r) => !['ledger_verify', 'session_end'].includes(r.id))) {
      const a = await ask(key, route, idOf(route, w.theirs), { json: bodyOf(route, w.theirs) ?? {} });
      assert.equal(a.status, route.id === 'lookup_many' ? 200 : 403, `${route.id}: ${a.status} ${a.text}`); // a question with a text
    }
  });
});

test('CVE-2022-29534 a dangerous act asks again who one is, whatever form the request or the answer has', async () => {
  const { secret } = await desk.post('/api/keys', { name: 'machine', access: 'write' });
  const key = site.client({ key: secret }), dangerous = writes.filter((r) => r.step_up);
  assert.ok(dangerous.length >= 5);
  await unchanged(site, async () => {
    for (const route of dangerous) for (const headers of [
      {}, { accept: 'application/json' }, { accept: 'text/html' }, { accept: '*/*;q=0' }, { accept: 'application/problem+json' }, { 'x-requested-with': 'XMLHttpRequest' },
      { 'content-type': 'text/plain' }, { 'content-type': 'application/x-www-form-urlencoded' }, { 'content-type': 'multipart/form-data; boundary=x' },
    ]) {
      const a = await ask(key, route, idOf(route, w.theirs), { json: bodyOf(route, w.theirs), headers });
      assert.ok([403, 415].includes(a.status), `${route.id} ${JSON.stringify(headers)}: ${a.status} ${a.text}`);
      if (a.status === 403) assert.equal(a.json.step_up, 'key', `${route.id} ${JSON.stringify(headers)}: ${a.text}`);
    }
  });
});

test('CVE-2020-15411 what hangs on a thing is guarded like the thing', () => unchanged(site, async () => {
  const subs = routes.filter((r) => /\{id\}\//.test(r.path));
  assert.ok(subs.length >= 7);
  for (const route of subs) {
    const of = { ...w.theirs, feed: ABSENT }, id = route.path.startsWith('/api/feeds') ? ABSENT : idOf(route, of);
    const a = await ask(w.bnk, route, id, { json: bodyOf(route, w.theirs) }), none = await ask(w.bnk, route, ABSENT, { json: bodyOf(route, w.theirs) });
    assert.ok([403, 404].includes(a.status), `${route.id}: ${a.status} ${a.text}`);
    assert.equal(a.text.replaceAll(id, 'ID'), none.text.replaceAll(ABSENT, 'ID'), route.id);
    assert.equal((await ask(site.anyone(), route, id, { json: bodyOf(route, w.theirs) })).status, 401, route.id);
  }
}));

async function patient(fn) {
  for (;;) {
    const a = await fn();
    if (a.status !== 429) return a;
    await sleep(100);
  }
}

/** Every read of an agency's person, as bytes; what tells the time of day is taken out, and how often they
 * themselves have read, which this reading changes. */
async function allAnswers(who) {
  const out = {};
  for (const route of routes.filter((r) => r.method === 'GET' && !r.public && r.where !== 'stream')) {
    const query = { lookup: ['?q=198.18.4.77', '?q=secret.example', '?q=Ministry', '?q=MOX'], search: ['198.18.4.77', 'secret.example', 'secret', 'Secret Person', 'Ministry', 'MOX', 'open', 'second@mox.example'].map((q) => `?counts=true&q=${encodeURIComponent(q)}`), event_summary: ['', '?q=198.18.4.0/22'], people: [''] }[route.id] ?? [NEEDS[route.id] ?? ''];
    for (const q of query) {
      const target = route.path.replace('{id}', idOf(route, w.own)).replace('/api/events/shadowserver', '/api/events/x') + q;
      const a = await who.call('GET', target);
      const text = a.text.replace(/"(now|from|to|until)":"[^"]*"/g, '"$1":""').replace(/"age_edges":\[[^\]]*\]/g, '').replace(/"histogram":\[[^\]]*\]/g, '').replace(/"next":"[^"]*"/g, '"next":""').replace(/"last":"[^"]*","times":\d+/g, '"last":"","times":0');
      if (route.reply === 'bytes') { // a zip under a password is another one each time
        out[target] = `${a.status} ${a.bytes.length}`;
        continue;
      }
      out[target] = `${a.status} ${a.headers.etag ?? ''} ${text}`;
    }
  }
  return out;
}

test('CVE-2020-14969 what is derived (counts, facets, history, names) speaks of what is seen alone', async () => {
  const before = await allAnswers(w.bnk);
  await w.give([['198.18.4.77', 8443, 'critical', { tag: 'secret' }]]);
  await desk.post('/api/indicators', { value: 'secret.example', why: 'secret', tlp: 'AMBER+STRICT' });
  await desk.post('/api/indicators', { value: '198.18.4.77', why: 'secret', tlp: 'AMBER' });
  await desk.post(`/api/organisations/${w.MOX}/networks`, { value: 'secret.example' });
  await site.person(w.MOX, 'second@mox.example', { name: 'Secret Person' });
  await w.mox.ok('POST', `/api/findings/${w.theirs.finding}/answer`, { json: { answer: 'fixed' } });
  await w.mox.ok('POST', `/api/notices/${w.theirs.notice}/acknowledge`);
  assert.ok((await desk.get('/api/events?q=198.18.4.77')).items.length > 0, 'it did happen');
  assert.deepEqual(await allAnswers(w.bnk), before);
});

const NAMES = ['id', 'row', 'origin', 'audience', 'owner', 'author', 'not_before', 'created', 'modified', 'version', 'retention', 'salt', 'parent'];
function allColumns() {
  const names = new Set(NAMES);
  for (const file of ['records', 'tables']) {
    const tables = JSON.parse(readFileSync(path.join(SOURCE, `data/records/${file}.json`), 'utf8'));
    for (const t of Object.values(tables)) for (const c of t.columns ?? []) names.add(c[0]);
  }
  return [...names];
}

const asked = (route) => {
  const op = openapi.paths[route.path]?.[route.method.toLowerCase()], media = op?.requestBody?.content?.['application/json'];
  const ref = media?.schema?.$ref;
  const s = ref ? ref.slice(2).split('/').reduce((at, part) => at[part], openapi) : media?.schema;
  return new Set(Object.keys(s?.properties ?? {}));
};

test('CVE-2026-22783 every column of every table, sent to every route that writes: nothing but what is asked for is taken', async () => {
  const columns = allColumns();
  assert.ok(columns.length > 80, `${columns.length} columns`);
  await unchanged(site, async () => {
    for (const route of writes.filter((r) => r.body)) {
      const allowed = asked(route), body = bodyOf(route, w.theirs) ?? {}, id = idOf(route, w.theirs);
      assert.ok(allowed.size > 0, route.id);
      const extra = columns.filter((c) => !allowed.has(c));
      // All of them at once, then each alone; a server that is asked so often asks for patience.
      for (const more of [Object.fromEntries(extra.map((c) => [c, 1])), ...extra.map((c) => ({ [c]: 1 }))]) {
        const a = await patient(() => ask(desk, route, id, { json: { ...more, ...body } }));
        assert.equal(a.status, 422, `${route.id} ${Object.keys(more)[0]}: ${a.status} ${a.text}`);
      }
      const q = await patient(() => ask(desk, route, id, { json: body, query: '?owner=2&audience=8&author=1&version=9' }));
      assert.equal(q.status, 422, `${route.id}: ${q.text}`);
    }
  });
});
