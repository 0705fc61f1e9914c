import { describe, expect, it } from 'vitest';
import { find } from '../../src/app/routes';
import { Fault } from '../../src/lib/api';
import { match, query, queryFlag } from '../../src/lib/router.svelte';
import { address } from '../../src/lib/upload';
import { entryHref } from '../../src/desk/office/entry';

describe('addresses', () => {
  it('match patterns with parameters, and nothing longer or shorter', () => {
    expect(match('/notices/:id', '/notices/a%20b')).toEqual({ id: 'a b' });
    expect(match('/notices/:id', '/notices')).toBeNull();
    expect(match('/notices', '/notices/')).toEqual({});
  });
  it('lead to screens; the import is no organisation', () => {
    expect(find('/organisations/import')?.params).toEqual({});
    expect(find('/organisations/x')?.params).toEqual({ id: 'x' });
    expect(find('/nowhere')).toBeNull();
  });
  it('carry filters', () => {
    expect(queryFlag('late')).toBe(true);
    expect(query('absent')).toBe('');
  });
  it('of the interface are filled in and escaped', () => {
    expect(address('/api/feeds/{id}/files', 'a/b', { name: 'x y.csv', dry_run: undefined, wait: true })).toBe('/api/feeds/a%2Fb/files?name=x+y.csv&wait=true');
  });
});

describe('problems', () => {
  it('point at the field of a form', () => {
    expect(new Fault(422, { pointer: '/name_en' }).field).toBe('name_en');
    expect(new Fault(422, { pointer: '/body/networks/0' }).field).toBe('0');
    expect(new Fault(500, {}).field).toBe('');
  });
});

describe('ledger entries', () => {
  const entry = { id: 'e', at: '2026-01-01T00:00:00Z', type: 'notice.sent' };
  it('lead to their subject where it has a screen', () => {
    expect(entryHref({ ...entry, kind: 'notice', subject: 'n' })).toBe('/notices/n');
    expect(entryHref({ ...entry, subject: 'n' })).toBe('/notices/n');
    expect(entryHref({ ...entry, kind: 'api_key', subject: 'n' })).toBe('');
    expect(entryHref({ ...entry, kind: 'notice', subject: null })).toBe('');
  });
});
