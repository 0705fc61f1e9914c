// Every screen, both languages, desk and phone, both themes: no violation of WCAG 2.2 A and AA, nothing wider than the screen.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { AXE, base, close, mocked, open, settle, visit } from './common.mjs';

const NATIONAL = ['/queue', '/notices', '/findings', '/notifications', '/notifications?how=1', '/mail-keys', '/letters', '/events', '/events?table=1', '/feeds', '/indicators', '/lookup', '/organisations', '/organisations/import', '/ledger', '/people', '/leave', '/actions', '/actions?state=done', '/calendar', '/backups', '/retention', '/delegations', '/contacts', '/confirmations', '/groups', '/search', '/search?q=example', '/search?q=nowhere-at-all', '/keys', '/acts', '/glass', '/glass?state=closed', '/passkey', '/realms', '/first-hour', '/components', '/wall', '/views', '/rights', '/jobs', '/channels', '/nowhere'];
const AGENCY = ['/agency', '/actions', '/calendar', '/notices', '/findings', '/notifications', '/notifications?how=1', '/mail-keys', '/events', '/lookup', '/people', '/leave', '/delegations', '/contacts', '/confirmations', '/groups', '/search?q=example', '/keys', '/acts', '/glass', '/passkey', '/views', '/rights', '/jobs', '/channels', '/ledger'];
const LOOKS = [{ lang: 'en', theme: 'light' }, { lang: 'ur', theme: 'dark' }, { lang: 'ur', theme: 'light', width: 360, height: 720 }, { lang: 'en', theme: 'dark', width: 360, height: 720 }];
const lang = (look, en, ur) => (look.lang === 'ur' ? ur : en);
const OPENS = ['/queue', '/actions', '/notices', '/findings', '/events', '/feeds', '/indicators', '/organisations', '/people', '/groups', '/contacts', '/confirmations'];

const axe = readFileSync(AXE, 'utf8');
before(open);
after(close);

const RULES = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], rules: { region: { enabled: false } }, resultTypes: ['violations'] };

async function check(page, where) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  const found = await page.evaluate(async (rules) => (await globalThis.axe.run(document, rules)).violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} ${n.any.concat(n.all).map((x) => x.message).join('; ').slice(0, 200)}`).join(' | ')}`), RULES);
  assert.deepEqual(found.map((v) => `${where}: ${v}`), []);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${where} is ${wide} px wider than the screen`);
}

/** To a screen by a link, as a person goes: the page is not loaded anew, and what checks it stays warm. The same screen with another question is loaded. */
async function go(page, path) {
  const here = new URL(page.url());
  if (here.pathname.split('/')[1] === path.split(/[/?]/)[1]) {
    if (here.pathname + here.search !== path) await page.goto(base + path);
    return settle(page);
  }
  await page.evaluate((to) => {
    document.querySelector('main h1').dataset.left = '';
    const a = Object.assign(document.createElement('a'), { href: to });
    document.body.append(a);
    a.click();
    a.remove();
  }, path);
  const there = await page.waitForSelector('main h1:not([data-left])', { timeout: 10_000 }).catch(() => null);
  if (!there) { console.error(`the link to ${path} led nowhere within 10 s; at ${page.url()}`); await page.goto(base + path); }
  await settle(page);
}

async function screens(t, who, paths, look) {
  const { page, done } = await visit(who, paths[0], look);
  for (const path of paths) {
    await t.test(`${who || 'nobody'} ${path}`, async () => {
      await go(page, path);
      await check(page, path);
      const first = page.locator('[role=row][data-at] a').first();
      if (who !== 'national' || !OPENS.includes(path) || !(await first.count())) return;
      await first.click();
      await page.waitForTimeout(200);
      await settle(page);
      await check(page, `${path} opened`);
    });
  }
  await done();
}

for (const look of LOOKS) {
  test(Object.values(look).join(' '), async (t) => {
    await screens(t, '', ['/'], look);
    await screens(t, 'national', NATIONAL, look);
    await screens(t, 'agency', AGENCY, look);
  });
}

test('what is published of the ledger, opened', async () => {
  for (const look of LOOKS) {
    const { page, done } = await visit('national', '/ledger', look);
    const told = page.locator('details.told:has(dl)');
    await told.waitFor();
    await told.locator('summary').focus();
    await page.keyboard.press('Enter');
    await told.locator('dl').waitFor();
    assert.match(await told.locator('pre').first().textContent(), /verify-ledger\.mjs --key/);
    if (mocked) assert.equal(await told.locator('li').count(), 2);
    await check(page, `/ledger opened ${Object.values(look).join(' ')}`);
    if (process.env.MINAR_SHOTS) await page.screenshot({ path: `${process.env.MINAR_SHOTS}/ledger-${Object.values(look).join('-')}.png` });
    await done();
  }
});

test('the days of the read log, opened by an auditor', async (t) => {
  for (const look of LOOKS) {
    const { page, done } = await visit('national', '/ledger', look);
    await page.locator('details.told:has(dl)').waitFor();
    const told = page.locator('details.told:not(:has(dl))');
    if (!(await told.count())) { await done(); return t.skip('nobody here is an auditor'); }
    await told.locator('summary').focus();
    await page.keyboard.press('Enter');
    if (mocked) await told.locator('tbody tr').nth(2).waitFor();
    else await told.locator('tbody tr').or(told.getByText(lang(look, 'No read has been noted yet', 'ابھی تک کوئی مطالعہ درج نہیں ہوا'))).first().waitFor();
    await check(page, `/ledger reads ${Object.values(look).join(' ')}`);
    if (process.env.MINAR_SHOTS) await page.screenshot({ path: `${process.env.MINAR_SHOTS}/reads-${Object.values(look).join('-')}.png` });
    await done();
  }
});

test('forms over the screen', async () => {
  for (const [path, name] of [['/feeds', 'Add a feed'], ['/indicators', 'Add an indicator'], ['/organisations', 'Add an organisation'], ['/people', 'Invite a person'], ['/keys', 'Make a key'], ['/keys', 'Make a passkey'], ['/glass', 'Ask for an opening']]) {
    const { page, done } = await visit('national', path);
    await page.getByRole('button', { name }).first().click();
    await page.getByRole('dialog').waitFor();
    await check(page, `${path} ${name}`);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await done();
  }
});

test('what goes and stays when a person is erased, in both languages', async (t) => {
  if (!mocked) return t.skip('needs people who are there');
  for (const [lang, width] of [['en', 1366], ['ur', 360]]) {
    const { page, done } = await visit('national', '/people/00000000-0000-4000-8000-000200000001', { lang, width, height: 720 });
    await page.locator('button.danger').last().click();
    assert.ok(await page.getByRole('dialog').locator('li').nth(8).textContent());
    await check(page, `/people erase ${lang}`);
    await done();
  }
});

test('asking for an opening, in both languages, on a phone', async () => {
  for (const [lang, theme] of [['en', 'dark'], ['ur', 'light']]) {
    const { page, done } = await visit('agency', '/glass?ask=notice', { lang, theme, width: 360, height: 720 });
    await page.getByRole('dialog').waitFor();
    await check(page, `/glass?ask=notice ${lang}`);
    await done();
  }
});
