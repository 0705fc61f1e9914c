// A stand-in for the program, for developing and testing the console only. No rule of the program lives here.
// usage: node test/mock/server.mjs [PORT]      people: duty@cert.example, focal@water.example, reader@cert.example; any password but "wrong"
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as d from './data.mjs';

const dist = join(dirname(fileURLToPath(import.meta.url)), '../../dist');
const CSP = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html";
const KINDS = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
const sessions = new Map(), streams = new Set();
let imports = 0, letters = 0;
const runs = new Map();

const page = (list, q, fixed = 50) => {
  const limit = Number(q.get('limit') ?? fixed), from = Number(q.get('cursor') ?? 0);
  return { items: list.slice(from, from + limit), next: from + limit < list.length ? String(from + limit) : null };
};
class Problem extends Error {
  constructor(status, detail, pointer, more = {}) { super(detail); this.body = { type: 'about:blank', title: 'Problem', status, detail, code: 'error.mock', ...(pointer ? { pointer } : {}), ...more }; }
}
const strong = (p) => { if (p.weak) throw new Problem(403, "Show again that it is you: give your authenticator's code, then ask again.", undefined, { code: 'error.access.step_up_totp', step_up: 'totp' }); };
const found = (list, id) => list.find((x) => x.id === id) ?? (() => { throw new Problem(404, 'There is nothing here that you may see.'); })();
const session = (p) => {
  const role = p.roles.includes('coordinator') ? 'coordinator' : p.roles[0], national = p.org.key === 'cert';
  return { person: { id: p.id, name: p.name }, org: p.org, roles: p.roles, permissions: d.permissions[role], national, lang: p.lang, factor: p.factor ?? 'none', passkeys: 0, passkey_wanted: 'off', role_ends: national ? [{ role: 'coordinator', until: d.at(120) }] : [], keeps: 0, stands_in: national ? [] : [{ id: d.people[1].id, name: d.people[1].name, until: d.at(96), permissions: ['notice.read', 'notice.acknowledge', 'finding.read', 'finding.answer'] }], realm: { name: 'demo', kind: 'demo', now: d.at(0) }, site: { name: d.cert.name, time_zone: 'Asia/Karachi' } };
};
const mineOnly = (p, list, org = (x) => x.org.id) => (p.org.key === 'cert' ? list : list.filter((x) => org(x) === p.org.id));
export function tell(type, subject = null, kind = '') {
  const entry = { id: d.uuid(10, 9000 + Math.floor(d.random() * 1e6)), at: d.at(0), type, kind, subject, words: type };
  d.ledger.unshift(entry);
  for (const s of streams) s.write(`id: x\ndata: ${JSON.stringify(entry)}\n\n`);
}
const jobs = [
  { id: d.uuid(16, 1), kind: 'import', state: 'running', unit: 'bytes', total: 84_000_000, done: 31_000_000, rate: 2_400_000, left_s: 23, created: d.at(-0.01), started: d.at(-0.01), finished: null, words: null, about: '2026-11-29-scan_rdp.csv', result: null, may_stop: true },
  { id: d.uuid(16, 2), kind: 'answer', state: 'done', unit: 'things', total: 1240, done: 1240, rate: 640, left_s: null, created: d.at(-1), started: d.at(-1), finished: d.at(-1), words: null, about: null, result: { done: 1198, same: 31, denied: 0, absent: 0, late: 11 }, may_stop: false },
  { id: d.uuid(16, 3), kind: 'withhold', state: 'failed', unit: 'things', total: 12, done: 4, rate: null, left_s: null, created: d.at(-30), started: d.at(-30), finished: d.at(-30), words: 'Whoever asked for it may not do it any more; somebody who may can ask for the rest.', about: null, result: { done: 4, same: 0, denied: 0, absent: 0, late: 0 }, may_stop: false },
].map((j) => ({ mine: j.kind === 'answer', by: 'Duty Officer', undo_until: null, ...j }));
const jobsOf = (p) => (p.org.key === 'cert' ? jobs : jobs.filter((j) => j.whose === p.id || j.fresh));
function newJob(kind, total, done) {
  const j = { id: d.uuid(16, 10 + jobs.length), fresh: true, kind, state: 'running', mine: true, by: 'Duty Officer', unit: 'things', total, done: 0, rate: null, left_s: null, created: d.at(0), started: d.at(0), finished: null, words: null, about: null, result: { done, same: total - done, denied: 0, absent: 0, late: 0 }, may_stop: true, undo_until: null };
  jobs.unshift(j);
  return j;
}
const picked = (p, b, list) => mineOnly(p, list).filter((x) => (b.ids?.length ? b.ids.includes(x.id) : b.all && (!b.state || x.state === b.state) && (!b.org || x.org.id === b.org) && (!b.identifier || x.identifier === b.identifier)));
function effect(list, same, undo, late = () => false) {
  const is = list.filter(same), gone = list.filter((x) => !same(x) && late(x)), rest = list.filter((x) => !same(x) && !late(x)), orgs = new Map();
  for (const x of rest) orgs.set(x.org.id, { org: x.org, n: (orgs.get(x.org.id)?.n ?? 0) + 1 });
  return { total: list.length, done: rest.length, same: is.length, denied: 0, absent: 0, late: gone.length, undo, owners: [...orgs.values()].sort((a, b) => b.n - a.n), others: 0 };
}
function events(q, p) {
  const text = (q.get('q') ?? '').toLowerCase();
  return mineOnly(p, d.events, (e) => e.owner?.id).filter((e) => (!text || [e.ip, e.fqdn, `as${e.asn}`].some((v) => v?.includes(text))) && (!q.get('org') || e.owner?.id === q.get('org')) && ['feed', 'taxonomy', 'type', 'identifier'].every((f) => !q.get(f) || e[f] === q.get(f)) && (q.get('unowned') !== 'true' || !e.owner) && (q.get('matched') !== 'true' || e.matched) && (!q.get('from') || e.time >= q.get('from')));
}
function summary(q, p) {
  const list = events(q, p), from = d.NOW - 6 * 86_400_000, step_s = 7200, histogram = Array(72).fill(0), facets = {};
  for (const e of list) { const i = Math.floor((Date.parse(e.time) - from) / step_s / 1000); if (i >= 0 && i < 72) histogram[i] += 1; }
  for (const f of ['feed', 'taxonomy', 'type', 'identifier', 'org']) {
    const n = new Map();
    for (const e of list) { const v = f === 'org' ? e.owner?.id : e[f]; if (v) n.set(v, (n.get(v) ?? 0) + 1); }
    facets[f] = [...n].sort((a, b) => b[1] - a[1]).slice(0, 5).map(([value, count]) => ({ value, count, ...(f === 'org' ? { label: d.orgs.find((o) => o.id === value).name.en } : {}) }));
  }
  return { count: list.length, from: new Date(from).toISOString(), to: d.at(0), step_s, histogram, facets };
}
function queue(q) {
  const items = d.notices.filter((n) => n.state !== 'acknowledged' && n.state !== 'undone').map((n) => ({ kind: 'notice', id: n.id, title: n.subject.en, org: n.org, identifier: 'accessible-rdp', severity: n.severity, state: n.state, age_from: n.created, due: n.due, late: Date.parse(n.due) < d.NOW, source: 'shadowserver', count: n.findings, tlp: n.tlp }));
  for (const f of d.findings.slice(0, 3)) items.push({ kind: 'finding', id: f.id, title: f.identifier, org: f.org, identifier: f.identifier, severity: f.severity, state: f.state, age_from: f.first_seen, due: null, late: false, source: 'shadowserver', count: f.seen, tlp: 'GREEN' });
  items.sort((a, b) => (a.due ?? '9').localeCompare(b.due ?? '9'));
  const list = items.filter((i) => (q.get('late') !== 'true' || i.late) && (!q.get('sector') || d.orgs.find((o) => o.id === i.org.id)?.sector === q.get('sector')));
  return { ...page(list, q), waiting: items.length, late: items.filter((i) => i.late).length };
}
function agency(p) {
  const org = d.orgs.find((o) => o.id === p.org.id), ur = p.lang === 'ur';
  const open = d.notices.filter((n) => n.org.id === org.id && n.state === 'sent');
  return { org, open_findings: d.findings.filter((f) => f.org.id === org.id && f.state === 'open').length, people: d.people.filter((x) => x.org.id === org.id), networks: d.networks.filter((n) => n.org === org.id), by_identifier: [{ identifier: 'accessible-rdp', count: 6 }, { identifier: 'accessible-telnet', count: 2 }],
    tasks: [...open.slice(0, 2).map((n) => ({ kind: 'acknowledge', notice: n.id, due: n.due, severity: n.severity, words: ur ? `بتائیں کہ آپ کو اطلاع ${n.number} مل گئی: ${n.subject.ur}` : `Say that you have notice ${n.number}: ${n.subject.en}` })),
      { kind: 'fix', notice: d.notices[5].id, due: null, severity: 'high', words: ur ? 'فائر وال پر ریموٹ ڈیسک ٹاپ بند کریں اور ہمیں بتائیں۔' : 'Close remote desktop at the firewall and tell us.' },
      { kind: 'invite_second', notice: null, due: null, words: ur ? 'ایک اور ساتھی کو دعوت دیں، تاکہ آپ کی غیر موجودگی میں بھی رابطہ رہے۔' : 'Invite a second person, so that somebody can be reached when you are away.' },
      { kind: 'confirm', notice: null, due: null, words: ur ? 'تصدیق کریں کہ آپ کے رابطے درست ہیں۔' : 'Confirm that your contacts are still right.' }] };
}
function makeLetter(n) {
  const id = d.uuid(7, 500 + ++letters);
  n.deliveries.push({ id, channel: 'letter', to: null, state: 'made', sent: null, opened: null, acknowledged: null, attempts: 1, last_error: null, letter: { number: `L-2026-${String(letters).padStart(6, '0')}`, issued: d.at(0), sha256: 'ab'.repeat(32), printed: null, handed: null, handed_by: null, returned: null, withdrawn: null } });
  tell('letter.made', n.id, 'notice');
  return { id, version: 1 };
}
function moveLetter(id, state, who) {
  const one = d.notices.flatMap((n) => n.deliveries).find((x) => x.id === id);
  Object.assign(one, { state });
  Object.assign(one.letter, { [state]: d.at(0), ...(state === 'handed' ? { handed_by: who } : {}) });
  return { id, version: 2 };
}
function report(dry, name) {
  const errors = [{ row: 4, column: 'networks', value: '192.0.2.300/24', message: 'This is no network. Write an address with its length, like 192.0.2.0/24.', code: 'error.office.network' }];
  const base = { id: dry ? null : d.uuid(12, ++imports), kind: 'organisations', file_name: name, rows_read: 5, rows_done: 3, rows_same: 1, rows_bad: 1, errors, started: d.at(0), finished: d.at(0) };
  return dry ? { ...base, state: 'preview', mapping: [{ column: 'key', field: 'key', guessed: true, sample: 'water' }, { column: 'Body', field: 'name_en', guessed: true, sample: 'Ministry of Example Water' }, { column: 'نام', field: 'name_ur', guessed: true, sample: 'وزارت آب' }, { column: 'remarks', field: null, guessed: false, sample: 'old' }], preview: [{ row: 2, what: 'create', key: 'water', name: 'Ministry of Example Water', networks: 3, people: 1 }, { row: 3, what: 'same', key: 'bank', name: 'First Example Bank', networks: 2, people: 0 }, { row: 4, what: 'bad', key: 'grid', name: 'Example Power Grid', networks: 0, people: 0 }] } : { ...base, state: 'done' };
}

const groups = ['Banks', 'Telecoms'].map((en, i) => ({ id: d.uuid(14, i + 1), name: { first: 'en', en, ur: en === 'Banks' ? 'بینک' : 'ٹیلی کام' }, kind: 'sector', members: 4, own: true, may_change: true, version: 1, owner: d.ref(d.cert) }));
const contactsOf = (p) => d.orgs.slice(0, 4).filter((o, i) => p.org.key === 'cert' || i === 0).map((o, i) => ({ org: p.org.key === 'cert' ? d.ref(o) : p.org, state: ['due', 'stale', 'fresh', 'none'][i], contacts: i < 3 ? 3 : 0, due: i < 2 ? 2 : 0, admins: i === 2 ? 2 : 1, asks: [1, 5, 0, 0][i], asked: i < 2 ? d.at(-30) : null, next: d.at(100), may: i < 2 }));
const channels = [
  { id: d.uuid(16, 1), kind: 'webhook', address: 'https://soc.body.example', state: 'on', failed: 2, waiting: 1, failing: d.at(-2), good: d.at(-30), two_until: d.at(20), last_error: '503 soc.body.example answers with status 503 instead of the content.', test: 'bad', test_words: '503 soc.body.example answers with status 503', created: d.at(-900) },
  { id: d.uuid(16, 2), kind: 'matrix', address: 'https://matrix.body.example', state: 'off', why: 'gone', failed: 0, waiting: 0, failing: null, good: d.at(-300), two_until: null, last_error: '410 matrix.body.example answers with status 410', created: d.at(-900) },
];
const dead = [0, 1, 2, 3, 4, 5].map((i) => ({ id: d.uuid(16, 20 + i), channel: ['webhook', 'mail', 'webhook'][i % 3], notice: d.notices[i].id, number: d.notices[i].number, org: d.notices[i].org, to: i % 3 === 1 ? 'Aisha K.' : null, attempts: [10, 1, 4][i % 3], at: d.at(-i - 1), last_error: ['503 soc.body.example answers with status 503', '550 no such mailbox', 'soc.body.example leads to 10.0.0.1, which is not a public internet address.'][i % 3], may: true, tlp: 'AMBER+STRICT' }));
const recertOf = (p) => d.orgs.slice(0, 4).filter((o, i) => p.org.key === 'cert' || i === 0).map((o, i) => ({ org: p.org.key === 'cert' ? d.ref(o) : p.org, state: ['open', 'late', 'suspended', 'quiet'][i], opens: d.at(-200), due: d.at(i ? -24 * i : 300), suspends: d.at(600), people: 3, unconfirmed: 2, suspended: i, done: null, kept: i === 2, may: i < 3 }));
const seen = (org, own, why, people) => ({ org: d.ref(org), own, why, people, others: own ? 1 : 0, keys: own ? 2 : 0, named: [] });
const reachOf = () => ({ kind: 'notice', id: d.uuid(4, 1), version: 1, tlp: 'AMBER', group: null, owner: d.ref(d.cert), whole: true, organisations: 4, people: 14, keys: 2, unshown: 1, unnamed: { organisations: 1, people: 3, keys: 0 }, items: [seen(d.cert, true, ['owner'], 5), seen(d.orgs[0], false, ['group'], 4), seen(d.orgs[1], false, ['group_client'], 2)], persons: d.people.slice(0, 2).map((x) => ({ id: x.id, name: x.name, why: ['owner'], keys: 0 })), next: null });
const effectOf = () => ({ from: { tlp: 'AMBER+STRICT', group: null }, to: { tlp: 'AMBER', group: null }, widens: true, second: true, unshown: 0, gains: { organisations: 1, people: 2, keys: 0 }, loses: { organisations: 1, people: 1, keys: 1 }, after: { organisations: 4, people: 14, keys: 2 }, items: [{ org: d.ref(d.orgs[1]), own: false, why: ['owner_client'], begins: true, ends: false, gains: 2, loses: 0, keys_gained: 0, keys_lost: 0, named: [] }, { org: d.ref(d.orgs[2]), own: false, why: ['named'], begins: false, ends: true, gains: 0, loses: 1, keys_gained: 0, keys_lost: 1, named: [{ id: d.people[0].id, name: d.people[0].name, why: ['named'], keys: 1, change: 'loses' }] }], unnamed: { organisations: 0, gains: 0, loses: 0 }, next: null });
const versionsOf = () => ({ items: [
  { version: 3, at: d.at(-2), tlp: 'AMBER+STRICT', entry: 'finding.answered', words: 'An organisation answered a finding', by: { id: d.people[0].id, name: d.people[0].name }, changes: [{ field: 'state', from: 'open', to: 'fixed' }, { field: 'seen', from: 3, to: 4 }, { field: 'last_seen', from: d.at(-40), to: d.at(-3) }], earlier_unseen: false },
  { version: 2, at: d.at(-20), tlp: 'AMBER+STRICT', entry: 'finding.seen', words: 'A finding was seen again', by: null, changes: null, earlier_unseen: true },
], next: null });
const sharing = (kind) => ({ [`GET /api/${kind}/:id/reach`]: reachOf, [`GET /api/${kind}/:id/versions`]: versionsOf, [`GET /api/${kind}/:id/reach/preview`]: effectOf, [`PATCH /api/${kind}/:id/reach`]: (p, { id }) => { strong(p); return [202, { id, state: 'held', expires: d.at(24) }]; } });

const SHA = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const entry = (name, type, bytes, marks = []) => ({ name, type, bytes, marks, sha256: SHA });
const stored = [
  { id: d.uuid(15, 1), version: 1, name: 'invoice-2026-11.zip', bytes: 48213, sha256: SHA, look: 'done', type: 'application/zip', kind: 'archive', state: 'quarantined', tlp: 'AMBER', created: d.at(-3), picture: false, own: true, author: 'Bilal', report: { words: 'Zip archive data, at least v2.0 to extract', text: '', sha1: SHA.slice(0, 40), md5: SHA.slice(0, 32), archive: { format: 'ZIP 2.0 (deflation)', encrypted: true, stopped: 'ratio', count: 4, bytes: 734003200, entries: [entry('invoice.txt', 'text/plain', 312), entry('etc/cron.d/x', 'text/plain', 40, ['unsafe_name']), entry('pay\ufffdfdp.exe', 'application/x-dosexec', 91022, ['unsafe_name']), entry('secret.bin', '', 4096, ['encrypted'])] } } },
  { id: d.uuid(15, 2), version: 2, name: 'جواب ادارے کا.txt', bytes: 96, sha256: SHA, look: 'done', type: 'text/plain', kind: 'text', state: 'released', tlp: 'AMBER', created: d.at(-1), picture: false, own: true, author: null, report: { words: 'UTF-8 Unicode text', text: 'ہم نے سرور صاف کر دیا ہے۔\nWe cleaned the server.', sha1: SHA.slice(0, 40), md5: SHA.slice(0, 32) } },
  { id: d.uuid(15, 4), version: 1, name: 'phish.eml', bytes: 5120, sha256: SHA, look: 'done', type: 'message/rfc822', kind: 'mail', state: 'quarantined', tlp: 'AMBER', created: d.at(-2), picture: false, own: true, author: null, report: { words: 'SMTP mail', text: '', sha1: SHA.slice(0, 40), md5: SHA.slice(0, 32), mail: { from: 'Payroll <pay@evil.example>', to: 'head@water.example', reply_to: 'x@evil.example', subject: 'تنخواہ', date: 'Mon, 2 Mar 2026 09:00:00 +0500', message_id: '<1@evil.example>', text: 'Open this page', stopped: '', parts: [{ name: '', said: 'text/html', type: 'text/html', bytes: 900, attachment: false, unsafe_name: false, sha256: SHA }, { name: 'bill.pdf', said: 'application/pdf', type: 'application/x-dosexec', bytes: 4000, attachment: true, unsafe_name: true, sha256: SHA }], urls: ['hxxps://login[.]evil[.]example/x'] } } },
  { id: d.uuid(15, 3), version: 1, name: 'odd.docm', bytes: 2_345_678, sha256: SHA, look: 'unsafe', type: null, kind: null, state: 'quarantined', tlp: 'AMBER', created: d.at(-1), picture: false, own: true, author: null },
];
const sampleText = stored[1];
const bringFile = (q) => { const f = { ...sampleText, id: d.uuid(15, 10 + stored.length), name: q.get('name'), state: 'quarantined' }; stored.unshift(f); return [201, { id: f.id, version: 1 }]; };

function overview(o) {
  const all = d.findings.filter((f) => f.org.id === o.id), open = all.filter((f) => f.state === 'open'), told = d.notices.filter((n) => n.org.id === o.id), edges = [7, 30, 90].map((n) => d.at(-24 * n));
  const age = (f) => edges.findIndex((e) => f.first_seen >= e), kinds = [...new Set(open.map((f) => f.identifier))].map((identifier) => { const of = open.filter((f) => f.identifier === identifier); return { identifier, severity: of[0].severity, open: of.length, ages: [0, 1, 2, -1].map((i) => of.filter((f) => age(f) === i).length), oldest: of.map((f) => f.first_seen).sort()[0] }; });
  const weeks = Array.from({ length: 13 }, (_, i) => { const from = d.at(-168 * (13 - i)), until = d.at(-168 * (12 - i)), of = all.filter((f) => f.first_seen >= from && f.first_seen < until); return { from, until, opened: of.length, open: of.filter((f) => f.state === 'open').length }; });
  const states = Object.fromEntries(['held', 'sent', 'acknowledged', 'undone'].map((s) => [s, told.filter((n) => n.state === s).length])), sent = new Map();
  for (const n of told) for (const x of new Set((n.deliveries ?? []).map((y) => `${y.channel} ${y.state}`))) sent.set(x, (sent.get(x) ?? 0) + 1);
  const people = d.people.filter((x) => x.org.id === o.id), at = (s) => people.filter((x) => x.state === s).length;
  return { org: d.ref(o), now: d.at(0), networks: { cidr: 2, asn: 0, domain: 1 }, people: { active: at('active'), invited: at('invited'), disabled: at('disabled'), contacts: at('active'), due: 1, whole: true, away: people.slice(0, 1).map((x) => ({ person: { id: x.id, name: x.name }, deputy: null, until: d.at(90) })) },
    findings: { counted: all.length, whole: true, open: open.length, age_edges: edges, kinds, kinds_more: 0, weeks }, notices: { counted: told.length, whole: true, ...states, late: told.filter((n) => n.state === 'sent' && n.due < d.at(0)).length, answered: { n: 12, median_s: 9000, slow_s: 90000 }, channels: [...sent].map(([k, notices]) => ({ channel: k.split(' ')[0], state: k.split(' ')[1], notices })) },
    groups: groups.map(({ id, name, kind }) => ({ id, name, kind })), glass: { open: 1, closed: 2 }, administered: null };
}

const how = { task: 'at_once', notice: 'at_once', second: 'hourly', account: 'daily', quiet_from: 1320, quiet_until: 420, daily_at: 480, zone: 'Asia/Karachi' };
const told = [['emergency', true, 'Something of yours was opened by emergency', '/glass'], ['notice', false, 'Open widgets at 3 addresses', `/notices/${d.notices[0].id}`], ['task', false, 'Contacts to be confirmed', '/contacts'], ['account', false, 'A role of yours ends soon', '/rights']].map(([kind, urgent, subject, path], i) => ({ id: d.uuid(17, i + 1), kind, urgent, subject, text: 'Of this you are told in words that say what is so and what to do.', path, created: d.at(-i * 5 - 1), read: i > 1 ? d.at(-1) : null, mail_at: i === 2 ? d.at(9) : null, mailed: null }));

// "METHOD /path/:param": (person, params, query, body) -> answer; undefined is 204, [status, body] names the status.
const ROUTES = {
  'GET /api/session': (p) => session(p),
  'PATCH /api/session': (p, _, q, body) => { p.lang = body.lang; return {}; },
  'GET /api/notifications': (p, _, q) => page(told, q),
  'GET /api/notifications/unread': () => ({ unread: told.filter((n) => !n.read).length }),
  'POST /api/notifications/:id/read': (p, { id }) => { found(told, id).read = d.at(0); return {}; },
  'POST /api/notifications/read': () => { for (const n of told) n.read ??= d.at(0); return {}; },
  'GET /api/session/notify': () => how,
  'PUT /api/session/notify': (p, _, q, b) => { if (!/^[A-Z]/.test(b.zone)) throw new Problem(422, 'There is no such time zone.', '/zone'); Object.assign(how, b); return {}; },
  'GET /api/status': (p) => ({ now: d.at(0), feeds_alive: p.org.key === 'cert' ? 2 : null, feeds_total: p.org.key === 'cert' ? 4 : null, last_event: d.at(-0.1), events_24h: 4210, findings_open: 34, notices_waiting: 12, notices_late: p.org.key === 'cert' ? 4 : 0, ledger_size: 300 }),
  'GET /api/queue': (p, _, q) => queue(q),
  'GET /api/agency': agency,
  'GET /api/lookup': (p, _, q) => { const text = q.get('q'), e = events(new URLSearchParams({ q: text }), p); return { recognised: /^[0-9.]+$/.test(text) ? 'ip' : 'text', value: text, words: e.length ? `Seen ${e.length} times in the last 6 days; last 10 minutes ago.` : `Not seen in what you may see: 1,200 events.`, seen: e.length, first: null, last: null, days: [], hits: [...d.orgs.filter((o) => o.name.en.toLowerCase().includes(text.toLowerCase())).slice(0, 4).map((o) => ({ kind: 'organisation', id: o.id, title: o.name.en, sub: o.key, href: `/organisations/${o.id}` })), ...e.slice(0, 3).map((x) => ({ kind: 'event', id: x.id, title: x.identifier, sub: x.ip, href: `/events/${x.id}` }))] }; },
  'POST /api/lookup': (p, _, q, b) => {
    if (b.text.length > 65536) throw new Problem(422, 'This is too long: at most 65536 characters are taken.', '/text');
    const lines = b.text.split('\n'), items = lines.flatMap((line, i) => {
      const value = /[0-9a-z-]+(\.[0-9a-z-]+)+/i.exec(line)?.[0];
      if (!line.trim()) return [];
      if (!value) return [{ line: i + 1, kind: 'none', value: line.slice(0, 200), mark: 'unknown', why: 'nothing' }];
      const e = events(new URLSearchParams({ q: value }), p), mine = e.find((x) => x.owner)?.owner, bad = value.includes('bad'), n = e.length ? 1 + (i % 3) : 0;
      return [{ line: i + 1, times: 1, kind: /^[0-9.]+$/.test(value) ? 'ip' : 'domain', value, mark: bad ? 'bad' : mine ? 'ours' : e.length ? 'seen' : 'nothing', owner: mine ? { ...mine, why: '192.0.2.0/27' } : null,
        indicators: bad ? 1 : 0, ...(bad ? { indicator: value, indicator_source: 'a partner', indicators_href: `/indicators?q=${value}` } : {}),
        findings: n, ...(n ? { finding_seen: d.at(-3), findings_href: `/search?q=${value}&kind=finding` } : {}), events: e.length, event_days: n, ...(e.length ? { event_last: d.at(-2), events_href: `/events?q=${value}` } : {}) }];
    });
    return { days: b.days ?? 30, from: d.at(-24 * (b.days ?? 30)), lines: lines.filter((l) => l.trim()).length, found: items.filter((x) => x.kind !== 'none').length, missed: items.filter((x) => x.kind === 'none').length, items };
  },
  'GET /api/search': (p, _, q) => { const text = q.get('q').toLowerCase(), has = (x) => x.toLowerCase().includes(text); const hit = (kind, id, title, sub, at) => ({ kind, id, title, sub, href: `/${kind}s/${id}`, created: d.at(at) });
    const all = [...d.orgs.filter((o) => has(`${o.name.en} ${o.name.ur}`)).map((o, i) => hit('organisation', o.id, o.name.en, o.key, -i * 30)), ...mineOnly(p, d.people).filter((x) => has(x.name ?? '')).map((x, i) => hit('person', x.id, x.name, '', -i * 50)), ...d.notices.filter((n) => has(n.number)).map((n) => hit('notice', n.id, n.number, n.subject.en, -9))];
    const kind = q.get('kind'), n = Number(q.get('limit') ?? 5), kinds = ['organisation', 'person', 'notice', 'finding'];
    return { ...(q.get('counts') === 'true' ? { kinds: kinds.map((k) => ({ kind: k, n: all.filter((x) => x.kind === k).length, more: false })) } : {}), items: kinds.flatMap((k) => all.filter((x) => x.kind === k && (!kind || k === kind)).slice(0, n)), next: null }; },
  'GET /api/organisations': (p, _, q) => page(d.orgs.filter((o) => (!q.get('q') || `${o.name.en} ${o.name.ur}`.toLowerCase().includes(q.get('q').toLowerCase())) && (!q.get('sector') || o.sector === q.get('sector'))), q),
  'POST /api/organisations': (p, _, q, b) => { if (d.orgs.some((o) => o.key === b.key)) throw new Problem(422, 'This key is taken. Choose another.', '/key'); const o = { id: d.uuid(1, 900 + d.orgs.length), ...b, name: { first: 'en', en: b.name_en, ur: b.name_ur }, state: 'active', version: 1, community: false }; d.orgs.unshift(o); return [201, { id: o.id, version: 1 }]; },
  'GET /api/organisations/:id': (p, { id }) => found([...d.orgs, d.cert], id),
  'PATCH /api/organisations/:id': (p, { id }, q, b) => { const o = found(d.orgs, id); o.name = { first: 'en', en: b.name_en, ur: b.name_ur }; o.version += 1; return { id, version: o.version }; },
  'GET /api/organisations/:id/networks': (p, { id }) => ({ items: d.networks.filter((n) => n.org === id) }),
  'POST /api/organisations/:id/networks': (p, { id }, q, b) => { if (!/[./]|^AS/.test(b.value)) throw new Problem(422, `"${b.value}" is not a network. Write a CIDR, an AS number or a domain.`, '/value'); d.networks.push({ org: id, id: d.uuid(3, 500 + d.networks.length), kind: 'cidr', value: b.value, state: 'approved', version: 1 }); return [201, { id: d.uuid(3, 1), version: 1 }]; },
  'DELETE /api/networks/:id': (p, { id }) => { d.networks.splice(d.networks.findIndex((n) => n.id === id), 1); return {}; },
  'POST /api/imports/organisations': (p, _, q) => report(q.get('dry_run') === 'true', q.get('name')),
  'POST /api/imports/indicators': (p, _, q) => ({ ...report(false, q.get('name')), kind: 'indicators' }),
  'GET /api/imports/:id': (p, { id }) => { const r = runs.get(id) ?? report(false, 'x'); if (r.state === 'running' && (r.bytes_done += 400) >= r.bytes_total) Object.assign(r, { state: 'done', rows_read: 4200, rows_done: 4190, rows_bad: 10 }); return r; },
  'DELETE /api/imports/:id': (p, { id }) => { if (runs.get(id)) runs.get(id).state = 'stopped'; return {}; },
  'GET /api/people': (p, _, q) => page(mineOnly(p, d.people).filter((x) => (!q.get('org') || x.org.id === q.get('org')) && (!q.get('state') || x.state === q.get('state'))), q),
  'POST /api/people': (p, _, q, b) => { d.people.push({ id: d.uuid(2, 50 + d.people.length), ...b, state: 'invited', confirmed: null, org: d.ref([...d.orgs, d.cert].find((o) => o.id === b.org)), version: 1 }); return [201, { id: d.uuid(2, 50), link: 'https://minar.example/l/EXAMPLE', expires: d.at(72) }]; },
  'PATCH /api/people/:id': (p, { id }, q, b) => { const x = found(d.people, id); Object.assign(x, b, { confirmed: d.at(0), version: x.version + 1 }); return { id, version: x.version }; },
  'POST /api/people/:id/invitation': (p, { id }) => [201, { id, link: 'https://minar.example/l/EXAMPLE2', expires: d.at(72) }],
  'GET /api/session/rights': (p) => ({ roles: p.roles.map((role) => ({ role, permissions: d.permissions[role] ?? [] })), permissions: d.permissions[p.roles[0]] ?? [], records: ['finding'], national: p.org.key === 'cert', community: true, how: 'session', groups: [], sessions: 1, keys: 2, keepers: d.people.filter((x) => x.org.id === p.org.id).slice(0, 2).map((x) => ({ id: x.id, name: x.name })), desk: { name: d.cert.name, mail: 'desk@cert.example' }, administered: p.org.key === 'cert' ? null : { keeper: d.ref(d.orgs[3]), since: d.at(-900), until: d.at(4000) } }),
  'GET /api/people/:id/preview': (p, { id }, q) => { const x = found(d.people, id), now = q.get('roles').split(' ').filter(Boolean), all = (roles) => new Set(roles.flatMap((r) => d.permissions[r] ?? [])), had = all(x.roles), will = all(now); return { gains: [...will].filter((k) => !had.has(k)), loses: [...had].filter((k) => !will.has(k)), records_gained: [], records_lost: [] }; },
  'GET /api/keys/preview': (p, _, q) => { const mine = d.permissions[p.roles[0]] ?? [], may = q.get('scope') ? q.get('scope').split(' ') : mine; return { may, may_not: mine.filter((k) => !may.includes(k)), records: [] }; },
  'GET /api/findings/:id/saw': () => ({ organisations: [{ own: false, people: 3, times: 5, first: d.at(-30), last: d.at(-2), org: d.ref(d.cert) }], people: [] }),
  'GET /api/notices/:id/saw': (p) => ({ organisations: [{ own: false, people: 3, times: 5, first: d.at(-30), last: d.at(-2), org: d.ref(d.orgs[0]) }, { own: true, people: 1, times: 2, first: d.at(-40), last: d.at(-1), org: d.ref(d.cert) }], people: [{ name: p.name, how: 'session', version: 1, times: 2, first: d.at(-40), last: d.at(-1) }] }),
  ...sharing('findings'), ...sharing('notices'), ...sharing('indicators'),
  'GET /api/groups': (p, _, q) => page(groups, q),
  'GET /api/groups/:id': (p, { id }) => ({ ...found(groups, id), organisations: d.orgs.slice(0, 3).map((o) => d.ref(o)), unnamed: 1 }),
  'GET /api/groups/:id/preview': () => ({ widens: true, second: true, gains: { findings: 2, notices: 0, indicators: 5 }, loses: { findings: 0, notices: 0, indicators: 0 }, unnamed: 0, items: [{ org: d.ref(d.orgs[3]), change: 'in', gains: { findings: 2, notices: 0, indicators: 5 }, loses: { findings: 0, notices: 0, indicators: 0 } }] }),
  'POST /api/groups': (p, _, q, b) => { const g = { ...groups[0], id: d.uuid(14, groups.length + 1), name: { first: 'en', en: b.name_en, ur: b.name_ur }, kind: b.kind, members: b.members.length }; groups.push(g); return [201, { id: g.id, version: 1 }]; },
  'PATCH /api/groups/:id': (p, { id }) => { strong(p); return [202, { id, state: 'held', expires: d.at(24) }]; },
  'GET /api/keys': () => ({ items: d.keys }),
  'POST /api/session/proof': (p, _, q, b) => { if (b.code !== '123456') throw new Problem(422, 'This code is wrong, or was used before. Wait for the next one and type that.', '/code'); p.weak = false; return session(p); },
  'GET /api/session/passkeys': () => ({ items: [] }),
  'GET /api/session/mail-keys': () => ({ items: d.mailKeys }),
  'POST /api/session/mail-keys': () => [201, { id: d.uuid(18, 9), fingerprint: d.mailKeys[0].fingerprint, expires: d.at(24 * 300) }],
  'POST /api/session/mail-keys/:id/confirm': () => ({}),
  'DELETE /api/session/mail-keys/:id': () => ({}),
  'GET /api/people/:id/mail-keys': () => ({ items: d.mailKeys.slice(0, 1) }),
  'POST /api/people/:id/mail-keys': () => [201, { id: d.uuid(18, 9), fingerprint: d.mailKeys[0].fingerprint, expires: d.at(24 * 300) }],
  'DELETE /api/people/:id/mail-keys': () => ({}),
  'GET /api/mail-keys': () => ({ sign: 'openpgp', site: [{ kind: 'openpgp', fingerprint: d.mailKeys[1].fingerprint, user: 'National CERT <cert@cert.example>', state: 'signs', created: d.at(-24 * 40), expires: d.at(24 * 690) }, { ...d.mailKeys[2], id: undefined, confirmed: undefined, user: 'CN = National CERT', state: 'signs' }], people: d.mailKeys.map((k) => ({ ...k, person: { id: d.people[0].id, name: d.people[0].name }, org: d.people[0].org })), when_ended: 'clear' }),
  'POST /api/session/passkey/options': () => ({ challenge: 'AAAA', rpId: 'localhost', timeout: 300000, allowCredentials: [], userVerification: 'required' }),
  'POST /api/session/factor': (p) => { p.factor = 'pending'; return [201, { secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', uri: 'otpauth://totp/Minar%20CERT:duty%40cert.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Minar%20CERT' }]; },
  'PUT /api/session/factor': (p, _, q, b) => { if (b.code !== '123456') throw new Problem(422, 'This code is wrong, or was used before. Wait for the next one and type that.', '/code'); p.factor = 'totp'; p.weak = true; return {}; },
  'DELETE /api/session/factor': (p) => { strong(p); p.factor = 'none'; return {}; },
  'GET /api/organisations/:id/channels': (p, { id }) => ({ org: d.ref(d.orgs.find((o) => o.id === id) ?? d.orgs[0]), items: channels, may: true, sms: true }),
  'GET /api/organisations/:id/channels/preview': (p, _, q) => (q.get('kind') === 'sms' ? { headers: [], body: 'National CERT: notice N-2099-000001 waits for you. https://cert.example/notices/1', parts: 1 } : { headers: ['content-type: application/cloudevents+json', 'webhook-id: …', 'webhook-timestamp: …', 'webhook-signature: v1,…'], body: JSON.stringify({ specversion: '1.0', type: 'minar.notice.sent', subject: 'N-2099-000001', data: { tlp: q.get('tlp'), notice: { number: 'N-2099-000001', severity: 'high' } } }) }),
  'POST /api/organisations/:id/channels': (p, _, q, b) => {
    strong(p);
    if (b.kind !== 'sms' && !/^https:/.test(b.url ?? '')) throw new Problem(422, 'It would be told in plain text. Write https://.', '/url');
    const c = { id: d.uuid(16, 10 + channels.length), kind: b.kind, address: b.url ? new URL(b.url).origin : '', state: 'on', failed: 0, waiting: 0, created: d.at(0) };
    channels.push(c);
    return [201, { id: c.id, version: 1, ...(b.kind === 'webhook' ? { secret: `whsec_${'A'.repeat(43)}=` } : {}) }];
  },
  'PATCH /api/channels/:id': (p, { id }, q, b) => { const c = found(channels, id); delete c.why; Object.assign(c, { state: b.state, ...(b.state === 'off' ? { why: 'person' } : {}) }); return {}; },
  'POST /api/channels/:id/secret': (p, { id }) => { strong(p); return [201, { id, version: 2, secret: `whsec_${'B'.repeat(43)}=` }]; },
  'POST /api/channels/:id/test': (p, { id }) => { Object.assign(found(channels, id), { test: 'good', good: d.at(0) }); return {}; },
  'DELETE /api/channels/:id': (p, { id }) => { channels.splice(channels.indexOf(found(channels, id)), 1); return {}; },
  'GET /api/letters': (p, _, q) => page(d.letters.filter((x) => !q.get('state') || x.state === q.get('state')), q),
  'GET /api/deliveries/failed': (p, _, q) => page(dead.filter((x) => !q.get('org') || x.org.id === q.get('org') || p.org.key !== 'cert'), q),
  'POST /api/deliveries/:id/replay': (p, { id }) => { dead.splice(dead.indexOf(found(dead, id)), 1); return { id, version: 2 }; },
  'POST /api/deliveries/replay': () => ({ count: 7, more: false }),
  'GET /api/contacts': (p, _, q) => ({ items: contactsOf(p).filter((l) => !q.get('state') || l.state === q.get('state')), next: null }),
  'GET /api/contacts/:id': (p, { id }) => ({ line: contactsOf(p).find((l) => l.org.id === id) ?? contactsOf(p)[0], list: '0'.repeat(64), contacts: d.people.slice(0, 3).map((x, i) => ({ id: x.id, name: x.name, mail: `person${i}@body.example`, phone: i ? '+000 55 1234' : null, contact_role: i ? 'technical' : 'focal', confirmed: i === 2 ? null : d.at(-2300), due: i < 2 })) }),
  'POST /api/contacts/:id': () => ({}),
  'GET /api/confirmations': (p, _, q) => ({ items: recertOf(p).filter((l) => !q.get('state') || l.state === q.get('state')), next: null, sums: { quiet: 4, open: 1, late: 2, kept: 1 } }),
  'GET /api/confirmations/:id': (p, { id }) => ({ line: recertOf(p).find((l) => l.org.id === id) ?? recertOf(p)[0], list: '0'.repeat(64), people: d.people.slice(0, 3).map((x, i) => ({ id: x.id, name: x.name, roles: ['reader', 'org_admin'].slice(0, i + 1), contact_role: i ? 'none' : 'focal', state: 'active', added: d.at(-9000), last_seen: i === 1 ? null : d.at(-30 * (i + 1)), confirmed: i === 2, keys: i ? [] : [{ id: d.uuid(11, 1), name: 'SOC poller', access: 'read', expires: d.at(1440), used: d.at(-3) }], deputies: i ? [] : [d.people[1].name] })), suspended: [{ id: d.people[3].id, name: d.people[3].name, roles: ['reader'], at: d.at(-50) }], groups: groups.map((g) => ({ id: g.id, name: g.name, kind: g.kind })), administered: null }),
  'POST /api/confirmations/:id': (p) => { strong(p); return {}; },
  'GET /api/delegations': (p) => ({ items: d.orgs.slice(0, 3).filter((o) => p.org.key === 'cert' || o.id === p.org.id).map((o, i) => ({ org: d.ref(o), keeper: d.ref(d.orgs[i < 2 ? 3 : 4]), since: d.at(-900), until: d.at(4000), people: 3 + i, keys: i, may_end: p.org.key === 'cert', mine: false })), next: null }),
  'GET /api/delegations/preview': (p, _, q) => ({ keeper: d.ref(found(d.orgs, q.get('keeper'))), administrators: 2, organisations: q.get('members').split(' ').length, people: 7, keys: 1, items: q.get('members').split(' ').map((id) => ({ org: d.ref(found(d.orgs, id)), people: 3, keys: 1, before: false })) }),
  'POST /api/delegations': (p) => { strong(p); return [202, { id: d.uuid(14, 8), state: 'held', expires: d.at(24) }]; },
  'DELETE /api/delegations/:id': () => ({}),
  'GET /api/leaves': (p) => ({ items: [
    { id: d.uuid(14, 1), person: { id: p.id, name: p.name }, org: p.org, deputy: { id: d.people[1].id, name: d.people[1].name }, from: d.at(-24), until: d.at(96), state: 'on', mine: true, standing: false, may_end: true, covered: true },
    { id: d.uuid(14, 2), person: { id: d.people[2].id, name: d.people[2].name }, org: d.people[2].org, deputy: null, from: d.at(48), until: d.at(96), state: 'planned', mine: false, standing: false, may_end: false, covered: false },
  ], next: null }),
  'GET /api/leaves/gaps': () => ({ items: [{ ...d.ref(d.orgs[0]), since: d.at(-5) }] }),
  'POST /api/leaves': () => [201, { id: d.uuid(14, 3), version: 1 }],
  'DELETE /api/leaves/:id': () => ({}),
  'GET /api/jobs': (p, _, q) => ({ items: jobsOf(p).filter((j) => !q.get('state') || j.state === q.get('state')) }),
  'GET /api/jobs/:id': (p, { id }) => { const j = found(jobsOf(p), id); if (j.state === 'running' && j.kind !== 'import') Object.assign(j, { state: 'done', done: j.total, finished: d.at(0), may_stop: false }); return j; },
  'DELETE /api/jobs/:id': (p, { id }) => { Object.assign(found(jobsOf(p), id), { state: 'stopped', may_stop: false, finished: d.at(0) }); tell('job.stopped'); return {}; },
  'POST /api/jobs/:id/undo': (p, { id }) => { const j = found(jobsOf(p), id); for (const [f, was] of j.was) f.state = was; j.undo_until = null; return { id: newJob('answer_undo', j.was.length, j.was.length).id, version: 1 }; },
  'POST /api/bulk/answers/preview': (p, _, q, b) => effect(picked(p, b, d.findings), (f) => f.state === b.answer, true),
  'POST /api/bulk/answers': (p, _, q, b) => { const list = picked(p, b, d.findings), was = list.filter((f) => f.state !== b.answer).map((f) => [f, f.state]); for (const [f] of was) f.state = b.answer; const j = newJob('answer', list.length, was.length); Object.assign(j, { was, undo_until: d.at(0.01) }); return { id: j.id, total: list.length, undo: true }; },
  'POST /api/bulk/acknowledgements/preview': (p, _, q, b) => effect(picked(p, b, d.notices), (n) => n.state === 'acknowledged', false),
  'POST /api/bulk/acknowledgements': (p, _, q, b) => { const list = picked(p, b, d.notices); for (const n of list) if (n.state === 'sent') n.state = 'acknowledged'; return { id: newJob('acknowledge', list.length, list.length).id, total: list.length, undo: false }; },
  'POST /api/bulk/withdrawals/preview': (p, _, q, b) => effect(picked(p, b, d.notices), (n) => n.state === 'undone', false, (n) => n.state !== 'held'),
  'POST /api/bulk/withdrawals': (p, _, q, b) => { const list = picked(p, b, d.notices).filter((n) => n.state === 'held'); for (const n of list) n.state = 'undone'; return { id: newJob('withhold', list.length, list.length).id, total: list.length, undo: false }; },
  'GET /api/acts': () => ({ items: d.acts }),
  'POST /api/acts/:id/approval': (p, { id }) => { strong(p); d.acts.splice(d.acts.indexOf(found(d.acts, id)), 1); return {}; },
  'DELETE /api/acts/:id': (p, { id }) => { d.acts.splice(d.acts.indexOf(found(d.acts, id)), 1); return {}; },
  'GET /api/glass': () => ({ items: d.glass }),
  'POST /api/glass': (p, _, q, b) => { if (b.reason.length < 10) throw new Problem(422, 'Too short: 10 characters at least.', '/reason'); d.acts.push({ id: d.uuid(13, 20 + d.acts.length), act: 'glass_ask', asker: p.name, created: d.at(0), expires: d.at(24), mine: true, given: 0, needed: 2, decided: false, glass: b }); return [202, { id: d.uuid(13, 9), state: 'held', expires: d.at(24) }]; },
  'DELETE /api/glass/:id': (p, { id }) => { Object.assign(found(d.glass, id), { open: false, may_end: false, until: d.at(0), ended: d.at(0), ended_by: p.name }); return {}; },
  'GET /api/actions': (p, _, q) => page(d.actions.filter((a) => (q.get('subject') ? a.about.id === q.get('subject') : a.state === (q.get('state') ?? 'open')) && (q.get('mine') !== 'true' || a.mine)), q),
  'GET /api/actions/:id': (p, { id }) => found(d.actions, id),
  'POST /api/actions': (p, _, q, b) => { const id = d.uuid(16, 10 + d.actions.length); d.actions.push({ ...d.actions[0], id, title: b.title, about: { kind: b.about, id: b.subject } }); return [201, { id, version: 1 }]; },
  'PATCH /api/actions/:id': (p, { id }, q, b) => { const a = found(d.actions, id); Object.assign(a, { version: a.version + 1, ...(b.nobody ? { person: null } : {}) }); return { id, version: a.version }; },
  'POST /api/actions/:id/step': (p, { id }, q, b) => { const a = found(d.actions, id); Object.assign(a, { state: b.to, late: false, version: a.version + 1 }, b.to === 'done' ? { done: d.at(0), done_said: b.said } : { said: b.said }); return { id, version: a.version }; },
  'GET /api/retention': () => ({ may_change: true, items: [['events', 'technical', 1095, 'history.retention_days'], ['reads', 'technical', 400, 'reads.keep_days'], ['notifications', 'technical', 400, null], ['mails', 'technical', 90, null], ['jobs', 'technical', 400, null], ['sign_in', 'technical', 30, null], ['acts', 'technical', 400, null], ['imports', 'law', null, null], ['files', 'law', null, null], ['actions', 'law', null, null], ['findings', 'law', null, null], ['notices', 'law', 1825, null]].map(([name, basis, days, setting]) => ({ name, basis, days, shipped: name === 'notices' ? null : days, setting, changed: name === 'notices', ...(name === 'notices' ? { by: 'Duty Officer', at: d.at(-70) } : {}), ran: d.at(-9), gone: name === 'notifications' ? 312 : 0 })) }),
  'GET /api/retention/:name/preview': (p, _, q) => ({ due: q.get('days') ? 1204 : 0, held: 17, oldest: d.at(-24 * 900), whole: true, before: d.at(-24 * 800) }),
  'PUT /api/retention/:name': (p) => { strong(p); return {}; },
  'POST /api/retention/runs': (p) => { strong(p); return [202, { id: d.uuid(16, 1), total: 0, undo: false }]; },
  'GET /api/holds': () => ({ next: null, items: [{ id: d.uuid(18, 1), kind: 'organisation', subject: d.orgs[1].id, name: d.orgs[1].name.en, reason: 'Case 12/2026 of the High Court, order of 3 March: all that concerns the bank.', by: 'Duty Officer', created: d.at(-300), lifted: null, lifted_by: null }, { id: d.uuid(18, 2), kind: 'finding', subject: d.uuid(5, 2), reason: 'Asked for by the investigating officer, letter 44 of 1 November.', by: 'Duty Officer', created: d.at(-90), lifted: null, lifted_by: null }] }),
  'POST /api/holds': (p) => { strong(p); return [201, { id: d.uuid(18, 3), version: 1 }]; },
  'DELETE /api/holds/:id': (p) => { strong(p); return [202, { id: d.uuid(13, 7), state: 'held', expires: d.at(24) }]; },
  'GET /api/backups': () => ({ items: [
    { id: d.uuid(18, 1), kind: 'backup', state: 'made', created: d.at(-5), ended: d.at(-5), bytes: 1_240_000_000, new_bytes: 31_000_000, took_ms: 42_000, entries: 812_345, name: '2026-11-24T02-00-00Z' },
    { id: d.uuid(18, 2), kind: 'drill', state: 'good', created: d.at(-300), ended: d.at(-299), bytes: 1_180_000_000, took_ms: 71_000, entries: 790_001 },
    { id: d.uuid(18, 3), kind: 'backup', state: 'failed', created: d.at(-29), ended: d.at(-29), words: 'There is no room left in the folder.' },
    { id: d.uuid(18, 4), kind: 'ceremony', state: 'good', created: d.at(-2000), ended: d.at(-2000), custodians: 3 },
  ], copy: { state: 'waiting', late: false, every_s: 10, took_ms: 800, entries: 812_900, epoch: 1, made: d.at(-0.002), standby_at: d.at(-0.001) } }),
  'GET /api/wall': () => ({ now: d.at(0), time_zone: 'Asia/Karachi', site: d.cert.name, tlp: 'GREEN', findings_open: 231, notices_waiting: 18, notices_late: 7, feeds_alive: 2, feeds_total: 4, events_24h: 84231, last_event: d.at(-0.1), whole: true, kinds_above: 4,
    provinces: [['Sahil', 96], ['Daman', 61], ['Koh', 44], ['Reg', null], [null, 12]].map(([province, findings]) => ({ province, findings })),
    kinds: [['vulnerable-vpn', 'critical', 31, 19], ['open-rdp', 'high', 54, 22], ['open-smb', 'medium', 40, 17]].map(([kind, severity, findings, organisations]) => ({ kind, severity, findings, organisations })) }),
  'GET /api/first-hour': (p) => d.firstHour(p.lang),
  'PUT /api/first-hour/:id': (p, { id }, q, b) => { d.aside.set(id, b.why); return {}; },
  'DELETE /api/first-hour/:id': (p, { id }) => { d.aside.delete(id); return {}; },
  'GET /api/calendar': (p, _, q) => ({ ...d.calendar, year: Number(q.get('year') ?? 2026) }),
  'GET /api/calendar/due': () => ({ from: d.at(0), due: d.at(120), skipped: d.calendar.items, weekend_days: 2 }),
  'POST /api/calendar/holidays': () => [201, { id: d.uuid(17, 9), version: 1 }],
  'PUT /api/calendar/holidays/:id': (p, { id }) => ({ id, version: 2 }),
  'DELETE /api/calendar/holidays/:id': () => ({}),
  'GET /api/views': () => ({ items: [{ id: d.uuid(15, 1), name: { first: 'en', en: 'Sent, not acknowledged', ur: 'بھیجے گئے' }, path: '/notices', query: 'state=sent', whom: 'me', place: 10, mine: true }, { id: d.uuid(15, 2), name: { first: 'en', en: 'Command and control, a week' }, path: '/events', query: 'type=c2-server&last=7', whom: 'role', role: 'analyst', place: 20, mine: false }] }),
  'GET /api/tasks': (p) => ({ items: d.told.map((x) => ({ ...x, words: x.words[p.lang] })) }),
  'POST /api/tasks/:id/done': (p, { id }) => { d.told.splice(d.told.indexOf(found(d.told, id)), 1); return {}; },
  'GET /api/people/:id/erasure': (p, { id }) => ({ name: found(d.people, id).name, goes: [...['name', 'mail', 'phone', 'authenticator', 'password'].map((what) => ({ what })), { what: 'sessions', n: 2 }, { what: 'views', n: 3 }, { what: 'notifications', n: 41 }], stays: [{ what: 'ledger' }, { what: 'made' }, { what: 'texts' }, { what: 'key_names', n: 1 }, { what: 'actions', n: 2 }] }),
  'DELETE /api/people/:id': (p) => { strong(p); return [202, { id: d.uuid(13, 8), state: 'held', expires: d.at(24) }]; },
  'DELETE /api/people/:id/factor': (p) => { strong(p); return [202, { id: d.uuid(13, 9), state: 'held', expires: d.at(24) }]; },
  'POST /api/keys': (p, _, q, b) => { strong(p); const k = { id: d.uuid(11, 10 + d.keys.length), name: b.name, access: b.access, expires: d.at(24 * (b.days ?? 90)), created: d.at(0) }; d.keys.push(k); return [201, { ...k, secret: 'minar_example_secret' }]; },
  'DELETE /api/keys/:id': (p, { id }) => { found(d.keys, id).revoked = d.at(0); return {}; },
  'GET /api/ledger/checkpoint': () => d.published,
  'GET /api/reads': (p, _, q) => page(d.readDays, q),
  'GET /api/ledger/witnesses': () => ({ items: d.witnesses }),
  'GET /api/ledger': (p, _, q) => ({ ...page(d.ledger, q), size: p.org.key === 'cert' ? d.ledger.length : null, root: p.org.key === 'cert' ? '4f2a9c01d7e8' : null }),
  'GET /api/realms': () => ({ items: [{ name: 'live', kind: 'live', now: d.at(0) }, { name: 'demo', kind: 'demo', now: d.at(0), filling: 40 }] }),
  'POST /api/realms': () => [201, { name: 'demo', kind: 'demo', now: d.at(0), link: 'https://minar.example/l/EXAMPLE3' }],
  'DELETE /api/realms/:id': () => ({}),
  'GET /api/feeds': () => ({ items: d.feeds }),
  'POST /api/feeds': (p, _, q, b) => { const f = { ...d.feeds[3], ...b, id: d.uuid(8, 20 + d.feeds.length), name: { first: 'en', en: b.name_en ?? b.key }, health: 'new' }; d.feeds.push(f); return [201, { id: f.id, version: 1 }]; },
  'GET /api/feeds/:id': (p, { id }) => found(d.feeds, id),
  'PATCH /api/feeds/:id': (p, { id }, q, b) => { const f = found(d.feeds, id); Object.assign(f, b, { health: b.state === 'paused' ? 'paused' : 'alive' }); return { id, version: 2 }; },
  'POST /api/feeds/:id/files': (p, { id }, q) => { const r = { ...report(false, q.get('name')), kind: 'feed', state: 'running', bytes_done: 0, bytes_total: 1000 }; runs.set(r.id, r); return [202, r]; },
  'PUT /api/shadowserver/mapping': () => ({ types: 112 }),
  'GET /api/events': (p, _, q) => page(events(q, p), q),
  'GET /api/events/summary': (p, _, q) => summary(q, p),
  'GET /api/events/:id': (p, { id }) => found(mineOnly(p, d.events, (e) => e.owner?.id), id),
  'GET /api/findings': (p, _, q) => page(mineOnly(p, d.findings).filter((f) => (!q.get('org') || f.org.id === q.get('org')) && (!q.get('state') || f.state === q.get('state')) && (!q.get('identifier') || f.identifier === q.get('identifier')) && (!q.get('opened_from') || f.first_seen >= q.get('opened_from')) && (!q.get('opened_until') || f.first_seen < q.get('opened_until'))), q),
  'GET /api/organisations/:id/overview': (p, { id }) => overview(found([...d.orgs, d.cert], id)),
  'GET /api/organisations/:id/versions': versionsOf,
  'GET /api/findings/:id': (p, { id }) => found(mineOnly(p, d.findings), id),
  'POST /api/findings/:id/answer': (p, { id }, q, b) => { const f = found(mineOnly(p, d.findings), id); f.state = b.answer; return { id, version: 2 }; },
  'GET /api/notices': (p, _, q) => page(mineOnly(p, d.notices).filter((n) => (!q.get('state') || n.state === q.get('state')) && (!q.get('org') || n.org.id === q.get('org')) && (q.get('late') !== 'true' || (n.state === 'sent' && n.due < d.at(0))) && ((!q.get('channel') && !q.get('delivery')) || (n.deliveries ?? []).some((x) => (!q.get('channel') || x.channel === q.get('channel')) && (!q.get('delivery') || x.state === q.get('delivery'))))), q),
  'GET /api/notices/:id': (p, { id }) => ({ ...found(mineOnly(p, d.notices), id), items: d.findings.filter((f) => f.notice === id) }),
  'POST /api/notices/:id/acknowledge': (p, { id }) => { Object.assign(found(mineOnly(p, d.notices), id), { state: 'acknowledged', acknowledged: d.at(0), acknowledged_by: p.name }); tell('notice.acknowledged', id, 'notice'); return { id, version: 2 }; },
  'POST /api/notices/:id/undo': (p, { id }) => { const n = found(d.notices, id); if (n.state !== 'held') throw new Problem(409, 'The notice has left already; it cannot be taken back.'); n.state = 'undone'; return { id, version: 2 }; },
  'POST /api/notices/:id/letter': (p, { id }) => makeLetter(found(d.notices, id)),
  'POST /api/letters/:id/state': (p, { id }, _, b) => moveLetter(id, b.state, p.name),
  'GET /api/files': (p, _, q) => page(stored.filter((f) => f.state !== 'erased'), q),
  'POST /api/files': (p, _, q) => bringFile(q),
  'GET /api/files/:id': (p, { id }) => { const f = found(stored, id); return { ...f, owner: d.ref(d.cert), about: { kind: 'notice', id: d.notices[0].id } }; },
  'POST /api/files/:id/release': (p, { id }) => { const f = found(stored, id); f.state = 'released'; f.version += 1; return { id, version: f.version }; },
  'POST /api/files/:id/look': (p, { id }) => { const f = found(stored, id); f.look = 'done'; f.version += 1; return { id, version: f.version }; },
  'DELETE /api/files/:id': (p, { id }) => { const f = found(stored, id); Object.assign(f, { state: 'erased', name: null, report: undefined }); return { id, version: f.version + 1 }; },
  'GET /api/files/:id/saw': () => ({ organisations: [], people: [] }),
  'GET /api/indicators': (p, _, q) => page(d.indicators.filter((i) => !q.get('q') || i.value.includes(q.get('q'))), q),
  'POST /api/indicators': (p, _, q, b) => { if (!b.value.includes('.')) throw new Problem(422, 'This is no address, domain, URL or hash.', '/value'); d.indicators.unshift({ ...d.indicators[0], ...b, id: d.uuid(9, 500 + d.indicators.length) }); return [201, { id: d.uuid(9, 1), version: 1 }]; },
  'POST /mock/tell': (p, _, q) => { tell(q.get('type')); return {}; },
};
const table = Object.entries(ROUTES).map(([name, run]) => { const [method, path] = name.split(' '); return { method, parts: path.split('/'), run }; });

function route(method, path) {
  const have = path.split('/');
  for (const { method: m, parts, run } of table) {
    if (m !== method || parts.length !== have.length || !parts.every((p, i) => p.startsWith(':') || p === have[i])) continue;
    return { run, params: Object.fromEntries(parts.flatMap((p, i) => (p.startsWith(':') ? [[p.slice(1), decodeURIComponent(have[i])]] : []))) };
  }
  return null;
}
function send(res, status, body, headers = {}) {
  res.writeHead(status, { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json', 'Cache-Control': 'no-store', ...headers });
  res.end(body === undefined ? '' : JSON.stringify(body));
}
function file(res, path) {
  const wanted = normalize(join(dist, path));
  const name = wanted.startsWith(dist) && existsSync(wanted) && statSync(wanted).isFile() ? wanted : join(dist, 'index.html');
  res.writeHead(200, { 'Content-Type': KINDS[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP, 'Cache-Control': 'no-cache' });
  createReadStream(name).pipe(res);
}
async function answer(req, res) {
  const url = new URL(req.url, 'http://mock.example'), chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  const raw = Buffer.concat(chunks).toString(), token = /minar=(\w+)/.exec(req.headers.cookie ?? '')?.[1], person = sessions.get(token);
  const json = req.headers['content-type']?.includes('json') && raw ? JSON.parse(raw) : {};
  if (!/^\/(api|mock|l)\//.test(url.pathname)) return file(res, url.pathname);
  const enter = (p, status, headers, body) => { const key = Math.random().toString(36).slice(2); sessions.set(key, { ...p }); send(res, status, body, { 'Set-Cookie': `minar=${key}; Path=/; HttpOnly; SameSite=Strict`, ...headers }); };
  if (url.pathname.startsWith('/l/')) return enter(d.people.find((p) => p.mail.startsWith(url.pathname.slice(3))) ?? d.people[0], 303, { Location: '/' });
  if (req.method === 'POST' && url.pathname === '/api/session') {
    const p = d.people.find((x) => x.mail === json.mail);
    if (!p || json.password === 'wrong') throw new Problem(401, 'Mail address and password do not fit together. Try again, or ask for a fresh link.');
    return enter(p, 200, {}, session(p));
  }
  if (!person) throw new Problem(401, 'Sign in first.');
  if (req.method === 'DELETE' && url.pathname === '/api/session') { sessions.delete(token); return send(res, 200, {}); }
  if (url.pathname === '/api/stream') {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' });
    res.write('retry: 2000\nid: 0\n\n');
    streams.add(res);
    return req.on('close', () => streams.delete(res));
  }
  const hit = route(req.method, url.pathname);
  if (!hit) throw new Problem(404, 'There is no such route.');
  const out = hit.run(person, hit.params, url.searchParams, json);
  Array.isArray(out) ? send(res, out[0], out[1]) : send(res, 200, out);
}
export function start(port = 0) {
  const server = createServer((req, res) => void answer(req, res).catch((e) => send(res, e.body?.status ?? 500, e.body ?? { title: String(e), status: 500, type: 'about:blank' })));
  return new Promise((done) => server.listen(port, '127.0.0.1', () => done(server)));
}
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await start(Number(process.argv[2] ?? 8090));
  console.log(`mock of the program at http://127.0.0.1:${server.address().port}`);
}
