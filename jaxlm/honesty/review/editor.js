// Editing a conversation: one field a message. What is typed and not saved is kept until the page is closed.

import {make, visible} from "./api.js";
import {textOf} from "./example.js";

const drafts = new Map(); // id and hash of an example -> texts of its fields

const keyOf = (row) => `${row.id}\n${row.sha}`;

export const unsaved = () => drafts.size > 0;

export function editor(row, save, leave) {
  const messages = row.edit ?? row.messages;
  const kept = drafts.get(keyOf(row));
  const fields = messages.flatMap((message, number) => fieldsOf(message, number));
  fields.forEach((field, number) => { field.area.value = kept?.[number] ?? field.text; });
  const problem = make("p", {class: "problem", role: "alert"});
  const form = make("form", {class: "editor", "aria-label": "Edit the conversation"},
    make("h2", {}, kept ? "Edit the conversation: your unsaved text" : "Edit the conversation"),
    fields.map((field) => make("label", {}, make("span", {}, field.name), field.area)),
    problem,
    make("div", {class: "group"}, make("button", {type: "submit", class: "save"}, "Save ", make("kbd", {}, "Ctrl Enter")),
      make("button", {type: "button"}, "Leave ", make("kbd", {}, "Esc")),
      row.edit ? make("button", {type: "button"}, "As proposed again") : null));
  const [, leaving, restoring] = form.querySelectorAll("button");

  const changed = () => fields.some((field) => field.area.value !== field.text);
  form.addEventListener("input", () => {
    if (changed()) drafts.set(keyOf(row), fields.map((field) => field.area.value));
    else drafts.delete(keyOf(row));
  });
  const finish = async (edited) => {
    try {
      await save(edited);
      drafts.delete(keyOf(row));
    } catch (error) {
      problem.textContent = `Not saved: ${error.message}`;
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    try {
      finish(rewritten(messages, fields));
    } catch (error) {
      problem.textContent = `Not saved: ${error.message}`;
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    else if (event.key === "Escape") leave(changed());
    else return;
    event.preventDefault();
  });
  leaving.addEventListener("click", () => leave(changed()));
  restoring?.addEventListener("click", () => finish(null));
  return {form, first: (fields.findLast((field) => field.role === "assistant") ?? fields[0]).area};
}

function fieldsOf(message, number) {
  const name = message.role[0].toUpperCase() + message.role.slice(1);
  const text = textOf(message), calls = message.tool_calls;
  const area = (shown, kind = null) => make("textarea", {class: kind,
    rows: Math.min(shown.split("\n").length + Math.floor(shown.length / 70), 14)});
  const fields = [{number, role: message.role, name, text, area: area(text)}];
  if (calls?.length) {
    const shown = JSON.stringify(calls.map((call) => call.function), null, 2);
    fields.push({number, role: "calls", name: `${name}: calls, as JSON`, text: shown, area: area(shown, "code")});
  }
  return fields;
}

function rewritten(messages, fields) {
  const edited = messages.map((message) => ({...message}));
  for (const {number, role, text, name, area} of fields) {
    if (area.value === text) continue; // also keeps what a text field cannot hold, as a lone carriage return
    if (role !== "calls") edited[number].content = area.value;
    else edited[number].tool_calls = calls(area.value, name);
  }
  return edited;
}

function calls(text, name) {
  try {
    return JSON.parse(text).map((called, number) => ({id: `call_${number}`, type: "function", function: called}));
  } catch (error) {
    throw new Error(`${visible(name)}: ${error.message}`);
  }
}
