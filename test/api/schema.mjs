// schema.mjs - is an answer what the interface says of it? A small checker of the JSON Schema that our
// OpenAPI document uses, and a finder of the operation that a request belongs to.
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BUILD } from './harness.mjs';

export const openapi = JSON.parse(readFileSync(path.join(BUILD, 'gen/openapi.json'), 'utf8'));

/** Operation ids whose answers were checked, with the statuses seen. Told to run.mjs through a file. */
export const visited = new Map();
process.on('exit', () => {
  const lines = [...visited].map(([id, statuses]) => `${id} ${[...statuses].join(' ')}\n`);
  if (process.env.MINAR_VISITED) appendFileSync(process.env.MINAR_VISITED, lines.join(''));
});

const operations = Object.entries(openapi.paths).flatMap(([route, of]) => {
  const shape = (op) => new RegExp(`^${route.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, op['x-rest'] ? '.+' : '[^/]+')}$`);
  return Object.entries(of).map(([method, op]) => ({ method: method.toUpperCase(), shape: shape(op), fixed: !route.includes('{'), op }));
});

export function operationOf(method, target) {
  const at = target.split('?')[0];
  const all = operations.filter((o) => o.method === method && o.shape.test(at));
  return (all.find((o) => o.fixed) ?? all[0])?.op;
}

const formats = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  email: /^[^@\s]+@[^@\s]+$/,
};

function kindOf(v) {
  if (v === null) return 'null';
  if (Array.isArray(v)) return 'array';
  if (typeof v === 'number') return Number.isInteger(v) ? 'integer' : 'number';
  return typeof v;
}

function resolve(schema) {
  let s = schema;
  while (s?.$ref) s = s.$ref.slice(2).split('/').reduce((at, part) => at[part], openapi);
  return s;
}

function checkObject(s, v, at, wrong) {
  for (const name of s.required ?? []) if (!(name in v)) wrong.push(`${at}/${name} is missing`);
  for (const [name, value] of Object.entries(v)) {
    if (s.properties?.[name]) walk(s.properties[name], value, `${at}/${name}`, wrong);
    else if (s.properties && Object.keys(s.properties).length) wrong.push(`${at}/${name} is not in the schema`);
  }
}

function checkText(s, v, at, wrong) {
  if (s.format && formats[s.format] && !formats[s.format].test(v)) wrong.push(`${at}: ${JSON.stringify(v)} is no ${s.format}`);
  if (s.maxLength !== undefined && [...v].length > s.maxLength) wrong.push(`${at} is too long`);
}

function walk(schema, v, at, wrong) {
  const s = resolve(schema), kind = kindOf(v);
  if (s.anyOf || s.oneOf) {
    const tries = (s.anyOf ?? s.oneOf).map((one) => { const w = []; walk(one, v, at, w); return w; });
    if (!tries.some((w) => !w.length)) wrong.push(...tries[0]);
    return;
  }
  const types = s.type === undefined ? [] : [s.type].flat();
  const fits = !types.length || types.includes(kind) || (kind === 'integer' && types.includes('number'));
  if (!fits) return void wrong.push(`${at} is ${kind}, not ${types.join(' or ')}`);
  if (s.enum && !s.enum.includes(v)) wrong.push(`${at}: ${JSON.stringify(v)} is none of ${s.enum.join(', ')}`);
  if (kind === 'object') checkObject(s, v, at, wrong);
  if (kind === 'array' && s.items) v.forEach((x, i) => walk(s.items, x, `${at}/${i}`, wrong));
  if (kind === 'string') checkText(s, v, at, wrong);
}

/** What is wrong with a value, as lines. */
export function mistakes(schema, value) {
  const wrong = [];
  walk(schema, value, '', wrong);
  return wrong;
}

/** What is wrong with an answer; [] when it is as the document says. */
export function answerMistakes(method, target, answer) {
  const op = operationOf(method, target);
  if (!op) return [];
  const seen = visited.get(op.operationId) ?? new Set();
  visited.set(op.operationId, seen.add(answer.status));
  const says = resolve(op.responses[String(answer.status)]);
  if (!says) return [`${op.operationId} answers ${answer.status}, which the document does not name`];
  const type = (answer.headers['content-type'] ?? '').split(';')[0];
  if (answer.status === 204 || answer.status === 304 || answer.status === 303 || type === 'text/html') return [];
  if (answer.status === 200 && op['x-export'] && /[?&]format=/.test(target)) return ['text/csv', 'application/jsonl', 'application/pdf'].includes(type) ? [] : [`${op.operationId} is no file but ${type}`];
  const schema = (says.content?.[type] ?? {}).schema;
  if (!schema) return says.content ? [`${op.operationId} ${answer.status} is ${type}, not ${Object.keys(says.content)}`] : [];
  if (!type.endsWith('json')) return []; // text and bytes: the type is what the document says of them
  return mistakes(schema, JSON.parse(answer.text)).map((w) => `${op.operationId} ${answer.status}: ${w}`);
}
