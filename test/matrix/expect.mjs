// expect.mjs - what the access matrix must be, told from the tables and from the definition of the model
// alone: data/routes, data/permissions.json, data/records, and sheet.json (what each route does with what
// kind of record). Knows nothing of the program. Used by golden.mjs and by the walks that ask over HTTP.
//
// A sheet's steps, each of which may refuse:
//   list KIND   shows those that are seen           see KIND   one by its id: 404 when unseen
//   hold KIND   one to be changed: 404, then 403    make KIND  one of the asker's own organisation: 403
//   part KIND   something is hung on one: 404 when unseen, 403 when seen by emergency alone
//   task KIND   somebody is given something to do about one: 404, then 403 unless the asker may give it to its owner
//   told        events and ledger entries: by their label alone, they have no states
//   own KIND    and it is the asker's organisation's: 404
//   as ROLE...  one of these roles: 403             local      only on the machine itself: 403
//   absent      there is none here: 404
//   never       not in the live realm: 403          give       rights within another organisation: 403
//   if PERMISSION   what follows is left out of the answer without it: not shown
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const json = (...name) => JSON.parse(readFileSync(path.join(root, ...name), 'utf8'));
const tables = json('data/permissions.json');
const records = json('data/records/records.json');
export const sheet = json('test/matrix/sheet.json');
export const routes = readdirSync(path.join(root, 'data/routes')).filter((f) => f.endsWith('.json')).sort()
  .flatMap((f) => json('data/routes', f));

export const STANDINGS = ['cert', 'member', 'outside'];
export const ROLES = [...Object.keys(tables.roles), 'none', 'all'];
export const STATES = ['active', 'invited', 'disabled'];
export const CREDENTIALS = ['nobody', 'session', 'ended session', 'read key', 'write key', 'expired key', 'revoked key', 'unknown token', 'other realm', 'local user'];
export const RELATIONS = ['own', 'group', 'provider', 'provider in group', 'named', 'author', 'delegated', 'none'];
export const LABELS = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'];
export const TIMES = ['plain', 'early', 'glass', 'early glass', 'self glass', 'one glass', 'old glass', 'orphan'];
const GOOD = ['session', 'read key', 'write key', 'local user'];

/** Routes without a row in the sheet, and rows without a route. */
export function unsheeted() {
  const ids = new Set(routes.map((r) => r.id));
  return [...routes.filter((r) => !sheet[r.id]).map((r) => `${r.id} has no row in test/matrix/sheet.json`),
    ...Object.keys(sheet).filter((id) => !ids.has(id)).map((id) => `test/matrix/sheet.json names ${id}, which is no route`)];
}

const has = (role, wanted) => role === 'all' || wanted.includes(role);
export const kindOf = (steps) => steps.map((s) => s.split(' ')).find(([verb]) => ['list', 'see', 'hold', 'part', 'task'].includes(verb))?.[1];
export const isTold = (steps) => steps.includes('told');

/** Does the label let this viewer in? */
function lab(standing, relation, label) {
  switch (label) {
    case 'CLEAR': return true;
    case 'GREEN': return standing !== 'outside';
    case 'AMBER': return ['own', 'group', 'provider', 'provider in group'].includes(relation);
    case 'AMBER+STRICT': return ['own', 'group'].includes(relation);
    default: return ['named', 'author'].includes(relation);
  }
}

/** Does this viewer administer the organisation that such a record is about, in its stead? */
const keeps = (who, o, kind) => o.relation === 'delegated' && Boolean(records[kind].about) && has(who.role, ['org_admin']);

function sees(who, o, kind) {
  if (['early', 'early glass', 'orphan'].includes(o.time)) return false;
  return lab(who.standing, o.relation, o.label) || keeps(who, o, kind) || o.time === 'glass';
}

function permitted(p, who) {
  if (p.writes && who.credential === 'read key') return false;
  if (p.national && who.standing !== 'cert') return false;
  return has(who.role, p.roles);
}

/** Who is at the door: 0 to go on, else the status that the credentials alone earn. */
export function door(route, who) {
  if (route.public) return 0;
  if (!GOOD.includes(who.credential) || who.state !== 'active') return 401;
  if (!permitted(tables.permissions[route.permission], who)) return 403;
  return route.step_up && who.credential.endsWith(' key') ? 403 : 0; // a key has nothing to show; sessions are fresh here
}

function step(text, who, o) {
  const [verb, ...rest] = text.split(' '), rule = tables.records[rest[0]];
  switch (verb) {
    case 'told': return lab(who.standing, o.relation, o.label) ? 0 : 404;
    case 'list': case 'see': return sees(who, o, rest[0]) ? 0 : 404;
    case 'own': return o.relation === 'own' ? 0 : 404;
    case 'hold':
      if (!sees(who, o, rest[0])) return 404;
      if (who.credential !== 'read key' && rule.delegate && keeps(who, o, rest[0]) && has(who.role, rule.delegate)) return 0;
      if (who.credential === 'read key' || o.relation !== 'own' || !has(who.role, rule.write)) return 403;
      return lab(who.standing, o.relation, o.label) ? 0 : 403; // broken glass never gives write
    case 'part': // a part of it is made, for its owner
      if (!sees(who, o, rest[0])) return 404;
      return lab(who.standing, o.relation, o.label) || keeps(who, o, rest[0]) ? 0 : 403;
    case 'task': {
      if (!sees(who, o, rest[0])) return 404;
      if (!lab(who.standing, o.relation, o.label)) return 403;
      const { create, create_for_others: others } = tables.records.action;
      return (o.relation === 'own' && has(who.role, create)) || (who.standing === 'cert' && has(who.role, others)) ? 0 : 403;
    }
    case 'make':
      if (who.credential === 'read key') return 403;
      return has(who.role, rule.create) || (who.standing === 'cert' && has(who.role, rule.create_for_others)) ? 0 : 403;
    case 'as': return has(who.role, rest) ? 0 : 403;
    case 'local': return who.credential === 'local user' ? 0 : 403;
    case 'never': return 403;
    case 'absent': return 404;
    case 'give': return who.standing === 'cert' || (o.relation === 'delegated' && has(who.role, ['org_admin'])) ? 0 : 403;
    case 'if': return permitted(tables.permissions[rest[0]], who) ? 0 : 404;
    default: throw new Error(`sheet.json: ${text} is no step`);
  }
}

/** 200, 401, 403 or 404: what this viewer hears of this route on this object. */
export function verdict(route, who, o) {
  const refused = door(route, who);
  if (refused) return refused;
  for (const s of sheet[route.id]) {
    const e = step(s, who, o);
    if (e) return e;
  }
  return 200;
}

/** Which of TIMES mean something for a route's object. */
export function times(route) {
  const steps = sheet[route.id];
  if (isTold(steps)) return ['plain'];
  const kind = kindOf(steps);
  return kind ? TIMES.filter((t) => t !== 'orphan' || records[kind].parent) : [];
}

/** May somebody with this one role hand out that one role, in the own organisation or another? */
export function grants(standing, role, given, own) {
  if (given !== 'reader' && role !== given && role !== 'all') return false;
  return own || standing === 'cert';
}
