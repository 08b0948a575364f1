//! The hardware suite: what runs on small machines, run here with stubs for what they are made of.

use std::process::Command;

use venue_tests::tidy::tree::root;

/// The firmware's own tests run in CPython; stubs stand for the board and its radio.
#[test]
fn the_table_sensor_s_firmware_watches_tells_and_waits() {
    let folder = root().join("fixtures/firmware/table-sensor");
    let mut python = Command::new("python3");
    // Nothing is left behind in the checkout.
    let ran = python.current_dir(folder).args(["-B", "test_table_sensor.py"]).output();
    let ran = ran.expect("the preparation of this suite installs python3");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.contains("Ran 14 tests"), "{said}");
}
