/** Draws "Who sees what". */
import type { PrincipalKind, Sample, SampleRow } from '../protocol';
import { html, type Html } from './html';
import { placeLink, ruleList, treeList } from './reasons';
import { cell, count, isNull, sameData } from './value';
import type { WhoSeesLocal, WhoSeesState } from './whoSeesState';

const KINDS: [PrincipalKind, string][] = [
  ['user', 'Users'],
  ['group', 'Groups'],
  ['role', 'Roles'],
  ['everyone', 'Everyone'],
];

/** The whole page. */
export function whoSees(state: WhoSeesState, local: WhoSeesLocal): Html {
  return html`<h1>Who sees what</h1>
    ${question(state)}
    <p id="summary" role="status">${summary(state)}</p>
    ${state.message ? html`<p id="message" class="message" role="alert">${state.message}</p>` : ''}
    ${state.sample ? rows(state.sample, local, state.stale === true) : ''}
    ${state.whole ? whole(state.whole) : ''}
    ${everyone(state, local)}`;
}

/** One sentence: what the answer comes to. */
export function summary(state: WhoSeesState): string {
  const { as, resource, action } = state.choice;
  if (state.principals.length === 0) return state.message ? '' : 'No project is open, or it has no principals yet.';
  if (!as || !resource || !action) return 'Nothing to ask yet.';
  const stale = state.stale ? ' (before the last change)' : '';
  if (state.whole) return `${as} ${state.whole.decision === 'allow' ? 'can' : 'cannot'} ${action} ${resource}${stale}.`;
  if (!state.sample) return state.message ? '' : 'Asking…';
  const { rows: all, truncated } = state.sample;
  const visible = all.filter(({ decision }) => decision === 'allow').length;
  const more = truncated > 0 ? `; ${count(truncated, 'more row')} not shown` : '';
  return `${as} can ${action} ${visible} of ${count(all.length, 'row')} of ${resource}${more}${stale}.`;
}

function question(state: WhoSeesState): Html {
  const { as, resource, action, data } = state.choice;
  const sources = state.sample?.sources ?? [];
  const actions = state.resources.find(({ name }) => name === resource)?.actions ?? [];
  const strange = as !== undefined && !state.principals.some(({ name }) => name === as);
  return html`<form id="question" aria-label="Question">
    <div><label for="as">Who</label>
      <select id="as">${strange ? option(as, as, true) : ''}${KINDS.map(([kind, title]) => {
        const some = state.principals.filter((principal) => principal.kind === kind);
        return some.length === 0
          ? ''
          : html`<optgroup label="${title}">${some.map(({ name }) => option(name, name, name === as))}</optgroup>`;
      })}</select></div>
    <div><label for="action">May</label>
      <select id="action">${actions.map((name) => option(name, name, name === action))}</select></div>
    <div><label for="resource">Table or object</label>
      <select id="resource">${(['table', 'object'] as const).map((kind) => {
        const some = state.resources.filter((other) => other.kind === kind);
        return some.length === 0
          ? ''
          : html`<optgroup label="${kind === 'table' ? 'Tables' : 'Objects'}">${some.map(({ name }) =>
              option(name, name, name === resource),
            )}</optgroup>`;
      })}</select></div>
    ${
      state.sample
        ? html`<div><label for="data">Rows from</label>
      <select id="data">${sources.map((source, at) => {
        const chosen = data ? sameData(source.data, data) : at === 0;
        return option(String(at), source.label, chosen);
      })}</select></div>`
        : ''
    }
    ${actButton(state)}
  </form>`;
}

function actButton({ choice: { as }, actsAs }: WhoSeesState): Html | string {
  if (!as) return '';
  return as === actsAs
    ? html`<button type="button" id="act" data-as="">Stop acting as ${as}</button>`
    : html`<button type="button" id="act" data-as="${as}">Act as ${as}</button>`;
}

function option(value: string, text: string, selected: boolean): Html {
  return html`<option value="${value}"${selected ? html` selected` : ''}>${text}</option>`;
}

/** What names a row while its neighbours come and go: its values. */
export function rowKey(row: SampleRow): string {
  return JSON.stringify(row.values);
}

function rows(sample: Sample, local: WhoSeesLocal, stale: boolean): Html {
  if (sample.rows.length === 0) return html`<p>There are no rows to try. Give some in a test, or in the folder data.</p>`;
  const wanted = local.show === 'all' ? undefined : local.show === 'visible' ? 'allow' : 'deny';
  const shown = sample.rows.flatMap((row, at) => (wanted === undefined || row.decision === wanted ? [{ row, at }] : []));
  return html`<div class="show"><label for="show">Show</label>
      <select id="show">${(['all', 'visible', 'hidden'] as const).map((name) => option(name, `${name} rows`, name === local.show))}</select></div>
    <div class="scroll" tabindex="0" role="region" aria-label="Rows of ${sample.table}">
    <table id="rows" class="${stale ? 'stale' : ''}">
      <caption>Rows of ${sample.table}</caption>
      <thead><tr><th scope="col">Decision</th>${sample.columns.map((name) => html`<th scope="col">${name}</th>`)}<th scope="col">Reason</th></tr></thead>
      <tbody>${shown.map(({ row, at }) => tableRow(row, at, sample.columns, local.open.includes(rowKey(row))))}</tbody>
    </table></div>`;
}

function tableRow(row: SampleRow, at: number, columns: readonly string[], open: boolean): Html {
  const visible = row.decision === 'allow';
  const decisive = row.rules.filter((rule) => rule.decisive);
  const word = visible ? 'visible' : 'hidden';
  const name = `Row ${at + 1} ${word}: reasons`;
  return html`<tr id="row-${at}" class="row ${word}">
      <td><button type="button" class="why" id="why-${at}" data-row="${at}" aria-expanded="${String(open)}" aria-label="${name}"${
        open ? html` aria-controls="reasons-${at}"` : ''
      }><span aria-hidden="true" class="mark">${visible ? '✓' : '✕'}</span> ${word}</button></td>
      ${columns.map((column) => {
        const value = row.values[column];
        return html`<td${isNull(value) ? html` class="null"` : ''}>${cell(value)}</td>`;
      })}
      <td>${row.reason}${decisive.map((rule) => html` ${placeLink(rule)}`)}</td>
    </tr>${
      open
        ? html`<tr id="reasons-${at}" class="reasons"><td colspan="${columns.length + 2}">${ruleList(row.rules)}${treeList(row.tree)}</td></tr>`
        : ''
    }`;
}

function whole({ decision, reason, rules, tree }: SampleRow): Html {
  const visible = decision === 'allow';
  return html`<section id="whole" class="${visible ? 'visible' : 'hidden'}" aria-label="Reasons">
    <p><span aria-hidden="true" class="mark">${visible ? '✓' : '✕'}</span> ${visible ? 'allowed' : 'denied'}, as a whole: ${reason}</p>
    ${ruleList(rules)}${treeList(tree)}</section>`;
}

function everyone(state: WhoSeesState, local: WhoSeesLocal): Html | string {
  if (!state.who) return '';
  const { action, resource } = state.choice;
  return html`<details id="everyone"${local.everyone ? html` open` : ''}>
    <summary>Everyone who can ${action} ${resource} (${state.who.length})</summary>
    ${
      state.who.length === 0
        ? html`<p>Nobody.</p>`
        : html`<div class="scroll" tabindex="0" role="region" aria-label="Everyone who can"><table>
      <caption>Everyone who can ${action} ${resource}</caption>
      <thead><tr><th scope="col">Who</th><th scope="col">What</th><th scope="col">Where</th></tr></thead>
      <tbody>${state.who.map(
        ({ principal, access, predicate }) => html`<tr>
          <td><button type="button" class="link" data-choose="${principal}">${principal}</button></td>
          <td>${access}</td><td><code>${predicate}</code></td></tr>`,
      )}</tbody></table></div>`
    }</details>`;
}
