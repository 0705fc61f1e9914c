// hostile_text.mjs - texts that nobody should be afraid of: the Big List of Naughty Strings (npm, MIT) and payloads of
// ours that would run script, load something or leave the page if any view took them for more than text. What they
// do is seen by hostile.mjs: they call hostile(), open a dialog, or ask for an address with "hostile-ran" in it.
import { createRequire } from 'node:module';
import path from 'node:path';

const need = createRequire(path.resolve(import.meta.dirname, '../../web/package.json'));
export const NAUGHTY = need('big-list-of-naughty-strings').filter((s) => s.trim().length > 0);

const CALL = "hostile('ran')";
const TAGS = ['img src=x onerror', 'svg onload', 'body onload', 'input autofocus onfocus', 'details open ontoggle', 'video src=x onerror', 'audio src=x onerror', 'marquee onstart', 'iframe onload', 'object data=x onerror', 'select autofocus onfocus', 'textarea autofocus onfocus', 'style onload', 'form onsubmit', 'math onclick', 'x onpointerrawupdate', 'div onmouseover', 'a onfocus autofocus href=x'];
const SCRIPTS = [
  `<script>${CALL}</script>`, `"><script>${CALL}</script>`, `'><script>${CALL}</script>`, `</title><script>${CALL}</script>`, `</textarea><script>${CALL}</script>`, `</script><script>${CALL}</script>`, `<script src=/hostile-ran></script>`, `<script src=//hostile-ran.example></script>`, `<ScRiPt>${CALL}</sCrIpT>`,
  `<scr<script>ipt>${CALL}</scr</script>ipt>`, `<<script>${CALL}//<</script>`, `<script\n>${CALL}</script\n>`, `<script/x>${CALL}</script>`, `<template><script>${CALL}</script></template>`, `<noscript><p title="</noscript><img src=x onerror=${CALL}>">`, `<!--><img src=x onerror=${CALL}>-->`, `<![CDATA[<script>${CALL}</script>]]>`,
  `<svg><script>${CALL}</script></svg>`, `<svg><a xlink:href="javascript:${CALL}"><text y=20>x</text></a></svg>`, `<svg><animate onbegin=${CALL} attributeName=x dur=1s>`, `<svg><foreignObject><iframe srcdoc="<script>parent.hostile()</script>"></iframe></foreignObject></svg>`, `<math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=${CALL} src>">`,
  `<iframe srcdoc="<script>parent.hostile()</script>"></iframe>`, `<iframe src="javascript:parent.hostile()"></iframe>`, `<embed src="javascript:${CALL}">`, `<object data="data:text/html,<script>parent.hostile()</script>"></object>`, `<link rel=stylesheet href=/hostile-ran.css>`, `<meta http-equiv=refresh content="0;url=/hostile-ran">`, `<base href=//hostile-ran.example>`, `<style>@import '/hostile-ran';*{background:url(/hostile-ran)}</style>`, `<img src=/hostile-ran>`, `<form action=/hostile-ran><input type=submit autofocus></form>`,
];
const ATTRIBUTES = [`" onmouseover="${CALL}" x="`, `' onfocus='${CALL}' autofocus x='`, '` onload=`hostile()`', `x" style="background:url(/hostile-ran)" y="`, `"onclick=${CALL} `, `" autofocus onfocus="${CALL}`];
const ADDRESSES = [`javascript:${CALL}`, `JaVaScRiPt:${CALL}`, ` javascript:${CALL}`, `java\tscript:${CALL}`, `javascript&colon;${CALL}`, `javascript://%0a${CALL}`, `data:text/html,<script>parent.hostile()</script>`, `vbscript:${CALL}`, `//hostile-ran.example/`, `/\\hostile-ran.example`, `https://hostile-ran.example/" onclick="${CALL}`];
const EXPRESSIONS = ["{{constructor.constructor('hostile()')()}}", '${hostile()}', '#{hostile()}', '{@html "<img src=x onerror=hostile()>"}', '<%= hostile() %>', '[[hostile()]]', "';hostile();'", '";hostile();"', '`${hostile()}`', '\\u003cscript\\u003ehostile()\\u003c/script\\u003e', '\\x3cscript\\x3ehostile()\\x3c/script\\x3e', '%3Cscript%3Ehostile()%3C/script%3E', '&lt;script&gt;hostile()&lt;/script&gt;', '&#60;script&#62;hostile()&#60;/script&#62;', '+ADw-script+AD4-hostile()+ADw-/script+AD4-', '\u2028<script>hostile()</script>', '\u202e<script>hostile()</script>', '\ufeff<script>hostile()</script>', '＜script＞hostile()＜/script＞', '[x](javascript:hostile())', '![x](/hostile-ran)', '=HYPERLINK("/hostile-ran","x")', '__proto__', 'constructor', 'toString', '</style><script>hostile()</script>', '<a href="javascript:hostile()">x</a>', '{"@type":"x","onerror":"hostile()"}'];

export const PAYLOADS = [...SCRIPTS, ...TAGS.map((t) => `<${t}=${CALL}>`), ...ATTRIBUTES, ...ADDRESSES, ...EXPRESSIONS];

/** For the n-th field of a kind: every payload, and a part of the naughty strings; all parts together are the list. */
export function texts(n, of, most = Infinity) {
  const part = NAUGHTY.filter((_, i) => i % of === n % of);
  return [...PAYLOADS, ...part].map((s) => [...s].slice(0, most).join(''));
}
