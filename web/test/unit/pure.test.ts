import { describe, expect, it } from 'vitest';
import { fill } from '../../src/lib/text.svelte';
import { deadline, largest } from '../../src/lib/time.svelte';
import { slice } from '../../src/lib/window';

describe('time', () => {
  it('names a length by its largest whole unit', () => {
    expect(largest(59)).toEqual({ n: 59, unit: 'second' });
    expect(largest(-5400)).toEqual({ n: 1, unit: 'hour' });
    expect(largest(0)).toEqual({ n: 0, unit: 'second' });
    expect(largest(400 * 86_400)).toEqual({ n: 1, unit: 'year' });
  });
  it('fills a deadline and says by how much it is past', () => {
    const from = '2026-03-01T00:00:00Z', due = '2026-03-03T00:00:00Z', at = (iso: string) => Date.parse(iso);
    expect(deadline(from, due, at('2026-03-02T00:00:00Z'))).toEqual({ filled_pct: 50, state: 'calm', seconds: 86_400 });
    expect(deadline(from, due, at('2026-03-02T12:00:00Z')).state).toBe('soon');
    expect(deadline(from, due, at('2026-03-03T02:00:00Z'))).toEqual({ filled_pct: 100, state: 'late', seconds: 7200 });
    expect(deadline(due, due, at('2026-03-02T00:00:00Z')).filled_pct).toBe(100);
    expect(deadline(from, due, at('2026-02-01T00:00:00Z')).filled_pct).toBe(0);
  });
});

describe('rows in sight', () => {
  it('covers the window with a few to spare and keeps the height', () => {
    for (const top of [0, 10, 3600, 35_999]) {
      const s = slice(1000, 36, top, 600);
      expect(s.first * 36).toBeLessThanOrEqual(top);
      expect(s.last * 36).toBeGreaterThanOrEqual(Math.min(36_000, top + 600));
      expect(s.before_px + (s.last - s.first) * 36 + s.after_px).toBe(36_000);
    }
  });
  it('is empty for an empty list and sane past the end', () => {
    expect(slice(0, 36, 0, 600)).toEqual({ first: 0, last: 0, before_px: 0, after_px: 0 });
    expect(slice(3, 36, 99_999, 600)).toEqual({ first: 3, last: 3, before_px: 108, after_px: 0 });
  });
});

describe('texts', () => {
  it('fills named places and leaves unknown ones', () => {
    expect(fill('{n} of {total}, {x}', { n: 1, total: '2' })).toBe('1 of 2, {x}');
    expect(fill('plain')).toBe('plain');
  });
});
