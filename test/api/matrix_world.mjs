// matrix_world.mjs - the country that the matrix is asked over: organisations and people through the
// interface; then, while the server stands still, one record and one credential for every row, put into
// the store by hand, because no interface makes most of them (a record of every kind, owner, label, time).
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LABELS, ROLES, STANDINGS, STATES, kindOf, sheet } from '../matrix/expect.mjs';
import { SOURCE } from './harness.mjs';
import { poll } from './site.mjs';
import { populate } from './world.mjs';

const records = JSON.parse(readFileSync(path.join(SOURCE, 'data/records/records.json'), 'utf8'));
const ALL = ROLES.slice(0, 6), HOUR_US = 3600e6;
const KEYS = { cert: 'CERT', member: 'MEMBER', outside: 'OUTSIDE' };
const PROVIDERS = { cert: 'PC', member: 'PM', outside: 'PO' };
const KEPT = { cert: 'KC', member: 'KM', outside: 'KO' }; // whom they administer

/** Runs SQL in the site's store while nobody else has it open. */
export function sql(site, text) {
  if (site.database) return site.database.script(`SET search_path = minar_live;\n${text}`);
  const file = path.join(site.dir, 'realm/live/records.db');
  const run = 'import sqlite3,sys\nc=sqlite3.connect(sys.argv[1])\nc.executescript(sys.stdin.read())\nc.commit()';
  return execFileSync('python3', ['-c', run, file], { input: `BEGIN;\n${text}\nCOMMIT;` });
}

const hex = (site, h) => (site.database ? `'\\x${h}'::bytea` : `x'${h}'`);
const quote = (s) => `'${String(s).replaceAll("'", "''")}'`;

/** One that may be made through the interface of every kind that can; findings and notices by a file. */
async function templates(site, w) {
  const { desk } = site;
  await desk.post(`/api/organisations/${w.ELSEWHERE}/networks`, { value: 'template.example' });
  await desk.post('/api/indicators', { value: 'template.example', why: 'a template' });
  await desk.post('/api/keys', { name: 'template', access: 'read' });
  await w.give([['198.18.4.10']]);
  w.notice = (await poll('a notice that left', async () => (await desk.get('/api/notices')).items.find((n) => n.state === 'sent'), 30000)).id;
  await desk.post(`/api/files?kind=notice&id=${w.notice}&name=x.txt`, undefined, { body: 'a template' });
  await desk.post('/api/actions', { about: 'notice', subject: w.notice, title: 'A template', working_days: 5 });
  w.event = (await desk.get('/api/events')).items[0].id;
}

async function organisations(site, w) {
  for (const key of Object.values(PROVIDERS)) w[key] = (await site.org(key)).id;
  w.MEMBER = (await site.org('MEMBER', { provider_key: 'PM' })).id;
  w.OUTSIDE = (await site.org('OUTSIDE', { provider_key: 'PO', community: false })).id;
  w.ELSEWHERE = (await site.org('ELSEWHERE')).id;
  for (const key of Object.values(KEPT)) w[key] = (await site.org(key)).id;
}

async function people(site, w) {
  w.people = {};
  for (const standing of STANDINGS) for (const role of ROLES) for (const state of STATES) {
    const roles = role === 'all' ? ALL : role === 'none' ? [] : [role];
    const at = `${standing} ${role} ${state}`;
    const { id } = await site.desk.post('/api/people', { name: at, mail: `${at.replaceAll(' ', '.')}@example.org`, org: w[KEYS[standing]], roles, contact_role: 'none', ...(roles.includes('auditor') ? { roles_until: new Date(Date.now() + 30 * 86400e3).toISOString() } : {}) });
    if (state !== 'invited') await site.desk.ok('PATCH', `/api/people/${id}`, { json: { state } });
    w.people[at] = id;
  }
}

export async function makeWorld(site) {
  const w = await populate(site, { people: false });
  await organisations(site, w);
  await people(site, w);
  await templates(site, w);
  return w;
}

// ---- by hand ----

class Hand {
  constructor(site, w) { Object.assign(this, { site, w, out: [], n: 0 }); }

  id(text) { return hex(this.site, text.replaceAll('-', '')); }
  org(key) { return `(SELECT row FROM organisation WHERE key = ${quote(key)})`; }
  person(row) { return `(SELECT row FROM person WHERE id = ${this.id(this.w.people[`${row.standing} ${row.role} ${row.state}`])})`; }
  owner(row) { return row.relation === 'own' ? KEYS[row.standing] : row.relation === 'provider' ? PROVIDERS[row.standing] : row.relation === 'delegated' ? KEPT[row.standing] : 'ELSEWHERE'; }

  audience(row) {
    const label = LABELS.indexOf(row.label), at = (50000 + this.n++) * 8 + label, grouped = label === 2 || label === 3;
    const whose = row.relation === 'group' ? KEYS[row.standing] : row.relation === 'provider in group' ? PROVIDERS[row.standing] : '';
    const grp = grouped && whose ? `(SELECT grp FROM organisation WHERE key = ${quote(whose)})` : '0';
    this.out.push(`INSERT INTO audience (row, label, grp, named) VALUES (${at}, ${label}, ${grp}, 'row ${at}');`);
    if (row.label === 'RED' && row.relation === 'named') this.out.push(`INSERT INTO audience_person (audience, person) VALUES (${at}, ${this.person(row)});`);
    return at;
  }

  /** A copy of the first of its kind under a new id, with these columns as said. */
  copy(kind, where, columns) {
    const id = createHash('sha256').update(`copy ${this.n++}`).digest('hex').slice(0, 32);
    const names = ['id', 'origin', 'audience', 'owner', 'author', 'not_before', 'created', 'modified', 'version', 'retention', 'salt', ...(records[kind].parent ? ['parent'] : []), ...records[kind].columns.map(([name]) => name)];
    const set = { id: hex(this.site, id), ...columns };
    this.out.push(`INSERT INTO ${kind} (${names.join(', ')}) SELECT ${names.map((c) => set[c] ?? c).join(', ')} FROM ${kind} WHERE row = (SELECT min(row) FROM ${kind}${where ? ` WHERE ${where}` : ''});`);
    return id.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
  }

  /** What must differ, or must fit, in a copy. */
  unique(kind, row) {
    const n = this.n, one = quote(`copy-${n}.example`), org = this.org(this.owner(row));
    row.value = `copy-${n}.example`;
    switch (kind) {
      case 'organisation': return { key: quote(`COPY${n}`), name_fold: one };
      case 'network': case 'indicator': return { value: one };
      case 'sharing_group': return { kind: quote('case') };
      case 'feed': return { key: quote(`copy-${n}`) };
      case 'finding': return { dedup: hex(this.site, createHash('md5').update(`f${n}`).digest('hex')) };
      case 'notice': return { number: quote(`N-2026-9${String(n).padStart(5, '0')}`), org };
      case 'api_key': return { secret_hash: hex(this.site, randomBytes(32).toString('hex')) };
      case 'delivery': {
        const open = this.audience({ ...row, relation: 'none', label: row.time === 'orphan' ? 'RED' : 'CLEAR' });
        row.parent = this.copy('notice', "state = 'sent'", { number: quote(`N-2026-8${String(n).padStart(5, '0')}`), audience: open, owner: this.org('ELSEWHERE'), author: 0 });
        return { parent: `(SELECT row FROM notice WHERE id = ${this.id(row.parent)})`, org };
      }
      case 'attachment': {
        const open = this.audience({ ...row, relation: 'none', label: row.time === 'orphan' ? 'RED' : 'CLEAR' });
        row.whole = this.copy('notice', "state = 'sent'", { number: quote(`N-2026-7${String(n).padStart(5, '0')}`), audience: open, owner: this.org('ELSEWHERE'), author: 0 });
        const own = row.route.id === 'file_erase' ? { object: hex(this.site, randomBytes(16).toString('hex')) } : {}; // the others share one
        return { parent: `(SELECT row FROM notice WHERE id = ${this.id(row.whole)})`, ...own };
      }
      case 'action': {
        const open = this.audience({ ...row, relation: 'none', label: row.time === 'orphan' ? 'RED' : 'CLEAR' });
        row.whole = this.copy('notice', "state = 'sent'", { number: quote(`N-2026-6${String(n).padStart(5, '0')}`), audience: open, owner: this.org('ELSEWHERE'), author: 0 });
        return { parent: `(SELECT row FROM notice WHERE id = ${this.id(row.whole)})`, number: quote(`A-2026-9${String(n).padStart(5, '0')}`), asker: org, person: 'NULL' };
      }
      default: return {};
    }
  }

  object(row, kind) {
    const early = row.time.startsWith('early');
    const set = { audience: this.audience(row), owner: this.org(this.owner(row)), author: row.relation === 'author' ? this.person(row) : 0, not_before: early ? Date.now() * 1000 + HOUR_US : 0, ...(kind === 'person' ? {} : { version: 1 }) };
    if (kind === 'person') {
      set.org = set.owner;
      this.out.push(`UPDATE person SET ${Object.entries(set).map(([k, v]) => `${k} = ${v}`).join(', ')} WHERE id = ${this.id(row.object)};`);
    } else row.object = this.copy(kind, { notice: "state = 'sent'", delivery: "channel = 'portal'" }[kind], { ...set, ...this.unique(kind, row) });
    if (kind === 'attachment') this.out.push(`INSERT INTO file_key (file, wrapped) SELECT (SELECT row FROM attachment WHERE id = ${this.id(row.object)}), wrapped FROM file_key WHERE file = (SELECT min(row) FROM attachment);`);
    if (row.time.includes('glass')) this.glass(row, kind);
    if (row.relation === 'delegated' && kind === 'organisation') this.delegate(`(SELECT row FROM organisation WHERE id = ${this.id(row.object)})`, row.standing);
  }

  /** The organisation of a standing administers this one. */
  delegate(org, standing) {
    this.out.push(`INSERT INTO delegate (org, keeper, since, until, author) VALUES (${org}, ${this.org(KEYS[standing])}, 0, ${Date.now() * 1000 + HOUR_US}, 1);`);
  }

  glass(row, kind) {
    const desk = '1', self = this.person(row), other = `(SELECT row FROM person WHERE id = ${this.id(this.w.people['cert none disabled'])})`;
    const [first, second] = { 'self glass': [self, other], 'one glass': [desk, desk] }[row.time] ?? [desk, other];
    const until = Date.now() * 1000 + (row.time === 'old glass' ? -1e6 : HOUR_US);
    this.out.push(`INSERT INTO glass (kind, record, person, reason, until, approver_1, approver_2, created) VALUES (${quote(kind)}, (SELECT row FROM ${kind} WHERE id = ${this.id(row.object)}), ${self}, 'test', ${until}, ${first}, ${second}, 0);`);
  }

  /** The entry of the ledger that a row is about: the n-th from the beginning. */
  entry(row) {
    const number = 1 + this.entries++, of = `WHERE number = ${number}`;
    row.object = createHash('md5').update(`entry ${number}`).digest('hex').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
    this.out.push(`UPDATE ledger_entry SET audience = ${this.audience(row)}, owner = ${this.org(this.owner(row))}, author = ${row.relation === 'author' ? this.person(row) : 0}, id = ${this.id(row.object)} ${of};`);
  }

  entries = 0;

  credential(row) {
    const secret = randomBytes(32).toString('base64url'), hash = hex(this.site, createHash('sha256').update(secret).digest('hex'));
    const now = Date.now() * 1000, token = `${row.credential === 'other realm' ? 'other' : 'live'}.${secret}`;
    const over = ['ended session', 'expired key'].includes(row.credential);
    if (row.credential.includes('session')) {
      row.as = { cookie: `__Host-minar=${token}` };
      this.out.push(`INSERT INTO session (token_hash, person, created, used, expires, how, strong) VALUES (${hash}, ${this.person(row)}, ${now}, ${now}, ${now + (over ? -1e6 : HOUR_US)}, 'password', ${now});`);
      return;
    }
    row.as = row.credential === 'nobody' ? { cookie: '' } : { key: token };
    if (!row.credential.includes('key') && row.credential !== 'other realm') return;
    const access = quote(row.credential === 'read key' ? 'read' : 'write');
    this.copy('api_key', '', { person: this.person(row), secret_hash: hash, access, expires: now + (over ? -1e6 : HOUR_US), revoked: row.credential === 'revoked key' ? now : 'NULL' });
  }
}

/** One object and one credential for every row: row.object, row.as. The server stands still meanwhile. */
export async function putRows(site, w, rows) {
  const hand = new Hand(site, w);
  for (const row of rows.filter((r) => kindOf(sheet[r.route.id]) === 'person' && r.label)) {
    const { id } = await site.desk.post('/api/people', { name: 'An object', mail: `object${hand.n++}@example.org`, org: w.ELSEWHERE, roles: [], contact_role: 'none' });
    row.object = id;
  }
  await site.stop();
  hand.out.push(`UPDATE organisation SET provider = ${hand.org('PC')} WHERE key = 'CERT';`);
  for (const standing of STANDINGS) hand.delegate(hand.org(KEPT[standing]), standing);
  const open = hand.audience({ label: 'CLEAR' });
  hand.out.push(`UPDATE organisation SET audience = ${open};`); // who is named in an answer hides nothing of it
  for (const row of rows) {
    const kind = kindOf(sheet[row.route.id]);
    hand.credential(row);
    if (row.label && kind) hand.object(row, kind);
    if (row.label && row.route.id === 'ledger_list') hand.entry(row);
  }
  hand.out.push('DELETE FROM search_index;'); // what was written past the program is not in the index: it is made again
  sql(site, hand.out.join('\n'));
  await site.start();
}
export { KEPT, KEYS, PROVIDERS };
