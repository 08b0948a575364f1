//! One journey: a script in a real browser, and the site that it walks through.
//!
//! The script prints `relais:REQUEST` on a line of its own when it wants something done to the
//! site, and waits for `ok`, or for what went wrong, on its input. What must not be logged it names
//! behind `private:`; the logs are searched for it at the end. It must not know any page.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use xtask::workspace;

use super::{Edge, Site};
use crate::openid::provider;

const REQUEST: &str = "relais:";
/// Before what was typed or given out on the journey, and must not be logged.
const PRIVATE: &str = "private:";

/// Starts a site and walks one journey through it.
///
/// # Errors
/// Fails when the site does not start, or with what the journey says went wrong.
pub fn walk(edge: Edge, script: &str) -> Result<()> {
    let site = Site::start(edge)?;
    walk_through(site, edge, script)
}

/// Starts a site whose edge knows a sign-in provider, and walks one journey through it.
///
/// # Errors
/// Fails when the site does not start, or with what the journey says went wrong.
pub fn walk_by_provider(script: &str) -> Result<()> {
    let edge = Edge::Native;
    let site = Site::start_with(edge, provider().config())?;
    walk_through(site, edge, script)
}

fn walk_through(mut site: Site, edge: Edge, script: &str) -> Result<()> {
    let name = format!("{script}-{edge:?}").to_lowercase();
    let walked = run(&mut site, script, &name).and_then(|seen| site.search_logs(&seen));
    walked.with_context(|| format!("the gateway's last words:\n{}", site.log()))
}

#[expect(clippy::print_stdout, reason = "what a journey says belongs to its test's output")]
fn run(site: &mut Site, script: &str, name: &str) -> Result<Vec<String>> {
    let root = workspace::root();
    let mut command = Command::new("node");
    command
        .current_dir(&root)
        .arg(root.join(format!("tests/browser/{script}.mjs")))
        .envs(site.told()?)
        .env("RELAIS_JOURNEY", name)
        .env("RELAIS_PICTURES", workspace::target().join("screenshots"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut node = Node(command.spawn().context("node cannot be started")?);
    let mut input = node.0.stdin.take().context("node has no input")?;
    let output = node.0.stdout.take().context("node has no output")?;
    let mut private = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.context("node's output breaks off")?;
        match (line.strip_prefix(REQUEST), line.strip_prefix(PRIVATE)) {
            (Some(request), _) => answer(&mut input, site.obey(request))?,
            (_, Some(word)) => private.push(word.to_owned()),
            _ => println!("{line}"),
        }
    }
    let status = node.0.wait().context("node does not end")?;
    if !status.success() {
        bail!("the journey {name} failed ({status}); what it said stands above");
    }
    Ok(private)
}

fn answer(input: &mut ChildStdin, done: Result<()>) -> Result<()> {
    let said = match done {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("{error:#}").replace('\n', " "),
    };
    writeln!(input, "{said}").context("the journey does not listen")
}

/// A process that ends with this value.
struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        // It has ended already when all went well; then there is nothing to kill.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}
