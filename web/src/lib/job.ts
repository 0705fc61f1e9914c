// Long works from the console's side: stopped, undone, followed to their end.
import { api, call, faultOf } from './api';
import { number, t } from './text.svelte';
import { toast } from './toast.svelte';
import type { Job } from './types';

export const OUTCOMES = ['done', 'same', 'denied', 'absent', 'late'] as const;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const bad = (e: unknown) => toast(faultOf(e).message || t('console.state.offline_hint'), { bad: true });

export async function stopJob(id: string): Promise<boolean> {
  try {
    await call(api.DELETE('/api/jobs/{id}', { params: { path: { id } } }));
    toast(t('console.job.stopped'));
    return true;
  } catch (e) {
    bad(e);
    return false;
  }
}

export async function undoJob(id: string): Promise<boolean> {
  try {
    const made = await call(api.POST('/api/jobs/{id}/undo', { params: { path: { id } } }));
    await followJob(made.id, false);
    return true;
  } catch (e) {
    bad(e);
    return false;
  }
}

/** Waits until it is over and says what came of it, with its undo where there is one. */
export async function followJob(id: string, undo: boolean, onover: () => void = () => {}): Promise<void> {
  try {
    let job: Job;
    do {
      await wait(400);
      job = await call(api.GET('/api/jobs/{id}', { params: { path: { id } } }));
    } while (job.state === 'ready' || job.state === 'running');
    const n = job.result?.done ?? 0, rest = job.total - n;
    const words = [t(job.kind === 'answer_undo' ? 'console.job.over_undone' : 'console.job.over', { n: number(n) }), rest > 0 ? t('console.job.over_rest', { n: number(rest) }) : '', job.words ?? ''].filter(Boolean).join(' ');
    toast(words, { bad: job.state === 'failed', ...(undo && n > 0 ? { undo: () => void undoJob(id).then(onover) } : {}) });
    onover();
  } catch (e) {
    bad(e);
  }
}
