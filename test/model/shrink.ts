// shrink.ts - makes a failing history short (delta debugging: parts are left out for as long as something
// still differs) and writes it as a script that a person can read.
import type { Found, Oracle } from './run.ts';
import type { Step } from './model.ts';

/** A step is taken away by standing still, so that later ones name the same things. */
const REST: Step = { op: 'clock', minutes: 0 };
const isRest = (q: Step) => q.op === 'clock' && q.minutes === 0;
const without = (steps: Step[], from: number, n: number) => steps.map((q, i) => (i >= from && i < from + n ? empty(q) : q));

/** What makes something leaves its place behind. */
function empty(q: Step): Step {
  if (q.op === 'put') return { ...q, kind: 'delivery', parent: -1 };
  if (q.op === 'indicator' || q.op === 'glass' || q.op === 'label' || q.op === 'member' || q.op === 'leave') return { ...q, as: 999 };
  return q.op === 'key' ? { ...q, as: 999 } : REST;
}
export const isEmpty = (q: Step) => isRest(q) || ('as' in q && q.as === 999) || (q.op === 'put' && q.kind === 'delivery' && q.parent < 0);

export async function shrink(o: Oracle, f: Found, most = 150): Promise<{ steps: Step[]; words: string }> {
  let steps = f.steps.slice(0, f.step + 1), { words } = f, tries = 0;
  for (let part = Math.ceil(steps.length / 2); part >= 1; part = part === 1 ? 0 : Math.ceil(part / 2)) {
    for (let from = 0; from < steps.length && tries < most; from += part) {
      const less = without(steps, from, part);
      if (less.every((q, i) => isEmpty(q) === isEmpty(steps[i]))) continue;
      tries++;
      const [found] = await o.play(f.lane, f.seed, less);
      if (!found) continue;
      steps = less.slice(0, found.step + 1);
      words = found.words;
    }
  }
  return { steps: steps.filter((q) => !isEmpty(q)), words };
}

export function script(steps: Step[]): string {
  return steps.map((q) => {
    const { op, ...rest } = q;
    return `  ${op.padEnd(12)} ${Object.entries(rest).map(([k, v]) => `${k}=${JSON.stringify(v)}`).join(' ')}`;
  }).join('\n');
}
