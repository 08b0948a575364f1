//! The pages on which staff look after the machines of their venue.
//!
//! Each form posts to one address and leads back; a code or a token is shown once, on the answer.
//! It must not decide: `device` does.

use axum::http::StatusCode;
use domain::device::{self, Kind};

use crate::{
    api::devices::{Given, given, what},
    call::{Answer, Call, page},
    device::{
        enrol::{self, Wanted},
        registry,
    },
    pages::login::redirect,
    problem::Problem,
    qr,
    rows::device::{Found, list as load_all},
    transport,
    views::{CodeShown, DeviceLine, DeviceView, DevicesView, KindChoice, Surface},
};

/// Lists the devices, with both ways to add one.
pub async fn list(call: Call) -> Answer {
    show(&call, (None, None)).await
}

/// Makes a code for a device that is to come, or approves one that shows a code.
pub async fn add(call: Call) -> Answer {
    let done = match call.field("do").as_str() {
        "offer" => match offered(&call).await {
            Ok(code) => return show(&call, (None, Some(code))).await,
            Err(problem) => Err(problem),
        },
        "approve" => approved(&call).await,
        _ => Err(Problem::invalid_field("do")),
    };
    match done {
        Ok(id) => Ok(redirect(&format!("/devices/{id}"), &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => show(&call, (Some(problem), None)).await,
    }
}

async fn offered(call: &Call) -> Result<String, Problem> {
    let kind = Kind::parse(&call.field("kind")).ok_or_else(|| Problem::invalid_field("kind"))?;
    let name = device::name(&call.field("name"))?;
    let wanted = Wanted { kind, name, place: device::place(&call.field("place"))? };
    enrol::offer(call, &wanted).await
}

async fn approved(call: &Call) -> Result<String, Problem> {
    let (name, place) = (device::name(&call.field("name"))?, device::place(&call.field("place"))?);
    Ok(enrol::approve(call, (&call.field("code"), &name, &place)).await?.id)
}

/// Shows one device.
pub async fn one(call: Call) -> Answer {
    show_one(&call, None, (None, None)).await
}

/// Does what a form of a device's page says.
pub async fn change(call: Call) -> Answer {
    match changed(&call).await {
        Ok((None, None)) => Ok(redirect(&format!("/devices/{}", call.param("id")?), &[])),
        Ok(given) => show_one(&call, None, given).await,
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) if problem.status == StatusCode::NOT_FOUND => Err(problem),
        Err(problem) => show_one(&call, Some(problem), (None, None)).await,
    }
}

async fn changed(call: &Call) -> Result<Given, Problem> {
    let id = call.param("id")?;
    let (name, place) = (call.field("name"), call.field("place"));
    let change = what(&call.field("do"), (&name, &place))?;
    registry::change(call, id, &change).await?;
    let found = registry::known(call, id).await?;
    given(call, &found, &change).await
}

async fn show(call: &Call, (problem, code): (Option<Problem>, Option<String>)) -> Answer {
    let found = load_all(&call.db, &call.here()?.venue.id).await?;
    let field = |name: &str| if code.is_some() { String::new() } else { call.field(name) };
    let is_approval = call.field("do") == "approve";
    let mut response = page(&DevicesView {
        shell: call.shell(Surface::Staff),
        devices: found.iter().map(|found| line(call, found)).collect(),
        kinds: kinds(call),
        name: if is_approval { String::new() } else { field("name") },
        place: if is_approval { String::new() } else { field("place") },
        typed: field("code"),
        approved_name: if is_approval { field("name") } else { String::new() },
        is_approval,
        code: code.map(|code| shown(call, &code, Kind::parse(&call.field("kind")))),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

async fn show_one(call: &Call, problem: Option<Problem>, (code, token): Given) -> Answer {
    let found = registry::known(call, call.param("id")?).await?;
    let kind = found.device.kind;
    let mut response = page(&DeviceView {
        shell: call.shell(Surface::Staff),
        device: line(call, &found),
        id: found.device.id.clone(),
        version: found.contact.version.clone(),
        network: found.contact.network.clone(),
        enrolled: call.locale.moment(zone(call)?, found.device.enrolled_ms),
        key: found.key(),
        is_replica: kind.is_replica(),
        is_keyed_here: enrol::check_place(call, kind).is_ok(),
        code: code.map(|code| shown(call, &code, Some(kind))),
        token,
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

fn zone(call: &Call) -> Result<&str, Problem> {
    Ok(call.here()?.venue.time_zone.as_str())
}

fn line(call: &Call, found: &Found) -> DeviceLine {
    let device = &found.device;
    let zone = call.here.as_ref().map_or("", |here| here.venue.time_zone.as_str());
    let heard = match found.contact.at_ms {
        0 => call.locale.t("devices.never").to_owned(),
        at_ms => call.locale.moment(zone, at_ms),
    };
    DeviceLine {
        id: device.id.clone(),
        name: device.name.clone(),
        kind: kind_name(call, device.kind).to_owned(),
        place: device.place.clone(),
        heard,
        blocked: device.blocked && device.retired_ms == 0,
        retired: device.retired_ms > 0,
    }
}

/// Puts a code on the page, with the link that a camera finds, or with what is run on the machine.
fn shown(call: &Call, code: &str, kind: Option<Kind>) -> CodeShown {
    let scheme = if transport::is_secure(call) { "https" } else { "http" };
    let site = format!("{scheme}://{}", call.header("host"));
    let link = format!("{site}/enrol?code={code}");
    let command = format!("relais enrol --edge {site} --code {code} --config FILE");
    CodeShown {
        picture: qr::svg(&link).unwrap_or_default(),
        code: code.to_owned(),
        link,
        command: kind.filter(|kind| kind.is_replica()).map(|_| command),
    }
}

/// A gateway enrols at its edge, a standby at its gateway.
fn kinds(call: &Call) -> Vec<KindChoice> {
    let is_hub = call.app.host.side.is_hub();
    let is_here = |kind: &Kind| match kind {
        Kind::Gateway => is_hub,
        Kind::Standby => !is_hub,
        _ => true,
    };
    let choice =
        |kind: Kind| KindChoice { name: kind.name(), label: kind_name(call, kind).to_owned() };
    Kind::ALL.into_iter().filter(is_here).map(choice).collect()
}

pub(super) fn kind_name(call: &Call, kind: Kind) -> &'static str {
    call.locale.find(&format!("devices.kind_{}", kind.name())).unwrap_or(kind.name())
}
