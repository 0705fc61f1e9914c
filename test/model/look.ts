// look.ts - what a viewer can observe of what stands, route by route, and what the model says it must be.
// routes.ts names, for each route of the interface, which of these looks at it.
import { randomUUID } from 'node:crypto';
import { CAST, GROUPS, ORGS } from './history.ts';
import { NATION, NONE, STRICT, TLP, UNTIMED, grantOpen, heldOff, lab, leaveState, mayClose, mayEnd, national, portal, refused, sees, seesEntry, seesEvent, seesGrant, seesGroup, seesLeave, seesOrg, seesPerson, shown, reach, untimed } from './model.ts';
import type { Kind, Step } from './model.ts';
import type { Answer } from './http.ts';
import type { Play } from './play.ts';

type Look = Extract<Step, { op: 'look' }>;
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const short = (v: unknown) => (JSON.stringify(v) ?? 'nothing').slice(0, 600);
const undated = (head: string) => head.replace(/\r\nDate: [^\r]*/i, '').replace(/\r\nContent-Length: \d+/i, '');

export class Looks {
  absent = new Map<string, string>();
  asFile = false;
  p: Play;
  constructor(p: Play) { this.p = p; }

  get s() { return this.p.s; }
  user(c: number) { return this.s.credentials[c].user; }

  /** The answer, if the credential may ask; else its refusal has been looked at and there is nothing to see. */
  private async ask(c: number, permission: string, path: string): Promise<Answer | null> {
    const want = refused(this.s, this.p.rules, c, permission), a = this.asFile ? await this.fetchFile(c, path) : await this.p.call(c, 'GET', path);
    if (!want) return a;
    if (a.status !== want) this.p.fail(`GET ${path} by ${this.p.who(c)}: ${a.status}, and the model says ${want}`);
    return null;
  }

  /** The list as a file, in the form in which the list itself answers: its rows are to be the same. */
  private async fetchFile(c: number, path: string): Promise<Answer> {
    const bare = path.replace(/([?&])limit=\d+&?/, '$1').replace(/[?&]$/, '');
    const a = await this.p.call(c, 'GET', `${bare}${bare.includes('?') ? '&' : '?'}format=jsonl`);
    return a.status === 200 ? { ...a, body: `{"items":[${a.body.split('\n').slice(0, -1).join(',')}],"next":null}` } : a;
  }

  private file(c: number, which: number, org: number) {
    const f: Looks = Object.create(this);
    f.asFile = true;
    const looks = [() => f.list(c, 'finding', NONE), () => f.list(c, 'finding', org), () => f.list(c, 'notice', NONE), () => f.list(c, 'notice', org), () => f.list(c, 'indicator', NONE), () => f.organisations(c), () => f.people(c), () => f.leaves(c), () => f.groups(c), () => f.grants(c), () => f.keys(c), () => f.networksOf(c, org), () => f.feeds(c)];
    return looks[which % looks.length]();
  }

  private hold(c: number, path: string, what: string, got: unknown, want: unknown) {
    this.p.held++;
    if (!same(got, want)) this.p.fail(`GET ${path} by ${this.p.who(c)}, ${what}:\n    got   ${short(got)}\n    model ${short(want)}`);
  }

  private good(c: number, path: string, a: Answer) {
    if (a.status !== 200) this.p.fail(`GET ${path} by ${this.p.who(c)}: ${a.status}, and the model says 200: ${a.body.slice(0, 200)}`);
    return JSON.parse(a.body);
  }

  /** Unseen is unknown: the same status, headers and words as for an id that nobody has. */
  private async unseen(c: number, path: string, a: Answer) {
    const base = path.replace(/[0-9a-f-]{36}/, ''), key = `${c} ${base}`;
    if (a.status !== 404) this.p.fail(`GET ${path} by ${this.p.who(c)}: ${a.status}, and the model says 404: ${a.body.slice(0, 200)}`);
    if (!this.absent.has(key)) {
      const none = await this.p.call(c, 'GET', path.replace(/[0-9a-f-]{36}/, randomUUID()));
      this.absent.set(key, `${undated(none.head)}\n${none.body}`);
    }
    this.hold(c, path, 'hidden against absent', `${undated(a.head)}\n${a.body}`, this.absent.get(key));
  }

  // ---- one thing ----

  async thing(c: number, i: number): Promise<void> {
    const o = this.s.things[i];
    if (!o || !this.p.ids[i]) return;
    if (o.kind === 'indicator') return this.indicator(c, i);
    const path = `/api/${o.kind}s/${this.p.ids[i]}`, a = await this.ask(c, `${o.kind}.read`, path);
    if (!a) return;
    if (!shown(this.s, this.user(c), i)) return this.unseen(c, path, a);
    const got = this.good(c, path, a);
    if (o.kind === 'finding') this.hold(c, path, 'the finding', this.ofFinding(got), this.findingFor(c, i));
    else this.hold(c, path, 'the notice', this.ofNotice(got), this.noticeFor(c, i));
  }

  private ofFinding = (f: any) => [f.id, f.state, f.tlp, f.version, f.org.id, f.notice];
  private findingFor(c: number, i: number) {
    const o = this.s.things[i]!, { ids, lane } = this.p;
    const told = o.parent !== NONE && sees(this.s, this.user(c), o.parent);
    return [ids[i], o.state, TLP[o.label], o.version, lane.orgs[o.owner], told ? ids[o.parent] : null];
  }

  private ofNotice = (n: any) => [n.id, n.state, n.tlp, n.version, n.org.id, n.acknowledged_by, n.deliveries.map((d: any) => [d.id, d.state]), n.items.map(this.ofFinding)];
  private noticeFor(c: number, i: number) {
    const o = this.s.things[i]!, u = this.user(c), { ids, lane } = this.p;
    const by = o.acknowledgedBy !== NONE && seesPerson(this.s, u, o.acknowledgedBy) ? lane.names[o.acknowledgedBy] : null;
    const parts = this.places('delivery', (d) => this.s.things[d]!.parent === i && sees(this.s, u, d)).map((d) => [ids[d], this.s.things[d]!.state]);
    const items = this.places('finding', (f) => this.s.things[f]!.parent === i && shown(this.s, u, f)).map((f) => this.findingFor(c, f));
    return [ids[i], o.state, TLP[o.label], o.version, lane.orgs[o.org], by, parts, items];
  }

  private async indicator(c: number, i: number) {
    const path = `/api/indicators?q=${this.p.valueOf(i)}`, a = await this.ask(c, 'indicator.read', path);
    if (!a) return;
    const want = sees(this.s, this.user(c), i) ? [[this.p.ids[i], TLP[this.s.things[i]!.label], this.s.things[i]!.version]] : [];
    this.hold(c, path, 'the indicator', this.good(c, path, a).items.map((x: any) => [x.id, x.tlp, x.version]), want);
  }

  /** To the owner's people everybody who may see it; to others who see it, their own organisation. */
  private async reach(c: number, i: number) {
    const o = this.s.things[i], u = this.user(c);
    if (!o || !this.p.ids[i] || o.kind === 'delivery') return;
    const path = `/api/${o.kind}s/${this.p.ids[i]}/reach`, a = await this.ask(c, 'reach.read', path);
    if (!a) return;
    if (!shown(this.s, u, i)) return this.unseen(c, path, a);
    const got = this.good(c, path, a), { org } = this.s.users[u];
    const whole = o.owner === org && this.may(c, 'reads.read');
    const all = reach(this.s, this.p.rules, i).filter((x) => whole || x.org === org);
    const told = all.filter((x) => !whole || seesOrg(this.s, u, x.org)), rest = all.filter((x) => !told.includes(x));
    const sum = (of: typeof all) => [of.length, of.reduce((n, x) => n + x.people, 0)];
    this.hold(c, path, 'who sees it', [got.whole, got.items.map((x: any) => [x.org?.id, x.people, x.org?.id === this.p.lane.orgs[0] ? 0 : x.keys]).sort(), [got.unnamed.organisations, got.unnamed.people]],
      [whole, told.map((x) => [this.p.lane.orgs[x.org], x.people, x.org === NATION ? 0 : x.keys]).sort(), sum(rest)]);
  }

  /** What it was: each version that its own label, then, lets in, the latest first; the one that stands, however it is seen. */
  private async versions(c: number, i: number) {
    const o = this.s.things[i], u = this.user(c);
    if (!o || !this.p.ids[i] || o.kind === 'delivery') return;
    const path = `/api/${o.kind}s/${this.p.ids[i]}/versions?limit=200`, a = await this.ask(c, `${o.kind}.read`, path);
    if (!a) return;
    if (!shown(this.s, u, i)) return this.unseen(c, path, a);
    const was = this.p.was[i], known = (v: number) => v === o.version || was[v] !== undefined;
    const told = this.good(c, path, a).items.map((x: any) => [x.version, x.tlp]).filter(([v]: [number]) => known(v));
    const want = Array.from({ length: o.version }, (_, n) => o.version - n).filter((v) => v === o.version || (was[v] && lab(this.s, was[v], u) && this.s.now >= was[v].notBefore));
    this.hold(c, path, 'the versions', told, want.map((v) => [v, TLP[(v === o.version ? o : was[v]).label]]));
  }

  async session(c: number) {
    const a = await this.ask(c, 'session.read', '/api/session');
    if (a) this.hold(c, '/api/session', 'the roles', this.good(c, '/api/session', a).roles.sort(), [...this.s.users[this.user(c)].roles].sort());
  }

  async sessions(u: number) {
    for (let c = 0; c < this.s.credentials.length; c++) if (this.user(c) === u && this.p.sessions[c].id !== undefined) await this.session(c);
  }

  // ---- lists ----

  /** Places of one kind in the order in which they were made. */
  places(kind: Kind, fits: (i: number) => boolean): number[] {
    return this.s.things.flatMap((o, i) => (o?.kind === kind && this.p.ids[i] && fits(i) ? [i] : []));
  }

  /** What a list goes through, newest first: rows seen, of which those are shown whose organisation is too. */
  private listed(c: number, kind: Kind, org: number): number[] {
    const u = this.user(c), all = kind === 'indicator' || (org === NONE && national(this.s, u));
    const of = org === NONE ? this.s.users[u].org : org;
    const its = (i: number) => all || (kind === 'finding' ? this.s.things[i]!.owner : this.s.things[i]!.org) === of;
    return this.places(kind, (i) => its(i) && sees(this.s, u, i)).reverse();
  }

  private async list(c: number, kind: Kind, org: number) {
    const query = org === NONE ? '' : `&org=${this.p.lane.orgs[org]}`, path = `/api/${kind}s?limit=200${query}`;
    const a = await this.ask(c, `${kind}.read`, path);
    if (!a) return;
    if (org !== NONE && !seesOrg(this.s, this.user(c), org)) return this.unseen(c, path, a);
    const want = this.listed(c, kind, org).filter((i) => shown(this.s, this.user(c), i)).map((i) => this.p.ids[i]);
    this.hold(c, path, 'the list', this.good(c, path, a).items.map((x: any) => x.id), want);
  }

  /** Page by page: each as long as it is said to be, nothing twice, nothing left out. */
  private async pages(c: number, kind: Kind) {
    const rows = this.listed(c, kind, NONE);
    for (let at = 0, next = ''; ; at += 2) {
      const path = `/api/${kind}s?limit=2${next ? `&cursor=${encodeURIComponent(next)}` : ''}`, a = await this.ask(c, `${kind}.read`, path);
      if (!a) return;
      const got = this.good(c, path, a), part = rows.slice(at, at + 2);
      this.hold(c, path, `page from ${at}`, [got.items.map((x: any) => x.id), got.next !== null], [part.filter((i) => shown(this.s, this.user(c), i)).map((i) => this.p.ids[i]), part.length === 2]);
      if (part.length < 2) return;
      next = got.next;
    }
  }

  // ---- counts ----

  private count(u: number, kind: Kind, fits: (i: number) => boolean) {
    return this.places(kind, (i) => fits(i) && sees(this.s, u, i)).length;
  }
  private waits = (i: number) => this.s.things[i]!.state === 'sent';
  private late = (i: number) => this.waits(i) && this.s.things[i]!.due < this.s.now;
  private open = (i: number) => this.s.things[i]!.state === 'open';
  private untold = (i: number) => this.open(i) && this.s.things[i]!.parent === NONE;

  private async status(c: number) {
    const a = await this.ask(c, 'session.read', '/api/status');
    if (!a) return;
    const got = this.good(c, '/api/status', a), u = this.user(c);
    this.hold(c, '/api/status', 'the counts', [got.findings_open, got.notices_waiting, got.notices_late, got.ledger_size !== null],
      [this.count(u, 'finding', this.open), this.count(u, 'notice', this.waits), this.count(u, 'notice', this.late), national(this.s, u)]);
  }

  private async queue(c: number) {
    const path = '/api/queue?limit=200', a = await this.ask(c, 'notice.read', path);
    if (!a) return;
    const got = this.good(c, path, a), u = this.user(c);
    const notices = (state: string) => this.places('notice', (i) => this.s.things[i]!.state === state && shown(this.s, u, i));
    const items = [...notices('held'), ...notices('sent'), ...this.places('finding', (i) => this.untold(i) && shown(this.s, u, i)).reverse()];
    this.hold(c, path, 'the queue', [got.items.map((x: any) => x.id), got.waiting, got.late],
      [items.map((i) => this.p.ids[i]), this.count(u, 'notice', this.waits) + this.count(u, 'finding', this.untold), this.count(u, 'notice', this.late)]);
  }

  private networks(u: number, org: number): string[] {
    const seen = org > 0 && lab(this.s, { owner: NATION, label: STRICT, group: org, named: [], author: 0 }, u);
    return seen ? [this.p.lane.networks[org]] : [];
  }

  private async agency(c: number) {
    const a = await this.ask(c, 'notice.read', '/api/agency');
    if (!a) return;
    const got = this.good(c, '/api/agency', a), u = this.user(c), { org } = this.s.users[u];
    const mine = this.count(u, 'finding', (i) => this.open(i) && this.s.things[i]!.owner === org);
    const people = this.s.users.flatMap((x, i) => (x.org === org && x.active && seesPerson(this.s, u, i) ? [this.p.lane.users[i]] : []));
    this.hold(c, '/api/agency', 'the agency', [got.open_findings, got.by_identifier.reduce((n: number, k: any) => n + k.count, 0), got.people.map((x: any) => x.id), got.networks.map((x: any) => x.id)],
      [mine, mine, people, this.networks(u, org)]);
  }

  async organisation(c: number, org: number) {
    const path = `/api/organisations/${this.p.lane.orgs[org]}?figures=true`, a = await this.ask(c, 'org.read', path), u = this.user(c);
    if (!a) return;
    if (!seesOrg(this.s, u, org)) return this.unseen(c, path, a);
    const got = this.good(c, path, a);
    this.hold(c, path, 'the figures', [got.networks, got.open_findings, got.waiting_notices, got.community],
      [this.networks(u, org).length, this.count(u, 'finding', (i) => this.open(i) && this.s.things[i]!.owner === org), this.count(u, 'notice', (i) => this.waits(i) && this.s.things[i]!.org === org), this.s.orgs[org].community]);
  }

  private async networksOf(c: number, org: number) {
    const path = `/api/organisations/${this.p.lane.orgs[org]}/networks`, a = await this.ask(c, 'org.read', path);
    if (!a) return;
    if (!seesOrg(this.s, this.user(c), org)) return this.unseen(c, path, a);
    this.hold(c, path, 'the networks', this.good(c, path, a).items.map((x: any) => x.id), this.networks(this.user(c), org));
  }

  private async organisations(c: number) {
    const path = '/api/organisations?limit=200', a = await this.ask(c, 'org.read', path);
    if (!a) return;
    const want = this.p.lane.orgs.filter((_, i) => seesOrg(this.s, this.user(c), i));
    this.hold(c, path, 'the organisations', this.good(c, path, a).items.map((x: any) => x.id).sort(), want.sort());
  }

  /** What an administrator of another organisation is shown of this one, and its colleagues are not. */
  async kept(c: number, org: number) {
    if (this.p.sessions[c].secret === 'none.none') return;
    await this.people(c);
    await this.organisation(c, org);
    await this.networksOf(c, org);
  }

  private async people(c: number) {
    const path = '/api/people?limit=200', a = await this.ask(c, 'person.read', path);
    if (!a) return;
    const want = this.p.lane.users.filter((_, i) => seesPerson(this.s, this.user(c), i));
    this.hold(c, path, 'the people', this.good(c, path, a).items.map((x: any) => x.id), want);
  }

  private async keys(c: number) {
    const a = await this.ask(c, 'key.read', '/api/keys'), u = this.user(c);
    if (!a) return;
    const want = this.p.sessions.flatMap((k, i) => (this.s.credentials[i].user === u && this.s.credentials[i].version > 0 && k.id ? [k.id] : []));
    const got = this.good(c, '/api/keys', a).items.map((x: any) => x.id) as string[];
    this.hold(c, '/api/keys', 'the keys', got.filter((id) => u > 0 || want.includes(id)).sort(), want.sort());
  }

  private async feeds(c: number) {
    const a = await this.ask(c, 'feed.read', '/api/feeds');
    if (a) this.hold(c, '/api/feeds', 'the feeds', this.good(c, '/api/feeds', a).items, []);
  }

  /** What was opened in an emergency, latest first. */
  async grants(c: number) {
    const a = await this.ask(c, 'glass.read', '/api/glass'), u = this.user(c);
    if (!a) return;
    const want = this.s.grants.flatMap((g, i) => (seesGrant(this.s, u, g) ? [[this.p.grants[i], this.p.ids[g.thing], this.p.lane.names[g.user], grantOpen(this.s, g),
      this.s.things[g.thing]!.owner === this.s.users[u].org, grantOpen(this.s, g) && mayClose(this.s, u, g)]] : [])).reverse();
    this.hold(c, '/api/glass', 'the grants', this.good(c, '/api/glass', a).items.map((x: any) => [x.id, x.record, x.by, x.open, x.owned, x.may_end]), want);
  }

  // ---- leaves ----

  /** Of people whom the viewer sees, the latest entered first. */
  private async leaves(c: number) {
    const path = '/api/leaves?limit=200', a = await this.ask(c, 'leave.read', path), u = this.user(c), { users } = this.p.lane;
    if (!a) return;
    const want = this.s.leaves.flatMap((l, i) => (seesLeave(this.s, u, l) ? [[this.p.leaves[i], users[l.person],
      l.deputy !== NONE && seesPerson(this.s, u, l.deputy) ? users[l.deputy] : null, leaveState(this.s, l), l.person === u, l.deputy === u, mayEnd(this.s, u, l)]] : [])).reverse();
    this.hold(c, path, 'the leaves', this.good(c, path, a).items.map((x: any) => [x.id, x.person?.id ?? null, x.deputy?.id ?? null, x.state, x.mine, x.standing, x.may_end]), want);
  }

  // ---- groups ----

  private mayKeep = (c: number) => this.user(c) >= 0 && this.s.credentials[c].writes && national(this.s, this.user(c)) && this.s.users[this.user(c)].roles.includes('coordinator');
  private ofGroup = (x: any) => [x.id, x.members, x.own, x.may_change, x.version];
  private groupFor(c: number, g: number) {
    const { members, version, kept } = this.s.groups[g];
    return [this.p.lane.groups[g], members.length, national(this.s, this.user(c)), !kept && this.mayKeep(c), version];
  }

  /** Those that people made, for their keeper and for their members. */
  private async groups(c: number) {
    const a = await this.ask(c, 'group.read', '/api/groups?limit=200'), u = this.user(c);
    if (!a) return;
    const want = this.s.groups.flatMap((g, i) => (!g.kept && seesGroup(this.s, u, i) ? [this.groupFor(c, i)] : []));
    this.hold(c, '/api/groups', 'the groups', this.good(c, '/api/groups', a).items.map(this.ofGroup), want);
  }

  /** One with its members: those whom the viewer may not be told of are a number. */
  async group(c: number, g: number) {
    if (this.p.sessions[c].secret === 'none.none') return;
    const path = `/api/groups/${this.p.lane.groups[g]}`, a = await this.ask(c, 'group.read', path), u = this.user(c);
    if (!a) return;
    if (!seesGroup(this.s, u, g)) return this.unseen(c, path, a);
    const got = this.good(c, path, a), { members } = this.s.groups[g], named = members.filter((o) => seesOrg(this.s, u, o));
    this.hold(c, path, 'the group', [this.ofGroup(got), got.organisations.map((o: any) => o.id).sort(), got.unnamed],
      [this.groupFor(c, g), named.map((o) => this.p.lane.orgs[o]).sort(), members.length - named.length]);
  }

  // ---- ledger ----

  private async ledger(c: number) {
    const path = '/api/ledger?limit=60', a = await this.ask(c, 'ledger.read', path), u = this.user(c);
    if (!a) return;
    const got = this.good(c, path, a);
    const whole = got.items.length < 60, may = new Set(untimed(this.s, u).map((e) => `${e.type} ${this.p.idOf(e)}`));
    const known = new Set([...this.p.grants.filter(Boolean), ...this.p.leaves.filter(Boolean), ...this.p.lane.users]); // others are of histories before, whose things are gone
    const beyond = got.items.filter((x: any) => UNTIMED.has(x.type) && known.has(x.subject) && !may.has(`${x.type} ${x.subject}`));
    this.hold(c, path, 'entries of the machine', beyond.map((x: any) => [x.type, x.subject]), []);
    got.items = got.items.filter((x: any) => !UNTIMED.has(x.type));
    const want = this.s.entries.map((e, i) => [e, i] as const).filter(([e]) => seesEntry(this.s, u, e)).map(([, i]) => i).reverse().slice(0, whole ? 60 : got.items.length);
    const of = (i: number) => [this.s.entries[i].type, this.p.idOf(this.s.entries[i])];
    this.hold(c, path, 'the entries', got.items.slice(0, want.length).map((x: any) => [x.type, x.subject]), want.map(of));
    const ours = new Set(this.p.ids.filter(Boolean)), more = got.items.slice(want.length).filter((x: any) => ours.has(x.subject));
    this.hold(c, path, 'entries beyond them', more.map((x: any) => [x.type, x.subject]), []);
    this.hold(c, path, 'whether the size is told', got.size !== null, national(this.s, u));
    want.forEach((i, n) => {
      const { author } = this.s.entries[i];
      if (!seesPerson(this.s, u, author) && got.items[n].who.includes(this.p.lane.names[author])) this.p.fail(`GET ${path} by ${this.p.who(c)} names ${this.p.lane.names[author]}`);
    });
  }

  // ---- search ----

  private may = (c: number, permission: string) => !refused(this.s, this.p.rules, c, permission);

  private async lookup(c: number, i: number, by: 'id' | 'value') {
    const o = this.s.things[i];
    if (!o || !this.p.ids[i] || (by === 'value' && o.kind !== 'indicator')) return;
    const path = `/api/lookup?q=${by === 'id' ? this.p.ids[i] : this.p.valueOf(i)}`, a = await this.ask(c, 'session.read', path);
    if (!a) return;
    const found = o.kind !== 'delivery' && this.may(c, `${o.kind}.read`) && sees(this.s, this.user(c), i);
    this.hold(c, path, 'the hits', this.good(c, path, a).hits.map((x: any) => x.id), found ? [this.p.ids[i]] : []);
  }

  /** All indicators' values as one text, whether they are seen or not: of each, whether it is known. */
  private async lookupMany(c: number) {
    const things = this.places('indicator', () => true).slice(-400), path = '/api/lookup', want = refused(this.s, this.p.rules, c, 'session.read');
    if (!things.length) return;
    const a = await this.p.call(c, 'POST', path, { text: things.map((i) => `saw ${this.p.valueOf(i)}, and`).join('\n') });
    if (want) return void (a.status === want || this.p.fail(`POST ${path} by ${this.p.who(c)}: ${a.status}, and the model says ${want}`));
    const may = this.may(c, 'indicator.read'), known = (i: number) => (sees(this.s, this.user(c), i) ? 1 : 0);
    this.hold(c, path, 'what is known', this.good(c, path, a).items.map((x: any) => [x.value, x.indicators]), things.map((i) => [this.p.valueOf(i), may ? known(i) : undefined]));
  }

  /** By a word that stands in all things of this history: those that are seen, page by page, and how many. */
  private async search(c: number, i: number, org: number) {
    const kind = (['finding', 'notice', 'indicator'] as Kind[])[(i + org + ORGS) % 3], u = this.user(c), may = this.may(c, `${kind}.read`);
    const rows = may ? this.places(kind, (x) => shown(this.s, u, x)).reverse().map((x) => this.p.ids[x]) : [];
    const word = kind === 'indicator' ? 'oracle' : this.p.mark;
    for (let at = 0, next = ''; ; at += 3) {
      const path = `/api/search?q=${word}&kind=${kind}&limit=3&counts=true${next ? `&cursor=${encodeURIComponent(next)}` : ''}`, a = await this.ask(c, 'session.read', path);
      if (!a) return;
      const got = this.good(c, path, a), n = got.kinds?.find((k: any) => k.kind === kind);
      this.hold(c, path, `what is found from ${at}`, [got.items.map((x: any) => x.id), got.next !== null, n ? [n.n, n.more] : null], [rows.slice(at, at + 3), rows.length > at + 3, may && !next ? [rows.length, false] : null]);
      if (!got.next) break;
      next = got.next;
    }
    await this.searchNames(c, org);
  }

  /** Bodies by a word of their names, and one person by a name that is sealed. */
  private async searchNames(c: number, org: number) {
    const u = this.user(c), found = async (path: string) => { const a = await this.ask(c, 'session.read', path); return a && this.good(c, path, a).items.map((x: any) => x.id); };
    const bodies = '/api/search?q=body&kind=organisation&limit=100', orgs = await found(bodies);
    const want = this.may(c, 'org.read') ? this.p.lane.orgs.filter((_, i) => i > 0 && seesOrg(this.s, u, i)) : [];
    if (orgs) this.hold(c, bodies, 'the bodies', orgs.sort(), want.sort());
    const who = (org * 7 + c) % CAST.length, path = `/api/search?q=person${who}&kind=person&limit=100`, people = who && (await found(path));
    if (people) this.hold(c, path, 'the person', people, this.may(c, 'person.read') && seesPerson(this.s, u, who) ? [this.p.lane.users[who]] : []);
  }

  // ---- events ----

  private seenEvents(c: number): number[] {
    return this.s.events.flatMap((_, i) => (seesEvent(this.s, this.user(c), i) ? [i] : []));
  }

  private async eventList(c: number) {
    const path = `/api/events?identifier=${this.p.mark}&limit=200`, a = await this.ask(c, 'event.read', path);
    if (!a) return;
    const owner = (i: number) => { const e = this.s.events[i]; return e.owner !== NONE && seesOrg(this.s, this.user(c), e.owner) ? this.p.lane.orgs[e.owner] : null; };
    this.hold(c, path, 'the events', this.good(c, path, a).items.map((x: any) => [x.id, x.tlp, x.owner?.id ?? null]), this.seenEvents(c).reverse().map((i) => [this.p.events[i], TLP[this.s.events[i].label], owner(i)]));
  }

  private async summary(c: number) {
    const path = `/api/events/summary?identifier=${this.p.mark}`, a = await this.ask(c, 'event.read', path);
    if (!a) return;
    const got = this.good(c, path, a), seen = this.seenEvents(c);
    const facet = (values: string[]) => Object.entries(values.reduce((m, v) => ({ ...m, [v]: (m[v] ?? 0) + 1 }), {} as Record<string, number>)).sort();
    const told = (name: string) => got.facets[name].map((x: any) => [x.value, x.count]).sort((x: any, y: any) => (x[0] < y[0] ? -1 : 1));
    const owners = seen.flatMap((i) => { const { owner } = this.s.events[i]; return owner === NONE ? [''] : seesOrg(this.s, this.user(c), owner) ? [this.p.lane.orgs[owner]] : []; });
    this.hold(c, path, 'count, bars, countries, owners', [got.count, got.histogram.reduce((n: number, x: number) => n + x, 0), told('cc'), told('owner')],
      [seen.length, seen.length, facet(seen.map((i) => this.s.events[i].cc)), facet(owners)]);
  }

  private async event(c: number, i: number) {
    if (!this.p.events[i]) return;
    const path = `/api/events/${this.p.events[i]}`, a = await this.ask(c, 'event.read', path);
    if (!a) return;
    if (!seesEvent(this.s, this.user(c), i)) return this.unseen(c, path, a);
    this.hold(c, path, 'the event', this.good(c, path, a).id, this.p.events[i]);
  }

  async events(c: number) {
    await this.eventList(c);
    await this.summary(c);
    await this.event((c + 4) % CAST.length, this.s.events.length - 1);
  }

  // ---- acts on many ----

  private held = (c: number, i: number) => heldOff(this.s, this.p.rules, this.s.credentials[c], i);
  private refusedAs = (off: number, state: string) => (off === 404 ? 'absent' : off ? 'denied' : state);
  private answers = (c: number, i: number) => this.refusedAs(this.held(c, i), this.s.things[i]!.state === 'fixed' ? 'same' : 'done');
  private withdrawals = (c: number, i: number) => this.refusedAs(this.held(c, i), ({ undone: 'same', held: 'done' } as Record<string, string>)[this.s.things[i]!.state] ?? 'late');
  private acknowledgements = (c: number, i: number) => {
    const { state } = this.s.things[i]!, u = this.user(c), d = sees(this.s, u, i) ? portal(this.s, u, i) : NONE;
    if (d < 0) return 'absent';
    const late = state !== 'sent' || this.s.things[d]!.state === 'undone';
    return this.refusedAs(this.held(c, d), state === 'acknowledged' ? 'same' : late ? 'late' : 'done');
  };

  /** What an act on all things of a kind would do, whether they are seen or not: how many change, how many do not and why. */
  private async bulk(c: number, which: number) {
    const [at, permission, kind] = ([['answers', 'finding.answer', 'finding'], ['withdrawals', 'notice.undo', 'notice'], ['acknowledgements', 'notice.acknowledge', 'notice']] as const)[which % 3];
    const things = this.places(kind, () => true), path = `/api/bulk/${at}/preview`, want = refused(this.s, this.p.rules, c, permission);
    if (!things.length) return;
    const a = await this.p.call(c, 'POST', path, { ids: things.map((i) => this.p.ids[i]), ...(at === 'answers' && { answer: 'fixed' }) });
    if (want) return void (a.status === want || this.p.fail(`POST ${path} by ${this.p.who(c)}: ${a.status}, and the model says ${want}`));
    const got = this.good(c, path, a), said = things.map((i) => this[at](c, i)), n = (word: string) => said.filter((x) => x === word).length;
    this.hold(c, path, 'what it would do', ['done', 'same', 'denied', 'absent', 'late'].map((w) => [w, got[w]]), ['done', 'same', 'denied', 'absent', 'late'].map((w) => [w, n(w)]));
    const owners = new Map<string, number>();
    things.forEach((i, x) => { const o = this.s.things[i]!, org = kind === 'finding' ? o.owner : o.org; if (said[x] === 'done' && seesOrg(this.s, this.user(c), org)) owners.set(this.p.lane.orgs[org], (owners.get(this.p.lane.orgs[org]) ?? 0) + 1); });
    this.hold(c, path, 'whose they are', got.owners.map((o: any) => [o.org.id, o.n]).sort(), [...owners].sort());
  }

  // ---- cursors ----

  /** A cursor that somebody else got. */
  private async cursor(c: number) {
    const first = await this.p.call(0, 'GET', '/api/findings?limit=1'), next = first.status === 200 ? JSON.parse(first.body).next : null;
    if (!next) return;
    const path = `/api/findings?limit=1&cursor=${encodeURIComponent(next)}`, a = await this.ask(c, 'finding.read', path);
    const want = this.user(c) === 0 ? 200 : 422;
    if (a && a.status !== want) this.p.fail(`GET ${path} by ${this.p.who(c)} with another's cursor: ${a.status}, and the model says ${want}`);
  }

  // ---- all ----

  async look(q: Look): Promise<void> {
    const { as: c, thing, org } = q;
    if (this.p.sessions[c].secret === 'none.none') return;
    switch (q.at) {
      case 'findings': return this.list(c, 'finding', NONE);
      case 'findings of': return this.list(c, 'finding', org);
      case 'notices': return this.list(c, 'notice', NONE);
      case 'notices of': return this.list(c, 'notice', org);
      case 'indicators': return this.list(c, 'indicator', NONE);
      case 'pages': return this.pages(c, (['finding', 'notice', 'indicator'] as Kind[])[(thing + org) % 3] ?? 'finding');
      case 'file': return this.file(c, thing + org, org);
      case 'status': return this.status(c);
      case 'queue': return this.queue(c);
      case 'agency': return this.agency(c);
      case 'organisation': return this.organisation(c, org);
      case 'networks': return this.networksOf(c, org);
      case 'people': return this.people(c);
      case 'organisations': return this.organisations(c);
      case 'ledger': return this.ledger(c);
      case 'lookup id': return this.lookup(c, thing, 'id');
      case 'lookup value': return this.lookup(c, thing, 'value');
      case 'lookup many': return this.lookupMany(c);
      case 'search': return this.search(c, thing, org);
      case 'notice': return this.thing(c, thing);
      case 'cursor': return this.cursor(c);
      case 'keys': return this.keys(c);
      case 'feeds': return this.feeds(c);
      case 'reach': return this.reach(c, thing);
      case 'versions': return this.versions(c, thing);
      case 'session': return this.session(c);
      case 'grants': return this.grants(c);
      case 'leaves': return this.leaves(c);
      case 'groups': return this.groups(c);
      case 'group': return this.group(c, thing > 3 && thing % 4 === 0 ? org : ORGS + (org % GROUPS));
      case 'bulk': return this.bulk(c, thing + org + 3);
      case 'events': return this.eventList(c);
      case 'summary': return this.summary(c);
      case 'event': return this.event(c, thing);
      default: throw new Error(q.at);
    }
  }

  /** At the end: lists that were read before are read again, so that their tags are held against each other. */
  async again() {
    for (const c of [0, 5, 6, 9]) await this.list(c, 'notice', NONE);
    for (const c of [1, 4, 7]) await this.list(c, 'finding', NONE);
    await this.queue(6);
    await this.ledger(4);
    await this.ledger(6);
  }
}
