// Starts the console: language and theme of this device, the frame, then the faces once something is on the screen.
import { mount } from 'svelte';
import './generated/look.css';
import './styles/base.css';
import App from './app/App.svelte';
import { startPrefs } from './lib/prefs.svelte';
import { setLang, type Lang } from './lib/text.svelte';

function firstLang(): Lang {
  const saved = localStorage.getItem('lang');
  if (saved === 'en' || saved === 'ur') return saved;
  return navigator.languages.some((l) => l.startsWith('ur')) ? 'ur' : 'en';
}

startPrefs();
await setLang(firstLang());
mount(App, { target: document.getElementById('app')! });
