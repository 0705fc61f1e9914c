// operator_letter.mjs - what letters cost: one, from the officer's press to the signed file in two languages; and
// many asked for at once, until the last one is made. Each is numbered, printed, signed and kept in transactions of
// its own, with the ledger on.   node test/bench/operator_letter.mjs        MINAR_STORE=pg: on PostgreSQL
import { readFileSync } from 'node:fs';
import { ON_PG, sleep } from '../api/harness.mjs';
import { Site } from '../api/site.mjs';
import { MAPPING, report } from '../api/world.mjs';
import { allOk, family, figure } from './lib/measure.mjs';

const SCALE = Number(process.env.BENCH_SCALE ?? 1), BODIES = Math.max(40, Math.round(340 * SCALE)), ONE = 20, STORE = ON_PG ? 'PostgreSQL' : 'SQLite';
const site = await Site.open({ conf: { public_url: 'https://cert.example', outbox: { hold_s: 0 } } }), { desk } = site;
/** Milliseconds of processor that all processes of the site have used: what a busy machine cannot blur. */
const used = () => family(site.server.child.pid).reduce((ms, pid) => {
  try {
    const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return ms + 10 * (Number(f[11]) + Number(f[12]));
  } catch { return ms; }
}, 0);
const median = (all) => all.sort((a, b) => a - b)[all.length >> 1];
try {
  const net = (i) => `198.${18 + (i >> 8)}.${i & 255}`;
  await desk.file('/api/imports/organisations?name=b.csv', `Code,Name,Urdu name,Type,Language,Networks\n${Array.from({ length: BODIES }, (_, i) => `B${i},Body ${i},ادارہ ${i},ministry,${i % 2 ? 'en' : 'ur'},${net(i)}.0/24`).join('\n')}\n`);
  await desk.ok('PUT', '/api/shadowserver/mapping', { body: JSON.stringify(MAPPING) });
  await desk.post('/api/feeds', { key: 'shadowserver', format: 'shadowserver', name_en: 'S', expect_every_s: 86400 });
  await desk.file('/api/feeds/shadowserver/files?wait=true&name=2026-11-30-scan_widget-b.csv', report(Array.from({ length: BODIES * 3 }, (_, i) => [`${net(i % BODIES)}.${1 + Math.floor(i / BODIES)}`])));
  let notices = [];
  for (const began = Date.now(); notices.length < BODIES && Date.now() - began < 120000; await sleep(200)) notices = (await desk.all('/api/notices')).filter((n) => n.state === 'sent');
  const letterOf = async (id) => (await desk.get(`/api/notices/${id}`)).deliveries.find((d) => d.channel === 'letter' && d.letter?.sha256);
  const took = [], alone = notices.splice(0, ONE);
  for (const n of alone) {
    const began = performance.now();
    await desk.ok('POST', `/api/notices/${n.id}/letter`);
    while (!(await letterOf(n.id))) await sleep(2);
    took.push(performance.now() - began);
  }
  figure('operator', `letter, two languages, signed: press to file, median of ${ONE} (${STORE})`, median(took), 'ms', 50, 'lower');
  notices = notices.slice(0, 300); // what one person may ask at once
  const before = used(), began = performance.now();
  await Promise.all(notices.map((n) => desk.ok('POST', `/api/notices/${n.id}/letter`)));
  const asked = performance.now() - began, last = notices.length;
  for (const n of notices) while (!(await letterOf(n.id))) await sleep(50); // one question at a time: asking costs too
  const seconds = (performance.now() - began) / 1000, cpu = used() - before;
  const all = await Promise.all(notices.map((n) => letterOf(n.id)));
  if (new Set([...all.map((d) => d.letter.number)]).size !== last) throw new Error('a number was given twice');
  figure('operator', `letters asked for at once, made, of ${last} (${STORE})`, last / seconds, '/s', 100);
  figure('operator', 'processor time of all processes a letter, asking and looking included', cpu / last, 'ms');
  figure('operator', 'asking for all of them', asked, 'ms');
} finally {
  await site.close();
}
process.exitCode = allOk() ? 0 : 1;
