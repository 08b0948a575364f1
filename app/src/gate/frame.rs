//! What is known of a request before it is handled, and is needed when the call itself is gone: to
//! show a problem as a page, on the reader's surface, and to remember the language.
//!
//! It must not know what went wrong.

use askama::Template;
use axum::{
    body::Body,
    http::{HeaderValue, Method, Response, StatusCode, header},
};
use domain::access::Right;

use crate::{
    call::{Answer, COMFORT, Call},
    locale::Locale,
    problem::{Problem, respond},
    views::{ProblemView, Shell, Surface},
};

/// The frame of one request's answer.
pub(super) struct Frame {
    html: bool,
    navigates: bool,
    path: String,
    shell: Shell,
    chosen: Option<Locale>,
    /// The reader has said so now.
    comfort: Option<bool>,
    /// What the answer sets beside its own.
    pub(super) cookies: Vec<String>,
}

impl Frame {
    /// Takes from the call what the answer needs.
    pub(super) fn of(call: &Call, method: &Method, right: Option<Right>) -> Self {
        Self {
            html: call.header("accept").contains("text/html") && !call.path.starts_with("/api/"),
            navigates: *method == Method::GET,
            path: call.path.clone(),
            shell: call.shell(surface(call, right)),
            chosen: call.query("lang").and_then(Locale::from_tag),
            comfort: call.query(COMFORT).map(|asked| asked == "1"),
            cookies: Vec::new(),
        }
    }

    /// Makes the response: a problem becomes a page where a page was asked for, else JSON.
    pub(super) fn answer(&self, answer: Answer, id: &str) -> Response<Body> {
        let mut response = answer.unwrap_or_else(|problem| self.show(&problem, id));
        if let Some(locale) = self.chosen {
            let code = locale.code();
            let cookie = format!("lang={code}; Path=/; Max-Age=31536000; SameSite=Lax");
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        if let Some(comfort) = self.comfort {
            let (value, age_s) = if comfort { ("1", 31_536_000) } else { ("0", 0) };
            let cookie = format!("{COMFORT}={value}; Path=/; Max-Age={age_s}; SameSite=Lax");
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        for cookie in &self.cookies {
            if let Ok(cookie) = HeaderValue::from_str(cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        response
    }

    fn show(&self, problem: &Problem, id: &str) -> Response<Body> {
        if problem.status.is_server_error() {
            let (code, detail) = (problem.code, &problem.detail);
            tracing::error!(request = id, code, detail, "failed");
        }
        let elsewhere = match problem.code {
            "sign_in_required" => Some(format!("/login?next={}", self.path)),
            "code_required" => Some("/login/code".to_owned()),
            "second_factor_required" => Some("/account/second-factor".to_owned()),
            _ => None,
        };
        if let Some(target) = elsewhere.filter(|_| self.html && self.navigates) {
            let mut response = respond(StatusCode::SEE_OTHER, "text/plain", "");
            if let Ok(target) = HeaderValue::from_str(&target) {
                response.headers_mut().insert(header::LOCATION, target);
            }
            return response;
        }
        let page = self.html.then(|| self.page(problem)).flatten();
        page.unwrap_or_else(|| problem.json(self.shell.locale))
    }

    fn page(&self, problem: &Problem) -> Option<Response<Body>> {
        let view = ProblemView::new(self.shell.clone(), problem.status.as_u16(), problem.code);
        let html = view.render().ok()?;
        let mut response = respond(problem.status, "text/html; charset=utf-8", html);
        problem.mark(&mut response);
        Some(response)
    }
}

/// Whose page it would have been: a kiosk must find back to its start by itself.
fn surface(call: &Call, right: Option<Right>) -> Surface {
    match right {
        Some(right) if right.is_of_people() => Surface::Staff,
        _ if call.is_kiosk() => Surface::Kiosk,
        _ => Surface::Web,
    }
}
