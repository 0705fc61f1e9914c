// measure.mjs - what benchmarks share: rows of the answer, memory of a server, wrk and its figures.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from '../../api/site.mjs';

const found = [];

/** One figure: printed at once, as a line of JSON or for people. aim null: told beside, not aimed at. */
export function figure(bench, work, value, unit, aim = null, better = 'higher', note = '') {
  const ok = aim === null ? true : better === 'higher' ? value >= aim : value <= aim;
  const row = { bench, work, value: Number(value.toPrecision(4)), unit, aim, better, ok };
  found.push(row);
  if (process.env.BENCH_JSON) {
    if (aim !== null) console.log(JSON.stringify(row));
    return row;
  }
  const told = aim === null ? '' : `aim ${better === 'higher' ? '>=' : '<='} ${aim}`;
  console.log(`  ${work.padEnd(58)} ${String(row.value).padStart(10)} ${unit.padEnd(10)} ${told.padEnd(16)} ${aim === null ? '' : ok ? 'ok' : 'SHORT'} ${note}`);
  return row;
}

/** A figure that could not be taken is said, and fails. */
export function missing(bench, work, unit, aim, better, why) {
  console.error(`  ${work}: not measured: ${why}`);
  if (process.env.BENCH_JSON) console.log(JSON.stringify({ bench, work, value: null, unit, aim, better, ok: false }));
}

/** The processes below pid, and pid. */
export function family(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch { /* it ended */ }
  }
  const all = new Set([pid]);
  for (let more = true; more;) {
    more = false;
    for (const [p, up] of parents) if (all.has(up) && !all.has(p)) { all.add(p); more = true; }
  }
  return [...all];
}

const status = (pid, name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

/** The most memory that the processes of a server held since it started, in MB. */
export function peakMb(pid) {
  return family(pid).reduce((n, p) => { try { return n + status(p, 'VmHWM'); } catch { return n; } }, 0) / 1024;
}

/** Runs wrk with a script; gives requests a second, p99 in ms, and answers that were no 2xx. */
export async function wrk(site, { path: target = '/', script, connections = 64, seconds = 10, threads = 1 }) {
  const lua = path.join(site.dir, `wrk-${Date.now()}.lua`);
  writeFileSync(lua, `${script ?? ''}
function done(s, l, r)
  io.write(string.format("FIGURES %f %f %d %d\\n", s.requests / (s.duration / 1e6), l:percentile(99) / 1000, s.errors.status, s.errors.connect + s.errors.read + s.errors.write + s.errors.timeout))
end`);
  const r = await run('wrk', [`-t${threads}`, `-c${connections}`, `-d${seconds}s`, '--latency', '-s', lua, `http://127.0.0.1:${site.port}${target}`], { ms: (seconds + 30) * 1000 });
  const m = /FIGURES (\S+) (\S+) (\S+) (\S+)/.exec(r.out);
  if (!m) throw new Error(`wrk said ${r.out.slice(-300)} ${r.err.slice(-300)}`);
  return { rate: Number(m[1]), p99: Number(m[2]), bad: Number(m[3]), broken: Number(m[4]) };
}

export const luaList = (items) => `{ ${items.map((i) => JSON.stringify(i)).join(', ')} }`;

/** What one durable write and one copy cost on this machine. */
export function machine(minar, dir) {
  const r = spawnSync(minar, ['bench', '--json', '--data', dir], { encoding: 'utf8' });
  return r.stdout.trim().split('\n').filter(Boolean).map((l) => JSON.parse(l.replace(/:-?(inf|nan)/g, ':null'))).filter((m) => m.value !== null);
}

export const allOk = () => found.every((r) => r.ok);
