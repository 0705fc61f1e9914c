// Words in the person's language. Texts come from data/text only; numbers and dates from Intl, digits 0-9.
import type { Key } from '../generated/keys';
import type { Texts } from './types';

export type Lang = 'en' | 'ur';
export type Params = Record<string, string | number>;

const state = $state<{ lang: Lang; words: Partial<Record<Key, string>> }>({ lang: 'en', words: {} });

export const LOCALES: Record<Lang, string> = { en: 'en-GB', ur: 'ur-PK-u-nu-latn' };
export const lang = () => state.lang;
export const locale = () => LOCALES[state.lang];

const load = {
  en: async () => (await import('../generated/en')).en,
  ur: async () => (await import('../generated/ur')).ur,
};

/** Loads a language's words and turns the page: lang, direction, face. */
export async function setLang(next: Lang) {
  const words = await load[next]();
  Object.assign(state, { lang: next, words });
  document.documentElement.lang = next;
  document.documentElement.dir = next === 'ur' ? 'rtl' : 'ltr';
}

export function fill(text: string, params?: Params): string {
  return params ? text.replace(/\{([a-z0-9_]+)\}/g, (all, name: string) => String(params[name] ?? all)) : text;
}

export function t(key: Key, params?: Params): string {
  return fill(state.words[key] ?? key, params);
}

/** The one or other form for a number; {n} is the number written out. */
export function plural(n: number, one: Key, other: Key, params?: Params): string {
  const form = new Intl.PluralRules(state.lang).select(n) === 'one' ? one : other;
  return t(form, { ...params, n: number(n) });
}

/** The word for a value of a closed list ("severity", "high"), or the value itself when there is none. */
export function label(list: string, value: string | null | undefined): string {
  if (!value) return '';
  const key = `console.${list}.${value.toLowerCase().replace(/[^a-z0-9]+/g, '_')}` as Key;
  return state.words[key] ?? value;
}

/** A record's text in the person's language, else in the one it was written in. */
export function say(texts: Texts | undefined): string {
  if (!texts) return '';
  return texts[state.lang] || texts[texts.first] || texts.en || texts.ur || '';
}

export function number(n: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(locale(), options).format(n);
}

/** A length of bytes in the largest unit that keeps it above one. */
export function bytes(n: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'], at = Math.min(units.length - 1, n > 0 ? Math.floor(Math.log10(n) / 3) : 0);
  return number(n / 1000 ** at, { style: 'unit', unit: units[at] ?? 'byte', unitDisplay: at ? 'short' : 'long', maximumFractionDigits: at ? 1 : 0 });
}

/** A name inside a sentence of another direction, kept in its own. */
export const isolate = (name: string) => `${String.fromCodePoint(0x2068)}${name}${String.fromCodePoint(0x2069)}`;

export const percent = (n: number) => `${number(n, { maximumFractionDigits: 0 })}%`;
