// Passkeys with Chromium's own virtual authenticator against the program itself: staff make one from their invitation,
// sign in with it, and show it before a dangerous act. Starts a site of its own; MINAR names the program.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { Site } from '../api/site.mjs';

const { chromium } = createRequire(new URL('../../web/package.json', import.meta.url))('playwright-core');
const shots = process.env.MINAR_SHOTS;
let site, browser, page, said = [];
const shot = (name) => shots && page.screenshot({ path: `${shots}/passkey-${name}.png` });

before(async () => {
  site = await Site.open();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  page = await (await browser.newContext()).newPage();
  page.on('pageerror', (e) => said.push(String(e)));
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const here = (path) => `http://localhost:${site.port}${path}`;

test('an invitation leads staff to a passkey, by keyboard', async () => {
  const org = (await site.desk.get('/api/session')).org.id;
  const { link } = await site.desk.post('/api/people', { name: 'Amna Iqbal', mail: 'amna@cert.example', org, contact_role: 'none', roles: ['analyst', 'org_admin'] });
  await page.goto(here(new URL(link).pathname));
  await shot('invitation');
  await page.getByRole('button', { name: 'Continue with a passkey' }).press('Enter');
  await page.getByRole('heading', { name: 'Make your passkey' }).waitFor();
  await shot('first');
  await page.getByRole('button', { name: 'Make a passkey' }).press('Enter');
  await page.getByRole('dialog').getByLabel('Name').fill('work laptop');
  await shot('form');
  await page.keyboard.press('Enter');
  await page.getByText('The passkey is made').waitFor();
});

test('it is listed, and a step-up asks for it', async () => {
  await page.goto(here('/keys'));
  await page.getByText('work laptop').waitFor();
  await shot('list');
  for (const [lang, width] of [['ur', 360]]) {
    await page.setViewportSize({ width, height: 740 });
    await page.evaluate((l) => fetch('/api/session', { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ lang: l }) }), lang);
    await page.reload();
    await page.getByText('work laptop').waitFor();
    await shot(`list-${lang}-${width}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${wide} px`);
    await page.evaluate(() => fetch('/api/session', { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: '{"lang":"en"}' }));
    await page.setViewportSize({ width: 1280, height: 800 });
  }
});

test('signing in asks nothing but the passkey', async () => {
  await page.evaluate(() => fetch('/api/session', { method: 'DELETE' }));
  await page.goto(here('/keys'));
  await page.getByRole('button', { name: 'Sign in with a passkey' }).or(page.getByText('work laptop')).first().waitFor();
  await shot('door');
  // The browser's own offer may have signed in by itself: the virtual authenticator touches at once.
  const button = page.getByRole('button', { name: 'Sign in with a passkey' });
  if (await button.count()) await button.click({ timeout: 3000 }).catch(() => {});
  await page.getByText('work laptop').waitFor();
  assert.ok((await site.desk.all('/api/ledger')).some((e) => e.type === 'person.passkey_added'));
});

test('who came by password shows the passkey before a dangerous act, and the act goes on', async () => {
  const who = await site.person((await site.org('MOF')).id, 'focal@mof.example');
  const signIn = async () => {
    await page.evaluate((body) => fetch('/api/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }), JSON.stringify({ mail: who.mail, password: who.password }));
    await page.goto(here('/keys'));
  };
  await signIn();
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('blue key');
  await page.keyboard.press('Enter');
  await page.getByText('blue key').waitFor();
  await signIn();
  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('siem');
  await page.keyboard.press('Enter');
  const proof = page.getByRole('dialog', { name: 'Show again that it is you' });
  await proof.getByRole('button', { name: 'Use the passkey' }).waitFor();
  await shot('proof');
  await proof.getByRole('button', { name: 'Use the passkey' }).press('Enter');
  await page.locator('input[readonly]').first().waitFor();
  assert.deepEqual(said, []);
});
