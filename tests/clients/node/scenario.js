// Runs scenario.json through one client and prints a line a test; python/scenario.py is its twin.
//
// A client says how it connects, runs a statement and recognizes a refusal. It never changes what a step asks or expects.
'use strict';

const path = require('node:path');

const SCENARIO = require(path.join(__dirname, '..', 'scenario.json'));
const PLACEHOLDER = /:(\w+)/g;

// Prints a line a test, which run.sh counts.
class Report {
  constructor(client) {
    this.client = client;
  }

  async test(name, body) {
    try {
      await body();
      console.log(`ok ${this.client} ${name}`);
    } catch (error) {
      const told = `${error?.name}: ${error?.message}`.split('\n').filter((line) => line.trim()).join(' | ');
      console.log(`FAIL ${this.client} ${name}: ${told}`.slice(0, 1200));
    }
  }

  // Says that all tests were run: an end without this is a failure.
  finish() {
    console.log(`done ${this.client}`);
  }
}

// The copy of the fixture that is this client's for its pass of that number.
function database(number) {
  return `${process.env.CLIENT_DATABASE}_${number}`;
}

// The statement in pieces around its parameters, and the parameters' names in order.
function pieces(sql) {
  return { texts: sql.split(/:\w+/), names: [...sql.matchAll(PLACEHOLDER)].map((match) => match[1]) };
}

// The value of a parameter or an expectation, with what was saved put in.
function filled(value, saved) {
  if (typeof value !== 'string') return value;
  const take = (name) => {
    if (!(name in saved)) throw new Error(`no step before saved ${name}`);
    return saved[name];
  };
  const whole = value.match(/^\{(\w+)\}$/);
  return whole ? take(whole[1]) : value.replace(/\{(\w+)\}/g, (_, name) => take(name));
}

// One form for what clients read differently: instants in UTC, dates and times as text, bigints as what they count.
function comparable(value) {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  if (typeof value === 'string') {
    if (/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*([+-]\d\d(:\d\d)?|Z)$/.test(value)) return new Date(value).toISOString();
    if (/^\d{4}-\d\d-\d\d$/.test(value)) return new Date(value).toISOString();
    if (/^\d\d:\d\d(:\d\d)?$/.test(value)) return new Date(`1970-01-01T${value}Z`).toISOString();
  }
  return value;
}

// Each value is one that an app can use as it is: no range, no composite, neither as text nor as a driver's own object.
function checkReadable(row) {
  for (const [column, value] of Object.entries(row)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (Buffer.isBuffer(item)) throw new Error(`${column} is a Buffer`);
      if (typeof item === 'string' && /^[[(].*,.*[\])]$/s.test(item)) throw new Error(`${column} is unparsed: ${item}`);
    }
  }
}

function show(value) {
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? String(item) : item));
}

function checkRows(step, rows, saved) {
  rows.forEach(checkReadable);
  if ('rows' in step && rows.length !== step.rows) {
    throw new Error(`${rows.length} rows instead of ${step.rows}: ${show(rows)}`);
  }
  for (const [at, expected] of Object.entries(step.row ?? {})) {
    const actual = at.split('.').reduce((value, key) => value?.[key], rows[0]);
    if (actual === undefined) throw new Error(`no ${at} in ${show(rows[0])}`);
    if (expected === '*') {
      if (actual === null) throw new Error(`${at} is null`);
    } else if (comparable(actual) !== comparable(filled(expected, saved))) {
      throw new Error(`${at} is ${show(actual)} instead of ${show(filled(expected, saved))}`);
    }
  }
}

function save(step, rows, saved) {
  for (const [name, at] of Object.entries(step.save ?? {})) {
    const [, first = '0', column] = at.match(/^(?:(\*|\d+)\.)?(\w+)$/);
    const take = (row) => {
      if (row?.[column] === undefined) throw new Error(`no ${column} in ${show(row)}`);
      return row[column];
    };
    saved[name] = first === '*' ? rows.map(take) : take(rows[first]);
  }
}

function checkRefusal(expected, refusal) {
  const name = refusal.constraint === undefined ? 'a constraint that it does not tell' : refusal.constraint;
  if (refusal.sqlstate !== expected.sqlstate || (refusal.constraint !== undefined && refusal.constraint !== expected.constraint)) {
    throw new Error(`refused as ${refusal.sqlstate} ${name} instead of ${expected.sqlstate} ${expected.constraint}`);
  }
  if (expected.code && !(refusal.detail ?? '').startsWith(`${expected.code}:`)) {
    throw new Error(`DETAIL is ${show(refusal.detail)} instead of ${expected.code}: …`);
  }
}

async function runStep(client, step, variant, saved) {
  const { texts, names } = pieces(step.sql.replace('TYPE', variant.sql));
  const given = { type: variant.type, ...step.params };
  const values = names.map((name) => filled(given[name], saved));
  let rows;
  try {
    rows = await client.run(texts, values);
  } catch (error) {
    const refusal = step.refused && client.refusal(error);
    if (!refusal) throw error;
    return checkRefusal(step.refused, refusal);
  }
  if (step.refused) throw new Error(`not refused: ${show(rows)}`);
  // Saved first: that a column is wrong is no reason to leave out the steps that follow.
  save(step, rows, saved);
  checkRows(step, rows, saved);
}

// All passes, each on a database of its own.
async function run(client, report) {
  for (const [index, [variantName, variant]] of Object.entries(SCENARIO.passes).entries()) {
    await client.connect(database(index + 1));
    const saved = {};
    for (const step of SCENARIO.steps) {
      if ((step.only ?? variantName) === variantName) {
        await report.test(`${variantName}: ${step.name}`, () => runStep(client, step, variant, saved));
      }
    }
    await client.close();
  }
}

module.exports = { Report, database, run, show };
