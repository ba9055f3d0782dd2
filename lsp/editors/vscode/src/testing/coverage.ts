/** Rules that tests reach, for the gutter. */
import * as vscode from 'vscode';
import type { RuleCoverage } from '../protocol';
import { toRange } from '../views/open';

/** Coverage of a file with the rules in it. */
export class RuleFileCoverage extends vscode.FileCoverage {
  constructor(
    uri: vscode.Uri,
    readonly rules: vscode.StatementCoverage[],
  ) {
    const covered = rules.filter(({ executed }) => executed !== 0 && executed !== false).length;
    super(uri, { covered, total: rules.length });
  }
}

/** Unites the coverage of several answers, by file. A rule is hit if one answer says so. */
export function filesOf(answers: readonly (readonly RuleCoverage[])[]): RuleFileCoverage[] {
  const files = new Map<string, Map<string, vscode.StatementCoverage>>();
  for (const rule of answers.flat()) {
    const rules = files.get(rule.uri) ?? new Map<string, vscode.StatementCoverage>();
    files.set(rule.uri, rules);
    const key = `${rule.line} ${rule.rule}`;
    const before = rules.get(key)?.executed ?? 0;
    rules.set(key, new vscode.StatementCoverage(Number(before) + (rule.hit ? 1 : 0), toRange(rule.range)));
  }
  return [...files].map(([uri, rules]) => new RuleFileCoverage(vscode.Uri.parse(uri), [...rules.values()]));
}
