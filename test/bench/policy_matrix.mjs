// policy_matrix.mjs - how long the access matrix takes, every cell of it, in process: the unit test itself,
// built and run; its figure is what it says.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BUILD, SOURCE } from '../api/harness.mjs';
import { allOk, figure, missing } from './lib/measure.mjs';

const NAME = 'policy', WORK = 'matrix in process, every cell', AIM_S = 60, TEST = 'test/unit/unit-access-matrix';
const folder = mkdtempSync(path.join(process.env.BENCH_TMP ?? tmpdir(), 'minar-matrix-'));

function measure() {
  const made = spawnSync('ninja', ['-C', BUILD, TEST], { encoding: 'utf8' });
  if (made.status !== 0) return { why: `${TEST} does not build: ${made.stdout.slice(-300)}` };
  const r = spawnSync(path.join(BUILD, TEST), { encoding: 'utf8', env: { ...process.env, MINAR_SOURCE: SOURCE, MINAR_TMP: folder } });
  const m = /matrix: (\d+) cells in ([\d.]+) s/.exec(r.stdout + r.stderr);
  return r.status === 0 && m ? { cells: Number(m[1]), s: Number(m[2]) } : { why: (r.stdout + r.stderr).slice(-300) };
}

try {
  const m = measure();
  if (m.why) missing(NAME, WORK, 's', AIM_S, 'lower', m.why);
  else figure(NAME, WORK, m.s, 's', AIM_S, 'lower', `${m.cells} cells`);
  if (m.why || !allOk()) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
