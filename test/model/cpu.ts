// cpu.ts - what a run costs: seconds of processor of this process and of all below it (the program, its
// children, PostgreSQL). On a machine that does other work beside it says more than the clock.
import { readFileSync, readdirSync } from 'node:fs';

const TICKS = 100; // of /proc, a second: fixed by the kernel's interface to programs

interface Usage { parent: number; ticks: number; store: boolean }

function usage(pid: string): Usage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8'), f = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { store: stat.includes('(postgres)'), parent: Number(f[1]), ticks: Number(f[11]) + Number(f[12]) + Number(f[13]) + Number(f[14]) };
  } catch {
    return null; // it ended
  }
}

/** own: of this process; below: of all below it; store: of PostgreSQL among those. */
export interface Spent { own: number; below: number; store: number }

export function spent(): Spent {
  const all = new Map<number, Usage>();
  for (const name of readdirSync('/proc')) {
    const u = /^\d+$/.test(name) ? usage(name) : null;
    if (u) all.set(Number(name), u);
  }
  const below = (pid: number): number => {
    const up = all.get(pid);
    return pid === process.pid ? 1 : up && up.parent ? below(up.parent) : 0;
  };
  const sum: Spent = { own: 0, below: 0, store: 0 };
  for (const [pid, u] of all) {
    if (pid === process.pid) sum.own += u.ticks / TICKS;
    else if (below(pid)) {
      sum.below += u.ticks / TICKS;
      if (u.store) sum.store += u.ticks / TICKS;
    }
  }
  return sum;
}
