// policy_oracle.mjs - the access oracle's figures: how many histories a second it plays over HTTP, that none
// of them differs where no fault is on, and how many of the seeded faults it finds within 1,000 histories.
// The program is a build with the option `faults` (build-faults), made here when it is not there.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { run } from '../api/site.mjs';
import { SOURCE } from '../api/harness.mjs';
import { allOk, figure, missing } from './lib/measure.mjs';

const NAME = 'policy', SCALE = Number(process.env.BENCH_SCALE ?? 1);
const at = (...p) => path.join(SOURCE, ...p);

function build() {
  const made = spawnSync('bash', ['-c', '[[ -f build-faults/build.ninja ]] || meson setup build-faults -Dfaults=true -Dconsole=false >&2; ninja -C build-faults minar gen/openapi.json >&2'], { cwd: SOURCE, stdio: ['ignore', 'ignore', 'inherit'] });
  if (made.status) throw new Error('build-faults could not be built');
}

/** The oracle's lines of JSON. */
async function oracle(...args) {
  const env = { MINAR: at('build-faults/minar'), MINAR_BUILD: at('build-faults') };
  const r = await run(process.execPath, [at('test/model/run.mjs'), '--json', ...args], { env, ms: 4 * 3600e3, cwd: SOURCE });
  const lines = r.out.trim().split('\n').filter((l) => l.startsWith('{')).map((l) => JSON.parse(l));
  if (!lines.length) throw new Error(`the oracle said ${r.err.slice(-300)}`);
  return lines;
}

async function histories(engine) {
  const [r] = await oracle('--engine', engine, '--histories', String(Math.round(1000 * SCALE)), '--seed', '20000');
  const name = engine === 'pg' ? 'PostgreSQL' : 'SQLite';
  figure(NAME, `oracle histories of 60 steps over HTTP, ${name}`, r.rate, 'histories/s', 15, 'higher', `${r.requests} requests`);
  figure(NAME, `differences with no fault on, ${name}`, r.found ? 1 : 0, `of ${r.histories}`, 0, 'lower', r.found ? `seed ${r.found.seed}` : '');
}

async function measure() {
  build();
  await histories('sqlite');
  await histories('pg');
  const faults = (await oracle('--score', '--histories', '1000')).filter((l) => l.fault), found = faults.filter((f) => f.found);
  figure(NAME, 'seeded faults found within 1,000 histories', found.length, 'faults', 40, 'higher', `of ${faults.length}; the latest after ${Math.max(...found.map((f) => f.histories))}`);
  if (found.length < faults.length) console.error(`  not found: ${faults.filter((f) => !f.found).map((f) => f.fault).join(', ')}`);
}

try {
  await measure();
} catch (e) {
  missing(NAME, 'seeded faults found within 1,000 histories', 'faults', 40, 'higher', e.message);
}
if (!allOk()) process.exitCode = 1;
