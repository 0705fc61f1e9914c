// run.ts - starts the program, plays histories in several lanes at once, and tells what came of them.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { spent } from './cpu.ts';
import type { Spent } from './cpu.ts';
import { ALL_LOOKS, ALL_STEPS, history } from './history.ts';
import { Failed, Lane } from './lane.ts';
import { Difference, Play } from './play.ts';
import { routeMistakes } from './routes.ts';
import { script, shrink } from './shrink.ts';
import type { Rules, Step } from './model.ts';

const SITE = '../api/site.mjs'; // plain JavaScript, without types
const { Site } = await import(SITE);
const ROOT = path.resolve(import.meta.dirname, '../..');
const table = (name: string) => JSON.parse(readFileSync(path.join(ROOT, 'data', name), 'utf8'));
/** Faults of access; those of writing are found by test/fault/power.mjs. */
export const FAULTS: Record<string, { how: string; does: string; like: string }> = Object.fromEntries(Object.entries<any>(table('faults.json')).filter(([, f]) => f.how !== 'write'));
export const RULES: Rules = table('permissions.json');

export interface Found { seed: number; step: number; words: string; steps: Step[]; lane: Lane }
/** requests: answers held against the model; late: reads that did not end in their time and were asked again; held: parts of them that were (bodies, tags); told: lines of streams. cpu: of this process, and below it. */
export interface Outcome { played: number; seconds: number; requests: number; late: number; held: number; told: number; cpu: Spent; found: Found | null }

/** Histories of a lane, after which the program begins anew: what they leave behind makes each dearer than the one before. */
const FRESH = 150;

/** The running program with so many lanes. */
export class Oracle {
  lanes: Lane[] = [];
  site: any;
  private faulty = '';

  static async open(lanes: number): Promise<Oracle> {
    const o = new Oracle();
    await o.begin(lanes);
    return o;
  }

  private async begin(lanes: number) {
    const conf = { http: { max_connections_per_ip: 4000 }, history: { memory_mb: 64, threads: 1 }, log: { level: 'info' }, auditor: { max_days: 3660 } };
    this.site = await Site.open({ conf });
    const founder = (await this.site.desk.post('/api/keys', { name: 'oracle', access: 'write' })).secret;
    for (let i = 0; i < lanes; i++) {
      const lane = new Lane(this.site.server.port, `lane${i}`);
      await lane.open(founder);
      this.lanes.push(lane);
    }
    if (this.faulty) await this.fault(this.faulty, true);
  }

  async close() {
    for (const l of this.lanes.splice(0)) l.client.close();
    await this.site.close();
  }

  fault(name: string, on: boolean) {
    this.faulty = on ? name : '';
    return this.lanes[0].must('PUT', '/api/door/fault', { name, on }, 200);
  }

  /** One history in one lane; null, or what differed. */
  async play(lane: Lane, seed: number, steps: Step[]): Promise<[Found | null, Play]> {
    await lane.reset();
    const p = new Play(lane, RULES, steps);
    try {
      await p.run();
      lane.last = p.s;
      return [null, p];
    } catch (e) {
      lane.last = null;
      if (!(e instanceof Difference)) throw e;
      return [{ seed, step: e.step, words: e.message, steps, lane }, p];
    }
  }

  /** Seeds from first on, until one shows a difference or so many have been played. */
  async hunt(first: number, histories: number, steps: number, most_s = Infinity): Promise<Outcome> {
    const began = performance.now(), out: Outcome = { played: 0, seconds: 0, requests: 0, late: 0, held: 0, told: 0, cpu: { own: 0, below: 0, store: 0 }, found: null };
    let next = first;
    const more = () => !out.found && next < first + histories && performance.now() - began < most_s * 1000;
    const work = async (lane: Lane) => {
      for (; more() && lane.played < FRESH;) {
        const seed = next++;
        const [found, p] = await this.play(lane, seed, history(seed, RULES, steps));
        out.played++;
        out.requests += p.requests;
        out.late += p.late;
        out.held += p.held;
        out.told += p.listeners.reduce((n, l) => n + l.stream.told.length, 0);
        const best = out.found as Found | null;
        if (found && (!best || found.seed < best.seed)) out.found = found;
      }
    };
    for (;;) {
      const before = spent();
      await Promise.all(this.lanes.map(work));
      const after = spent();
      for (const k of ['own', 'below', 'store'] as const) out.cpu[k] += after[k] - before[k];
      if (!more()) break;
      const lanes = this.lanes.length;
      await this.close();
      await this.begin(lanes);
    }
    out.seconds = (performance.now() - began) / 1000;
    return out;
  }
}

function options(args: string[]) {
  const value = (name: string, otherwise: number) => (args.includes(name) ? Number(args[args.indexOf(name) + 1]) : otherwise);
  const names = args.includes('--score') ? args.slice(args.indexOf('--score') + 1).filter((a) => a in FAULTS) : [];
  return { histories: value('--histories', 100), seed: value('--seed', 1), steps: value('--steps', 60), seconds: value('--seconds', Infinity), lanes: value('--lanes', process.env.MINAR_STORE === 'pg' ? 4 : 6),
    fault: args.includes('--fault') ? args[args.indexOf('--fault') + 1] : '', score: args.includes('--score'), names, json: args.includes('--json'), shrink: !args.includes('--no-shrink') };
}

async function tell(o: Oracle, f: Found, short: boolean) {
  console.log(`seed ${f.seed}, step ${f.step}: ${f.words}`);
  if (!short) return;
  const { steps, words } = await shrink(o, f);
  console.log(`\n${steps.length} steps are enough:\n${script(steps)}\n${words}`);
}

/** Seeds of the histories that must show nothing between two faults. */
const CONTROL = 5_000_000;

async function score(o: Oracle, q: ReturnType<typeof options>): Promise<number> {
  const missed: string[] = [];
  for (const name of q.names.length ? q.names : Object.keys(FAULTS)) {
    await o.fault(name, true);
    const r = await o.hunt(q.seed, q.histories, q.steps);
    await o.fault('', false);
    const clean = await o.hunt(CONTROL, q.lanes, q.steps); // or the next one would be found by what this one left behind
    if (clean.found) throw new Failed(`after ${name}, with no fault on: ${clean.found.words}`);
    if (!r.found) missed.push(name);
    if (q.json) console.log(JSON.stringify({ fault: name, found: !!r.found, histories: r.played, words: r.found?.words }));
    else console.log(`${r.found ? 'found' : 'MISSED'} ${name.padEnd(28)} within ${String(r.played).padStart(4)} histories: ${FAULTS[name].does}${r.found && process.env.ORACLE_WORDS ? `\n    ${r.found.words}` : ''}`);
  }
  console.log(missed.length ? `not found: ${missed.join(', ')}` : 'every fault was found');
  return missed.length ? 1 : 0;
}

/** Needs no program: is every route of data/routes observed? */
function routes(): number {
  const ids = readdirSync(path.join(ROOT, 'data/routes')).filter((f) => f.endsWith('.json')).flatMap((f) => table(`routes/${f}`).map((r: { id: string }) => r.id));
  const wrong = routeMistakes(ids, ALL_LOOKS, ALL_STEPS);
  for (const w of wrong) console.log(w);
  console.log(wrong.length ? '' : `${ids.length} routes, each with its observation or the reason why it has none`);
  return wrong.length ? 1 : 0;
}

export async function main(args: string[], engine: string): Promise<number> {
  if (args.includes('--routes')) return routes();
  const q = options(args), o = await Oracle.open(q.lanes);
  try {
    if (q.score) return await score(o, q);
    if (q.fault) await o.fault(q.fault, true);
    const r = await o.hunt(q.seed, q.histories, q.steps, q.seconds);
    const rate = (r.played / r.seconds).toFixed(1), ms = (s: number) => (s / r.played * 1000).toFixed(0);
    if (q.json) console.log(JSON.stringify({ engine, histories: r.played, seconds: r.seconds, rate: Number(rate), requests: r.requests, late: r.late, held: r.held, told: r.told, cpu_s: r.cpu, found: r.found && { seed: r.found.seed, words: r.found.words } }));
    else console.log(`${r.played} histories of ${q.steps} steps on ${engine} in ${r.seconds.toFixed(1)} s: ${rate}/s, ${Math.round(r.requests / r.seconds)} requests/s; ${[r.requests, r.held, r.told].map((n) => Math.round(n / r.played)).join(', ')} answers, comparisons and stream lines a history; ${ms(r.cpu.own)} + ${ms(r.cpu.below - r.cpu.store)} + ${ms(r.cpu.store)} ms of processor a history, oracle + program + PostgreSQL${r.late ? `; ${r.late} reads late, asked again` : ''}`);
    if (r.found && !q.json) await tell(o, r.found, q.shrink);
    return !!r.found === !!q.fault ? 0 : 1;
  } catch (e) {
    console.error(e instanceof Failed ? e.message : e);
    console.error(o.site.server?.log?.slice(-1500));
    return 2;
  } finally {
    await o.close();
  }
}
