//! Customers and staff who keep a host busy until it is gone: orders, steps, and nonsense.
//!
//! They write down what they were told. They must not know what becomes of the host.

use std::{
    net::SocketAddr,
    sync::{
        atomic::{AtomicBool, AtomicU32, Ordering},
        mpsc::Sender,
    },
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use app::csrf;
use serde_json::{Value as Json, json};
use ureq::{Agent, http::Request};

use super::{
    books::{Entry, STATES},
    ledger::{Ledger, Origin},
};
use crate::{
    contract::venue::{basket_id, cheese_king},
    simulation::chance::Chance,
};

/// How long a host may take for an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// Requests after which a customer goes home.
pub(super) const REQUESTS: usize = 40;

/// A host as its customers and staff reach it.
pub struct Shop {
    url: String,
    /// The name by which a host knows the venue.
    name: String,
    origin: Origin,
    /// Of counter and kitchen; they outlive the host's process.
    cookies: [String; 2],
}

/// What all customers of a run share.
#[derive(Default)]
pub struct Crowd {
    ledger: Ledger,
    baskets: AtomicU32,
    /// The host may go away now.
    forewarned: AtomicBool,
}

impl Shop {
    /// Signs the staff in.
    ///
    /// # Errors
    /// Fails when the host does not let them in.
    pub fn open(at: SocketAddr, name: &str, origin: Origin) -> Result<Self> {
        let mut shop = Self {
            url: format!("http://{at}"),
            name: name.to_owned(),
            origin,
            cookies: Default::default(),
        };
        for (index, role) in ["counter", "kitchen"].into_iter().enumerate() {
            let request = Request::post(format!("{}/contract/sign-in", shop.url))
                .header("host", name)
                .header("content-type", "application/json");
            let answer = agent().run(request.body(json!({"roles": [role]}).to_string())?)?;
            let cookie = answer.headers().get("set-cookie").and_then(|value| value.to_str().ok());
            let cookie = cookie.with_context(|| format!("{role} cannot sign in"))?;
            shop.cookies[index] = cookie.split(';').next().unwrap_or_default().to_owned();
        }
        Ok(shop)
    }

    /// Sends a request and returns status and answer; none when nobody answers.
    #[must_use]
    pub fn ask(&self, agent: &Agent, path: &str, body: Option<&str>) -> Option<(u16, Json)> {
        let cookie = &self.cookies[usize::from(path.ends_with("/ready"))];
        let request = Request::builder().uri(format!("{}{path}", self.url));
        let request = request.header("host", &self.name).header("cookie", cookie);
        let token = cookie.split_once('=').map(|(_, token)| csrf::of(token)).unwrap_or_default();
        let request = request.header(csrf::HEADER, token);
        let answer = match body {
            None => agent.run(request.body(()).ok()?),
            Some(body) => {
                let request = request.method("POST").header("content-type", "application/json");
                agent.run(request.body(body).ok()?)
            }
        };
        let mut answer = answer.ok()?;
        let text = answer.body_mut().read_to_string().ok()?;
        Some((answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default()))
    }
}

/// Returns a client that never leaves this machine.
#[must_use]
pub fn agent() -> Agent {
    let config = Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(ANSWER_WITHIN));
    config.build().into()
}

impl Crowd {
    /// Returns what everybody was told.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Says whether the host may go away from now on.
    pub fn forewarn(&self, forewarned: bool) {
        self.forewarned.store(forewarned, Ordering::SeqCst);
    }

    /// One customer: asks until the host is gone, and rings at every answer.
    pub fn visit(&self, shop: &Shop, chance: &Chance, answered: &Sender<()>) {
        let agent = agent();
        for _ in 0..REQUESTS {
            let is_answered = match chance.below(10) {
                0 => self.talk_nonsense(shop, &agent, chance),
                1..=4 => self.move_on(shop, &agent, chance),
                _ => self.order(shop, &agent),
            };
            if !is_answered {
                if !self.forewarned.load(Ordering::SeqCst) {
                    self.ledger.broken("a host that nobody killed does not answer".to_owned());
                }
                return;
            }
            // Whoever decides when the host is killed may have decided.
            let _ = answered.send(());
        }
    }

    /// Checks that a running host answers for orders as it did.
    ///
    /// # Errors
    /// Fails when one has another ticket.
    pub fn ask_again(&self, shop: &Shop, most: usize) -> Result<()> {
        for (order, ticket) in self.ledger.some(shop.origin, most) {
            let answer = shop.ask(&agent(), &format!("/api/orders/{order}"), None);
            let (status, answer) = answer.context("the host does not answer")?;
            if status != 200 || answer["ticket"] != ticket.as_str() {
                bail!("{order} was {ticket}, is {status} {answer}");
            }
        }
        Ok(())
    }

    fn order(&self, shop: &Shop, agent: &Agent) -> bool {
        let again = self.ledger.take_unanswered(shop.origin);
        let basket = again.unwrap_or_else(|| self.baskets.fetch_add(1, Ordering::Relaxed));
        let body = cheese_king(basket).to_string();
        let Some((status, answer)) = shop.ask(agent, "/api/orders", Some(&body)) else {
            self.ledger.unanswered(shop.origin, Some(basket));
            return false;
        };
        match status {
            200 | 201 => self.acknowledged(shop, &answer, again.is_some() && status == 200),
            _ => self.complain("an order", status, &answer),
        }
        true
    }

    fn move_on(&self, shop: &Shop, agent: &Agent, chance: &Chance) -> bool {
        let Some((order, step)) = self.ledger.pick(shop.origin, chance) else { return true };
        let body = if step == "paid" { json!({"means": "cash"}) } else { json!({}) };
        let path = format!("/api/orders/{order}/{step}");
        match shop.ask(agent, &path, Some(&body.to_string())) {
            None => {
                self.ledger.unanswered(shop.origin, None);
                return false;
            }
            Some((200, answer)) if state_of(&answer) >= STATES.iter().position(|s| *s == step) => {
                self.acknowledged(shop, &answer, false);
            }
            Some((status, answer)) => self.complain(step, status, &answer),
        }
        true
    }

    fn acknowledged(&self, shop: &Shop, answer: &Json, stood: bool) {
        let text = |key: &str| answer[key].as_str().unwrap_or_default();
        let state = state_of(answer).unwrap_or_default();
        let entry = Entry { ticket: text("ticket").to_owned(), state };
        self.ledger.told(shop.origin, text("id"), entry, stood);
    }

    /// A refusal that says "later" is lawful under this load; another one is not.
    fn complain(&self, what: &str, status: u16, answer: &Json) {
        if status == 503 {
            self.ledger.put_off();
        } else {
            self.ledger.broken(format!("{what} was answered {status} {answer}"));
        }
    }

    fn talk_nonsense(&self, shop: &Shop, agent: &Agent, chance: &Chance) -> bool {
        let basket = self.baskets.fetch_add(1, Ordering::Relaxed);
        let mut order = cheese_king(basket);
        let body = match chance.below(5) {
            0 => {
                order["total_cents"] = json!(1);
                order.to_string()
            }
            1 => {
                order["lines"][0]["product"] = json!("nothing-of-ours");
                order.to_string()
            }
            2 => {
                order["lines"][0]["quantity"] = json!(-1);
                order.to_string()
            }
            3 => format!("{order}{}", " ".repeat(70_000)),
            _ => "{\"id\":".to_owned(),
        };
        match shop.ask(agent, "/api/orders", Some(&body)) {
            None => {
                self.ledger.unanswered(shop.origin, None);
                return false;
            }
            Some((400..=499, answer)) if answer["error"]["code"].is_string() => {
                let order = domain::ordering::order_id(shop.origin, &basket_id(basket));
                self.ledger.refused(order);
            }
            Some((status, answer)) => self.complain("nonsense", status, &answer),
        }
        true
    }
}

/// Returns how far an order has come, by what a host answers.
fn state_of(answer: &Json) -> Option<usize> {
    STATES.iter().position(|state| answer["state"] == *state)
}
