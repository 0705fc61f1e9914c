// Makes what the console's sources need and nobody writes by hand, into src/generated/:
// look.css (data/look.json), texts (data/text), api.d.ts (the OpenAPI document), fonts cut to their letters.
// usage: node tools/generate.mjs [OPENAPI_JSON]     without it the document is made from data/ first
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { cutFonts } from './fonts.mjs';

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(web);
const out = join(web, 'src/generated');
mkdirSync(out, { recursive: true });
const py = (script, ...args) =>
  execFileSync('python3', [join(root, 'tools/gen', script), ...args], { stdio: 'inherit', cwd: root });

py('look.py', join(root, 'data/look.json'), '--css', join(out, 'look.css'));
py('texts.py', '--root', root, '--ts', out, '--areas', 'console');

let openapi = process.argv[2];
if (!openapi) {
  openapi = join(out, 'openapi.json');
  py('openapi.py', openapi, ...['routes', 'permissions.json', 'rates.json'].map((f) => join(root, 'data', f)),
    '0', join(root, 'data/schemas'));
}
const types = '// Made by openapi-typescript from the OpenAPI document.\n' +
  astToString(await openapiTS(pathToFileURL(openapi)));
const file = join(out, 'api.d.ts');
if (!existsSync(file) || readFileSync(file, 'utf8') !== types) writeFileSync(file, types);
await cutFonts(join(web, 'node_modules'), out);
