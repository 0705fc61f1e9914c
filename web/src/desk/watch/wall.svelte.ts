// What the wall knows: read again when the stream says that something happened, and every twenty seconds; by the key of the
// address (/wall#KEY), which reads figures alone, or by who is signed in. The key is sent to nobody but this site.
import { api, call, faultOf, type Fault } from '../../lib/api';
import { setClock } from '../../lib/time.svelte';
import type { Wall } from '../../lib/types';

const EVERY_MS = 20_000, AT_MOST_MS = 3_000, AGAIN_MS = 5_000;

export class WallData {
  value = $state.raw<Wall | undefined>();
  fault = $state.raw<Fault | undefined>();
  at = $state(Date.now());
  #headers: Record<string, string>;
  #last = 0;
  #timers: ReturnType<typeof setTimeout>[] = [];
  #stop = new AbortController();

  constructor() {
    const key = decodeURIComponent(location.hash.slice(1));
    this.#headers = key ? { Authorization: `Bearer ${key}` } : {};
  }

  start(): () => void {
    void this.#read();
    const every = setInterval(() => void this.#read(), EVERY_MS);
    void this.#listen();
    return () => { clearInterval(every); this.#timers.forEach(clearTimeout); this.#stop.abort(); };
  }

  async #read() {
    this.#last = Date.now();
    try {
      const value = await call(api.GET('/api/wall', { headers: this.#headers }));
      setClock(value.now, value.time_zone);
      Object.assign(this, { value, at: Date.now(), fault: undefined });
    } catch (e) { this.fault = faultOf(e); }
  }

  /** Something happened: read soon, and seldom. */
  #stir() {
    const wait = Math.max(0, this.#last + AT_MOST_MS - Date.now());
    this.#timers = [setTimeout(() => void this.#read(), wait)];
    this.#last = Date.now() + wait;
  }

  /** The stream of the same key: EventSource can send none, so it is read as it comes. */
  async #listen() {
    while (!this.#stop.signal.aborted) {
      try {
        const answer = await fetch('/api/stream', { headers: this.#headers, signal: this.#stop.signal });
        const lines = answer.ok ? answer.body?.pipeThrough(new TextDecoderStream()).getReader() : undefined;
        for (let part = await lines?.read(); part && !part.done; part = await lines?.read()) if (/^data:/m.test(part.value) && Date.now() > this.#last) this.#stir();
      } catch { /* it is opened again below */ }
      await new Promise((done) => this.#timers.push(setTimeout(done, AGAIN_MS)));
    }
  }
}
