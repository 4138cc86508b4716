// What the build of the React screens needs to know of the server: that it has them.
import { VendureConfig } from '@vendure/core';
import { DashboardPlugin } from '@vendure/dashboard/plugin';

export const config: VendureConfig = {
  apiOptions: { port: 3000, adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
  authOptions: { tokenMethod: ['bearer', 'cookie'] },
  dbConnectionOptions: { type: 'better-sqlite3', database: ':memory:' },
  paymentOptions: { paymentMethodHandlers: [] },
  plugins: [DashboardPlugin.init({ route: 'dashboard', appDir: './dashboard' })],
};
