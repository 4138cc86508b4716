// Fills a new database with a shop: countries, taxes, shipping, the acquirer and the products of products.csv.
const path = require('path');
const { bootstrap } = require('@vendure/core');
const { populate } = require('@vendure/core/cli');
const { config } = require('./config');

const shop = {
  defaultLanguage: 'en',
  defaultZone: 'Europe',
  countries: [{ name: 'Germany', code: 'DE', zone: 'Europe' }, { name: 'France', code: 'FR', zone: 'Europe' }],
  taxRates: [{ name: 'Standard', percentage: 19 }, { name: 'Reduced', percentage: 7 }],
  shippingMethods: [{ name: 'Parcel', price: 590 }],
  paymentMethods: [{ name: 'Card', handler: { code: 'acquirer', arguments: [] } }],
  collections: [],
};
populate(() => bootstrap(config), shop, path.join(__dirname, 'products.csv'))
  .then(app => app.close())
  .then(() => process.exit(0))
  .catch(error => { console.error(error); process.exit(1); });
