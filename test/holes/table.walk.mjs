// The table of docs/holes.md: every row has its test, by name, or the issue that will bring it.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { SOURCE } from '../api/harness.mjs';

const ROWS = 25;
const rows = readFileSync(path.join(SOURCE, 'docs/holes.md'), 'utf8').split('\n').filter((l) => /^\| \d/.test(l)).map((l) => l.split('|').map((c) => c.trim()));

/** Titles of tests that carry the id of a hole. */
function titles() {
  const files = ['test/holes', 'test/browser'].flatMap((f) => readdirSync(path.join(SOURCE, f)).filter((n) => n.endsWith('.mjs')).map((n) => path.join(SOURCE, f, n)));
  return files.flatMap((f) => [...readFileSync(f, 'utf8').matchAll(/^\s*test\((['"])((?:CVE|ASVS)-(?:(?!\1)[^\\]|\\.)*)\1/gm)].map((m) => m[2].replace(/\\(.)/g, '$1')));
}

test('every one of the 25 holes has its test or its issue', () => {
  assert.deepEqual(rows.map((r) => Number(r[1])), Array.from({ length: ROWS }, (_, i) => i + 1));
  const known = titles(), told = [];
  for (const row of rows) {
    const tests = [...row[4].matchAll(/test: (.*?)(?=; (?:issue \d|test: |unit test)|$)/g)].map((m) => m[1]), issues = [...row[4].matchAll(/issue (\d+): \S+/g)].map((m) => Number(m[1]));
    assert.ok(tests.length + issues.length > 0, `row ${row[1]} has neither a test nor an issue`);
    assert.ok(issues.every((n) => n >= 4 && n <= 10), `row ${row[1]} names no issue to come`);
    for (const t of tests) assert.ok(known.includes(t), `row ${row[1]} names a test that is not there: ${t}`);
    told.push(...tests);
  }
  assert.deepEqual(known.filter((t) => !told.includes(t)), [], 'tests that the table does not name');
});
