// Fictional data in the schemas' form, for developing and testing the console without the program.
// Addresses, AS numbers and names are those reserved for documentation.
export const NOW = Date.parse('2026-03-02T09:00:00Z');
const HOUR = 3_600_000;
let seed = 7;
export const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
export const pick = (list) => list[Math.floor(random() * list.length)];
export const uuid = (kind, n) => `00000000-0000-4000-8000-${kind.toString(16).padStart(4, '0')}${n.toString(16).padStart(8, '0')}`;
export const at = (hours) => new Date(NOW + hours * HOUR).toISOString();

const ORGS = [
  ['water', 'Ministry of Example Water', 'وزارتِ آبِ مثال', 'ministry', 'government'],
  ['bank', 'First Example Bank', 'پہلا مثالی بینک', 'bank', 'finance'],
  ['grid', 'Example Power Grid Company', 'مثالی پاور گرڈ کمپنی', 'energy', 'energy'],
  ['telecom', 'Example Telecom', 'مثالی ٹیلی کام', 'telecom', 'telecom'],
  ['hospital', 'Example Teaching Hospital', 'مثالی تدریسی ہسپتال', 'health', 'health'],
  ['university', 'University of Examples', '', 'education', 'education'],
];
export const orgs = [
  ...ORGS.map(([key, en, ur, kind, sector], i) => ({ id: uuid(1, i + 1), key, name: { first: 'en', en, ...(ur ? { ur } : {}) }, kind, sector, province: null, lang: 'ur', community: false, state: 'active', version: 1, networks: i === 5 ? 0 : 2 + i, open_findings: 3 + i, waiting_notices: i % 3 })),
  ...Array.from({ length: 240 }, (_, i) => ({ id: uuid(1, 100 + i), key: `office-${i + 1}`, name: { first: 'en', en: `Example Office ${i + 1}`, ur: `مثالی دفتر ${i + 1}` }, kind: 'provincial', sector: 'government', province: null, lang: 'ur', community: false, state: 'active', version: 1, networks: 1, open_findings: 0, waiting_notices: 0 })),
];
export const cert = { id: uuid(1, 99), key: 'cert', name: { first: 'en', en: 'National CERT of Examples', ur: 'قومی سرٹ (مثال)' }, kind: 'national_cert', sector: 'government', lang: 'en', community: false, state: 'active', version: 1 };
export const ref = (o) => ({ id: o.id, key: o.key, name: o.name });

export const people = [
  { id: uuid(2, 1), name: 'Duty Officer', mail: 'duty@cert.example', phone: null, lang: 'en', roles: ['coordinator', 'analyst', 'admin'], contact_role: 'none', state: 'active', confirmed: at(-100), org: ref(cert), version: 1 },
  { id: uuid(2, 2), name: 'Focal Person', mail: 'focal@water.example', phone: '+92 51 5550100', lang: 'ur', roles: ['org_admin'], contact_role: 'focal', state: 'active', confirmed: at(-24 * 120), org: ref(orgs[0]), version: 1 },
  { id: uuid(2, 3), name: 'Network Engineer', mail: 'noc@bank.example', phone: '+92 21 5550101', lang: 'en', roles: ['analyst'], contact_role: 'technical', state: 'invited', confirmed: null, org: ref(orgs[1]), version: 1 },
  { id: uuid(2, 4), name: 'Reader Only', mail: 'reader@cert.example', phone: null, lang: 'en', roles: ['auditor'], contact_role: 'none', state: 'active', confirmed: at(-10), org: ref(cert), version: 1 },
];
export const networks = orgs.slice(0, 5).flatMap((o, i) => [
  { org: o.id, id: uuid(3, i * 3), kind: 'cidr', value: `192.0.2.${i * 32}/27`, state: 'approved', source: 'registry', version: 1 },
  { org: o.id, id: uuid(3, i * 3 + 1), kind: 'domain', value: `${o.key}.example`, state: 'approved', source: 'registry', version: 1 },
  { org: o.id, id: uuid(3, i * 3 + 2), kind: 'asn', value: `AS${64500 + i}`, state: 'claimed', source: 'registry', version: 1 },
]);

const IDS = [['accessible-rdp', 'vulnerable-system', 'vulnerable', 'high'], ['accessible-telnet', 'potentially-unwanted-accessible', 'vulnerable', 'medium'], ['accessible-smb', 'vulnerable-system', 'vulnerable', 'critical'], ['dns-open-resolver', 'ddos-amplifier', 'vulnerable', 'low'], ['botnet-example', 'infected-system', 'malicious-code', 'high']];
const FEEDS = ['shadowserver', 'partner-csv', 'honeypot'];
export const events = Array.from({ length: 1200 }, (_, n) => {
  const [identifier, type, taxonomy, severity] = pick(IDS), i = Math.floor(random() * 7), o = i < 5 ? orgs[i] : null;
  return {
    id: uuid(4, n), time: new Date(NOW - n * 0.11 * HOUR - random() * 300_000).toISOString(), observed: at(-n * 0.1), feed: pick(FEEDS), taxonomy, type, identifier, severity,
    ip: o ? `192.0.2.${i * 32 + 1 + (n % 28)}` : `203.0.113.${n % 250}`, port: pick([3389, 23, 445, 53]), asn: 64500 + Math.min(i, 5), cc: 'PK', fqdn: n % 4 ? null : `host${n}.${o?.key ?? 'nobody'}.example`, protocol: 'tcp', count: 1,
    owner: o ? ref(o) : null, why: o ? `192.0.2.${i * 32}/27 belongs to ${o.name.en} since 2025-01-01.` : null, matched: n % 17 === 0, tlp: 'AMBER', extra: { tag: 'example', device: 'unknown' },
    header: '"timestamp","ip","port","tag"', raw: `"2026-03-02 08:00:00","192.0.2.${n % 200}","3389","example"`,
  };
});
export const findings = Array.from({ length: 40 }, (_, n) => {
  const [identifier, type, taxonomy, severity] = IDS[n % 5], i = n % 5;
  return { id: uuid(5, n), org: ref(orgs[i]), feed: 'shadowserver', taxonomy, type, identifier, severity, ip: `192.0.2.${i * 32 + 3 + n}`, port: 3389, fqdn: null, asn: 64500 + i, detail: {}, first_seen: at(-90 - n), last_seen: at(-n), seen: 1 + (n % 9), why_kind: 'cidr', why_value: `192.0.2.${i * 32}/27`, why: `Inside 192.0.2.${i * 32}/27, a network of ${orgs[i].name.en}.`, matched: false, event: uuid(4, n), notice: uuid(6, n % 20), state: n % 7 === 6 ? 'fixed' : 'open', tlp: 'AMBER', version: 1 };
});
export const notices = Array.from({ length: 20 }, (_, n) => {
  const i = n % 5, state = n === 0 ? 'held' : n % 4 === 3 ? 'acknowledged' : 'sent', created = n === 0 ? at(-0.002) : at(-n * 5);
  return {
    id: uuid(6, n), number: `N-2026-${String(120 - n).padStart(5, '0')}`, org: ref(orgs[i]), kind: 'finding', severity: pick(['critical', 'high', 'medium', 'low']), findings: findings.filter((f) => f.notice === uuid(6, n)).length, state, created, held_until: n === 0 ? at(0.006) : created, due: at(-n * 5 + 48),
    subject: { first: 'en', en: `Remote desktop of ${orgs[i].name.en} is open to the internet`, ur: `${orgs[i].name.ur || orgs[i].name.en} کا ریموٹ ڈیسک ٹاپ انٹرنیٹ پر کھلا ہے` },
    body: { first: 'en', en: 'Anybody on the internet can reach this machine and try passwords.\nClose port 3389 at the firewall today; allow it only through a VPN.', ur: 'انٹرنیٹ پر کوئی بھی اس مشین تک پہنچ کر پاس ورڈ آزما سکتا ہے۔\nآج ہی فائر وال پر پورٹ 3389 بند کریں؛ صرف وی پی این کے ذریعے اجازت دیں۔' },
    acknowledged: state === 'acknowledged' ? at(-n * 4) : null, acknowledged_by: state === 'acknowledged' ? 'Focal Person' : null, tlp: 'AMBER', version: 1,
    deliveries: [{ id: uuid(7, n * 2), channel: 'portal', to: null, state: state === 'sent' ? 'opened' : state, sent: created, opened: n % 2 ? at(-n) : null, acknowledged: state === 'acknowledged' ? at(-n * 4) : null, attempts: 1, last_error: null },
      { id: uuid(7, n * 2 + 1), channel: 'mail', to: 'focal@water.example', state: n === 2 ? 'failed' : 'sent', sent: n === 2 ? null : created, opened: null, acknowledged: null, attempts: 1, last_error: n === 2 ? 'The mail server answered: no such mailbox.' : null }],
  };
});
export const feeds = [
  ['shadowserver', 'Shadowserver reports', 'شیڈو سرور رپورٹیں', 'alive'], ['partner-csv', 'Partner bank list', 'ساتھی بینک کی فہرست', 'late'], ['honeypot', 'Honeypots', 'ہنی پاٹس', 'silent'], ['fresh', 'Scanner of ours', 'ہمارا اسکینر', 'new'],
].map(([key, en, ur, health], i) => ({ id: uuid(8, i), key, name: { first: 'en', en, ur }, format: i ? 'csv' : 'shadowserver', provider: 'example', accuracy: 90, url: null, every_s: 0, expect_every_s: 86400, state: 'active', alarms: i === 1 ? [{ what: 'more', since: at(-5) }] : i === 2 ? [{ what: 'late', since: at(-30) }, { what: 'silent', since: at(-6) }] : [], declaration: i ? 'columns:\n  ip: source.ip\n' : '', version: 1, last_event: i === 3 ? null : at(-i * 20 - 0.2), last_file: null, events_24h: i === 3 ? 0 : 4200 >> (i * 2), rejects_24h: i === 1 ? 12 : 0, owned_pct: i === 3 ? null : 82.4 - i * 9, health, hours: Array.from({ length: 24 }, (_, h) => (i === 3 ? 0 : Math.round((1 + Math.sin(h / 3 + i)) * 90) * (i === 2 && h > 4 ? 0 : 1))) }));
export const indicators = Array.from({ length: 60 }, (_, n) => ({ id: uuid(9, n), kind: ['ip', 'domain', 'hash', 'url'][n % 4], value: [`198.51.100.${n}`, `bad${n}.example`, n.toString(16).padStart(64, 'a'), `http://bad${n}.example/x`][n % 4], source: pick(['partner', 'own']), confidence: 40 + (n % 6) * 10, valid_from: at(-200), valid_until: at(2000), tags: [], why: 'Seen in an example campaign.', state: 'active', tlp: pick(['GREEN', 'AMBER', 'CLEAR', 'RED', 'AMBER+STRICT']), version: 1 }));
const ACTS = [['notice.sent', 'notice', 'Notice N-2026-00120 was sent to Ministry of Example Water.'], ['finding.opened', 'finding', 'A finding was opened at First Example Bank.'], ['import.finished', 'import_run', 'A file of Shadowserver reports was read in: 4,200 rows.'], ['person.joined', 'person', 'Focal Person signed in the first time.']];
export const ledger = Array.from({ length: 300 }, (_, n) => { const [type, kind, words] = ACTS[n % 4]; return { id: uuid(10, n), at: at(-n * 0.3), type, kind, subject: kind === 'import_run' ? null : uuid(kind === 'notice' ? 6 : kind === 'finding' ? 5 : 2, n % 3), version: 1, who: 'Duty Officer', org: null, words, leaf: 'ab12' }; });
export const acts = [
  { id: uuid(13, 1), act: 'person_factor_end', asker: 'Bilal Ahmed', subject: 'Sana Tariq', created: at(-1), expires: at(23), mine: false, given: 0, needed: 1, decided: false },
  { id: uuid(13, 2), act: 'person_factor_end', asker: 'Amna Iqbal', subject: 'Omar Zaman', created: at(-0.2), expires: at(23.8), mine: true, given: 0, needed: 1, decided: false },
  { id: uuid(13, 3), act: 'glass_ask', asker: 'Network Engineer', created: at(-0.1), expires: at(23.9), mine: false, given: 1, needed: 2, decided: false, glass: { kind: 'finding', record: uuid(5, 2), reason: 'Their officer does not answer and the attack is running.', minutes: 60 } },
];
export const keys = [{ id: uuid(11, 1), name: 'SOC poller', access: 'read', expires: at(24 * 60), revoked: null, created: at(-24) }];
export const permissions = {
  coordinator: ['session.read', 'admin.read', 'metrics.read', 'backup.read', 'channel.read', 'channel.write', 'action.read', 'action.write', 'job.read', 'job.stop', 'file.read', 'file.write', 'file.original', 'file.erase', 'reads.audit', 'session.end', 'org.read', 'org.write', 'org.import', 'person.read', 'person.invite', 'person.write', 'key.read', 'key.write', 'leave.read', 'leave.write', 'leave.gaps', 'recert.read', 'recert.write', 'delegation.read', 'delegation.write', 'act.read', 'act.end', 'act.decide', 'glass.ask', 'glass.read', 'glass.end', 'task.read', 'task.done', 'feed.read', 'feed.write', 'feed.import', 'event.read', 'indicator.read', 'indicator.write', 'finding.read', 'reads.read', 'notice.read', 'notice.undo', 'notice.letter', 'ledger.read', 'stream.read', 'realm.write'],
  org_admin: ['session.read', 'channel.read', 'channel.write', 'action.read', 'action.write', 'job.read', 'job.stop', 'file.read', 'file.write', 'file.original', 'file.erase', 'session.end', 'org.read', 'person.read', 'person.invite', 'person.write', 'key.read', 'key.write', 'recert.read', 'recert.write', 'delegation.read', 'leave.read', 'leave.write', 'act.read', 'act.end', 'act.decide', 'glass.ask', 'glass.read', 'glass.end', 'task.read', 'task.done', 'event.read', 'indicator.read', 'finding.read', 'reads.read', 'finding.answer', 'notice.read', 'notice.acknowledge', 'ledger.read', 'stream.read'],
  auditor: ['session.read', 'session.end', 'org.read', 'glass.read', 'ledger.read', 'stream.read'],
};

/** Opened by emergency: one open, one closed by its owner, one by its time, of which nobody may know whose it is. */
export const glass = [
  { id: uuid(14, 1), kind: 'finding', record: uuid(5, 0), reason: 'Their officer does not answer and the attack is running.\nWe need the address to block it at our side.', created: at(-0.4), until: at(0.6), open: true, owned: true, may_end: true, by: 'Network Engineer', org: 'First Example Bank', approved_by: [{ name: 'Duty Officer', org: 'National CERT of Examples' }, { name: 'Second Banker', org: 'First Example Bank' }], whose: { ...ref(orgs[0]) } },
  { id: uuid(14, 2), kind: 'notice', record: uuid(6, 2), reason: 'یہی حملہ ہمارے ہاں بھی ہے؛ اطلاع میں لکھا حل فوراً چاہیے۔', created: at(-30), until: at(-29.2), open: false, owned: true, may_end: false, by: 'Network Engineer', org: 'First Example Bank', approved_by: [{ name: 'Duty Officer', org: 'National CERT of Examples' }, { name: '', org: 'First Example Bank' }], ended: at(-29.2), ended_by: 'Focal Person', whose: { ...ref(orgs[0]) } },
  { id: uuid(14, 3), kind: 'indicator', record: uuid(9, 4), reason: 'The same hash runs on three of our machines tonight.', created: at(-80), until: at(-79), open: false, owned: false, may_end: false, by: 'Focal Person', org: 'Ministry of Example Water', approved_by: [{ name: 'Duty Officer', org: 'National CERT of Examples' }, { name: 'Second Person', org: 'Ministry of Example Water' }], ended: at(-79) },
];
const TOLD = [['glass', `/glass/${uuid(14, 1)}`, 'Network Engineer (First Example Bank) may read one thing of your organisation until 2 March 2026, 14:36. Two others let it happen. Read why; there you can close it at once.', 'Network Engineer (First Example Bank) آپ کے ادارے کی ایک چیز 2 مارچ 2026، 14:36 تک پڑھ سکتے ہیں۔ دو اور افراد نے اس کی اجازت دی۔ وجہ پڑھیں؛ وہیں آپ اسے فوراً بند کر سکتے ہیں۔'],
  ['lost', `/people/${uuid(2, 2)}`, 'The authenticator of Focal Person was lost and ended by two people; all sessions, keys and the password ended with it. If nobody lost anything, call the national desk at once.', 'Focal Person کی تصدیقی ایپ کھو گئی اور دو افراد نے اسے ختم کیا؛ تمام سیشن، کلیدیں اور پاس ورڈ بھی ختم ہو گئے۔ اگر کچھ نہیں کھویا تو قومی ڈیسک کو فوراً فون کریں۔'],
  ['returned', `/people/${uuid(2, 2)}`, 'Focal Person has come back by a one-time link after losing an authenticator.', 'Focal Person ایک بار چلنے والے لنک سے واپس آ گئے ہیں۔']];
export const told = TOLD.map(([kind, path, en, ur], i) => ({ id: uuid(15, i + 1), kind, path, created: at(-0.4 - i), words: { en, ur } }));

export const readDays = [
  { day: '2026-11-29', state: 'open', notes: 412, digest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', closed: null },
  { day: '2026-11-28', state: 'closed', notes: 20391, digest: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752', closed: at(-20) },
  { day: '2026-08-12', state: 'gone', notes: 18007, digest: '', closed: at(-2600) },
];

/** What is published of the ledger: one witness good, one away. */
export const published = { state: 'published', origin: 'cert.example/log', key: 'cert.example/log+0a1b2c3d+AWYmZmJmYmZmYmJmZmJmYmZmYmJmZmJmYmZmYmJmZmI=', every_s: 3600, size: 5120, root: 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=', at: at(-0.4), next: at(0.6), checkpoint: 'cert.example/log\n5120\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u2014 cert.example/log AAAA\n', halted: null, witnesses: 2, cosigned: 1 };
export const witnesses = [
  { name: 'witness.example/w1', state: 'cosigned', size: 5120, asked: at(-0.4), answered: at(-0.4), why: null },
  { name: 'neighbour.example/witness', state: 'failed', size: 4864, asked: at(-0.4), answered: at(-1.4), why: 'neighbour.example answered 503. Try again later.' },
];

const nobodyMay = { change: false, assign: false, done: false, verify: false, reopen: false, drop: false };
const action = (n, more) => ({ id: uuid(16, n), number: `A-2026-00000${n}`, title: 'Close port 3389 at the border', lang: 'en', detail: 'At both border routers.\nThen look from outside.', due: at(72), state: 'open', late: false, mine: true, tlp: 'AMBER+STRICT', version: 1, owner: orgs[0] && ref(orgs[0]), person: { id: people[1].id, name: people[1].name }, about: { kind: 'organisation', id: orgs[0].id }, created: at(-30), asker: ref(orgs[1]), author: { id: people[0].id, name: people[0].name }, done: null, done_said: '', done_by: null, closed: null, said: '', closed_by: null, effect: null, may: { ...nobodyMay, change: true, assign: true, done: true, drop: true }, ...more });
export const actions = [
  action(1, { late: true, due: at(-20) }),
  action(2, { title: 'رات کو کس کو فون کیا جائے، لکھ کر بھیجیں', lang: 'ur', mine: false, person: null }),
  action(3, { state: 'done', done: at(-5), done_said: 'Closed.', done_by: { id: people[1].id, name: people[1].name }, effect: { findings: 3, again: 1, last_seen: at(-1) }, may: { ...nobodyMay, verify: true, reopen: true, drop: true } }),
];
export const calendar = { year: 2026, time_zone: 'Asia/Karachi', weekend: ['saturday', 'sunday'], opens: '09:00', closes: '17:00', today: '2026-11-24', may_change: true, items: [
  { id: uuid(17, 1), from: '2026-03-23', until: '2026-03-23', name: { first: 'en', en: 'Founding Day', ur: 'یومِ تاسیس' }, sector: null, province: null, expected: false, version: 1 },
  { id: uuid(17, 2), from: '2026-05-27', until: '2026-05-29', name: { first: 'en', en: 'Festival of Lanterns', ur: 'جشنِ فانوس' }, sector: null, province: null, expected: true, version: 1 },
  { id: uuid(17, 3), from: '2026-07-01', until: '2026-07-01', name: { first: 'en', en: 'Bank closing', ur: 'بینک بند' }, sector: 'finance', province: null, expected: false, version: 1 },
], next: null };

// The first hour: half done, two steps of parts to come, one that may be set aside.
export const aside = new Map();
const STEPS = [
  ['site', 0, 'done', 'The site is set up', 'مرکز تیار ہے', null, 'minar init'],
  ['strong', 2, 'done', 'A strong way in', 'داخلے کا مضبوط طریقہ', '/rights', 'minar factor add'],
  ['constituents', 6, 'done', 'Organisations from a file', 'فائل سے ادارے', '/organisations/import', 'minar org import constituents.csv --dry-run'],
  ['feed', 17, 'open', 'The first feed', 'پہلا فیڈ', '/feeds', 'minar feed add shadowserver --format shadowserver'],
  ['invite', 23, 'open', 'An organisation comes in', 'ایک ادارہ اندر آتا ہے', '/people', 'minar user add it@mof.example "Aisha K." --org ORG-ID'],
  ['advisory', 33, 'later', 'The first advisory', 'پہلی ہدایت', null, null],
  ['backup', 50, 'open', 'A backup, and a drill', 'بیک اپ، اور مشق', '/backups', 'minar backup DIR && minar verify && minar restore --test DIR'],
];
export function firstHour(lang) {
  const items = STEPS.map(([name, minute, state, en, ur, path, command]) => ({
    name, minute, state: state === 'open' && aside.has(name) ? 'skipped' : state, words: lang === 'ur' ? ur : en, may: true,
    hint: lang === 'ur' ? 'یہ قدم کیوں ہے، اور کب پورا ہوتا ہے۔' : 'Why this step is there, and when it is done.',
    ...(path ? { path } : {}), ...(command ? { command } : {}), ...(state === 'open' && aside.has(name) ? { at: at(-0.2), why: aside.get(name) } : {}),
  }));
  return { since: at(-0.7), open: items.filter((x) => x.state === 'open').length, items };
}
/** Keys for mail: one in use that ends soon, one that waits for its code. */
export const mailKeys = [
  { id: uuid(18, 1), kind: 'openpgp', fingerprint: '1B336C50B95F619D7E78AF16A99FE211C5C3F574', user: 'Aisha Khan <aisha@mox.example>', state: 'used', created: at(-24 * 300), confirmed: at(-24 * 299), expires: at(24 * 20) },
  { id: uuid(18, 2), kind: 'openpgp', fingerprint: 'D505F9CA1D773A6EE46CBDBF1330E5F61544B229', user: 'Aisha Khan <aisha@mox.example>', state: 'waiting', created: at(-2), confirmed: null, expires: at(24 * 700) },
  { id: uuid(18, 3), kind: 'smime', fingerprint: '3F9A27C1D5E8B04462AA90FE17C3D8B5E6F0A1927384655647382910ABCDEF01', user: 'CN = Aisha Khan, O = Ministry of Examples', issuer: 'CN = National CA, C = PK', serial: '1A2B3C4D5E6F', state: 'other', created: at(-24 * 200), confirmed: at(-24 * 199), expires: at(24 * 40) },
];

/** Letters: one to be printed, one that was. */
export const letters = ['made', 'printed'].map((state, i) => ({
  id: uuid(19, i), channel: 'letter', state, notice: uuid(19, 8 + i), notice_number: `N-2026-00000${i + 1}`, org: people[0].org, acknowledged: null, tlp: 'AMBER',
  letter: { number: `L-2026-00000${i + 1}`, issued: at(-30 + i), sha256: 'ab'.repeat(32), printed: i ? at(-20) : null, handed: null, handed_by: null, returned: null, withdrawn: null },
}));
