// Reading for screens: one thing, or a list page by page. Each says whether it waits, failed or is there.
import { untrack } from 'svelte';
import { faultOf, type Fault } from './api';
import type { Page } from './types';

export class One<T> {
  value = $state.raw<T | undefined>();
  fault = $state.raw<Fault | undefined>();
  busy = $state(false);
  #turn = 0;

  async read(get: () => Promise<T>, keep = false) {
    const turn = ++this.#turn;
    if (!keep) this.value = undefined;
    this.fault = undefined;
    this.busy = true;
    try {
      const value = await get();
      if (turn === this.#turn) this.value = value;
    } catch (e) {
      if (turn === this.#turn) this.fault = faultOf(e);
    }
    if (turn === this.#turn) this.busy = false;
  }
}

export class List<T> {
  items = $state.raw<T[]>([]);
  fault = $state.raw<Fault | undefined>();
  busy = $state(false);
  loaded = $state(false);
  next = $state<string | null>(null);
  page = $state.raw<Page<T> | undefined>();
  #turn = 0;
  #get: (cursor?: string) => Promise<Page<T>>;

  constructor(get: (cursor?: string) => Promise<Page<T>>) {
    this.#get = get;
  }

  /** From the start; rows stay on the screen until the new ones are here. */
  async reload() {
    await this.#fetch(undefined, ++this.#turn);
  }

  async more() {
    if (!this.busy && this.next) await this.#fetch(this.next, this.#turn);
  }

  async #fetch(cursor: string | undefined, turn: number) {
    this.busy = true;
    this.fault = undefined;
    try {
      const page = await this.#get(cursor);
      if (turn !== this.#turn) return;
      this.items = cursor ? [...this.items, ...page.items] : page.items;
      this.next = page.next;
      this.page = page;
      this.loaded = true;
    } catch (e) {
      if (turn === this.#turn) this.fault = faultOf(e);
    }
    if (turn === this.#turn) this.busy = false;
  }
}

/** Runs a read whenever what `watch` looks at changes, and not for what the read itself looks at. */
export function whenever(watch: () => unknown, run: () => void) {
  $effect(() => {
    watch();
    untrack(run);
  });
}
