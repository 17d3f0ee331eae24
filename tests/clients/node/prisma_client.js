// Prisma: $queryRaw with a template, and a model over the view clinic.appointments.
'use strict';

const assert = require('node:assert');
const path = require('node:path');
const { PrismaPg } = require('@prisma/adapter-pg');
const { PrismaClient, Prisma } = require(path.join(process.env.CLIENT_GENERATED, 'client.js'));
const scenario = require('./scenario.js');

const client = {
  async connect(database) {
    // The adapter drops the offset of what it reads, and of the dates that it sends: right in a session in UTC only.
    this.prisma = new PrismaClient({ adapter: new PrismaPg({ database, options: '-c timezone=UTC', max: 1 }) });
  },

  run(texts, values) {
    return this.prisma.$queryRaw(Prisma.sql(texts, ...values));
  },

  // Prisma tells SQLSTATE and DETAIL of an error of a raw query, but not its CONSTRAINT: the code in DETAIL stands in.
  refusal(error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined;
    const cause = error.meta?.driverAdapterError?.cause;
    return cause && { sqlstate: cause.originalCode, detail: cause.detail };
  },

  async close() {
    await this.prisma.$disconnect();
  },
};

async function modelOverAppointments() {
  const [appointment] = await client.prisma.appointment.findMany({ where: { patientName: 'Grace Hopper' } });
  assert.strictEqual(appointment.providerName, 'Dr. Adams');
  assert.strictEqual(appointment.status, 'fulfilled');
  const later = await client.prisma.appointment.count({ where: { slotStart: { gt: appointment.slotEnd }, status: 'booked' } });
  assert.ok(later > 0, 'no later appointment');
}

async function main() {
  const report = new scenario.Report('prisma');
  await scenario.run(client, report);
  await client.connect(scenario.database(1));
  await report.test('a model over clinic.appointments', modelOverAppointments);
  await client.close();
  report.finish();
}

main();
