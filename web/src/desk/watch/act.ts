// What a person does to notices and findings; each tells what came of it.
import { api, call, faultOf, idempotencyKey } from '../../lib/api';
import { actingFor } from '../../lib/acting.svelte';
import { t } from '../../lib/text.svelte';
import { toast } from '../../lib/toast.svelte';

async function done(act: Promise<unknown>, words: string): Promise<boolean> {
  try {
    await act;
    toast(words);
    return true;
  } catch (e) {
    toast(faultOf(e).message || t('console.state.offline_hint'), { bad: true });
    return false;
  }
}

export const acknowledgeNotice = (id: string) =>
  done(call(api.POST('/api/notices/{id}/acknowledge', { params: { path: { id }, query: actingFor('notice.acknowledge'), header: { 'Idempotency-Key': idempotencyKey() } } })), t('console.notice.acknowledged_done'));

export const undoNotice = (id: string) =>
  done(call(api.POST('/api/notices/{id}/undo', { params: { path: { id } } })), t('console.notice.undone_done'));

export const answerFinding = (id: string, answer: 'fixed' | 'not_mine' | 'false_positive') =>
  done(call(api.POST('/api/findings/{id}/answer', { params: { path: { id }, query: actingFor('finding.answer') }, body: { answer } })), t('console.finding.answered'));

export const makeLetter = (id: string) =>
  done(call(api.POST('/api/notices/{id}/letter', { params: { path: { id }, header: { 'Idempotency-Key': idempotencyKey() } } })), t('console.letter.made_done'));

export type LetterState = 'printed' | 'handed' | 'returned' | 'withdrawn';
export const moveLetter = (id: string, state: LetterState) =>
  done(call(api.POST('/api/letters/{id}/state', { params: { path: { id } }, body: { state } })), t('console.letter.state_done'));
