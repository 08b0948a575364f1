//! Tests of HTTPS with clients that believe a test's authority alone.

use std::{
    fs,
    io::Read as _,
    net::{IpAddr, SocketAddr, TcpStream as Client},
    time::Instant,
};

use app::{gate, transport::Transport};
use axum::{Router, extract::Extension};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};

use super::*;
use crate::server::{self, Bounds, Doors};

#[path = "../../../tests/src/authority.rs"]
#[expect(dead_code, unreachable_pub, reason = "it is another crate's, and includes all of it")]
mod authority;

use authority::Authority;

/// Far beyond every bound of a test: who waits as long has found the defect.
const WITHIN: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);
const NAME: &str = "chakri.lan.chakri.be";

struct Site {
    authority: Authority,
    folder: TempDir,
}

impl Site {
    fn new() -> Self {
        let site =
            Self { authority: Authority::new().unwrap(), folder: tempfile::tempdir().unwrap() };
        site.certify();
        site
    }

    fn files(&self) -> Files {
        let folder = self.folder.path();
        Files { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") }
    }

    /// Writes another certificate and key.
    fn certify(&self) {
        let certified = self.authority.certify(&[NAME]).unwrap();
        fs::write(self.files().certificate, certified.certificate).unwrap();
        fs::write(self.files().key, certified.key).unwrap();
    }

    fn believer(&self) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(self.authority.root().as_bytes()).unwrap();
        roots.add(root).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config))
    }
}

/// A server on both doors; it ends with the test's runtime.
struct Serving {
    plain: SocketAddr,
    secure: SocketAddr,
    tls: Arc<Tls>,
    _stop: oneshot::Sender<()>,
}

impl Serving {
    async fn start(site: &Site, bounds: Bounds) -> Self {
        let tls = Arc::new(Tls::open(site.files()).unwrap());
        let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let secure = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (plain_at, secure_at) = (plain.local_addr().unwrap(), secure.local_addr().unwrap());
        let told = |Extension(over): Extension<Transport>,
                    Extension(from): Extension<gate::Client>| async move {
            format!("{over:?} from {}", from.0)
        };
        let router = Router::new().fallback(told);
        let (stop, stopped) = oneshot::channel::<()>();
        let doors = Doors { plain, secure: Some((secure, tls.clone())) };
        tokio::spawn(server::serve(doors, router, bounds, async { drop(stopped.await) }));
        Self { plain: plain_at, secure: secure_at, tls, _stop: stop }
    }
}

const ASKED: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

async fn say<S>(mut stream: S) -> String
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    stream.write_all(ASKED).await.unwrap();
    let mut said = Vec::new();
    // The other side may close without a farewell of TLS.
    let _ = tokio::time::timeout(WITHIN, stream.read_to_end(&mut said)).await.unwrap();
    String::from_utf8_lossy(&said).into_owned()
}

/// Connects from an address; returns what was said, and with which certificate.
async fn visit(site: &Site, at: SocketAddr, from: IpAddr) -> Result<(String, Vec<u8>), String> {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let stream = socket.connect(at).await.unwrap();
    let name = ServerName::try_from(NAME).unwrap();
    let shaken = tokio::time::timeout(WITHIN, site.believer().connect(name, stream)).await.unwrap();
    let shaken = shaken.map_err(|error| error.to_string())?;
    let shown = shaken.get_ref().1.peer_certificates().unwrap().first().unwrap().to_vec();
    Ok((say(shaken).await, shown))
}

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

async fn shown(site: &Site, serving: &Serving) -> Vec<u8> {
    visit(site, serving.secure, HERE).await.unwrap().1
}

#[tokio::test]
async fn a_request_says_over_what_and_from_where_it_came() {
    let site = Site::new();
    let serving = Serving::start(&site, Bounds::SERVICE).await;
    let other: IpAddr = "127.0.0.2".parse().unwrap();
    let (said, _) = visit(&site, serving.secure, other).await.unwrap();
    assert!(said.ends_with("Https from 127.0.0.2"), "{said}");
    let stream = TcpStream::connect(serving.plain).await.unwrap();
    let said = say(stream).await;
    assert!(said.ends_with("Http from 127.0.0.1"), "{said}");
}

#[tokio::test]
async fn who_believes_another_authority_is_not_served() {
    let (site, other) = (Site::new(), Site::new());
    let serving = Serving::start(&site, Bounds::SERVICE).await;
    let refused = visit(&other, serving.secure, HERE).await.unwrap_err();
    assert!(refused.contains("invalid peer certificate"), "{refused}");
    // Plain http on that port is no request either, and costs nobody a place.
    let said = say(TcpStream::connect(serving.secure).await.unwrap()).await;
    assert!(!said.contains("from"), "{said}");
    assert!(visit(&site, serving.secure, HERE).await.is_ok());
}

#[tokio::test]
async fn who_does_not_shake_hands_frees_the_place_again() {
    let site = Site::new();
    let bounds = Bounds { connections: 1, handshake: SHORT, ..Bounds::SERVICE };
    let serving = Serving::start(&site, bounds).await;
    let mut dawdler = Client::connect(serving.secure).unwrap();
    let began = Instant::now();
    let (said, _) = visit(&site, serving.secure, HERE).await.unwrap();
    assert!(said.ends_with("Https from 127.0.0.1"), "{said}");
    assert!(began.elapsed() >= SHORT && began.elapsed() < WITHIN / 2, "{:?}", began.elapsed());
    dawdler.set_read_timeout(Some(WITHIN)).unwrap();
    assert_eq!(dawdler.read(&mut [0]).unwrap(), 0, "the dawdler was sent away");
}

#[tokio::test]
async fn new_files_serve_new_connections_and_bad_ones_change_nothing() {
    let site = Site::new();
    let serving = Serving::start(&site, Bounds::SERVICE).await;
    let first = shown(&site, &serving).await;
    assert_eq!(serving.tls.shown.look_again(), Ok(false), "nothing changed");

    let key = fs::read(site.files().key).unwrap();
    site.certify();
    fs::write(site.files().key, &key).unwrap();
    let refused = serving.tls.shown.look_again().unwrap_err();
    assert!(refused.contains("do not belong together"), "{refused}");
    fs::write(site.files().key, "nothing").unwrap();
    assert!(serving.tls.shown.look_again().unwrap_err().contains("key"));
    fs::remove_file(site.files().certificate).unwrap();
    assert!(serving.tls.shown.look_again().unwrap_err().contains("certificate.pem"));
    assert_eq!(shown(&site, &serving).await, first, "the old certificate serves on");

    site.certify();
    assert_eq!(serving.tls.shown.look_again(), Ok(true));
    assert_ne!(shown(&site, &serving).await, first);
}

#[tokio::test]
async fn the_files_are_looked_at_while_the_host_serves() {
    let site = Site::new();
    let serving = Serving::start(&site, Bounds::SERVICE).await;
    let first = shown(&site, &serving).await;
    tokio::spawn(serving.tls.follow(Duration::from_millis(1)));
    site.certify();
    let changed = async { while shown(&site, &serving).await == first {} };
    tokio::time::timeout(WITHIN, changed).await.unwrap();
}
