// Calendar days as people read them: "2026-08-14" has no clock and no zone.
import { locale } from '../../lib/text.svelte';

const at = (day: string) => new Date(`${day}T12:00:00Z`);
export const dayText = (day: string) => new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', day: 'numeric', month: 'short', weekday: 'short' }).format(at(day));
export const monthName = (year: number, month: number) => new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', month: 'long' }).format(new Date(Date.UTC(year, month, 15)));
// Urdu has no letters for them that people would know.
export const weekdayName = (monday0: number) => new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', weekday: locale().startsWith('ur') ? 'short' : 'narrow' }).format(new Date(Date.UTC(2024, 0, 1 + monday0)));
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 10);
/** The days of a month with how many cells stand empty before the first, a week beginning on Monday. */
export function monthDays(year: number, month: number): { before: number; days: string[] } {
  const first = Date.UTC(year, month, 1), n = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return { before: (new Date(first).getUTCDay() + 6) % 7, days: Array.from({ length: n }, (_, i) => iso(first + i * 864e5)) };
}
export const weekdayOf = (day: string) => (at(day).getUTCDay() + 6) % 7;
