// operator_backup.mjs - what a backup costs: one GB (records with files) backed up while people write, the wait of
// those writes beside it and without, the second backup, the drill. Prints lines of performance.md.
//   node test/bench/operator_backup.mjs [MB]        MINAR, MINAR_STORE as for the walks
import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { ON_PG, sleep } from '../api/harness.mjs';
import { Site } from '../api/site.mjs';
import { populate } from '../api/world.mjs';

const MB = Number(process.argv[2] ?? 1000), RATE = 20, FILE_MB = 20;

/** Writes at a fixed rate until told to stop; waits in ms, from when each was due. */
function writers(desk, tag) {
  const waits = [], under = new Set();
  let going = true, n = 0;
  const begun = performance.now();
  const loop = (async () => {
    for (; going; n++) {
      const due = begun + (n * 1000) / RATE;
      if (due > performance.now()) await sleep(due - performance.now());
      const one = desk.call('POST', '/api/organisations', { json: { key: `${tag}${n}`, name_en: `Body ${n}`, kind: 'other' }, checked: false }).then((a) => {
        if (a.status !== 201) throw new Error(a.text);
        waits.push(performance.now() - due);
        under.delete(one);
      });
      under.add(one);
    }
    await Promise.all(under);
  })();
  return { stop: async () => { going = false; await loop; waits.sort((a, b) => a - b); return waits; } };
}
const at = (w, q) => w[Math.min(w.length - 1, Math.floor(w.length * q))].toFixed(1);
const words = (w) => `p50 ${at(w, 0.5)} ms, p99 ${at(w, 0.99)} ms, most ${at(w, 1)} ms (n ${w.length})`;

/** Rows of text that does not pack, in a table that the program keeps for a while by itself. */
function fillRows(site, mb) {
  if (ON_PG) return site.database.query(`INSERT INTO minar_live.idempotency SELECT sha256(g::text::bytea), sha256((g + 1)::text::bytea), 200, (SELECT string_agg(md5((g * 32 + k)::text), '') FROM generate_series(1, 32) k), 1795000000000000 FROM generate_series(1, ${mb * 900}) g`);
  return execFileSync('python3', ['-c', `
import os, sqlite3
c = sqlite3.connect(${JSON.stringify(path.join(site.dir, 'realm/live/records.db'))})
c.executemany('INSERT INTO idempotency (key_hash, request_hash, status, body, created) VALUES (?, ?, 200, ?, 1795000000000000)', ((os.urandom(32), os.urandom(32), os.urandom(512).hex()) for i in range(${mb * 900})))
c.commit()
`]);
}

function beside() {
  if (!ON_PG) return [];
  const file = path.join(outside, 'settings.yaml');
  writeFileSync(file, `store:\n  url: ${JSON.stringify(site.database.url)}\n  schema: minar_bench\n`);
  return ['--settings', file];
}

const outside = mkdtempSync(path.join(tmpdir(), 'minar-bench-'));
const site = await Site.open({ conf: { files: { max_mb: 64 } } });
try {
  const w = await populate(site);
  await w.give([['198.18.4.10'], ['198.18.64.20']]);
  let finding;
  while (!finding) { [finding] = (await w.mox.get('/api/findings')).items; await sleep(100); }
  for (let i = 0; i < Math.round((MB * 0.4) / FILE_MB); i++) await w.mox.file(`/api/files?kind=finding&id=${finding.id}&name=f${i}.bin`, randomBytes(FILE_MB << 20));
  await site.stop();
  fillRows(site, Math.round(MB * 0.6));
  await site.start();
  await sleep(2000);
  const cli = async (...args) => {
    const r = await site.cli([...args, '--json'], { ms: 600000 });
    if (r.code !== 0) throw new Error(`${args[0]}: ${r.code} ${r.err}`);
    return JSON.parse(r.out);
  };
  const gb = (b) => `${(b / 1e9).toFixed(2)} GB`, s = (ms) => `${(ms / 1000).toFixed(1)} s`;
  const alone = writers(site.desk, 'A');
  await sleep(15000);
  console.log(`load of the machine ${loadavg()[0].toFixed(1)} on ${cpus().length} cores`);
  console.log(`writes alone, ${RATE}/s: ${words(await alone.stop())}`);
  const during = writers(site.desk, 'B');
  const first = await cli('backup', path.join(outside, 'b'));
  console.log(`writes beside the backup: ${words(await during.stop())}`);
  console.log(`first backup: ${gb(first.bytes)} in ${s(first.took_ms)}, ${gb(first.new_bytes)} written`);
  const again = writers(site.desk, 'C');
  const second = await cli('backup', path.join(outside, 'b'));
  console.log(`writes beside the second: ${words(await again.stop())}`);
  console.log(`second backup: ${gb(second.bytes)} in ${s(second.took_ms)}, ${gb(second.new_bytes)} written, ${second.kept_files} files unread`);
  const drill = await cli('restore', path.join(outside, 'b'), '--test');
  console.log(`drill: ${gb(drill.bytes)} restored, proved and thrown away in ${s(drill.took_ms)}`);
  await site.stop();
  const kept = await cli('restore', path.join(outside, 'b'), '--to', path.join(outside, 'r'), ...beside());
  console.log(`restore: ${gb(kept.bytes)} in ${s(kept.took_ms)}`);
} finally {
  await site.close();
  rmSync(outside, { recursive: true, force: true });
}
