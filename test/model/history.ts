// history.ts - random histories, directed: what is drawn is drawn where it matters (edits mostly by who owns,
// grants that run out and are used after, clocks that step over a border). The generator runs the model along
// with what it draws, so that a step can look at the state it will meet. Pure; the seed decides all.
import { AMBER, CLEAR, GREEN, NATION, NONE, RED, STRICT, apply, seesGroup, seesPerson } from './model.ts';
import type { Aimed, Happening, Kind, Rules, State, Step } from './model.ts';

export type Dice = { pick(n: number): number; one<T>(list: readonly T[]): T; chance(p: number): boolean };

/** mulberry32: small, and the same everywhere. */
export function dice(seed: number): Dice {
  let a = seed >>> 0;
  const next = () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { pick: (n) => Math.floor(next() * n), one: (list) => list[Math.floor(next() * list.length)], chance: (p) => next() < p };
}

// ---- the cast: the same in every history; what changes is what they are at its beginning ----

export const ORGS = 5, GROUPS = 3;
/** Organisation and roles of each person; the first is whoever made the realm. */
export const CAST: [number, string[]][] = [
  [0, ['reader', 'analyst', 'org_admin', 'coordinator', 'auditor', 'admin']], [0, ['analyst']], [0, ['admin']], [0, ['auditor']],
  [1, ['analyst', 'org_admin']], [1, ['reader']], [2, ['analyst']], [3, ['analyst', 'org_admin']], [3, ['reader']], [4, ['analyst', 'org_admin']], [0, ['coordinator']],
];
/** Who is signed in; the others have keys, which stand in for nobody. */
export const SIGNED_IN = [2, 5, 8];
/** Whose credential each is, and whether it writes. */
export const BASE: [number, boolean][] = [...CAST.map((_, u): [number, boolean] => [u, true]), [4, false]];

const whole = (owner: number, label: number, group: number): Aimed => ({ owner, label, group, named: [], author: 0 });

/** The beginning: all organisations but the last are in everybody's sight; the second is the first's client. */
export function beginning(now: number): State {
  return {
    now,
    orgs: Array.from({ length: ORGS }, (_, i) => ({ ...whole(NATION, i === ORGS - 1 ? STRICT : CLEAR, i === ORGS - 1 ? i : NONE), community: i !== 4, provider: i === 2 ? 1 : NONE, version: 1, keeper: NONE, keptUntil: 0 })),
    users: CAST.map(([org, roles]) => ({ ...whole(NATION, STRICT, org), org, roles: [...roles], active: true, version: 1 })),
    credentials: BASE.map(([user, writes], c) => { const session = SIGNED_IN.includes(c); return { user, writes, session, revoked: false, version: session ? 0 : 1, extra: false }; }),
    groups: [...Array.from({ length: ORGS }, (_, i) => ({ members: [i], kept: true, version: 1 })), ...Array.from({ length: GROUPS }, () => ({ members: [], kept: false, version: 1 }))],
    things: [], grants: [], acts: [], leaves: [], entries: [], events: [],
  };
}

// ---- drawing ----

interface Drawing { d: Dice; s: State; rules: Rules }
const places = <T>(list: readonly T[], fits: (x: T, i: number) => boolean) => list.flatMap((x, i) => (fits(x, i) ? [i] : []));

function audience({ d, s }: Drawing): { label: number; group: number; named: number[] } {
  const label = d.one([CLEAR, GREEN, AMBER, AMBER, STRICT, STRICT, RED, RED]);
  const grouped = (label === AMBER || label === STRICT) && d.chance(0.6);
  const named = label === RED && d.chance(0.7) ? [...new Set([d.pick(s.users.length), d.pick(s.users.length)])] : [];
  return { label, group: grouped ? (d.chance(0.7) ? ORGS + d.pick(GROUPS) : d.pick(ORGS)) : NONE, named };
}

function aimed(w: Drawing): Aimed {
  const owner = w.d.pick(ORGS), mates = places(w.s.users, (u) => u.org === owner);
  return { owner, ...audience(w), author: w.d.chance(0.8) ? w.d.one(mates) : w.d.pick(w.s.users.length) };
}

const of = (s: State, kind: Kind) => places(s.things, (o) => o?.kind === kind);
const OWNED: Kind[] = ['finding', 'finding', 'indicator', 'notice'];

function put(w: Drawing): Step {
  const { d, s } = w, notices = of(s, 'notice');
  const kind: Kind = notices.length && d.chance(0.25) ? 'delivery' : d.one(OWNED);
  const parent = kind === 'delivery' ? d.one(notices) : kind === 'finding' && notices.length && d.chance(0.5) ? d.one(notices) : NONE;
  const at = aimed(w), org = d.pick(ORGS);
  if (kind === 'notice' && d.chance(0.6)) at.owner = NATION;
  if (kind === 'delivery' && d.chance(0.7)) Object.assign(at, { owner: s.things[parent]!.org, label: STRICT, group: NATION, named: [] });
  const held = kind === 'notice' ? d.chance(0.3) : kind === 'delivery' && s.things[parent]!.state === 'held';
  const state = kind === 'notice' || kind === 'delivery' ? (held ? 'held' : 'sent') : kind === 'finding' ? 'open' : 'active';
  return { op: 'put', kind, ...at, after: d.chance(0.1) ? 30 + d.pick(120) : 0, parent, org, state };
}

/** Half of the edits are by somebody of the owner's, the others by anybody. */
function actor({ d, s }: Drawing, owner: number): number {
  const mine = places(s.credentials, (k) => !k.revoked && s.users[k.user].org === owner);
  return mine.length && d.chance(0.5) ? d.one(mine) : d.pick(s.credentials.length);
}

const someThing = ({ d, s }: Drawing, fits: (i: number) => boolean = () => true) => {
  const all = places(s.things, (o, i) => o !== null && fits(i));
  return all.length ? d.one(all) : NONE;
};
const kindIs = (s: State, kind: Kind) => (i: number) => s.things[i]!.kind === kind;

/** Mostly by who may, to whom that one knows: others are refused, which is looked at as well. */
function label(w: Drawing): Step | null {
  const { d, s } = w, thing = someThing(w);
  if (thing === NONE) return null;
  const as = actor(w, s.things[thing]!.owner), to = audience(w), u = s.credentials[as].user;
  if (d.chance(0.8)) {
    to.named = to.named.filter((x) => seesPerson(s, u, x));
    if (to.group !== NONE && !seesGroup(s, u, to.group)) to.group = NONE;
  }
  return { op: 'label', as, thing, ...to, yes: others(w, u, 'audience.write') };
}

function member(w: Drawing, on = w.d.chance(0.55)): Step {
  const { d, s } = w, keepers = places(s.credentials, (k) => !k.revoked && k.writes && s.users[k.user].active && national_(s, k.user) && s.users[k.user].roles.includes('coordinator'));
  const as = keepers.length && d.chance(0.93) ? d.one(keepers) : d.pick(s.credentials.length);
  const group = d.chance(0.97) ? ORGS + d.pick(GROUPS) : d.pick(ORGS);
  return { op: 'member', as, group, org: d.pick(ORGS), on, yes: others(w, s.credentials[as].user, 'group.write') };
}

/** Who lets it happen, should it want another: mostly one who may; sometimes nobody yet. */
function others({ d, s, rules }: Drawing, asker: number, permission: string): number[] {
  if (d.chance(0.15)) return [];
  const has = (u: number, p: string) => rules.permissions[p].roles.some((r) => s.users[u].roles.includes(r));
  const fit = places(s.credentials, (k) => !k.revoked && k.writes && k.user !== asker && s.users[k.user].active && has(k.user, permission) && has(k.user, 'act.decide') && (national_(s, k.user) || s.users[k.user].org === s.users[asker].org));
  return [fit.length && d.chance(0.85) ? d.one(fit) : d.pick(s.credentials.length)];
}

/** What the routes would not write: one approver twice, or the asker among them. The clause alone keeps it shut. */
function grant(w: Drawing): Step | null {
  const { d, s } = w, thing = someThing(w);
  if (thing === NONE) return null;
  const user = d.pick(s.users.length), other = d.pick(s.users.length), selves = [[other, other], [user, other], [other, user]];
  const [first, second] = d.one(other === user ? [[other, other]] : selves);
  return { op: 'grant', thing, user, minutes: 20 + d.pick(100), first, second };
}

/** Mostly by somebody who may ask and two who may let it happen; now and then by whoever it is, and sometimes one yes is left for later. */
function glass(w: Drawing): Step | null {
  const { d, s, rules } = w, thing = someThing(w);
  if (thing === NONE) return null;
  const roles = (p: string) => rules.permissions[p].roles, has = (u: number, p: string) => roles(p).some((r) => s.users[u].roles.includes(r));
  const live = (fits: (u: number) => boolean) => places(s.credentials, (k) => !k.revoked && k.writes && s.users[k.user].active && fits(k.user));
  const askers = live((u) => has(u, 'glass.ask')), as = askers.length && d.chance(0.9) ? d.one(askers) : d.pick(s.credentials.length), { user } = s.credentials[as];
  const yes: number[] = [];
  for (let n = d.chance(0.1) ? 1 : 2; n > 0; n--) {
    const fit = live((u) => u !== user && has(u, 'glass.ask') && has(u, 'act.decide') && (national_(s, u) || s.users[u].org === s.users[user].org) && !yes.some((c) => s.credentials[c].user === u));
    yes.push(fit.length && d.chance(0.9) ? d.one(fit) : d.pick(s.credentials.length));
  }
  return { op: 'glass', as, thing, minutes: 20 + d.pick(100), yes };
}

function yes(w: Drawing): Step | null {
  const waiting = places(w.s.acts, (a) => !a.done);
  return waiting.length ? { op: 'yes', as: anyCredential(w), act: w.d.one(waiting) } : null;
}

function close(w: Drawing): Step | null {
  const { d, s } = w, made = places(s.grants, (g) => !g.door);
  if (!made.length) return null;
  const g = d.one(made), near = places(s.credentials, (k) => !k.revoked && [s.grants[g].user, s.grants[g].first, s.grants[g].second].includes(k.user));
  return { op: 'close', as: near.length && d.chance(0.3) ? d.one(near) : d.chance(0.5) ? actor(w, s.things[s.grants[g].thing]!.owner) : anyCredential(w), grant: g };
}

function person(w: Drawing): Step {
  const { d, s } = w, user = 1 + d.pick(s.users.length - 1), u = s.users[user];
  const roles = d.chance(0.4) ? [...new Set([d.one(['reader', 'analyst', 'org_admin', 'coordinator', 'auditor', 'admin']), d.one(u.roles.length ? u.roles : ['reader'])])] : u.roles;
  const by = d.chance(0.5) ? 0 : d.one(places(s.credentials, (k) => !k.revoked && national_(s, k.user)));
  const kept = places(s.credentials, (k) => !k.revoked && s.users[k.user].org === s.orgs[u.org].keeper);
  const as = kept.length && d.chance(0.4) ? d.one(kept) : d.chance(0.85) ? by : d.pick(s.credentials.length);
  return { op: 'person', as, user, roles, on: u.active ? d.chance(0.5) : d.chance(0.85) };
}
const national_ = (s: State, u: number) => s.users[u].org === NATION;

/** Mostly one's own, with a colleague who stands in; a colleague with fewer rights, so that it shows. */
function leave(w: Drawing): Step {
  const { d, s } = w, as = anyCredential(w), u = s.credentials[as].user, user = d.chance(0.7) ? u : d.pick(s.users.length);
  const mates = places(s.users, (x, i) => x.org === s.users[user].org && i !== user);
  const deputy = mates.length && d.chance(0.9) ? d.one(mates) : d.chance(0.5) ? NONE : d.pick(s.users.length);
  return { op: 'leave', as, user, deputy, after: d.chance(0.7) ? 0 : 10 + d.pick(60), minutes: 20 + d.pick(400) };
}

function back(w: Drawing): Step | null {
  const { d, s } = w;
  if (!s.leaves.length) return null;
  const leave = d.pick(s.leaves.length), l = s.leaves[leave], near = places(s.credentials, (k) => !k.revoked && (k.user === l.person || k.user === l.deputy));
  return { op: 'back', as: near.length && d.chance(0.6) ? d.one(near) : anyCredential(w), leave };
}

function onThing(w: Drawing, kind: Kind, make: (thing: number, as: number) => Step): Step | null {
  const thing = someThing(w, kindIs(w.s, kind));
  if (thing === NONE) return null;
  const o = w.s.things[thing]!;
  return make(thing, actor(w, kind === 'notice' && w.d.chance(0.7) ? o.org : o.owner));
}

function anyCredential({ d, s }: Drawing): number {
  const live = places(s.credentials, (k) => !k.revoked && s.users[k.user].active);
  return d.chance(0.93) ? d.one(live) : d.pick(s.credentials.length);
}

const LOOKS = ['findings', 'findings', 'findings of', 'notices', 'notices of', 'indicators', 'pages', 'pages', 'status', 'queue', 'agency', 'organisation', 'networks',
  'people', 'organisations', 'ledger', 'ledger', 'lookup id', 'lookup value', 'lookup many', 'search', 'search', 'notice', 'cursor', 'keys', 'feeds', 'session', 'grants', 'reach', 'reach', 'versions', 'versions', 'groups', 'group', 'leaves', 'file', 'file', 'file', 'bulk', 'bulk'];
export const LOOKS_AT_EVENTS = ['events', 'summary', 'event', 'event'];

function look(w: Drawing): Step {
  const { d, s } = w, at = s.events.length && d.chance(0.2) ? d.one(LOOKS_AT_EVENTS) : d.one(LOOKS);
  const want = at === 'notice' ? someThing(w, kindIs(s, 'notice')) : at === 'event' ? d.pick(s.events.length) : someThing(w);
  const as = at === 'reach' && want !== NONE && d.chance(0.7) ? actor(w, s.things[want]!.owner) : anyCredential(w);
  return { op: 'look', as, at, thing: want, org: d.pick(ORGS) };
}

function happenings(w: Drawing): Step {
  const one = (): Happening => ({ ...aimed(w), cc: w.d.one(['PK', 'DE', 'US']) });
  const list = Array.from({ length: 6 }, one);
  for (const e of list) {
    if (e.label === RED) e.named = [];
    if (w.d.chance(0.1)) e.owner = NONE;
  }
  return { op: 'events', of: list };
}

function indicator(w: Drawing): Step {
  const nation = places(w.s.credentials, (k) => !k.revoked && national_(w.s, k.user));
  const as = w.d.chance(0.8) ? w.d.one(nation) : w.d.pick(w.s.credentials.length);
  return { op: 'indicator', as, label: w.d.pick(5), twin: w.d.chance(0.6) ? w.d.one(nation) : NONE };
}

function keys(w: Drawing): Step {
  const made = places(w.s.credentials, (k) => k.extra && k.version > 0);
  if (!made.length || w.d.chance(0.5)) return { op: 'key', as: anyCredential(w), writes: w.d.chance(0.5) };
  const k = w.d.one(made);
  return { op: 'revoke', as: actor(w, w.s.users[w.s.credentials[k].user].org), key: k };
}

/** Mostly by one that has an administrator; and people of it are then changed from there (person). */
function delegate(w: Drawing): Step {
  const org = 1 + w.d.pick(ORGS - 1), others = [1, 3, 4].filter((o) => o !== org);
  return { op: 'delegate', org, keeper: w.d.chance(0.85) ? w.d.one(others) : 2, minutes: w.d.chance(0.2) ? 0 : 30 + w.d.pick(600) };
}

function assign(w: Drawing): Step | null {
  if (!w.s.events.length) return null;
  const a = audience(w);
  return { op: 'assign', event: w.d.pick(w.s.events.length), owner: w.d.pick(ORGS), label: a.label === RED ? AMBER : a.label, group: a.group };
}

const TABLE: [number, (w: Drawing) => Step | null][] = [
  [20, put], [10, label], [8, member],
  [2, (w) => ({ op: 'client', org: 1 + w.d.pick(ORGS - 1), provider: w.d.chance(0.4) ? NONE : w.d.pick(ORGS) })],
  [4, delegate],
  [2, (w) => ({ op: 'community', org: 1 + w.d.pick(ORGS - 1), on: w.d.chance(0.5) })],
  [6, person], [5, leave], [1, back], [3, grant], [6, glass], [1, yes], [2, close], [5, (w) => ({ op: 'clock', minutes: w.d.chance(0.8) ? 5 + w.d.pick(60) : 60 * (1 + w.d.pick(24)) })],
  [8, (w) => onThing(w, 'finding', (thing, as) => ({ op: 'answer', as, thing, answer: w.d.one(['fixed', 'not_mine']), extra: w.d.chance(0.15) }))],
  [8, (w) => onThing(w, 'notice', (thing, as) => ({ op: 'acknowledge', as, thing }))],
  [3, (w) => onThing(w, 'notice', (thing, as) => ({ op: 'undo', as, thing }))],
  [4, indicator], [4, keys], [2, assign], [3, (w) => ({ op: 'stream', as: anyCredential(w) })], [24, look],
];
/** Every look and every kind of step that a history may have. */
export const ALL_LOOKS = [...new Set([...LOOKS, ...LOOKS_AT_EVENTS])];
export const ALL_STEPS: Step['op'][] = ['put', 'label', 'member', 'client', 'delegate', 'community', 'person', 'grant', 'glass', 'yes', 'close', 'leave', 'back', 'clock', 'answer', 'acknowledge', 'undo', 'indicator', 'key', 'revoke', 'events', 'assign', 'stream', 'look'];

const SUM = TABLE.reduce((n, [weight]) => n + weight, 0);

function draw(w: Drawing): Step {
  for (;;) {
    let at = w.d.pick(SUM), i = 0;
    while (at >= TABLE[i][0]) at -= TABLE[i++][0];
    const step = TABLE[i][1](w);
    if (step) return step;
  }
}

export function history(seed: number, rules: Rules, steps: number): Step[] {
  const w: Drawing = { d: dice(seed), s: beginning(0), rules }, out: Step[] = [];
  const first: Step[] = [{ op: 'stream', as: w.d.pick(CAST.length) }, { op: 'stream', as: w.d.pick(CAST.length) }, put(w)];
  if (w.d.chance(0.34)) first.push(happenings(w));
  for (let g = 0; g < GROUPS; g++) first.push({ op: 'member', as: 0, group: ORGS + g, org: w.d.pick(ORGS), on: true, yes: [BASE.findIndex(([u]) => u === 10)] });
  while (out.length < steps) {
    const step = first.shift() ?? draw(w);
    apply(w.s, rules, step);
    out.push(step);
  }
  return out;
}
