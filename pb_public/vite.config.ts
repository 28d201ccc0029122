import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { budget } from './vite/budget.ts'
import { serviceWorker } from './vite/service-worker.ts'

export default defineConfig({
  plugins: [svelte(), serviceWorker(), budget()],
  build: {
    target: ['safari16.4', 'chrome111'],
    assetsInlineLimit: 0, // every file has a name of its own; nothing needs data: or inline
    modulePreload: { polyfill: false },
    // Named by what is in it alone: the worker carries every name.
    rolldownOptions: { output: { chunkFileNames: 'assets/[hash].js', assetFileNames: 'assets/[hash][extname]' } },
  },
  // `make dev` serves the API beside it.
  server: { proxy: { '/api': 'http://127.0.0.1:8090' } },
  test: { environment: 'node', include: ['src/**/*.test.ts', 'vite/**/*.test.ts'] },
})
