// policy_see.mjs - what the see clause costs on lists: the program's own statements against the same texts
// without the clause, in process, on an aged store of 100,000 findings (bench-see says how). The aim is one for
// each list; what one row and a count cost stands beside.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BUILD, SOURCE } from '../api/harness.mjs';
import { allOk, figure, missing } from './lib/measure.mjs';

const NAME = 'policy', SCALE = Number(process.env.BENCH_SCALE ?? 1), AIM = 1.5, WORK = 'see clause on a list, against the same without it';
const WORDS = {
  'page-state': ['a page of open findings, national desk', AIM], 'page-organisation': ['a page of findings, their owner', AIM], queue: ['the queue, national desk', AIM],
  row: ['one finding with what belongs to it', null], count: ['open findings counted, national desk', null],
};

function measure(store, words) {
  const work = mkdtempSync(path.join(process.env.BENCH_TMP ?? tmpdir(), 'minar-see-'));
  try {
    const r = spawnSync(path.join(BUILD, 'test/bench/bench-see'), [store, String(Math.round(100000 * SCALE))], { encoding: 'utf8', env: { ...process.env, MINAR_SOURCE: SOURCE, MINAR_TMP: work } });
    const lines = r.stdout.split('\n').map((l) => l.split(' ')).filter(([name]) => WORDS[name]);
    if (r.status !== 0 || lines.length !== Object.keys(WORDS).length) return missing(NAME, `${WORK}, ${words}`, 'times', AIM, 'lower', (r.stdout + r.stderr).slice(-400));
    for (const [name, see, plain, ratio] of lines) figure(NAME, `${WORDS[name][0]}, ${words}: see clause`, Number(ratio), 'times', WORDS[name][1], 'lower', `${see} us against ${plain} us`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const built = spawnSync('ninja', ['-C', BUILD, 'test/bench/bench-see'], { encoding: 'utf8' });
if (built.status !== 0) missing(NAME, WORK, 'times', AIM, 'lower', built.stdout.slice(-400));
else for (const [store, words] of [['sqlite', 'SQLite'], ['pg', 'PostgreSQL']]) measure(store, words);
process.exit(built.status === 0 && allOk() ? 0 : 1);
