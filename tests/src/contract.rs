//! The host contract: one suite of requests and SQL against every host of the application.
//!
//! Owns the list of cases and how one is run; the hosts are started by [`hosts`]. A case must not
//! know on which host it runs: what differs between hosts is a defect of an adapter.

pub mod accounts;
pub mod audit;
pub mod boards;
pub mod capacity;
pub mod catalogue;
pub mod closing;
pub mod counter;
pub mod deliveries;
pub mod devices;
pub mod enrolment;
pub mod exchange;
pub mod foreign;
pub mod history;
pub mod hosts;
pub mod kiosk;
pub mod kitchen;
pub mod listener;
pub mod live;
pub mod logins;
pub mod loyalty;
pub mod machine;
pub mod mail_service;
pub mod mails;
pub mod members;
pub mod menus;
pub mod openid;
pub mod opening;
pub mod orders;
pub mod own_account;
pub mod own_orders;
pub mod people;
pub mod photos;
pub mod pictures;
pub mod platform;
pub mod poison;
pub mod prices;
pub mod printing;
pub mod privacy;
pub mod prototypes;
pub mod refusals;
pub mod renewal;
pub mod rights;
pub mod rows;
pub mod scan;
pub mod sql;
pub mod stock;
pub mod stolen;
pub mod sync_status;
pub mod tables;
pub mod terms;
pub mod trust;
pub mod venue;
pub mod web_orders;

use std::panic::{AssertUnwindSafe, catch_unwind};

use venue::{Host, Venue};

/// One case: a sentence, and what shows it.
#[derive(Clone, Copy)]
pub struct Case {
    /// The sentence.
    pub name: &'static str,
    /// Panics when it does not hold.
    pub run: fn(&Venue),
}

/// Names each function as a case; the function's name is the sentence.
#[macro_export]
macro_rules! cases {
    ($($case:ident),+ $(,)?) => {
        &[$($crate::contract::Case { name: stringify!($case), run: $case }),+]
    };
}

/// Every case, in the order in which they run.
#[must_use]
pub fn cases() -> Vec<Case> {
    [
        sql::CASES,
        orders::CASES,
        prices::CASES,
        printing::CASES,
        terms::CASES,
        boards::CASES,
        deliveries::CASES,
        own_orders::CASES,
        kitchen::CASES,
        kiosk::CASES,
        counter::CASES,
        closing::CASES,
        scan::CASES,
        history::CASES,
        stock::CASES,
        web_orders::CASES,
        capacity::CASES,
        tables::CASES,
        menus::CASES,
        opening::CASES,
        pictures::CASES,
        catalogue::CASES,
        refusals::CASES,
        rights::CASES,
        foreign::CASES,
        prototypes::CASES,
        logins::CASES,
        people::CASES,
        platform::CASES,
        devices::CASES,
        renewal::CASES,
        enrolment::CASES,
        audit::CASES,
        accounts::CASES,
        own_account::CASES,
        privacy::CASES,
        members::CASES,
        loyalty::CASES,
        openid::CASES,
        exchange::CASES,
        poison::CASES,
        stolen::CASES,
        rows::CASES,
        live::CASES,
        sync_status::CASES,
        trust::CASES,
        mails::CASES,
        photos::CASES,
    ]
    .concat()
}

/// Runs every case against the host, each at a fresh venue; returns the report and the failures.
#[must_use]
pub fn run(host: &Host) -> (Vec<String>, Vec<String>) {
    let mut report = Vec::new();
    let mut failures = Vec::new();
    for (number, case) in cases().into_iter().enumerate() {
        // Where a case hangs, this is the last that is heard.
        eprintln!("{:>7} begins  {}", host.name, case.name);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let venue = Venue::open(host, &format!("case-{number}"));
            (case.run)(&venue);
        }));
        match outcome {
            Ok(()) => report.push(format!("{:>7} ok      {}", host.name, case.name)),
            Err(panic) => {
                let why = message(panic.as_ref());
                report.push(format!("{:>7} FAILED  {}: {why}", host.name, case.name));
                failures.push(case.name.to_owned());
            }
        }
    }
    (report, failures)
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
