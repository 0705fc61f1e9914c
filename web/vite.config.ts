import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// What nearly every screen uses is one file instead of twenty: src/ui without forms, charts and sheets.
const shared = /src\/(ui\/(Age|Code|Deadline|Failed|Filter|Loading|More|Page|Rows|Severity|Split|State|StateTag|Tlp)\.svelte|lib\/)/;

// Assets are never inlined and nothing is injected: the server's policy is default-src 'self'.
export default defineConfig({
  base: '/',
  plugins: [svelte()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: true,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'shared', test: shared }] } } },
  },
  test: { include: ['test/unit/**/*.test.ts'], setupFiles: ['test/unit/setup.ts'] },
});
