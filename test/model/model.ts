// model.ts - who may see and do what, a second time: pure functions of a state, written from the definition of
// the access model (below) and from what the routes promise, not
// from src/access. Held against the running program by run.ts.
//
//   aud(o)   = {own(o)} + members(g(o))
//   lab(o,u) = CLEAR | GREEN: a community member | AMBER: org(u) or its provider in aud
//            | STRICT: org(u) in aud | RED: u named or u the author
//   see(u,o) = active(u), its time has come, its parent is seen, and lab(o,u) or glass(u,o)
//   may(u,o) = see(u,o) without glass, org(u) owns o, and the role allows it
//   keeps(u,x) = u is an org_admin of the organisation that administers x now: sees x's entry, people and keys,
//              writes the latter two, gives nobody there a national role; sees nothing else of x by it

export const CLEAR = 0, GREEN = 1, AMBER = 2, STRICT = 3, RED = 4;
export const TLP = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'];
export const NATION = 0, NONE = -1;

/** What an audience is made of, and what decides with it. Numbers are places in the state's lists. */
export interface Aimed { owner: number; label: number; group: number; named: number[]; author: number }
export interface Org extends Aimed { community: boolean; provider: number; version: number; keeper: number; keptUntil: number }
export interface User extends Aimed { org: number; roles: string[]; active: boolean; version: number }
/** A key, or a session: that one ends with its person's rights, and shows no proof of who is there. */
export interface Credential { user: number; writes: boolean; session: boolean; revoked: boolean; version: number; extra: boolean }
export type Kind = 'indicator' | 'finding' | 'notice' | 'delivery';
export interface Thing extends Aimed {
  kind: Kind; notBefore: number; parent: number; version: number; state: string; org: number;
  due: number; acknowledgedBy: number; made: number;
}
/** door: a row that the routes would not write; it opens the thing alone and has no id. org: opened along with it. */
export interface Grant { thing: number; user: number; until: number; first: number; second: number; org: number; door: boolean; ended: boolean }
/** What waits for others, and the right that they must have too. said: how those were answered who were asked along with it. */
export interface Act { user: number; what: Glass | Label | Member; permission: string; needed: number; expires: number; yes: number[]; done: boolean; said: { status: number; opens: boolean }[] }
/** Away, and who stands in meanwhile (NONE: nobody). ended: before its time. */
export interface Leave { person: number; deputy: number; from: number; until: number; ended: boolean }
export interface Entry extends Aimed { type: string; of: string; version: number }
export interface Happening extends Aimed { cc: string }
export interface State {
  now: number; orgs: Org[]; users: User[]; credentials: Credential[]; groups: Group[];
  things: (Thing | null)[]; grants: Grant[]; acts: Act[]; leaves: Leave[]; entries: Entry[]; events: Happening[];
}
/** Organisations, and a group's own audience: its keeper and itself; one that the registry keeps (kept) is for its keeper alone, the national one for everybody. */
export interface Group { members: number[]; kept: boolean; version: number }
export interface Rule { roles: string[]; national?: boolean; writes: boolean; deputy?: boolean }
export interface Rules { permissions: Record<string, Rule>; records: Record<string, { create: string[]; write: string[]; deputy?: boolean }> }

// ---- seeing ----

export const active = (s: State, u: number) => s.users[u].active;

function inAudience(s: State, o: Aimed, org: number): boolean {
  return org === o.owner || (o.group !== NONE && s.groups[o.group].members.includes(org));
}

/** Does the label let in an organisation as a whole? RED never does. */
export function labOrg(s: State, o: Aimed, org: number): boolean {
  const { provider } = s.orgs[org];
  switch (o.label) {
    case CLEAR: return true;
    case GREEN: return s.orgs[org].community;
    case AMBER: return inAudience(s, o, org) || (provider !== NONE && inAudience(s, o, provider));
    case STRICT: return inAudience(s, o, org);
    default: return false;
  }
}

export function lab(s: State, o: Aimed, u: number): boolean {
  return o.label > STRICT ? o.named.includes(u) || o.author === u : labOrg(s, o, s.users[u].org);
}

const opens = (s: State, g: Grant, u: number) => g.user === u && s.now < g.until && g.first !== g.second && g.first !== u && g.second !== u;

export function glass(s: State, thing: number, u: number): boolean {
  return s.grants.some((g) => g.thing === thing && opens(s, g, u));
}

export function sees(s: State, u: number, i: number): boolean {
  const o = s.things[i];
  if (!o || !active(s, u) || s.now < o.notBefore) return false;
  if (o.kind === 'delivery' && !sees(s, u, o.parent)) return false;
  return lab(s, o, u) || glass(s, i, u);
}

const keeps = (s: State, u: number, org: number) => s.orgs[org].keeper === s.users[u].org && s.now < s.orgs[org].keptUntil && has(s, u, ['org_admin']);
export const seesOrg = (s: State, u: number, org: number) => active(s, u) && (lab(s, s.orgs[org], u) || keeps(s, u, org) || s.grants.some((g) => g.org === org && opens(s, g, u)));
const ofGroup = (s: State, g: number): Aimed => ({ owner: NATION, label: g === NATION ? CLEAR : STRICT, group: s.groups[g].kept ? NONE : g, named: [], author: 0 });
export const seesGroup = (s: State, u: number, g: number) => active(s, u) && lab(s, ofGroup(s, g), u);
export const seesPerson = (s: State, u: number, other: number) => active(s, u) && (lab(s, s.users[other], u) || keeps(s, u, s.users[other].org));

/** A finding or notice is shown with its organisation's name, so both must be seen. */
export function shown(s: State, u: number, i: number): boolean {
  const o = s.things[i];
  return sees(s, u, i) && (o!.kind === 'indicator' || seesOrg(s, u, o!.kind === 'finding' ? o!.owner : o!.org));
}

/** The organisation that a thing is shown with. */
const gateOf = (s: State, o: Thing) => (o.kind === 'indicator' ? null : s.orgs[o.kind === 'finding' ? o.owner : o.org]);

/** Who may see a thing: organisations as a whole, and how many of each organisation's people (and keys) are shown it. */
export function reach(s: State, rules: Rules, i: number): { org: number; people: number; keys: number; whole: boolean }[] {
  const o = s.things[i]!, { roles } = rules.permissions[`${o.kind}.read`];
  const gate = gateOf(s, o);
  const reads = (u: number) => shown(s, u, i) && roles.some((r) => s.users[u].roles.includes(r));
  return s.orgs.map((_, org) => {
    const people = s.users.filter((x, u) => x.org === org && reads(u)).length;
    const keys = s.credentials.filter((k) => k.version > 0 && !k.revoked && s.users[k.user].org === org && reads(k.user)).length;
    const whole = s.now >= o.notBefore && labOrg(s, o, org) && (!gate || labOrg(s, gate, org));
    return { org, people, keys, whole };
  }).filter((x) => x.whole || x.people > 0);
}

// ---- doing ----

export const national = (s: State, u: number) => s.users[u].org === NATION;
const has = (s: State, u: number, roles: string[]) => roles.some((r) => s.users[u].roles.includes(r));

const isOn = (s: State, l: Leave) => !l.ended && l.from <= s.now && s.now < l.until;

/** Has u the role, or somebody active for whom u stands in? A key stands in for nobody, nor does whoever is away. */
function hasOrStands(s: State, { user: u, session }: By, r: { roles: string[]; deputy?: boolean }): boolean {
  if (has(s, u, r.roles)) return true;
  if (!r.deputy || !session || s.leaves.some((l) => l.person === u && isOn(s, l))) return false;
  return s.leaves.some((l) => l.deputy === u && isOn(s, l) && active(s, l.person) && has(s, l.person, r.roles));
}

/** 0: the credential may use the permission; else the status that refuses. */
export function refused(s: State, rules: Rules, c: number, permission: string): number {
  const k = s.credentials[c], p = rules.permissions[permission];
  if (k.revoked || !active(s, k.user)) return 401;
  return (p.writes && !k.writes) || (p.national && !national(s, k.user)) || !hasOrStands(s, k, p) ? 403 : 0;
}

/** Who does it: a person by a credential, or as a whole when a held act happens. */
interface By { user: number; writes: boolean; session: boolean }

function mayWrite(s: State, rules: Rules, k: By, kind: string, o: Aimed): boolean {
  return k.writes && o.owner === s.users[k.user].org && hasOrStands(s, k, { roles: rules.records[kind].write, deputy: rules.records[kind].deputy }) && lab(s, o, k.user);
}

/** Holding a thing for writing: 0, or 404 when unseen and 403 when not to be written. */
export function heldOff(s: State, rules: Rules, k: By, i: number): number {
  const o = s.things[i];
  if (!o || !sees(s, k.user, i)) return 404;
  return mayWrite(s, rules, k, o.kind, o) ? 0 : 403;
}

function heldOffPerson(s: State, rules: Rules, c: number, u: number): number {
  if (!seesPerson(s, s.credentials[c].user, u)) return 404;
  return mayWrite(s, rules, s.credentials[c], 'person', s.users[u]) || (s.credentials[c].writes && keeps(s, s.credentials[c].user, s.users[u].org)) ? 0 : 403;
}

/** What a delegate's administrator neither gives nor touches. */
const NATIONAL = ['coordinator', 'auditor', 'admin'];

/** Rights that one gives or takes are a subset of one's own. */
function beyond(s: State, by: number, roles: string[]): boolean {
  return roles.some((r) => r !== 'reader' && !s.users[by].roles.includes(r));
}

// ---- steps ----

/** yes: who is asked to let it happen, one after another, should it be kept for others. */
export interface Label { op: 'label'; as: number; thing: number; label: number; group: number; named: number[]; yes: number[] }
export interface Member { op: 'member'; as: number; group: number; org: number; on: boolean; yes: number[] }
export interface Away { op: 'leave'; as: number; user: number; deputy: number; after: number; minutes: number }
export interface Glass { op: 'glass'; as: number; thing: number; minutes: number; yes: number[] }

export type Step =
  | ({ op: 'put'; kind: Kind; after: number; parent: number; org: number; state: string } & Aimed)
  | Label
  | Member
  | { op: 'client'; org: number; provider: number }
  | { op: 'delegate'; org: number; keeper: number; minutes: number }
  | { op: 'community'; org: number; on: boolean }
  | { op: 'person'; as: number; user: number; roles: string[]; on: boolean }
  | { op: 'grant'; thing: number; user: number; minutes: number; first: number; second: number }
  | Glass
  | { op: 'yes'; as: number; act: number }
  | { op: 'close'; as: number; grant: number }
  | { op: 'clock'; minutes: number }
  | Away
  | { op: 'back'; as: number; leave: number }
  | { op: 'answer'; as: number; thing: number; answer: string; extra: boolean }
  | { op: 'acknowledge'; as: number; thing: number }
  | { op: 'undo'; as: number; thing: number }
  | { op: 'indicator'; as: number; label: number; twin: number }
  | { op: 'key'; as: number; writes: boolean }
  | { op: 'revoke'; as: number; key: number }
  | { op: 'events'; of: Happening[] }
  | { op: 'assign'; event: number; owner: number; label: number; group: number }
  | { op: 'stream'; as: number }
  | { op: 'look'; as: number; at: string; thing: number; org: number };

const aim = (o: Aimed): Aimed => ({ owner: o.owner, label: o.label, group: o.group, named: o.named, author: o.author });

function note(s: State, type: string, of: string, o: Aimed & { version: number }, author: number) {
  s.entries.push({ type, of, version: o.version, ...aim(o), author });
}

const MIN = 60_000;
export const nameOf = (s: State, i: number) => `${s.things[i]!.kind} ${i}`;
const MADE = { indicator: 'indicator.created', finding: 'finding.answered', notice: 'notice.written', delivery: 'delivery.created' };
const CHANGED = { indicator: 'indicator.changed', finding: 'finding.answered', notice: 'notice.sent', delivery: 'delivery.changed' };

function change(s: State, i: number, type: string, author: number, what: Partial<Thing>) {
  const o = s.things[i]!;
  Object.assign(o, what);
  o.version++;
  note(s, type, nameOf(s, i), o, author);
}

/** The status that the step must be answered with; the state is then what it has become. A step whose
 * subject is not there (an earlier step was taken away) gives null and does nothing. */
export function apply(s: State, rules: Rules, q: Step): number | null {
  const user = 'as' in q ? s.credentials[q.as]?.user : 0;
  if (user === undefined) return q.op === 'key' ? (s.credentials.push(GONE), null) : q.op === 'indicator' ? (s.things.push(null), null) : null;
  if ('thing' in q && q.op !== 'look' && !s.things[q.thing]) return null;
  switch (q.op) {
    case 'put': return put(s, q);
    case 'label': return s.things[q.thing]!.kind === 'delivery' ? relabel(s, rules, q, user) : shared(s, rules, q, 'audience.write', audience);
    case 'member': return shared(s, rules, q, 'group.write', member);
    case 'client': return organisation(s, q.org, { provider: q.provider });
    case 'delegate': Object.assign(s.orgs[q.org], { keeper: q.keeper, keptUntil: s.now + q.minutes * MIN }); return 200;
    case 'community': return organisation(s, q.org, { community: q.on });
    case 'person': return person(s, rules, q, user);
    case 'grant': s.grants.push({ thing: q.thing, user: q.user, until: s.now + q.minutes * MIN, first: q.first, second: q.second, org: NONE, door: true, ended: false }); return 200;
    case 'glass': return asked(s, rules, q, ask(s, rules, q.as, q));
    case 'yes': return s.acts[q.act] ? approve(s, rules, q.as, q.act) : null;
    case 'close': return close(s, rules, q.as, q.grant);
    case 'leave': return leave(s, rules, q);
    case 'back': return s.leaves[q.leave] ? back(s, rules, q.as, s.leaves[q.leave]) : null;
    case 'clock': s.now += q.minutes * MIN; return 200;
    case 'answer': return answer(s, rules, q, user);
    case 'acknowledge': return acknowledge(s, rules, q, user);
    case 'undo': return undo(s, rules, q, user);
    case 'indicator': return indicator(s, rules, q, user);
    case 'key': return key(s, rules, q, user);
    case 'revoke': return revoke(s, rules, q, user);
    case 'events': s.events.push(...q.of.map((e) => ({ ...e }))); return 200;
    case 'assign':
      if (!s.events[q.event]) return null;
      Object.assign(s.events[q.event], { owner: q.owner, label: q.label, group: q.group });
      return 200;
    default: return 200;
  }
}

// ---- who may see a thing is changed: by the owner's people; what widens what was narrow, by two of them ----

/** What a change would be refused with (0: not), whether it wants a second person, and the change itself. */
interface Coming { off: number; wider: boolean; second: boolean; done: () => void }
type Change<T> = (s: State, rules: Rules, k: By, q: T) => Coming;

function shared<T extends Label | Member>(s: State, rules: Rules, q: T, permission: string, change: Change<T>): number {
  const off = refused(s, rules, q.as, permission);
  if (off) return off;
  const k = s.credentials[q.as], x = change(s, rules, k, q);
  if (x.off || !x.second) return x.off || (x.done(), 200);
  keep(s, q, k.user, permission, 1);
  return asked(s, rules, q, 202);
}

const DAY = 24 * 60 * MIN;
const acts = (s: State, type: string, about: number, author: number) => note(s, type, `user ${about}`, s.users[about], author);

function keep(s: State, what: Act['what'], user: number, permission: string, needed: number) {
  s.acts.push({ user, what, permission, needed, expires: s.now + DAY, yes: [], done: false, said: [] });
  acts(s, 'act.asked', user, user);
}

/** Those who are asked along with it. */
function asked(s: State, rules: Rules, q: { yes: number[] }, status: number): number {
  const act = s.acts.length - 1;
  if (status === 202) for (const c of q.yes) s.acts[act].said.push({ status: approve(s, rules, c, act), opens: s.acts[act].done });
  return status;
}

/** By the door: a delivery has no route of its own for it. */
function relabel(s: State, rules: Rules, q: Label, user: number): number {
  const off = refused(s, rules, q.as, 'session.read') || heldOff(s, rules, s.credentials[q.as], q.thing);
  if (!off) change(s, q.thing, CHANGED.delivery, user, { label: q.label, group: q.group, named: q.named });
  return off || 200;
}

const reads = (s: State, rules: Rules, i: number) => s.users.map((x, u) => shown(s, u, i) && rules.permissions[`${s.things[i]!.kind}.read`].roles.some((r) => x.roles.includes(r)));
const wholes = (s: State, i: number) => {
  const o = s.things[i]!, gate = gateOf(s, o);
  return s.orgs.map((_, org) => s.now >= o.notBefore && labOrg(s, o, org) && (!gate || labOrg(s, gate, org)));
};

/** Does it fall, or does anybody gain, or any organisation as a whole? */
function widens(s: State, rules: Rules, i: number, to: Aimed): boolean {
  const o = s.things[i]!, people = reads(s, rules, i), orgs = wholes(s, i), from = { ...o };
  Object.assign(o, to);
  const wider = reads(s, rules, i).some((x, u) => x && !people[u]) || wholes(s, i).some((x, n) => x && !orgs[n]);
  Object.assign(o, from);
  return to.label < from.label || wider;
}

const sorted = (list: number[]) => [...new Set(list)].sort().join();

const audience: Change<Label> = (s, rules, k, q) => {
  const { user } = k, o = s.things[q.thing]!, none = { wider: false, second: false, done: () => {} };
  const off = heldOff(s, rules, k, q.thing) || (o.kind === 'notice' && o.state === 'held' ? 409 : 0);
  const unknown = q.named.some((u) => !seesPerson(s, user, u)) || (q.group !== NONE && !seesGroup(s, user, q.group));
  if (off || unknown) return { ...none, off: off || 422 };
  const to: Aimed = { owner: o.owner, author: o.author, label: q.label, group: q.group, named: q.named };
  if (o.label === q.label && o.group === q.group && sorted(o.named) === sorted(q.named)) return { ...none, off: 0 };
  const wider = widens(s, rules, q.thing, to);
  return { off: 0, wider, second: wider && o.label >= STRICT, done: () => change(s, q.thing, 'audience.changed', user, to) };
};

/** Does an organisation that comes in gain something above AMBER? Its clients gain AMBER at most. */
function letsIn(s: State, g: number, org: number): boolean {
  return s.things.some((o) => {
    if (!o || o.kind === 'delivery' || o.group !== g || o.label !== STRICT || s.now < o.notBefore) return false;
    const gate = gateOf(s, o);
    return !labOrg(s, o, org) && (!gate || labOrg(s, gate, org));
  });
}

const member: Change<Member> = (s, rules, k, q) => {
  const { user } = k, g = s.groups[q.group], there = g.members.includes(q.org), o = ofGroup(s, q.group);
  const off = !seesGroup(s, user, q.group) ? 404 : !mayWrite(s, rules, k, 'sharing_group', o) ? 403 : g.kept ? 409 : !seesOrg(s, user, q.org) ? 422 : 0;
  const done = () => {
    if (there === q.on) return;
    if (q.on) g.members.push(q.org); else g.members.splice(g.members.indexOf(q.org), 1);
    g.version++;
    note(s, 'sharing_group.changed', `group ${q.group}`, { ...o, version: g.version }, user);
    note(s, q.on ? 'sharing_group.joined' : 'sharing_group.left', `group ${q.group}`, { ...o, group: q.org, version: 0 }, user);
  };
  return { off, wider: q.on, second: q.on && letsIn(s, q.group, q.org), done };
};

/** What a preview says beforehand: as the change, and changes nothing. */
export function preview(s: State, rules: Rules, q: Label | Member): { status: number; wider: boolean; second: boolean } {
  const k = s.credentials[q.as], off = refused(s, rules, q.as, q.op === 'label' ? 'audience.write' : 'group.write');
  if (off) return { status: off, wider: false, second: false };
  if (q.op === 'label' && !shown(s, k.user, q.thing)) return { status: 404, wider: false, second: false };
  const x = q.op === 'label' ? audience(s, rules, k, q) : member(s, rules, k, q);
  return { status: x.off || 200, wider: x.wider, second: x.second };
}

const GONE: Credential = { user: 0, writes: false, session: false, revoked: true, version: 0, extra: true };

function put(s: State, q: Extract<Step, { op: 'put' }>): number | null {
  if (q.parent !== NONE && !s.things[q.parent]) return s.things.push(null), null;
  if (q.kind === 'delivery' && q.parent === NONE) return s.things.push(null), null;
  const now = s.now, org = q.parent !== NONE ? s.things[q.parent]!.org : q.org;
  s.things.push({ ...aim(q), kind: q.kind, notBefore: q.after ? now + q.after * MIN : 0, parent: q.parent, version: 1, state: q.state, org,
    due: now + 24 * 60 * MIN, acknowledgedBy: NONE, made: now });
  note(s, MADE[q.kind], nameOf(s, s.things.length - 1), s.things.at(-1)!, q.author);
  return 201;
}

function organisation(s: State, org: number, what: Partial<Org>): number {
  Object.assign(s.orgs[org], what);
  s.orgs[org].version++;
  note(s, 'organisation.changed', `org ${org}`, s.orgs[org], 0);
  return 200;
}

function person(s: State, rules: Rules, q: Extract<Step, { op: 'person' }>, by: number): number {
  const u = s.users[q.user], off = refused(s, rules, q.as, 'person.write') || heldOffPerson(s, rules, q.as, q.user);
  if (off) return off;
  if (beyond(s, by, u.roles) || beyond(s, by, q.roles)) return 403;
  if (u.org !== s.users[by].org && !national(s, by) && [...u.roles, ...q.roles].some((r) => NATIONAL.includes(r))) return 403;
  Object.assign(u, { roles: q.roles, active: q.on });
  if (!q.on) for (const k of s.credentials) if (k.session && k.user === q.user) k.revoked = true;
  u.version++;
  note(s, 'person.changed', `user ${q.user}`, u, by);
  return 200;
}

function answer(s: State, rules: Rules, q: Extract<Step, { op: 'answer' }>, by: number): number {
  const off = refused(s, rules, q.as, 'finding.answer');
  if (off || q.extra) return off || 422;
  const held = s.things[q.thing]!.kind === 'finding' ? heldOff(s, rules, s.credentials[q.as], q.thing) : 404;
  if (held) return held;
  if (s.things[q.thing]!.state !== q.answer) change(s, q.thing, 'finding.answered', by, { state: q.answer });
  return 200;
}

/** The portal's delivery of a notice that the asker sees. */
export function portal(s: State, u: number, notice: number): number {
  return s.things.findIndex((o, i) => o?.kind === 'delivery' && o.parent === notice && sees(s, u, i));
}

/** Would a held notice, once it has left to its recipient alone, be out of u's sight? */
function hides(s: State, u: number, notice: number): boolean {
  const n = s.things[notice]!, left = { ...n, label: STRICT, group: n.org, named: [] };
  return !lab(s, left, u) && !glass(s, notice, u);
}

function acknowledge(s: State, rules: Rules, q: Extract<Step, { op: 'acknowledge' }>, by: number): number {
  const off = refused(s, rules, q.as, 'notice.acknowledge'), n = s.things[q.thing]!;
  if (off) return off;
  if (n.kind !== 'notice' || !sees(s, by, q.thing)) return 404;
  const d = portal(s, by, q.thing);
  if (d < 0) return 404;
  const held = heldOff(s, rules, s.credentials[q.as], d);
  if (held) return held;
  if (s.things[d]!.state === 'undone') return 404;
  if (n.state === 'held' && hides(s, by, q.thing)) return 404; // and nothing has happened
  if (n.state === 'held') change(s, q.thing, 'notice.sent', by, { state: 'sent', label: STRICT, group: n.org, named: [] });
  if (n.state === 'undone') return 404;
  if (s.things[d]!.state !== 'acknowledged') change(s, d, 'delivery.acknowledged', by, { state: 'acknowledged' });
  if (n.state !== 'acknowledged') change(s, q.thing, 'notice.acknowledged', by, { state: 'acknowledged', acknowledgedBy: by });
  return sees(s, by, q.thing) ? 200 : 404;
}

function undo(s: State, rules: Rules, q: Extract<Step, { op: 'undo' }>, by: number): number {
  const off = refused(s, rules, q.as, 'notice.undo'), n = s.things[q.thing]!;
  if (off) return off;
  const held = n.kind === 'notice' ? heldOff(s, rules, s.credentials[q.as], q.thing) : 404;
  if (held || n.state === 'undone') return held || 200;
  if (n.state !== 'held') return 409;
  change(s, q.thing, 'notice.undone', by, { state: 'undone' });
  s.things.forEach((o, i) => {
    if (o?.kind === 'delivery' && o.parent === q.thing && o.state === 'held') change(s, i, 'delivery.changed', by, { state: 'undone' });
    if (o?.kind === 'finding' && o.parent === q.thing) Object.assign(o, { parent: NONE, version: o.version + 1 });
  });
  return 200;
}

function indicator(s: State, rules: Rules, q: Extract<Step, { op: 'indicator' }>, by: number): number {
  const off = refused(s, rules, q.as, 'indicator.write');
  if (off || q.label === RED) return s.things.push(null), off || 422;
  const grouped = q.label === AMBER || q.label === STRICT;
  s.things.push({ kind: 'indicator', owner: NATION, label: q.label, group: grouped ? NATION : NONE, named: [], author: by, notBefore: 0, parent: NONE,
    version: 1, state: 'active', org: NATION, due: 0, acknowledgedBy: NONE, made: s.now });
  note(s, 'indicator.created', nameOf(s, s.things.length - 1), s.things.at(-1)!, by);
  return 201;
}

/** What somebody else gets who sends the same write with the same idempotency key. */
export function twinStatus(s: State, rules: Rules, q: Extract<Step, { op: 'indicator' }>): number {
  return refused(s, rules, q.twin, 'indicator.write') || (q.label === RED ? 422 : 409);
}

const own = (s: State, u: number): Aimed => ({ owner: s.users[u].org, label: STRICT, group: NONE, named: [], author: u });

function key(s: State, rules: Rules, q: Extract<Step, { op: 'key' }>, by: number): number {
  const off = refused(s, rules, q.as, 'key.write');
  if (off) return s.credentials.push(GONE), off;
  s.credentials.push({ user: by, writes: q.writes, session: false, revoked: false, version: 1, extra: true });
  note(s, 'api_key.created', `key ${s.credentials.length - 1}`, { ...own(s, by), version: 1 }, by);
  return 201;
}

function revoke(s: State, rules: Rules, q: Extract<Step, { op: 'revoke' }>, by: number): number | null {
  const k = s.credentials[q.key];
  if (!k?.extra || k === GONE || k.version === 0) return null;
  const off = refused(s, rules, q.as, 'key.write');
  if (off) return off;
  if (s.users[k.user].org !== s.users[by].org && !keeps(s, by, s.users[k.user].org)) return 404;
  if (k.user !== by && !has(s, by, ['admin', 'org_admin'])) return 403;
  k.revoked = true;
  k.version++;
  note(s, 'api_key.revoked', `key ${q.key}`, { ...own(s, k.user), version: k.version }, by);
  return 200;
}

// ---- leaves: entered by the person or who answers for people, ended early by those or by the deputy ----

function offLeave(s: State, by: number, person: number): boolean {
  if (by === person) return false;
  const { org, roles } = s.users[person];
  return !has(s, by, ['org_admin', 'coordinator', 'admin']) || beyond(s, by, roles) || (org !== s.users[by].org && !national(s, by) && !(keeps(s, by, org) && !roles.some((r) => NATIONAL.includes(r))));
}

const touch = (l: Leave, person: number, from: number, until: number) => l.person === person && !l.ended && l.from < until && l.until > from;
const STOOD_IN = 6; // for how many one may be named

function leave(s: State, rules: Rules, q: Away): number {
  const by = s.credentials[q.as].user, off = refused(s, rules, q.as, 'leave.write');
  if (off) return off;
  if (q.user !== by && !seesPerson(s, by, q.user)) return 404;
  if (offLeave(s, by, q.user)) return 403;
  const from = s.now + q.after * MIN, until = from + q.minutes * MIN, d = q.deputy;
  if (s.leaves.some((l) => touch(l, q.user, from, until))) return 409;
  if (d !== NONE) {
    if (!seesPerson(s, by, d)) return 404;
    if (d === q.user || s.users[d].org !== s.users[q.user].org || !active(s, d)) return 422;
    if (s.leaves.some((l) => touch(l, d, from, until)) || s.leaves.filter((l) => l.deputy === d && !l.ended && l.until > s.now).length >= STOOD_IN) return 409;
  }
  s.leaves.push({ person: q.user, deputy: d, from, until, ended: false });
  s.entries.push(ofLeave(s, s.leaves.length - 1, 'leave.entered', by));
  return 201;
}

export const seesLeave = (s: State, u: number, l: Leave) => seesPerson(s, u, l.person);
export const leaveState = (s: State, l: Leave) => (l.ended || l.until <= s.now ? 'over' : l.from <= s.now ? 'on' : 'planned');
export const mayEnd = (s: State, u: number, l: Leave) => leaveState(s, l) !== 'over' && (l.deputy === u || !offLeave(s, u, l.person));

function back(s: State, rules: Rules, c: number, l: Leave): number {
  const u = s.credentials[c].user, off = refused(s, rules, c, 'leave.write');
  if (off || !seesLeave(s, u, l)) return off || 404;
  if (l.deputy !== u && offLeave(s, u, l.person)) return 403;
  if (leaveState(s, l) === 'over') return 409;
  l.ended = true;
  l.until = s.now;
  return 200;
}

const ofLeave = (s: State, i: number, type: string, author: number): Entry => ({ type, of: `leave ${i}`, version: 1, owner: NATION, label: STRICT,
  group: s.users[s.leaves[i].person].org, named: [], author });

// ---- breaking glass: asked for, let happen by two others, one of them national; closed by time or by hand ----

/** What the machine writes down in its own time, beside a change of roles, or when a list is taken out as a file: whether it comes is not followed here (glass.walk.mjs,
 * leave.walk.mjs and auditor.walk.mjs look at that), to whom it may come is: untimed(). */
export const UNTIMED = new Set(['glass.ended', 'person.roles_limited', 'leave.began', 'leave.ended', 'delegation.ended', 'delegation.lost', 'export.made']);

const ofGrant = (s: State, grant: number, type: string, author: number): Entry => ({ type, of: `grant ${grant}`, version: 1, owner: NATION,
  label: STRICT, group: s.things[s.grants[grant].thing]!.owner, named: [], author });

/** Entries of that kind that u may see, should they be there. */
export function untimed(s: State, u: number): Entry[] {
  const all = [...s.leaves.flatMap((_, i) => [ofLeave(s, i, 'leave.began', NONE), ofLeave(s, i, 'leave.ended', NONE)]), ...s.grants.map((_, i) => ofGrant(s, i, 'glass.ended', NONE)),
    ...s.orgs.flatMap((_, i) => ['delegation.ended', 'delegation.lost'].map((type): Entry => ({ type, of: `org ${i}`, version: 0, owner: NATION, label: STRICT, group: i, named: [], author: NONE }))),
    ...s.users.map((x, i): Entry => ({ type: 'export.made', of: `user ${i}`, version: 0, owner: x.org, label: STRICT, group: NATION, named: [], author: i })),
    ...s.users.map((x, i): Entry => ({ type: 'person.roles_limited', of: `user ${i}`, version: 0, ...aim(x), author: NONE }))];
  return all.filter((e) => seesEntry(s, u, e));
}

/** Asking looks at nothing: the answer is the same for what is not there. What kind it is, the body says. */
function ask(s: State, rules: Rules, c: number, q: Glass): number {
  const { user } = s.credentials[c], off = refused(s, rules, c, 'glass.ask');
  if (off || s.things[q.thing]!.kind === 'delivery') return off || 422;
  keep(s, q, user, 'glass.ask', 2);
  return 202;
}

/** May u, by roles alone, let happen what is asked for? */
const second = (s: State, rules: Rules, u: number, a: Act) => u !== a.user && has(s, u, rules.permissions[a.permission].roles)
  && (s.users[u].org === s.users[a.user].org || national(s, u));

/** A yes counts as long as who gave it could give it now. */
const counts = (s: State, rules: Rules, u: number, a: Act) => active(s, u) && has(s, u, rules.permissions['act.decide'].roles) && second(s, rules, u, a);

function approve(s: State, rules: Rules, c: number, at: number): number {
  const a = s.acts[at], k = s.credentials[c], off = refused(s, rules, c, 'act.decide');
  if (off) return off;
  const mine = k.user === a.user, may = second(s, rules, k.user, a) && k.writes;
  if (a.done || s.now >= a.expires || (!mine && !may)) return 404;
  if (mine) return 403;
  if (!active(s, a.user) || a.yes.includes(k.user)) return 409;
  const given = [...a.yes, k.user].filter((u) => counts(s, rules, u, a)), enough = given.length >= a.needed;
  if (enough && a.needed > 1 && !given.some((u) => national(s, u))) return 403;
  const happens = enough ? happen(s, rules, a, given) : null;
  if (typeof happens === 'number') return happens; // and the yes is not kept
  a.yes.push(k.user);
  acts(s, 'act.approved', a.user, k.user);
  happens?.();
  return 200;
}

/** What the act does now, by the asker's rights as they are; or the status that refuses. */
function happen(s: State, rules: Rules, a: Act, given: number[]): number | (() => void) {
  const q = a.what, k = { user: a.user, writes: true, session: true };
  if (!has(s, a.user, rules.permissions[a.permission].roles)) return 403;
  if (q.op === 'glass') return () => open(s, a, q, given);
  const x = q.op === 'label' ? audience(s, rules, k, q) : member(s, rules, k, q);
  return x.off || (() => {
    a.done = true;
    x.done();
  });
}

const told = (s: State, grant: number, type: string, author: number) => UNTIMED.has(type) || s.entries.push(ofGrant(s, grant, type, author));

function open(s: State, a: Act, q: Glass, given: number[]) {
  const o = s.things[q.thing]!;
  a.done = true;
  s.grants.forEach((g, i) => { // what its time has closed is written down with the next one
    if (g.door || g.ended || g.until > s.now) return;
    g.ended = true;
    told(s, i, 'glass.ended', a.user);
  });
  s.grants.push({ thing: q.thing, user: a.user, until: s.now + q.minutes * MIN, first: given[0], second: given[1],
    org: o.kind === 'finding' ? o.owner : o.kind === 'notice' ? o.org : NONE, door: false, ended: false });
  told(s, s.grants.length - 1, 'glass.opened', a.user);
}

const party = (g: Grant, u: number) => [g.user, g.first, g.second].includes(u);

/** Who hears of a grant: the owner, whoever made it, and those who answer for all of them. */
export function seesGrant(s: State, u: number, g: Grant): boolean {
  return !g.door && ((national(s, u) && has(s, u, ['coordinator', 'auditor'])) || s.things[g.thing]!.owner === s.users[u].org || party(g, u));
}

export const grantOpen = (s: State, g: Grant) => !g.ended && g.until > s.now;
export const mayClose = (s: State, u: number, g: Grant) => party(g, u) || (s.things[g.thing]!.owner === s.users[u].org && has(s, u, ['org_admin', 'coordinator']));

function close(s: State, rules: Rules, c: number, grant: number): number | null {
  const g = s.grants[grant];
  if (!g || g.door) return null;
  const u = s.credentials[c].user, off = refused(s, rules, c, 'glass.end');
  if (off || !seesGrant(s, u, g)) return off || 404;
  if (!mayClose(s, u, g)) return 403;
  if (!grantOpen(s, g)) return 409;
  g.until = s.now;
  g.ended = true;
  told(s, grant, 'glass.ended', u);
  return 200;
}

/** Who sees an entry of the ledger: by its audience; of a part, only when the whole is seen too. */
export function seesEntry(s: State, u: number, e: Entry): boolean {
  if (!active(s, u) || !lab(s, e, u)) return false;
  const i = e.of.startsWith('delivery ') ? Number(e.of.slice(9)) : NONE;
  return i === NONE || sees(s, u, i);
}

export const seesEvent = (s: State, u: number, i: number) => active(s, u) && lab(s, s.events[i], u);
