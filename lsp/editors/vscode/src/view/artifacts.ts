/** Draws the artifact view. */
import type { ArtifactName, Predicate } from '../protocol';
import { type ArtifactsLocal, type ArtifactsState, LIMIT } from './artifactsState';
import { html, type Html } from './html';
import { placeLink } from './reasons';
import { portion, segments } from './segments';
import { count, placeName } from './value';

/** The whole page. */
export function artifacts(state: ArtifactsState, local: ArtifactsLocal): Html {
  return html`<h1>Artifacts</h1>
    <form id="choice" aria-label="Artifact">
      <div><label for="path">Artifact</label><select id="path">${options(state)}</select></div>
      <div><input type="checkbox" id="wrap"${local.wrap ? html` checked` : ''}><label for="wrap">Wrap lines</label></div>
    </form>
    <p id="summary" role="status">${summary(state)}</p>
    ${state.message ? html`<p id="message" class="message" role="alert">${state.message}</p>` : ''}
    ${state.sql ? sql(state.sql) : ''}
    ${refusals(state)}
    ${text(state, local)}`;
}

/** One sentence: what is shown. */
export function summary(state: ArtifactsState): string {
  if (!state.artifact) return state.files.length === 0 && !state.message ? 'Asking…' : '';
  const { path, links, refusals: refused } = state.artifact;
  const parts = [count(links.length, 'link') + ' to rules'];
  if (refused.length > 0) parts.push(count(refused.length, 'refusal'));
  return `${path}: ${parts.join(', ')}${state.stale ? ' (before the last change)' : ''}.`;
}

function options({ files, path }: ArtifactsState): Html[] {
  const targets = [...new Set(files.map(({ target }) => target))];
  return targets.map((target) => {
    const some = files.filter((file) => file.target === target);
    return html`<optgroup label="${target}">${some.map((file) => choice(file, file.path === path))}</optgroup>`;
  });
}

function choice({ path }: ArtifactName, selected: boolean): Html {
  return html`<option value="${path}"${selected ? html` selected` : ''}>${path}</option>`;
}

function sql({ as, resource, predicates }: NonNullable<ArtifactsState['sql']>): Html {
  return html`<section id="sql" aria-label="SQL">
    <h2>SQL of ${resource ?? 'all tables'} for ${as}</h2>
    <button type="button" id="close">Close</button>
    ${predicates.map(predicate)}</section>`;
}

function predicate({ table, dialect, action, inline, bound, params, refused }: Predicate): Html {
  const said = bound !== null && bound !== inline && params.length > 0;
  const name = `${action} ${table} in ${dialect}`;
  return html`<h3>${name}</h3>${
    refused
      ? html`<p class="refused">Refused: ${refused.message}</p>`
      : html`<pre class="wrap" tabindex="0" role="region" aria-label="${name}"><code>${inline}</code></pre>${
          said
            ? html`<p>With parameters (${params.join(', ')}):</p>
              <pre class="wrap" tabindex="0" role="region" aria-label="${name}, with parameters"><code>${bound}</code></pre>`
            : ''
        }`
  }`;
}

function refusals({ artifact }: ArtifactsState): Html | string {
  if (!artifact || artifact.refusals.length === 0) return '';
  return html`<section id="refusals" aria-label="Refusals"><h2>Refused</h2>
    <ul>${artifact.refusals.map((one) => html`<li>${placeLink(one)} ${one.message}</li>`)}</ul></section>`;
}

function text({ artifact, spot, stale }: ArtifactsState, local: ArtifactsLocal): Html | string {
  if (!artifact) return '';
  const [from, to] = portion(artifact.text.length, LIMIT, spot);
  const left = artifact.text.length - (to - from);
  const pieces = segments(artifact.text, artifact.links, spot, from, to).map(({ text: piece, link, spot: here }) => {
    const inner = link ? placeLink(link, piece, `${shorten(piece)}, rule at ${placeName(link)}`) : html`${piece}`;
    return here ? html`<mark>${inner}</mark>` : inner;
  });
  const classes = [local.wrap ? 'wrap' : '', stale ? 'stale' : ''].join(' ').trim();
  return html`${left > 0 ? html`<p class="cut">${count(left, 'character')} of the file are left out here.</p>` : ''}
    <pre id="text" class="${classes}" tabindex="0" role="region" aria-label="Text of ${artifact.path}"><code>${pieces}</code></pre>`;
}

/** A reader of the screen should not have to hear a whole predicate to learn where its link leads. */
function shorten(piece: string): string {
  return piece.length > 80 ? `${piece.slice(0, 79)}…` : piece;
}
