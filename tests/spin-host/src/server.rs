//! The HTTP front: accepts connections and passes every request to an instance.
//!
//! A client that goes away takes nothing with it: the guest finishes what it began.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;

use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::handler::ProxyHandler;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{Error, WasiBody};

use crate::instance::Compiled;
use crate::manifest::App;

/// What to host, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// The `spin.toml`.
    pub manifest: PathBuf,
    /// The component, instead of the source that the manifest names.
    pub component: PathBuf,
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the databases and the component's files are kept.
    pub state_dir: PathBuf,
    /// Values of application variables, by name.
    pub variables: BTreeMap<String, String>,
}

/// A component that is ready to serve.
pub struct Host {
    listener: TcpListener,
    handler: ProxyHandler<Compiled>,
}

impl Host {
    /// Reads the manifest, compiles the component and begins to listen.
    ///
    /// # Errors
    /// Every problem of the manifest at once, a component that cannot be linked, an address in use.
    pub async fn start(options: &Options) -> Result<Self, String> {
        let app = App::load(&options.manifest, &options.state_dir, &options.variables)?;
        let compiled = Compiled::new(&options.component, app)
            .map_err(|error| format!("{}: {error:?}", options.component.display()))?;
        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(|error| format!("{}: {error}", options.listen))?;
        Ok(Self { listener, handler: ProxyHandler::new(compiled) })
    }

    /// The address that it listens on.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` resolves; what is running then is dropped, and so rolled back.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => return,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, client)) => {
                    tokio::spawn(converse(self.handler.clone(), stream, client));
                }
                // A client that left before it was accepted is no reason to end.
                Err(error) => eprintln!("spin-host: accept: {error}"),
            }
        }
    }
}

async fn converse(handler: ProxyHandler<Compiled>, stream: TcpStream, client: SocketAddr) {
    let service = service_fn(|request| {
        let handler = handler.clone();
        async move { Ok::<_, Error>(answer(&handler, request, client).await) }
    });
    // An error here is a client that hung up or broke the protocol; nobody is left to be told.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    handler: &ProxyHandler<Compiled>,
    request: Request<Incoming>,
    client: SocketAddr,
) -> Response<WasiBody> {
    let Some(request) = prepared(request, client) else {
        return refused(StatusCode::BAD_REQUEST);
    };
    match handler.handle((), request).await {
        Ok(response) => response,
        Err(error) => {
            eprintln!("spin-host: no answer: {error:?}");
            refused(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// Gives the request its full address and the headers that Spin adds; a client cannot set those.
fn prepared(request: Request<Incoming>, client: SocketAddr) -> Option<Request<WasiBody>> {
    let (mut parts, body) = request.into_parts();
    let host = parts.headers.get(header::HOST)?.to_str().ok()?;
    let path = parts.uri.path_and_query()?.clone();
    let path_info = HeaderValue::from_str(path.path()).ok()?;
    parts.uri = Uri::builder().scheme("http").authority(host).path_and_query(path).build().ok()?;
    let full_url = HeaderValue::from_str(&parts.uri.to_string()).ok()?;
    let client_addr = HeaderValue::from_str(&client.to_string()).ok()?;
    for (name, value) in [
        ("spin-full-url", full_url),
        ("spin-client-addr", client_addr),
        ("spin-path-info", path_info),
        ("spin-base-path", HeaderValue::from_static("/")),
        ("spin-component-route", HeaderValue::from_static("")),
        ("spin-raw-component-route", HeaderValue::from_static("/...")),
        ("spin-matched-route", HeaderValue::from_static("/...")),
    ] {
        parts.headers.insert(name, value);
    }
    Some(Request::from_parts(parts, body.map_err(Error::from).boxed_unsync()))
}

fn refused(status: StatusCode) -> Response<WasiBody> {
    let mut response = Response::new(WasiBody::default());
    *response.status_mut() = status;
    response
}
