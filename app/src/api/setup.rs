//! Opening a venue on this host, guarded by the host's set-up code.

use axum::http::StatusCode;
use domain::{
    audit::Act,
    device::replica::{Credential, Keys},
    venue::Document,
};
use serde_json::json as value;

use sync_engine::{
    change::Draft,
    id::{Purpose, VenueId},
    limits::CLOCK_AHEAD_MS,
    seal::hex,
};

use crate::{
    audit::{self, Noted},
    call::{Answer, Call, Tries, Written, json},
    device::{demo as demo_machines, registry},
    people::demo::{self, DemoPerson},
    problem::Problem,
    replication,
    rows::{self, device::find},
    witness,
};

/// The device name of a venue's gateway.
pub const GATEWAY: &str = "gateway";

/// Opens a venue from its document; doing it again changes nothing.
pub async fn open_venue(call: Call) -> Answer {
    let document: Document = call.json()?;
    document.check()?;
    let mut call = call;
    let clamp_ms = call.app.clock.now_ms() + CLOCK_AHEAD_MS;
    let entropy = call.app.entropy.clone();
    replication::open(&call.db, entropy.as_ref(), &document, "edge", Some(clamp_ms)).await?;
    let venue = &document.venue.id;
    note_opening(&mut call, &document).await?;
    let (app, known) = (&call.app, find(&call.db, venue, GATEWAY).await?);
    let keys = known.map_or_else(Keys::default, |found| found.keys);
    call.db.commit(&[witness::enrol(venue, GATEWAY)]).await?;
    let catalogue = Purpose::parse(domain::schema::CATALOGUE)?;
    app.live.changed(venue, &catalogue);
    let secret = app.host.device_key(venue, GATEWAY, keys.newest);
    let shared = app.host.pin_key(venue, keys.shared);
    let body = value!({
        "venue": venue,
        "device": GATEWAY,
        "device_key": Credential { version: keys.newest, secret }.text(),
        "shared_key": shared.map(|key| hex(&key)),
    });
    json(StatusCode::OK, &body)
}

/// Notes that a venue was opened from a document; the same document again is the same entry.
async fn note_opening(call: &mut Call, document: &Document) -> Result<(), Problem> {
    let venue = &document.venue.id;
    let here = rows::venue::by_id(&call.db, venue).await?;
    let here = here.ok_or_else(|| Problem::internal("the venue was opened but is not there"))?;
    let author = replication::author(document)?.generation;
    let id = format!("{}/{author}", here.writer.generation);
    call.here = Some(here);
    let detail = value!({"document": author});
    let noted = Noted { act: Act::VenueOpened, actor: "", subject: venue.as_str(), detail };
    let mut tries = Tries::default();
    loop {
        if rows::audit::is_noted(&call.db, venue, &id).await? {
            return Ok(());
        }
        let draft = Draft { entity: id.clone(), ..audit::entry(call, &noted).await? };
        let mut drafts = registry::gateway(call).await?;
        drafts.push(draft);
        if call.write(&drafts).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

/// Loads the people of a demo at a venue; on any other host there is no such address.
pub async fn load_people(call: Call) -> Answer {
    if !(call.app.host.demo || call.app.host.contract) {
        return Err(Problem::not_found());
    }
    let people: Vec<DemoPerson> = call.json()?;
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_venue");
    let venue = VenueId::parse(call.param("id")?).map_err(|_| unknown())?;
    let here = rows::venue::by_id(&call.db, &venue).await?.ok_or_else(unknown)?;
    demo::load(&call.app, &call.db, (&here, &people)).await?;
    call.app.live.changed(&venue, &Purpose::parse(domain::schema::PEOPLE)?);
    let sensor_token = demo_machines::sensor_token(&call.app.host, &here);
    json(StatusCode::OK, &value!({"people": people.len(), "sensor_token": sensor_token}))
}
