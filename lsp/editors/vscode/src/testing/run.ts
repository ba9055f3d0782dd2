/** Runs tests and says what became of them. */
import * as vscode from 'vscode';
import type { RuleCoverage, TestFailure, TestReport, TestResult } from '../protocol';
import { message, type Server } from '../server';
import { toRange } from '../views/open';
import { filesOf, type RuleFileCoverage } from './coverage';
import { questions } from './tree';

/** A test and the project that it belongs to (a file of it). */
export interface Runnable {
  item: vscode.TestItem;
  name: string;
  project: string;
}

/** What became of a test. */
export interface Outcome {
  name: string;
  result: 'passed' | 'failed' | 'errored' | 'skipped';
  messages: vscode.TestMessage[];
}

/** What became of a run: tests in the order in which they ended, and with coverage the files that have rules. */
export interface RunResult {
  outcomes: Outcome[];
  files: RuleFileCoverage[];
}

/** Runs `wanted`; of each project `all` says what else there is. */
export async function runTests(
  run: vscode.TestRun,
  server: Server,
  wanted: readonly Runnable[],
  all: readonly Runnable[],
  coverage: boolean,
): Promise<RunResult> {
  const result: RunResult = { outcomes: [], files: [] };
  for (const { item } of wanted) run.enqueued(item);
  for (const project of new Set(wanted.map((one) => one.project))) {
    const here = wanted.filter((one) => one.project === project);
    const names = all.filter((one) => one.project === project).map(({ name }) => name);
    const covered: RuleCoverage[][] = [];
    for (const name of questions(names, here.map((one) => one.name))) {
      const some = name === undefined ? here : here.filter((one) => one.name === name);
      if (run.token.isCancellationRequested) {
        for (const { item } of some) run.skipped(item);
        result.outcomes.push(...some.map((one) => ({ name: one.name, result: 'skipped' as const, messages: [] })));
        continue;
      }
      const report = await runSome(run, server, project, name, some, result.outcomes);
      if (report) covered.push(report.coverage);
    }
    if (!coverage || covered.length === 0) continue;
    for (const file of filesOf(covered)) {
      run.addCoverage(file);
      result.files.push(file);
    }
  }
  return result;
}

async function runSome(
  run: vscode.TestRun,
  server: Server,
  uri: string,
  name: string | undefined,
  some: readonly Runnable[],
  outcomes: Outcome[],
): Promise<TestReport | undefined> {
  for (const { item } of some) run.started(item);
  const began = Date.now();
  try {
    const report = await server.ask('ambit.runTest', { uri, ...(name === undefined ? {} : { name }) });
    const milliseconds = (Date.now() - began) / Math.max(1, some.length);
    for (const one of some) outcomes.push(tell(run, one, resultOf(report.tests, one), milliseconds));
    return report;
  } catch (error) {
    for (const one of some) outcomes.push(errored(run, one, message(error)));
    return undefined;
  }
}

/** The result about a test: of two with one name that of its line. */
function resultOf(results: readonly TestResult[], { item, name }: Runnable): TestResult | undefined {
  const named = results.filter((result) => result.name === name);
  return named.find(({ range }) => range.start.line === item.range?.start.line) ?? named[0];
}

function tell(run: vscode.TestRun, one: Runnable, result: TestResult | undefined, milliseconds: number): Outcome {
  const { item, name } = one;
  if (!result) return errored(run, one, 'The test is not there any more, or its file has errors.');
  if (result.ok) {
    run.passed(item, milliseconds);
    run.appendOutput(lines(`${name}: holds\n`), undefined, item);
    return { name, result: 'passed', messages: [] };
  }
  const messages = result.failures.map(explain);
  run.failed(item, messages, milliseconds);
  for (const { expect, got, why } of result.failures) {
    run.appendOutput(lines(`${name}\n  expected: ${expect}\n  got:      ${got}\n${indent(why)}\n`), undefined, item);
  }
  return { name, result: 'failed', messages };
}

function errored(run: vscode.TestRun, { item, name }: Runnable, text: string): Outcome {
  const said = new vscode.TestMessage(text);
  run.errored(item, said);
  return { name, result: 'errored', messages: [said] };
}

/** What failed, where, and why each wrong row is shown or hidden. */
export function explain({ expect, got, why, uri, range }: TestFailure): vscode.TestMessage {
  const text = new vscode.TestMessage(`${expect}: got ${got}\n\n${why}`);
  text.expectedOutput = expect;
  text.actualOutput = got;
  text.location = new vscode.Location(vscode.Uri.parse(uri), toRange(range));
  return text;
}

/** The output is a terminal: it wants both characters. */
function lines(text: string): string {
  return text.replaceAll('\n', '\r\n');
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
