// The examples that pass the filter, as a list that loads no more rows than can be seen.

import {get, make, visible} from "./api.js";
import {labelClass} from "./example.js";

const HEIGHT = 34; // of a row, in pixels; also in page.css
const SPARE = 30; // rows loaded above and below what can be seen
const SIGNS = {accept: ["\u2713", "accepted"], reject: ["\u2715", "rejected"]};

export function list(box, open) {
  const rows = box.querySelector("ol");
  let filter = {}, current = null, loaded = {start: 0, rows: []}, asked = 0;

  const range = () => {
    const first = Math.floor(box.scrollTop / HEIGHT);
    return [Math.max(first - SPARE, 0), Math.ceil(box.clientHeight / HEIGHT) + 2 * SPARE];
  };

  async function load() {
    const turn = ++asked;
    const [start, count] = range();
    const answer = await get("list", {...filter, start, count});
    if (turn !== asked) return; // the user has scrolled on
    loaded = answer;
    draw();
  }

  function draw() {
    const focused = rows.contains(document.activeElement);
    rows.style.height = `${loaded.matches * HEIGHT}px`;
    rows.replaceChildren(...loaded.rows.map((row, number) => item(row, loaded.start + number)));
    if (focused) rows.querySelector("[aria-current]")?.focus({preventScroll: true});
  }

  function item(row, place) {
    const [sign, word] = SIGNS[row.decision] ?? ["", "undecided"];
    const button = make("button", {type: "button", tabindex: row.number === current ? 0 : -1,
      "aria-current": row.number === current ? "true" : null},
      make("span", {class: `sign ${word}`}, sign, make("span", {class: "hidden"}, ` ${word}: `)),
      make("span", {class: "title"}, visible(row.title)),
      row.edited ? make("span", {class: "pen"}, "edited") : null,
      row.label ? make("i", {class: `dot ${labelClass(row.label)}`, title: visible(row.label)}) : null);
    button.addEventListener("click", () => open(row.number));
    const element = make("li", {"aria-posinset": place + 1, "aria-setsize": loaded.matches}, button);
    element.style.top = `${place * HEIGHT}px`;
    return element;
  }

  box.addEventListener("scroll", () => {
    const first = Math.floor(box.scrollTop / HEIGHT), last = first + Math.ceil(box.clientHeight / HEIGHT);
    const end = loaded.start + loaded.rows.length;
    if (first < loaded.start || (last > end && end < loaded.matches)) load().catch(() => {}); // the next action will tell
  });

  return function follow(view, chosen) {
    filter = chosen;
    current = view.row?.number ?? null;
    rows.style.height = `${view.matches * HEIGHT}px`;
    if (view.place !== null) {
      const top = (view.place - 1) * HEIGHT;
      if (top < box.scrollTop || top + HEIGHT > box.scrollTop + box.clientHeight) {
        box.scrollTop = top - HEIGHT * Math.floor(box.clientHeight / HEIGHT / 3);
      }
    }
    return load();
  };
}
