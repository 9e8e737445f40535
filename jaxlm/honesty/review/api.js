// Requests to the server that served the page, and elements made of text: nothing here reads text as HTML.

const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
// Direction overrides could make a text rewrite the reading order of what stands around it.
const OVERRIDES = /[\u202a-\u202e\u2066-\u2069]/g;

export const visible = (text) => String(text)
  .replace(/\r\n/g, "\n")
  .replace(CONTROLS, (found) => found === "\u007f" ? "\u2421" : String.fromCharCode(0x2400 + found.charCodeAt(0)))
  .replace(OVERRIDES, "\ufffd");

// make("p", {class: "x"}, "text", other): attributes by name, children as text or elements, null left out.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined));
  return element;
}

export const query = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value !== null));

export const get = (name, values = {}) => ask(`api/${name}?${query(values)}`);

export const post = (name, body, values = {}) => ask(`api/${name}?${query(values)}`, {
  method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
});

async function ask(address, options = {}) {
  let response, answer;
  try {
    response = await fetch(address, {...options, signal: AbortSignal.timeout(30000)});
    answer = await response.json();
  } catch {
    const error = new Error("The server does not answer. What the page showed as decided is safe; this is not saved. " +
      "Start the review again with the same command, and open the address that it prints.");
    error.lost = true;
    throw error;
  }
  if (!response.ok) {
    const error = new Error(answer.error);
    error.stale = response.status === 409;
    throw error;
  }
  return answer;
}
