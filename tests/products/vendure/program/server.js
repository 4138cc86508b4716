// Serves until standard input ends, so that it never outlives the test that started it.
const { bootstrap, JobQueueService } = require('@vendure/core');
const { config } = require('./config');

process.stdin.on('end', () => process.exit(0)).resume();
bootstrap(config)
  .then(app => app.get(JobQueueService).start().then(() => console.log(`SERVING ${app.getHttpServer().address().port}`)))
  .catch(error => { console.error(error); process.exit(1); });
