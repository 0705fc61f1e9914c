// A file on its way to the server, with progress; it can be stopped. fetch tells no progress, so this does.
import type { paths } from '../generated/api';
import { Fault, problemOf } from './api';
import { proofOf, showProof } from './stepup.svelte';

export interface Upload { url: string; method?: 'POST' | 'PUT'; file: File; onProgress?: (part: number) => void; signal?: AbortSignal }

/** Sends it; once more when a proof was asked for and shown. */
export async function upload<T>(what: Upload): Promise<T> {
  try {
    return await send<T>(what);
  } catch (x) {
    const proof = x instanceof Fault ? proofOf(x.status, x.problem) : null;
    if (!proof || !(await showProof(proof))) throw x;
    return send<T>(what);
  }
}

function send<T>({ url, method = 'POST', file, onProgress, signal }: Upload): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.responseType = 'json';
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.onprogress = (e) => e.lengthComputable && onProgress?.(e.loaded / e.total);
    request.onload = () => {
      if (request.status < 300) resolve(request.response as T);
      else reject(new Fault(request.status, problemOf(request.response)));
    };
    request.onerror = () => reject(new Fault(0, {}));
    request.onabort = () => reject(new Fault(-2, {}));
    signal?.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

export type Filled = string | number | boolean | undefined;

/** An address of the interface with its {id} and query filled in. */
export function address(path: keyof paths, id: string, query: Record<string, Filled>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') search.set(name, String(value));
  const text = search.toString();
  return path.replace('{id}', encodeURIComponent(id)) + (text ? `?${text}` : '');
}
