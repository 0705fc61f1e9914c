// Cuts the three faces to the letters the console shows. Urdu faces keep what their shaping needs.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import subsetFont from 'subset-font';

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)).join('');
const latin = range(0x20, 0x7e) + range(0xa0, 0xff) + '–—‘’“”…•→←↑↓−×≥≤';
// Urdu's alphabet, its marks and signs, what Arabic names and quotations add, digits and joiners.
const urdu = 'ءآأؤإئابتثجحخدذرزسشصضطظعغفقكلمنهويةىٹپچڈڑژکگںھہۂۃیےۓ' + range(0x64b, 0x658) + '\u0670\u0654\u0655' +
  '،؛؟٪٫٬۔' + range(0x6f0, 0x6f9) + '0123456789 .:-()/«»"\'%+،\u200c\u200d\u200e\u200f\u00a0';

const FACES = [
  ['@fontsource-variable/inter/files/inter-latin-wght-normal.woff2', 'inter.woff2', latin, { wght: { min: 400, max: 650 } }],
  ['@fontsource/noto-naskh-arabic/files/noto-naskh-arabic-arabic-400-normal.woff2', 'naskh-400.woff2', urdu],
  ['@fontsource/noto-naskh-arabic/files/noto-naskh-arabic-arabic-700-normal.woff2', 'naskh-700.woff2', urdu],
  ['@fontsource/noto-nastaliq-urdu/files/noto-nastaliq-urdu-arabic-400-normal.woff2', 'nastaliq-400.woff2', urdu],
];

export async function cutFonts(modules, out) {
  for (const [from, to, letters, variationAxes] of FACES) {
    const file = join(out, to);
    if (existsSync(file)) continue;
    writeFileSync(file, await subsetFont(readFileSync(join(modules, from)), letters, { targetFormat: 'woff2', variationAxes }));
  }
}
