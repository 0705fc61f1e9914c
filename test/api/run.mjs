// run.mjs - runs the walks against the program: MINAR=build/minar MINAR_STORE=sqlite|pg node
// test/api/run.mjs [NAME ...], a NAME being the beginning of a file. One PostgreSQL serves all of them.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { ON_PG } from './harness.mjs';
import { startPostgres } from './pg.mjs';

const here = import.meta.dirname;
const names = process.argv.slice(2);
const files = readdirSync(here).filter((f) => f.endsWith('.walk.mjs') && (!names.length || names.some((n) => f.startsWith(n))));
if (!files.length) {
  console.error(`no walk begins with ${names.join(', ')}`);
  process.exit(2);
}
const postgres = ON_PG ? await startPostgres() : null;
const env = { ...process.env, ...(postgres ? { MINAR_PG_DIR: postgres.dir } : {}) };
const child = spawn(process.execPath, ['--test', '--test-concurrency=2', ...files.map((f) => path.join(here, f))], { env, stdio: 'inherit' });
const code = await new Promise((resolve) => {
  child.on('exit', (c, signal) => resolve(signal ? 1 : c));
});
await postgres?.stop();
process.exit(code);
