// golden.mjs - test/golden/matrix.txt, made of what expect.mjs says:
//   node test/matrix/golden.mjs            compares, and shows every line that would change
//   node test/matrix/golden.mjs --write    makes the file again
// The unit test "access matrix" builds the same text out of what the program really decides, and fails
// on any difference. So a changed table or rule is seen here line by line before it is taken.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CREDENTIALS, LABELS, RELATIONS, ROLES, STANDINGS, STATES, TIMES, door, grants, routes, sheet, times, unsheeted, verdict } from './expect.mjs';

export const FILE = path.resolve(import.meta.dirname, '../golden/matrix.txt');
const MARKS = { 200: '+', 401: '1', 403: '-', 404: '.' };
const HEAD = `# The access matrix: who hears what of every route. Made by: node test/matrix/golden.mjs --write
# Held against the program by the unit test "access matrix" and by the walk "matrix" over HTTP.
#
# route ID METHOD PATH PERMISSION | what it does
#   STANDING DOOR/GRID ROLE ... | ...   standing of the asker's organisation: cert runs the site, member is in the
#                                 community, outside is not. Doors and grids stand below, by their names.
# A door says what a person's state and credential earn: 1 is 401, - is 403, * goes on to the grid (2, 3: to the
#   second, third).
# A grid says what the object earns: + done, - 403, . 404 or not shown, ~ does not apply; a row for each
# relation of the asker to the object, a column for each label, a mark for each of these times:
#   ${TIMES.join(', ')}
# (early: not before a time to come; glass: opened by two others; self, one, old glass: by oneself, by one
# other twice, until a time gone by; orphan: its parent is not seen).
`;

function name(text) {
  let h = 2166136261;
  for (const c of Buffer.from(text)) h = Math.imul(h ^ c, 16777619) >>> 0;
  return ((h >>> 16) ^ (h & 0xffff)).toString(16).padStart(4, '0');
}

/** Names a text by what it is; two texts of one name would make the file ambiguous. */
function keep(kept, text) {
  const n = name(text);
  if ((kept.get(n) ?? text) !== text) throw new Error(`two contents are called ${n}`);
  kept.set(n, text);
  return n;
}

const pad = (s, n) => String(s).padEnd(n);

/** The grid behind one credential. */
function gridText(route, who) {
  const applies = times(route);
  if (!applies.length) return MARKS[verdict(route, who, {})];
  return RELATIONS.map((relation) => LABELS.map((label) => TIMES.map((time) =>
    applies.includes(time) ? MARKS[verdict(route, who, { relation, label, time })] : '~').join('')).join(' ')).join('\n');
}

/** DOOR/GRID,GRID.. of one role: the door's marks *, 2, 3.. say which of the grids is behind. */
function token(route, standing, role, doors, grids) {
  const behind = [];
  const marks = STATES.map((state) => CREDENTIALS.map((credential) => {
    const who = { standing, role, state, credential }, e = door(route, who);
    if (e) return MARKS[e];
    const g = keep(grids, gridText(route, who));
    if (!behind.includes(g)) behind.push(g);
    return '*23456789'[behind.indexOf(g)];
  }).join('')).join('\n');
  return `${keep(doors, marks)}/${behind.join(',') || '-'}`;
}

/** Roles of one standing, those with the same right together. */
function standingText(route, standing, doors, grids) {
  const same = new Map();
  for (const role of ROLES) {
    const t = token(route, standing, role, doors, grids);
    same.set(t, `${same.get(t) ?? ''} ${role}`);
  }
  return `  ${pad(standing, 8)}${[...same].map(([t, roles]) => `${t}${roles}`).join(' | ')}\n`;
}

function routeText(route, doors, grids) {
  const does = sheet[route.id].join('; ') || 'nothing more';
  return `route ${route.id} ${route.method} ${route.path} ${route.permission ?? 'public'} | ${does}\n${STANDINGS.map((s) => standingText(route, s, doors, grids)).join('')}`;
}

const doorTable = (text) => text.split('\n').map((l, i) => `  ${pad(STATES[i], 12)}${[...l].map((c, j) => pad(c, CREDENTIALS[j].length + 2)).join('').trimEnd()}\n`).join('');
const gridTable = (text) => (text.length === 1 ? `  ${text}\n` : text.split('\n').map((l, i) => `  ${pad(RELATIONS[i], 20)}${l}\n`).join(''));
const tables = (word, kept, show) => [...kept].sort(([a], [b]) => (a < b ? -1 : 1)).map(([n, text]) => `${word} ${n}\n${show(text)}`).join('');

function grantText() {
  const one = (standing, role, own) => ROLES.slice(0, 6).map((given) => (grants(standing, role, given, own) ? '+' : '-')).join('');
  const rows = STANDINGS.slice(0, 2).flatMap((s) => ROLES.map((r) => `  ${pad(s, 8)}${pad(r, 14)}${one(s, r, true)}  ${one(s, r, false)}\n`));
  return `# Which roles somebody may hand out (${ROLES.slice(0, 6).join(', ')}): in the own organisation, in another.\ngrants\n${rows.join('')}`;
}

export function cells() {
  const people = STANDINGS.length * ROLES.length * STATES.length * CREDENTIALS.length;
  return routes.reduce((n, r) => n + people * Math.max(1, times(r).length * RELATIONS.length * LABELS.length), 0);
}

export function text() {
  const doors = new Map(), grids = new Map();
  const body = routes.map((r) => routeText(r, doors, grids)).join('');
  const columns = `# doors: ${pad('', 5)}${CREDENTIALS.map((c) => pad(c, c.length + 2)).join('').trimEnd()}\n`;
  return `${HEAD}\n${body}\n${columns}${tables('door', doors, doorTable)}\n# grids: ${pad('', 13)}${LABELS.map((l) => pad(l, 9)).join('').trimEnd()}\n${tables('grid', grids, gridTable)}\n${grantText()}\ncells ${cells()}\n`;
}

function compare(old, now) {
  const a = old.split('\n'), b = now.split('\n'), had = new Set(a), has = new Set(b);
  for (const l of a) if (!has.has(l)) console.log(`- ${l}`);
  for (const l of b) if (!had.has(l)) console.log(`+ ${l}`);
}

if (process.argv[1] === import.meta.filename) {
  const missing = unsheeted();
  for (const m of missing) console.error(m);
  if (missing.length) process.exit(1);
  const now = text(), old = existsSync(FILE) ? readFileSync(FILE, 'utf8') : '';
  if (process.argv[2] === '--write') writeFileSync(FILE, now);
  else if (old !== now) {
    compare(old, now);
    console.error('The matrix would change as shown. If it should: node test/matrix/golden.mjs --write');
    process.exit(1);
  }
}
