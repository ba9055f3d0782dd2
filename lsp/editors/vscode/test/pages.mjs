// The pages of the views in a browser without VS Code: what keys do, that focus stays, that nothing of a value becomes markup,
// and axe-core in four themes. AMBIT_EDITORS_MODULES is a node_modules with playwright-core and axe-core
// (tests/editors/package.json); the extension is built already.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = process.env.AMBIT_EDITORS_MODULES;
assert.ok(modules, 'AMBIT_EDITORS_MODULES says where playwright-core and axe-core are');
const packages = createRequire(join(modules, 'here.js'));
const { chromium } = packages('playwright-core');
const axe = readFileSync(packages.resolve('axe-core/axe.min.js'), 'utf8');
const THEMES = ['dark', 'light', 'hc', 'hc-light'];

let browser;
before(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});
after(() => browser?.close());

/** A page with a state of a view; what goes wrong in it is in `wrong`. */
async function page(view, state, theme = 'dark', bypassCSP = false) {
  const context = await browser.newContext({ bypassCSP, viewport: { width: 900, height: 600 } });
  const shown = await context.newPage();
  const wrong = [];
  shown.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
  shown.on('pageerror', (error) => wrong.push(String(error)));
  const url = pathToFileURL(join(here, 'harness', 'index.html'));
  url.search = new URLSearchParams({ view, state, theme }).toString();
  await shown.goto(url.href);
  return { shown, wrong, events: () => shown.evaluate(() => window.harness.events), close: () => context.close() };
}

const focused = (shown) => shown.evaluate(() => document.activeElement?.id);

for (const theme of THEMES) {
  for (const [view, states] of Object.entries({ whoSees: ['rows', 'whole', 'nothing', 'failed'], artifacts: ['text', 'nothing'] })) {
    test(`axe finds nothing in ${view}, ${theme}`, async () => {
      for (const state of states) {
        const { shown, wrong, close } = await page(view, state, theme, true);
        if (state === 'rows') {
          await shown.click('#why-2');
          await shown.click('summary');
        }
        await shown.evaluate(axe);
        const { violations, passes } = await shown.evaluate(() => window.axe.run({ preload: false }));
        assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], state);
        assert.ok(passes.length > 10);
        assert.deepEqual(wrong, []);
        await close();
      }
    });
  }
}

test('the arrows go from row to row, Enter opens the reasons, and all is kept', async () => {
  const { shown, wrong, close } = await page('whoSees', 'rows');
  await shown.focus('#why-0');
  for (const [key, id] of [['ArrowUp', 'why-0'], ['ArrowDown', 'why-1'], ['End', 'why-3'], ['ArrowDown', 'why-3'], ['Home', 'why-0']]) {
    await shown.keyboard.press(key);
    assert.equal(await focused(shown), id, key);
  }
  await shown.keyboard.press('ArrowDown');
  await shown.keyboard.press('Enter');
  assert.equal(await shown.getAttribute('#why-1', 'aria-expanded'), 'true');
  assert.equal(await shown.getAttribute('#why-1', 'aria-controls'), 'reasons-1');
  assert.match(await shown.innerText('#reasons-1'), /salesperson = user\.full_name/);
  assert.equal(await focused(shown), 'why-1');
  assert.equal((await shown.evaluate(() => window.harness.local.open)).length, 1);
  await shown.keyboard.press('Enter');
  assert.equal(await shown.locator('#reasons-1').count(), 0);
  assert.deepEqual(wrong, []);
  await close();
});

test('a new answer leaves focus, open rows and the announcing element alone', async () => {
  const { shown, close } = await page('whoSees', 'rows');
  await shown.click('#why-1');
  await shown.focus('#as');
  await shown.evaluate(() => {
    window.before = document.querySelector('#summary');
    const next = window.harness.fixture('rows');
    // A row went: the open one is now the first.
    next.sample.rows.splice(0, 1);
    window.harness.show(next);
  });
  assert.equal(await focused(shown), 'as');
  assert.equal(await shown.locator('tr.row').count(), 3);
  assert.equal(await shown.getAttribute('#why-0', 'aria-expanded'), 'true');
  assert.equal(await shown.getAttribute('#why-1', 'aria-expanded'), 'false');
  assert.ok(await shown.evaluate(() => window.before === document.querySelector('#summary')));
  assert.equal(await shown.getAttribute('#summary', 'role'), 'status');
  assert.match(await shown.innerText('#summary'), /0 of 3 rows/);
  await close();
});

test('choices and links are told to the extension', async () => {
  const { shown, events, close } = await page('whoSees', 'rows');
  await shown.selectOption('#as', 'amber');
  await shown.selectOption('#data', { index: 1 });
  await shown.selectOption('#resource', 'overview');
  await shown.click('#act');
  await shown.click('tr.row.hidden a.place');
  await shown.click('#everyone summary');
  await shown.click('#everyone button[data-choose="olga"]');
  const [ready, as, data, resource, act, open, olga] = await events();
  assert.equal(ready.type, 'ready');
  assert.deepEqual(as, { type: 'choose', choice: { as: 'amber' } });
  assert.deepEqual(data.choice, { data: { given: 'own & others' } });
  assert.deepEqual(resource.choice, { resource: 'overview' });
  assert.deepEqual(act, { type: 'actAs', as: 'dan' });
  assert.equal(open.type, 'open');
  assert.equal(open.uri, 'file:///project/policy.ambit');
  assert.equal(open.range.start.line, 5);
  assert.equal(olga.choice.as, 'olga');
  await close();
});

test('values are never markup, and the policy of the page is kept', async () => {
  const { shown, wrong, close } = await page('whoSees', 'rows');
  await shown.click('#why-3');
  assert.equal(await shown.locator('img').count(), 0);
  assert.match(await shown.innerText('#row-3'), /<img src=x/);
  assert.equal(await shown.locator('[style], script:not([src])').count(), 0);
  assert.deepEqual(wrong, []);
  await close();
});

test('only visible or only hidden rows', async () => {
  const { shown, close } = await page('whoSees', 'rows');
  await shown.selectOption('#show', 'visible');
  assert.equal(await shown.locator('tr.row').count(), 1);
  await shown.selectOption('#show', 'hidden');
  assert.equal(await shown.locator('tr.row').count(), 3);
  await close();
});

test('what has focus is seen to have it', async () => {
  for (const theme of THEMES) {
    const { shown, close } = await page('whoSees', 'rows', theme);
    for (let at = 0; at < 12; at += 1) {
      await shown.keyboard.press('Tab');
      const [name, outline] = await shown.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
        return [document.activeElement.outerHTML.slice(0, 60), `${outlineStyle} ${outlineWidth}`];
      });
      assert.equal(outline, 'solid 2px', name);
    }
    await close();
  }
});

test('the artifact view marks the spot and keeps its wrapping', async () => {
  const { shown, events, close } = await page('artifacts', 'text');
  assert.match((await shown.locator('#text mark').allInnerTexts()).join(''), /^\{"table":"sales".*"dan".*\}$/);
  await shown.uncheck('#wrap');
  assert.equal(await shown.evaluate(() => window.harness.local.wrap), false);
  assert.equal(await shown.getAttribute('#text', 'class'), '');
  await shown.locator('#text a').first().click();
  const last = (await events()).at(-1);
  assert.deepEqual([last.type, last.range.start.line], ['open', 5]);
  await close();
});

test('a text of ten million characters with ten thousand links is shown in time', async () => {
  const { shown, close } = await page('artifacts', 'text');
  const milliseconds = await shown.evaluate(() => {
    const next = window.harness.fixture('text');
    const { uri, range } = next.artifact.links[0];
    next.artifact.text = 'x'.repeat(999) + '\n';
    next.artifact.text = next.artifact.text.repeat(10_000);
    next.artifact.links = Array.from({ length: 10_000 }, (_, at) => ({ start: at * 1000, end: at * 1000 + 100, uri, range }));
    next.spot = { start: 5_000_000, end: 5_000_100, turn: 2 };
    const began = performance.now();
    window.harness.show(next);
    return performance.now() - began;
  });
  assert.ok(milliseconds < 5000, `${milliseconds} ms`);
  assert.equal(await shown.locator('#text mark').count(), 1);
  assert.ok((await shown.locator('#text mark').boundingBox()).y < 600);
  await close();
});

test('five hundred rows are drawn again in time, some with their reasons', async () => {
  const { shown, close } = await page('whoSees', 'rows');
  const [first, again] = await shown.evaluate(() => {
    const next = window.harness.fixture('rows');
    const [row] = next.sample.rows;
    next.sample.rows = Array.from({ length: 500 }, (_, at) => ({ ...row, values: { ...row.values, id: at } }));
    const show = (state) => {
      const began = performance.now();
      window.harness.show(state);
      return performance.now() - began;
    };
    const drawn = show(next);
    for (let at = 0; at < 20; at += 1) document.querySelector(`#why-${at}`).click();
    const other = structuredClone(next);
    for (const one of other.sample.rows) one.decision = 'deny';
    return [drawn, show(other)];
  });
  assert.equal(await shown.locator('tr.reasons').count(), 20);
  assert.equal(await shown.locator('tr.row.hidden').count(), 500);
  assert.ok(first < 5000 && again < 5000, `${first} ms, ${again} ms`);
  await close();
});
