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
