"""How the HTML report looks: in a page of its own and in the output of a notebook, light and dark.

Everything is scoped by the class `iobound`, for a notebook has its own rules and other outputs. The report has its own
ground: a notebook may be light on a dark desktop, and then only the notebook knows.
"""

from __future__ import annotations

_LIGHT = """
--ground:#ffffff;--raised:#f6f8fa;--ink:#1f2328;--faint:#59636e;--line:#d1d9e0;--good:#116329;--bad:#b42318;
--doubt:#8a3ffc;--computing:#1a7f37;--waiting:#9a36b3;--queueing:#c4391c;--resting:#6e7781;--track:#eaeef2
"""

_DARK = """
--ground:#15191f;--raised:#1f252d;--ink:#e6edf3;--faint:#a0abb7;--line:#3a434e;--good:#56d378;--bad:#ff958c;
--doubt:#c9a6ff;--computing:#3fb95f;--waiting:#cf8ae0;--queueing:#ff7b5c;--resting:#97a3b0;--track:#2a313a
"""

_RULES = """
.iobound{%(light)s;box-sizing:border-box;container-type:inline-size;background:var(--ground);color:var(--ink);
font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;padding:12px 16px;text-align:left;
overflow-wrap:anywhere;max-width:1100px;border:1px solid var(--line);border-radius:8px}
@media (prefers-color-scheme:dark){.iobound{%(dark)s}}
[data-jp-theme-light="true"] .iobound,.vscode-light .iobound,html[theme="light"] .iobound{%(light)s}
[data-jp-theme-light="false"] .iobound,.vscode-dark .iobound,.vscode-high-contrast .iobound,
html[theme="dark"] .iobound{%(dark)s}
.iobound *{box-sizing:border-box}
.iobound h2,.iobound h3,.iobound p,.iobound dl,.iobound dd,.iobound pre,.iobound table{margin:0;padding:0}
.iobound h2{font-size:18px;line-height:1.35;font-weight:650;color:var(--ink)}
.iobound h3,.iobound summary{font-size:14px;font-weight:650;line-height:1.5;color:var(--ink)}
.iobound section,.iobound details{margin-top:12px}
.iobound details.part{border-top:1px solid var(--line);margin-top:8px;padding-top:8px}
.iobound summary{cursor:pointer;border-radius:4px;list-style-position:outside;margin-left:1.1em}
.iobound summary:focus-visible,.iobound .scroll:focus-visible{outline:2px solid var(--waiting);outline-offset:2px}
.iobound .remark,.iobound .faint{color:var(--faint);font-weight:400}
.iobound .strong{font-weight:650}
.iobound .good{color:var(--good);font-weight:650}
.iobound .bad{color:var(--bad);font-weight:650}
.iobound .doubtful{color:var(--doubt);font-weight:650}
.iobound .waiting{color:var(--waiting)}
.iobound .queueing{color:var(--queueing)}
.iobound dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 12px}
.iobound dt{color:var(--faint);font-weight:400;max-width:16em}
.iobound dt .first{display:inline-block;min-width:5.8em}
.iobound dt.bad,.iobound dt.good,.iobound dt.strong,.iobound dt.doubtful{font-weight:650}
.iobound dt.bad{color:var(--bad)}
.iobound dt.good{color:var(--good)}
.iobound dt.doubtful{color:var(--doubt)}
.iobound dt .second{color:var(--ink)}
.iobound dd{min-width:0}
.iobound dd+dd{grid-column:2}
.iobound .answer{background:var(--raised);border-radius:6px;padding:10px 14px}
.iobound .answer dl{margin-top:6px}
.iobound .run{color:var(--faint);margin-top:8px;font-size:13px}
.iobound details.item{margin-top:8px;padding-left:2px}
.iobound details.item>div,.iobound details.part>div,.iobound section>div{margin-top:6px}
.iobound pre{background:var(--raised);color:var(--ink);border-radius:6px;padding:8px 12px;margin-top:6px;
overflow-x:auto;font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
white-space:pre;overflow-wrap:normal;tab-size:4}
.iobound code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
background:var(--raised);color:inherit;padding:1px 3px;border:0;border-radius:3px}
.iobound pre code{font:inherit;background:none;padding:0}
.iobound .scroll{overflow-x:auto;margin-top:4px}
.iobound table{border-collapse:collapse;border:0;font-size:13px;font-variant-numeric:tabular-nums;width:auto;
color:inherit;table-layout:auto}
.iobound caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%%);white-space:nowrap}
.iobound tr,.iobound tbody tr:nth-child(odd),.iobound tbody tr:hover{background:none}
.iobound th,.iobound td{padding:2px 14px 2px 0;border:0;text-align:left;vertical-align:top;font-weight:400;
background:none;max-width:28em;white-space:normal;color:inherit}
.iobound th.good,.iobound td.good{color:var(--good)}
.iobound th.bad,.iobound td.bad{color:var(--bad)}
.iobound th.faint,.iobound td.faint,.iobound thead th{color:var(--faint)}
.iobound th.waiting,.iobound td.waiting{color:var(--waiting)}
.iobound th.queueing,.iobound td.queueing{color:var(--queueing)}
.iobound th.computing,.iobound td.computing{color:var(--computing)}
.iobound .right{text-align:right}
.iobound thead th{white-space:nowrap}
.iobound td.long,.iobound th.long{min-width:12em}
.iobound .short{white-space:nowrap}
.iobound .track{position:relative;display:block;width:100%%;min-width:120px;height:12px;margin-top:5px;
background:var(--track);border-radius:2px}
.iobound .bar{position:absolute;left:0;top:0;bottom:0;min-width:2px;border-radius:2px;background:var(--resting)}
.iobound .bar.computing{background:var(--computing)}
.iobound .bar.waiting{background:var(--waiting)}
.iobound .bar.queueing{background:var(--queueing)}
.iobound .whisker{position:absolute;top:4px;height:4px;min-width:1px;border:solid var(--ink);border-width:0 1px}
.iobound .whisker::after{content:"";position:absolute;left:0;right:0;top:1.5px;height:1px;background:var(--ink)}
.iobound .wide{width:34%%}
.iobound table.full{width:100%%}
@container (max-width:760px){.iobound .rank4,.iobound .rank5,.iobound .rank6{display:none}}
@container (max-width:620px){.iobound .rank3{display:none}}
@container (max-width:470px){.iobound .rank2{display:none}.iobound dl{column-gap:8px}.iobound dt{max-width:7.5em}
.iobound th,.iobound td{padding-right:8px}.iobound .track{min-width:64px}}
@container (max-width:390px){.iobound .rank1:not(.wide){display:none}}
"""

_PAGE = """
:root{color-scheme:light dark}
html{background:#eef1f4}
body{margin:0;padding:16px}
body .iobound{margin:0 auto}
@media (prefers-color-scheme:dark){html{background:#0c0f13}}
@media (max-width:520px){body{padding:0}body .iobound{border:0;border-radius:0}}
"""


def _packed(rules: str) -> str:
    return rules.strip().replace("\n", "")


RULES = _packed(_RULES % {"light": _packed(_LIGHT), "dark": _packed(_DARK)})
"""For the report alone."""

PAGE = _packed(_PAGE)
"""For the page around it."""
