// Saved views in the menu: the own ones, and those that the organisation or a role of it was given.
import { api, call } from './api';
import type { SavedView } from './types';

const state = $state<{ list: SavedView[] }>({ list: [] });
export const views = () => state.list;
export const viewsOf = (path: string) => state.list.filter((v) => v.path === path);
export const hrefOf = (v: SavedView) => v.path + (v.query ? `?${v.query}` : '');

export async function loadViews() {
  state.list = (await call(api.GET('/api/views'))).items;
}
