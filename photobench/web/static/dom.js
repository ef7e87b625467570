// Elements without HTML: what a file or a person is called is only ever text.

export const at = id => document.getElementById(id);

const present = children => children.flat().filter(child => child !== null && child !== undefined && child !== false);

/** `make("button", { class: "quiet", onclick: act, hidden: true }, "text", child)`; null and false children are left out. */
export function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) set(element, name, value);
  element.append(...present(children));
  return element;
}

export function set(element, name, value) {
  if (name === "class") element.className = value;
  else if (typeof value === "function" || typeof value === "boolean") element[name] = value;
  else if (value !== null && value !== undefined) element.setAttribute(name, value);
}

export const fill = (element, ...children) => element.replaceChildren(...present(children));

/** Changes the text only where it is another one, so that nothing is laid out or read aloud again. */
export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Through the object model, which the page's policy allows; attributes of style it does not. What stands there already is left alone. */
export function style(element, properties) {
  for (const [name, value] of Object.entries(properties))
    if (element.style.getPropertyValue(name) !== `${value}`) element.style.setProperty(name, value);
  return element;
}
