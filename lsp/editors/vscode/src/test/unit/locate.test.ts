import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { expand, locate } from '../../locate';

const scratch = mkdtempSync(join(tmpdir(), 'ambit-locate-'));
after(() => rmSync(scratch, { recursive: true }));

function program(...parts: string[]): string {
  const path = join(scratch, ...parts);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
  return path;
}

const around = { setting: '', extension: join(scratch, 'none'), path: '', platform: 'linux' as const };

test('the setting beats the bundled server, and that the PATH', () => {
  const set = program('set', 'my-server');
  const bundled = program('extension', 'server', 'ambit-lsp');
  const onPath = program('bin', 'ambit-lsp');
  const all = { ...around, setting: set, extension: join(scratch, 'extension'), path: join(scratch, 'bin') };
  assert.deepEqual(locate(all), { path: set, from: 'setting' });
  assert.deepEqual(locate({ ...all, setting: ' ' }), { path: bundled, from: 'bundled' });
  assert.deepEqual(locate({ ...all, setting: '', extension: around.extension }), { path: onPath, from: 'path' });
});

test('a setting that names nothing is said, not replaced', () => {
  program('bin', 'ambit-lsp');
  const found = locate({ ...around, setting: '/nowhere/ambit-lsp', path: join(scratch, 'bin') });
  assert.deepEqual(found, { tried: ['the setting ambit.server.path: /nowhere/ambit-lsp does not exist'] });
});

test('all places are named when it is nowhere', () => {
  mkdirSync(join(scratch, 'empty'), { recursive: true });
  const found = locate({ ...around, path: [join(scratch, 'empty'), '/nowhere'].join(delimiter) });
  assert.ok('tried' in found);
  assert.equal(found.tried.length, 2);
  assert.match(found.tried[0] ?? '', /in the extension: .*server\/ambit-lsp does not exist/);
  assert.match(found.tried[1] ?? '', /no ambit-lsp in .*empty, \/nowhere/);
});

test('a folder is no program, and a bundled one gets its mark back', () => {
  const path = program('unmarked', 'server', 'ambit-lsp');
  chmodSync(path, 0o644);
  assert.deepEqual(locate({ ...around, extension: join(scratch, 'unmarked') }), { path, from: 'bundled' });
  assert.equal(statSync(path).mode & 0o111, 0o111);
  const found = locate({ ...around, setting: scratch });
  assert.ok('tried' in found && found.tried[0]?.endsWith('is not a file'));
});

test('the setting may begin at home or in the workspace', () => {
  assert.equal(expand('~/bin/x', undefined), join(homedir(), 'bin', 'x'));
  assert.equal(expand('${workspaceFolder}/x', '/w'), '/w/x');
  assert.equal(expand('target/debug/x', '/w'), '/w/target/debug/x');
});
