// Vendure as the tests run it: one process, one SQLite file, both admin screens, reachable from this machine only.
const { DefaultJobQueuePlugin, DefaultLogger, DefaultSearchPlugin, LanguageCode, LogLevel, PaymentMethodHandler } = require('@vendure/core');
const { AdminUiPlugin } = require('@vendure/admin-ui-plugin');
const { DashboardPlugin } = require('@vendure/dashboard/plugin');

const orders = require(process.env.ORDERS || './orders.json');

let made = 0;
const port = Number(process.env.PORT); // 0: any that is free

// An acquirer that pays at once and takes its time with refunds. What the card does at a refund is decided when the order is paid:
//   closed   the acquirer declines: the refund is Failed
//   muddled  the acquirer books the refund and reports a state that Vendure cannot reach: an error although the refund exists
const acquirer = new PaymentMethodHandler({
  code: 'acquirer',
  description: [{ languageCode: LanguageCode.en, value: 'Card; refunds stay pending until they are settled' }],
  args: {},
  createPayment: (ctx, order, amount, args, metadata) => ({
    amount,
    state: 'Settled',
    transactionId: `ch_${order.code}`,
    metadata: { card: 'Visa 4242', temper: String(metadata.temper || '') },
  }),
  settlePayment: () => ({ success: true }),
  createRefund: (ctx, input, amount, order, payment) => {
    if (payment.metadata.temper === 'closed') return { state: 'Failed', metadata: { errorMessage: 'The card is closed' } };
    if (payment.metadata.temper === 'muddled') return { state: 'Pending', metadata: {} };
    return false;
  },
});

// An order that says what its unit costs, tax and all, costs that.
const asTold = {
  calculateUnitPrice: (ctx, variant, fields, order) => {
    const told = orders.find(one => one.code === order.code && one.unit);
    return told ? { price: told.unit, priceIncludesTax: true } : { price: variant.listPrice, priceIncludesTax: variant.listPriceIncludesTax };
  },
};

exports.config = {
  apiOptions: { hostname: '127.0.0.1', port, adminApiPath: 'admin-api', shopApiPath: 'shop-api', trustProxy: false },
  authOptions: {
    tokenMethod: ['bearer', 'cookie'],
    superadminCredentials: { identifier: process.env.ACCOUNT, password: process.env.PASSWORD },
    cookieOptions: { secret: process.env.COOKIE_SECRET },
    requireVerification: false,
  },
  dbConnectionOptions: { type: 'better-sqlite3', database: process.env.DATABASE, synchronize: process.env.CREATE === 'yes', logging: false },
  // The shop's orders in the order they are placed; what is left in the cart after them has a number too.
  orderOptions: {
    orderCodeStrategy: { generate: () => (orders[made++] || { code: `VD-2699${made}` }).code },
    orderItemPriceCalculationStrategy: asTold,
  },
  paymentOptions: { paymentMethodHandlers: [acquirer] },
  logger: new DefaultLogger({ level: LogLevel.Warn }),
  plugins: [
    DefaultSearchPlugin.init({ bufferUpdates: false }),
    DefaultJobQueuePlugin,
    AdminUiPlugin.init({ route: 'admin', port, compatibilityMode: true, adminUiConfig: { apiHost: 'auto', apiPort: 'auto', defaultLanguage: 'en', defaultLocale: 'US' } }),
    DashboardPlugin.init({ route: 'dashboard', appDir: process.env.DASHBOARD }),
  ],
};
