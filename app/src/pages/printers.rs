//! The page on which managers say where printers are and what they print.
//!
//! Each form posts to the page and leads back. It must not know how anything is printed.

use domain::{
    printing::{CodePage, Printer, Printing, Width},
    venue::kitchen::Kitchen,
};

use crate::{
    call::{Answer, Call, page},
    host::Side,
    pages::{login::redirect, present::text},
    printing,
    problem::Problem,
    rows,
    views::{PrinterForm, PrintersView, Surface, Tick},
};

const PATH: &str = "/printers";

/// Shows them with the forms that change them.
pub async fn show(call: Call) -> Answer {
    shown(&call, None).await
}

/// Does what a form says.
pub async fn change(call: Call) -> Answer {
    match changed(&call).await {
        Ok(done) => Ok(redirect(&format!("{PATH}?done={done}"), &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => shown(&call, Some(problem)).await,
    }
}

async fn changed(call: &Call) -> Result<&'static str, Problem> {
    let venue = call.here()?.venue.id.clone();
    let mut wanted = rows::printing::settings(&call.db, &venue).await?;
    let id = call.field("id");
    match call.field("do").as_str() {
        "test" => {
            printing::test(call, &id).await?;
            return Ok("test");
        }
        "remove" => wanted.printers.retain(|printer| printer.id != id),
        "fall_back" => wanted.fall_back = !call.field("fall_back").is_empty(),
        "save" => {
            let kitchen = rows::kitchen::settings(&call.db, &venue).await?;
            let printer = read(call, &wanted, &kitchen);
            match wanted.printers.iter_mut().find(|known| known.id == printer.id) {
                Some(known) => *known = printer,
                None => wanted.printers.push(printer),
            }
        }
        _ => return Err(Problem::invalid_field("do")),
    }
    printing::keep(call, wanted).await?;
    Ok("saved")
}

fn read(call: &Call, settings: &Printing, kitchen: &Kitchen) -> Printer {
    let is_ticked = |field: &str| !call.field(field).is_empty();
    let (width, letters) = (call.field("width"), call.field("code_page"));
    let stations = kitchen.stations.iter().map(|station| station.id.clone());
    let typed = call.field("id");
    let id = match typed.is_empty() {
        true => new_id(settings),
        false => typed,
    };
    Printer {
        id,
        name: call.field("name").trim().to_owned(),
        address: with_port(call.field("address").trim()),
        receipts: is_ticked("receipts"),
        kitchen: is_ticked("kitchen"),
        stations: stations.filter(|id| is_ticked(&format!("station_{id}"))).collect(),
        width: Width::ALL.into_iter().find(|one| one.name() == width).unwrap_or_default(),
        code_page: CodePage::ALL.into_iter().find(|one| one.name() == letters).unwrap_or_default(),
        answers: is_ticked("answers"),
        since_ms: 0,
    }
}

/// Printers listen on 9100 unless somebody says otherwise.
fn with_port(address: &str) -> String {
    if address.contains(':') { address.to_owned() } else { format!("{address}:9100") }
}

fn new_id(settings: &Printing) -> String {
    let mut numbers = (1..).map(|number| format!("printer-{number}"));
    numbers.find(|id| settings.printer(id).is_none()).unwrap_or_default()
}

async fn shown(call: &Call, problem: Option<Problem>) -> Answer {
    let venue = &call.here()?.venue.id;
    let settings = rows::printing::settings(&call.db, venue).await?;
    let kitchen = rows::kitchen::settings(&call.db, venue).await?;
    let is_here = matches!(call.app.host.side, Side::Gateway(_));
    let standings = match is_here {
        true => rows::printing::standings(&call.db, venue).await?,
        false => Vec::new(),
    };
    let fresh = Printer { kitchen: true, answers: true, ..Printer::default() };
    let as_typed = || read(call, &settings, &kitchen);
    let is_typed =
        |id: &str| problem.is_some() && call.field("do") == "save" && call.field("id") == id;
    let form = |printer: &Printer| {
        let typed = is_typed(&printer.id).then(as_typed);
        let standing = standings.iter().find(|one| one.printer == printer.id);
        drawn(call, &kitchen, typed.as_ref().unwrap_or(printer), &printer.id).told(
            standing.map_or(0, |one| one.waiting),
            standing.is_some_and(|one| !one.last_error.is_empty()),
        )
    };
    let done = call.query("done").filter(|_| problem.is_none());
    let done = done.and_then(|done| call.locale.find(&format!("print.done_{done}")));
    let mut response = page(&PrintersView {
        shell: call.shell(Surface::Staff),
        printers: settings.printers.iter().chain([&fresh]).map(form).collect(),
        fall_back: settings.fall_back,
        is_here,
        done: done.map(str::to_owned),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

fn drawn(call: &Call, kitchen: &Kitchen, printer: &Printer, id: &str) -> PrinterForm {
    let tick = |value: &str, label: String, chosen| Tick { value: value.to_owned(), label, chosen };
    let station = |one: &domain::venue::kitchen::Station| {
        tick(&one.id, text(&one.name, call.locale), printer.stations.contains(&one.id))
    };
    let width = |one: Width| tick(one.name(), format!("{} mm", one.name()), one == printer.width);
    let letters =
        |one: CodePage| tick(one.name(), one.name().to_uppercase(), one == printer.code_page);
    PrinterForm {
        id: id.to_owned(),
        name: printer.name.clone(),
        address: printer.address.clone(),
        receipts: printer.receipts,
        kitchen: printer.kitchen,
        answers: printer.answers,
        stations: kitchen.stations.iter().map(station).collect(),
        widths: Width::ALL.into_iter().map(width).collect(),
        code_pages: CodePage::ALL.into_iter().map(letters).collect(),
        waiting: 0,
        is_lost: false,
    }
}
