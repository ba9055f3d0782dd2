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

/** Unites the coverage of several answers about one project, by file. A rule is hit if one answer says so. */
export function filesOf(root: vscode.Uri, answers: readonly (readonly RuleCoverage[])[]): RuleFileCoverage[] {
  const files = new Map<string, Map<string, vscode.StatementCoverage>>();
  for (const rule of answers.flat()) {
    const rules = files.get(rule.file) ?? new Map<string, vscode.StatementCoverage>();
    files.set(rule.file, rules);
    const key = `${rule.line} ${rule.rule}`;
    const before = rules.get(key)?.executed ?? 0;
    const at = rule.range ? toRange(rule.range) : new vscode.Range(rule.line - 1, 0, rule.line - 1, 10_000);
    rules.set(key, new vscode.StatementCoverage(Number(before) + (rule.hit ? 1 : 0), at));
  }
  return [...files].map(([file, rules]) => new RuleFileCoverage(vscode.Uri.joinPath(root, file), [...rules.values()]));
}
