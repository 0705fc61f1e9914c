// manual.mjs - the manual pages are read by mandoc and man without a word, in both languages, and each command has its
// place in them; the completions run in the shells that use them. Prints "ok WORDS", "not ok WORDS" or "skip WORDS".
//   node test/package/manual.mjs        MINAR: the program (default build/minar); its build has gen/man and gen/completion
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..'), MINAR = path.resolve(process.env.MINAR ?? path.join(ROOT, 'build/minar'));
const GEN = path.join(path.dirname(MINAR), 'gen'), work = mkdtempSync(path.join(tmpdir(), 'minar-manual-'));
const run = (command, args, options = {}) => spawnSync(command, args, { encoding: 'utf8', ...options, env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env } });
const there = (command) => run('sh', ['-c', `command -v ${command}`]).status === 0;
let bad = 0;

function say(words, wrong) {
  const list = [wrong].flat().filter(Boolean);
  console.log(list.length ? `not ok ${words}: ${list.slice(0, 3).join('; ').slice(0, 400)}` : `ok ${words}`);
  bad += list.length > 0;
}

// ---- manual pages ----

const pages = ['man', 'man/ur'].flatMap((d) => readdirSync(path.join(GEN, d)).filter((f) => /\.\d$/.test(f)).map((f) => path.join(GEN, d, f)));
const commands = JSON.parse(readFileSync(path.join(ROOT, 'data/commands.json'), 'utf8'));
const alone = JSON.parse(readFileSync(path.join(ROOT, 'data/alone.json'), 'utf8')).rows;
const page = (name, lang = '') => readFileSync(path.join(GEN, 'man', lang, name), 'utf8').replaceAll('\\-', '-');

for (const lang of ['', 'ur']) {
  say(`each command has its manual${lang ? ', in Urdu' : ''}`, [
    ...commands.filter((c) => !page(`minar-${c.noun}.1`, lang).includes(`.SS ${c.noun} ${c.verb}\n`)).map((c) => `${c.noun} ${c.verb}`),
    ...alone.filter((a) => !page('minar.1', lang).includes(`\\fBminar ${a.name}\\fR`)).map((a) => a.name)]);
}
if (there('mandoc')) {
  // The pages carry the version, not a date: they are the same whenever they are made.
  say(`mandoc has nothing to say of ${pages.length} pages`, pages.map((p) => run('mandoc', ['-Tlint', '-Wwarning', p]).stdout.split('\n').filter((l) => l && !l.includes('missing date')).join(' ')).filter(Boolean));
  say('a page is readable', /Adds an organisation/.test(run('mandoc', ['-Tutf8', path.join(GEN, 'man/minar-org.1')]).stdout) ? '' : 'its words are missing');
} else console.log('skip mandoc: not installed');
if (there('man') && there('groff')) say('man has nothing to say', pages.map((p) => run('man', ['--warnings', '-l', '-Tutf8', '-Z', p], { env: { MANROFFSEQ: '' } }).stderr).filter((s) => s.trim()));

// ---- completions ----

const completion = (shell) => path.join(GEN, `completion/minar.${shell}`);
for (const shell of ['bash', 'zsh', 'fish'])
  say(`minar completion ${shell} prints it`, run(MINAR, ['completion', shell]).stdout === readFileSync(completion(shell), 'utf8') ? '' : 'it prints something else');
say('another shell is refused', run(MINAR, ['completion', 'csh']).status === 2 ? '' : 'it was not');

/** What bash offers for these words, the last being unfinished. */
function inBash(words) {
  const script = `. ${completion('bash')}\nCOMP_WORDS=(${words.map((w) => `'${w}'`).join(' ')})\nCOMP_CWORD=${words.length - 1}\n_minar\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
  const r = run('bash', ['-u', '-c', script], { env: { PATH: `${work}:${process.env.PATH}` } });
  return r.status === 0 ? r.stdout.trim().split('\n') : [`bash: ${r.stderr}`];
}
writeFileSync(path.join(work, 'minar'), '#!/bin/sh\n[ "$*" = "org ls --jsonl" ] && printf \'{"id":"1","key":"MOF"}\\n{"id":"2","key":"MOX"}\\n\'\n', { mode: 0o755 });
const holds = (got, want) => want.filter((w) => !got.includes(w)).map((w) => `${w} is not among ${got.slice(0, 6)}`);

say('bash: nouns and words', holds(inBash(['minar', '']), [...new Set(commands.map((c) => c.noun)), ...alone.map((a) => a.name)]));
say('bash: verbs', holds(inBash(['minar', 'org', '']), commands.filter((c) => c.noun === 'org').map((c) => c.verb)));
say('bash: what was begun narrows', inBash(['minar', 'org', 'net-']).join() === 'net-add,net-rm' ? '' : inBash(['minar', 'org', 'net-']).join());
say('bash: options of a verb', holds(inBash(['minar', 'org', 'add', '--']), ['--kind', '--name-en', '--data']));
say('bash: words of an option', holds(inBash(['minar', 'org', 'add', '--kind', '']), ['bank', 'ministry']));
say('bash: names of bodies', inBash(['minar', 'org', 'show', 'MO']).join() === 'MOF,MOX' ? '' : inBash(['minar', 'org', 'show', 'MO']).join());
say('bash: shells', inBash(['minar', 'completion', '']).join() === 'bash,zsh,fish' ? '' : 'not the three');
if (there('fish')) {
  const inFish = (line) => run('fish', ['--no-config', '-c', `source ${completion('fish')}; complete -C '${line}'`]).stdout.split('\n').map((l) => l.split('\t')[0]);
  say('fish: nouns, verbs, options, words', [...holds(inFish('minar '), ['org', 'doctor']), ...holds(inFish('minar org '), ['ls', 'net-add']), ...holds(inFish('minar org add --'), ['--kind']), ...holds(inFish('minar org add --kind '), ['bank'])]);
} else console.log('skip fish: not installed');
if (there('zsh')) {
  const r = run('zsh', ['-f', '-c', `compdef() { :; }; . ${completion('zsh')}
_describe() { print -l -- \${(P)2}; }
ask() { words=("$@"); CURRENT=$#; PREFIX=\${words[CURRENT]}; _minar; print -r -- '=='; }
ask minar ''; ask minar org ''; ask minar org add --; ask minar org add --kind ''`]);
  const [nouns, verbs, options, kinds] = r.stdout.split('==').map((b) => b.trim().split('\n').map((l) => l.split(':')[0]));
  say('zsh: nouns, verbs, options, words', r.status ? r.stderr : [...holds(nouns, ['org', 'doctor']), ...holds(verbs, ['ls', 'net-add']), ...holds(options, ['--kind']), ...holds(kinds ?? [], ['bank'])]);
} else console.log('skip zsh: not installed');

rmSync(work, { recursive: true, force: true });
process.exit(bad ? 1 : 0);
