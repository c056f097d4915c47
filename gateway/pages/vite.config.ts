import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const page = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  build: {
    outDir: '../dist/pages',
    emptyOutDir: true,
    target: 'es2022',
    // The policy allows no data: module, and no inline preload polyfill.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 5_000,
    rolldownOptions: {
      // GraphiQL's "use no memo" is for a compiler that does not run here.
      checks: { moduleLevelDirective: false },
      input: [page('index.html'), page('explorer.html'), page('docs.html')],
    },
  },
});
