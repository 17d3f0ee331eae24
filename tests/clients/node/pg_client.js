// node-postgres: all parameters go as untyped text, and bigints come back as text.
'use strict';

const pg = require('pg');
const scenario = require('./scenario.js');

const client = {
  async connect(database) {
    this.pool = new pg.Pool({ database, max: 1 });
  },

  async run(texts, values) {
    const text = texts.reduce((sql, piece, index) => `${sql}$${index}${piece}`);
    return (await this.pool.query(text, values)).rows;
  },

  refusal(error) {
    if (!(error instanceof pg.DatabaseError)) return undefined;
    return { sqlstate: error.code, constraint: error.constraint ?? null, detail: error.detail };
  },

  async close() {
    await this.pool.end();
  },
};

async function main() {
  const report = new scenario.Report('node-postgres');
  await scenario.run(client, report);
  report.finish();
}

main();
