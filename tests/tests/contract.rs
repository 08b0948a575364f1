//! The host contract on the three real hosts: the same cases, a process per host.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    reason = "this is a test: it reports its cases and panics when one does not hold"
)]

use venue_tests::{
    contract::{self, hosts},
    site::{self, Edge},
};

fn check(started: anyhow::Result<hosts::Started>) {
    let started = started.unwrap_or_else(|error| panic!("{error:#}"));
    let (report, failures) = contract::run(&started.host);
    println!("{}", report.join("\n"));
    println!("{}: {} cases", started.host.name, report.len());
    assert!(failures.is_empty(), "{} fails: {failures:#?}", started.host.name);
}

#[test]
fn the_native_host_keeps_the_contract() {
    check(hosts::native());
}

#[test]
fn the_worker_in_workerd_with_d1_keeps_the_contract() {
    check(hosts::workerd());
}

#[test]
fn the_component_in_the_spin_host_keeps_the_contract() {
    check(hosts::spin());
}

#[test]
fn a_gateway_hears_its_edge_and_hears_it_again_after_the_line_was_cut() -> anyhow::Result<()> {
    site::changes_are_heard(Edge::Native)
}

#[test]
fn a_gateway_hears_a_room_in_workerd_and_hears_it_again_after_the_line_was_cut()
-> anyhow::Result<()> {
    site::changes_are_heard(Edge::Workerd)
}
