"""The style sheet. It is code so that it is installed, and fingerprinted, with the rest of the report."""

CSS = """
/* One column to read in, figures as wide as it; light, dark and paper share the drawings through these variables.
   Series 1-5: blue, orange, green, purple, yellow-brown, told apart under the common color-vision deficiencies
   (after Okabe and Ito 2008), each at 3:1 or more against the page. */
:root {
  color-scheme: light dark;
  --page: #fdfcf9; --panel: #f5f2eb; --ink: #1c2427; --ink-soft: #59666b; --rule: #e2ddd1; --accent: #0a6c74;
  --series-1: #0a6aa6; --series-2: #c8530a; --series-3: #0b8a68; --series-4: #a64a87; --series-5: #8a6d00;
  --tint-0: #d7e8f4; --tint-1: #fbe3cf; --tint-2: #d3ede2; --tint-3: #f1dcea; --good: #0b7a5c; --bad: #b3400a;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial,
    sans-serif;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", "URW Palladio L", Georgia, "Noto Serif",
    serif;
  --mono: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14191b; --panel: #1d2427; --ink: #e8e5de; --ink-soft: #a3afb3; --rule: #323b3f; --accent: #62c6cc;
    --series-1: #63b3ec; --series-2: #f59a57; --series-3: #4fcba3; --series-4: #dd95c6; --series-5: #d9bd52;
    --tint-0: #1d3f57; --tint-1: #573619; --tint-2: #174838; --tint-3: #4c2a42; --good: #5fd0a8; --bad: #f59a57;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 1rem/1.6 var(--sans); overflow-wrap: anywhere; }
main, header, footer { max-width: 788px; margin: 0 auto; padding: 0 24px; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

header { padding-top: 72px; }
.kicker { margin: 0 0 12px; font-size: .8rem; letter-spacing: .12em; text-transform: uppercase; color: var(--accent);
  font-weight: 600; }
h1 { margin: 0; font: 600 clamp(2.1rem, 6.5vw, 3.3rem)/1.08 var(--serif); letter-spacing: -.015em; text-wrap: balance; }
.sentence { margin: 24px 0 0; font: 1.24rem/1.55 var(--serif); max-width: 39em; text-wrap: pretty; }
nav ol { display: flex; flex-wrap: wrap; gap: 6px 22px; margin: 36px 0 0; padding: 14px 0; list-style: none;
  border-block: 1px solid var(--rule); font-size: .9rem; counter-reset: chapter; }
nav li { counter-increment: chapter; }
nav li::before { content: counter(chapter) " "; color: var(--ink-soft); font-variant-numeric: tabular-nums; }
nav a { text-decoration: none; color: var(--ink); }
nav a:hover { text-decoration: underline; }

.cards { display: grid; gap: 1px; margin: 32px 0 0;
  border: 1px solid var(--rule); border-radius: 10px; overflow: hidden; }
.of1 { grid-template-columns: 1fr; }
.of2 { grid-template-columns: repeat(2, 1fr); }
.of3 { grid-template-columns: repeat(3, 1fr); }
.of4 { grid-template-columns: repeat(4, 1fr); } .of5 { grid-template-columns: repeat(5, 1fr); }
.of5 .card { padding-inline: 12px; }
figure .cards { margin-top: 0; }
.card { min-width: 0; box-shadow: 0 0 0 1px var(--rule); padding: 16px 16px 14px; display: flex;
  flex-direction: column; gap: 3px; }
.card b { font: 600 1.75rem/1.1 var(--serif); letter-spacing: -.01em; }
.card span { font-size: .88rem; line-height: 1.35; }
.card small { font-size: .76rem; line-height: 1.4; color: var(--ink-soft); margin-top: auto; padding-top: 4px; }

main { counter-reset: chapter; }
.chapter { counter-increment: chapter; margin-top: 88px; }
h2 { margin: 0 0 14px; font: 600 clamp(1.6rem, 4.6vw, 2.1rem)/1.15 var(--serif); letter-spacing: -.01em;
  text-wrap: balance; }
h2::before { content: counter(chapter); display: block; margin-bottom: 6px; font: 600 .9rem/1 var(--sans);
  color: var(--accent); letter-spacing: 0; }
.lead { margin: 0; font: 1.1rem/1.6 var(--serif); max-width: 40em; text-wrap: pretty; }
figure { margin: 48px 0 0; }
h3 { margin: 0 0 14px; font: 650 1.06rem/1.35 var(--sans); text-wrap: balance; }
h4 { margin: 0 0 4px; font: 600 .86rem/1.4 var(--sans); }
figcaption { margin-top: 12px; font-size: .84rem; line-height: 1.5; color: var(--ink-soft); max-width: 52em;
  text-wrap: pretty; }
figure > p { margin: 0 0 12px; }

.chart svg { display: block; width: 100%; height: auto; font: 12px/1 var(--sans); stroke-linejoin: round;
  font-variant-numeric: tabular-nums; }
.chart.narrow { display: none; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); gap: 24px 32px; }
.columns > * { min-width: 0; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 0 0 8px; padding: 0; list-style: none;
  font-size: .86rem; }
.key { display: inline-block; width: 18px; height: 0; margin-right: 8px; vertical-align: .28em;
  border-top: 3px solid currentColor; }
.key.dash1 { border-top-style: dashed; }
.key.dash2 { border-top-style: dotted; }
.key.point { width: 10px; height: 10px; border: 0; border-radius: 50%; background: currentColor; vertical-align: 0; }
.swatch { display: inline-block; width: 11px; height: 11px; margin-right: 7px; border-radius: 3px;
  background: currentColor; }
.s1 { color: var(--series-1); }
.s2 { color: var(--series-2); }
.s3 { color: var(--series-3); }
.s4 { color: var(--series-4); }
.s5 { color: var(--series-5); }

.bars { display: grid; grid-template-columns: fit-content(38%) 1fr auto; gap: 7px 14px; font-size: .88rem;
  line-height: 1.35; }
.bar { display: grid; grid-template-columns: subgrid; grid-column: 1 / -1; align-items: center; }
.track { position: relative; height: 16px; border-radius: 3px; background: var(--panel); }
.fill { position: absolute; inset: 0 auto 0 0; border-radius: 3px; background: currentColor; min-width: 1px; }
.span { position: absolute; top: 50%; height: 0; border-top: 2px solid var(--ink); opacity: .75; }
.value { font-variant-numeric: tabular-nums; text-align: right; }
.stack { display: flex; height: 12px; margin: 7px 0 0; border-radius: 3px; overflow: hidden; background: var(--panel); }
.stack i { background: currentColor; min-width: 2px; }
.thirds { grid-template-columns: repeat(auto-fit, minmax(min(210px, 100%), 1fr)); }
.columns .bars { font-size: .82rem; gap: 4px 10px; grid-template-columns: fit-content(40%) 1fr 3.2em; }
.token { font-family: var(--mono); font-size: .92em; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; line-height: 1.45; }
th { text-align: left; font-weight: 600; color: var(--ink-soft); vertical-align: bottom; }
th, td { padding: 8px 14px 8px 0; border-bottom: 1px solid var(--rule); }
td { vertical-align: top; }
.scroll :is(th, td) { overflow-wrap: normal; }
.scroll td:last-child { overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.right { color: var(--good); font-weight: 600; } .wrong { color: var(--bad); font-weight: 600; }

details { border-top: 1px solid var(--rule); font-size: .9rem; }
details:last-of-type { border-bottom: 1px solid var(--rule); }
summary { cursor: pointer; padding: 9px 0; }
summary:hover { color: var(--accent); }
.folded { padding: 2px 0 14px; }
.folds { margin-top: 22px; }
.folds:has(> :only-child) { margin-top: 4px; font-size: .94em; color: var(--ink-soft); }
.folds > details:only-child { border: 0; font-size: .84rem; }
.folded { color: var(--ink); }
.folded h4 { margin-top: 12px; }
blockquote { margin: 8px 0 0; padding: 9px 14px; background: var(--panel); border-radius: 6px; font-size: .86rem;
  line-height: 1.5; white-space: pre-wrap; }
pre { margin: 8px 0 0; padding: 12px 14px; background: var(--panel); border-radius: 6px; font: .8rem/1.5 var(--mono);
  white-space: pre-wrap; }
code { font-family: var(--mono); font-size: .9em; }
.below { display: block; font-size: .86em; }
.said { white-space: pre-wrap; }
.stackable td:first-child { width: 31%; }
.soft { color: var(--ink-soft); }

.step { padding: 12px 0; border-top: 1px solid var(--rule); }
.step .line { display: flex; justify-content: space-between; gap: 16px; align-items: baseline; }
.step .line b { font-weight: 600; }
.step .value { white-space: nowrap; }
.step details { border: 0; font-size: .84rem; }
.step summary { padding: 6px 0 0; color: var(--ink-soft); }

.stacks { font-size: .82rem; }
.stacks :is(th, td) { padding: 3px 0 3px 9px; border: 0; vertical-align: middle; white-space: nowrap; }
.stacks :is(th, td):first-child { padding-left: 0; }
.stacks tbody th { font-weight: 400; color: var(--ink); }
.stacks tbody .long { white-space: normal; width: 10em; min-width: 10em; max-width: 10em; line-height: 1.25; }
.stacks .number { min-width: 3.5em; }
.stacks .swatch { margin: 0; }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.short { white-space: nowrap; }
.stacks .track-cell { width: 100%; }
.stacks .stack { height: 14px; margin: 0; min-width: 60px; }
:is(.stack i, .swatch):is(.of-abstain, .of-between) { background: repeating-linear-gradient(135deg, currentColor 0 4px,
  color-mix(in srgb, currentColor 62%, var(--page)) 4px 7px); }

.talks { columns: 2 300px; column-gap: 18px; }
.talk { break-inside: avoid; margin-bottom: 18px; border: 1px solid var(--rule); border-radius: 10px; font-size: .88rem;
  line-height: 1.45; padding: 12px 14px; }
.talk h4 { margin: 0 0 8px; color: var(--ink-soft); }
.turn { display: grid; grid-template-columns: 4.2em minmax(0, 1fr); gap: 8px; padding: 5px 0; }
.who { color: var(--ink-soft); font-size: .86em; overflow-wrap: anywhere; }
.turn.assistant .said { font-weight: 600; }
.turn.tool > div, .turn.system > div { background: var(--panel); border-radius: 6px; padding: 6px 9px;
  font-size: .92em; }
.call { display: block; background: var(--tint-0); border-radius: 6px; padding: 5px 9px; }
.foot { margin: 6px 0 0; padding-top: 7px; border-top: 1px solid var(--rule); color: var(--ink-soft);
  font-size: .92em; }
.answers { display: block; }
.answers span { display: inline-block; margin-right: 12px; }

.tokens { margin: 10px 0 0; font: .86rem/2 var(--mono); }
.tokens span { padding: 3px 1px; border-radius: 3px; white-space: pre-wrap; overflow-wrap: anywhere; }
.t0 { background: var(--tint-0); }
.t1 { background: var(--tint-1); }
.t2 { background: var(--tint-2); }
.t3 { background: var(--tint-3); }
.given { background: var(--panel); color: var(--ink-soft); }
.learnt { background: var(--tint-2); font-weight: 600; }
.completion { margin: 0; white-space: pre-wrap; font: .95rem/1.55 var(--serif); }
.prompt { color: var(--ink-soft); }
.written { font-weight: 600; }

footer { margin-top: 96px; padding-top: 20px; padding-bottom: 48px; font-size: .84rem; color: var(--ink-soft); }

@media (max-width: 640px) {
  main, header, footer { padding-inline: 20px; }
  header { padding-top: 44px; }
  .chapter { margin-top: 68px; }
  .chart.wide { display: none; }
  .chart.narrow { display: block; }
  .cards { grid-template-columns: repeat(2, 1fr); }
  .stackable thead { display: none; }
  .stackable tr { display: block; padding: 12px 0; border-bottom: 1px solid var(--rule); }
  .stackable td:first-child { width: auto; }
  .stackable td { display: grid; grid-template-columns: 3.4em minmax(0, 1fr); gap: 8px; border: 0; padding: 3px 0; }
  .stackable td::before { content: attr(data-label); color: var(--ink-soft); font-size: .92em; }
}
@media print {
  body { background: #fff; font-size: 10.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav { display: none; }
  header { padding-top: 0; }
  .chapter { margin-top: 40px; }
  h2, figure, .card, .step, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
"""
