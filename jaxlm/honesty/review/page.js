// The review page: keys and buttons, each of them one request; what is shown is what the server has on its disk.

import {get, make, post} from "./api.js";
import {editor, unsaved} from "./editor.js";
import {show, textOf} from "./example.js";
import {list} from "./list.js";
import {facets, overall} from "./progress.js";

const by = (id) => document.getElementById(id);
const main = by("example");
const filter = {label: null, kind: null, decision: null, search: null};
const follow = list(by("list"), (number) => {
  unfold(false);
  go("stay", number);
});
let view = null; // the server's last answer
let editing = false;
let busy = false; // a decision is on its way: a second key must not hit an example that nobody has seen

function draw(answer, told) {
  view = answer;
  editing = false;
  main.replaceChildren(...(view.row ? show(view.row, view.place, view.matches)
    : [make("p", {class: "nothing"}, "No example passes the filter.")]));
  main.scrollTop = 0;
  scrollTo(0, 0);
  overall(by("overall"), view.progress.total);
  facets(by("facets"), view.progress, filter, choose);
  allow(["accept", "reject", "edit"], Boolean(view.row));
  allow(["undo"], true);
  by("accept").setAttribute("aria-pressed", String(view.row?.decision === "accept"));
  by("reject").setAttribute("aria-pressed", String(view.row?.decision === "reject"));
  notice("changed", view.changed ? "The file has changed since it was opened. Decisions are still kept." : null,
    "Read it again", reload);
  notice("lost", null);
  say(told ?? "");
  if (!document.activeElement || document.activeElement === document.body) main.focus({preventScroll: true});
  follow(view, filter).catch(fail);
}

function allow(ids, allowed) {
  for (const id of ids) by(id).disabled = !allowed;
}

// What happened and what is shown now, in the corner and to screen readers.
function say(told) {
  const first = view?.row && (view.row.edit ?? view.row.messages).find((message) => message.role === "user");
  by("status").replaceChildren(make("b", {}, told), make("span", {class: "hidden"}, first ? ` ${textOf(first)}` : ""));
}

function notice(name, text, action, run) {
  document.querySelector(`[data-notice="${name}"]`)?.remove();
  if (!text) return;
  const button = make("button", {type: "button"}, action ?? "Dismiss");
  const box = make("div", {class: "notice", role: "alert", "data-notice": name}, make("p", {}, text), button);
  button.addEventListener("click", () => { box.remove(); run?.(); });
  by("notices").append(box);
}

function fail(error) {
  notice("lost", error.message, error.stale ? "Read the file again" : "Dismiss", error.stale ? reload : null);
  by("status").replaceChildren(make("b", {class: "wrong"}, "Not saved"));
}

// One request at a time that changes something; a failed one changes nothing on the page.
async function change(request, tell) {
  if (busy) return;
  busy = true;
  try {
    const answer = await request();
    draw(answer, tell(answer));
  } catch (error) {
    fail(error);
  } finally {
    busy = false;
  }
}

let turn = 0;
async function go(move, number = view?.row?.number ?? -1, told = "") {
  if (busy) return;
  const mine = ++turn;
  try {
    const answer = await get("view", {...filter, number, move});
    if (mine !== turn || busy) return; // a later move has overtaken it
    const ends = {next: "This is the last one.", previous: "This is the first one.",
      undecided: "Nothing undecided here.", first: "", last: ""};
    if (!answer.moved && editing) return;
    draw(answer, answer.moved ? told : ends[move] ?? "");
  } catch (error) {
    fail(error);
  }
}

function decide(decision) {
  if (!view?.row || editing) return;
  const {id, sha, number} = view.row;
  const told = {accept: `Accepted ${id}.`, reject: `Rejected ${id}.`}[decision] ?? "Undecided again.";
  change(() => post("decide", {id, sha, decision}, filter), (answer) => {
    if (decision === null) return told;
    if (!answer.moved) return `${told} Nothing undecided is left here.`;
    return answer.row.number < number ? `${told} On from the first undecided one.` : told;
  });
}

function undo() {
  if (editing) return;
  change(() => post("undo", {number: view?.row?.number ?? 0}, filter),
    (answer) => answer.moved ? "Undone." : "Nothing to undo.");
}

function edit() {
  if (!view?.row || editing) return;
  const row = view.row;
  editing = true;
  const {form, first} = editor(row, async (messages) => {
    const answer = await post("edit", {id: row.id, sha: row.sha, messages}, filter);
    draw(answer, answer.row.edit ? "Edit saved." : "As proposed.");
    main.focus({preventScroll: true});
  }, (changed) => {
    draw(view, changed ? "Not saved; e brings your text back." : "");
    main.focus({preventScroll: true});
  });
  main.querySelector(".conversation").replaceWith(form);
  allow(["accept", "reject", "edit", "undo"], false);
  say("Editing.");
  first.focus();
  first.setSelectionRange(first.value.length, first.value.length);
}

async function reload() {
  try {
    about(await post("reload", {}));
    await go("undecided", -1, "The file was read again.");
  } catch (error) {
    fail(error);
  }
}

function about({file, folder, notice: told}) {
  by("file").textContent = file;
  by("file").title = folder;
  document.title = `Review: ${file}`;
  notice("unapplied", told);
}

// On a narrow screen the filter and the list are folded away.
function unfold(shown) {
  by("chooser").classList.toggle("open", shown);
  by("chooser-button").setAttribute("aria-expanded", String(shown));
  if (shown && view) follow(view, filter).catch(fail);
}

function choose(field, value) {
  filter[field] = value;
  go("here");
}

function scrolls(step) {
  const wide = getComputedStyle(main).overflowY === "auto";
  const box = wide ? main : document.documentElement;
  const room = step > 0 ? box.scrollHeight - box.clientHeight - box.scrollTop : box.scrollTop;
  return room > 2;
}

const KEYS = {
  j: () => go("next"), ArrowRight: () => go("next"), k: () => go("previous"), ArrowLeft: () => go("previous"),
  n: () => go("undecided"), Home: () => go("first"), End: () => go("last"),
  e: edit, "/": () => { unfold(true); by("search").focus(); by("search").select(); },
  "?": () => by("help").showModal(),
};
const ONCE = {a: () => decide("accept"), r: () => decide("reject"), x: () => decide(null), u: undo}; // not by a held key

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || by("help").open) return;
  if (event.target.closest("input, textarea, select")) return;
  const arrow = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (arrow && (scrolls(arrow) && !event.target.closest("#list") || event.repeat && !event.target.closest("#list"))) return;
  const run = arrow ? KEYS[arrow > 0 ? "j" : "k"] : KEYS[event.key] ?? (event.repeat ? null : ONCE[event.key]);
  if (!run) return;
  event.preventDefault();
  run();
});

by("search").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  if (event.key === "Escape") event.target.value = "";
  event.target.dispatchEvent(new Event("input"));
  main.focus({preventScroll: true});
});
let typed = null;
by("search").addEventListener("input", (event) => {
  clearTimeout(typed);
  typed = setTimeout(() => choose("search", event.target.value || null), 150);
});

const BUTTONS = {accept: ONCE.a, reject: ONCE.r, edit, undo, next: KEYS.j, previous: KEYS.k, "help-button": KEYS["?"]};
for (const [id, run] of Object.entries(BUTTONS)) {
  by(id).addEventListener("click", (event) => {
    // After a click of the mouse the space bar must scroll, not accept the next one unread.
    if (event.detail) main.focus({preventScroll: true});
    run();
  });
}
addEventListener("beforeunload", (event) => { if (unsaved()) event.preventDefault(); });
by("chooser-button").addEventListener("click", () => unfold(!by("chooser").classList.contains("open")));

get("about").then(about).then(() => go("undecided", -1)).catch(fail);
