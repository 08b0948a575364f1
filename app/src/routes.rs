//! The one route table: router, rights, limits, OpenAPI and documentation all come from it.
//!
//! No route is declared anywhere else; tidy checks it. It must not know how a handler works.

use axum::{
    Router,
    extract::{RawPathParams, Request, State, rejection::RawPathParamsRejection},
    routing::{MethodFilter, MethodRouter, on},
};
use domain::access::Right;

use crate::{
    App, api,
    call::{Answer, Call},
    gate, limits, live, pages,
    ports::Pending,
};

/// Which part of the host a route is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The host itself.
    Host,
    /// One venue; an address that belongs to none gets a clear page.
    Venue,
}

/// One route.
#[derive(Clone, Copy)]
pub struct Route {
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with `{parameters}`.
    pub path: &'static str,
    /// What the caller must be allowed to do.
    pub right: Right,
    /// Host or venue.
    pub scope: Scope,
    /// Bytes of body that it reads.
    pub body_bytes: usize,
    /// Queries that it may run.
    pub queries: u32,
    /// It writes what others shall see, or answers for what is written here: a standby does not.
    pub writes: bool,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// The handler.
    pub serve: fn(Call) -> Pending<'static, Answer>,
}

macro_rules! route {
    ($method:ident $path:literal $right:ident $scope:ident $about:literal, $handler:path) => {
        Route {
            method: stringify!($method),
            path: $path,
            right: Right::$right,
            scope: Scope::$scope,
            body_bytes: limits::BODY_BYTES,
            queries: limits::PAGE_QUERIES,
            writes: !matches!(stringify!($method).as_bytes(), b"GET"),
            about: $about,
            serve: |call| Box::pin($handler(call)),
        }
    };
}

/// A route that carries much: an exchange, a venue document.
const fn wide(route: Route) -> Route {
    Route { body_bytes: limits::SYNC_BODY_BYTES, queries: limits::SYNC_QUERIES, ..route }
}

/// A route that takes a photo.
const fn heavy(route: Route) -> Route {
    Route { body_bytes: limits::PHOTO_BODY_BYTES, ..route }
}

/// A route that does much on a short request: a statement or two for each of many changes.
const fn long(route: Route) -> Route {
    Route { queries: limits::SYNC_QUERIES, ..route }
}

/// A route that changes at most what this store alone keeps: a standby has it too.
const fn local(route: Route) -> Route {
    Route { writes: false, ..route }
}

/// Every route.
pub const ROUTES: &[Route] = &[
    route!(GET "/" Public Venue "The public site's first page.", pages::welcome::web),
    route!(GET "/menu" Public Venue "The menu, to order from.", pages::customer::menu),
    route!(GET "/kiosk" Public Venue "The kiosk's attract screen.", pages::welcome::kiosk),
    route!(GET "/kiosk/menu" Public Venue "The menu on a kiosk.", pages::customer::kiosk_menu),
    route!(GET "/kiosk/card" Public Venue "Where a kiosk reads a member's card.",
        pages::kiosk_card::show),
    local(route!(POST "/api/kiosk/card" Public Venue "Recognises a member at a kiosk.",
        pages::kiosk_card::read)),
    route!(POST "/kiosk/orders/{id}/points" Public Venue "Pays with points at a kiosk.",
        pages::loyalty::pay_at_kiosk),
    route!(GET "/orders/{id}" Public Venue "An order as its customer sees it.",
        pages::customer::order),
    route!(GET "/staff" Staff Venue "Where staff begin.", pages::staff::home),
    route!(GET "/dashboard" People Venue "Where managers begin.", pages::staff::dashboard),
    route!(GET "/people" People Venue "Who works here, and as what.", pages::people::list),
    route!(POST "/people" People Venue "Adds somebody to the team.", pages::people::add),
    route!(GET "/people/{id}" People Venue "One person of the team.", pages::people::one),
    route!(POST "/people/{id}" People Venue "Changes what a person is here.",
        pages::people::change),
    long(route!(GET "/audit" Audit Venue "What was done here, by whom and when.",
        pages::audit::show)),
    long(route!(GET "/audit/check" Audit Venue "Whether the audit is still what was written.",
        pages::audit::check)),
    route!(GET "/account" Account Venue "What somebody does about themselves.",
        pages::account::show),
    route!(POST "/account" Account Venue "Changes password, PIN or sessions.",
        pages::account::change),
    route!(GET "/account/second-factor" Account Venue "How to set a second factor up.",
        pages::account::show_factor),
    route!(POST "/account/second-factor" Account Venue "Sets a second factor up.",
        pages::account::set_factor),
    route!(GET "/account/photo" Account Venue "Somebody's own photo.", pages::photo::own),
    heavy(
        route!(POST "/account/photo" Account Venue "Takes a photo of somebody, or takes it away.",
        pages::photo::change),
    ),
    route!(GET "/people/{id}/photo" People Venue "A colleague's photo.",
        pages::photo::of_colleague),
    route!(GET "/account/export" Account Venue "All that is kept about somebody, as JSON.",
        pages::privacy::export),
    route!(POST "/account/erase" Account Venue "Erases somebody, on every replica.",
        pages::privacy::erase_me),
    route!(GET "/account/card" Account Venue "A member's card: in the phone, or to print.",
        pages::card::show),
    route!(POST "/account/card" Account Venue "Prints a member's card, or ends one.",
        pages::card::change),
    route!(GET "/account/points" Account Venue "What points somebody has, and from what.",
        pages::loyalty::show),
    route!(POST "/orders/{id}/points" Account Venue "Pays an order with points, from its page.",
        pages::loyalty::pay),
    route!(POST "/api/orders/{id}/points" Account Venue "Pays an order with a member's points.",
        api::loyalty::pay),
    route!(GET "/api/account/points" Account Venue "What points somebody has.",
        api::loyalty::own),
    route!(GET "/api/settings/loyalty" People Venue "On which terms the venue gives points.",
        api::loyalty::settings),
    route!(PUT "/api/settings/loyalty" People Venue "Keeps on which terms it gives points.",
        api::loyalty::put_settings),
    route!(GET "/api/members/{id}/points" People Venue "What points a member has.",
        api::loyalty::of_member),
    route!(POST "/api/members/{id}/points" People Venue "Corrects a member's points, with why.",
        api::loyalty::correct),
    route!(POST "/api/account/card" Account Venue "Binds a member's card to a phone.",
        api::members::bind),
    route!(GET "/members" Cash Venue "Where the counter recognises members.",
        pages::members::show),
    local(route!(POST "/members" Cash Venue "Tells the counter who shows a code.",
        pages::members::recognise)),
    route!(POST "/members/{id}/points" People Venue "Corrects the points of who was recognised.",
        pages::members::correct),
    local(route!(POST "/api/members/recognise" Cash Venue "Tells who shows a code.",
        api::members::recognise)),
    route!(GET "/register" Public Venue "Where somebody asks for an account.",
        pages::register::show),
    route!(POST "/register" Public Venue "Registers somebody; the mail says what became of it.",
        pages::register::register),
    route!(GET "/confirm" Public Venue "Where the mail of a new account leads.",
        pages::register::show_confirm),
    route!(POST "/confirm" Public Venue "Proves a new account's address.",
        pages::register::confirm),
    route!(POST "/confirm/again" Public Venue "Sends that mail again.",
        pages::register::send_again),
    route!(GET "/forgot" Public Venue "Where somebody asks for another password.",
        pages::register::forgot),
    route!(POST "/forgot" Public Venue "Sends a link to another password.",
        pages::register::send_reset),
    route!(GET "/account/email" Public Venue "Where the mail about another address leads.",
        pages::email::show),
    route!(POST "/account/email" Public Venue "Takes another address.", pages::email::take),
    route!(GET "/account/undo" Public Venue "Where the former address's mail leads.",
        pages::email::show_undo),
    route!(POST "/account/undo" Public Venue "Takes the former address back.",
        pages::email::undo),
    route!(GET "/password" Public Venue "Where somebody with a code chooses a password.",
        pages::password::show),
    route!(POST "/password" Public Venue "Keeps the password that was chosen.",
        pages::password::choose),
    route!(GET "/privacy" Public Venue "What is kept of people here, and for how long.",
        pages::notice::show),
    route!(GET "/privacy/edit" People Venue "The venue's own words about it.",
        pages::notice::edit),
    route!(POST "/privacy/edit" People Venue "Keeps the venue's own words about it.",
        pages::notice::save),
    route!(GET "/setup" Public Host "The first start, while nobody administers this host.",
        pages::setup::show),
    route!(POST "/setup" Public Host "Makes the first administrator.", pages::setup::begin),
    route!(GET "/recover" Public Venue "Where a lost administrator is let in again.",
        pages::recover::show),
    route!(POST "/recover" Public Venue "Lets a lost administrator in again.",
        pages::recover::recover),
    route!(GET "/platform" Platform Venue "The venues of this host.", pages::platform::show),
    long(route!(POST "/platform" Platform Venue "Opens a venue, and invites its owner.",
        pages::platform::open)),
    route!(POST "/platform/retention" Platform Venue "Says how long unused accounts are kept.",
        pages::platform::keep_for),
    route!(POST "/platform/{id}" Platform Venue "Says what a venue is used for.",
        pages::platform::change),
    route!(GET "/catalogue" Menu Venue "The menu as editors have it.", pages::catalogue::list),
    wide(route!(POST "/catalogue" Menu Venue "Publishes, sorts, reprices, imports.",
        pages::catalogue::change)),
    route!(GET "/catalogue/products/{id}" Menu Venue "One product, to be changed.",
        pages::catalogue::product::show),
    heavy(route!(POST "/catalogue/products/{id}" Menu Venue
        "Changes a product or its picture, or takes it away.", pages::catalogue::product::change)),
    route!(GET "/pictures/{id}" Public Venue "A picture of what is sold.",
        pages::catalogue::product::picture),
    route!(GET "/hours" Menu Venue "When the venue is open.", pages::hours::show),
    route!(POST "/hours" Menu Venue "Says when the venue is open, and what its day's parts are.",
        pages::hours::save),
    route!(GET "/history" Cash Venue "What was ordered, by days, state and mode.",
        pages::history::show),
    route!(GET "/sales" People Venue "What was sold, in sums.", pages::history::sold),
    route!(GET "/settings/ordering" People Venue "On which terms the venue sells.",
        pages::terms::show),
    route!(POST "/settings/ordering" People Venue "Changes on which terms the venue sells.",
        pages::terms::save),
    route!(GET "/stock" Prepare Venue "How many there are of what.", pages::stock::show),
    route!(POST "/stock" Prepare Venue "Keeps what staff counted.", pages::stock::change),
    route!(GET "/api/order-times" Public Venue "When an order may be wanted within a day.",
        api::capacity::times),
    route!(GET "/api/settings/capacity" People Venue "How much the kitchen takes on.",
        api::capacity::settings),
    route!(PUT "/api/settings/capacity" People Venue "Keeps how much the kitchen takes on.",
        api::capacity::put_settings),
    route!(GET "/web-orders" Prepare Venue "Whether orders are taken from the web.",
        pages::web_orders::show),
    route!(POST "/web-orders" Prepare Venue "Pauses orders from the web, or resumes them.",
        pages::web_orders::change),
    route!(POST "/orders/{id}/withdrawn" Public Venue "Calls an order off until it is promised.",
        pages::web_orders::withdraw),
    route!(GET "/api/web-orders" Public Venue "Whether orders are taken from the web.",
        api::web_orders::show),
    route!(POST "/api/web-orders/pause" Prepare Venue "Pauses orders from the web.",
        api::web_orders::pause),
    route!(POST "/api/orders/{id}/accepted" Cash Venue "Promises an order from the web.",
        api::web_orders::accept),
    route!(POST "/api/orders/{id}/withdrawn" Public Venue
        "Calls an order off for its customer, until it is promised.", api::web_orders::withdraw),
    route!(GET "/api/settings/web" People Venue "How orders are taken from the web.",
        api::web_orders::settings),
    route!(PUT "/api/settings/web" People Venue "Keeps how orders are taken from the web.",
        api::web_orders::put_settings),
    route!(GET "/kitchen" Prepare Venue "The kitchen's board.", pages::kitchen::show),
    route!(GET "/kitchen/board" Prepare Venue "The board alone, with an ETag.",
        pages::kitchen::board),
    route!(GET "/board" Public Venue "Which orders are being prepared, and which are called.",
        pages::ready::show),
    route!(GET "/board/numbers" Public Venue "The numbers alone, with an ETag.",
        pages::ready::numbers),
    route!(GET "/counter" Cash Venue "The counter's board.", pages::staff::counter),
    route!(GET "/counter/board" Cash Venue "The board alone, with an ETag.",
        pages::staff::counter_board),
    route!(GET "/counter/orders/{id}" Cash Venue "One order: what happened, what can be undone.",
        pages::counter::order),
    route!(POST "/counter/orders/{id}" Cash Venue "Calls an order off, or gives money back.",
        pages::counter::change),
    route!(GET "/counter/scan" Cash Venue "Where the counter finds an order by code or number.",
        pages::scan::show),
    local(route!(POST "/counter/scan" Cash Venue "Opens the order of a code or a number.",
        pages::scan::open)),
    route!(GET "/close" Cash Venue "A day at the counter: sums, the drawer, reports.",
        pages::close::show),
    route!(POST "/close" Cash Venue "Counts the drawer, or closes the day.",
        pages::close::change),
    route!(GET "/account/orders" Account Venue "What somebody ordered here.",
        pages::own_orders::list),
    route!(POST "/account/orders/{id}" Account Venue "Rates an order, or has it invoiced.",
        pages::own_orders::change),
    route!(GET "/account/orders/{id}/invoice" Account Venue "An order's invoice, to be printed.",
        pages::own_orders::invoice),
    route!(GET "/account/addresses" Account Venue "Where somebody has things brought.",
        pages::own_orders::addresses),
    route!(POST "/account/addresses" Account Venue "Keeps another address, or forgets one.",
        pages::own_orders::change_addresses),
    route!(GET "/ratings" Cash Venue "What customers think.", pages::own_orders::ratings),
    route!(POST "/ratings/{id}" Cash Venue "Answers what somebody thinks.",
        pages::own_orders::answer),
    route!(GET "/api/account/orders/{id}/again" Account Venue
        "What an order was made of, to order it again.", api::own_orders::again),
    route!(POST "/api/account/orders/{id}/rating" Account Venue "Rates an order.",
        api::own_orders::rate),
    route!(POST "/api/account/orders/{id}/invoice" Account Venue "Has an order invoiced.",
        api::own_orders::invoice),
    route!(GET "/api/account/addresses" Account Venue "Somebody's addresses, for the basket.",
        api::own_orders::addresses),
    route!(GET "/deliveries" Deliver Venue "What is to be brought.", pages::deliveries::show),
    route!(GET "/deliveries/board" Deliver Venue "That list alone, with an ETag.",
        pages::deliveries::board),
    route!(GET "/deliveries/{id}" Deliver Venue "One order at the door.", pages::deliveries::one),
    heavy(route!(POST "/deliveries/{id}" Deliver Venue
        "Hands an order over, with a name or a picture.", pages::deliveries::deliver)),
    route!(GET "/orders/{id}/place" Public Venue "The picture of where a delivery stands.",
        pages::deliveries::photo),
    route!(GET "/floor" Prepare Venue "The tables, and what each is now.", pages::floor::show),
    route!(GET "/floor/board" Prepare Venue "The tables alone, with an ETag.",
        pages::floor::board),
    route!(POST "/floor" People Venue "Adds a table.", pages::floor::add),
    route!(GET "/floor/{id}" Prepare Venue "One table: what had it, and the code to print.",
        pages::floor::one),
    route!(POST "/floor/{id}" Prepare Venue "Says what a table is, or what it is called.",
        pages::floor::change),
    route!(GET "/sync-status" Staff Venue "How replication stands, in plain words.",
        pages::sync_status::show),
    local(long(route!(POST "/sync-status/retry" Staff Venue "Tries again what was set aside.",
        pages::sync_status::retry))),
    route!(GET "/sync-status/retire" Maintain Venue "Asks whether a peer is to be given up.",
        pages::sync_status::ask_retire),
    local(
        route!(POST "/sync-status/retire" Maintain Venue "Gives up a peer that will not come back.",
        pages::sync_status::retire),
    ),
    route!(GET "/outbox" Staff Venue "Mails that wait, were given up, or left.",
        pages::outbox::show),
    local(route!(POST "/outbox/retry" Staff Venue "Sends again what waits or was given up.",
        pages::outbox::retry)),
    route!(GET "/demo/mails" Demo Venue "A demo's mailbox: what nobody carries, with its links.",
        pages::outbox::demo),
    route!(GET "/printers" People Venue "Where printers are, and what they print.",
        pages::printers::show),
    route!(POST "/printers" People Venue "Adds, changes, tries or removes a printer.",
        pages::printers::change),
    route!(GET "/devices" Maintain Venue "The machines of the venue.", pages::devices::list),
    route!(POST "/devices" Maintain Venue "Makes a code for a device, or approves one.",
        pages::devices::add),
    route!(GET "/devices/{id}" Maintain Venue "One machine of the venue.", pages::devices::one),
    route!(POST "/devices/{id}" Maintain Venue "Renames, blocks, retires or rekeys a device.",
        pages::devices::change),
    route!(GET "/enrol" Public Venue "Where a browser becomes a station of the venue.",
        pages::enrol::show),
    route!(POST "/enrol" Public Venue "Redeems a code, or shows one to be approved.",
        pages::enrol::enrol),
    route!(GET "/login" Public Venue "Where people sign in.", pages::login::show),
    local(route!(POST "/login" Public Venue "Signs in by address and password.",
        pages::login::sign_in)),
    local(route!(POST "/login/pin" Public Venue "Signs staff in by name and PIN, on site.",
        pages::pin::sign_in)),
    route!(GET "/switch" Public Venue "Who may take a station over, by PIN.", pages::pin::show),
    route!(GET "/login/code" Proving Venue "Asks for the code of the second factor.",
        pages::login::show_code),
    local(route!(POST "/login/code" Proving Venue "Checks the code of the second factor.",
        pages::login::prove_code)),
    route!(GET "/login/hand-over" Public Venue "Carries a login from its home to a gateway.",
        pages::hand_over::show),
    route!(GET "/login/hand-over/start" Public Venue "Asks the home of accounts for a login.",
        pages::hand_over::start),
    route!(GET "/login/openid" Public Venue "Sends a browser to the sign-in provider.",
        pages::openid::begin),
    route!(GET "/login/openid/callback" Public Venue "Takes a browser that comes back from there.",
        pages::openid::finish),
    local(route!(POST "/logout" Public Venue "Ends the session.", pages::login::sign_out)),
    route!(GET "/styleguide" Demo Host "Every component in every skin and state.",
        pages::styleguide::show),
    route!(GET "/live" Public Host "A socket on which changes are announced, not carried.",
        live::listen),
    route!(GET "/sw.js" Public Host "What a phone keeps for a time without a server.",
        pages::offline::worker),
    route!(GET "/offline" Public Venue "The page that a phone shows meanwhile.",
        pages::offline::show),
    route!(GET "/static/{*path}" Public Host "Style sheets, scripts, pictures, fonts.",
        pages::assets::show),
    route!(GET "/api/menu" Public Venue "The menu as JSON.", api::menu::show),
    route!(POST "/api/menu/publish" Menu Venue "Puts what editors have on sale, as a version.",
        api::menu::publish),
    route!(GET "/api/menu/versions" Menu Venue "The last versions of the menu.",
        api::menu::versions),
    route!(POST "/api/menu/versions/{id}/restore" Menu Venue
        "Puts an earlier version on sale again.", api::menu::restore),
    route!(GET "/api/catalogue" Menu Venue "Exports what editors have, as JSON or CSV.",
        api::catalogue::export),
    wide(route!(POST "/api/catalogue/import" Menu Venue "Takes a menu in, whole or not at all.",
        api::catalogue::import)),
    route!(POST "/api/catalogue/products/{id}" Menu Venue "Changes a product, or adds it.",
        api::catalogue::change_product),
    route!(POST "/api/catalogue/products/{id}/removed" Menu Venue
        "Takes a product from the menu, or brings it back.", api::catalogue::remove_product),
    route!(POST "/api/catalogue/categories/{id}" Menu Venue "Changes a category, or adds it.",
        api::catalogue::change_category),
    route!(POST "/api/catalogue/categories/{id}/removed" Menu Venue
        "Takes a category from the menu, or brings it back.", api::catalogue::remove_category),
    route!(POST "/api/catalogue/categories/{id}/order" Menu Venue
        "Puts the products of a category in order.", api::catalogue::sort),
    route!(POST "/api/catalogue/prices" Menu Venue
        "Shows what prices would be, or takes those that were shown.", api::catalogue::prices),
    route!(POST "/api/catalogue/hours" Menu Venue "Says when the venue is open.",
        api::catalogue::hours),
    route!(POST "/api/orders" Public Venue "Places an order; the same id again is the same order.",
        api::orders::place),
    route!(GET "/api/history" Audit Venue "Exports what was ordered as JSON or CSV.",
        api::history::export),
    local(route!(POST "/api/orders/price" Public Venue "Tells what a basket costs now.",
        api::orders::price)),
    route!(GET "/api/orders/{id}" Public Venue "Where an order stands.", api::orders::show),
    route!(POST "/api/orders/{id}/paid" Cash Venue "Takes the payment at the counter.",
        api::orders::pay),
    route!(POST "/api/orders/{id}/preparing" Prepare Venue "Says that the kitchen has begun.",
        api::orders::prepare),
    route!(POST "/api/orders/{id}/tick" Prepare Venue "Says that one line is done, or not.",
        api::kitchen::tick),
    route!(POST "/api/orders/{id}/station" Prepare Venue
        "Says that a station has done its part of an order, or not.", api::kitchen::station),
    route!(POST "/api/orders/{id}/recalled" Prepare Venue "Calls an order back to the kitchen.",
        api::orders::recall),
    route!(POST "/api/orders/{id}/ready" Prepare Venue "Says that the kitchen is done.",
        api::orders::ready),
    route!(POST "/api/orders/{id}/collected" Cash Venue "Says that the customer has the order.",
        api::orders::collect),
    route!(POST "/api/orders/{id}/cancelled" Cash Venue "Calls an order off.",
        api::counter::cancel),
    route!(POST "/api/orders/{id}/refunded" Refund Venue "Gives money back for an order.",
        api::counter::refund),
    local(route!(POST "/api/scan" Cash Venue "Tells the order of a code that somebody shows.",
        api::counter::scan)),
    route!(POST "/api/orders/{id}/validated" Cash Venue "Says that the customer came.",
        api::counter::validate),
    route!(POST "/api/orders/{id}/handed-over" Cash Venue
        "Hands an order over for its code; a second time is refused.", api::counter::hand_over),
    route!(GET "/api/close" Cash Venue "How a day stands here, and its reports.",
        api::closing::show),
    route!(POST "/api/close" Cash Venue "Closes a day: reports what no report has told.",
        api::closing::close),
    route!(POST "/api/close/count" Cash Venue "Keeps what was counted in the drawer.",
        api::closing::count),
    route!(GET "/api/close/reports" Audit Venue "Exports reports of days, as JSON or CSV.",
        api::closing::export),
    route!(POST "/api/products/{id}/availability" Prepare Venue
        "Says whether a product is to be had.", api::products::set_availability),
    route!(GET "/api/stock" Prepare Venue "What is left of what is counted.", api::stock::list),
    route!(POST "/api/stock/{id}" Prepare Venue "Keeps what staff counted, lost or got.",
        api::stock::change),
    route!(POST "/api/update_tables" Enrolled Venue "Hears which tables a sensor sees taken.",
        api::tables::update),
    route!(GET "/api/tables" Prepare Venue "The tables, and what each is now.",
        api::tables::list),
    route!(POST "/api/tables" People Venue "Adds a table.", api::tables::add),
    route!(POST "/api/tables/{id}" Prepare Venue "Says what a table is, or ends what has it.",
        api::tables::change),
    route!(POST "/api/orders/{id}/table" Public Venue
        "Says what a customer does whom no table was given.", api::tables::choose),
    route!(GET "/api/settings/ordering" People Venue "On which terms the venue sells.",
        api::terms::show),
    route!(PUT "/api/settings/vat" People Venue "Keeps a rate of VAT.", api::terms::put_rate),
    route!(PUT "/api/settings/delivery" People Venue "Keeps where the venue delivers to.",
        api::terms::put_delivery),
    route!(PUT "/api/settings/promotions" People Venue "Keeps a promotion.",
        api::terms::put_promotion),
    route!(GET "/api/users" People Venue "Who works here.", api::people::list),
    route!(POST "/api/users" People Venue "Adds somebody, and invites them.", api::people::add),
    route!(POST "/api/users/{id}" People Venue "Changes what somebody is here.",
        api::people::change),
    route!(GET "/api/orders/{id}/way" Public Venue "Where courier and address of a delivery are.",
        api::deliveries::way),
    route!(POST "/api/deliveries/{id}/left" Deliver Venue "Takes an order along.",
        api::deliveries::leave),
    local(route!(POST "/api/deliveries/{id}/position" Deliver Venue
        "Notes where an order's courier is.", api::deliveries::note)),
    local(route!(POST "/api/deliveries/{id}/simulated" Deliver Venue
        "Makes a courier up who walks the way, in a demo.", api::deliveries::simulate)),
    route!(POST "/api/deliveries/{id}/delivered" Deliver Venue
        "Hands an order over to somebody with a name.", api::deliveries::deliver),
    route!(GET "/api/settings/kitchen" Menu Venue "The stations of the kitchen.",
        api::kitchen::settings),
    route!(PUT "/api/settings/kitchen" Menu Venue "Keeps the stations of the kitchen.",
        api::kitchen::put_settings),
    route!(GET "/api/settings/printing" People Venue "Where printers are.",
        api::printing::settings),
    route!(PUT "/api/settings/printing" People Venue "Keeps where printers are.",
        api::printing::put_settings),
    route!(POST "/api/printers/{id}/test" People Venue "Prints a test.", api::printing::test),
    route!(POST "/api/orders/{id}/print" Prepare Venue
        "Prints an order's receipt or kitchen tickets.", api::printing::order),
    route!(POST "/api/orders/{id}/receipt" Public Venue
        "Prints an order's receipt for its customer, once.", api::printing::receipt),
    route!(POST "/orders/{id}/receipt" Public Venue
        "Prints an order's receipt from its page, once.", pages::receipt::print),
    route!(GET "/api/settings/map" People Venue "Where the venue stands.",
        api::deliveries::show_map),
    route!(PUT "/api/settings/map" People Venue
        "Keeps where the venue stands, and from where its maps come.", api::deliveries::put_map),
    route!(GET "/api/sync-status" Staff Venue "How replication stands, for monitoring.",
        api::sync_status::show),
    local(long(
        route!(POST "/api/sync-status/retry" Staff Venue "Tries again what was set aside.",
        api::sync_status::retry),
    )),
    local(route!(POST "/api/sync-status/retire" Maintain Venue
        "Gives up a peer that will not come back.", api::sync_status::retire)),
    route!(GET "/api/outbox" Staff Venue "How many mails wait, for monitoring.",
        api::outbox::show),
    local(route!(POST "/api/outbox/retry" Staff Venue "Sends again what waits or was given up.",
        api::outbox::retry)),
    long(route!(GET "/api/audit" Audit Venue "Exports the audit as JSON or CSV.",
        api::audit::export)),
    long(route!(GET "/api/audit/check" Audit Venue
        "Tells whether the audit is still what was written.", api::audit::check)),
    route!(GET "/api/devices" Maintain Venue "The machines of the venue.", api::devices::list),
    route!(POST "/api/devices" Maintain Venue "Makes a code for a device that is to come.",
        api::devices::add),
    route!(POST "/api/devices/{id}" Maintain Venue "Renames, blocks, retires or rekeys a device.",
        api::devices::change),
    route!(POST "/api/enrol" Public Venue "Enrols a device by a code that staff were shown.",
        api::enrol::redeem),
    route!(POST "/api/enrol/ask" Public Venue "Gives a device a code to show.", api::enrol::ask),
    route!(POST "/api/enrol/collect" Public Venue "Tells it whether staff have approved it.",
        api::enrol::collect),
    route!(POST "/api/enrol/approve" Maintain Venue "Approves the device that shows a code.",
        api::enrol::approve),
    local(route!(POST "/api/device/contact" Enrolled Venue "Hears a device of the venue.",
        api::devices::contact)),
    long(route!(POST "/api/device/contacts" Device Venue "Says which devices a gateway heard.",
        api::devices::contacts)),
    wide(route!(POST "/api/exchange" Device Venue "Exchanges changes with a venue's replica.",
        api::exchange::answer)),
    local(route!(POST "/api/person-keys" Device Venue "Gives the keys of people whom it knows.",
        api::person_keys::give)),
    route!(POST "/api/lan" Device Venue "Says how the venue's gateway is reached on site.",
        api::lan::tell),
    long(route!(POST "/api/certificate" Device Venue "Certifies the venue's gateway.",
        api::certificate::give)),
    wide(route!(POST "/api/setup/venues" Setup Host "Opens a venue from its document.",
        api::setup::open_venue)),
    wide(route!(POST "/api/setup/venues/{id}/people" Setup Host
        "Loads the made-up people of a demo.", api::setup::load_people)),
    route!(GET "/api/openapi.json" Public Host "This table, as OpenAPI.", api::openapi::show),
    route!(GET "/healthz" Public Host "Tells whether the store answers.", api::health::healthz),
    route!(GET "/version" Public Host "Tells which build this is.", api::health::version),
    local(wide(route!(POST "/contract/sql" Demo Host "Runs the contract suite's SQL cases.",
        api::contract::run))),
    local(route!(POST "/contract/sign-in" Demo Venue "Signs a suite in as whoever it names.",
        api::contract::sign_in::run)),
    route!(POST "/contract/mail" Demo Venue "Leaves a mail for a suite.",
        api::contract::mail::run),
    local(route!(POST "/contract/outbound" Demo Host "Sends a request on an errand, for a suite.",
        api::contract::outbound::run)),
    route!(POST "/contract/blobs" Demo Venue "Keeps files for a suite.",
        api::contract::blobs::run),
    route!(POST "/contract/lease" Demo Venue "Issues and spends leases for a suite.",
        api::contract::lease::run),
];

/// Builds the router from the table.
pub fn router(app: App) -> Router {
    let mut router: Router<App> = Router::new();
    for route in ROUTES {
        router = router.route(route.path, method_router(route));
    }
    router
        .fallback(|State(app): State<App>, request: Request| gate::stray(app, "not_found", request))
        .method_not_allowed_fallback(|State(app): State<App>, request: Request| {
            gate::stray(app, "method_not_allowed", request)
        })
        .with_state(app)
}

type PathParams = Result<RawPathParams, RawPathParamsRejection>;

fn method_router(route: &'static Route) -> MethodRouter<App> {
    let handler = move |State(app): State<App>, params: PathParams, request: Request| async move {
        // A path whose escapes are no text leads nowhere.
        let Ok(params) = params else {
            return gate::stray(app, "not_found", request).await;
        };
        let params = params.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        gate::serve(app, route, params, request).await
    };
    on(filter(route.method), handler)
}

fn filter(method: &str) -> MethodFilter {
    match method {
        "GET" => MethodFilter::GET,
        "PUT" => MethodFilter::PUT,
        _ => MethodFilter::POST,
    }
}
