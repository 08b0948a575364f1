//! Every limit of the business rules, in one place.

/// Pieces of one line.
pub const QUANTITY_MAX: u32 = 50;
/// Lines of one order.
pub const LINES_MAX: usize = 50;
/// Choices on one line.
pub const CHOICES_MAX: usize = 30;
/// Characters of a note for the kitchen.
pub const NOTE_CHARS: usize = 140;
/// Characters of what somebody thinks of an order, and of an answer to it.
pub const RATING_CHARS: usize = 500;
/// Characters of a street with its number.
pub const STREET_CHARS: usize = 200;
/// How far ahead an order may be wanted.
pub const WANTED_AHEAD_MS: u64 = 24 * 60 * 60 * 1_000;
/// A price or a total, in cents: ten million euros.
pub const CENTS_MAX: i64 = 1_000_000_000;
/// A ticket's number of one origin and day; series go on after what others show to be taken.
pub const TICKET_NUMBER_MAX: i64 = 1_000_000;
/// Characters of a reason that staff give.
pub const REASON_CHARS: usize = 140;
/// Refunds of one order.
pub const REFUNDS_MAX: usize = 50;
/// How often the kitchen may call one order back.
pub const RECALLS_MAX: u32 = 20;
/// Characters of a name.
pub const NAME_CHARS: usize = 120;
/// Characters of a description.
pub const DESCRIPTION_CHARS: usize = 1_000;
/// Products of one venue.
pub const PRODUCTS_MAX: usize = 1_000;
/// Categories of one venue.
pub const CATEGORIES_MAX: usize = 100;
/// Option groups of one product.
pub const GROUPS_MAX: usize = 20;
/// Choices of one option group.
pub const GROUP_CHOICES_MAX: usize = 50;
/// Slots of one combo.
pub const SLOTS_MAX: usize = 8;
/// Ingredients of one product that may be left out.
pub const INGREDIENTS_MAX: usize = 30;
/// Products that are offered with one.
pub const UPSELL_MAX: usize = 6;
/// Characters of a word to the kitchen.
pub const WORD_CHARS: usize = 140;
/// Parts of a venue's day.
pub const DAY_PARTS_MAX: usize = 20;
/// Windows of opening hours, and of one part of the day.
pub const WINDOWS_MAX: usize = 30;
/// Bytes of a page of the menu as it stands in a change.
pub const PAGE_BYTES: usize = 60_000;
/// Pages of one version: they are written together.
pub const PAGES_MAX: usize = 90;
/// Bytes of a picture of a product: as text it fits into a change.
pub const PICTURE_BYTES: usize = 40_000;
/// Public names of one venue.
pub const DOMAINS_MAX: usize = 20;
/// Characters of a picture's address below `/static/`.
pub const PICTURE_CHARS: usize = 200;
/// The first time that no document may be published at: stamps must have room after it.
pub const PUBLISHED_MS_END: u64 = sync_engine::limits::CLOCK_MS_MAX;
/// The hour, on the venue's clocks, at which a business day starts: kitchens work past midnight.
pub const DAY_START_HOUR: i64 = 5;
/// How far a clock may be from the edge's and still count as right: as far ahead as the edge lets
/// stamps be.
pub const CLOCK_TOLERANCE_MS: u64 = sync_engine::limits::CLOCK_AHEAD_MS;
/// Characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Characters of a password that are still read; hashing takes as long for all of them.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// Digits of a PIN.
pub const PIN_DIGITS_MIN: usize = 6;
/// Digits of a PIN.
pub const PIN_DIGITS_MAX: usize = 8;
/// Characters of the name by which a person is known.
pub const PERSON_NAME_CHARS: usize = 60;
/// Characters of an address for mail.
pub const ADDRESS_CHARS: usize = 254;
/// How long the key of a device holds on after another one was made.
pub const KEY_OVERLAP_MS: u64 = 24 * 60 * 60 * 1_000;
/// Devices of one venue that are in use.
pub const DEVICES_MAX: u64 = 300;
/// Devices that one venue ever has: those that are out of use stay known.
pub const DEVICES_EVER: u64 = 3_000;
/// Entries of the audit under one seal: their digests fit into one change.
pub const ENTRIES_PER_SEAL: usize = 100;
/// Findings that one check of the audit names; it counts all.
pub const AUDIT_FINDINGS: usize = 200;
/// Characters with which a venue says who answers for what is kept.
pub const CONTACT_CHARS: usize = 300;
/// Tables of one venue.
pub const TABLES_MAX: usize = 200;
/// The highest number that stands on a table.
pub const TABLE_NUMBER_MAX: u32 = 999;
/// Seats of one table.
pub const TABLE_SEATS_MAX: u32 = 100;
/// Ends, and orders that wait, which one round of the tables deals with.
pub const TABLES_TENDED: usize = 40;
/// How long nothing moves at a table until it is free: a motion sensor does not see who sits still.
pub const TABLE_FREE_AFTER_MS: u64 = 5 * 60 * 1_000;
/// How long nothing moves at a table, after its order was handed over, until its guests have left.
pub const TABLE_LEFT_AFTER_MS: u64 = 10 * 60 * 1_000;
/// How long a table stays what a sensor made it, however quickly the sensor posts.
pub const TABLE_TURN_MS: u64 = 2_000;
/// How long a sensor is silent until that is shown: it posts every 5 seconds.
pub const SENSOR_SILENT_MS: u64 = 60 * 1_000;
/// How often it is noted that a sensor was heard which says nothing new: a card wears.
pub const SENSOR_NOTED_EVERY_MS: u64 = 60 * 1_000;
/// Characters of a venue's own words about what is kept, in one language.
pub const NOTICE_CHARS: usize = 4_000;
/// Pieces of one product that may be counted at once.
pub const STOCK_MAX: i64 = 100_000;
/// Pieces that go to the web in one lease.
pub const STOCK_LEASE_MAX: i64 = 1_000;
/// How long staff on site wait for the edge's word about a web order until they decide themselves.
pub const DOUBT_MS: i64 = 20 * 1_000;
/// How long staff may pause orders from the web at once, in minutes.
pub const PAUSE_MINUTES: u64 = 24 * 60;
