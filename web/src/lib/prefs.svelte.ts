// What a person chose on this device: theme, and whether the screen is narrow.
export type Theme = 'system' | 'light' | 'dark';
const prefs = $state<{ theme: Theme; narrow: boolean }>({ theme: 'system', narrow: false });

export const theme = () => prefs.theme;
export const narrow = () => prefs.narrow;

export function setTheme(next: Theme) {
  prefs.theme = next;
  if (next === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = next;
  localStorage.setItem('theme', next);
}

export function startPrefs() {
  const saved = localStorage.getItem('theme');
  setTheme(saved === 'light' || saved === 'dark' ? saved : 'system');
  const width = matchMedia('(max-width: 760px)');
  const look = () => (prefs.narrow = width.matches);
  look();
  width.addEventListener('change', look);
}
