/** The style sheet of HTML reports. Colours keep a contrast of 4.5 : 1 and more, light and dark. */
export const reportStyle = `
:root { color-scheme: light dark; --text: #1f2328; --dim: #59636e; --line: #d1d9e0; --back: #ffffff; --raised: #f6f8fa; --part: #6639ba; }
@media (prefers-color-scheme: dark) {
	:root { --text: #e6edf3; --dim: #9da7b3; --line: #3d444d; --back: #0d1117; --raised: #161b22; --part: #ab7df8; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 24px 48px; }
h1 { margin: 0; font-size: 26px; line-height: 1.25; }
h2 { margin: 36px 0 10px; font-size: 18px; break-after: avoid; }
h3 { margin: 14px 0 4px; font-size: 13px; color: var(--dim); break-after: avoid; }
.title { margin: 4px 0 0; font-size: 18px; overflow-wrap: anywhere; }
dl { margin: 0; }
dd { margin: 0; overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; gap: 4px 24px; margin-top: 12px; }
.facts div { display: flex; gap: 6px; min-width: 0; }
.facts dt { color: var(--dim); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin-top: 24px; }
.figures div { padding: 12px 14px; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); break-inside: avoid; }
.figures dt { font-size: 13px; color: var(--dim); }
.value { display: block; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; }
.note { display: block; font-size: 13px; color: var(--dim); }
.wide { overflow-x: auto; }
.wide:focus-visible, summary:focus-visible { outline: 2px solid var(--part); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--dim); white-space: nowrap; }
th, td { padding: 6px 10px; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
td bdi { display: inline-block; min-width: 12ch; max-width: 60ch; overflow-wrap: anywhere; }
td:not(:has(bdi)) { white-space: nowrap; }
td .below + bdi { display: inline; }
.figure { text-align: right; white-space: nowrap; }
tr { break-inside: avoid; }
.below { margin-right: 5px; color: var(--dim); }
.bar { display: block; width: 100%; min-width: 72px; height: 4px; margin-top: 4px; border-radius: 2px; }
.bar rect { fill: var(--line); }
.bar .part { fill: var(--part); }
ul { margin: 8px 0; padding-left: 20px; }
li, summary { overflow-wrap: anywhere; }
details { margin: 8px 0; border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; }
summary { cursor: pointer; font-weight: 600; }
pre { margin: 0; padding: 10px 12px; border-radius: 6px; background: var(--raised); font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
footer { margin-top: 40px; padding-top: 12px; border-top: 1px solid var(--line); font-size: 13px; color: var(--dim); }
@media (max-width: 560px) { main { padding: 20px 14px 32px; } h1 { font-size: 22px; } }
@media print {
	:root { color-scheme: light; --text: #000000; --dim: #444444; --line: #bbbbbb; --back: #ffffff; --raised: #ffffff; --part: #6639ba; }
	body { font-size: 11px; }
	main { max-width: none; padding: 0; }
	.figures { grid-template-columns: repeat(5, 1fr); }
	table { font-size: 10px; }
	.wide { overflow: visible; }
	thead { display: table-header-group; }
	.bar { print-color-adjust: exact; }
	td bdi { min-width: 0; }
	details::details-content { content-visibility: visible; block-size: auto; }
}
`;

/** What the report's policy lets through: this sheet and no other style. SHA-256, base64; a test makes it again. */
export const reportStyleHash = 'sha256-JIQPGKlU89hSoddsnEBkglLCbhTSkYBTyY5ekJp/vcw=';
