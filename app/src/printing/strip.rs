//! What stands on paper: a ticket for the kitchen, a receipt, a test.
//!
//! It must not know printers' commands: `domain::printing::Paper` does.

use domain::{
    catalogue::Catalogue,
    ordering::{Item, Order, State},
    printing::{Paper, Printer},
    venue::{kitchen::Kitchen, local_time},
};
use sync_engine::id::VenueId;

use super::of_venue;
use crate::{
    App,
    call::Here,
    locale::Locale,
    metered::Metered,
    pages::present::{self, text},
    ports::Fault,
    rows::{self, order::Found, printing::Job},
};

/// What strips are written from beside their order.
pub(super) struct Desk<'a> {
    app: &'a App,
    db: &'a Metered,
    here: Here,
    kitchen: Kitchen,
    menu: Catalogue,
}

impl<'a> Desk<'a> {
    pub(super) async fn open(
        app: &'a App,
        db: &'a Metered,
        venue: &VenueId,
    ) -> Result<Self, Fault> {
        let here = rows::venue::by_id(db, venue).await?;
        let here = here.ok_or_else(|| Fault::lasting("the venue is not open here"))?;
        let kitchen = rows::kitchen::settings(db, venue).await?;
        let menu = rows::catalogue::load(db, venue).await?;
        Ok(Self { app, db, here, kitchen, menu })
    }

    /// Returns the language of the venue's own paper.
    pub(super) fn locale(&self) -> Locale {
        of_venue(&self.here.venue.languages)
    }

    /// Lists what a printer for the kitchen has to do with.
    pub(super) fn items(&self, found: &Found, printer: &Printer) -> Vec<Item> {
        let is_mine = |item: &Item| {
            let product = found.order.product_of(*item);
            let station = self.kitchen.station_of(&self.menu, product);
            let listed = |id: &String| station.is_some_and(|station| station.id == *id);
            printer.stations.is_empty() || station.is_none() || printer.stations.iter().any(listed)
        };
        found.order.items().into_iter().filter(is_mine).collect()
    }

    /// Writes a job for a printer, on the paper of the one where it comes out; nothing where nobody
    /// wants it any more.
    pub(super) async fn strip(
        &self,
        job: &Job,
        own: &Printer,
        on: &Printer,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let locale = Locale::from_tag(&job.locale).unwrap_or_default();
        let mut paper = Paper::new(on.width, on.code_page);
        if job.duplicate {
            paper.warning(locale.t("print.duplicate"));
            paper.gap();
        }
        if job.what == "test" {
            self.test(&mut paper, own, locale);
            return Ok(Some(paper.cut()));
        }
        let found = rows::order::by_id(self.db, &self.here.venue.id, &job.order).await?;
        let Some(found) = found else { return Ok(None) };
        if found.order.state() == State::Cancelled {
            return Ok(None);
        }
        if job.what == "receipt" {
            self.receipt(&mut paper, &found, locale);
        } else {
            let table = rows::tables::seated(self.db, &self.here.venue.id).await?;
            let table = table.get(&found.order.id).copied().unwrap_or_default();
            self.ticket(&mut paper, (&found, table), own, locale);
        }
        Ok(Some(paper.cut()))
    }

    fn when(&self, at_ms: i64) -> String {
        local_time(&self.here.venue.time_zone, at_ms.unsigned_abs())
    }

    fn ticket(
        &self,
        paper: &mut Paper,
        (found, table): (&Found, u32),
        printer: &Printer,
        locale: Locale,
    ) {
        let order = &found.order;
        paper.headline(&order.ticket());
        let mode = present::mode(order.mode).label(&locale).to_owned();
        let place = match table {
            0 => mode,
            number => format!("{mode} · {} {number}", locale.t("table.number")),
        };
        paper.tall(&place);
        paper.row(&printer.name, &self.when(found.paid_ms.max(order.placed_ms)));
        if let Some(time) = present::wanted(order, &self.here.venue.time_zone) {
            paper.tall(&locale.t_with("order.wanted", &[("time", &time)]));
        }
        if !order.note.is_empty() {
            paper.rule();
            paper.tall(&format!("! {}", order.note));
        }
        paper.rule();
        let mut headed = None;
        for item in self.items(found, printer) {
            let Some((line, part)) = order.item(item) else { continue };
            if part.is_some() && headed != Some(item.line) {
                paper.bold(&format!("[{}]", text(&line.name, locale)));
                word(paper, &line.word);
            }
            headed = Some(item.line);
            let (name, choices, left_out) = match part {
                Some(part) => (&part.name, &part.choices, &part.left_out),
                None => (&line.name, &line.choices, &line.left_out),
            };
            paper.tall(&format!("{} x {}", line.quantity, text(name, locale)));
            for decided in present::decided(choices, left_out, locale) {
                paper.inset("    ", &decided);
            }
            if part.is_none() {
                word(paper, &line.word);
            }
        }
        paper.rule();
    }

    fn receipt(&self, paper: &mut Paper, found: &Found, locale: Locale) {
        let order = &found.order;
        paper.headline(&self.here.venue.name);
        paper.middle(&self.when(found.paid_ms.max(order.placed_ms)));
        paper.gap();
        paper.headline(&order.ticket());
        paper.middle(present::mode(order.mode).label(&locale));
        paper.rule();
        for line in present::lines(order, locale) {
            paper.row(&format!("{} x {}", line.quantity, line.name), &line.price);
            for option in &line.options {
                paper.inset("    ", option);
            }
        }
        let sums = present::sums(order, locale);
        for off in &sums.discounts {
            paper.row(&format!("{} {}", locale.t("basket.discount"), off.code), &off.amount);
        }
        if let Some(fee) = &sums.fee {
            paper.row(locale.t("basket.fee"), fee);
        }
        paper.rule();
        let total = locale.money(order.total_cents);
        paper.tall(&format!("{}: {total}", locale.t("basket.total")));
        for part in &sums.vat {
            let left = format!("{} {} / {}", locale.t("order.vat"), part.rate, part.gross);
            paper.row(&left, &part.vat);
        }
        paper.rule();
        paid(paper, order, locale);
        if let Some(site) = &self.app.host.lan.public_url {
            paper.gap();
            paper.qr(&format!("{}/orders/{}", site.trim_end_matches('/'), order.id));
        }
        paper.middle(locale.t("print.thanks"));
    }

    fn test(&self, paper: &mut Paper, printer: &Printer, locale: Locale) {
        paper.headline(&printer.name);
        paper.middle(locale.t("print.test"));
        paper.middle(&format!("{} mm, {}", printer.width.name(), printer.code_page.name()));
        paper.rule();
        paper.text("àâçéèêëîïôœùûü ÀÇÉÈÊ ß ñ € ’");
        paper.bold("àâçéèêëîïôœùûü");
        paper.tall("12,50 €");
        paper.row(locale.t("basket.total"), &locale.money(1_250));
        paper.qr(self.app.host.lan.public_url.as_deref().unwrap_or("https://example.org"));
    }
}

fn word(paper: &mut Paper, word: &str) {
    if !word.is_empty() {
        paper.bold(&format!("  \"{word}\""));
    }
}

fn paid(paper: &mut Paper, order: &Order, locale: Locale) {
    for payment in &order.payments {
        let means = format!("print.means_{}", payment.means);
        let means = locale.find(&means).unwrap_or(locale.t("counter.paid"));
        paper.row(means, &locale.money(payment.amount_cents));
    }
    let back = order.refunded_cents();
    if back > 0 {
        paper.row(locale.t("counter.refunded"), &locale.money(-back));
    }
}
