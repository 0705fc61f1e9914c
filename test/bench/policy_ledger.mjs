// policy_ledger.mjs - the ledger's figures: append and seal, verify, one inclusion proof at ten million entries.
//   node test/bench/policy_ledger.mjs
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BUILD, MINAR, SOURCE } from '../api/harness.mjs';
import { allOk, figure, machine, missing } from './lib/measure.mjs';

const SCALE = Number(process.env.BENCH_SCALE ?? 1), NAME = 'policy';
const FIGURES = {
  'append-bulk': ['ledger: append and seal, jobs of 250 entries', 50000, 'higher'],
  'append-single': ['ledger: append and seal, 64 writers of one entry', null, 'higher'],
  verify: ['ledger: verify', 500000, 'higher'],
  'proof-p99': ['ledger: inclusion proof at 10 M entries, p99', 5, 'lower'],
  'proof-median': ['ledger: inclusion proof at 10 M entries, median', 5, 'lower'],
  'proof-first': ['ledger: inclusion proof at 10 M entries, slowest of 2,000', 5, 'lower'],
};

const work = mkdtempSync(path.join(process.env.BENCH_TMP ?? tmpdir(), 'minar-bench-'));
const say = (why) => Object.values(FIGURES).filter(([, aim]) => aim).forEach(([words, aim, better]) => missing(NAME, words, '', aim, better, why));
const built = spawnSync('ninja', ['-C', BUILD, 'test/bench/bench-ledger'], { cwd: SOURCE, encoding: 'utf8' });
if (built.status) say(built.stdout.slice(-300));
else {
  for (const m of machine(MINAR, work)) figure(NAME, `machine: ${m.work}`, m.value, m.unit);
  const counts = [500000, 10000000].map((n) => String(Math.round(n * SCALE)));
  const r = spawnSync(path.join(BUILD, 'test/bench/bench-ledger'), counts, { encoding: 'utf8', env: { ...process.env, MINAR_TMP: work } });
  for (const line of r.stdout.split('\n').filter(Boolean)) {
    const [key, value, unit] = line.split(' '), [words, aim, better] = FIGURES[key];
    figure(NAME, words, Number(value), unit, aim, better);
  }
  if (r.status) say(r.stderr.slice(-300));
}
rmSync(work, { recursive: true, force: true });
process.exit(allOk() ? 0 : 1);
