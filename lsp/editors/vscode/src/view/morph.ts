/** Changes a page into what is to be shown, touching only what differs: focus, selection and scroll positions stay. */

/** Makes the children of `root` those that the HTML says. */
export function morph(root: Element, text: string): void {
  const template = root.ownerDocument.createElement('template');
  template.innerHTML = text;
  children(root, template.content);
}

function children(old: Node, wanted: Node): void {
  let at = old.firstChild;
  const ids = new Map<string, Element>();
  for (const child of old.childNodes) if (child instanceof Element && child.id !== '') ids.set(child.id, child);
  for (const next of [...wanted.childNodes]) {
    // What has an id is found again wherever it stands.
    const id = next instanceof Element ? next.id : '';
    const kept = ids.get(id);
    if (kept && kept !== at) old.insertBefore(kept, at);
    const have = kept ?? at;
    if (have && same(have, next)) {
      node(have, next);
      at = have.nextSibling;
    } else {
      old.insertBefore(next, at);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function same(old: Node, wanted: Node): boolean {
  if (old.nodeType !== wanted.nodeType || old.nodeName !== wanted.nodeName) return false;
  return !(old instanceof Element && wanted instanceof Element) || old.id === wanted.id;
}

function node(old: Node, wanted: Node): void {
  if (!(old instanceof Element && wanted instanceof Element)) {
    if (old.nodeValue !== wanted.nodeValue) old.nodeValue = wanted.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) if (!wanted.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of [...wanted.attributes]) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  children(old, wanted);
  if (old instanceof HTMLSelectElement) {
    // The attribute only says what was chosen at first.
    const chosen = [...old.options].findIndex((option) => option.hasAttribute('selected'));
    if (chosen >= 0 && old.selectedIndex !== chosen) old.selectedIndex = chosen;
  }
  if (old instanceof HTMLInputElement) old.checked = old.hasAttribute('checked');
}
