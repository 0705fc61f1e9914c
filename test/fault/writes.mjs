// writes.mjs - one good call of every route that writes, made ready anew each time: for tests that let something fail
// beneath it. A route without a row here fails them (unwritten). x: {site, w, desk, n} and what is made below.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { SOURCE } from '../api/harness.mjs';
import { cookieOf, poll } from '../api/site.mjs';
import { MAPPING, day } from '../api/world.mjs';

const SOON = () => new Date(Date.now() + 86400e3).toISOString(), LATER = () => new Date(Date.now() + 2 * 86400e3).toISOString();
const NONE = '00000000-0000-4000-8000-000000000000';

export const routes = readdirSync(path.join(SOURCE, 'data/routes')).filter((f) => f.endsWith('.json')).sort()
  .flatMap((f) => JSON.parse(readFileSync(path.join(SOURCE, 'data/routes', f), 'utf8'))).filter((r) => r.method !== 'GET');

/** It comes to no write here, for this reason; that it is refused in words is what is tried. */
const refused = (why, call = {}) => Object.assign(async () => call, { why });
const versioned = async (x, kind, id) => `"v${(await x.desk.get(`/api/${kind}/${id}`)).version ?? 1}"`;

// ---- things to write on ----

const org = async (x) => (await x.site.org(`W${x.n}`)).id;
const invited = (x, more = {}) => x.desk.post('/api/people', { name: `P ${x.n}`, mail: `w${x.n}@mox.example`, org: x.w.MOX, contact_role: 'none', roles: ['reader'], ...more });
const person = async (x) => (await invited(x)).id;
const key = async (x) => (await x.desk.post('/api/keys', { name: `w${x.n}`, access: 'read' })).id;
const view = async (x) => (await x.desk.post('/api/views', { name_en: `View ${x.n}`, path: '/notices' })).id;
const holiday = (x) => ({ from: '2031-01-01', name_en: `Day ${x.n}`, name_ur: 'دن' });
const action = async (x) => (await x.desk.post('/api/actions', { about: 'organisation', subject: x.w.MOX, title: `Write ${x.n}`, working_days: 5 })).id;
const file = async (x) => (await x.desk.post(`/api/files?kind=organisation&id=${x.w.MOX}&name=w${x.n}.txt`, undefined, { body: `text ${x.n}` })).id;
const group = async (x) => (await x.desk.post('/api/groups', { name_en: `Group ${x.n}`, kind: 'sector', members: [x.w.MOX] })).id;
const indicator = async (x) => (await x.desk.post('/api/indicators', { value: `w${x.n}.example`, why: 'of the test' })).id;
const hook = async (x) => {
  const id = await org(x);
  await x.desk.post(`/api/organisations/${id}/channels`, { kind: 'webhook', url: 'https://soc.example/x' });
  return (await x.desk.get(`/api/organisations/${id}/channels`)).items.find((c) => c.kind === 'webhook').id;
};
/** A finding of its own, and the notice of it. */
async function finding(x) {
  const ip = `198.18.${4 + (x.n >> 8) % 4}.${x.n & 255}`;
  await x.w.give([[ip, 1024 + x.n]]);
  return (await poll('a finding', async () => (await x.desk.get(`/api/findings?org=${x.w.MOX}&limit=200`)).items.find((f) => f.ip === ip && f.port === 1024 + x.n))).id;
}
const notices = async (x, state) => (await x.desk.get(`/api/notices?org=${x.w.MOX}&limit=200`)).items.filter((n) => n.state === state);
const notice = async (x, state) => {
  await finding(x);
  return (await poll(`a notice that is ${state}`, async () => (await notices(x, state))[0])).id;
};
/** Somebody who has signed in with a password, with it in hand; proved: just now. */
const proved = async (x) => {
  await x.w.bnk.ok('POST', '/api/session/proof', { json: { password: x.w.bnk.password } });
  return x.w.bnk;
};
/** An act that waits for a second person: a legal hold that is to be lifted. */
const hold = async (x) => (await x.desk.post('/api/holds', { kind: 'organisation', subject: await org(x), reason: 'Held for the test' })).id;
const act = async (x) => {
  await x.desk.ok('DELETE', `/api/holds/${await hold(x)}`);
  return (await x.desk.get('/api/acts')).items[0].id;
};
const leave = async (x) => (await x.desk.post('/api/leaves', { person: await person(x), from: SOON(), until: LATER() })).id;
const underWay = async (x) => (await x.desk.get('/api/backups')).items.filter((b) => ['begun', 'copying', 'ready'].includes(b.state));
const reach = (list, make, who = 'desk') => async (x) => {
  const id = await make(x);
  return { id, who: x[who] ?? x.w[who], json: { tlp: 'RED' }, ifMatch: await versioned(x, list, id) };
};
const of = (make, json) => async (x) => ({ id: await make(x), json: typeof json === 'function' ? json(x) : json });

// ---- the rows ----

export const WRITES = {
  session_create: async (x) => ({ who: x.site.anyone(), json: { mail: x.w.bnk.mail, password: x.w.bnk.password } }),
  session_lang: async () => ({ json: { lang: 'en' } }),
  session_link: async () => ({}),
  session_prove: async (x) => ({ who: x.w.bnk, json: { password: x.w.bnk.password } }),
  session_end: async (x) => ({ who: x.site.client({ cookie: cookieOf(await x.site.anyone().call('POST', '/api/session', { json: { mail: x.w.bnk.mail, password: x.w.bnk.password } })) }) }),
  factor_begin: async (x) => ({ who: await proved(x) }),
  factor_confirm: refused('the first code is not known', { json: { code: '000000' } }),
  factor_remove: refused('there is none'),
  passkey_begin: async (x) => ({ who: await proved(x) }),
  passkey_create: refused('no key was asked', { json: { name: 'k', client_data: 'e30', attestation: 'oA' } }),
  passkey_change: refused('there is none', { id: NONE, json: { name: 'blue key' } }),
  passkey_remove: refused('there is none', { id: NONE }),
  passkey_ask: async (x) => ({ who: x.site.anyone() }),
  passkey_enter: refused('no key was asked', { json: { credential: 'x', client_data: 'e30', auth_data: 'x', signature: 'x' } }),
  proof_begin: refused('no passkey is there'),
  mail_key_add: refused('no OpenPGP here', { json: { key: 'none' } }),
  mail_key_confirm: refused('there is none', { id: NONE, json: { code: 'AAAAA-AAAAA' } }),
  mail_key_remove: refused('there is none', { id: NONE }),
  person_mail_key_add: refused('no OpenPGP here', { id: NONE, json: { key: 'none' } }),
  person_mail_key_remove: refused('there is none', { id: NONE }),
  oidc_sign_in: refused('no identity provider here'),
  identity_begin: refused('no identity provider here'),
  identity_prove: refused('no identity provider here'),
  identity_end: refused('no identity provider here'),
  link_use: async (x) => ({ who: x.site.anyone(), token: new URL((await invited(x)).link).pathname.split('/').pop(), body: 'password=a+long+one+for+this&again=a+long+one+for+this', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
  organisation_create: async (x) => ({ json: { key: `N${x.n}`, name_en: `Body ${x.n}`, kind: 'bank' } }),
  organisation_change: async (x) => ({ id: await org(x), json: { province: `North ${x.n}` }, ifMatch: '"v1"' }),
  network_create: async (x) => ({ id: await org(x), json: { value: `net-${x.n}.example` } }),
  network_withdraw: of(async (x) => (await x.desk.post(`/api/organisations/${await org(x)}/networks`, { value: `net-${x.n}.example` })).id),
  organisation_import: async (x) => ({ query: '?name=x.csv', body: `Code,Name,Type\nFILE${x.n},File ${x.n},bank\n` }),
  import_stop: refused('it has ended', { id: NONE }),
  person_create: async (x) => ({ json: { name: `P ${x.n}`, mail: `w${x.n}@mox.example`, org: x.w.MOX, contact_role: 'none', roles: ['reader'] } }),
  person_change: of(person, (x) => ({ phone: `${x.n}` })),
  person_invite: of(person),
  person_erase: of(person),
  person_factor_end: refused('there is none', { id: NONE }),
  retention_set: async (x) => ({ name: 'jobs', json: { days: 365 + x.n % 100 } }),
  retention_run: async () => ({}),
  hold_place: async (x) => ({ json: { kind: 'organisation', subject: await org(x), reason: 'Held for the test' } }),
  hold_lift: of(hold),
  notification_read: refused('there is none', { id: NONE }),
  notification_read_all: async () => ({}),
  notify_prefs_change: async (x) => ({ json: { task: 'at_once', notice: 'at_once', second: 'at_once', account: 'at_once', quiet_from: 0, quiet_until: 0, daily_at: x.n % 1000, zone: 'UTC' } }),
  view_create: async (x) => ({ json: { name_en: `View ${x.n}`, path: '/notices' } }),
  view_change: of(view, (x) => ({ place: x.n })),
  view_share: of(view, { whom: 'me' }),
  view_remove: of(view),
  action_create: async (x) => ({ json: { about: 'organisation', subject: x.w.MOX, title: `Write ${x.n}`, working_days: 3 } }),
  action_change: async (x) => ({ id: await action(x), json: { title: `Other words ${x.n}` }, ifMatch: '"v1"' }),
  action_step: of(action, { to: 'dropped', said: 'Not needed any more.' }),
  holiday_create: async (x) => ({ json: holiday(x) }),
  holiday_change: of(async (x) => (await x.desk.post('/api/calendar/holidays', holiday(x))).id, (x) => ({ ...holiday(x), name_en: `Other ${x.n}` })),
  holiday_remove: of(async (x) => (await x.desk.post('/api/calendar/holidays', holiday(x))).id),
  leave_create: async (x) => ({ json: { person: await person(x), from: SOON(), until: LATER() } }),
  leave_end: of(leave),
  channel_set: of(org, { kind: 'webhook', url: 'https://soc.example/x' }),
  channel_change: of(hook, { state: 'off' }),
  channel_secret: of(hook),
  channel_test: of(hook),
  channel_remove: of(hook),
  delegation_give: async (x) => ({ json: { keeper: x.w.BNK, members: [await org(x)], until: LATER() } }),
  delegation_end: refused('there is none', { id: NONE }),
  contact_confirm: async (x) => ({ id: x.w.MOX, json: { list: (await x.desk.get(`/api/contacts/${x.w.MOX}`)).list } }),
  recert_confirm: refused('it is not time yet', { id: NONE, json: { list: '0'.repeat(64) } }),
  act_approve: refused('its asker is no second person', { id: NONE }),
  act_refuse: of(act),
  glass_ask: async () => ({ json: { kind: 'finding', record: NONE, reason: 'For the test of writes', minutes: 10 } }),
  glass_end: refused('there is none', { id: NONE }),
  task_done: refused('there is none', { id: NONE }),
  key_create: async (x) => ({ json: { name: `k${x.n}`, access: 'read' } }),
  key_renew: of(key),
  key_revoke: of(key),
  finding_audience: reach('findings', finding, 'officer'),
  notice_audience: reach('notices', (x) => notice(x, 'sent')),
  indicator_audience: reach('indicators', indicator),
  file_audience: reach('files', file),
  file_create: async (x) => ({ query: `?kind=organisation&id=${x.w.MOX}&name=w${x.n}.txt`, body: `text ${x.n}` }),
  file_release: refused('it is in no quarantine', { id: NONE }),
  file_look: of(file),
  file_erase: of(file),
  group_create: async (x) => ({ json: { name_en: `Group ${x.n}`, kind: 'sector', members: [x.w.MOX] } }),
  group_change: async (x) => {
    const id = await group(x);
    return { id, json: { name_en: `Other ${x.n}` }, ifMatch: await versioned(x, 'groups', id) };
  },
  ledger_verify: async () => ({}),
  witness_add: refused('no ledger is on our list', { body: 'x' }),
  job_stop: refused('it has ended', { id: NONE }),
  job_undo: refused('it has ended', { id: NONE }),
  backup_begin: async (x) => {
    for (const b of await underWay(x)) await x.desk.ok('POST', `/api/backups/${b.id}/end`, { json: { state: 'stopped' } });
    return {};
  },
  backup_end: async (x) => ({ id: ((await underWay(x))[0] ?? await x.desk.post('/api/backups')).id, json: { state: 'stopped' } }),
  backup_note: async (x) => ({ json: { kind: 'drill', good: true, name: `n${x.n}` } }),
  bundle_apply: refused('no key is trusted here', { body: 'x' }),
  first_step_skip: async () => ({ name: 'strong', json: { why: 'Of the test' } }),
  first_step_resume: async (x) => {
    await x.desk.call('PUT', '/api/first-hour/strong', { json: { why: 'Of the test' }, checked: false });
    return { name: 'strong' };
  },
  realm_create: async (x) => {
    await x.desk.call('DELETE', '/api/realms/demo', { checked: false });
    return { json: { name: 'demo', kind: 'demo' } };
  },
  realm_remove: async (x) => {
    await x.desk.call('POST', '/api/realms', { json: { name: 'demo', kind: 'demo' }, checked: false });
    return { name: 'demo' };
  },
  realm_clock: refused('never in the live realm', { json: { now: '2030-01-01T00:00:00Z' } }),
  feed_create: async (x) => ({ json: { key: `feed-${x.n}`, format: 'csv' } }),
  feed_change: of(async (x) => (await x.desk.post('/api/feeds', { key: `feed-${x.n}`, format: 'csv' })).id, (x) => ({ every_s: 3600 + x.n })),
  feed_file: async (x) => ({ id: 'shadowserver', query: `?wait=true&name=${day()}-scan_widget-f${x.n}.csv`, body: `timestamp,severity,ip,protocol,port,hostname,asn,geo,tag\n2026-11-20 10:00:00,low,198.18.64.${x.n % 250},tcp,${1024 + x.n},,64500,PK,widget\n` }),
  feed_mapping: async () => ({ body: JSON.stringify(MAPPING) }),
  finding_answer: async (x) => ({ who: x.w.officer, id: await finding(x), json: { answer: 'fixed' } }),
  finding_answers_preview: async (x) => ({ who: x.w.officer, json: { answer: 'fixed', ids: [await finding(x)] } }),
  finding_answers: async (x) => ({ who: x.w.officer, json: { answer: 'fixed', ids: [await finding(x)] } }),
  notice_acknowledges_preview: async (x) => ({ who: x.w.officer, json: { ids: [await notice(x, 'sent')] } }),
  notice_acknowledges: async (x) => ({ who: x.w.officer, json: { ids: [await notice(x, 'sent')] } }),
  notice_undos_preview: async (x) => ({ json: { ids: [await notice(x, 'held')] } }),
  notice_undos: async (x) => ({ json: { ids: [await notice(x, 'held')] } }),
  notice_acknowledge: async (x) => ({ who: x.w.officer, id: await notice(x, 'sent') }),
  notice_undo: of((x) => notice(x, 'held')),
  notice_letter: of((x) => notice(x, 'sent')),
  letter_state: refused('no letter is made here', { id: NONE, json: { state: 'printed' } }),
  delivery_replay: refused('none was given up', { id: NONE }),
  delivery_replay_span: async () => ({ json: { from: '2090-01-01T00:00:00Z', until: '2090-01-02T00:00:00Z' } }),
  lookup_many: async () => ({ json: { text: 'x.example' } }),
  indicator_create: async (x) => ({ json: { value: `new-${x.n}.example`, why: 'new' } }),
  indicator_import: async (x) => ({ query: '?name=x.txt', body: `file-${x.n}.example\n` }),
};

/** Those besides the people of populate() who act in them. */
export async function actors(site, w) {
  w.officer = await site.person(w.MOX, 'officer@mox.example', { roles: ['analyst', 'org_admin'] });
}

/** Routes without a row, and rows without a route. */
export function unwritten() {
  const ids = new Set(routes.map((r) => r.id));
  return [...routes.filter((r) => !WRITES[r.id]).map((r) => `${r.id} has no row in test/fault/writes.mjs`),
    ...Object.keys(WRITES).filter((id) => !ids.has(id)).map((id) => `test/fault/writes.mjs names ${id}, which is no route that writes`)];
}

/** Makes all ready that a call of it needs; gives the call. */
export async function ready(route, x) {
  const { who = x.desk, id, name, token, query = '', ...options } = await WRITES[route.id](x);
  const target = route.path.replace('{id}', id).replace('{name}', name).replace('{token}', token) + query;
  assert.doesNotMatch(target, /undefined/, `${route.id}: ${target}`);
  return () => who.call(route.method, target, { ...options, checked: false });
}
