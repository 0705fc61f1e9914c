// run.mjs - runs the walks against the program: MINAR=build/minar MINAR_STORE=sqlite|pg node
// test/api/run.mjs [holes] [NAME ...], a NAME being the beginning of a file; after "holes" of those in
// test/holes. One PostgreSQL serves all of them.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ON_PG } from './harness.mjs';
import { startPostgres } from './pg.mjs';
import { openapi } from './schema.mjs';

const holes = process.argv[2] === 'holes';
const here = holes ? path.resolve(import.meta.dirname, '../holes') : import.meta.dirname;
const names = process.argv.slice(holes ? 3 : 2);
const files = readdirSync(here).filter((f) => f.endsWith('.walk.mjs') && (!names.length || names.some((n) => f.startsWith(n))));
if (!files.length) {
  console.error(`no walk begins with ${names.join(', ')}`);
  process.exit(2);
}
const seen = path.join(mkdtempSync(path.join(tmpdir(), 'minar-run-')), 'visited');
const postgres = ON_PG ? await startPostgres() : null;
const env = { ...process.env, MINAR_VISITED: seen, ...(postgres ? { MINAR_PG_DIR: postgres.dir } : {}) };
const child = spawn(process.execPath, ['--test', '--test-concurrency=2', ...files.map((f) => path.join(here, f))], { env, stdio: 'inherit' });
const code = await new Promise((resolve) => {
  child.on('exit', (c, signal) => resolve(signal ? 1 : c));
});
await postgres?.stop();

/** Whole runs must have had a good answer of every route; answers are held against their schema as they come. */
function unvisited() {
  const good = new Set(readFileSync(seen, 'utf8').split('\n').filter((l) => / [23]\d\d/.test(l)).map((l) => l.split(' ')[0]));
  const all = Object.values(openapi.paths).flatMap((p) => Object.values(p).map((op) => op.operationId));
  return all.filter((id) => !good.has(id) && id !== 'stream');
}
const missing = names.length || holes ? [] : unvisited();
rmSync(path.dirname(seen), { recursive: true, force: true });
if (missing.length) console.error(`routes that no walk had a good answer of: ${missing.join(', ')}`);
process.exit(missing.length ? 1 : code);
