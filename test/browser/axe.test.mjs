// Every screen, both languages, desk and phone, both themes: no violation of WCAG 2.2 A and AA, nothing wider than the screen.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { AXE, base, close, mocked, open, settle, visit } from './common.mjs';

const NATIONAL = ['/queue', '/notices', '/findings', '/notifications', '/notifications?how=1', '/mail-keys', '/letters', '/events', '/events?table=1', '/feeds', '/indicators', '/organisations', '/organisations/import', '/ledger', '/people', '/leave', '/actions', '/actions?state=done', '/calendar', '/backups', '/delegations', '/contacts', '/confirmations', '/groups', '/search', '/search?q=example', '/search?q=nowhere-at-all', '/keys', '/acts', '/glass', '/glass?state=closed', '/passkey', '/realms', '/views', '/rights', '/jobs', '/channels', '/nowhere'];
const AGENCY = ['/agency', '/actions', '/calendar', '/notices', '/findings', '/notifications', '/notifications?how=1', '/mail-keys', '/events', '/people', '/leave', '/delegations', '/contacts', '/confirmations', '/groups', '/search?q=example', '/keys', '/acts', '/glass', '/passkey', '/views', '/rights', '/jobs', '/channels', '/ledger'];
const LOOKS = [{ lang: 'en', theme: 'light' }, { lang: 'ur', theme: 'dark' }, { lang: 'ur', theme: 'light', width: 360, height: 720 }, { lang: 'en', theme: 'dark', width: 360, height: 720 }];
const lang = (look, en, ur) => (look.lang === 'ur' ? ur : en);
const OPENS = ['/queue', '/actions', '/notices', '/findings', '/events', '/feeds', '/indicators', '/organisations', '/people', '/groups', '/contacts', '/confirmations'];

const axe = readFileSync(AXE, 'utf8');
before(open);
after(close);

async function check(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], rules: { region: { enabled: false } } }));
  assert.deepEqual(found.violations.map((v) => `${where}: ${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} ${n.any.concat(n.all).map((x) => x.message).join('; ').slice(0, 200)}`).join(' | ')}`), []);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${where} is ${wide} px wider than the screen`);
}

async function screens(t, who, paths, look) {
  const { page, done } = await visit(who, paths[0], look);
  for (const path of paths) {
    await t.test(`${who || 'nobody'} ${path}`, async () => {
      await page.goto(base + path);
      await settle(page);
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

test('asking for an opening, in both languages, on a phone', async () => {
  for (const [lang, theme] of [['en', 'dark'], ['ur', 'light']]) {
    const { page, done } = await visit('agency', '/glass?ask=notice', { lang, theme, width: 360, height: 720 });
    await page.getByRole('dialog').waitFor();
    await check(page, `/glass?ask=notice ${lang}`);
    await done();
  }
});
