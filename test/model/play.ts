// play.ts - one history against one lane: each step is done by HTTP and by the model, every answer is held
// against what the model says, and everybody reads again what was touched. The first difference ends it.
import { randomUUID } from 'node:crypto';
import { BASE, CAST, beginning } from './history.ts';
import { NONE, TLP, UNTIMED, apply, lab, preview, refused, seesEntry, shown, twinStatus, untimed } from './model.ts';
import type { Aimed, Entry, Glass, Label, Member, Rules, State, Step } from './model.ts';
import type { Answer, Stream } from './http.ts';
import type { Lane, Session } from './lane.ts';
import { Looks } from './look.ts';

export class Difference extends Error {
  step: number;
  constructor(step: number, words: string) {
    super(words);
    this.step = step;
  }
}
/** Told: what must have come, by now or soon; may: what rights of a moment later would also explain; untimed: what the machine may
 * have told in its own time. */
interface Listener { credential: number; stream: Stream; from: number; must: number[]; may: Set<number>; untimed: Set<string>; ended: boolean }

const WAIT_MS = 20000;
const MOST_LATE = 20; // of one history
const EVERYBODY = new Set(['put', 'label', 'member', 'grant', 'glass', 'close', 'indicator', 'clock']);
const SETTLED = new Set(['label', 'member', 'client', 'delegate', 'community', 'person', 'grant', 'glass', 'yes', 'close', 'leave', 'back', 'clock', 'revoke']);

export class Play {
  s: State;
  ids: string[] = [];
  sessions: Session[];
  events: string[] = [];
  acts: string[] = [];
  grants: string[] = [];
  leaves: string[] = [];
  at = 0;
  before = 0;
  listeners: Listener[] = [];
  tags = new Map<string, { tag: string; body: string }>();
  looks: Looks;
  was: (Aimed & { notBefore: number })[][] = []; // of each thing, by version
  requests = 0;
  late = 0;
  held = 0;
  mark: string;
  lane: Lane;
  rules: Rules;
  steps: Step[];

  constructor(lane: Lane, rules: Rules, steps: Step[]) {
    this.lane = lane;
    this.rules = rules;
    this.steps = steps;
    this.s = beginning(lane.now);
    this.s.orgs.forEach((o, i) => { o.version = lane.orgVersions[i]; });
    this.s.users.forEach((u, i) => { u.version = lane.userVersions[i]; });
    this.s.groups.forEach((g, i) => { g.version = lane.groupVersions[i]; });
    this.sessions = [...lane.base];
    this.mark = `h${lane.played}`;
    this.looks = new Looks(this);
  }

  fail(words: string): never { throw new Difference(this.at, words); }

  who(c: number): string {
    const u = this.s.credentials[c].user;
    return `credential ${c} (person ${u} of organisation ${this.s.users[u].org}${this.s.credentials[c].writes ? '' : ', reads only'})`;
  }

  /** A read that did not end in its time on a busy machine has shown nothing: it is asked again, and counted. */
  async call(c: number, method: string, path: string, json?: unknown, headers?: Record<string, string>): Promise<Answer> {
    this.requests++;
    const a = await this.lane.client.call(method, path, this.sessions[c].secret, { json, headers });
    if (a.status === 429) {
      await new Promise((r) => setTimeout(r, 1000));
      return this.call(c, method, path, json, headers);
    }
    if (a.status === 504 && method === 'GET' && this.late++ < MOST_LATE) return this.call(c, method, path, json, headers);
    if (a.status >= 500) this.fail(`${method} ${path}: ${a.status} ${a.body}`);
    if (method === 'GET') this.keepTag(`${c} ${method} ${path}`, a);
    return a;
  }

  /** An entity tag stands for what this viewer got: another tag, another text; the same text, the same tag. */
  private keepTag(key: string, a: Answer) {
    const tag = a.headers.get('etag');
    if (!tag || a.status !== 200) return;
    this.held++;
    const before = this.tags.get(key);
    if (before && (before.tag === tag) !== (before.body === a.body)) this.fail(`${key}: the entity tag ${before.body === a.body ? 'changed without' : 'stayed despite'} a change of the answer`);
    this.tags.set(key, { tag, body: a.body });
  }

  // ---- the whole ----

  async run(): Promise<void> {
    try {
      for (this.at = 0; this.at < this.steps.length; this.at++) await this.step(this.steps[this.at]);
      await this.looks.again();
      await this.settle();
      for (const l of this.listeners) this.compareStream(l);
    } finally {
      for (const l of this.listeners) l.stream.close();
      this.lane.now = Math.max(this.lane.now, this.s.now);
    }
  }

  private async step(q: Step) {
    if (q.op === 'look') {
      if (this.sessions[q.as]) await this.looks.look(q);
      return;
    }
    if (q.op === 'stream') return this.listen(q.as);
    if (SETTLED.has(q.op)) await this.settle();
    const before = this.s.entries.length, keys = this.s.credentials.length;
    this.before = this.versionOf(q);
    if (q.op === 'label' || q.op === 'member') await this.foreseen(q);
    const want = apply(this.s, this.rules, q);
    this.remember();
    if (this.s.credentials.length > keys) this.sessions.push({ secret: 'none.none', id: '' });
    if (want === null) return;
    await this.send(q, want);
    this.expect(before);
    await this.after(q);
  }

  /** Whom each version was for; one that a step went past in one stride is not known. */
  private remember() {
    this.s.things.forEach((o, i) => {
      this.was[i] ??= [];
      if (o && !this.was[i][o.version]) this.was[i][o.version] = { owner: o.owner, label: o.label, group: o.group, named: [...o.named], author: o.author, notBefore: o.notBefore };
    });
  }

  // ---- doing ----

  private aim(o: { label: number; group: number; named: number[] }) {
    return { label: o.label, ...(o.group === NONE ? {} : { grp: this.lane.groups[o.group] }), named: o.named.map((u) => this.lane.users[u]) };
  }

  private request(q: Step): [number, string, string, unknown?, Record<string, string>?] {
    const { lane, s, ids } = this, time = (ms: number) => new Date(ms).toISOString();
    switch (q.op) {
      case 'put': {
        const o = s.things.at(-1)!;
        return [0, 'POST', '/api/door/records', { kind: q.kind, owner: lane.orgs[q.owner], author: lane.users[q.author], ...this.aim(q), org: lane.orgs[o.org], state: q.state,
          value: q.kind === 'indicator' ? this.valueOf(s.things.length - 1) : this.mark, ...(o.notBefore ? { not_before: time(o.notBefore) } : {}), ...(q.parent === NONE ? {} : { parent: ids[q.parent] }) }];
      }
      case 'label': return this.labelled(q);
      case 'member': return [q.as, 'PATCH', `/api/groups/${lane.groups[q.group]}`, { [q.on ? 'add' : 'remove']: [lane.orgs[q.org]] }, { 'If-Match': `"v${this.before}"` }];
      case 'client': return [0, 'POST', '/api/door/client', { org: lane.orgs[q.org], ...(q.provider === NONE ? {} : { provider: lane.orgs[q.provider] }) }];
      case 'delegate': return [0, 'POST', '/api/door/delegate', { org: lane.orgs[q.org], keeper: lane.orgs[q.keeper], until: time(s.orgs[q.org].keptUntil) }];
      case 'community': return [0, 'PATCH', `/api/organisations/${lane.orgs[q.org]}`, { community: q.on }, { 'If-Match': `"v${s.orgs[q.org].version - 1}"` }];
      case 'person': return [q.as, 'PATCH', `/api/people/${lane.users[q.user]}`, { roles: q.roles, state: q.on ? 'active' : 'disabled', ...lane.ends(q.roles) }];
      case 'glass': return [q.as, 'POST', '/api/glass', { kind: s.things[q.thing]!.kind, record: ids[q.thing], reason: 'the oracle has its reasons', minutes: q.minutes }];
      case 'yes': return [q.as, 'POST', `/api/acts/${this.acts[q.act]}/approval`];
      case 'leave': return [q.as, 'POST', '/api/leaves', { person: lane.users[q.user], ...(q.deputy === NONE ? {} : { deputy: lane.users[q.deputy] }), from: time(s.now + q.after * 60000), until: time(s.now + (q.after + q.minutes) * 60000) }];
      case 'back': return [q.as, 'DELETE', `/api/leaves/${this.leaves[q.leave]}`];
      case 'close': return [q.as, 'DELETE', `/api/glass/${this.grants[q.grant]}`];
      case 'grant': return [0, 'POST', '/api/door/glass', { kind: s.things[q.thing]!.kind, id: ids[q.thing], person: lane.users[q.user], until: time(s.now + q.minutes * 60000), first: lane.users[q.first], second: lane.users[q.second] }];
      case 'clock': return [0, 'PUT', '/api/realm/clock', { now: time(s.now), frozen: true }];
      case 'answer': return [q.as, 'POST', `/api/findings/${ids[q.thing]}/answer`, { answer: q.answer, ...(q.extra ? { owner: 1 } : {}) }];
      case 'acknowledge': return [q.as, 'POST', `/api/notices/${ids[q.thing]}/acknowledge`];
      case 'undo': return [q.as, 'POST', `/api/notices/${ids[q.thing]}/undo`];
      case 'indicator': return [q.as, 'POST', '/api/indicators', this.draft(q), { 'Idempotency-Key': `${this.mark}-${this.at}` }];
      case 'key': return [q.as, 'POST', '/api/keys', { name: 'step', access: q.writes ? 'write' : 'read' }];
      case 'revoke': return [q.as, 'DELETE', `/api/keys/${this.sessions[q.key].id}`];
      case 'events': return [0, 'POST', '/api/door/events', { events: q.of.map((e) => ({ owner: e.owner === NONE ? '' : lane.orgs[e.owner], author: lane.users[e.author], label: e.label, ...(e.group === NONE ? {} : { grp: lane.groups[e.group] }), identifier: this.mark, cc: e.cc })) }];
      case 'assign': return [0, 'POST', '/api/door/assign', { id: this.events[q.event], owner: lane.orgs[q.owner], label: q.label, ...(q.group === NONE ? {} : { grp: lane.groups[q.group] }) }];
      default: throw new Error(q.op);
    }
  }

  /** A delivery has no route for it and goes by the door. */
  private labelled(q: Label): [number, string, string, unknown, Record<string, string>?] {
    const { lane, ids } = this, { kind } = this.s.things[q.thing]!;
    if (kind === 'delivery') return [q.as, 'POST', '/api/door/label', { kind, id: ids[q.thing], ...this.aim(q) }];
    const to = { tlp: TLP[q.label], ...(q.group === NONE ? {} : { group: lane.groups[q.group] }), people: q.named.map((u) => lane.users[u]) };
    return [q.as, 'PATCH', `/api/${kind}s/${ids[q.thing]}/reach`, to, { 'If-Match': `"v${this.before}"` }];
  }

  /** Of what a step changes under its version, before it did. */
  private versionOf(q: Step): number {
    return q.op === 'label' ? this.s.things[q.thing]?.version ?? 0 : q.op === 'member' ? this.s.groups[q.group].version : 0;
  }

  valueOf(i: number) { return `t${i}.${this.mark}.example`; }
  private draft(q: Extract<Step, { op: 'indicator' }>) {
    return { value: this.valueOf(this.s.things.length - 1), why: 'oracle', tlp: ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'][q.label] };
  }

  private async send(q: Step, want: number, alone = true): Promise<any> {
    const [c, method, path, json, headers] = this.request(q);
    const a = await this.call(c, method, path, json, headers);
    if (a.status !== want && !(want === 200 && a.status === 204)) this.fail(`${method} ${path} ${JSON.stringify(json ?? {})} by ${this.who(c)}: ${a.status}, and the model says ${want}: ${a.body.slice(0, 200)}`);
    if (want >= 300) return null;
    const got = a.body ? JSON.parse(a.body) : {};
    if (q.op === 'put' || q.op === 'indicator') this.ids[this.s.things.length - 1] = got.id;
    if (q.op === 'key') this.sessions[this.s.credentials.length - 1] = { secret: got.secret, id: got.id };
    if (q.op === 'leave') this.leaves[this.s.leaves.length - 1] = got.id;
    if (q.op === 'events') this.events.push(...got.ids);
    if (want === 202 && 'yes' in q) await this.allow(q, got.id);
    if (q.op === 'yes' && alone) await this.opened(got, q.act, this.s.acts[q.act].done);
    if (q.op === 'indicator' && q.twin !== NONE) await this.twin(q);
    return got;
  }

  /** Those who let it happen, one after another. */
  private async allow(q: Glass | Label | Member, id: string) {
    const act = this.s.acts.length - 1;
    this.acts[act] = id;
    for (const [i, c] of q.yes.entries()) {
      const { status, opens } = this.s.acts[act].said[i], got = await this.send({ op: 'yes', as: c, act }, status, false);
      if (status === 200) await this.opened(got, act, opens);
    }
  }

  /** Which grant it became says the list; that the answer says whether one more is wanted, the model knows. */
  private async opened(got: { state?: string }, act: number, opens: boolean) {
    if ((got.state === 'waiting') === opens) this.fail(`an approval says ${JSON.stringify(got)}, and the model that it ${opens ? 'opens' : 'waits'}`);
    if (opens && this.s.acts[act].what.op === 'glass') this.grants[this.s.grants.length - 1] = (await this.lane.must('GET', '/api/glass', undefined, 200)).items[0].id;
  }

  /** The same write with the same idempotency key by another: it is another's, so it is done anew. */
  private async twin(q: Extract<Step, { op: 'indicator' }>) {
    if (this.s.credentials[q.twin].user === this.s.credentials[q.as].user) return;
    const [, method, path, json, headers] = this.request(q);
    const a = await this.call(q.twin, method, path, json, headers), want = twinStatus(this.s, this.rules, q);
    if (a.status !== want) this.fail(`${method} ${path} with the idempotency key of ${this.who(q.as)} by ${this.who(q.twin)}: ${a.status}, and the model says ${want}`);
  }

  /** Whether it widens and wants another is said before it is done. */
  private async foreseen(q: Label | Member) {
    const { lane, s, ids } = this, thing = q.op === 'label' ? s.things[q.thing] : null;
    if (!this.sessions[q.as] || (q.op === 'label' && (!thing || thing.kind === 'delivery'))) return;
    const path = q.op === 'member' ? `/api/groups/${lane.groups[q.group]}/preview?${q.on ? 'add' : 'remove'}=${lane.orgs[q.org]}`
      : `/api/${thing!.kind}s/${ids[q.thing]}/reach/preview?tlp=${encodeURIComponent(TLP[q.label])}${q.group === NONE ? '' : `&group=${lane.groups[q.group]}`}&people=${q.named.map((u) => lane.users[u]).join('%20')}`;
    const want = preview(s, this.rules, q), a = await this.call(q.as, 'GET', path);
    this.held++;
    if (a.status !== want.status) this.fail(`GET ${path} by ${this.who(q.as)}: ${a.status}, and the model says ${want.status}: ${a.body.slice(0, 200)}`);
    if (a.status !== 200) return;
    const got = JSON.parse(a.body);
    if (got.widens !== want.wider || got.second !== want.second) this.fail(`GET ${path} by ${this.who(q.as)}: widens ${got.widens}, second ${got.second}, and the model says ${want.wider}, ${want.second}`);
  }

  // ---- reading again ----

  /** What a step may have changed the sight of. */
  private touched(q: Step): number[] {
    const { s } = this, last = (fits: (i: number) => boolean, n: number) => s.things.flatMap((o, i) => (o && fits(i) ? [i] : [])).slice(-n);
    switch (q.op) {
      case 'put': case 'indicator': return this.ids[s.things.length - 1] ? [s.things.length - 1] : [];
      case 'close': return this.s.grants[q.grant].door ? [] : [this.s.grants[q.grant].thing];
      case 'yes': return this.s.acts[q.act].done ? this.touched(this.s.acts[q.act].what) : [];
      case 'label': case 'grant': case 'glass': case 'answer': case 'acknowledge': case 'undo': return [q.thing];
      case 'member': return last((i) => s.things[i]!.group === q.group, 2);
      case 'client': return last((i) => s.things[i]!.label === 2 || s.things[i]!.label === 3, 1);
      case 'community': return last((i) => s.things[i]!.label === 1, 1);
      case 'clock': return last((i) => s.things[i]!.notBefore > 0 || s.grants.some((g) => g.thing === i), 2);
      case 'person': return last(() => true, 1);
      default: return [];
    }
  }

  /** Everybody where who sees it was decided, else every second one; those whom no content is for, and keys beside one's first, only now and then. */
  private readsNow(q: Step, c: number) {
    if (this.sessions[c].secret === 'none.none') return false;
    const seldom = c >= BASE.length || !this.rules.permissions['finding.read'].roles.some((r) => CAST[this.s.credentials[c].user][1].includes(r));
    return EVERYBODY.has(q.op) ? !seldom || (this.at + c) % 4 === 0 : (this.at + c) % (seldom ? 4 : 2) === 0;
  }

  private async after(q: Step) {
    for (const i of this.touched(q)) {
      const o = this.s.things[i]!, whole = o.kind === 'delivery' ? o.parent : i;
      await Promise.all(this.s.credentials.map((_, c) => (this.readsNow(q, c) ? this.looks.thing(c, whole) : null)));
      if (o.kind === 'finding' && o.parent !== NONE && this.at % 3 === 0) await this.looks.thing(this.at % 10, o.parent);
      await this.afterVersion(i);
    }
    if (q.op === 'revoke' || q.op === 'key') await this.looks.session(q.op === 'key' ? this.s.credentials.length - 1 : q.key);
    if (q.op === 'person') await this.looks.sessions(q.user);
    if (q.op === 'delegate') for (const c of this.s.credentials.keys()) if (this.s.users[this.s.credentials[c].user].org === q.keeper) await this.looks.kept(c, q.org);
    if (q.op === 'glass' || q.op === 'yes' || q.op === 'close') await this.afterGlass(q);
    if (q.op === 'leave' || q.op === 'back') await this.afterLeave(q);
    if (q.op === 'member') await this.looks.group(this.at % this.s.credentials.length, q.group);
    if (q.op === 'events' || q.op === 'assign') await this.looks.events(this.at % this.s.credentials.length);
  }

  /** Two of those who see it now, and did not see all that it was. */
  private async afterVersion(i: number) {
    const seesNow = (c: number) => this.sessions[c].secret !== 'none.none' && shown(this.s, this.s.credentials[c].user, i);
    const missed = (c: number) => this.was[i].some((o, v) => o && v < this.s.things[i]!.version && !lab(this.s, o, this.s.credentials[c].user));
    const all = this.s.credentials.flatMap((k, c) => (!k.revoked && seesNow(c) && missed(c) ? [c] : []));
    for (const c of all.slice(0, 2)) await this.looks.look({ op: 'look', as: c, at: 'versions', thing: i, org: 0 });
  }

  /** Who stands in may read lists that were closed; both ends of it are asked. */
  private async afterLeave(q: Extract<Step, { op: 'leave' | 'back' }>) {
    const l = q.op === 'back' ? this.s.leaves[q.leave] : this.s.leaves.at(-1);
    const all = this.s.credentials.flatMap((k, c) => (l && (k.user === l.deputy || k.user === l.person) && this.sessions[c].secret !== 'none.none' ? [c] : []));
    const last = this.s.things.flatMap((o, i) => (o && this.ids[i] && (o.kind === 'finding' || o.kind === 'notice') ? [i] : [])).slice(-3);
    for (const c of all.slice(0, 3)) {
      await this.looks.look({ op: 'look', as: c, at: this.at % 2 ? 'findings' : 'notices', thing: NONE, org: 0 });
      await Promise.all(last.map((i) => this.looks.thing(c, i)));
    }
    await this.looks.look({ op: 'look', as: (this.at + q.as) % BASE.length, at: 'leaves', thing: NONE, org: 0 });
  }

  /** Whose it is opens and closes with the thing; the owner reads of it. */
  private async afterGlass(q: Extract<Step, { op: 'glass' | 'yes' | 'close' }>) {
    const g = this.s.grants.filter((x) => !x.door).at(-1);
    if (!g) return;
    const asker = this.s.credentials.findIndex((k, c) => k.user === g.user && !k.revoked && this.sessions[c].secret !== 'none.none');
    if (g.org !== NONE && asker >= 0) await this.looks.organisation(asker, g.org);
    await this.looks.grants((this.at + q.as) % BASE.length);
  }

  // ---- streams ----

  private async listen(c: number) {
    if (!this.sessions[c] || this.listeners.length >= 4) return;
    const want = refused(this.s, this.rules, c, 'stream.read') || 200;
    const stream = this.lane.stream(this.sessions[c].secret, () => this.at);
    const l: Listener = { credential: c, stream, from: this.s.entries.length, must: [], may: new Set(), untimed: new Set(), ended: want !== 200 };
    this.listeners.push(l);
    this.mayCome(l); // the machine may write at once, before the next step
    if (!(await stream.until(() => stream.status > 0 && (want !== 200 || stream.opened), WAIT_MS))) this.fail(`the stream of ${this.who(c)} did not open`);
    if (stream.status !== want) this.fail(`GET /api/stream by ${this.who(c)}: ${stream.status}, and the model says ${want}`);
  }

  private mayCome(l: Listener) {
    for (const e of untimed(this.s, this.s.credentials[l.credential].user)) l.untimed.add(`${e.type} ${this.idOf(e)}`);
  }

  /** After a step: who must have been told of its entries, and who may be told late of earlier ones. */
  private expect(before: number) {
    for (const l of this.listeners) {
      if (l.ended) continue;
      if (refused(this.s, this.rules, l.credential, 'stream.read')) {
        l.ended = true;
        continue;
      }
      const u = this.s.credentials[l.credential].user, now = this.s.entries.length;
      for (let i = Math.max(l.from, before); i < now; i++) if (seesEntry(this.s, u, this.s.entries[i])) l.must.push(i);
      this.mayCome(l);
      for (let i = Math.max(l.from, before - 6); i < now; i++) if (seesEntry(this.s, u, this.s.entries[i])) l.may.add(i);
    }
  }

  idOf(e: Entry): string {
    const [kind, n] = e.of.split(' '), i = Number(n);
    if (kind === 'group') return this.lane.groups[i];
    if (kind === 'grant') return this.grants[i];
    if (kind === 'leave') return this.leaves[i];
    if (kind === 'org') return this.lane.orgs[i];
    if (kind === 'user') return this.lane.users[i];
    return kind === 'key' ? this.sessions[i].id : this.ids[i];
  }

  private isTold(t: { subject: string; type: string; version: number }, i: number) {
    const e = this.s.entries[i];
    return t.type === e.type && t.subject === this.idOf(e) && (e.version === 0 || e.version === t.version);
  }

  /** Waits until everybody has been told what he must, and those without a right any more are cut off. */
  private async settle() {
    for (const l of this.listeners) {
      const all = () => l.must.every((i) => l.stream.told.some((t) => this.isTold(t, i)));
      if (!(await l.stream.until(() => (l.ended ? l.stream.over || l.stream.status !== 200 : all()), WAIT_MS))) {
        if (l.ended) this.fail(`the stream of ${this.who(l.credential)} goes on without a right to it`);
        const i = l.must.find((m) => !l.stream.told.some((t) => this.isTold(t, m)))!, e = this.s.entries[i];
        this.fail(`the stream of ${this.who(l.credential)} does not tell of ${e.type} of ${e.of}${l.stream.over ? ", for it has ended" : ""}: told ${l.stream.told.length} lines, ${l.must.length} wanted`);
      }
      this.compareStream(l);
    }
  }

  private compareStream(l: Listener) {
    for (const t of l.stream.told) {
      if (UNTIMED.has(t.type) && l.untimed.has(`${t.type} ${t.subject}`)) continue;
      if (l.must.some((i) => this.isTold(t, i))) continue;
      if ([...l.may].some((i) => this.isTold(t, i))) continue;
      this.fail(`the stream of ${this.who(l.credential)} tells of ${t.type} ${t.subject} version ${t.version}, which the model hides`);
    }
  }

  /** An id that nobody has. */
  static nobody = () => randomUUID();
}
