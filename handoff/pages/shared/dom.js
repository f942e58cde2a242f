// Builds DOM nodes. Data is inserted as text or as an attribute value only, so a customer's text cannot become markup;
// there is deliberately no way to pass HTML or an inline style.

const SVG = "http://www.w3.org/2000/svg";

/**
 * A child of an element; null, undefined and false are left out.
 * @typedef {Node | string | null | undefined | false} Child
 * @typedef {Child | readonly Child[] | readonly (Child | readonly Child[])[]} Children
 * @typedef {{[K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => unknown}} Listeners
 * @typedef {string | number | boolean | null | undefined} AttributeValue
 * @typedef {object} OwnProps
 * @property {Listeners} [on]
 * @property {Record<string, string | number | null | undefined>} [data]  dataset
 * @property {string} [testid]
 */
/** @typedef {OwnProps & {[attribute: string]: AttributeValue | Listeners | OwnProps["data"]}} Props */

/**
 * el("button", {class: "chip", testid: "chat-choice", data: {choice: "solved"}, on: {click}}, "已解决")
 * Attributes that are null, undefined or false are left out, except aria-*, where false is a value.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props} props
 * @param {...Children} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  const { on = {}, data = {}, testid, ...attributes } = props;
  for (const [type, listener] of Object.entries(on))
    node.addEventListener(type, /** @type {EventListener} */ (listener));
  for (const [key, item] of Object.entries(data)) if (item != null) node.dataset[key] = String(item);
  if (testid !== undefined) node.dataset.testid = testid;
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || (value === false && !name.startsWith("aria-"))) continue;
    node.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
  }
  const nodes = /** @type {Child[]} */ (children.flat(2));
  for (const child of nodes) if (child !== null && child !== undefined && child !== false) node.append(child);
  return node;
}

/**
 * An icon of the set in icons.js: one path, drawn with the current text colour.
 * @param {string} path
 * @param {{size?: number, filled?: boolean}} [options]  size in px
 */
export function svg(path, { size = 20, filled = false } = {}) {
  const root = document.createElementNS(SVG, "svg");
  const attributes = {
    viewBox: "0 0 24 24",
    width: size,
    height: size,
    "aria-hidden": "true",
    focusable: "false",
    fill: filled ? "currentColor" : "none",
    stroke: filled ? "none" : "currentColor",
    "stroke-width": 1.8,
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  };
  for (const [name, value] of Object.entries(attributes)) root.setAttribute(name, String(value));
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  root.append(shape);
  return root;
}

/**
 * Sets text only when it changed, so that live regions do not speak twice and selections survive.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** What has the focus in the document or shadow root of `node`. @param {Node} node */
export function focusedIn(node) {
  return /** @type {Document | ShadowRoot} */ (node.getRootNode()).activeElement ?? null;
}

/**
 * Makes `nodes` the children of `parent`, keeping those already there. Stale children go first and
 * only then are nodes moved, because moving a node makes it lose the focus.
 * @param {Element} parent
 * @param {readonly ChildNode[]} nodes
 */
export function syncChildren(parent, nodes) {
  /** @type {Set<ChildNode>} */
  const wanted = new Set(nodes);
  const focused = focusedIn(parent);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  let at = parent.firstChild;
  for (const node of nodes) {
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
  if (focused instanceof HTMLElement && parent.contains(focused) && focusedIn(parent) !== focused) focused.focus();
}
