import assert from 'node:assert/strict';
import { test } from 'node:test';
import { artifacts } from '../../view/artifacts';
import { LOCAL as ARTIFACTS_LOCAL, LIMIT } from '../../view/artifactsState';
import { findEntry } from '../../view/entries';
import { escape, html } from '../../view/html';
import { portion, segments } from '../../view/segments';
import { cell, placeName } from '../../view/value';
import { rowKey, summary, whoSees } from '../../view/whoSees';
import { LOCAL, settle } from '../../view/whoSeesState';
import * as fixtures from '../page/fixtures';

function fixture<T>(all: Record<string, T>, name: string): T {
  const found = all[name];
  assert.ok(found !== undefined, name);
  return found;
}

test('what stands in a template is text', () => {
  assert.equal(html`<p title="${'"'}">${'<b>&'}${null}${[html`<i>`, 1, false]}</p>`.text, '<p title="&#34;">&#60;b&#62;&#38;<i>1</p>');
  assert.equal(escape(`'`), '&#39;');
});

test('values are written as the language writes them', () => {
  assert.equal(cell(null), 'null');
  assert.equal(cell('null'), 'null');
  assert.equal(cell(true), 'true');
  assert.equal(cell({ decimal: '1.50' }), '1.50');
  assert.equal(cell({ set: ['a', 1] }), '["a", 1]');
  assert.equal(cell({ scope: [['Book', '=', ['B 1']], ['Desk', '=', ['x', 'y']]] }), 'Book=B 1|Desk=[x + y]');
});

test('a place is named by its file and its line for people', () => {
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
  assert.equal(placeName({ uri: 'file:///a/my%20policy.ambit', range }), 'my policy.ambit:1');
});

test('the sentence counts what is visible', () => {
  assert.equal(summary(fixture(fixtures.whoSees, 'rows')), 'dan can read 1 of 4 rows of sales; 7 more rows not shown.');
  assert.equal(summary(fixture(fixtures.whoSees, 'whole')), 'dan cannot edit overview.');
  assert.match(summary(fixture(fixtures.whoSees, 'nothing')), /No project/);
});

test('rows say their decision in words, and hostile values stay text', () => {
  const state = fixture(fixtures.whoSees, 'rows');
  const { text } = whoSees(state, LOCAL);
  assert.equal(text.match(/class="row visible"/g)?.length, 1);
  assert.equal(text.match(/class="row hidden"/g)?.length, 3);
  assert.ok(!text.includes('<img'));
  assert.ok(!text.includes('id="reasons-0"'));
  const only = whoSees(state, { ...LOCAL, show: 'visible' }).text;
  assert.equal(only.match(/class="row /g)?.length, 1);
});

test('a row that is open shows its rules and the tree', () => {
  const state = fixture(fixtures.whoSees, 'rows');
  const row = state.sample?.rows[1];
  assert.ok(row);
  const { text } = whoSees(state, { ...LOCAL, open: [rowKey(row)] });
  assert.match(text, /id="reasons-1"/);
  assert.match(text, /aria-expanded="true"/);
  assert.match(text, /<strong>decides<\/strong>/);
  assert.match(text, /salesperson = user\.full_name/);
});

test('a choice that is gone falls back, one that is there stays', () => {
  const names = fixture(fixtures.whoSees, 'rows');
  assert.deepEqual(settle({}, names), { as: 'amber', resource: 'sales', action: 'read', data: undefined });
  const asked = { as: 'dan', resource: 'overview', action: 'edit' };
  assert.deepEqual(settle(asked, names), { ...asked, data: undefined });
  assert.equal(settle({ as: 'gone' }, { ...names, actsAs: 'dan' }).as, 'dan');
  assert.equal(settle({ as: 'market("USA")' }, { ...names, actsAs: 'market("USA")' }).as, 'market("USA")');
  assert.equal(settle({ resource: 'overview', action: 'delete' }, names).action, 'read');
  assert.equal(settle({ resource: 'gone', data: { csv: 'data' } }, names).data, undefined);
});

test('segments lose nothing and keep to links', () => {
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  const link = (start: number, end: number) => ({ start, end, uri: 'file:///a', range });
  const text = 'abcdefghij';
  const all = segments(text, [link(6, 8), link(1, 4), link(2, 5)], { start: 3, end: 7 });
  assert.equal(all.map((one) => one.text).join(''), text);
  const shown = all.map((one) => `${one.text}${one.link ? `@${one.link.start}` : ''}${one.spot ? '!' : ''}`);
  assert.deepEqual(shown, ['a', 'bc@1', 'd@1!', 'ef!', 'g@6!', 'h@6', 'ij']);
});

test('of a long text the part around the spot is drawn', () => {
  assert.deepEqual(portion(10, 20, undefined), [0, 10]);
  assert.deepEqual(portion(100, 20, { start: 50 }), [45, 65]);
  assert.deepEqual(portion(100, 20, { start: 99 }), [80, 100]);
  const state = fixture(fixtures.artifacts, 'text');
  assert.ok(state.artifact);
  const long = { ...state, spot: undefined, artifact: { ...state.artifact, text: 'x'.repeat(LIMIT + 5), links: [] } };
  assert.match(artifacts(long, ARTIFACTS_LOCAL).text, /5 characters of the file are left out/);
});

test('an artifact links its predicates and marks the spot', () => {
  const { text } = artifacts(fixture(fixtures.artifacts, 'text'), ARTIFACTS_LOCAL);
  assert.equal(text.match(/data-open=/g)?.length, 3);
  assert.match(text, /<mark>/);
  assert.match(text, /rule at policy\.ambit:6/);
});

test('an entry of predicates.json is found by what it is about', () => {
  const text = '[\n{"table":"a}{","action":"read","principal":"x"},\n{"table":"b","action":"read","principal":"x\\""}\n]';
  const found = findEntry(text, { principal: 'x"', table: 'b' });
  assert.ok(found);
  assert.equal(text.slice(found.start, found.end), '{"table":"b","action":"read","principal":"x\\""}');
  assert.equal(findEntry(text, { principal: 'y' }), undefined);
});
