/** package.json agrees with the code and with README.md. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

interface Manifest {
  icon: string;
  contributes: {
    commands: { command: string; category: string; title: string }[];
    configuration: { properties: Record<string, unknown> };
    keybindings: { command: string; key: string; mac: string; when: string }[];
    menus: Record<string, { command: string; when: string }[]>;
    grammars: { path: string }[];
    languages: { configuration: string }[];
    snippets: { path: string }[];
    walkthroughs: { steps: { description: string; media: { markdown: string } }[] }[];
  };
}

const { icon, contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const readme = readFileSync('README.md', 'utf8');
const names = contributes.commands.map(({ command }) => command);

test('every command is registered, and every one that is named exists', () => {
  const code = readFileSync('src/commands.ts', 'utf8');
  for (const name of names) assert.ok(code.includes(`'${name}'`), name);
  const steps = contributes.walkthroughs.flatMap((one) => one.steps);
  const named = steps.flatMap(({ description }) => [...description.matchAll(/command:(ambit\.[\w.]+)/g)].map(([, name]) => name));
  const menus = Object.values(contributes.menus).flat();
  for (const { command } of [...contributes.keybindings, ...menus]) named.push(command);
  for (const name of named) assert.ok(name !== undefined && names.includes(name), name);
});

test('settings and keys stand in README.md', () => {
  for (const name of Object.keys(contributes.configuration.properties)) assert.ok(readme.includes(`| \`${name}\` |`), name);
  for (const { key, mac, when } of contributes.keybindings) {
    const [first, second] = key.split(' ');
    assert.equal(first, 'ctrl+k');
    assert.equal(mac, `cmd+k ${second}`);
    assert.ok(readme.includes(`| Ctrl+K ${second?.toUpperCase()} |`), key);
    assert.ok(when.length > 0, 'no key without a condition');
  }
});

test('files that are named are there', () => {
  const { grammars, languages, snippets, walkthroughs } = contributes;
  const files = [icon, ...[...grammars, ...snippets].map(({ path }) => path), ...languages.map(({ configuration }) => configuration)];
  files.push(...walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.markdown)));
  for (const file of files) assert.ok(existsSync(file), file);
});

test('the language configuration closes what it opens, and its patterns compile', () => {
  const language = JSON.parse(readFileSync('language-configuration.json', 'utf8')) as {
    brackets: [string, string][];
    autoClosingPairs: { open: string; close: string }[];
    indentationRules: { increaseIndentPattern: string; decreaseIndentPattern: string };
    onEnterRules: { beforeText: string }[];
    wordPattern: string;
  };
  const closed = new Map(language.autoClosingPairs.map(({ open, close }) => [open, close]));
  for (const [open, close] of language.brackets) assert.equal(closed.get(open), close);
  const more = new RegExp(language.indentationRules.increaseIndentPattern);
  const less = new RegExp(language.indentationRules.decreaseIndentPattern);
  for (const line of ['role a {', '    given sales { // rows', 'filter f on t where (', '    x in [', 'role a as "}" {']) {
    assert.ok(more.test(line), line);
  }
  for (const line of ['role a {}', '// role a {', 'role a as "{"', '    grant read on t', '    x in [1, 2]']) {
    assert.ok(!more.test(line), line);
  }
  assert.ok(less.test('    }') && less.test(')') && !less.test('role a {}'));
  const [doc, comment] = language.onEnterRules.map(({ beforeText }) => new RegExp(beforeText));
  assert.ok(doc?.test('    /// What it is.') && !doc.test('    // A remark.'));
  assert.ok(comment?.test('    // A remark.') && !comment.test('    /// What it is.'));
  const word = new RegExp(language.wordPattern, 'g');
  assert.deepEqual('sales.contact_id = 2024-01-15 x1'.match(word), ['sales', 'contact_id', '2024-01-15', 'x1']);
});
