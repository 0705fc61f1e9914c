// policy.mjs - the figures of "policy that cannot leak": runs every policy_*.mjs beside it, each a program of its
// own. BENCH_PARTS names some of them without "policy_": BENCH_PARTS="matrix" ./bench policy
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

const wanted = process.argv.slice(2);
for (const file of readdirSync(import.meta.dirname).filter((f) => /^policy_.*\.mjs$/.test(f)).sort()) {
  if (wanted.length && !wanted.includes(file.slice(7, -4))) continue;
  const r = spawnSync(process.execPath, [path.join(import.meta.dirname, file)], { stdio: 'inherit' });
  if (r.status !== 0) process.exitCode = 1;
}
// policy.mjs - the figures of "policy that cannot leak": runs every policy_*.mjs beside it, each a part.
//   node test/bench/policy.mjs [PART ...]     parts: the names behind policy_
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { allOk, missing } from './lib/measure.mjs';

const wanted = process.argv.slice(2);
for (const file of readdirSync(import.meta.dirname).filter((f) => /^policy_.*\.mjs$/.test(f)).sort()) {
  const part = file.slice('policy_'.length, -'.mjs'.length);
  if (wanted.length && !wanted.includes(part)) continue;
  try {
    await (await import(path.join(import.meta.dirname, file))).default();
  } catch (e) {
    missing('policy', part, '', null, 'higher', e.message);
    process.exitCode = 1;
  }
}
if (!allOk()) console.error('  some figures fell short');
