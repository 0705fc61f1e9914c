// load.mjs - lets Node read our .ts files: by itself where it can (22.18 and later), else through the
// project's own TypeScript, a file at a time, types taken away and not checked (tsc does that in ./check).
import { readFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { fileURLToPath } from 'node:url';

if (!process.features.typescript) register(import.meta.url);

let ts;
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  ts ??= createRequire(import.meta.url)('../../web/node_modules/typescript');
  const { outputText } = ts.transpileModule(readFileSync(fileURLToPath(url), 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, inlineSourceMap: true },
  });
  return { format: 'module', source: outputText, shortCircuit: true };
}
