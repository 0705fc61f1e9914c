// Time as people read it: ages in words, hours of the site's zone, UTC beside. "Now" is the realm's clock.
import { locale, t } from './text.svelte';

const clock = $state({ offset_ms: 0, tick: Date.now(), zone: undefined as string | undefined });

export const now = () => clock.tick + clock.offset_ms;
export function setClock(server_now: string, zone?: string) {
  clock.offset_ms = Date.parse(server_now) - Date.now();
  clock.tick = Date.now();
  if (zone) clock.zone = zone;
}
export function startClock(every_ms = 5000): () => void {
  const timer = setInterval(() => (clock.tick = Date.now()), every_ms);
  return () => clearInterval(timer);
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1],
];

/** Seconds as the largest whole unit: 5400 is 1 hour. */
export function largest(seconds: number): { n: number; unit: Intl.RelativeTimeFormatUnit } {
  const size = Math.abs(seconds);
  const [unit, length] = UNITS.find(([, s]) => size >= s) ?? ['second', 1];
  return { n: Math.floor(size / length), unit };
}

/** "3 hours ago", "in 2 days"; within a minute "now". */
export function ago(iso: string, from = now()): string {
  const seconds = (Date.parse(iso) - from) / 1000;
  if (Math.abs(seconds) < 60) return t('console.time.now');
  const { n, unit } = largest(seconds);
  return new Intl.RelativeTimeFormat(locale()).format(seconds < 0 ? -n : n, unit);
}

/** "3 hours": a length without direction. */
export function span(seconds: number, display: 'long' | 'short' = 'long'): string {
  const { n, unit } = largest(seconds);
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: display }).format(n);
}

function format(iso: string, zone: string | undefined, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale(), { ...options, timeZone: zone }).format(new Date(iso));
}

export const zone = () => clock.zone;
export const clockTime = (iso: string) => format(iso, clock.zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
export const dayMonth = (iso: string) => format(iso, clock.zone, { day: 'numeric', month: 'short' });
export const dateTime = (iso: string) => format(iso, clock.zone, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });
export const date = (iso: string) => format(iso, clock.zone, { dateStyle: 'medium' });
export const utc = (iso: string) => `${format(iso, 'UTC', { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })} UTC`;
export const hover = (iso: string) => `${dateTime(iso)} · ${utc(iso)}`;

/** The first moment of a day ("2027-01-04") in the site's zone; of the last day, the end of it. */
export function dayEdge(day: string, last: boolean): string {
  const at = Date.parse(`${day}T00:00:00Z`) + (last ? 86_400_000 : 0);
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: clock.zone, dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' }).formatToParts(new Date(at));
  const n = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  const there = Date.UTC(n('year'), n('month') - 1, n('day'), n('hour'), n('minute'), n('second'));
  return new Date(at - (there - at)).toISOString();
}

export interface DeadlineView { filled_pct: number; state: 'calm' | 'soon' | 'late'; seconds: number }

/** How far a deadline is used up; "soon" is the last quarter. */
export function deadline(from: string, due: string, at = now()): DeadlineView {
  const start = Date.parse(from), end = Date.parse(due);
  const part = end > start ? (at - start) / (end - start) : 1;
  const state = at >= end ? 'late' : part >= 0.75 ? 'soon' : 'calm';
  return { filled_pct: Math.round(Math.min(1, Math.max(0, part)) * 100), state, seconds: Math.abs(end - at) / 1000 };
}
