// PostGraphile: serves the functions and the schema clinic over HTTP, made from the catalog alone.
'use strict';

const assert = require('node:assert');
const http = require('node:http');
const pg = require('pg');
const { postgraphile } = require('postgraphile');
const scenario = require('./scenario.js');

let address;

async function serve(pool) {
  const server = http.createServer(
    postgraphile(pool, ['public', 'clinic'], {
      // The functions belong to an extension, which PostGraphile leaves out by default.
      includeExtensionResources: true,
      dynamicJson: true,
      extendedErrors: ['errcode', 'constraint', 'detail'],
      disableQueryLog: true,
    }),
  );
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${server.address().port}/graphql`;
  return server;
}

async function ask(query, variables) {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw Object.assign(new Error(errors.map((error) => error.message).join('; ')), { told: errors[0] });
  return data;
}

const find = (type) => `query ($date: Date!) { findSlots(${type}, fromDate: $date, toDate: $date) { nodes {
  slotStart localDate localTime providerId providerName roomId } } }`;

const BOOK = `mutation ($input: BookSlotInput!) { bookSlot(input: $input) { results {
  bookingId status slotStart localDate localTime providerName roomName appointmentType patientName requestId } } }`;

const CANCEL = `mutation ($id: BigInt!) { cancelBooking(input: { bookingId: $id }) { results {
  bookingId status candidateCount candidates } } }`;

const APPOINTMENTS = `query ($patient: String!) { allAppointments(condition: { patientName: $patient }) {
  nodes { bookingId slotStart providerName status } } }`;

async function book(type, slot, patient) {
  const input = { ...type, providerId: slot.providerId, roomId: slot.roomId, slotStart: slot.slotStart, patientName: patient };
  return (await ask(BOOK, { input })).bookSlot.results;
}

async function refused(expected, booking) {
  await assert.rejects(booking, ({ told }) => {
    assert.deepStrictEqual([told?.errcode, told?.constraint], expected, scenario.show(told));
    return true;
  });
}

async function pass(report, name, [argument, value], monday) {
  const type = { [argument]: value };
  let slot, booking;
  await report.test(`${name}: find_slots`, async () => {
    const slots = (await ask(find(`${argument}: "${value}"`), { date: monday })).findSlots.nodes;
    assert.strictEqual(slots.length, 11);
    [slot] = slots;
    assert.deepStrictEqual([slot.localDate, slot.localTime, slot.providerName], [monday, '09:00:00', 'Dr. Adams']);
  });
  await report.test(`${name}: book_slot`, async () => {
    [booking] = await book(type, slot, 'Ada Lovelace');
    assert.deepStrictEqual(
      [booking.status, booking.slotStart, booking.patientName, booking.appointmentType],
      ['booked', slot.slotStart, 'Ada Lovelace', 'General Checkup'],
    );
  });
  await report.test(`${name}: a collision is refused`, () => refused(['23P01', 'bookings_provider'], book(type, slot, 'Nobody')));
  await report.test(`${name}: a closed time is refused`, () =>
    refused(['23514', 'rule_closed'], book(type, { ...slot, slotStart: `${monday}T07:00:00+05:30` }, 'Nobody')));
  await report.test(`${name}: clinic.appointments`, async () => {
    const { nodes } = (await ask(APPOINTMENTS, { patient: 'Ada Lovelace' })).allAppointments;
    assert.deepStrictEqual(nodes, [
      { bookingId: booking.bookingId, slotStart: slot.slotStart, providerName: 'Dr. Adams', status: 'booked' },
    ]);
  });
  await report.test(`${name}: cancel_booking`, async () => {
    const [cancelled] = (await ask(CANCEL, { id: booking.bookingId })).cancelBooking.results;
    assert.deepStrictEqual([cancelled.status, Number(cancelled.candidateCount), cancelled.candidates], ['cancelled', 0, []]);
  });
}

async function main() {
  const report = new scenario.Report('postgraphile');
  const passes = [
    ['by name', ['appointmentType', 'General Checkup']],
    ['by id', ['appointmentTypeId', '1']],
  ];
  for (const [index, [name, type]] of passes.entries()) {
    const pool = new pg.Pool({ database: scenario.database(index + 1) });
    const [{ monday }] = (await pool.query('select monday from scenario_dates')).rows;
    const server = await serve(pool);
    await report.test(`${name}: serves the schema`, async () => {
      const { __schema: schema } = await ask('{ __schema { queryType { fields { name } } } }');
      assert.ok(schema.queryType.fields.some((field) => field.name === 'findSlots'), 'no query findSlots');
    });
    await pass(report, name, type, monday);
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
    await pool.end();
  }
  report.finish();
}

main();
