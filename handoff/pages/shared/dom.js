// Builds DOM nodes. Data only ever goes in as text or as an attribute value, so nothing a customer
// types can become markup; there is deliberately no way to pass HTML or an inline style.

const SVG = "http://www.w3.org/2000/svg";

/**
 * el("button", {class: "chip", testid: "chat-choice", data: {choice: "solved"}, on: {click}}, "已解决")
 * Attributes that are null, undefined or false are left out, except aria-*, where false is a value.
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") {
      for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    } else if (name === "data") {
      for (const [key, item] of Object.entries(value)) if (item != null) node.dataset[key] = item;
    } else if (name === "testid") {
      node.dataset.testid = value;
    } else if (name.startsWith("aria-")) {
      if (value != null) node.setAttribute(name, String(value));
    } else if (value != null && value !== false) {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return node;
}

/** An icon of the set in icons.js: one path, drawn with the current text colour. */
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
  for (const [name, value] of Object.entries(attributes)) root.setAttribute(name, value);
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  root.append(shape);
  return root;
}

/** Sets text only when it changed, so that live regions do not speak twice and selections survive. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Makes `nodes` the children of `parent`, keeping those already there. Stale children go first and
 * only then are nodes moved, because moving a node makes it lose the focus.
 */
export function syncChildren(parent, nodes) {
  const wanted = new Set(nodes);
  const focused = parent.getRootNode().activeElement;
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  let at = parent.firstChild;
  for (const node of nodes) {
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
  if (focused && parent.contains(focused) && parent.getRootNode().activeElement !== focused) focused.focus();
}
