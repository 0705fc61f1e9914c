// The access matrix over HTTP: rows in which every two of route, standing, role, state and credential
// meet, and of relation, label and time where somebody gets as far as an object; each asked, and the answer
// held against test/matrix/expect.mjs. (All cells, in process: the unit test "access matrix".)
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { CREDENTIALS, LABELS, RELATIONS, ROLES, STANDINGS, STATES, TIMES, door, kindOf, routes, sheet, times, verdict } from '../matrix/expect.mjs';
import { pairs } from '../matrix/pairs.mjs';
import { Site } from './site.mjs';
import { MAPPING, day } from './world.mjs';
import { KEPT, KEYS, PROVIDERS, makeWorld, putRows } from './matrix_world.mjs';

const asked = CREDENTIALS.filter((c) => c !== 'local user'); // that is whoever runs the test
const good = ['session', 'read key', 'write key'];
const hasObject = (route) => Boolean(kindOf(sheet[route.id])) || route.id === 'ledger_list';
const PLAIN = { relation: 'own', label: 'AMBER', time: 'plain' };

/** Is there somebody who gets past the door of a row that is not wholly filled in? */
function passable(row) {
  if (!row.route) return routes.filter(hasObject).some((route) => passable({ ...row, route }));
  if (row.time && !times(row.route).includes(row.time)) return false;
  const some = (name, all) => (row[name] ? [row[name]] : all);
  return some('standing', STANDINGS).some((standing) => some('role', ROLES).some((role) => some('credential', good)
    .some((credential) => !door(row.route, { standing, role, credential, state: 'active' }))));
}

const doors = pairs({ route: routes, standing: STANDINGS, role: ROLES, state: STATES, credential: asked }).map((r) => ({ ...PLAIN, ...r }));
const rights = pairs({ route: routes, standing: STANDINGS, role: ROLES, credential: good }).map((r) => ({ ...PLAIN, state: 'active', ...r }));
const objects = pairs({ route: routes.filter(hasObject), standing: STANDINGS, role: ROLES, credential: good, relation: RELATIONS, label: LABELS, time: TIMES }, passable).map((r) => ({ state: 'active', ...r }));
const rows = [...doors, ...rights, ...objects].map((r, n) => ({ ...r, n }));

let site, w;
before(async () => {
  site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
  w = await makeWorld(site);
  await putRows(site, w, rows);
});
after(() => site.close());

const BODIES = {
  notify_prefs_change: () => ({ task: 'at_once', notice: 'at_once', second: 'at_once', account: 'at_once', quiet_from: 0, quiet_until: 0, daily_at: 480, zone: 'UTC' }),
  first_step_skip: () => ({ why: 'Of the matrix' }), letter_state: () => ({ state: 'printed' }), channel_set: () => ({ kind: 'webhook', url: 'https://soc.example/x' }), channel_change: () => ({ state: 'off' }),
  delivery_replay_span: () => ({ from: '2090-01-01T00:00:00Z', until: '2090-01-02T00:00:00Z' }),
  passkey_change: () => ({ name: 'blue key' }), mail_key_add: () => ({ key: 'none' }), mail_key_confirm: () => ({ code: 'AAAAA-AAAAA' }), person_mail_key_add: () => ({ key: 'none' }),
  session_create: () => ({}), session_prove: () => ({}), factor_confirm: () => ({}), session_lang: () => ({ lang: 'en' }), realm_create: () => ({}), backup_end: () => ({ state: 'failed' }), backup_note: () => ({ kind: 'drill', good: true }), realm_clock: () => ({ now: '2030-01-01T00:00:00Z' }),
  organisation_create: (n) => ({ key: `NEW${n}`, name_en: 'New', kind: 'bank' }), organisation_change: () => ({ province: 'North' }),
  network_create: (n) => ({ value: `net-${n}.example` }), person_create: (n, row) => ({ name: 'New', mail: `new${n}@example.org`, org: row.object, roles: [] }),
  person_change: () => ({ phone: '1' }), key_create: () => ({ name: 'new', access: 'read' }),
  feed_create: (n) => ({ key: `new-${n}`, format: 'csv' }), feed_change: () => ({ every_s: 60 }), finding_answer: () => ({ answer: 'fixed' }),
  action_create: (n, row) => ({ about: 'notice', subject: row.object ?? w.notice, title: 'Of the matrix', working_days: 3 }), action_change: () => ({ title: 'Other words' }), action_step: () => ({ to: 'done', said: 'Done.' }),
  holiday_create: () => ({ from: '2030-01-01', name_en: 'New', name_ur: 'نیا' }), holiday_change: () => ({ from: '2030-01-01', name_en: 'New', name_ur: 'نیا' }),
  view_create: () => ({ name_en: 'Of the matrix', path: '/notices' }), view_change: () => ({ place: 1 }), view_share: () => ({ whom: 'me' }),
  leave_create: () => ({ from: '2090-01-01T00:00:00Z', until: '2090-01-02T00:00:00Z' }),
  finding_audience: () => ({ tlp: 'RED' }), notice_audience: () => ({ tlp: 'RED' }), indicator_audience: () => ({ tlp: 'RED' }), file_audience: () => ({ tlp: 'RED' }), // never wider
  recert_confirm: () => ({ list: '0'.repeat(64) }), contact_confirm: () => ({ list: '0'.repeat(64) }),
  delegation_give: () => ({ keeper: w.MEMBER, members: [w.ELSEWHERE], until: new Date(Date.now() + 86400e3).toISOString() }),
  group_create: () => ({ name_en: 'New', kind: 'case' }), group_change: () => ({ name_en: 'New' }),
  retention_set: () => ({ days: 365 }), hold_place: () => ({ kind: 'organisation', subject: w.ELSEWHERE, reason: 'Of the matrix' }),
  indicator_create: (n) => ({ value: `new-${n}.example`, why: 'new' }), lookup_many: () => ({ text: 'x.example' }),
};
const FILES = {
  file_create: (n, row) => [`?kind=notice&id=${row.object ?? w.event}&name=x.txt`, `file ${n}`],
  organisation_import: (n) => ['?name=x.csv', `Code,Name,Type\nFILE${n},File,bank\n`], indicator_import: (n) => ['?name=x.txt', `file-${n}.example\n`],
  feed_file: (n) => [`?name=${day()}-scan_widget-${n}.csv`, 'timestamp,ip\n'], feed_mapping: () => ['', JSON.stringify(MAPPING)], bundle_apply: () => ['', 'no bundle'],
};
const ownerOf = (row) => (row.relation === 'own' ? KEYS[row.standing] : row.relation === 'provider' ? PROVIDERS[row.standing] : row.relation === 'delegated' ? KEPT[row.standing] : 'ELSEWHERE');
const QUERIES = {
  lookup: (row) => `?q=${row.value ?? 'x.example'}`, search: (row) => `?kind=indicator&q=${row.value ?? 'x.example'}`, indicator_list: (row) => `?q=${row.value ?? 'x.example'}`,
  finding_list: (row) => `?limit=200&org=${w[ownerOf(row)]}`, notice_list: (row) => `?limit=200&org=${w[ownerOf(row)]}`,
  finding_audience_preview: () => '?tlp=RED', notice_audience_preview: () => '?tlp=RED', indicator_audience_preview: () => '?tlp=RED', file_audience_preview: () => '?tlp=RED',
  delegation_preview: () => `?keeper=${w.MEMBER}&members=${w.ELSEWHERE}`,
  file_list: (row) => `?limit=200&kind=notice&id=${row.whole ?? w.notice}`, reach_read: () => '?kind=network',
  action_list: (row) => `?limit=200&about=notice&subject=${row.whole ?? w.notice}`, calendar_due: () => '?working_days=1',
  channel_preview: () => '?kind=webhook', feed_list: () => '', person_preview: () => '?roles=', key_preview: () => '?access=read',
};
const VERSIONED = new Set(['action_change', 'organisation_change', 'finding_audience', 'notice_audience', 'indicator_audience', 'file_audience', 'group_change']);
const isList = (row) => sheet[row.route.id].some((s) => s.startsWith('list')) || row.route.id === 'ledger_list';

function request(row) {
  const { id, method, path } = row.route;
  const own = id.startsWith('letter_') ? row.object : row.parent ?? row.object; // others name a delivery by its notice
  const target = path.replace('{id}', own ?? w.event).replace('{token}', 'live.x').replace('{name}', id.startsWith('retention_') ? 'jobs' : 'nosuch');
  if (FILES[id]) {
    const [query, body] = FILES[id](row.n, row);
    return [method, target + query, { body }];
  }
  if (id === 'link_use') return [method, target, { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }];
  const query = isList(row) ? (QUERIES[id]?.(row) ?? '?limit=200') : QUERIES[id]?.(row) ?? '';
  return [method, target + query, { json: BODIES[id]?.(row.n, row), ifMatch: VERSIONED.has(id) ? '"v1"' : undefined }];
}

/** Of a stream only how it begins. */
function streamStatus(client) {
  return new Promise((resolve, reject) => {
    const q = http.get({ host: '127.0.0.1', port: site.port, path: '/api/stream', headers: client.headers(), agent: false }, (r) => {
      resolve({ status: r.statusCode });
      q.destroy();
    });
    q.on('error', reject);
  });
}

async function listed(client, row, target, first) {
  let page = first.json;
  for (;;) {
    const items = page.items ?? page.hits;
    if (items.some((x) => x.id === row.object)) return 200;
    if (!page.next) return 404;
    page = await client.get(`${target}&cursor=${encodeURIComponent(page.next)}`, { checked: false });
  }
}

/** 200 when the policy lets it pass, whatever comes of it then. */
async function heard(row) {
  const client = site.client(row.as), [method, target, options] = request(row);
  if (row.route.id === 'stream') return (await streamStatus(client)).status;
  const a = await client.call(method, target, { ...options, checked: false });
  const ready = row.route.id === 'ready'; // this world was written past the program: that it is not ready is an answer
  assert.ok(a.status < 500 || (ready && a.status === 503), `${method} ${target}: ${a.status} ${a.text.slice(0, 300)}`);
  if (row.route.public) return [401, 403].includes(a.status) ? a.status : 200;
  if (a.status === 404 && a.json?.code === 'error.access.realm') return 200;
  if ([401, 403, 404].includes(a.status)) return a.status;
  return a.status === 200 && isList(row) ? listed(client, row, target, a) : 200;
}

/** Events have no objects of their own here (test/unit/events/sight_test.c and the oracle ask about them):
    there is one, which its owner and the desk see. The proof of an entry is asked for by an id of none. */
function wanted(row) {
  if (!sheet[row.route.id].includes('told') || row.route.id === 'ledger_list') return verdict(row.route, row, row);
  const seen = row.route.id === 'event_read' ? row.standing === 'cert' : row.route.id !== 'ledger_entry_proof';
  return door(row.route, row) || (seen ? 200 : 404);
}

test(`${rows.length} rows of the matrix are answered as the tables say`, async () => {
  const wrong = [], left = [...rows];
  async function some() {
    for (let row; (row = left.shift());) {
      const want = wanted(row), got = await heard(row);
      if (got !== want) wrong.push(`${row.route.id} by ${row.standing} ${row.role} ${row.state} with ${row.credential}, object ${row.relation} ${row.label} ${row.time}: ${got}, not ${want}`);
    }
  }
  await Promise.all(Array.from({ length: 8 }, some));
  assert.deepEqual(wrong.slice(0, 40), [], `${wrong.length} of ${rows.length}`);
});

test('every route is asked, and of every route somebody is let in', () => {
  const passed = new Set(rows.filter((r) => wanted(r) === 200).map((r) => r.route.id));
  assert.deepEqual(routes.map((r) => r.id).filter((id) => !passed.has(id) && id !== 'ledger_entry_proof' && !['never', 'absent'].some((s) => sheet[id].includes(s)) && !sheet[id].includes('local')), []);
});
