//! A login is carried from the edge to the gateway's name on site, and nothing else is.

use std::{collections::BTreeMap, net::IpAddr};

use app::{App, gate::Client, ports::Link, transport::Transport};
use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use domain::{
    people::totp,
    trust::{Document, Id, SecretKey, Window, hand_over::HandOver, text},
};
use sync_engine::statement::Statement;
use tower::ServiceExt as _;

use crate::world::{LAN, NOW_MS, Node, PUBLIC, Site, venue};

const FORM: &str = "application/x-www-form-urlencoded";
/// Two of the demo's people, with their passwords as a form writes them.
const COUNTER: (&str, &str) = ("counter%40demo.example", "demo+counter+frites");
const OWNER: (&str, &str) = ("owner%40demo.example", "demo+owner+frites");
const OWNERS_SECRET: &str = "JBSWY3DPEHPK3PXP";

/// What a host answered a browser.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    cookies: Vec<String>,
    body: String,
}

impl Answer {
    fn location(&self) -> &str {
        self.headers.get("location").map_or("", String::as_str)
    }

    /// Where a page leads by itself.
    fn leads(&self) -> String {
        let (_, rest) = self.body.split_once("content=\"0;url=").expect(&self.body);
        rest.split_once('"').unwrap().0.replace("&#38;", "&")
    }

    fn cookie(&self, name: &str) -> &str {
        let found = self.cookies.iter().find(|cookie| cookie.starts_with(&format!("{name}=")));
        found.unwrap_or_else(|| panic!("no {name} among {:?}", self.cookies))
    }

    /// No cache and no other page learns the address.
    fn is_discreet(&self) -> bool {
        self.headers["referrer-policy"] == "no-referrer"
            && self.headers["cache-control"] == "no-store"
    }
}

/// A browser at one host; its cookies go nowhere else.
struct Browser {
    app: App,
    host: &'static str,
    transport: Transport,
    from: IpAddr,
    jar: BTreeMap<String, String>,
}

impl Browser {
    fn at_edge(site: &Site) -> Self {
        Self::new(&site.edge, PUBLIC)
    }

    fn on_site(site: &Site) -> Self {
        Self::new(&site.gateway, LAN.trim_start_matches("https://"))
    }

    fn new(node: &Node, host: &'static str) -> Self {
        let from = "192.168.1.20".parse().unwrap();
        let (app, transport) = (node.app.clone(), Transport::Https);
        Self { app, host, transport, from, jar: BTreeMap::new() }
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, String::new(), true).await
    }

    /// Comes from a page of another site, which brings no cookie along.
    async fn arrive(&mut self, path: &str) -> Answer {
        self.ask("GET", path, String::new(), false).await
    }

    async fn submit(&mut self, path: &str, fields: &str) -> Answer {
        let source = self.jar.get("relais_session").or_else(|| self.jar.get("relais_form"));
        let csrf = source.map(|token| app::csrf::of(token)).unwrap_or_default();
        self.ask("POST", path, format!("{fields}&csrf={csrf}"), true).await
    }

    async fn ask(&mut self, method: &str, path: &str, body: String, cookies: bool) -> Answer {
        let path = path.trim_start_matches("https://").trim_start_matches(self.host);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.host)
            .header("accept", "text/html")
            .extension(Client(self.from))
            .extension(self.transport);
        if method == "POST" {
            request = request.header("content-type", FORM);
        }
        for (name, value) in self.jar.iter().filter(|_| cookies) {
            request = request.header("cookie", format!("{name}={value}"));
        }
        let request = request.body(Body::from(body)).unwrap();
        let answer = app::router(self.app.clone()).oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
        let cookies: Vec<String> =
            answer.headers().get_all("set-cookie").iter().map(text).collect();
        for cookie in &cookies {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let headers = answer.headers().iter().map(|(k, v)| (k.to_string(), text(v))).collect();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Answer { status, headers, cookies, body }
    }
}

/// Signs in at the edge; returns where that leads.
async fn sign_in(edge: &mut Browser, (email, password): (&str, &str), next: &str) -> Answer {
    edge.get("/login").await;
    let fields = format!("email={email}&password={password}&next={next}");
    edge.submit("/login", &fields).await
}

/// Asks on site for a login, and signs in at the edge; returns the address that holds the code.
async fn carried(site: &Site, there: &mut Browser) -> String {
    let began = there.get("/login/hand-over/start?next=/counter").await;
    assert_eq!(began.status, 303, "{began:?}");
    let mut edge = Browser::at_edge(site);
    assert_eq!(sign_in(&mut edge, COUNTER, "").await.status, 303);
    let shown = edge.get(began.location()).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    shown.leads()
}

fn code_of(address: &str) -> Vec<u8> {
    text::from_url(address.split_once("code=").unwrap().1).unwrap()
}

fn with_code(bytes: &[u8]) -> String {
    format!("/login/hand-over?code={}", text::to_url(bytes))
}

async fn assert_refused(there: &mut Browser, address: &str, what: &str) {
    let answer = there.get(address).await;
    assert_eq!(answer.status, 403, "{what}: {answer:?}");
    assert!(!there.jar.contains_key("relais_session"), "{what}");
    assert!(answer.is_discreet() && answer.body.contains("role=\"alert\""), "{what}: {answer:?}");
}

#[tokio::test]
async fn a_login_goes_from_the_edge_to_the_name_on_site() {
    let site = Site::with_people().await;
    let mut there = Browser::on_site(&site);
    let login = there.get("/login?next=/counter").await;
    assert!(login.body.contains("/login/hand-over/start?next=/counter"), "{}", login.body);
    let began = there.get("/login/hand-over/start?next=/counter").await;
    assert!(began.location().starts_with("https://chakri.be/login/hand-over?to=https%3A//chakri"));
    assert!(began.cookie("__Host-relais_hand_over").contains("; Secure"));
    let state = there.jar["__Host-relais_hand_over"].split('.').next().unwrap().to_owned();
    assert!(!began.location().contains(&state), "only its hash leaves the browser");

    let mut edge = Browser::at_edge(&site);
    let first = edge.arrive(began.location()).await;
    let asked = edge.get(&first.leads()).await;
    assert!(asked.location().starts_with("/login?next=/login/hand-over%3F"), "{asked:?}");
    let next = asked.location().strip_prefix("/login?next=").unwrap().to_owned();
    let signed_in = sign_in(&mut edge, COUNTER, &next).await;
    let shown = edge.get(signed_in.location()).await;
    assert!(shown.is_discreet() && shown.status == 200, "{shown:?}");
    let target = shown.leads();
    assert!(target.starts_with(&format!("{LAN}/login/hand-over?code=")), "{target}");

    let arrived = there.arrive(&target).await;
    assert!(arrived.is_discreet() && arrived.status == 200, "{arrived:?}");
    let done = there.get(&arrived.leads()).await;
    assert_eq!((done.status, done.location()), (303, "/counter"), "{done:?}");
    assert!(done.is_discreet() && done.cookie("relais_session").contains("; Secure"), "{done:?}");
    assert!(done.headers.contains_key("strict-transport-security"));
    assert!(done.cookie("__Host-relais_hand_over").contains("Max-Age=0"));
    assert_eq!(there.get("/counter").await.status, 200);
    assert_eq!(there.get("/dashboard").await.status, 403, "roles are the person's own");
    let sql = "SELECT detail FROM audit_entry WHERE act = 'signed_in'";
    let entries = site.gateway.db().rows(Statement::new(sql, Vec::new())).await.unwrap();
    assert!(format!("{entries:?}").contains("hand_over"), "{entries:?}");
}

#[tokio::test]
async fn an_owner_proves_the_second_factor_at_home_and_is_a_full_owner_on_site() {
    let site = Site::with_people().await;
    let mut there = Browser::on_site(&site);
    let began = there.get("/login/hand-over/start").await;
    let mut edge = Browser::at_edge(&site);
    let next = began.location().trim_start_matches("https://chakri.be").replace('&', "%26");
    let next = next.replace('?', "%3F").replace('=', "%3D").replace("%3A", "%253A");
    let owing = sign_in(&mut edge, OWNER, &next).await;
    assert!(owing.location().starts_with("/login/code?next=/login/hand-over"), "{owing:?}");
    // Who owes the second factor is given no code.
    let refused = edge.get(began.location()).await;
    assert!(refused.location().starts_with("/login/code?next="), "{refused:?}");
    let secret = totp::read(OWNERS_SECRET).unwrap();
    let code = totp::code(&secret, NOW_MS / 30_000);
    let proved = edge.submit("/login/code", &format!("code={code}&next={next}")).await;
    let shown = edge.get(proved.location()).await;
    let done = there.get(&shown.leads()).await;
    assert_eq!((done.status, done.location()), (303, "/dashboard"), "{done:?}");
    assert_eq!(there.get("/people").await.status, 200, "a right that a PIN does not give");
}

#[tokio::test]
async fn a_code_is_taken_once_in_time_by_whoever_asked_for_it() {
    let site = Site::with_people().await;
    let mut there = Browser::on_site(&site);
    let address = carried(&site, &mut there).await;
    let kept = there.jar.clone();

    let mut other = Browser::on_site(&site);
    let planted = other.get(&address).await;
    assert_refused(&mut other, &planted.leads(), "a planted link").await;
    other.get("/login/hand-over/start").await;
    assert_refused(&mut other, &address, "a planted link to who asked as well").await;

    let bytes = code_of(&address);
    for at in [0, 1, 5, 12, 40, bytes.len() / 2, bytes.len() - 70, bytes.len() - 1] {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert_refused(&mut there, &with_code(&altered), &format!("altered at {at}")).await;
        // So many tries would be too many for one address.
        there.from = format!("192.168.1.{}", at % 200 + 1).parse().unwrap();
    }
    assert_refused(&mut there, "/login/hand-over?code=", "nothing").await;
    let done = there.get(&address).await;
    assert_eq!(done.status, 303, "{done:?}");
    let mut again = Browser::on_site(&site);
    again.jar = kept;
    assert_refused(&mut again, &address, "used").await;

    let mut late = Browser::on_site(&site);
    let address = carried(&site, &mut late).await;
    site.gateway.clock.pass(200_000);
    assert_refused(&mut late, &address, "expired").await;
    let address = carried(&site, &mut late).await;
    site.gateway.clock.forget(NOW_MS - 3_000_000_000);
    assert_refused(&mut late, &address, "nobody knows the time").await;
}

#[tokio::test]
async fn only_the_home_s_own_word_for_this_place_counts() {
    let site = Site::with_people().await;
    let mut there = Browser::on_site(&site);
    let address = carried(&site, &mut there).await;
    let says = Document::<HandOver>::read(&code_of(&address)).unwrap().claim().clone();
    assert_eq!(says.window.length_ms(), 60_000);
    let root = site.edge.app.host.root_key().unwrap();
    let gateway = site.gateway.app.host.signing_key(&venue());
    let other = SecretKey::from_seed(&[9; 32]);
    let elsewhere =
        || HandOver { origin: "https://other.lan.chakri.be".to_owned(), ..says.clone() };
    let stranger = || HandOver { person: Id([7; 16]), ..says.clone() };
    let unknown = || HandOver { session: "platform".to_owned(), ..says.clone() };
    let venue = sync_engine::id::VenueId::parse("other").unwrap();
    let of_another = || HandOver { venue: venue.clone(), ..says.clone() };
    let from_ms = NOW_MS + 300_000;
    let window = Window { from_ms, until_ms: from_ms + 60_000 };
    let early = || HandOver { window, ..says.clone() };
    for (what, key, says) in [
        ("another root's", &other, says.clone()),
        ("the gateway's own", &gateway, says.clone()),
        ("for another origin", &root, elsewhere()),
        ("for nobody of the venue", &root, stranger()),
        ("for another kind of session", &root, unknown()),
        ("for another venue", &root, of_another()),
        ("not yet good", &root, early()),
    ] {
        let signed = Document::sign(key, &says).unwrap();
        assert_refused(&mut there, &with_code(signed.as_bytes()), what).await;
        let next: u8 = what.len() as u8;
        there.from = IpAddr::from([192, 168, 2, next]);
    }
    assert_eq!(there.get(&address).await.status, 303, "the edge's own is good");
}

#[tokio::test]
async fn the_edge_leads_to_the_name_that_the_gateway_told_and_nowhere_else() {
    let site = Site::with_people().await;
    let mut edge = Browser::at_edge(&site);
    sign_in(&mut edge, COUNTER, "").await;
    let state = "0".repeat(32);
    for (to, status) in [
        (LAN, 200),
        ("https://evil.example", 403),
        ("https://chakri.lan.chakri.be", 403),
        ("https://chakri.lan.chakri.be:8443.evil.example", 403),
        ("https://chakri.lan.chakri.be:8443/", 403),
        ("http://chakri.lan.chakri.be:8443", 403),
        ("https://chakri.lan.chakri.be:8443@evil.example", 403),
        ("//evil.example", 403),
        ("", 403),
    ] {
        let answer = edge.get(&format!("/login/hand-over?to={to}&state={state}")).await;
        assert_eq!(answer.status, status, "{to}: {answer:?}");
        assert!(!answer.body.contains("code=") || status == 200, "{to}");
    }
    let answer = edge.get(&format!("/login/hand-over?to={LAN}&state=zz")).await;
    assert_eq!(answer.status, 422, "{answer:?}");
    // A stranger is not led anywhere either.
    let answer = Browser::at_edge(&site).get("/login/hand-over?to=https://evil.example").await;
    assert_eq!(answer.status, 403, "{answer:?}");
}

#[tokio::test]
async fn a_gateway_tells_no_name_that_is_not_its_venue_s() {
    let site = Site::with_people().await;
    for (device, origin, status) in [
        ("gateway", "https://chakri.lan.evil.example", 403),
        ("gateway", "http://chakri.lan.chakri.be", 422),
        ("gateway", "https://evil.example", 422),
        ("kiosk", LAN, 403),
    ] {
        let body = serde_json::json!({"origin": origin}).to_string();
        let (found, answer) = site.edge.post_to("/api/lan", device, &body).await;
        assert_eq!(found, status, "{device} {origin}: {answer}");
    }
    let kept = app::rows::lan::origin(&site.edge.db(), &venue()).await.unwrap();
    assert_eq!(kept.unwrap().as_str(), LAN);
}

#[tokio::test]
async fn without_its_edge_or_under_another_name_a_gateway_offers_no_hand_over() {
    let site = Site::with_people().await;
    let offers = |answer: &Answer| answer.body.contains("/login/hand-over/start");
    let mut there = Browser::on_site(&site);
    assert!(offers(&there.get("/login").await));
    *site.gateway.line.0.lock().unwrap() = Link::Cut { since_ms: NOW_MS };
    assert!(!offers(&there.get("/login").await));
    assert_eq!(there.get("/login/hand-over/start").await.status, 409);
    *site.gateway.line.0.lock().unwrap() = Link::Connected { since_ms: None };
    let mut by_address = Browser { host: "192.168.1.10:8443", ..Browser::on_site(&site) };
    assert!(!offers(&by_address.get("/login").await));
}

#[tokio::test]
async fn nobody_signs_in_over_a_network_in_clear() {
    let site = Site::with_people().await;
    let plain = |from: &str| Browser {
        transport: Transport::Http,
        from: from.parse().unwrap(),
        ..Browser::new(&site.gateway, "192.168.1.10:8080")
    };
    for from in ["192.168.1.20", "127.0.0.2", "fe80::1"] {
        let mut there = plain(from);
        let login = there.get("/login?next=/kitchen").await;
        let target = format!("{LAN}/login?next=/kitchen");
        assert!(login.body.contains(&target) && login.body.contains("in-clear"), "{from}");
        assert!(!login.body.contains("name=\"pin\""), "{from}: no form asks for anything");
        let answer = there.submit("/login/pin", "name=Karim+Cuisine&pin=141421").await;
        assert_eq!(answer.status, 403, "{from}: {answer:?}");
        assert!(!there.jar.contains_key("relais_session"), "{from}");
        assert!(!login.headers.contains_key("strict-transport-security"), "{from}");
        assert!(!login.cookie("relais_form").contains("Secure"), "{from}");
    }
    // A PIN is enough while the line is cut, and nowhere else without a station.
    let mut there = plain("127.0.0.1");
    assert!(!there.get("/login").await.body.contains("name=\"pin\""));
    let answer = there.submit("/login/pin", "name=Karim+Cuisine&pin=141421").await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(!there.jar.contains_key("relais_session"));
    *site.gateway.line.0.lock().unwrap() = Link::Cut { since_ms: NOW_MS };
    for from in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
        let mut there = plain(from);
        assert!(there.get("/login").await.body.contains("name=\"pin\""), "{from}");
        let answer = there.submit("/login/pin", "name=Karim+Cuisine&pin=141421").await;
        assert_eq!((answer.status, answer.location()), (303, "/kitchen"), "{from}: {answer:?}");
        assert!(!answer.cookie("relais_session").contains("Secure"), "{from}");
    }
}
