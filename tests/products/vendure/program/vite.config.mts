import path from 'path';
import { pathToFileURL } from 'url';
import { vendureDashboardPlugin } from '@vendure/dashboard/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/dashboard/',
  build: { outDir: path.join(import.meta.dirname, 'dashboard'), emptyOutDir: true },
  plugins: [
    vendureDashboardPlugin({
      vendureConfigPath: pathToFileURL('./dashboard-config.ts'),
      api: { host: 'auto', port: 'auto' }, // the address the page itself came from
      gqlOutputPath: './gql',
    }),
  ],
});
