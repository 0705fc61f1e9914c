// lane.ts - a realm of the running program as a place where histories are played one after another: its
// cast is made once, its content is swept and its cast put back before each. The realm's clock stands still
// and moves only when a history says so.
import { BASE, CAST, GROUPS, ORGS, SIGNED_IN } from './history.ts';
import { CLEAR, NONE } from './model.ts';
import type { State } from './model.ts';
import { Client, Stream } from './http.ts';

export class Failed extends Error {}

export interface Session { secret: string; id: string }

export class Lane {
  client: Client;
  orgs: string[] = [];
  groups: string[] = [];
  groupVersions: number[] = [];
  users: string[] = [];
  names: string[] = [];
  networks: string[] = [];
  orgVersions: number[] = [];
  userVersions: number[] = [];
  base: Session[] = [];
  played = 0;
  last: State | null = null;
  private fresh = new Set<number>();
  now = 0;
  lasts = ''; /* until when auditors are ones: an end that no history reaches */
  port: number;
  name: string;

  constructor(port: number, name: string) {
    this.port = port;
    this.name = name;
    this.client = new Client(port);
  }

  async must(method: string, path: string, json?: unknown, status = 0, secret = this.base[0].secret, headers: Record<string, string> = {}) {
    const a = await this.client.call(method, path, secret, { json, headers });
    if (status ? a.status !== status : a.status >= 300) throw new Failed(`${method} ${path} ${JSON.stringify(json)}: ${a.status} ${a.body.slice(0, 300)}`);
    return a.body ? JSON.parse(a.body) : undefined;
  }

  /** Makes the realm by somebody of the live one, and its cast by the product's own routes. */
  async open(founder: string) {
    this.now = Date.now();
    this.lasts = new Date(this.now + 3650 * 86400e3).toISOString();
    const r = await this.must('POST', '/api/realms', { name: this.name, kind: 'demo', now: new Date(this.now).toISOString() }, 201, founder);
    this.base[0] = { secret: r.key, id: '' };
    const me = await this.must('GET', '/api/session');
    this.orgs[0] = me.org.id;
    this.users[0] = me.person.id;
    for (let i = 1; i < ORGS; i++) await this.makeOrg(i);
    for (let u = 1; u < CAST.length; u++) await this.makeUser(u);
    await this.findKept();
    for (let g = ORGS; g < ORGS + GROUPS; g++) this.groups[g] = (await this.must('POST', '/api/groups', { name_en: `Group ${g}`, kind: 'case' }, 201)).id;
    for (let g = ORGS; g < ORGS + GROUPS; g++) await this.restoreGroup(g);
    for (const o of (await this.must('GET', '/api/organisations?limit=200')).items) this.orgVersions[this.orgs.indexOf(o.id)] = o.version;
    for (const [c, [u, writes]] of BASE.entries()) if (c) this.base.push(SIGNED_IN.includes(c) ? { secret: '', id: '' } : await this.makeKey(u, writes));
    const people = (await this.must('GET', '/api/people?limit=200')).items;
    this.names = this.users.map((id) => people.find((p: { id: string }) => p.id === id).name);
    this.userVersions = this.users.map((id) => people.find((p: { id: string }) => p.id === id).version);
  }

  /** The groups that the registry keeps, one for each organisation. */
  private async findKept() {
    for (const g of (await this.must('GET', '/api/groups?single=true&limit=200')).items) {
      const { organisations, version } = await this.must('GET', `/api/groups/${g.id}`);
      const i = organisations.length === 1 ? this.orgs.indexOf(organisations[0].id) : -1;
      if (i < 0 || (i === 0 && g.kind !== 'national')) continue;
      this.groups[i] = g.id;
      this.groupVersions[i] = version;
    }
  }

  /** Nobody is in it. */
  private async restoreGroup(g: number) {
    const path = `/api/groups/${this.groups[g]}`, { organisations, version } = await this.must('GET', path);
    this.groupVersions[g] = version;
    if (!organisations.length) return;
    await this.must('PATCH', path, { remove: organisations.map((o: { id: string }) => o.id) }, 200, this.base[0].secret, { 'If-Match': `"v${version}"` });
    this.groupVersions[g] = (await this.must('GET', path)).version;
  }

  private async makeOrg(i: number) {
    this.orgs[i] = (await this.must('POST', '/api/organisations', { key: `O${i}`, name_en: `Body ${i} of ${this.name}`, kind: 'ministry', community: i !== 4, ...(i === 2 ? { provider_key: 'O1' } : {}) }, 201)).id;
    this.networks[i] = (await this.must('POST', `/api/organisations/${this.orgs[i]}/networks`, { value: `198.51.${i}.0/24` }, 201)).id;
    if (i < ORGS - 1) await this.must('POST', '/api/door/label', { kind: 'organisation', id: this.orgs[i], label: CLEAR }, 200);
  }

  private async makeUser(u: number) {
    const [org, roles] = CAST[u];
    const p = await this.must('POST', '/api/people', { name: `Person${u} ${this.name}`, mail: `p${u}@${this.name}.example`, org: this.orgs[org], roles, ...this.ends(roles) }, 201);
    this.users[u] = p.id;
    await this.must('PATCH', `/api/people/${p.id}`, { state: 'active' });
  }

  private async makeKey(u: number, writes: boolean): Promise<Session> {
    const k = await this.must('POST', '/api/keys', { name: 'base', access: writes ? 'write' : 'read', days: 366, person: this.users[u] }, 201);
    return { secret: k.secret, id: k.id };
  }

  clock(ms: number) {
    this.now = ms;
    return this.must('PUT', '/api/realm/clock', { now: new Date(ms).toISOString(), frozen: true }, 200);
  }

  /** Nothing of the last history is left; everybody is who he was at first. Where the last one went wrong
   * nobody knows what it left behind, and everything is put back. */
  async reset() {
    await this.must('POST', '/api/door/sweep', {}, 200);
    if (this.played++) await this.restore(this.last);
    await this.clock(this.now + 60_000);
    await this.signIn();
  }

  /** Sessions end with what happens to their people, so each history has its own. */
  private async signIn() {
    const { cookies } = await this.must('POST', '/api/door/sessions', { people: SIGNED_IN.map((c) => this.users[BASE[c][0]]) }, 200);
    SIGNED_IN.forEach((c, i) => { this.base[c] = { secret: cookies[i].split(';')[0], id: '' }; });
  }

  private async restore(s: State | null) {
    const work: Promise<unknown>[] = [];
    for (let u = 1; u < CAST.length; u++) if (!s || !s.users[u].active || s.users[u].roles.join() !== CAST[u][1].join()) work.push(this.restoreUser(u));
    for (let g = ORGS; g < ORGS + GROUPS; g++) if (s && !s.groups[g].members.length) this.groupVersions[g] = s.groups[g].version; else work.push(this.restoreGroup(g));
    for (let i = 1; i < ORGS; i++) work.push(this.restoreOrg(i, s));
    await Promise.all(work);
    if (s) s.users.forEach((u, i) => { if (!this.fresh.has(i)) this.userVersions[i] = u.version; });
    this.fresh.clear();
  }

  /** An auditor must have an end. */
  ends(roles: string[]) { return roles.includes('auditor') ? { roles_until: this.lasts } : {}; }

  private async restoreUser(u: number) {
    const p = await this.must('PATCH', `/api/people/${this.users[u]}`, { roles: CAST[u][1], state: 'active', ...this.ends(CAST[u][1]) });
    this.userVersions[u] = p.version;
    this.fresh.add(u);
  }

  private async restoreOrg(i: number, s: State | null) {
    const client = i === 2 ? 1 : NONE, path = `/api/organisations/${this.orgs[i]}`;
    if (s && s.orgs[i].provider === client && s.orgs[i].community === (i !== 4)) {
      this.orgVersions[i] = s.orgs[i].version;
      return;
    }
    await this.must('POST', '/api/door/client', { org: this.orgs[i], ...(i === 2 ? { provider: this.orgs[1] } : {}) }, 200);
    const now = await this.must('GET', path);
    await this.must('PATCH', path, { community: i !== 4 }, 200, this.base[0].secret, { 'If-Match': `"v${now.version}"` });
    this.orgVersions[i] = now.version + 1;
  }

  stream(secret: string, step: () => number) {
    return new Stream(this.port, secret, step);
  }
}
