//! The form about points: rates, what a gateway may hold, and the levels of a card.
//!
//! It must not know what a point buys.

use std::iter;

use domain::{
    catalogue::Texts,
    loyalty::{Level, Loyalty},
};

use super::is_ticked;
use crate::{call::Call, problem::Problem, views::PointsForm};

/// Reads what somebody typed; the venue's languages say in which order a level is called what.
pub(super) fn read(call: &Call) -> Result<Loyalty, Problem> {
    let number = |field: &'static str| {
        call.field(field).trim().parse::<i64>().map_err(|_| Problem::invalid_field(field))
    };
    let languages = &call.here()?.venue.languages;
    let lines = call.field("levels");
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(Loyalty {
        on: is_ticked(call, "on"),
        earned_per_euro: number("earned_per_euro")?,
        spent_per_euro: number("spent_per_euro")?,
        allowance: number("allowance")?,
        levels: lines.map(|line| level(line, languages)).collect::<Result<_, _>>()?,
    })
}

/// Reads a line such as `2000; Argent; Zilver; Silver`.
fn level(line: &str, languages: &[String]) -> Result<Level, Problem> {
    let wrong = || Problem::invalid_field("levels");
    let (from, names) = line.split_once(';').ok_or_else(wrong)?;
    let names: Vec<&str> = names.split(';').map(str::trim).collect();
    if names.len() > languages.len() {
        return Err(wrong());
    }
    let name: Texts = iter::zip(languages, names)
        .filter(|(_, name)| !name.is_empty())
        .map(|(language, name)| (language.clone(), name.to_owned()))
        .collect();
    Ok(Level { from: from.trim().parse().map_err(|_| wrong())?, name })
}

/// Shows what is kept.
pub(super) fn as_kept(kept: &Loyalty, languages: &[String]) -> PointsForm {
    let line = |level: &Level| {
        let names = languages.iter().map(|language| level.name.get(language).map_or("", |n| n));
        iter::once(level.from.to_string().as_str()).chain(names).collect::<Vec<_>>().join("; ")
    };
    PointsForm {
        on: kept.on,
        earned: kept.earned_per_euro.to_string(),
        spent: kept.spent_per_euro.to_string(),
        allowance: kept.allowance.to_string(),
        levels: kept.levels.iter().map(line).collect::<Vec<_>>().join("\n"),
    }
}

/// Shows what was typed once more.
pub(super) fn as_typed(call: &Call) -> PointsForm {
    PointsForm {
        on: is_ticked(call, "on"),
        earned: call.field("earned_per_euro"),
        spent: call.field("spent_per_euro"),
        allowance: call.field("allowance"),
        levels: call.field("levels"),
    }
}
