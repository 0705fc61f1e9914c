// Where we are: path and query as state. A link is a saved view; anchors inside the console are caught here.
const here = $state({ path: location.pathname, query: new URLSearchParams(location.search) });

export const path = () => here.path;
export const query = (name: string) => here.query.get(name) ?? '';
export const queryFlag = (name: string) => here.query.get(name) === '1';

function read() {
  here.path = location.pathname;
  here.query = new URLSearchParams(location.search);
}

export function go(href: string, replace = false) {
  history[replace ? 'replaceState' : 'pushState'](null, '', href);
  read();
}

/** Changes filters in place; an empty value removes one. */
export function setQuery(changes: Record<string, string | boolean | undefined>, replace = true) {
  const next = new URLSearchParams(here.query);
  for (const [name, value] of Object.entries(changes)) {
    if (!value) next.delete(name);
    else next.set(name, value === true ? '1' : value);
  }
  const text = next.toString();
  go(here.path + (text ? `?${text}` : ''), replace);
}

/** A path with the present filters kept, so that a row opens in its list. */
export function withQuery(to: string): string {
  const text = here.query.toString();
  return to + (text ? `?${text}` : '');
}

/** "/notices/:id" against a path: its parameters, or null. */
export function match(pattern: string, at: string): Record<string, string> | null {
  const want = pattern.split('/'), have = at.replace(/\/+$/, '').split('/');
  if (want.length !== have.length) return null;
  const found: Record<string, string> = {};
  for (const [i, part] of want.entries()) {
    const value = have[i] ?? '';
    if (part.startsWith(':')) found[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return found;
}

const ELSEWHERE = /^\/(api|l|assets)(\/|$)/;

function caught(e: MouseEvent) {
  if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
  const a = (e.target as Element).closest?.('a');
  if (!a || a.target || a.download || a.origin !== location.origin || ELSEWHERE.test(a.pathname)) return;
  if (a.hash && a.pathname === location.pathname) return;
  e.preventDefault();
  go(a.pathname + a.search);
}

export function startRouter(): () => void {
  addEventListener('popstate', read);
  document.addEventListener('click', caught);
  return () => {
    removeEventListener('popstate', read);
    document.removeEventListener('click', caught);
  };
}
