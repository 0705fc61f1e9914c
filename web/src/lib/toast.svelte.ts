// One line at the foot that says what was done, with its undo where there is one.
export interface Toast { id: number; words: string; undo?: (() => void) | undefined; bad?: boolean }
let last = 0;
const state = $state<{ list: Toast[] }>({ list: [] });
export const toasts = () => state.list;

export function dismiss(id: number) {
  state.list = state.list.filter((x) => x.id !== id);
}

export function toast(words: string, options: { undo?: () => void; bad?: boolean } = {}) {
  const id = ++last;
  state.list = [...state.list.slice(-2), { id, words, ...options }];
  setTimeout(() => dismiss(id), options.undo ? 30_000 : 6000);
}
