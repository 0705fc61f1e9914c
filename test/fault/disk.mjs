// disk.mjs - the disk runs full under load (a small tmpfs, so root is needed): what was acknowledged stays,
// refusals are told in words, reading goes on or comes back, and with room again everything goes on.
// MINAR=build/minar node --test test/fault/disk.mjs
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { mkdtempSync, rmSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Site, poll } from '../api/site.mjs';
import { populate } from '../api/world.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'minar-full-'));
let mounted = false, site, w, key;
before(async () => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', folder], { stdio: 'pipe' });
    mounted = true;
  } catch {
    return;
  }
  site = await Site.open({ parent: folder, conf: { outbox: { hold_s: 3600 } } });
  w = await populate(site, { people: false });
  key = (await site.desk.post('/api/keys', { name: 'load', access: 'write' })).secret;
});
after(async () => {
  await site?.close().catch(() => {});
  if (mounted) execFileSync('umount', ['-l', folder]);
  rmdirSync(folder);
});

const free = () => { const s = statfsSync(folder); return s.bavail * s.bsize; };
const ballast = path.join(folder, 'ballast');
const rows = (k) => `timestamp,severity,ip,protocol,port,hostname,asn,geo,tag\n${Array.from({ length: 2000 }, (_, i) => `2026-11-20 10:00:00,low,30.${k}.${i >> 8}.${i & 255},tcp,80,,64500,PK,widget`).join('\n')}\n`;

test('a full disk loses nothing and says so', { timeout: 300e3 }, async (t) => {
  if (!mounted) return t.skip('a tmpfs cannot be mounted here');
  const me = new Client(site, { key }), kept = new Map(), refusals = [], files = [];
  writeFileSync(ballast, Buffer.alloc(Math.max(0, free() - (3 << 20))));
  for (let i = 0; refusals.length < 20 && i < 20000; i++) {
    const name = `Body ${i} ${'x'.repeat(200)}`;
    try {
      const a = await me.call('POST', '/api/organisations', { json: { key: `D${i}`, name_en: name, kind: 'bank' }, checked: false });
      if (a.status === 201) kept.set(a.json.id, name);
      else refusals.push(a);
      if (i % 200 === 0) {
        const f = await me.call('POST', `/api/feeds/shadowserver/files?name=2026-11-20-scan_widget-d${i}.csv`, { body: rows(i / 200), checked: false });
        if (f.status < 300) files.push(f.json.id);
        else refusals.push(f);
      }
    } catch (e) {
      refusals.push({ status: 0, text: String(e) });   // the process stopped rather than lie
      break;
    }
  }
  t.diagnostic(`${kept.size} writes and ${files.length} files taken; refused: ${[...new Set(refusals.map((x) => `${x.status} ${x.json?.code ?? x.text}`))].join(', ')}`);
  if (process.env.MINAR_TEST_LOG) t.diagnostic(site.server.log.slice(-3000));
  assert.ok(refusals.length > 0, `the disk did not run full: ${free()} bytes free`);
  for (const a of refusals.filter((x) => x.status)) {
    assert.ok([503, 507, 413, 429].includes(a.status), `${a.status} ${a.text}`);
    assert.ok(a.json.detail?.length > 10, a.text);
  }
  rmSync(ballast);
  await poll('it answers again', async () => {
    try {
      return (await site.desk.call('GET', '/healthz')).status === 200;
    } catch {
      return false;
    }
  }, 30000);
  await poll('it writes again', async () => {
    const a = await me.call('POST', '/api/organisations', { json: { key: `AFTER${Date.now()}`, name_en: 'After', kind: 'bank' }, checked: false });
    return a.status === 201;
  }, 30000);
  const there = new Map((await site.desk.all('/api/organisations')).map((o) => [o.id, o.name.en]));
  const lost = [...kept].filter(([id, name]) => there.get(id) !== name);
  assert.deepEqual(lost, [], 'an acknowledged write is lost');
  for (const id of files) {
    const run = await poll('the file ends', async () => {
      const r = await site.desk.get(`/api/imports/${id}`);
      return r.state !== 'running' && r;
    }, 60000);
    assert.deepEqual([run.state, run.rows_read, run.rows_done], ['done', 2000, 2000], JSON.stringify(run));
  }
  const v = await site.cli(['verify', '--json']);
  assert.equal(v.code, 0, v.err);
});
