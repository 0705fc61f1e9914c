// Signing in by the identity provider: is there one, and sending the browser there.
import { api, call } from './api';

export interface Offer { name?: string; linked: boolean }
const NONE: Offer = { linked: false };

/** Never fails: without an answer there is no button. */
export async function offer(): Promise<Offer> {
  try { return await call(api.GET('/api/oidc')); } catch { return NONE; }
}

const leave = ({ location }: { location: string }) => { window.location.assign(location); };
export const signInThere = async () => leave(await call(api.POST('/api/oidc/sign-in')));
export const linkThere = async () => leave(await call(api.POST('/api/session/identity')));
export const proveThere = async () => leave(await call(api.POST('/api/session/identity/proof')));
