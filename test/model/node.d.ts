// node.d.ts - the little of Node that the oracle uses, for the type checker: the console's tools, which
// it shares, bring no types of Node.
declare module 'node:net' {
  namespace net {
    interface Socket { on(event: string, fn: (x: any) => void): void; write(text: string): void; destroy(): void; setEncoding(name: string): void }
    function connect(to: { host: string; port: number; noDelay?: boolean }): Socket;
  }
  export default net;
}
declare module 'node:fs' {
  export function readFileSync(path: string, encoding: string): string;
  export function readdirSync(path: string): string[];
}
declare module 'node:path' {
  const path: { resolve(...parts: string[]): string; join(...parts: string[]): string };
  export default path;
}
declare module 'node:crypto' { export function randomUUID(): string }
declare class Buffer extends Uint8Array {
  static alloc(n: number): Buffer;
  static from(text: string): Buffer;
  static concat(parts: Buffer[]): Buffer;
  static byteLength(text: string): number;
  indexOf(what: any, from?: number): number;
  toString(encoding: string, from?: number, to?: number): string;
  subarray(from: number, to?: number): Buffer;
}
declare const process: { pid: number; env: Record<string, string | undefined> };
declare const console: { log(...words: unknown[]): void; error(...words: unknown[]): void };
declare const performance: { now(): number };
declare function setTimeout(fn: (x?: any) => void, ms: number): number;
declare function clearTimeout(t: number): void;
interface ImportMeta { dirname: string }
