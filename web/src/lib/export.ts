// A list taken out as a file: asked for here, so that a refusal is said in words, then handed to the browser to be saved.
import type { paths } from '../generated/api';
import { Fault, problemOf } from './api';
import { address, type Filled } from './upload';

/** The list on the screen: its address and the filter that it is shown by. */
export interface FileOf { path: keyof paths; id?: string; query?: Record<string, Filled> }
export type FileForm = 'sheet' | 'pdf' | 'csv' | 'jsonl';

const FORMS: Record<FileForm, Record<string, Filled>> = { sheet: { format: 'csv', bom: true }, pdf: { format: 'pdf' }, csv: { format: 'csv' }, jsonl: { format: 'jsonl' } };

function save(body: Blob, name: string) {
  const a = document.createElement('a');
  a.href = URL.createObjectURL(body);
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 60_000);
}

/** Fetches and saves it; gives its name. */
export async function takeOut(of: FileOf, form: FileForm, signal: AbortSignal): Promise<string> {
  let a: Response;
  try {
    a = await fetch(address(of.path, of.id ?? '', { ...of.query, ...FORMS[form] }), { signal });
  } catch {
    throw new Fault(signal.aborted ? -2 : 0, {});
  }
  if (!a.ok) throw new Fault(a.status, problemOf(await a.json().catch(() => null)));
  const name = /filename="([^"]+)"/.exec(a.headers.get('content-disposition') ?? '')?.[1] ?? 'minar';
  save(await a.blob(), name);
  return name;
}
