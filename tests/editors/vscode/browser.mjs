// Chromium, with what a test needs of VS Code's page.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packages, SHOTS } from './surroundings.mjs';

const { chromium } = packages('playwright-core');
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];

/** Opens VS Code at a folder; `payload` as its web version takes it. */
export async function open(address, folder, payload, before = async () => {}) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: FLAGS });
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(`${error.message}\n${error.stack ?? ''}`));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
  });
  await before(page);
  const query = `folder=${encodeURIComponent(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
  await page.goto(`${address}/?${query}`, { timeout: 60_000 });
  return { browser, page, errors };
}

/** A file of that machine, as VS Code's page names it. */
export function remote(address, path) {
  return `vscode-remote://${new URL(address).host}${path}`;
}

/** Keeps what is shown. */
export async function shot(page, name) {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

/** Runs a command by its title, as a person does. */
export async function command(page, title) {
  await page.keyboard.press('F1');
  const input = page.locator('.quick-input-widget input[type=text]').first();
  await input.waitFor({ state: 'visible' });
  await input.fill(`>${title}`);
  const row = page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
  await row.waitFor({ state: 'visible' });
  await row.click();
}

/** The frame in which a selector stands: webviews are frames in frames. */
export async function frameWith(page, selector, timeout = 60_000) {
  const end = Date.now() + timeout;
  while (Date.now() < end) {
    for (const frame of page.frames()) {
      const found = await frame.$(selector).catch(() => null);
      if (found) return frame;
    }
    await page.waitForTimeout(100);
  }
  throw new Error(`no frame has ${selector}`);
}

/** What axe-core finds wrong in a frame, the serious and the critical. */
export async function axe(frame) {
  await frame.evaluate(packages('axe-core').source);
  const { violations, passes } = await frame.evaluate(() => globalThis.axe.run(document));
  const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return {
    passes: passes.length,
    minor: violations.filter((one) => !bad.includes(one)).map(({ id }) => id),
    bad: bad.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`),
  };
}
