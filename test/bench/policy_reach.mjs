// policy_reach.mjs - how long it takes to say who may see one thing, in a country of 2,000 organisations and
// 10,000 people with 1,000 keys, over HTTP, one client: for labels that reach few and all, and for the preview
// of a change (two reaches and their difference).   node test/bench/policy_reach.mjs
import { readFileSync, readdirSync } from 'node:fs';
import { Site } from '../api/site.mjs';
import { sql } from '../api/matrix_world.mjs';
import { populate } from '../api/world.mjs';

const SCALE = Number(process.env.BENCH_SCALE ?? 1), ORGS = Math.round(2000 * SCALE), EACH = 5, ASKED = Number(process.env.BENCH_ASKED ?? 300);
const site = await Site.open({ conf: { outbox: { hold_s: 0 } } });
const w = await populate(site), { desk } = site;
const rows = Array.from({ length: ORGS }, (_, i) => `B${i},Body ${i},bank,b${i}.example`).join('\n');
await desk.file('/api/imports/organisations?name=country.csv', `Code,Name,Type,Domain\n${rows}\n`);
const officer = await site.person(w.CERT, 'officer@cert.example', { roles: ['reader', 'analyst', 'coordinator'], lang: 'en' });
const big = await officer.post('/api/groups', { name_en: 'All', kind: 'community' });
const things = {};
for (const tlp of ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT']) things[tlp] = (await officer.post('/api/indicators', { value: `${tlp.replace('+', '-')}.example`.toLowerCase(), why: 'x', tlp })).id;
things['AMBER with all in a group'] = (await officer.post('/api/indicators', { value: 'group.example', why: 'x' })).id;
const { id: act } = await officer.ok('PATCH', `/api/indicators/${things['AMBER with all in a group']}/reach`, { json: { tlp: 'AMBER', group: big.id }, ifMatch: '"v1"' });
if (act) await desk.call('POST', `/api/acts/${act}/approval`);
await desk.post('/api/keys', { name: 'one', access: 'read' });
await site.stop();

const cols = ['origin', 'audience', 'owner', 'author', 'not_before', 'created', 'modified', 'version', 'retention', 'salt'];
const many = site.database ? 'generate_series(1, %n)' : '(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %n) SELECT i FROM s)';
const series = (n) => many.replace('%n', String(n)) + (site.database ? ' AS s(i)' : ' AS s');
const fresh = (of, at) => (site.database ? `decode(md5('${of}' || s.i || '-' || ${at}.row), 'hex')` : `randomblob(16)`);
sql(site, `
INSERT INTO person (id, ${cols.join(', ')}, name, mail, phone, mail_hash, lang, org, roles, contact_role, state, confirmed)
  SELECT ${fresh('p', 'o')}, ${cols.map((c) => `p.${c}`).join(', ')}, p.name, p.mail, p.phone, NULL, p.lang, o.row, 1 + (s.i % 3), p.contact_role, 'active', p.confirmed
  FROM organisation o, ${series(EACH)}, person p WHERE p.row = 1 AND o.key LIKE 'B%' AND o.key <> 'BNK';
INSERT INTO api_key (id, ${cols.join(', ')}, name, person, secret_hash, access, expires, revoked)
  SELECT ${fresh('k', 'x')}, ${cols.map((c) => `k.${c}`).join(', ')}, k.name, x.row, ${fresh('h', 'x')}, k.access, k.expires, NULL
  FROM (SELECT row FROM person WHERE row % 10 = 0) x, organisation o, ${series(1)}, api_key k WHERE o.row = 1 AND k.row = (SELECT min(row) FROM api_key);
INSERT INTO group_member (grp, org) SELECT g.row, o.row FROM organisation o, sharing_group g WHERE g.kind = 'community' AND o.row > 1;`);
await site.start();

const print = (what, value, unit) => console.log(process.env.BENCH_JSON ? JSON.stringify({ name: 'policy', what, value, unit, n: ASKED }) : `${what.padEnd(64)} ${value} ${unit}`);
/** Milliseconds of processor that the server has used: what a machine that does other things too cannot blur. */
function used() {
  const mine = readdirSync('/proc').filter((p) => /^\d+$/.test(p)).filter((p) => {
    try { const c = readFileSync(`/proc/${p}/cmdline`, 'utf8'); return c.includes('--child=server') && c.includes(site.dir); } catch { return false; }
  });
  return mine.reduce((n, p) => { const f = readFileSync(`/proc/${p}/stat`, 'utf8').split(') ')[1].split(' '); return n + 10 * (Number(f[11]) + Number(f[12])); }, 0);
}

async function measure(what, target) {
  const took = [], before = used();
  let told;
  for (let i = 0; i < ASKED + 20; i++) {
    const began = performance.now();
    told = await officer.ok('GET', target, { checked: false });
    if (i >= 20) took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  const at = (q) => took[Math.min(took.length - 1, Math.floor(q * took.length))].toFixed(1);
  const sum = told.organisations === undefined ? `${told.gains.people} gain, ${told.loses.people} lose` : `${told.organisations} organisations, ${told.people} people, ${told.keys} keys`;
  print(`reach: ${what} (${sum}), p50`, at(0.5), 'ms');
  print(`reach: ${what}, p99`, at(0.99), 'ms');
  print(`reach: ${what}, processor`, ((used() - before) / (ASKED + 20)).toFixed(1), 'ms');
}
try {
  for (const [what, id] of Object.entries(things)) await measure(what, `/api/indicators/${id}/reach`);
  await measure('preview, AMBER+STRICT to GREEN', `/api/indicators/${things['AMBER+STRICT']}/reach/preview?tlp=GREEN`);
  await measure('people of one organisation', `/api/indicators/${things.CLEAR}/reach?org=${w.MOX}`);
} finally {
  await site.close();
}
