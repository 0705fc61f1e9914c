// pg.mjs - a throw-away PostgreSQL for tests: made in a fresh folder below the temporary one, reached
// by its local socket alone, run as an unprivileged account (PostgreSQL refuses root), gone with us.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sleep } from './harness.mjs';

const ACCOUNT = process.env.MINAR_PG_USER ?? 'nobody';

function bin() {
  for (let version = 17; version >= 13; version--) {
    const dir = `/usr/lib/postgresql/${version}/bin`;
    if (existsSync(path.join(dir, 'initdb'))) return dir;
  }
  throw new Error('PostgreSQL is not installed: apt-get install postgresql');
}

/** The command as the unprivileged account; it is told to end (SIGINT) when we are gone. */
function asOther(command, args) {
  const root = process.getuid() === 0;
  const who = root ? ['--reuid', ACCOUNT, '--regid', execFileSync('id', ['-g', ACCOUNT], { encoding: 'utf8' }).trim(), '--clear-groups'] : [];
  return ['setpriv', [...who, '--pdeathsig', 'INT', command, ...args]];
}

/** One start of the server on its folder; answers when it does. A folder whose last processes are still ending refuses. */
async function serve(dir, log) {
  const [postgres, args] = asOther(path.join(bin(), 'postgres'), ['-D', path.join(dir, 'data'), '-k', dir, '-h', '', '-p', '5432', '-c', 'max_connections=300', '-c', 'fsync=off']);
  const begin = () => spawn(postgres, args, { stdio: ['ignore', log, log], cwd: dir });
  let child = begin();
  for (let i = 0; i < 300; i++, await sleep(100)) {
    if (child.exitCode !== null) child = begin();
    else if (existsSync(path.join(dir, '.s.PGSQL.5432'))) {
      try {
        query(dir, 'postgres', 'SELECT 1');
        return child;
      } catch { /* it is still starting */ }
    }
  }
  throw new Error(`PostgreSQL did not start: see ${dir}/log`);
}

/** The processes that PostgreSQL has for those who are connected. */
function backends(postmaster) {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
    try {
      const parent = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ')[1]);
      return parent === postmaster && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('postgres: minar ');
    } catch {
      return false;   // it has ended
    }
  }).map(Number);
}

/** {dir, database() -> {name, url, ...}, stop()}; of one that is not shared also crash(how) and again(). */
export async function startPostgres() {
  if (process.env.MINAR_PG_DIR) return handle(process.env.MINAR_PG_DIR, async () => {});
  const dir = mkdtempSync(path.join(tmpdir(), 'minar-pg-'));
  chmodSync(dir, 0o777);
  const data = path.join(dir, 'data'), log = openSync(path.join(dir, 'log'), 'a');
  const [initdb, initArgs] = asOther(path.join(bin(), 'initdb'), ['-D', data, '-E', 'UTF8', '--locale=C.UTF-8', '-U', 'minar', '-A', 'trust', '--no-instructions', '--no-sync']);
  execFileSync(initdb, initArgs, { stdio: ['ignore', log, log], cwd: dir });
  let child = await serve(dir, log);
  const ended = (signal) => new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill(signal);
  });
  const stop = () => ended('SIGINT').then(() => rmSync(dir, { recursive: true, force: true }));
  return Object.assign(handle(dir, stop), {
    /** postmaster: it alone is killed, those below it see that; backends: each is killed, and it starts anew by itself; immediate: its own stop without tidying up. */
    async crash(how) {
      if (how !== 'backends') return ended(how === 'immediate' ? 'SIGQUIT' : 'SIGKILL');
      for (const pid of backends(child.pid)) {
        try { process.kill(pid, 'SIGKILL'); } catch { /* it has ended by itself */ }
      }
    },
    again: async () => { child = await serve(dir, log); },
  });
}

function query(dir, database, sql) {
  return execFileSync(path.join(bin(), 'psql'), ['-h', dir, '-U', 'minar', '-d', database, '-qAt', '-c', sql], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Many statements, all or none. */
function script(dir, database, sql) {
  const r = spawnSync(path.join(bin(), 'psql'), ['-h', dir, '-U', 'minar', '-d', database, '-q', '-1', '-v', 'ON_ERROR_STOP=1', '-f', '-'], { input: sql, encoding: 'utf8', stdio: ['pipe', 'ignore', 'pipe'] });
  if (r.status !== 0) throw new Error(r.stderr.slice(0, 1000));
}

let made = 0;
function handle(dir, stop) {
  return {
    dir, stop,
    /** A fresh database, or a copy of one that nobody is connected to; its address. */
    database(from = '') {
      const name = `minar_${process.pid}_${made++}`;
      query(dir, 'postgres', `CREATE DATABASE ${name}${from && ` TEMPLATE ${from}`}`);
      return { name, url: `postgresql://minar@/${name}?host=${dir}&port=5432`, drop: () => query(dir, 'postgres', `DROP DATABASE ${name} WITH (FORCE)`), query: (sql) => query(dir, name, sql), script: (sql) => script(dir, name, sql) };
    },
  };
}
