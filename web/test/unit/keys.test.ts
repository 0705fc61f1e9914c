import { describe, expect, it } from 'vitest';
import { nameOf } from '../../src/lib/keys';

const key = (k: string, more = {}) => ({ key: k, ctrlKey: false, metaKey: false, ...more });

describe('names of keys', () => {
  it('joins g with what follows within a second', () => {
    expect(nameOf(key('g'), 0)).toBe('g');
    expect(nameOf(key('q'), 500)).toBe('g q');
    expect(nameOf(key('q'), 600)).toBe('q');
  });
  it('forgets the prefix after a second', () => {
    nameOf(key('g'), 1000);
    expect(nameOf(key('q'), 2500)).toBe('q');
  });
  it('names control keys by themselves', () => {
    expect(nameOf(key('K', { ctrlKey: true }), 0)).toBe('ctrl+k');
    expect(nameOf(key('k', { metaKey: true }), 0)).toBe('ctrl+k');
  });
});
