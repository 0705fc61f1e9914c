// One organisation whole: every figure leads to a list of exactly so many; the quarter as a picture or its table, one key
// away. The bell counts, its list marks, choices are kept.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { base, close, mocked, open, settle, visit } from './common.mjs';

before(open);
after(close);

/** The organisation with something open, by the list's own figures. */
async function openOne(page) {
  await page.goto(`${base}/findings?state=open`);
  await settle(page);
  const first = page.locator('[role=row][data-at="0"] a');
  if (!(await first.count())) return false;
  const id = (await first.getAttribute('href')).split('/')[2].split('?')[0];
  const org = await page.evaluate(async (f) => (await (await fetch(`/api/findings/${f}`)).json()).org.id, id);
  await page.goto(`${base}/organisations/${org}`);
  await settle(page);
  await page.locator('#open').waitFor();
  return true;
}

for (const look of [{ lang: 'en', theme: 'light' }, { lang: 'ur', theme: 'dark' }]) {
  test(`figures lead to their lists, ${look.lang}`, async (t) => {
    const { page, done } = await visit('national', '/findings?state=open', look);
    if (!(await openOne(page))) { await done(); return t.skip('nothing is open yet'); }
    const at = page.url(), links = await page.locator('section[aria-labelledby=open] table a').evaluateAll((all) => all.slice(0, 12).map((a) => [a.getAttribute('href'), a.textContent.trim()]));
    assert.ok(links.length > 0);
    for (const [href, n] of links) {
      if (n.endsWith('+')) continue;
      await page.goto(base + href);
      await settle(page);
      assert.equal(await page.locator('[role=table]').getAttribute('aria-rowcount'), String(Math.min(100, Number(n.replaceAll(',', ''))) + 1), `${href} shows ${n}`);
    }
    await page.goto(at);
    await settle(page);
    const told = await page.locator('section[aria-labelledby=told] .chips a').evaluateAll((all) => all.map((a) => [a.getAttribute('href'), a.querySelector('strong').textContent.trim()]));
    for (const [href, n] of told) {
      await page.goto(base + href);
      await settle(page);
      assert.equal(await page.locator('[role=table]').getAttribute('aria-rowcount'), String(Math.min(100, Number(n.replaceAll(',', ''))) + 1), `${href} shows ${n}`);
    }
    await done();
  });
}

test('the quarter is a picture, and by t its table', async (t) => {
  const { page, done } = await visit('national', '/findings?state=open');
  if (!(await openOne(page)) || !(await page.locator('svg.weeks').count())) { await done(); return t.skip('nothing came this quarter'); }
  assert.ok(await page.locator('svg.weeks').getAttribute('aria-label'));
  await page.keyboard.press('t');
  await page.locator('.trend table tbody tr').nth(12).waitFor();
  assert.equal(await page.locator('svg.weeks').count(), 0);
  await page.keyboard.press('t');
  await page.locator('svg.weeks').waitFor();
  await done();
});

test('the bell counts, the list marks, choices are kept', async () => {
  const { page, done } = await visit('agency', '/notifications');
  await settle(page);
  const count = page.locator('a.bell .count');
  if (await count.count()) {
    await page.keyboard.press('r');
    await count.waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.querySelectorAll('li.item.new').length === 0);
  } else assert.ok(!mocked, 'the stand-in has something new');
  await page.getByRole('button', { name: 'How you are told' }).click();
  await page.getByLabel('What your organisation has to do').selectOption('daily');
  await page.getByLabel('Quiet hours').check();
  await page.getByLabel('Quiet from').fill('21:30');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('From now on you are told this way.').waitFor();
  await page.getByRole('button', { name: 'How you are told' }).click();
  assert.equal(await page.getByLabel('What your organisation has to do').inputValue(), 'daily');
  assert.equal(await page.getByLabel('Quiet from').inputValue(), '21:30');
  await done();
});
