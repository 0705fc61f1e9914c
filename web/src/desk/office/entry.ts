// Where a ledger entry's subject can be seen; empty when it has no screen.
import type { LedgerEntry } from '../../lib/types';

const SCREENS: Record<string, string> = {
  organisation: '/organisations/', feed: '/feeds/', finding: '/findings/', notice: '/notices/', indicator: '/indicators/', person: '/people/', glass: '/glass/',
};

export function entryHref(e: LedgerEntry): string {
  const screen = SCREENS[e.kind || (e.type.split('.')[0] ?? '')];
  return screen && e.subject ? screen + e.subject : '';
}
