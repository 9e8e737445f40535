// How far the review is, altogether and by label and kind; the same figures are the filter's buttons.

import {make, visible} from "./api.js";

const DECISIONS = [["undecided", "Undecided"], ["accept", "Accepted"], ["reject", "Rejected"], ["edited", "Edited"]];
const FEW = 12; // groups that are shown as buttons; more become a menu

const count = (number) => number.toLocaleString("en");

export function overall(box, total) {
  const decided = total.all - total.undecided;
  const bar = meter(total);
  bar.setAttribute("role", "progressbar");
  for (const [name, value] of [["valuemin", 0], ["valuemax", total.all], ["valuenow", decided], ["label", "Decided"]]) {
    bar.setAttribute(`aria-${name}`, value);
  }
  box.replaceChildren(bar, make("p", {}, make("b", {}, `${count(decided)} of ${count(total.all)}`), " decided",
    make("span", {class: "split"}, ` \u00b7 ${count(total.accept)} accepted \u00b7 ${count(total.reject)} rejected`)));
}

function meter({all, accept, reject}) {
  const bar = make("div", {class: "meter"}, make("i", {class: "accepted"}), make("i", {class: "rejected"}));
  [accept, reject].forEach((value, number) => { bar.children[number].style.width = `${100 * value / (all || 1)}%`; });
  return bar;
}

// `choose(name, value)` sets one part of the filter, null to let all pass.
export function facets(box, progress, filter, choose) {
  const focused = document.activeElement?.dataset?.facet;
  const decisions = DECISIONS.map(([name, shown]) => ({name, shown, told: count(progress.total[name])}));
  box.replaceChildren(...[
    facet("decision", "Decision", decisions, filter, choose),
    facet("label", "Label", groups(progress.labels), filter, choose),
    facet("kind", "Kind", groups(progress.kinds), filter, choose),
  ].filter(Boolean));
  if (focused) [...box.querySelectorAll("[data-facet]")].find((each) => each.dataset.facet === focused)?.focus();
}

function groups(found) {
  if (found.length < 2 && !found[0]?.name) return [];
  return found.map((group) => ({name: group.name, shown: visible(group.name || "none"), group,
    told: `${count(group.all - group.undecided)}/${count(group.all)}`}));
}

function facet(field, title, choices, filter, choose) {
  if (!choices.length) return null;
  if (choices.length > FEW) return menu(field, title, choices, filter, choose);
  return make("div", {class: `facet ${field}`, role: "group", "aria-label": `${title}: filter`}, make("h2", {}, title),
    choices.map(({name, shown, told, group}) => {
      const chosen = filter[field] === name;
      const button = make("button", {type: "button", "aria-pressed": String(chosen), "data-facet": `${field}=${name}`},
        make("span", {class: "name"}, shown), group ? meter(group) : null, make("span", {class: "told"}, told));
      button.addEventListener("click", () => choose(field, chosen ? null : name));
      return button;
    }));
}

function menu(field, title, choices, filter, choose) {
  const select = make("select", {"data-facet": field}, make("option", {value: ""}, "all"),
    choices.map(({name, shown, told}) => make("option", {value: `=${name}`}, `${shown} (${told})`)));
  select.value = filter[field] === null ? "" : `=${filter[field]}`;
  select.addEventListener("change", () => choose(field, select.value ? select.value.slice(1) : null));
  return make("label", {class: "facet"}, make("h2", {}, title), select);
}
