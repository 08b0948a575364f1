//! Photos of people: somebody's own, and those of colleagues.
//!
//! It must not know where they lie.

use axum::http::{HeaderValue, StatusCode, header};

use crate::{
    api::person_of,
    call::{Answer, Call},
    pages::{account, login::redirect},
    people::{directory, photo},
    problem::{Problem, respond},
};

/// Shows somebody their own photo.
pub async fn own(call: Call) -> Answer {
    let person = call.visitor()?.person.clone();
    shown(photo::load(&call.app, &call.db, &person).await?)
}

/// Shows the photo of a colleague.
pub async fn of_colleague(call: Call) -> Answer {
    let person = person_of(&call)?;
    let venue = &call.here()?.venue.id;
    let member = directory::find(&call.app.host, &call.db, (venue, &person)).await?;
    let person = member.ok_or_else(Problem::not_found)?.person;
    shown(photo::load(&call.app, &call.db, &person).await?)
}

/// Takes somebody's photo, or takes it away.
pub async fn change(call: Call) -> Answer {
    let done = match (call.field("do").as_str(), call.file("photo")) {
        ("photo_remove", _) => photo::remove(&call).await,
        ("photo", Some(file)) if !file.is_empty() => photo::change(&call, file.to_vec()).await,
        ("photo", _) => Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "photo_missing")),
        _ => Err(Problem::invalid_field("do")),
    };
    match done {
        Ok(()) => Ok(redirect("/account?done=1", &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => account::form(&call, Some(&problem)).await,
    }
}

/// No cache keeps it: what was taken away is gone.
fn shown(photo: Option<Vec<u8>>) -> Answer {
    let photo = photo.ok_or_else(Problem::not_found)?;
    let mut response = respond(StatusCode::OK, "image/jpeg", photo);
    let inside = HeaderValue::from_static("inline; filename=\"photo.jpg\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, inside);
    Ok(response)
}
