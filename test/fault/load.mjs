// load.mjs - a site at work while something breaks beneath it: writers that make and change organisations, a feeder
// of files, each remembering what it was answered; and afterwards whether all of that is there, once.
import assert from 'node:assert/strict';
import { cpSync, statSync } from 'node:fs';
import { send, sleep } from '../api/harness.mjs';
import { Client, poll } from '../api/site.mjs';
import { report } from '../api/world.mjs';

const FILE_ROWS = 3000;
const prefix = (file) => `${20 + (file >> 8)}.${file & 255}`;

/** A file whose addresses are its own, so that each row can be looked for; the same text whenever it is
 * brought. The first 512 files belong to an agency that gets findings and notices of them. */
function textOf(file) {
  const row = (i) => `2026-11-20 10:${String(i % 60).padStart(2, '0')}:00,${i % 50 ? 'low' : 'high'},${prefix(file)}.${i >> 8}.${i & 255},tcp,${1000 + (i % 7)},,64500,PK,widget`;
  return `timestamp,severity,ip,protocol,port,hostname,asn,geo,tag\n${Array.from({ length: FILE_ROWS }, (_, i) => row(i)).join('\n')}\nx,high,not-an-ip,tcp,1,,,PK,x\n`;
}

/** A question whose answer is true, or null while nobody answers. */
export const status = (site, target) => send(site.server ?? { port: site.port }, 'GET', target).then((a) => a.status, () => 0);

export class Load {
  acknowledged = new Map();   // organisation id -> {name: acknowledged last, asked: what it may be called now as well}
  refused = new Set();        // keys of organisations that were refused: none is there
  files = new Map();          // file name -> {file, id}; all of it must end in history, once
  refusals = [];              // answers that refused
  cut = 0;                    // calls that nobody answered
  n = 0;

  /** goesOn: the server lives on, so whoever is not answered asks again. */
  constructor(site, { goesOn = false } = {}) { Object.assign(this, { site, goesOn }); }

  async open(w) {
    await w.desk.post(`/api/organisations/${w.BNK}/networks`, { value: '20.0.0.0/15' });
    this.key = (await w.desk.post('/api/keys', { name: 'load', access: 'write' })).secret;
  }

  /** Runs writers and a feeder; gives how to let them end. */
  start(writers) {
    const state = { stop: false };
    const all = [this.#again(state, () => this.#feed(state)), ...Array.from({ length: writers }, () => this.#again(state, () => this.#write()))];
    return async () => {
      state.stop = true;
      await Promise.all(all);
    };
  }

  async #again(state, step) {
    while (!state.stop) {
      try {
        await step();
      } catch (e) {
        if (e instanceof assert.AssertionError) throw e;
        this.cut++;
        if (!this.goesOn) return;   // the server went: what was not acknowledged may be there or not
        await sleep(20);
      }
    }
  }

  async #refuse(a) {
    this.refusals.push(a);
    if (this.goesOn) await sleep(20);
  }

  /** Makes an organisation, then changes it; remembers what was acknowledged. */
  async #write() {
    const me = new Client(this.site, { key: this.key }), n = ++this.n, name = `Body ${n}`, changed = `${name} again`;
    const a = await me.call('POST', '/api/organisations', { json: { key: `K${n}`, name_en: name, kind: 'bank' }, checked: false });
    if (a.status !== 201) {
      this.refused.add(`K${n}`);
      return this.#refuse(a);
    }
    const kept = { name };
    this.acknowledged.set(a.json.id, kept);
    kept.asked = changed;
    const b = await me.call('PATCH', `/api/organisations/${a.json.id}`, { json: { name_en: changed }, ifMatch: '"v1"', checked: false });
    if (b.status === 200) kept.name = changed;
    else await this.#refuse(b);
    kept.asked = kept.name;   // answered either way
  }

  async #feed() {
    const me = new Client(this.site, { key: this.key }), file = this.files.size, name = `2026-11-01-scan_widget-k${file}.csv`;
    // One that is not acknowledged may come in or not; then under the same name again.
    const a = await me.call('POST', `/api/feeds/shadowserver/files?name=${name}`, { body: textOf(file), checked: false });
    if (a.status < 300) this.files.set(name, { file, id: a.json.id });
    else await this.#refuse(a);
    await sleep(30);
  }

  async checkWrites() {
    const all = await this.site.desk.all('/api/organisations'), there = new Map(all.map((o) => [o.id, o.name.en]));
    const lost = [...this.acknowledged].filter(([id, k]) => ![k.name, k.asked].includes(there.get(id))).map(([id, k]) => [id, k, there.get(id)]);
    assert.deepEqual(lost, [], `${lost.length} acknowledged writes are lost`);
    assert.deepEqual(all.map((o) => o.key).filter((k) => this.refused.has(k)), [], 'what was refused is there');
    assert.equal(new Set(all.map((o) => o.key)).size, all.length, 'an organisation is there twice');
  }

  /** Every file that was taken is wholly in history, each row once. more: what else to say of one that is not. */
  async checkFiles(more = () => '') {
    for (const [name, { file, id }] of this.files) {
      const run = await poll(`${name} ends`, async () => {
        const r = await this.site.desk.get(`/api/imports/${id}`);
        return r.state !== 'running' && r;
      }, 60000);
      assert.deepEqual([run.state, run.rows_read, run.rows_done + run.rows_same, run.rows_bad], ['done', FILE_ROWS + 1, FILE_ROWS, 1], `${name} ${more()}`);
      const s = await this.site.desk.get(`/api/events/summary?q=${prefix(file)}.0.0%2F16&from=2026-01-01T00:00:00Z`);
      if (s.count !== FILE_ROWS) cpSync(this.site.dir, `${this.site.dir}-odd`, { recursive: true, filter: (f) => !statSync(f).isSocket() });   // to be looked into
      const runs = s.count === FILE_ROWS ? [] : (await this.site.desk.all('/api/imports')).filter((r) => r.file_name === name);
      assert.equal(s.count, FILE_ROWS, `${name}: ${s.count} events of ${FILE_ROWS}; kept in ${this.site.dir}-odd; ${JSON.stringify(runs)} ${more()}`);
    }
  }

  /** Findings are once each, and the ledger verifies: beside the server, and alone. */
  async checkEnd() {
    const { site } = this, findings = await site.desk.all('/api/findings');
    assert.equal(new Set(findings.map((f) => `${f.ip} ${f.port} ${f.identifier} ${f.org.id}`)).size, findings.length);
    assert.ok(findings.length > 0, 'the load made findings');
    const r = await site.cli(['verify', '--json']);
    assert.equal(r.code, 0, r.err);
    assert.ok(r.json.entries > this.acknowledged.size);
    await site.stop();
    const alone = await site.cli(['verify', '--json']);
    assert.equal(alone.code, 0, alone.err);
  }
}

/** A file of the present, by the program's own clock (ahead of ours by so much), becomes a notice that leaves by mail. */
export async function noticed(what, { box, me, n, ahead_s = 0, ms = 30000 }) {
  const before = box.mails.length;
  await me.call('POST', `/api/feeds/shadowserver/files?wait=true&name=2026-11-02-scan_widget-c${n}.csv`, { body: report([[`198.18.64.${n % 250}`]], { hoursAgo: 2 - ahead_s / 3600 }), checked: false });
  await poll(`${what}: a notice left by mail`, async () => box.mails.length > before, ms);
}
