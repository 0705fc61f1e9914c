// An organisation's channels and what was given up: by keyboard, in both languages, on a desk and on a phone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { AXE, base, close, mocked, open, settle, visit } from './common.mjs';

const axe = readFileSync(AXE, 'utf8');
before(open);
after(close);
const shot = (page, name) => (process.env.SHOT ? page.screenshot({ path: `${process.env.SHOT}/${name}.png`, fullPage: true }) : null);
async function clean(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
  assert.deepEqual(found.violations.map((v) => `${where}: ${v.id}: ${v.nodes[0].html.slice(0, 200)}`), []);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${where} is wider than the screen`);
}

for (const look of [{ lang: 'en', theme: 'light' }, { lang: 'ur', theme: 'dark' }, { lang: 'ur', theme: 'light', width: 360, height: 720 }]) {
  const name = `${look.lang}-${look.width ?? 'desk'}`;
  test(`channels: what fares how, a fresh secret once, a channel set up, a message sent again (${name})`, async (t) => {
    if (!mocked) return t.skip('the stand-in has channels in every state');
    const { page, done } = await visit('agency', '/channels', look);
    await page.locator('main ul.list li').first().waitFor();
    await shot(page, `channels-${name}`);
    await clean(page, '/channels');
    await page.locator('main .head button.first').focus();
    await page.keyboard.press('Enter');
    const form = page.locator('[role=dialog] form');
    await form.waitFor();
    await form.locator('summary').click();
    await form.locator('pre').waitFor();
    await shot(page, `channel-form-${name}`);
    await clean(page, 'the form');
    await form.locator('input[name=url]').fill('http://soc.body.example/x');
    await page.keyboard.press('Enter');
    await form.locator('input[name=url][aria-invalid=true]').waitFor();
    await form.locator('input[name=url]').fill('https://soc.body.example/x');
    await page.keyboard.press('Enter');
    await page.locator('[role=dialog]').waitFor({ state: 'detached' });
    const given = page.locator('section:has(#dead-title) ul li');
    await given.first().waitFor();
    const before = await given.count();
    await given.first().locator('button').click();
    await page.waitForFunction((n) => document.querySelectorAll('section:has(#dead-title) ul li').length < n, before);
    await page.locator('section:has(#dead-title) > details > summary').click();
    await page.locator('section:has(#dead-title) form button').click();
    await page.locator('section:has(#dead-title) form [role=status]', { hasText: '7' }).waitFor();
    await shot(page, `channel-span-${name}`);
    await clean(page, 'the span');
    await page.evaluate(async () => { const o = (await (await fetch('/api/session')).json()).org.id; for (const c of (await (await fetch(`/api/organisations/${o}/channels`)).json()).items.slice(2)) await fetch(`/api/channels/${c.id}`, { method: 'DELETE' }); });
    await done();
  });
}

test('the national desk sees what was given up everywhere, and an organisation\'s page leads to its channels', async (t) => {
  if (!mocked) return t.skip('the stand-in has messages that were given up');
  const { page, done } = await visit('national', '/channels', { lang: 'en' });
  await page.locator('section:has(#dead-title) ul li').first().waitFor();
  await shot(page, 'channels-national');
  await clean(page, 'national');
  await page.goto(`${base}/organisations`);
  await settle(page);
  await page.locator('[role=row][data-at] a').first().click();
  await page.locator('a[href^="/channels/"]').first().click();
  await page.locator('main ul.list li').first().waitFor();
  await done();
});
