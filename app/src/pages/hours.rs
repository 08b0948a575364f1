//! Where editors say when the venue is open, and what the parts of its day are.
//!
//! Each form carries one list of windows; what the others say stays. It must not know how a change
//! is kept.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::venue::hours::{DayPart, Hours, Window};

use crate::{
    call::{Answer, Call, page},
    gate::decode_query,
    locale::Locale,
    menu::edit,
    pages::{
        catalogue::{text_fields, texts},
        login::redirect,
        opening,
        present::text,
    },
    problem::Problem,
    rows,
    views::{DayTick, HoursView, PartForm, Surface, WindowForm},
};

const PATH: &str = "/hours";
const DAY_MINUTES: u16 = 24 * 60;
/// Empty rows below those that are filled.
const SPARE: usize = 2;

/// Shows them with the forms that change them.
pub async fn show(call: Call) -> Answer {
    let hours = rows::catalogue::hours(&call.db, &call.here()?.venue.id).await?;
    form(&call, &hours, None)
}

/// Changes what the form is about.
pub async fn save(call: Call) -> Answer {
    let kept = rows::catalogue::hours(&call.db, &call.here()?.venue.id).await?;
    let outcome = match wanted(&call, kept.clone()) {
        Ok(hours) => edit::hours(&call, &hours).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(()) => Ok(redirect(&format!("{PATH}?saved=1"), &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, &kept, Some(&problem)),
    }
}

fn wanted(call: &Call, mut hours: Hours) -> Result<Hours, Problem> {
    let id = call.field("id").trim().to_owned();
    let find = |hours: &Hours| hours.parts.iter().position(|part| part.id == id);
    match call.field("do").as_str() {
        "opening" => hours.opening = windows(call)?,
        "part" => {
            let part =
                DayPart { id: id.clone(), name: texts(call, "name"), windows: windows(call)? };
            match find(&hours).and_then(|index| hours.parts.get_mut(index)) {
                Some(known) => *known = part,
                None => hours.parts.push(part),
            }
        }
        "remove_part" => {
            let unknown = || Problem::new(StatusCode::NOT_FOUND, "not_found");
            hours.parts.remove(find(&hours).ok_or_else(unknown)?);
        }
        _ => return Err(Problem::invalid_field("do")),
    }
    Ok(hours)
}

/// Reads the rows; one without days is taken away.
fn windows(call: &Call) -> Result<Vec<Window>, Problem> {
    let sent = decode_query(std::str::from_utf8(&call.body).unwrap_or_default());
    let sent: BTreeMap<String, String> = sent.into_iter().collect();
    let rows = domain::limits::WINDOWS_MAX + SPARE;
    let filled = (0..rows).map(|index| row(&sent, index)).filter_map(Result::transpose);
    filled.collect()
}

fn row(sent: &BTreeMap<String, String>, index: usize) -> Result<Option<Window>, Problem> {
    let days = (1..=7).filter(|day| sent.contains_key(&format!("day_{index}_{day}")));
    let days: Vec<u8> = days.collect();
    if days.is_empty() {
        return Ok(None);
    }
    let minute = |field: &'static str| {
        let text = sent.get(&format!("{field}_{index}")).map(String::as_str).unwrap_or_default();
        read_time(text.trim()).ok_or_else(|| Problem::invalid_field(field))
    };
    let (from_minute, until) = (minute("from")?, minute("until")?);
    // Whatever ends before it begins ends on the next day.
    let until_minute = if until > from_minute { until } else { until + DAY_MINUTES };
    Ok(Some(Window { days, from_minute, until_minute }))
}

fn read_time(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, below: u16| {
        let is_plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u16>().ok().filter(|number| is_plain && *number < below)
    };
    Some(number(hour, 24)? * 60 + number(minute, 60)?)
}

fn form(call: &Call, hours: &Hours, problem: Option<&Problem>) -> Answer {
    let locale = call.locale;
    let part = |part: &DayPart| PartForm {
        id: part.id.clone(),
        title: text(&part.name, locale),
        names: text_fields("name", &part.name),
        windows: window_forms(&part.windows, locale),
    };
    let empty = DayPart { id: String::new(), name: BTreeMap::new(), windows: Vec::new() };
    let venue = &call.here()?.venue;
    let mut response = page(&HoursView {
        shell: call.shell(Surface::Staff),
        error: problem.map(|problem| problem.sentence(locale)),
        saved: call.query("saved").is_some() && problem.is_none(),
        opening: opening::view(hours, venue, locale, call.app.clock.now_ms()),
        windows: window_forms(&hours.opening, locale),
        parts: hours.parts.iter().map(part).collect(),
        new_part: part(&empty),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

fn window_forms(windows: &[Window], locale: Locale) -> Vec<WindowForm> {
    let filled = windows.iter().map(Some);
    let rows = filled.chain(std::iter::repeat_n(None, SPARE)).enumerate();
    let form = |(index, window): (usize, Option<&Window>)| WindowForm {
        index,
        days: (1..=7).map(|day| tick(window, (index, day), locale)).collect(),
        from: window.map(|window| opening::time(window.from_minute)).unwrap_or_default(),
        until: window.map(|window| opening::time(window.until_minute)).unwrap_or_default(),
    };
    rows.map(form).collect()
}

fn tick(window: Option<&Window>, (index, day): (usize, u8), locale: Locale) -> DayTick {
    let short = locale.find(&format!("opening.short_{day}")).unwrap_or_default();
    DayTick {
        field: format!("day_{index}_{day}"),
        short,
        name: opening::day_name(locale, usize::from(day).saturating_sub(1)),
        ticked: window.is_some_and(|window| window.days.contains(&day)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_window_that_may_reach_into_the_next_day() {
        for (from, until, expected) in [
            ("11:30", "14:30", Some((690, 870))),
            ("18:00", "00:00", Some((1_080, 1_440))),
            ("18:00", "02:00", Some((1_080, 1_560))),
            ("00:00", "00:00", Some((0, 1_440))),
            ("9:05", "9:06", Some((545, 546))),
            ("", "14:30", None),
            ("24:00", "14:30", None),
            ("11:60", "14:30", None),
            ("+1:30", "14:30", None),
            ("11:30:00", "14:30", None),
        ] {
            let sent = [("day_3_5", "1"), ("from_3", from), ("until_3", until)];
            let sent = sent.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let sent: BTreeMap<String, String> = sent.into_iter().collect();
            let read = row(&sent, 3).ok().flatten();
            let read = read.map(|window| (window.from_minute, window.until_minute));
            assert_eq!(read, expected, "{from} {until}");
            assert_eq!(row(&sent, 2).ok(), Some(None), "a row without days is none");
        }
    }
}
