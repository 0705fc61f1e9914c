// parts.mjs - runs the programs of a benchmark that stand beside it as NAME_PART.mjs, each by itself; arguments name some of
// them by their part. Ends with 1 when one of them falls short.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

export function runParts(name) {
  const wanted = process.argv.slice(2), folder = path.dirname(import.meta.dirname);
  for (const file of readdirSync(folder).filter((f) => f.startsWith(`${name}_`) && f.endsWith('.mjs')).sort()) {
    if (wanted.length && !wanted.includes(file.slice(name.length + 1, -4))) continue;
    const r = spawnSync(process.execPath, [path.join(folder, file)], { stdio: 'inherit' });
    if (r.status !== 0) process.exitCode = 1;
  }
}
