// A person at work in VS Code: from the packed extension to an artifact.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { axe, command, frameWith, open, remote, shot } from './browser.mjs';
import { errorsOfHost, install, start, user } from './code-server.mjs';
import { ROOT, VSIX, WORK } from './surroundings.mjs';

const project = join(WORK, 'session-sales');
rmSync(project, { recursive: true, force: true });
cpSync(join(ROOT, 'examples', 'sales'), project, { recursive: true });
const onDisk = (name) => readFileSync(join(project, name), 'utf8');

const began = Date.now();
const step = (text) => console.log(`${String(Date.now() - began).padStart(6)} ms  ${text}`);
const home = user('session-user');
install(home, VSIX);
step('the extension is installed');
const server = await start(home);
step('VS Code runs');
let session;
let failed;
try {
  session = await open(server.address, project, [['openFile', remote(server.address, join(project, 'policy.ambit'))]]);
  await work(session);
} catch (error) {
  failed = error;
  if (session) await shot(session.page, 'session-failure');
  console.log(errorsOfHost(home).join('\n'));
} finally {
  await session?.browser.close();
  server.stop();
}
if (failed) {
  console.error(failed);
  process.exit(1);
}

async function work({ page, errors }) {
  page.setDefaultTimeout(60_000);
  const editor = page.locator('.editor-instance .view-lines').first();
  await editor.locator('.view-line', { hasText: 'grant read on sales' }).first().waitFor();
  const colour = (text) =>
    editor.locator('.view-line span span', { hasText: text }).first().evaluate((element) => getComputedStyle(element).color);
  // The lens tells that the server has answered.
  await page.locator('.codelens-decoration').first().waitFor();
  await shot(page, '01-policy');
  assert.notEqual(await colour('grant'), await colour('salesperson'), 'words have a colour of their own');
  step('the policy is shown, with lenses');

  // An error, its mark and its row.
  await editor.click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('\nfor managers { grant read on sale }', { delay: 15 });
  await page.locator('.squiggly-error').first().waitFor();
  step('install to first squiggle');
  await page.keyboard.press('Escape');
  await command(page, 'Problems: Focus on Problems View');
  const problem = page.locator('.markers-panel .monaco-list-row', { hasText: 'sale' }).last();
  await problem.waitFor();
  const row = await problem.innerText();
  assert.match(row, /E0\d{3}/, row);
  await shot(page, '02-problem');
  step(`the row of the problem: ${row.replaceAll('\n', ' ')}`);

  // The quick fix.
  await editor.click();
  await page.keyboard.press('Control+End');
  for (let at = 0; at < 3; at++) await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Control+.');
  const fix = page.locator('.action-widget .monaco-list-row.action', { hasText: 'sales' }).first();
  await fix.waitFor();
  await shot(page, '03-quick-fix');
  const title = await fix.innerText();
  // The menu has focus, and this is its only fix.
  await page.keyboard.press('Enter');
  await page.locator('.view-line', { hasText: /grant\sread\son\ssales\s}/ }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.squiggly-error').length === 0);
  step(`the fix mended it: ${title.trim()}`);

  // A rename across files.
  await editor.click();
  await page.keyboard.press('Control+g');
  const line = onDisk('policy.ambit').split('\n').findIndex((text) => text.startsWith('group salespeople'));
  await page.keyboard.type(`${line + 1}:8`);
  await page.keyboard.press('Enter');
  await page.keyboard.press('F2');
  const box = page.locator('.rename-box input');
  await box.waitFor();
  await box.fill('sellers');
  await shot(page, '04-rename');
  await page.keyboard.press('Enter');
  await page.locator('.view-line', { hasText: /group\ssellers/ }).waitFor();
  await command(page, 'File: Save All');
  const until = Date.now() + 20_000;
  const renamed = () => ['policy.ambit', 'policy_test.ambit'].every((name) => onDisk(name).includes(': sellers'));
  while (!renamed() && Date.now() < until) await page.waitForTimeout(100);
  for (const name of ['policy.ambit', 'policy_test.ambit']) {
    assert.ok(onDisk(name).includes(': sellers') && !onDisk(name).includes('salespeople {'), `${name}:\n${onDisk(name)}`);
  }
  assert.ok(onDisk('policy.ambit').includes('for managers { grant read on sales }'), 'the fix is saved');
  step('the rename reached both files');

  // The Testing view.
  await command(page, 'Testing: Focus on Test Explorer View');
  const explorer = page.locator('.test-explorer-tree, .test-explorer').first();
  await explorer.locator('.monaco-list-row').first().waitFor();
  await command(page, 'Test: Run All Tests');
  await explorer.locator('.codicon-testing-passed-icon').first().waitFor();
  assert.equal(await explorer.locator('.codicon-testing-failed-icon').count(), 0);
  await shot(page, '05-tests-passed');
  step('all tests passed in the Testing view');

  // Who sees what.
  await command(page, 'Ambit: Who Sees What');
  const view = await frameWith(page, '#question');
  await view.selectOption('#as', 'dan');
  await view.selectOption('#resource', 'sales');
  const summary = (frame, text) =>
    frame.waitForFunction((wanted) => document.querySelector('#summary')?.textContent?.includes(wanted), text);
  await summary(view, 'dan can read 2 of 5 rows of sales');
  assert.equal(await view.locator('tr.row.visible').count(), 2);
  assert.equal(await view.locator('tr.row.hidden').count(), 3);
  await view.locator('button.why').first().click();
  await view.locator('tr.reasons').first().waitFor();
  await shot(page, '06-who-sees-what');
  step('dan sees 2 of 5 rows, each with its reason');

  // Another user, from the status bar.
  await page.locator('.statusbar-item[id*="actAs"]').click();
  const pick = page.locator('.quick-input-list .monaco-list-row', { hasText: 'matthew' }).first();
  await pick.waitFor();
  await shot(page, '07-act-as');
  await pick.click();
  await page.locator('.statusbar-item', { hasText: 'As matthew' }).waitFor();
  await summary(view, 'matthew can read 2 of 5 rows of sales');
  const seen = await view.locator('tr.row.visible').allInnerTexts();
  assert.ok(seen.every((text) => text.includes('Matthew')) && seen.length === 2, seen.join(' / '));
  await shot(page, '08-as-matthew');
  step('as matthew other rows are shown');

  // Live: the policy takes his rows away.
  await editor.click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('\nfor matthew { deny read on sales where amount > 500 }', { delay: 10 });
  await summary(view, 'matthew can read 1 of 5 rows of sales');
  await shot(page, '09-live');
  step('an edit that is not saved changes the rows');
  await page.keyboard.press('Escape');

  // Its test fails now, and says why.
  await command(page, 'Test: Run All Tests');
  await command(page, 'Testing: Focus on Test Explorer View');
  await explorer.locator('.codicon-testing-failed-icon').first().waitFor();
  await shot(page, '10-test-failed');
  step('a test fails');

  await accessible('Who sees what', view);

  // The artifacts.
  await command(page, 'Ambit: Show Artifacts');
  const artifacts = await frameWith(page, '#choice #path');
  await artifacts.waitForFunction(() => /links? to rules/.test(document.querySelector('#summary')?.textContent ?? ''));
  assert.ok((await artifacts.locator('#path option').count()) > 1);
  await shot(page, '11-artifacts');
  step(`the artifact view: ${await artifacts.locator('#summary').innerText()}`);

  await accessible('Artifacts', artifacts);

  const ours = errors.filter((text) => /ambit/i.test(text.replaceAll(project, '').replaceAll(WORK, '')));
  assert.deepEqual(ours, [], 'errors in the console');
  const host = errorsOfHost(home).filter((text) => /ambit/i.test(text.replaceAll(project, '').replaceAll(WORK, '')));
  assert.deepEqual(host, [], 'errors of the extension host');
  step(`no error of ours in the console (${errors.length} of others)`);
}

async function accessible(name, frame) {
  const { passes, minor, bad } = await axe(frame);
  step(`axe-core on ${name}: ${passes} rules hold${minor.length > 0 ? `, minor: ${minor.join(', ')}` : ''}`);
  assert.ok(passes > 5, 'axe-core looked at the page');
  assert.deepEqual(bad, [], name);
}
