// Keys of a screen. One listener; screens add theirs while they are shown. Never while someone types.
export type Bindings = Record<string, (e: KeyboardEvent) => void>;
const stack: Bindings[] = [];
let prefix = '';
let prefix_at = 0;

export function typing(e: KeyboardEvent): boolean {
  const el = e.target as HTMLElement | null;
  return !!el?.closest?.('input, textarea, select, [contenteditable]');
}

/** Enter and the space bar belong to the button or link that has the focus. */
function pressing(e: KeyboardEvent): boolean {
  const el = e.target as HTMLElement | null;
  return (e.key === 'Enter' || e.key === ' ') && !!el?.closest?.('button, a[href], summary');
}

/** "g q" after g within a second; "ctrl+k"; else the key itself. */
export function nameOf(e: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey'>, at: number): string {
  if (e.ctrlKey || e.metaKey) return `ctrl+${e.key.toLowerCase()}`;
  const name = prefix && at - prefix_at < 1000 ? `${prefix} ${e.key}` : e.key;
  prefix = e.key === 'g' && !name.includes(' ') ? 'g' : '';
  prefix_at = at;
  return name;
}

function pressed(e: KeyboardEvent) {
  if (e.defaultPrevented || e.altKey || e.isComposing) return;
  if (document.querySelector('[role="dialog"]') && !(e.ctrlKey || e.metaKey)) return;
  if (pressing(e) || (typing(e) && !(e.ctrlKey || e.metaKey))) return;
  const name = nameOf(e, performance.now());
  for (const bindings of stack.toReversed()) {
    const run = bindings[name];
    if (run) {
      e.preventDefault();
      run(e);
      return;
    }
  }
}

export function bind(bindings: Bindings): () => void {
  if (stack.length === 0) document.addEventListener('keydown', pressed);
  stack.push(bindings);
  return () => {
    stack.splice(stack.indexOf(bindings), 1);
    if (stack.length === 0) document.removeEventListener('keydown', pressed);
  };
}
