// lookup_many.mjs - how long a pasted list takes: EVENTS events (default 1,000,000) over thirty days are taken in through the
// interface, then TURNS lists of 500 observables are asked for, and one of each kind alone.
//   MINAR=$PWD/build/minar MINAR_BUILD=$PWD/build node test/bench/lookup_many.mjs
import { readdirSync, readFileSync } from 'node:fs';
import { Site } from '../api/site.mjs';
import { populate, day } from '../api/world.mjs';

const EVENTS = Number(process.env.EVENTS ?? 1_000_000), TURNS = Number(process.env.TURNS ?? 10), FILE = 100_000;
const site = await Site.open(), { desk } = site, w = await populate(site, { people: false });
let seed = 1;
const pick = (n) => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return Math.floor(seed / 4294967296 * n); };
const ip = (n) => `203.${n >> 16 & 255}.${n >> 8 & 255}.${n & 255}`;
const name = (n) => `host${n}.net${n % 977}.example`;
const stamp = (n) => new Date(Date.now() - 3600e3 - n * 1000).toISOString().slice(0, 19).replace('T', ' ');

const began = Date.now();
for (let f = 0; f < EVENTS / FILE; f++) {
  const rows = ['timestamp,severity,ip,protocol,port,hostname,asn,geo,tag'];
  for (let i = 0; i < FILE; i++) { const n = pick(400_000); rows.push(`${stamp(pick(29 * 86400))},low,${ip(n)},tcp,${pick(60000)},${n % 2 ? name(n) : ''},${64500 + n % 300},DE,x`); }
  await w.give(`${rows.join('\n')}\n`, `${day()}-scan_widget-b${f}.csv`);
}
console.log(`${(await desk.get('/api/events/summary')).count} events taken in within ${Math.round((Date.now() - began) / 1000)} s`);

/** Processor time of the program's processes so far, ms (a tick is 10 ms). */
function used() {
  const all = readdirSync('/proc').filter((d) => /^\d+$/.test(d)).flatMap((d) => { try { return [[Number(d), readFileSync(`/proc/${d}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')]]; } catch { return []; } });
  const mine = new Set([site.server.child.pid]);
  for (let grew = true; grew;) { grew = false; for (const [pid, f] of all) if (!mine.has(pid) && mine.has(Number(f[1]))) grew = !!mine.add(pid); }
  return all.filter(([pid]) => mine.has(pid)).reduce((n, [, f]) => n + 10 * (Number(f[11]) + Number(f[12])), 0);
}
const KINDS = {
  addresses: () => ip(pick(500_000)), networks: () => `${ip(pick(500_000)).replace(/\d+$/, '0')}/${20 + pick(5)}`, names: () => name(pick(500_000)), 'names above': () => `net${pick(2000)}.example`,
  'AS numbers': () => `AS${64500 + pick(600)}`, URLs: () => `http://${name(pick(5000))}/${pick(1e6)}`, hashes: () => [...Array(64)].map(() => pick(16).toString(16)).join(''), CVEs: () => `CVE-2026-${1000 + pick(9000)}`,
};
async function ask(what, one) {
  const ms = [], before = used();
  let found = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const all = new Set();
    for (let tries = 0; all.size < 500 && tries < 5000; tries++) all.add(one(tries));
    const text = [...all].join('\n'), t = performance.now(), a = await desk.post('/api/lookup', { text });
    ms.push(performance.now() - t);
    found = a.found;
  }
  ms.sort((a, b) => a - b);
  console.log(`${what.padEnd(14)} ${String(found).padStart(4)} things: median ${Math.round(ms[TURNS >> 1])} ms, most ${Math.round(ms.at(-1))} ms of ${TURNS}; processor ${Math.round((used() - before) / TURNS)} ms each`);
}
const kinds = Object.values(KINDS);
await ask('all kinds', (i) => kinds[i % kinds.length]());
for (const [what, one] of Object.entries(KINDS)) await ask(what, one);
await ask('one address', () => '203.0.0.7');
await site.close();
