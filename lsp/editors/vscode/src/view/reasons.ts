/** Why something is allowed or denied: rules with their outcomes, and the tree of the decision. */
import type { Place, SampleRule, Tree, Truth } from '../protocol';
import { html, type Html } from './html';
import { placeName } from './value';

/** A link to a place in the editor. */
export function placeLink(place: Place, text = placeName(place), label?: string): Html {
  const at = JSON.stringify({ uri: place.uri, range: place.range });
  return html`<a href="#" class="place" data-open="${at}"${label ? html` aria-label="${label}"` : ''}>${text}</a>`;
}

/** The rules about a table, those that decided first said so. */
export function ruleList(rules: readonly SampleRule[]): Html {
  if (rules.length === 0) return html`<p>No rule speaks of it, and what no rule grants stays closed.</p>`;
  return html`<ul class="rules">${rules.map(
    (rule) => html`<li class="${rule.decisive ? 'decisive' : 'idle'}">${truth(rule.value)}
      ${placeLink(rule)} <code>${rule.text}</code>${rule.decisive ? html` <strong>decides</strong>` : ''}${
        rule.applies ? '' : html` <em>does not apply to this query</em>`
      }</li>`,
  )}</ul>`;
}

/** The tree of a decision. */
export function treeList(tree: Tree): Html {
  return html`<ul class="tree">${branch(tree)}</ul>`;
}

function branch(tree: Tree): Html {
  const below = tree.children.length > 0 ? html`<ul>${tree.children.map(branch)}</ul>` : '';
  return html`<li>${truth(tree.value)} <code>${tree.text}</code>${below}</li>`;
}

function truth(value: Truth): Html {
  return html`<span class="truth ${value}">${value}</span>`;
}
