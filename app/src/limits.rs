//! Every limit of the application, in one place.

/// How long sessions and codes that ended are kept.
pub const ENDED_KEPT_MS: u64 = 24 * 60 * 60 * 1_000;
/// How long it is between two times that what ended is forgotten.
pub const TENDED_EVERY_MS: u64 = 60 * 60 * 1_000;
/// Accounts of people who do not come any more: so many are warned at once, and so many go.
pub const AWAY_AT_ONCE: i64 = 20;
/// Queries that one page or API request may run. A write with its audit entry takes under forty,
/// and may have to be tried three times; the free plan of Workers gives fifty, and no time to hash
/// a password either.
pub const PAGE_QUERIES: u32 = 160;
/// Queries that one exchange or set-up request may run.
pub const SYNC_QUERIES: u32 = 1_000;
/// Bound parameters of one statement.
pub const PARAMETERS: usize = 100;
/// Bytes of one statement's text.
pub const STATEMENT_BYTES: usize = 100_000;
/// Bytes of one text value, and so of one row.
pub const VALUE_BYTES: usize = 2_000_000;
/// Body of a form or a small JSON request.
pub const BODY_BYTES: usize = 64 * 1024;
/// Body of an exchange, and of a venue document.
pub const SYNC_BODY_BYTES: usize = 2_000_000;
/// Menus that are kept in memory as they were read, and as they were drawn: a few venues, each in
/// its languages, before and after something sold out.
pub const MENUS_KEPT: usize = 12;
/// Pictures of products that a venue may have sent, over all time: none is taken away.
pub const PICTURES_MAX: i64 = 200;
/// Products that the first page shows.
pub const SLIDES: usize = 6;
/// Changes of the menu that are written together; a longer import is written in parts.
pub const DRAFTS_AT_ONCE: usize = 90;
/// How many versions of the menu a page shows.
pub const VERSIONS_SHOWN: i64 = 30;
/// How many changes that were set aside are looked at together.
pub const ASIDE_AT_ONCE: i64 = 100;
/// How many changes that were set aside a page shows.
pub const ASIDE_SHOWN: i64 = 20;
/// How many peers a page shows.
pub const PEERS_SHOWN: usize = 12;
/// How many retired peers a page shows.
pub const RETIRED_SHOWN: i64 = 10;
/// Characters of a name or a reason that a page shows: its sender chose how long it is.
pub const SHOWN_CHARS: i64 = 120;
/// A device that was heard so long ago counts as in touch; with a socket it comes every 30 s.
pub const HEARD_RECENTLY_MS: u64 = 90_000;
/// How many changes of a message are tried one by one when the store refuses them together. Each
/// may cost 40 queries, and what is left of [`SYNC_QUERIES`] must do for the answer.
pub const CHANGES_ONE_BY_ONE: usize = 20;
/// How much of a body over its limit is read and thrown away before the answer.
pub const DRAIN_BYTES: usize = 16 * 1024 * 1024;
/// How often a write that lost a race decides again; so many fit into a page's queries.
pub const WRITE_TRIES: u32 = 3;
/// How long somebody stays signed in at most.
pub const SESSION_MS: u64 = 14 * 24 * 60 * 60 * 1_000;
/// How long a session may lie unused.
pub const SESSION_IDLE_MS: u64 = 24 * 60 * 60 * 1_000;
/// How long somebody stays signed in by a PIN: a working day.
pub const PIN_SESSION_MS: u64 = 12 * 60 * 60 * 1_000;
/// How long such a session may lie unused; boards ask all the time.
pub const PIN_SESSION_IDLE_MS: u64 = 4 * 60 * 60 * 1_000;
/// How much later a session's use must be than what was noted of it to be noted again.
pub const SESSION_NOTED_EVERY_MS: u64 = 10 * 60 * 1_000;
/// Sessions of one person that a page lists.
pub const SESSIONS_SHOWN: i64 = 50;
/// How long after its start a count of tries is kept: longer than any limit looks back.
pub const RATE_KEPT_MS: u64 = 2 * 60 * 60 * 1_000;
/// People of one venue that a page lists.
pub const PEOPLE_SHOWN: i64 = 500;
/// People whose keys a device asks for at once.
pub const PERSON_KEYS: usize = 200;
/// Devices of one venue that a page lists.
pub const DEVICES_SHOWN: i64 = 500;
/// How much later a device's contact must be than what was noted of it to be noted again.
pub const CONTACT_NOTED_EVERY_MS: u64 = 60_000;
/// Tables, seats and waiting orders of one venue that are read at once.
pub const TABLES_SHOWN: i64 = 500;
/// Races for a table that an order loses before it is placed with a claim.
pub const TABLE_TRIES: u32 = WRITE_TRIES - 1;
/// Assignments of one table that its page lists.
pub const TABLE_HISTORY: i64 = 50;
/// Tables of one message of a sensor.
pub const SENSOR_TABLES: usize = 50;
/// How often a gateway tells its edge which devices it heard.
pub const CONTACTS_TOLD_EVERY_MS: u64 = 5 * 60_000;
/// Characters of what a device says of its build.
pub const VERSION_CHARS: usize = 60;
/// Contacts that it tells at once.
pub const CONTACTS_TOLD: usize = 300;
/// Recovery codes of one account.
pub const RECOVERY_CODES: usize = 10;
/// How long after its last contact with the home of accounts a gateway lets staff in by PIN.
pub const PIN_ALONE_MS: u64 = 72 * 60 * 60 * 1_000;
/// How far back boards look for orders that nobody has paid.
pub const BOARD_MS: u64 = 24 * 60 * 60 * 1_000;
/// How far back the kitchen's mean time looks, and at how many orders.
pub const MEAN_MS: u64 = 3 * 60 * 60 * 1_000;
/// Orders of which the mean time is taken.
pub const MEAN_ORDERS: i64 = 50;
/// Whoever earned on site since then is granted an allowance there.
pub const ALLOWANCE_MS: u64 = 60 * 24 * 60 * 60 * 1_000;
/// What was asked back is not granted again before that.
pub const RECALL_MS: u64 = 10 * 60 * 1_000;
/// Entries that are looked through for whoever was on site.
pub const ALLOWANCE_ENTRIES: i64 = 500;
/// Members who are granted an allowance at once.
pub const ALLOWANCES_AT_ONCE: i64 = 20;
/// Entries of a member's ledger that are shown.
pub const POINTS_SHOWN: i64 = 100;
/// Orders on one page of the history.
pub const HISTORY_SHOWN: i64 = 50;
/// Orders in one export of it.
pub const HISTORY_EXPORTED: i64 = 2_000;
/// Days that a history or a sum may span.
pub const HISTORY_DAYS: i64 = 366;
/// Products that are listed as selling best.
pub const BEST_SELLERS: i64 = 10;
/// Orders in one column of a board.
pub const BOARD_ORDERS: i64 = 200;
/// How long staff hear of orders that no rule puts right.
pub const EXCEPTIONS_MS: u64 = 7 * 24 * 60 * 60 * 1_000;
/// Among so many orders that were called off last it is looked for what has not come back yet.
pub const PUT_BACK_AMONG: i64 = 200;
/// So many products, and so many slots, come back at once, which one write takes together; the rest
/// with the next exchange.
pub const PUT_BACK_AT_ONCE: i64 = 40;
/// Unpaid orders on a board: anybody can place them, so the newest are shown.
pub const BOARD_UNPAID: i64 = 60;
/// How long a nonce is remembered: twice the tolerance, for clocks that are off both ways.
pub const NONCE_MS: u64 = 600_000;

/// For how long a kiosk knows whoever showed their card there, unless it is left before.
pub const AT_KIOSK_MS: u64 = 30 * 60 * 1_000;
/// Browsers that listen at one venue; further ones ask now and then.
pub const LISTENING_BROWSERS: usize = 400;
/// Devices of one venue that listen.
pub const LISTENING_DEVICES: usize = 8;
/// How long a listener may be silent: browsers slow the timers of hidden pages to one a minute.
pub const LISTENER_SILENT_MS: u64 = 150_000;
/// The longest answer of the other side that an exchange reads.
pub const EXCHANGE_ANSWER_BYTES: usize = 4_000_000;
/// How long one message of an exchange may take.
pub const EXCHANGE_MS: u64 = 30_000;
/// Bytes of an address that a request leaves for.
pub const URL_BYTES: usize = 4_096;
/// How long a mail may take on its way to whoever carries it.
pub const MAIL_MS: u64 = 20_000;
/// How long whoever took a mail to send it is waited for: longer than that can take.
pub const MAIL_HELD_MS: u64 = 120_000;
/// Mails that one round sends.
pub const MAILS_AT_ONCE: usize = 10;
/// The pauses after each failure to send a mail; the last one goes on.
pub const MAIL_PAUSES_MS: [u64; 5] = [60_000, 300_000, 900_000, 3_600_000, 14_400_000];
/// The shortest pause of a host that looks what is due: what others hold is not asked for at once.
pub const MAIL_PAUSE_MIN_MS: u64 = 1_000;
/// The age at which a mail that could not be sent is given up.
pub const MAIL_TRIED_MS: u64 = 24 * 60 * 60 * 1_000;
/// The age at which a mail that nobody could send is given up, and how long it is kept that one was
/// sent or given up.
pub const MAIL_KEPT_MS: u64 = 7 * 24 * 60 * 60 * 1_000;
/// Mails that a page shows.
pub const MAILS_SHOWN: i64 = 50;
/// Mails that staff send again at once.
pub const MAILS_RETRIED: i64 = 100;
/// Bytes of a path that a mail links to.
pub const MAIL_PATH_BYTES: usize = 1_000;
/// Characters of a name or a device in a mail.
pub const MAIL_NAME_CHARS: usize = 80;
/// Bytes that are read of a mail service's answer.
pub const MAIL_ANSWER_BYTES: usize = 64 * 1024;
/// Characters of a nonce, a device name or a path parameter.
pub const TOKEN_CHARS: usize = 128;
/// How long it is between two looks at this gateway's certificate.
pub const CERTIFY_EVERY_MS: u64 = 60_000;
/// How much later the edge's time must be than what was written of it to be written again.
pub const TOLD_EVERY_MS: u64 = 60 * 60 * 1_000;
/// How often a gateway tells its edge under which name people on site reach it.
pub const LAN_TOLD_EVERY_MS: u64 = 60 * 60 * 1_000;
/// How long a login may be on its way from the home of accounts to a gateway.
pub const HAND_OVER_MS: u64 = 60_000;
/// How long somebody may take at the home of accounts, from the gateway's page to their return.
pub const HAND_OVER_AWAITED_MS: u64 = 15 * 60 * 1_000;
/// Entries of the audit on one page.
pub const AUDIT_SHOWN: i64 = 50;
/// Entries of the audit in one export; the next begins where it ends.
pub const AUDIT_EXPORTED: i64 = 5_000;
/// Lives of stores that one check of the audit looks at.
pub const AUDIT_LIVES: i64 = 500;
/// Entries that the sealer and the check read at once.
pub const ENTRIES_AT_ONCE: i64 = 2_000;
/// Seals that the check reads at once: as many as cover what is read at once.
pub const SEALS_AT_ONCE: i64 = 20;
/// Seals that one call of the sealer makes.
pub const SEALS_PER_CALL: u32 = 5;
/// Seals of each life that a page checks, the newest; the command checks all.
pub const SEALS_CHECKED: i64 = 40;
/// How long an account waits for its address to be confirmed.
pub const UNCONFIRMED_MS: u64 = 7 * 24 * 60 * 60 * 1_000;
/// Accounts that were never confirmed and are forgotten at once.
pub const UNCONFIRMED_AT_ONCE: i64 = 100;
/// How long it is known what a sign-in provider said of itself.
pub const OPENID_KNOWN_MS: u64 = 24 * 60 * 60 * 1_000;
/// Bytes that are read of a sign-in provider's answer.
pub const OPENID_ANSWER_BYTES: usize = 64 * 1024;
/// How long a sign-in provider may take.
pub const OPENID_MS: u64 = 10_000;
/// Bytes of one file that is kept, as it is put.
pub const BLOB_BYTES: usize = 2_000_000;
/// Bytes that one owner's files may take.
pub const BLOB_OWNER_BYTES: i64 = 2_000_000;
/// Orders that one page of somebody's own shows.
pub const OWN_ORDERS_SHOWN: i64 = 20;
/// Opinions that a page shows.
pub const RATINGS_SHOWN: i64 = 60;
/// Addresses that one person keeps.
pub const ADDRESSES_KEPT: i64 = 5;
/// How long a picture of where a delivery stands is kept.
pub const DELIVERY_PHOTO_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// How often the place of one courier is written at most.
pub const POSITION_EVERY_MS: i64 = 4_000;
/// How long the place of a courier is kept who never says that the order was handed over.
pub const POSITION_KEPT_MS: i64 = 12 * 60 * 60 * 1_000;
/// How long a demo's courier takes for any way.
pub const SIMULATED_MS: i64 = 120_000;
/// Bytes that all files of a host may take, where nothing else is configured.
pub const BLOB_ROOM_BYTES: u64 = 1_000_000_000;
/// How long a file may be on its way before it counts as given up.
pub const BLOB_COMING_MS: u64 = 60 * 60 * 1_000;
/// How long whoever sweeps a file is waited for: longer than deleting takes.
pub const BLOB_SWEPT_MS: u64 = 10 * 60 * 1_000;
/// Files that one sweep takes away.
pub const BLOBS_AT_ONCE: i64 = 20;
/// How long a store of files elsewhere may take.
pub const BLOB_MS: u64 = 20_000;
/// Body of a form with a photo; scripts send the cut-out alone, which is far smaller.
pub const PHOTO_BODY_BYTES: usize = 4_000_000;
/// Pixels of a photo that is decoded: what phones make, and 64 MB of memory at most.
pub const PHOTO_PIXELS: usize = 16_000_000;
/// Pixels of a photo that comes in passes, which takes twice the memory.
pub const PHOTO_PROGRESSIVE_PIXELS: usize = 8_000_000;
/// Width and height of a portrait, in pixels.
pub const PORTRAIT_SIDE: usize = 512;
/// Parts of a form with files.
pub const FORM_PARTS: usize = 20;
/// How long something waits for a printer before nobody wants it any more.
pub const PRINT_MS: u64 = 2 * 3_600_000;
/// How long it is remembered what was printed: within this time nothing is printed twice unmarked.
pub const PRINTED_MS: u64 = 3 * 24 * 3_600_000;
/// The first pause before a printer is asked again; it doubles, four times at most.
pub const PRINT_PAUSE_MS: u64 = 2_000;
/// Strips that one worker prints in a row.
pub const PRINTS_AT_ONCE: usize = 20;
/// Web orders about which the edge answers staff in one exchange.
pub const ANSWERED_AT_ONCE: i64 = 20;
/// Slots of the kitchen that are leased to the edge after one exchange.
pub const SLOTS_AT_ONCE: usize = 24;
/// After how many seconds to ask again where a host cannot answer now and does not say when.
pub const UNAVAILABLE_S: u64 = 5;
