/** Tests inside the extension host of a real VS Code; `run` is what it calls. AMBIT_HOSTTEST_OUT gets a JSON line a test. */
import { appendFileSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Api } from '../../extension';
import './language';
import './providers';
import './testing';
import './views';
import './server';
import { allTests, remember, revert } from './support';

/** Runs all tests (AMBIT_HOSTTEST_ONLY: those whose name holds it); an error says which failed. */
export async function run(): Promise<void> {
  const out = process.env['AMBIT_HOSTTEST_OUT'];
  if (out) writeFileSync(out, '');
  const say = (line: object) => {
    console.log(JSON.stringify(line));
    if (out) appendFileSync(out, `${JSON.stringify(line)}\n`);
  };
  const extension = vscode.extensions.getExtension<Api>('ambit.ambit');
  if (!extension) throw new Error('the extension is not there');
  const api = await extension.activate();
  await remember();
  const failed: string[] = [];
  const only = process.env['AMBIT_HOSTTEST_ONLY'] ?? '';
  for (const { name, run: body } of allTests().filter((one) => one.name.includes(only))) {
    const began = Date.now();
    try {
      await body(api);
      say({ test: name, ok: true, milliseconds: Date.now() - began });
    } catch (error) {
      failed.push(name);
      say({ test: name, ok: false, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
    // One that failed half-way must not fail the next.
    await revert();
  }
  say({ tests: allTests().length, failed: failed.length, vscode: vscode.version });
  if (failed.length > 0) throw new Error(`failed: ${failed.join('; ')}`);
}
