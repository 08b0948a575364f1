//! One Durable Object per venue: the place where its gateway and browsers will listen for changes.
//!
//! Prepared: the class and its binding exist, so that adding sockets needs no migration. It takes
//! no socket yet and says so. It must not hold venue data: that is D1's.

use worker::{
    DurableObject, Env, Error, Request, Response, Result, State, WebSocket,
    WebSocketIncomingMessage, console_error, durable_object, wasm_bindgen,
};

/// The listeners of one venue.
#[durable_object(websocket)]
pub struct VenueRoom {
    _state: State,
}

impl DurableObject for VenueRoom {
    fn new(state: State, _env: Env) -> Self {
        Self { _state: state }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let upgrade = request.headers().get("upgrade")?;
        if upgrade.is_some_and(|to| to.eq_ignore_ascii_case("websocket")) {
            return Response::error("This edge takes no sockets yet: ask again later.", 501);
        }
        let answer = Response::error("A venue's room speaks WebSocket only.", 426)?;
        answer.headers().set("upgrade", "websocket")?;
        Ok(answer)
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        _message: WebSocketIncomingMessage,
    ) -> Result<()> {
        // Listeners have nothing to say; 1008 is "against the rules".
        socket.close(Some(1008), Some("nothing is expected from a listener"))
    }

    async fn websocket_close(
        &self,
        _socket: WebSocket,
        _code: usize,
        _reason: String,
        _was_clean: bool,
    ) -> Result<()> {
        Ok(())
    }

    async fn websocket_error(&self, _socket: WebSocket, error: Error) -> Result<()> {
        console_error!("a listener's socket failed: {error}");
        Ok(())
    }
}
