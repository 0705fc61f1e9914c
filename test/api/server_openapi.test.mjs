// The interface's description is valid OpenAPI 3.1, and says of each route what the table says.
// Checked by @seriousme/openapi-schema-validator when it is installed (web/ has it), and always by hand.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { BUILD, SOURCE } from './harness.mjs';

const doc = JSON.parse(readFileSync(path.join(BUILD, 'gen/openapi.json'), 'utf8'));
const folder = path.join(SOURCE, 'data/routes');
const rows = readdirSync(folder).filter((f) => f.endsWith('.json')).flatMap((f) => JSON.parse(readFileSync(path.join(folder, f), 'utf8')));

async function validator() {
  const require = createRequire(path.join(SOURCE, 'web/package.json'));
  try {
    return (await import(require.resolve('@seriousme/openapi-schema-validator'))).Validator;
  } catch {
    return null;
  }
}

test('valid by its published schema', async (t) => {
  const Validator = await validator();
  if (!Validator) return t.skip('@seriousme/openapi-schema-validator is not installed in web/');
  const result = await new Validator().validate(structuredClone(doc));
  assert.ok(result.valid, JSON.stringify(result.errors, null, 1));
});

test('every reference leads somewhere', () => {
  const lost = [];
  JSON.stringify(doc, (key, value) => {
    if (key === '$ref' && !value.slice(2).split('/').reduce((at, part) => at?.[part], doc)) lost.push(value);
    return value;
  });
  assert.deepEqual(lost, []);
});

test('every row of the route table is an operation with its right', () => {
  let n = 0;
  for (const row of rows) {
    const op = doc.paths[row.path.replace('...}', '}')]?.[row.method.toLowerCase()];
    assert.ok(op, row.id);
    assert.equal(op.operationId, row.id);
    assert.equal(op['x-permission'], row.permission);
    if (row.public) assert.deepEqual(op.security, []);
    assert.ok(op.responses[String(row.two_person ? 202 : row.status ?? 200)]);
    assert.deepEqual([op['x-step-up'], op['x-two-person']], [row.step_up, row.two_person], row.id);
    for (const s of ['401', '403', '404', '422', '429']) assert.ok(op.responses[s], `${row.id} ${s}`);
    n += 1;
  }
  assert.equal(n, Object.values(doc.paths).flatMap((p) => Object.keys(p)).length);
});
