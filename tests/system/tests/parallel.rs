//! The read functions are PARALLEL SAFE: in a worker they answer as they do in the leader.

use pg_clinic_system_tests::{Attempt, Fixture, Result, Server, ensure};
use postgres::Client;

const QUESTIONS: [&str; 6] = [
    "select * from find_slots('Visit', current_date + 7, all_rooms => true)",
    "select * from find_slots(null, current_date + 7, current_date + 20, preferred_from => '10:00', patient_id => 'p', appointment_type_id => 1)",
    "select * from next_available('Visit', max_results => 40)",
    "select * from explain_slots('Visit', current_date + 7)",
    "select current_clinic(), n from generate_series(1, 3) n",
    "select day, count(*) from days, lateral find_slots('Visit', day) group by day",
];

fn force_parallel(client: &mut Client) -> Result {
    let old_name =
        client.query_one("select current_setting('server_version_num')::integer < 160000", &[])?.get(0);
    let setting = if old_name { "force_parallel_mode" } else { "debug_parallel_query" };
    client.batch_execute(&format!(
        "set {setting} = on; set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0"
    ))?;
    Ok(())
}

fn answer(client: &mut Client, question: &str) -> Result<String> {
    // The same order, however many workers there were.
    let row =
        client.query_one(&format!("select jsonb_agg(q order by q::text)::text from ({question}) q"), &[])?;
    row.get::<_, Option<String>>(0).ok_or_else(|| format!("no row: {question}").into())
}

fn plan(client: &mut Client, question: &str) -> Result<String> {
    let rows = client.query(&format!("explain {question}"), &[])?;
    Ok(rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n"))
}

#[test]
fn workers_answer_alike() -> Result {
    let database = Server::from_env()?.database("parallel")?;
    let mut client = database.with_extension()?;
    Fixture { max_overbook: 1, ..Fixture::default() }.make(&mut client)?;
    client.batch_execute(
        "select init_clinic('Second', 'UTC'); set pg_clinic.clinic_id = '1';
         select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann', 'p');
         create table days as select current_date + n as day from generate_series(1, 40) n; analyze days",
    )?;
    for question in QUESTIONS {
        client.batch_execute("reset all; set pg_clinic.clinic_id = '1'")?;
        let alone = answer(&mut client, question)?;
        force_parallel(&mut client)?;
        let plan = plan(&mut client, question)?;
        ensure!(plan.contains("Gather"), "no worker is asked:\n{plan}");
        let together = answer(&mut client, question)?;
        ensure!(alone == together, "{question}\nalone: {alone}\nin a worker: {together}");
    }
    // An error in a worker arrives as it is.
    client.batch_execute("select * from find_slots('No such type', current_date + 7)").refused("P0002")?;
    client.batch_execute("set pg_clinic.clinic_id = '99'")?;
    client.batch_execute("select * from find_slots('Visit', current_date + 7)").refused("P0002")?;
    Ok(())
}

/// A finder's question is answered as the tables' owner, in a worker too.
#[test]
fn workers_answer_a_finder() -> Result {
    let server = Server::from_env()?;
    let finder = server.role("system_parallel_finder")?;
    let database = server.database("parallel_finder")?;
    let mut client = database.with_extension()?;
    Fixture::default().make(&mut client)?;
    client.batch_execute("select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann', 'p')")?;
    client.execute("select grant_clinic_access($1::text::regrole, 'finder')", &[&finder.name])?;
    let mut finder = database.connect_as(&finder.name)?;
    for question in
        ["select * from find_slots('Visit', current_date + 7)", "select * from next_available('Visit')"]
    {
        finder.batch_execute("reset all")?;
        let alone = answer(&mut client, question)?;
        force_parallel(&mut finder)?;
        ensure!(plan(&mut finder, question)?.contains("Gather"), "no worker is asked");
        ensure!(answer(&mut finder, question)? == alone, "{question}");
        finder.batch_execute("select count(*) from clinic.bookings").refused("42501")?;
    }
    Ok(())
}

/// A transaction's own bookings count, in a worker too: the worker has the leader's snapshot.
#[test]
fn workers_see_what_the_transaction_did() -> Result {
    let database = Server::from_env()?.database("parallel_own")?;
    let mut client = database.with_extension()?;
    Fixture::default().make(&mut client)?;
    force_parallel(&mut client)?;
    let question = "select count(*) from find_slots('Visit', current_date + 7)";
    let before: i64 = client.query_one(question, &[])?.get(0);
    client.batch_execute("begin; select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann')")?;
    let after: i64 = client.query_one(question, &[])?.get(0);
    client.batch_execute("rollback")?;
    ensure!(after < before, "{before} slots before, {after} after");
    Ok(())
}
