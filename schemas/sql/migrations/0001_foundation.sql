-- The replication core and the first replicated tables.

-- A batch aborts as a whole when a guard fails: where there is no rollback by hand, the adapter
-- writes the outcome of a check here.
CREATE TABLE batch_guard (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    ok INTEGER NOT NULL CHECK (ok = 1)
) STRICT;
INSERT INTO batch_guard (id, ok) VALUES (1, 1);

-- Which venues this store serves, as whom it writes, and which tables it knows. Local: never replicated.
CREATE TABLE local_venue (
    venue TEXT PRIMARY KEY,
    replica TEXT NOT NULL,
    generation TEXT NOT NULL,
    learnt TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- The highest epoch of each venue that this store was told of, and the one in which its gateway is
-- the primary. Local; without a row both are the first.
CREATE TABLE venue_epoch (
    venue TEXT PRIMARY KEY,
    seen INTEGER NOT NULL CHECK (seen > 0),
    own INTEGER NOT NULL DEFAULT 1 CHECK (own > 0)
) STRICT, WITHOUT ROWID;

-- Which public name belongs to which venue. Local: every host has its own names.
CREATE TABLE venue_domain (
    domain TEXT PRIMARY KEY,
    venue TEXT NOT NULL REFERENCES local_venue (venue)
) STRICT, WITHOUT ROWID;

-- Under which origin people on site reach a venue's gateway, as it told. Local to the edge.
CREATE TABLE venue_lan (
    venue TEXT PRIMARY KEY REFERENCES local_venue (venue),
    origin TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The high-water mark of the hybrid logical clock, per venue.
CREATE TABLE hybrid_clock (
    venue TEXT PRIMARY KEY,
    ms INTEGER NOT NULL,
    counter INTEGER NOT NULL CHECK (counter BETWEEN 0 AND 65535)
) STRICT, WITHOUT ROWID;

-- Per stream and writer the seq up to which nothing is missing; the own row is the next-seq head.
-- Rows and the log name the writer by its number here, which means nothing outside this store. The
-- log is complete above the floor. The tips are digests: of the last change of a foreign writer, and
-- of the change at the floor.
CREATE TABLE stream_writer (
    id INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    replica TEXT NOT NULL,
    generation TEXT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 0),
    floor INTEGER NOT NULL DEFAULT 0,
    tip TEXT NOT NULL DEFAULT '',
    floor_tip TEXT NOT NULL DEFAULT '',
    due INTEGER NOT NULL DEFAULT 0,
    UNIQUE (stream, replica, generation)
) STRICT;

-- What each peer said that it holds; it may lag behind the truth.
CREATE TABLE peer_vector (
    peer TEXT NOT NULL,
    stream TEXT NOT NULL,
    replica TEXT NOT NULL,
    generation TEXT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 0),
    PRIMARY KEY (stream, peer, replica, generation)
) STRICT, WITHOUT ROWID;

-- Changes in the log that could not be folded: malformed, or refused by the table. The rest of their
-- stream goes on; they wait for a build that can, or for somebody who looks.
CREATE TABLE set_aside (
    writer INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (writer, seq)
) STRICT, WITHOUT ROWID;

-- How far a snapshot from a peer has come; it is restored with the rows that it speaks of. Owed is
-- a snapshot in return: the peer was restored while it gave, and may lack what it gave.
CREATE TABLE snapshot_place (
    peer TEXT NOT NULL,
    stream TEXT NOT NULL,
    place TEXT NOT NULL,
    owed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (stream, peer)
) STRICT, WITHOUT ROWID;

-- Changes, own and foreign, until every replica has them. A stamp is 65536 times the milliseconds
-- plus a counter.
CREATE TABLE change_log (
    writer INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq > 0),
    claimed INTEGER NOT NULL,
    effective INTEGER NOT NULL,
    table_name TEXT NOT NULL,
    entity TEXT NOT NULL,
    register TEXT NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (writer, seq)
) STRICT, WITHOUT ROWID;
-- Stamps that the hub lowered; there are few.
CREATE INDEX change_log_lowered ON change_log (writer, seq) WHERE effective <> claimed;
-- Whether an order is still on its way to the peer is asked for every answer about it, however long
-- the line has been down.
CREATE INDEX change_log_order ON change_log (entity) WHERE table_name = 'customer_order';

-- What replication has met that staff should know of. Local: each store has its own.
CREATE TABLE sync_note (
    venue TEXT NOT NULL,
    what TEXT NOT NULL,
    count INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (venue, what)
) STRICT, WITHOUT ROWID;

-- Who must be heard to the end before this store acts on what is leased, and as which of its lives
-- it was heard last. Local: a gateway waits for its edge, an edge for its devices.
CREATE TABLE witness (
    venue TEXT NOT NULL,
    name TEXT NOT NULL,
    heard TEXT NOT NULL,
    PRIMARY KEY (venue, name)
) STRICT, WITHOUT ROWID;

-- What the marker file beside this store said when it was last written. Local.
CREATE TABLE store_marker (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    nonce TEXT NOT NULL
) STRICT;

-- Numbers that are unique per series of this store.
CREATE TABLE number_series (
    series TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Nonces of signed requests that were accepted within the tolerance.
CREATE TABLE request_nonce (
    device TEXT NOT NULL,
    nonce TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (device, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_nonce_at ON request_nonce (at_ms);

-- Replicated: the venue's own description.
CREATE TABLE venue (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    time_zone TEXT NOT NULL DEFAULT '',
    languages TEXT NOT NULL DEFAULT '[]',
    profile_stamp INTEGER NOT NULL DEFAULT 0,
    profile_writer INTEGER NOT NULL DEFAULT 0,
    modules TEXT NOT NULL DEFAULT 'null',
    use_stamp INTEGER NOT NULL DEFAULT 0,
    use_writer INTEGER NOT NULL DEFAULT 0,
    contact TEXT NOT NULL DEFAULT '',
    notice TEXT NOT NULL DEFAULT 'null',
    privacy_ms INTEGER NOT NULL DEFAULT 0,
    privacy_stamp INTEGER NOT NULL DEFAULT 0,
    privacy_writer INTEGER NOT NULL DEFAULT 0,
    delivery TEXT NOT NULL DEFAULT 'null',
    delivery_stamp INTEGER NOT NULL DEFAULT 0,
    delivery_writer INTEGER NOT NULL DEFAULT 0,
    hours TEXT NOT NULL DEFAULT 'null',
    hours_stamp INTEGER NOT NULL DEFAULT 0,
    hours_writer INTEGER NOT NULL DEFAULT 0,
    loyalty TEXT NOT NULL DEFAULT 'null',
    loyalty_stamp INTEGER NOT NULL DEFAULT 0,
    loyalty_writer INTEGER NOT NULL DEFAULT 0,
    map TEXT NOT NULL DEFAULT 'null',
    map_stamp INTEGER NOT NULL DEFAULT 0,
    map_writer INTEGER NOT NULL DEFAULT 0,
    printing TEXT NOT NULL DEFAULT 'null',
    printing_stamp INTEGER NOT NULL DEFAULT 0,
    printing_writer INTEGER NOT NULL DEFAULT 0,
    web TEXT NOT NULL DEFAULT 'null',
    web_stamp INTEGER NOT NULL DEFAULT 0,
    web_writer INTEGER NOT NULL DEFAULT 0,
    capacity TEXT NOT NULL DEFAULT 'null',
    capacity_stamp INTEGER NOT NULL DEFAULT 0,
    capacity_writer INTEGER NOT NULL DEFAULT 0,
    kitchen TEXT NOT NULL DEFAULT 'null',
    kitchen_stamp INTEGER NOT NULL DEFAULT 0,
    kitchen_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Replicated: groups of products on the menu.
CREATE TABLE category (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT 'null',
    position INTEGER NOT NULL DEFAULT 0,
    presentation_stamp INTEGER NOT NULL DEFAULT 0,
    presentation_writer INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0,
    existence_stamp INTEGER NOT NULL DEFAULT 0,
    existence_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Replicated: products. What is shown, what it costs and whether it is to be had change apart.
CREATE TABLE product (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    category TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT 'null',
    description TEXT NOT NULL DEFAULT 'null',
    picture TEXT NOT NULL DEFAULT '',
    allergens TEXT NOT NULL DEFAULT '[]',
    diets TEXT NOT NULL DEFAULT '[]',
    position INTEGER NOT NULL DEFAULT 0,
    presentation_stamp INTEGER NOT NULL DEFAULT 0,
    presentation_writer INTEGER NOT NULL DEFAULT 0,
    price_cents INTEGER NOT NULL DEFAULT 0,
    option_groups TEXT NOT NULL DEFAULT '[]',
    vat_class TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    slots TEXT NOT NULL DEFAULT '[]',
    ingredients TEXT NOT NULL DEFAULT '[]',
    free_text INTEGER NOT NULL DEFAULT 0,
    offer_stamp INTEGER NOT NULL DEFAULT 0,
    offer_writer INTEGER NOT NULL DEFAULT 0,
    station TEXT NOT NULL DEFAULT '',
    day_part TEXT NOT NULL DEFAULT '',
    upsell TEXT NOT NULL DEFAULT '[]',
    service_stamp INTEGER NOT NULL DEFAULT 0,
    service_writer INTEGER NOT NULL DEFAULT 0,
    available INTEGER NOT NULL DEFAULT 1,
    availability_stamp INTEGER NOT NULL DEFAULT 0,
    availability_writer INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0,
    existence_stamp INTEGER NOT NULL DEFAULT 0,
    existence_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Replicated: what several people wrote into one register without knowing of each other.
CREATE TABLE sibling (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    edited TEXT NOT NULL DEFAULT '',
    fields TEXT NOT NULL DEFAULT 'null',
    stamp INTEGER NOT NULL DEFAULT 0,
    writer INTEGER NOT NULL DEFAULT 0,
    removed_stamp INTEGER NOT NULL DEFAULT 0,
    removed_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sibling_edited ON sibling (venue, edited);

-- Replicated: pictures of products, each named after its bytes, which are kept as text.
CREATE TABLE menu_picture (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    content TEXT NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT;

-- Replicated: what a category offered when it was published; the id is the digest of the content.
CREATE TABLE menu_page (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    content TEXT NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT;

-- Replicated: published versions of the menu; the newest of which all pages are here is on sale.
CREATE TABLE menu_version (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    pages TEXT NOT NULL,
    number INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    author TEXT NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX menu_version_number ON menu_version (venue, number, at_ms, id);

-- Local: messages to people; whoever made one sends it. Who gets it and what it says are sealed with
-- a key of the host, and go when it was sent. Whoever sends one holds it until held_ms.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    venue TEXT NOT NULL,
    kind TEXT NOT NULL,
    recipient_key TEXT NOT NULL,
    sealed TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'given_up')),
    tries INTEGER NOT NULL DEFAULT 0,
    next_ms INTEGER NOT NULL,
    held_ms INTEGER NOT NULL DEFAULT 0,
    since_ms INTEGER NOT NULL,
    made_ms INTEGER NOT NULL,
    ended_ms INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (state, next_ms);
CREATE INDEX outbox_venue ON outbox (venue, state, made_ms);
CREATE INDEX outbox_recipient ON outbox (recipient_key);

-- Local: what printers on site are to print. What was claimed and not ended was perhaps printed.
CREATE TABLE print_job (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    printer TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('kitchen', 'receipt', 'test')),
    order_id TEXT NOT NULL DEFAULT '',
    locale TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'claimed', 'printed', 'given_up')),
    duplicate INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    next_ms INTEGER NOT NULL,
    made_ms INTEGER NOT NULL,
    ended_ms INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX print_job_state ON print_job (venue, state, printer, next_ms);

-- Replicated: an order as it was placed; never changed afterwards. Sums of many amounts must exist:
-- what is no price is set aside.
CREATE TABLE customer_order (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    ticket_origin TEXT NOT NULL,
    ticket_number INTEGER NOT NULL,
    mode TEXT NOT NULL,
    lines TEXT NOT NULL,
    total_cents INTEGER NOT NULL CHECK (abs(total_cents) <= 1000000000),
    placed_ms INTEGER NOT NULL,
    vat TEXT NOT NULL DEFAULT 'null',
    rules TEXT NOT NULL DEFAULT '',
    fee_cents INTEGER NOT NULL DEFAULT 0,
    discounts TEXT NOT NULL DEFAULT 'null',
    note TEXT NOT NULL DEFAULT '',
    wanted_ms INTEGER NOT NULL DEFAULT 0,
    person TEXT NOT NULL DEFAULT '',
    contact TEXT NOT NULL DEFAULT '',
    menu_version TEXT NOT NULL DEFAULT '',
    to_accept INTEGER NOT NULL DEFAULT 0,
    slot_ms INTEGER NOT NULL DEFAULT 0,
    slot_weight INTEGER NOT NULL DEFAULT 0,
    ready_ms INTEGER NOT NULL DEFAULT 0,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_order_placed ON customer_order (venue, placed_ms);
-- Web orders that somebody accepts; few venues have any.
CREATE INDEX customer_order_to_accept ON customer_order (venue, placed_ms) WHERE to_accept = 1;
CREATE INDEX customer_order_person ON customer_order (person, placed_ms) WHERE person <> '';

-- Replicated: a venue's own rates of VAT; they take the place of those that are compiled in.
CREATE TABLE vat_rate (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    class TEXT NOT NULL DEFAULT '',
    mode TEXT NOT NULL DEFAULT '',
    from_day TEXT NOT NULL DEFAULT '',
    bp INTEGER NOT NULL DEFAULT 0,
    confirmed INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0,
    rate_stamp INTEGER NOT NULL DEFAULT 0,
    rate_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Replicated: codes that take something off an order.
CREATE TABLE promotion (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    percent INTEGER NOT NULL DEFAULT 0,
    cents INTEGER NOT NULL DEFAULT 0,
    from_day TEXT NOT NULL DEFAULT '',
    until_day TEXT NOT NULL DEFAULT '',
    minimum_cents INTEGER NOT NULL DEFAULT 0,
    terms_stamp INTEGER NOT NULL DEFAULT 0,
    terms_writer INTEGER NOT NULL DEFAULT 0,
    active INTEGER NOT NULL DEFAULT 0,
    state_stamp INTEGER NOT NULL DEFAULT 0,
    state_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Replicated: what happened to an order, once per kind.
CREATE TABLE order_event (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    person TEXT NOT NULL DEFAULT '',
    place TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
-- Replicated: what of an order the kitchen has done.
CREATE TABLE kitchen_line (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    order_id TEXT NOT NULL DEFAULT '',
    line INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0,
    tick_stamp INTEGER NOT NULL DEFAULT 0,
    tick_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
-- Replicated: what orders on site take of the kitchen's time, and what goes back to it.
CREATE TABLE slot_take (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    slot_ms INTEGER NOT NULL,
    weight INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX slot_take_slot ON slot_take (venue, slot_ms, weight);
-- Replicated: until when the web takes no orders because staff said so, under the venue's id.
CREATE TABLE web_pause (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    until_ms INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    set_by TEXT NOT NULL DEFAULT '',
    at_ms INTEGER NOT NULL DEFAULT 0,
    pause_stamp INTEGER NOT NULL DEFAULT 0,
    pause_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
-- These cover what boards ask: without it SQLite walks through all events of the venue instead.
CREATE INDEX order_event_order ON order_event (venue, order_id, kind, at_ms);

-- Replicated: money that came in, keyed by who says so.
CREATE TABLE payment (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    means TEXT NOT NULL,
    amount_cents INTEGER NOT NULL CHECK (abs(amount_cents) <= 1000000000),
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_order ON payment (venue, order_id, amount_cents, at_ms);

-- Replicated: money that was given back, keyed by the payment, how much of it is back by then, and
-- where; of a payment the highest sum counts.
CREATE TABLE refund (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    payment TEXT NOT NULL,
    means TEXT NOT NULL,
    amount_cents INTEGER NOT NULL CHECK (abs(amount_cents) <= 1000000000),
    so_far_cents INTEGER NOT NULL CHECK (abs(so_far_cents) <= 1000000000),
    lines TEXT NOT NULL,
    vat TEXT NOT NULL,
    reason TEXT NOT NULL,
    person TEXT NOT NULL,
    place TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX refund_order ON refund (venue, order_id, payment, so_far_cents);
CREATE INDEX refund_at ON refund (venue, at_ms);
CREATE INDEX payment_at ON payment (venue, at_ms);

-- Replicated: what somebody counted in a replica's drawer.
CREATE TABLE cash_count (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    cents INTEGER NOT NULL CHECK (abs(cents) <= 1000000000),
    person TEXT NOT NULL,
    place TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX cash_count_at ON cash_count (venue, place, at_ms);

-- Replicated: reports of a day at a replica, chained per life of it.
CREATE TABLE z_report (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    replica TEXT NOT NULL,
    generation TEXT NOT NULL,
    number INTEGER NOT NULL,
    day TEXT NOT NULL,
    totals TEXT NOT NULL,
    drawer TEXT NOT NULL,
    before TEXT NOT NULL,
    person TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    digest TEXT NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX z_report_number ON z_report (venue, replica, generation, number);
CREATE INDEX z_report_day ON z_report (venue, day);

-- Local: orders of which staff should hear, by when: called off, or handed over more than once. It
-- is kept by triggers, whoever brings the facts.
CREATE TABLE order_exception (
    venue TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (venue, at_ms, id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER order_exception_told AFTER INSERT ON order_event
WHEN NEW.kind IN ('cancelled', 'collected', 'delivered')
BEGIN INSERT INTO order_exception (venue, at_ms, id) SELECT NEW.venue, NEW.at_ms, NEW.order_id
WHERE (NEW.kind = 'cancelled' OR EXISTS (SELECT 1 FROM order_event e WHERE e.venue = NEW.venue
AND e.order_id = NEW.order_id AND e.kind IN ('cancelled', 'collected', 'delivered')
AND e.id <> NEW.id))
AND NOT EXISTS (SELECT 1 FROM order_exception x
WHERE x.venue = NEW.venue AND x.at_ms = NEW.at_ms AND x.id = NEW.order_id); END;

-- Replicated: points of members, each entry keyed by the order that it is about. A lease names what
-- it was spent from; where there is none the owner of the points spent it.
CREATE TABLE points_entry (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    person TEXT NOT NULL,
    kind TEXT NOT NULL,
    order_id TEXT NOT NULL,
    points INTEGER NOT NULL CHECK (abs(points) <= 1000000000000),
    lease TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX points_entry_person ON points_entry (venue, person, at_ms);
CREATE INDEX points_entry_time ON points_entry (venue, at_ms);

-- Replicated: leases of points that the edge asks back; the id is the lease's.
CREATE TABLE points_recall (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    person TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX points_recall_person ON points_recall (venue, person, at_ms);

-- Replicated: people whom this venue's replicas must know: staff, and members with rights. The name
-- is sealed with the person's own key.
CREATE TABLE person (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    name_sealed TEXT NOT NULL DEFAULT '',
    profile_mark TEXT NOT NULL DEFAULT '',
    profile_stamp INTEGER NOT NULL DEFAULT 0,
    profile_writer INTEGER NOT NULL DEFAULT 0,
    roles TEXT NOT NULL DEFAULT 'null',
    active INTEGER NOT NULL DEFAULT 0,
    access_ms INTEGER NOT NULL DEFAULT 0,
    access_mark TEXT NOT NULL DEFAULT '',
    access_stamp INTEGER NOT NULL DEFAULT 0,
    access_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Replicated: what a device of the venue compares a person's PIN with; the id is device.person.
CREATE TABLE person_pin (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    person TEXT NOT NULL DEFAULT '',
    device TEXT NOT NULL DEFAULT '',
    verifier TEXT NOT NULL DEFAULT '',
    set_ms INTEGER NOT NULL DEFAULT 0,
    verifier_stamp INTEGER NOT NULL DEFAULT 0,
    verifier_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Replicated: who did what that touches security or money; numbered without gaps per life of a store.
CREATE TABLE audit_entry (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    act TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    source TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    certain INTEGER NOT NULL,
    replica TEXT NOT NULL,
    generation TEXT NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_entry_at ON audit_entry (venue, at_ms);
CREATE INDEX audit_entry_number ON audit_entry (venue, replica, generation, number);
CREATE TABLE audit_seal (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    replica TEXT NOT NULL,
    generation TEXT NOT NULL,
    number INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    before TEXT NOT NULL,
    entries TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    digest TEXT NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_seal_number ON audit_seal (venue, replica, generation, number);

-- Local to the home of accounts, never replicated: how people sign in. The address is found by a
-- keyed hash; what is sealed opens with the person's key, the second factor with the host's.
CREATE TABLE account (
    person TEXT PRIMARY KEY,
    email_index TEXT NOT NULL UNIQUE,
    email_sealed TEXT NOT NULL,
    name_sealed TEXT NOT NULL,
    confirmed_ms INTEGER NOT NULL DEFAULT 0,
    password TEXT NOT NULL DEFAULT '',
    totp TEXT NOT NULL DEFAULT '',
    totp_step INTEGER NOT NULL DEFAULT 0,
    recovery TEXT NOT NULL DEFAULT '[]',
    language TEXT NOT NULL DEFAULT '',
    photo TEXT NOT NULL DEFAULT '',
    platform INTEGER NOT NULL DEFAULT 0,
    barred INTEGER NOT NULL DEFAULT 0,
    locked INTEGER NOT NULL DEFAULT 0,
    venue TEXT NOT NULL DEFAULT '',
    seen_ms INTEGER NOT NULL DEFAULT 0,
    warned_ms INTEGER NOT NULL DEFAULT 0,
    agreed TEXT NOT NULL DEFAULT '{}',
    made_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX account_seen ON account (seen_ms) WHERE platform = 0;
CREATE INDEX account_platform ON account (person) WHERE platform = 1;
CREATE INDEX account_unconfirmed ON account (made_ms) WHERE confirmed_ms = 0;

-- Local to the home of accounts: what its administrators decided, and when its chores were done.
CREATE TABLE host_setting (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Local to the home of accounts: whom a sign-in provider vouches for. Found by a keyed hash of who
-- the provider says that it is.
CREATE TABLE external_login (
    id TEXT PRIMARY KEY,
    issuer TEXT NOT NULL,
    person TEXT NOT NULL,
    made_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX external_login_person ON external_login (person);

-- Local: what a sign-in provider says of itself, for a day.
CREATE TABLE openid_discovery (
    issuer TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    ends_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Replicated: who was erased; the id is the person's.
CREATE TABLE erasure (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    mark TEXT NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX erasure_person ON erasure (id);

-- Local: the keys with which personal fields are sealed, themselves sealed with the host's. They
-- travel outside log and snapshots, so that dropping one everywhere erases its person.
CREATE TABLE person_key (
    person TEXT PRIMARY KEY,
    wrapped TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- However an erasure comes here, the key goes, its place is written over first, and it never comes
-- back.
CREATE TRIGGER erasure_drops_key AFTER INSERT ON erasure
BEGIN UPDATE person_key SET wrapped = replace(hex(zeroblob(length(wrapped))), '00', '0')
WHERE person = NEW.id; DELETE FROM person_key WHERE person = NEW.id; END;
CREATE TRIGGER person_key_after_erasure BEFORE INSERT ON person_key
WHEN EXISTS (SELECT 1 FROM erasure e WHERE e.id = NEW.person)
BEGIN SELECT RAISE(IGNORE); END;

-- Local: who is signed in here. Only a hash of the token is kept.
CREATE TABLE session (
    token TEXT PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    venue TEXT NOT NULL,
    means TEXT NOT NULL,
    second_factor INTEGER NOT NULL,
    rights TEXT NOT NULL,
    label TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL,
    ends_ms INTEGER NOT NULL,
    device TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX session_person ON session (person);
CREATE INDEX session_ends ON session (ends_ms);

-- Local: codes that are good once, hashed: invitations, resets, confirmations.
CREATE TABLE one_time_code (
    code TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    venue TEXT NOT NULL,
    person TEXT NOT NULL,
    detail TEXT NOT NULL,
    ends_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX one_time_code_person ON one_time_code (person, kind);
CREATE INDEX one_time_code_ends ON one_time_code (ends_ms);

-- Local: which cards members have, at the home of accounts. What ends before its time is revoked
-- everywhere.
CREATE TABLE member_card (
    id TEXT PRIMARY KEY,
    venue TEXT NOT NULL,
    person TEXT NOT NULL,
    means TEXT NOT NULL CHECK (means IN ('phone', 'paper')),
    made_ms INTEGER NOT NULL,
    ends_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX member_card_person ON member_card (person, venue);

-- Local: how the people of a demo sign in, for its login page; empty on every other host.
CREATE TABLE demo_login (
    venue TEXT NOT NULL,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    password TEXT NOT NULL,
    pin TEXT NOT NULL,
    roles TEXT NOT NULL,
    PRIMARY KEY (venue, person)
) STRICT, WITHOUT ROWID;

-- Local: how often something was tried lately; whose it is cannot be read from the id.
CREATE TABLE rate_limit (
    id TEXT PRIMARY KEY,
    started_ms INTEGER NOT NULL,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX rate_limit_started ON rate_limit (started_ms);

-- Replicated: a part of a right that one life of one store holds; the id is its fencing token.
CREATE TABLE lease (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    right_name TEXT NOT NULL,
    issuer TEXT NOT NULL,
    fence INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 1099511627776),
    holder TEXT NOT NULL,
    holder_generation TEXT NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lease_right ON lease (venue, right_name, holder, holder_generation);
CREATE INDEX lease_fence ON lease (venue, issuer, fence);

-- Replicated: what the holder of a lease used up, keyed by lease and by what it was for.
CREATE TABLE lease_spend (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    lease TEXT NOT NULL,
    spend_key TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 1099511627776),
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lease_spend_lease ON lease_spend (venue, lease, amount);
CREATE INDEX lease_spend_key ON lease_spend (venue, spend_key);

-- Replicated: what the holder of a lease gave back; the id is the lease's.
CREATE TABLE lease_return (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    unspent INTEGER NOT NULL CHECK (unspent BETWEEN 0 AND 1099511627776),
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Replicated: a lease that its issuer wrote off, with what seemed unspent; the id is the lease's.
CREATE TABLE lease_lost (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    unspent INTEGER NOT NULL CHECK (unspent BETWEEN 0 AND 1099511627776),
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Local: orders with money or news in the kitchen that were not handed over; what the boards look
-- through instead of the whole history. Triggers keep it, so that every way in which facts come
-- here does: local writes, imports, rows that are folded anew. Orders that cost nothing begin here.
CREATE TABLE order_serving (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER order_serving_free AFTER INSERT ON customer_order WHEN NEW.total_cents <= 0
BEGIN INSERT INTO order_serving (venue, id) SELECT NEW.venue, NEW.id
WHERE NOT EXISTS (SELECT 1 FROM order_serving s WHERE s.venue = NEW.venue AND s.id = NEW.id)
AND NOT EXISTS (SELECT 1 FROM order_event e
WHERE e.venue = NEW.venue AND e.order_id = NEW.id
AND e.kind IN ('collected', 'delivered', 'cancelled')); END;
CREATE TRIGGER order_serving_paid AFTER INSERT ON payment
BEGIN INSERT INTO order_serving (venue, id) SELECT NEW.venue, NEW.order_id
WHERE NOT EXISTS (SELECT 1 FROM order_serving s WHERE s.venue = NEW.venue AND s.id = NEW.order_id)
AND NOT EXISTS (SELECT 1 FROM order_event e
WHERE e.venue = NEW.venue AND e.order_id = NEW.order_id
AND e.kind IN ('collected', 'delivered', 'cancelled')); END;
CREATE TRIGGER order_serving_ready AFTER INSERT ON order_event
WHEN NEW.kind NOT IN ('collected', 'delivered', 'cancelled', 'accepted', 'accept_asked',
'refuse_asked')
BEGIN INSERT INTO order_serving (venue, id) SELECT NEW.venue, NEW.order_id
WHERE NOT EXISTS (SELECT 1 FROM order_serving s WHERE s.venue = NEW.venue AND s.id = NEW.order_id)
AND NOT EXISTS (SELECT 1 FROM order_event e
WHERE e.venue = NEW.venue AND e.order_id = NEW.order_id
AND e.kind IN ('collected', 'delivered', 'cancelled')); END;
CREATE TRIGGER order_serving_collected AFTER INSERT ON order_event
WHEN NEW.kind IN ('collected', 'delivered', 'cancelled')
BEGIN DELETE FROM order_serving WHERE venue = NEW.venue AND id = NEW.order_id; END;

-- Replicated: keys and documents that nobody believes any more, keyed by what they are; for ever.
CREATE TABLE revocation (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Local: certificates that are known here, in base64url: at the edge those that it gave, at a gateway
-- its own.
CREATE TABLE trust_certificate (
    venue TEXT NOT NULL,
    key_id TEXT NOT NULL,
    document TEXT NOT NULL,
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (venue, key_id)
) STRICT, WITHOUT ROWID;

-- Local: the list of root keys that a gateway has pinned, and the last beacon that it kept.
CREATE TABLE trust_root (
    venue TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    beacon TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- Replicated: machines of the venue: what each is, and whether it may act.
CREATE TABLE device (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    place TEXT NOT NULL DEFAULT '',
    enrolled_ms INTEGER NOT NULL DEFAULT 0,
    identity_stamp INTEGER NOT NULL DEFAULT 0,
    identity_writer INTEGER NOT NULL DEFAULT 0,
    blocked INTEGER NOT NULL DEFAULT 0,
    state_stamp INTEGER NOT NULL DEFAULT 0,
    state_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Replicated: what is never taken back of a device: another key, and its end.
CREATE TABLE device_event (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    device TEXT NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_event_device ON device_event (venue, device);

-- Local: when a device was heard here, or told to have been, and what it says of itself.
CREATE TABLE device_contact (
    venue TEXT NOT NULL,
    device TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    version TEXT NOT NULL,
    network TEXT NOT NULL,
    PRIMARY KEY (venue, device)
) STRICT, WITHOUT ROWID;

-- Local: which keys of a gateway or a standby hold, counted by whom it asks. No row is the first alone.
CREATE TABLE replica_key (
    venue TEXT NOT NULL,
    device TEXT NOT NULL,
    first INTEGER NOT NULL,
    newest INTEGER NOT NULL,
    used INTEGER NOT NULL,
    used_ms INTEGER NOT NULL,
    shared INTEGER NOT NULL,
    PRIMARY KEY (venue, device)
) STRICT, WITHOUT ROWID;

-- Local: bytes that this host keeps beside its store, under the hash of their content. The row says
-- that they come before they are put, and that they go before they are deleted: `sweep_ms` is 0
-- while they stay, and else the time from which on the sweep takes them away.
CREATE TABLE blob (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    what TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    made_ms INTEGER NOT NULL,
    sweep_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_owner ON blob (owner, bytes);
CREATE INDEX blob_sweep ON blob (sweep_ms) WHERE sweep_ms > 0;
-- However an erasure comes here, its person's bytes go.
CREATE TRIGGER erasure_drops_blobs AFTER INSERT ON erasure
BEGIN UPDATE blob SET sweep_ms = 1 WHERE owner = NEW.id; END;

-- Replicated: how many of a product were counted, and what left the shelf or came back since; the
-- gateway writes both. What the web may sell are leases.
CREATE TABLE stock_count (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    product TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    tracked INTEGER NOT NULL,
    base INTEGER NOT NULL,
    leased INTEGER NOT NULL,
    web_percent INTEGER NOT NULL,
    counted_by TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stock_count_product ON stock_count (venue, product, epoch);
CREATE TABLE stock_move (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    product TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    pieces INTEGER NOT NULL,
    why TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stock_move_product ON stock_move (venue, product, epoch, pieces);

-- Replicated: tables by their number. What one is, what a sensor says of it and what staff say of it
-- change apart.
CREATE TABLE dining_table (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    seats INTEGER NOT NULL DEFAULT 0,
    x INTEGER NOT NULL DEFAULT 0,
    y INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0,
    identity_stamp INTEGER NOT NULL DEFAULT 0,
    identity_writer INTEGER NOT NULL DEFAULT 0,
    occupied INTEGER NOT NULL DEFAULT 0,
    since_ms INTEGER NOT NULL DEFAULT 0,
    sensor TEXT NOT NULL DEFAULT '',
    presence_stamp INTEGER NOT NULL DEFAULT 0,
    presence_writer INTEGER NOT NULL DEFAULT 0,
    hand TEXT NOT NULL DEFAULT '',
    hand_by TEXT NOT NULL DEFAULT '',
    hand_ms INTEGER NOT NULL DEFAULT 0,
    hand_stamp INTEGER NOT NULL DEFAULT 0,
    hand_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Replicated: which order got which table, and when it had it no more; the ids are the order's.
CREATE TABLE table_assignment (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    table_number INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX table_assignment_table ON table_assignment (venue, table_number, at_ms);
CREATE TABLE table_end (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Replicated: orders of the edge that want a table, those that got none, and what customers without
-- one do; the ids are the order's, the number 0 is any table.
CREATE TABLE table_claim (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    wished INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE table_refusal (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE table_choice (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    choice TEXT NOT NULL DEFAULT '',
    wished INTEGER NOT NULL DEFAULT 0,
    at_ms INTEGER NOT NULL DEFAULT 0,
    choice_stamp INTEGER NOT NULL DEFAULT 0,
    choice_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Local: assignments without an end, and orders that wait for a table, whatever the history. Triggers
-- keep both, so that every way in which facts come here does.
CREATE TABLE table_seat (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    table_number INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX table_seat_table ON table_seat (venue, table_number);
CREATE TABLE table_queue (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER table_seat_taken AFTER INSERT ON table_assignment
BEGIN INSERT INTO table_seat (venue, id, table_number) SELECT NEW.venue, NEW.id, NEW.table_number
WHERE NOT EXISTS (SELECT 1 FROM table_end e WHERE e.venue = NEW.venue AND e.id = NEW.id); DELETE
FROM table_queue WHERE venue = NEW.venue AND id = NEW.id; END;
CREATE TRIGGER table_seat_moved AFTER UPDATE ON table_assignment
BEGIN UPDATE table_seat SET table_number = NEW.table_number
WHERE venue = NEW.venue AND id = NEW.id; END;
CREATE TRIGGER table_seat_left AFTER INSERT ON table_end
BEGIN DELETE FROM table_seat WHERE venue = NEW.venue AND id = NEW.id; END;
CREATE TRIGGER table_queue_claimed AFTER INSERT ON table_claim
BEGIN INSERT INTO table_queue (venue, id) SELECT NEW.venue, NEW.id
WHERE NOT EXISTS (SELECT 1 FROM table_queue q WHERE q.venue = NEW.venue AND q.id = NEW.id)
AND NOT EXISTS (SELECT 1 FROM table_assignment a WHERE a.venue = NEW.venue AND a.id = NEW.id)
AND NOT EXISTS (SELECT 1 FROM table_refusal r WHERE r.venue = NEW.venue AND r.id = NEW.id); END;
CREATE TRIGGER table_queue_refused AFTER INSERT ON table_refusal
BEGIN DELETE FROM table_queue WHERE venue = NEW.venue AND id = NEW.id AND NOT EXISTS
(SELECT 1 FROM table_choice c WHERE c.venue = NEW.venue AND c.id = NEW.id
AND c.choice IN ('wait', 'seated')); END;
CREATE TRIGGER table_queue_chosen AFTER INSERT ON table_choice
BEGIN DELETE FROM table_queue WHERE venue = NEW.venue AND id = NEW.id; INSERT INTO table_queue
(venue, id) SELECT NEW.venue, NEW.id WHERE NEW.choice IN ('wait', 'seated')
AND NOT EXISTS (SELECT 1 FROM table_assignment a WHERE a.venue = NEW.venue AND a.id = NEW.id); END;
CREATE TRIGGER table_queue_chosen_again AFTER UPDATE ON table_choice
BEGIN DELETE FROM table_queue WHERE venue = NEW.venue AND id = NEW.id; INSERT INTO table_queue
(venue, id) SELECT NEW.venue, NEW.id WHERE NEW.choice IN ('wait', 'seated')
AND NOT EXISTS (SELECT 1 FROM table_assignment a WHERE a.venue = NEW.venue AND a.id = NEW.id); END;

-- Local: when this store heard the sensor of a table, and whether it read LIBRE once; noted once a
-- minute while nothing changes.
CREATE TABLE table_sensor (
    venue TEXT NOT NULL,
    table_number INTEGER NOT NULL,
    heard_ms INTEGER NOT NULL,
    is_quiet INTEGER NOT NULL,
    PRIMARY KEY (venue, table_number)
) STRICT, WITHOUT ROWID;

-- Replicated: who took an order along and who handed it over, under the id of the fact that says so;
-- whoever received it is named sealed with the customer's key.
CREATE TABLE delivery_step (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    courier TEXT NOT NULL,
    receiver TEXT NOT NULL,
    photo TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Local: where a courier was last, in millionths of a degree, on the side that was told; it goes with
-- the hand-over, however that comes here. A walk that a demo makes up began at `simulated_ms`.
CREATE TABLE courier_position (
    venue TEXT NOT NULL,
    order_id TEXT NOT NULL,
    latitude_e6 INTEGER NOT NULL,
    longitude_e6 INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    simulated_ms INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, order_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER courier_position_done AFTER INSERT ON order_event
WHEN NEW.kind IN ('collected', 'delivered', 'cancelled')
BEGIN DELETE FROM courier_position WHERE venue = NEW.venue AND order_id = NEW.order_id; END;

-- Replicated: what somebody thinks of an order, and what the venue answers; the id is the order's.
CREATE TABLE rating (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    stars INTEGER NOT NULL DEFAULT 0,
    comment TEXT NOT NULL DEFAULT '',
    person TEXT NOT NULL DEFAULT '',
    rated_ms INTEGER NOT NULL DEFAULT 0,
    opinion_stamp INTEGER NOT NULL DEFAULT 0,
    opinion_writer INTEGER NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT '',
    answer_by TEXT NOT NULL DEFAULT '',
    answered_ms INTEGER NOT NULL DEFAULT 0,
    answer_stamp INTEGER NOT NULL DEFAULT 0,
    answer_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX rating_rated ON rating (venue, rated_ms);

-- Replicated: invoices by order, each with its number in the series of one life of one origin; to
-- whom it is addressed is sealed with the customer's key.
CREATE TABLE invoice (
    venue TEXT NOT NULL,
    id TEXT NOT NULL,
    origin TEXT NOT NULL,
    number INTEGER NOT NULL,
    billed TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)
) STRICT, WITHOUT ROWID;

-- Local to the home of accounts: where somebody has things brought, sealed with their key.
CREATE TABLE account_address (
    person TEXT NOT NULL,
    id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    PRIMARY KEY (person, id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER erasure_drops_addresses AFTER INSERT ON erasure
BEGIN DELETE FROM account_address WHERE person = NEW.id; END;
