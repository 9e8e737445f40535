// One example: the conversation that would be trained on, and what is known about it.

import {make, visible} from "./api.js";

const ROLES = {system: "System", user: "User", assistant: "Assistant", tool: "Tool"};
const STATES = {accept: "accepted", reject: "rejected"};
const MARKS = {right: ["\u2713", "right"], abstain: ["\u25cb", "abstained"], wrong: ["\u2715", "wrong"]};
const SHOWN = new Set(["question", "passage", "source", "answers", "marks", "share", "label", "kind", "answer", "aliases"]);

export const textOf = (message) => Array.isArray(message.content)
  ? message.content.map((part) => part.text).join("") : message.content ?? "";

export const stateOf = (row) => STATES[row.decision] ?? "undecided";

export function show(row, place, matches) {
  const evidence = [answers(row.metadata), more(row)].filter(Boolean);
  return [
    head(row, place, matches),
    question(row),
    make("div", {class: evidence[0]?.matches(".answers") ? "columns" : "columns single"},
      make("div", {}, conversation(row), passage(row.metadata)), make("div", {}, evidence)),
  ].filter(Boolean);
}

function head(row, place, matches) {
  const {label, kind} = row.metadata;
  const where = place === null ? "not in the filter" : `${place.toLocaleString("en")} of ${matches.toLocaleString("en")}`;
  return make("div", {class: "head"},
    make("span", {class: "place"}, where),
    label ? make("span", {class: `chip label ${labelClass(label)}`}, make("small", {}, "label"), visible(label)) : null,
    kind ? make("span", {class: "chip"}, make("small", {}, "kind"), visible(kind)) : null,
    row.edit ? make("span", {class: "chip edited"}, "edited") : null,
    make("span", {class: `state ${stateOf(row)}`}, stateOf(row)),
    make("code", {class: "id"}, visible(row.id)));
}

export const labelClass = (label) => ["known", "unknown", "between"].includes(label) ? label : "other";

// The question is the user's turn, most often; it is shown apart only where it is not.
function question(row) {
  const asked = row.metadata.question;
  if (!asked || row.messages.some((message) => textOf(message).trim() === String(asked).trim())) return null;
  return make("section", {class: "asked"}, make("h2", {}, "Question"), make("p", {}, visible(asked)));
}

function conversation(row) {
  const messages = row.edit ?? row.messages;
  return make("section", {class: `conversation ${stateOf(row)}`, "aria-label": "Proposed conversation"},
    make("h2", {}, row.edit ? "Conversation, as edited" : "Proposed conversation"),
    messages.map((message, number) => turn(message, row.edit ? row.messages[number] : null)));
}

function turn(message, proposed) {
  const before = proposed ? said(proposed) : null;
  return make("div", {class: `turn ${message.role}`},
    make("h3", {}, ROLES[message.role], message.weight === 0 ? make("small", {}, " not learned") : null),
    make("div", {class: "said"},
      textOf(message) ? make("p", {}, visible(textOf(message))) : null,
      (message.tool_calls ?? []).map((call) => make("code", {class: "call"}, visible(called(call)))),
      before !== null && before !== said(message) ? make("p", {class: "before"}, make("b", {}, "Proposed: "),
        make("del", {}, visible(before))) : null));
}

const said = (message) => [textOf(message), ...(message.tool_calls ?? []).map(called)].filter(Boolean).join("\n");

function called({function: {name, arguments: given}}) {
  return `${name}(${typeof given === "string" ? given : JSON.stringify(given ?? {})})`;
}

function answers({answers: given, marks, share, answer, aliases}) {
  const expected = [answer, ...(Array.isArray(aliases) ? aliases : [])].filter((text) => typeof text === "string" && text);
  if (!Array.isArray(given) || !given.length) {
    return expected.length ? make("section", {}, make("h2", {}, "Right answer"), make("p", {}, expected.map(visible).join(" / "))) : null;
  }
  const grouped = group(given, Array.isArray(marks) ? marks : []);
  return make("section", {class: "answers"},
    make("h2", {}, `The model\u2019s ${given.length} answers`, make("span", {class: "share"}, shareText(share, marks, given.length))),
    marks ? strip(grouped, given.length) : null,
    expected.length ? make("p", {class: "expected"}, make("b", {}, "Right: "), expected.map(visible).join(" / ")) : null,
    make("ol", {}, grouped.map(({text, mark, count}) => make("li", {class: mark ?? "unmarked"},
      make("span", {class: "mark", title: MARKS[mark]?.[1] ?? null}, MARKS[mark]?.[0] ?? "\u00b7",
        make("span", {class: "hidden"}, ` ${MARKS[mark]?.[1] ?? ""}: `)),
      make("span", {class: "text"}, text.trim() ? visible(text) : make("i", {}, "nothing")),
      count > 1 ? make("span", {class: "count"}, `${count}\u00d7`) : null))));
}

function shareText(share, marks, total) {
  if (typeof share !== "number") return null;
  return `${Math.round(share * total)} right, ${Math.round(share * 100)} %`;
}

// The same words are one line with their number, so that ten samples can be read at a glance.
function group(given, marks) {
  const found = new Map();
  given.forEach((answer, number) => {
    const text = typeof answer === "string" ? answer : answer?.text ?? JSON.stringify(answer);
    const mark = marks[number] ?? answer?.mark ?? null;
    const key = `${mark}\n${text.trim()}`;
    found.set(key, {text, mark, count: (found.get(key)?.count ?? 0) + 1});
  });
  return [...found.values()].sort((a, b) => b.count - a.count);
}

function strip(grouped, total) {
  const counts = Object.keys(MARKS).map((mark) => [mark, grouped.filter((each) => each.mark === mark)
    .reduce((sum, each) => sum + each.count, 0)]).filter(([, count]) => count);
  const bar = make("div", {class: "strip", role: "img", "aria-label": counts.map(([mark, count]) =>
    `${count} ${MARKS[mark][1]}`).join(", ")}, counts.map(([mark]) => make("i", {class: mark})));
  counts.forEach(([, count], number) => { bar.children[number].style.width = `${100 * count / total}%`; });
  return bar;
}

function passage({passage: text, source, answer}) {
  if (!text && !source) return null;
  return make("section", {class: "passage"}, make("h2", {}, text ? "Passage" : "Source"),
    text ? make("blockquote", {}, highlighted(visible(text), answer)) : null,
    source ? make("p", {class: "source"}, visible(source)) : null);
}

function highlighted(text, answer) {
  if (typeof answer !== "string" || !answer.trim()) return [text];
  const at = text.toLowerCase().indexOf(answer.toLowerCase());
  return at < 0 ? [text] : [text.slice(0, at), make("mark", {}, text.slice(at, at + answer.length)), text.slice(at + answer.length)];
}

function more({metadata}) {
  const rest = Object.entries(metadata).filter(([name, value]) => !SHOWN.has(name) && value !== null && value !== "");
  if (!rest.length) return null;
  return make("details", {class: "more"}, make("summary", {}, `More (${rest.map(([name]) => visible(name)).join(", ")})`),
    make("dl", {}, rest.map(([name, value]) => [make("dt", {}, visible(name)),
      make("dd", {}, visible(typeof value === "string" ? value : JSON.stringify(value)))])));
}
