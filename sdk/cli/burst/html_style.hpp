// SPDX-License-Identifier: MIT
/// \file
/// The style sheet of the page: light and dark, for screens of 360 pixels and more, and for paper.
#pragma once

#include <string_view>

namespace tickertape::cli::burst {

/// The shades s1 to s9 differ in lightness, one step after the other, so that they can be told apart without colours.
inline constexpr std::string_view burst_style = R"css(
:root {
  color-scheme: light dark;
  --ground: #ffffff; --ink: #1b2026; --soft: #59636e; --line: #dde2e7; --faint: #f4f6f8;
  --max: #a9cdec; --p50: #20639b; --burst: #c2410c; --band: #e4e9ee;
  --s0: #e9edf1; --s1: #f3dfae; --s2: #eec57a; --s3: #e8a540; --s4: #dd8206; --s5: #c96400;
  --s6: #b34400; --s7: #9a1d00; --s8: #7d0012; --s9: #55001b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181c; --ink: #e5e9ed; --soft: #9aa5b0; --line: #2c343b; --faint: #1b2127;
    --max: #2d5f8b; --p50: #9fd0f5; --burst: #f5905a; --band: #242b32;
    --s0: #20262c; --s1: #3a2a5e; --s2: #5b2f76; --s3: #882e7e; --s4: #b93377; --s5: #e04a62;
    --s6: #f9704b; --s7: #fea053; --s8: #fdcb78; --s9: #f9f0ba;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 64rem; padding: 1.5rem 1rem 3rem;
  background: var(--ground); color: var(--ink);
  font: 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
h1, h2, h3, p, dl, dd, figure { margin: 0; }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.125rem; line-height: 1.35; overflow-wrap: anywhere; }
h3 { font-size: 0.9375rem; }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: 0.2em; }
.note, .legend { color: var(--soft); font-size: 0.8125rem; }
header .note { margin-top: 0.375rem; }
.words { margin-right: 0.75em; }
.tags { color: var(--soft); font-weight: 400; }
.defs { position: absolute; }
section.report { margin-top: 2.5rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }

.highlights { display: flex; flex-wrap: wrap; gap: 0.75rem 2rem; margin-top: 0.75rem; }
.highlights div { display: flex; flex-direction: column-reverse; }
.highlights dt { color: var(--soft); font-size: 0.8125rem; }
.highlights dd { font-size: 1.375rem; font-weight: 600; line-height: 1.25; }

figure { margin-top: 1.75rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.125rem 1rem; margin-top: 0.25rem; }
.key { white-space: nowrap; }
.swatch { display: inline-block; width: 0.75rem; height: 0.75rem; vertical-align: -0.0625rem; border-radius: 2px; }
.dash { display: inline-block; width: 1rem; vertical-align: 0.25rem; border-top: 1.5px dashed var(--burst); }
.picture { display: block; margin: 0.875rem 0 1.75rem 3.5rem; width: calc(100% - 4.5rem); overflow: visible; }
figure > .note { margin-top: -0.25rem; }
.picture text { fill: var(--soft); font-size: 0.6875rem; }
.left, .last { text-anchor: end; }
.middle { text-anchor: middle; }
.grid { stroke: var(--line); }
.axis, .mark { stroke: var(--soft); }
.hi { stroke: var(--burst); stroke-dasharray: 4 3; }
.one { stroke: var(--soft); stroke-dasharray: 2 3; }
path { shape-rendering: crispEdges; }
path.max, path.p50 { stroke-width: 1; vector-effect: non-scaling-stroke; }
.max { fill: var(--max); stroke: var(--max); background: var(--max); }
.p50 { fill: var(--p50); stroke: var(--p50); background: var(--p50); }
.burst { fill: var(--burst); stroke: var(--burst); background: var(--burst); }
.band { fill: var(--band); background: var(--band); }
polyline.curve { fill: none; stroke: var(--p50); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
circle.curve { fill: var(--p50); }
.swatch.curve { background: var(--p50); border-radius: 50%; }
rect.gap { fill: url(#hatch); }
.hatch-ground { fill: var(--ground); }
.hatch-line { stroke: var(--line); stroke-width: 3; }
.swatch.gap { background: repeating-linear-gradient(135deg, var(--line) 0 2px, var(--ground) 2px 4px); }
.s0 { fill: var(--s0); background: var(--s0); } .s1 { fill: var(--s1); background: var(--s1); }
.s2 { fill: var(--s2); background: var(--s2); } .s3 { fill: var(--s3); background: var(--s3); }
.s4 { fill: var(--s4); background: var(--s4); } .s5 { fill: var(--s5); background: var(--s5); }
.s6 { fill: var(--s6); background: var(--s6); } .s7 { fill: var(--s7); background: var(--s7); }
.s8 { fill: var(--s8); background: var(--s8); } .s9 { fill: var(--s9); background: var(--s9); }

.scroll { overflow-x: auto; margin-top: 1.75rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; }
caption { text-align: left; font-weight: 600; font-size: 0.9375rem; padding-bottom: 0.25rem; }
th, td { padding: 0.1875rem 0 0.1875rem 0.75rem; border-top: 1px solid var(--line); text-align: right; vertical-align: baseline; }
th:first-child, td:first-child { padding-left: 0; text-align: left; }
th { font-weight: 400; color: var(--soft); }
thead th { border-top: 0; font-size: 0.8125rem; white-space: nowrap; }
td { white-space: nowrap; }
th a { color: var(--ink); overflow-wrap: anywhere; }
td.none { color: var(--soft); text-align: left; }
.tables { columns: 2 22rem; column-gap: 2.5rem; margin-top: 1.75rem; }
.tables > * { break-inside: avoid; margin: 0 0 1.75rem; }
@media (min-width: 56rem) {
  .curve-and-scales { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 7fr); gap: 2.25rem; }
}

footer { margin-top: 2.5rem; padding-top: 0.5rem; border-top: 1px solid var(--line); }
.reading h2 { font-size: 0.9375rem; }
.reading dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.125rem 1rem; font-size: 0.8125rem; margin: 0.25rem 0; }
.reading dd { color: var(--soft); }
@media (max-width: 30rem) {
  body { padding: 1rem 0.75rem 2rem; }
  .highlights { gap: 0.625rem 1.25rem; }
  table { font-size: 0.8125rem; }
  th, td { padding-left: 0.5rem; }
  .picture { margin-left: 3.25rem; width: calc(100% - 3.75rem); }
}
@media print {
  body { max-width: none; }
  figure, tr { break-inside: avoid; }
}
)css";

} // namespace tickertape::cli::burst
