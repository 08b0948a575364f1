//! HTTPS of real processes: who may sign in over what, and a login that is carried from one to the
//! other.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is a test: what does not hold panics"
)]

#[path = "../../../tests/src/authority.rs"]
#[expect(dead_code, unreachable_pub, reason = "it is another crate's, and includes all of it")]
mod authority;
mod process;

use std::net::IpAddr;

use app::live::{PING, PONG};
use authority::Authority;
use futures_util::{SinkExt as _, StreamExt as _};
use process::{Browser, Process, SETUP_CODE, config};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

const LAN: &str = "chakri.lan.chakri.be";
const PUBLIC: &str = "chakri.be";
/// The machine itself, and what stands for another one: it is on no browser's loopback.
const ITSELF: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const ANOTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));

/// A gateway in service: no demo, no contract; accounts are its own.
fn alone(folder: &std::path::Path, authority: &Authority) -> Process {
    let more = format!(
        "secret = \"the gateway's secret\"\nsetup_code = \"{SETUP_CODE}\"\nvenue = \"chakri\"\n\
         lan_name = \"{LAN}\"\n"
    );
    Process::start("gateway", &config(folder, ("gateway", LAN), authority, &more))
}

fn secure(gateway: &Process, authority: &Authority, from: IpAddr) -> Browser {
    let origin = format!("https://{LAN}:{}", gateway.secure.port());
    Browser::new(authority, origin, (LAN, gateway.secure), from)
}

#[tokio::test]
async fn people_sign_in_over_https_or_at_the_machine_itself() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new().unwrap();
    let gateway = alone(folder.path(), &authority);
    let plain = |from| {
        let (origin, at) = (format!("http://{}", gateway.plain), gateway.plain);
        Browser::new(&authority, origin, ("nobody.example", at), from)
    };
    let fields = [("email", "somebody@example.org"), ("password", "a password of nobody")];
    for (what, mut browser, status, is_secure) in [
        ("https", secure(&gateway, &authority, ANOTHER), 401, true),
        ("the machine itself", plain(ITSELF), 401, false),
        ("plain http", plain(ANOTHER), 403, false),
    ] {
        let page = browser.get("/login?next=/kitchen").await;
        assert_eq!(page.status, 200, "{what}");
        assert_eq!(page.cookies[0].contains("; Secure"), is_secure, "{what}: {:?}", page.cookies);
        let insists = !page.header("strict-transport-security").is_empty();
        assert_eq!(insists, is_secure, "{what}");
        let leads_away = format!("https://{LAN}:{}/login?next=/kitchen", gateway.secure.port());
        assert_eq!(page.body.contains(&leads_away), status == 403, "{what}: {}", page.body);
        assert_eq!(page.body.contains("name=\"password\""), status == 401, "{what}");
        let answer = browser.submit("/login", &fields).await;
        assert_eq!(answer.status, status, "{what}: {answer:?}");
    }
}

#[tokio::test]
async fn whoever_listens_over_https_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new().unwrap();
    let gateway = alone(folder.path(), &authority);
    let browser = secure(&gateway, &authority, ANOTHER);
    let url = format!("https://{LAN}:{}/live", gateway.secure.port());
    let answer = browser
        .client()
        .get(url)
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA==")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 101);
    let stream = answer.upgrade().await.unwrap();
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
    socket.send(Message::text(PING)).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text(PONG));
}

/// An edge with the demo's people, and a gateway that has told it its name on site.
async fn pair(folder: &std::path::Path, authority: &Authority) -> (Process, Process) {
    let more = format!(
        "secret = \"the edge's own secret\"\nsetup_code = \"{SETUP_CODE}\"\ncontract = true\n\
         secure_cookies = false\n"
    );
    let edge = Process::start("edge", &config(folder, ("edge", PUBLIC), authority, &more));
    let set_up = |path: &'static str, body: &'static str| {
        let request = reqwest::Client::new().post(format!("http://{}{path}", edge.plain));
        let request = request.header("content-type", "application/json").bearer_auth(SETUP_CODE);
        async move {
            let answer = request.body(body).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            answer.json::<serde_json::Value>().await.unwrap()
        }
    };
    let document = include_str!("../../../fixtures/venues/chakri.json");
    let opened = set_up("/api/setup/venues", document).await;
    let people = include_str!("../../../fixtures/venues/chakri-people.json");
    set_up("/api/setup/venues/chakri/people", people).await;
    let more = format!(
        "secret = \"the gateway's secret\"\ncontract = true\nvenue = \"chakri\"\n\
         edge_url = \"http://{}\"\ndevice = \"gateway\"\ndevice_key = {}\n\
         lan_name = \"{LAN}\"\npublic_url = \"https://{PUBLIC}:{}/\"\n",
        edge.plain,
        opened["device_key"],
        edge.secure.port()
    );
    let file = config(folder, ("gateway", LAN), authority, &more);
    let mut gateway = Process::start("gateway", &file);
    gateway.says("the edge knows this gateway's name on site");
    (edge, gateway)
}

#[tokio::test]
async fn a_login_is_carried_from_one_process_to_the_other_once() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new().unwrap();
    let (edge, gateway) = pair(folder.path(), &authority).await;
    let mut there = secure(&gateway, &authority, ANOTHER);
    let public = format!("https://{PUBLIC}:{}", edge.secure.port());
    let mut home = Browser::new(&authority, public, (PUBLIC, edge.secure), ITSELF);

    let offered = there.get("/login?next=/kitchen").await;
    assert!(offered.body.contains("/login/hand-over/start?next=/kitchen"), "{}", offered.body);
    let began = there.get("/login/hand-over/start?next=/kitchen").await;
    let first = home.get(&began.leads()).await;
    let asked = home.get(&first.leads()).await;
    let login = home.get(&asked.leads()).await;
    assert_eq!(login.status, 200, "{login:?}");
    let (_, next) = login.body.split_once("name=\"next\" value=\"").unwrap();
    let next = next.split_once('"').unwrap().0.replace("&#38;", "&");
    let person = ("kitchen@demo.example", "demo kitchen frites");
    let fields = [("email", person.0), ("password", person.1), ("next", next.as_str())];
    let signed_in = home.submit("/login", &fields).await;
    assert!(signed_in.cookies[0].contains("; Secure"), "over HTTPS, whatever the edge's file says");
    let shown = home.get(&signed_in.leads()).await;
    let target = shown.leads();
    let mut stranger = secure(&gateway, &authority, ANOTHER);
    let planted = stranger.get(&target).await;
    assert_eq!(stranger.get(&planted.leads()).await.status, 403);

    let done = there.get(&target).await;
    assert_eq!((done.status, done.leads().as_str()), (303, "/kitchen"), "{done:?}");
    let session = done.cookies.iter().find(|cookie| cookie.starts_with("relais_session="));
    assert!(session.unwrap().contains("; Secure"), "{done:?}");
    assert_eq!(there.get("/kitchen").await.status, 200);
    let again = there.get(&format!("{target}&again=1")).await;
    assert_eq!(again.status, 403, "{again:?}");

    let code = target.split_once("code=").unwrap().1.to_owned();
    for log in [edge.end(), gateway.end()] {
        assert!(log.contains("/login/hand-over"), "the log says what was asked for");
        assert!(!log.contains(&code[20..60]), "and never the code");
    }
}
