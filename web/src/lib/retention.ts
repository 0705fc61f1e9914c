// A run of retention followed to its end: how many things went.
import { api, call } from './api';
import type { Job } from './types';

export async function followRetention(id: string): Promise<number> {
  let job: Job;
  do {
    await new Promise((resolve) => setTimeout(resolve, 400));
    job = await call(api.GET('/api/jobs/{id}', { params: { path: { id } } }));
  } while (job.state === 'ready' || job.state === 'running');
  return job.done;
}
