//! What a person or a caller can get wrong, as stable codes. It must not know HTTP or a language.

use std::fmt;

use crate::venue::{capacity, web};

/// Why a command was refused; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The product does not exist here.
    UnknownProduct(String),
    /// The product is sold out.
    SoldOut(String),
    /// Fewer are left than are wanted.
    OnlyLeft(String),
    /// What is on the shelves is counted on site.
    StockOnSite,
    /// A quantity is not between 1 and the limit.
    InvalidQuantity,
    /// A choice that the product does not offer.
    UnknownOption(String),
    /// A group from which more must be chosen.
    OptionRequired(String),
    /// A group from which less may be chosen.
    TooManyChoices(String),
    /// The product is served at another time of the day.
    NotServedNow(String),
    /// The venue takes no orders now.
    VenueClosed,
    /// An ingredient that the product has not, or that stays in it.
    UnknownIngredient(String),
    /// A part that the combo's slot does not offer, or a slot that there is not.
    UnknownPart(String),
    /// A slot of a combo that nothing fills.
    PartRequired(String),
    /// A word to the kitchen is too long, holds odd characters, or is not taken with this product.
    InvalidWord,
    /// An order without lines.
    EmptyBasket,
    /// An order with too many lines.
    TooManyLines,
    /// The total that the customer saw is not the price.
    PriceChanged {
        /// The price, in cents.
        total_cents: i64,
    },
    /// The venue does not deliver.
    DeliveryOff,
    /// Nobody is signed in to whom it could be delivered.
    DeliveryNeedsAccount,
    /// The venue does not deliver to this postal code.
    DeliveryOutside(String),
    /// It delivers from this price of goods on, in cents.
    DeliveryMinimum(i64),
    /// The venue has no promotion of this code.
    UnknownPromotion(String),
    /// The promotion does not count now.
    PromotionNotNow(String),
    /// It counts from this price of goods on, in cents.
    PromotionMinimum(i64),
    /// An order is wanted in the past, too far ahead, or when it cannot be made.
    Time(capacity::Rejection),
    /// The order's id is not a UUID.
    InvalidOrderId,
    /// The basket's id was used for another order, which is this one.
    OrderConflict(String),
    /// The order cannot be paid as it stands.
    NotPayable,
    /// The venue takes no points.
    PointsOff,
    /// The other side took the order: it takes the points too.
    PointsElsewhere,
    /// The points are there, and the other side holds them for now.
    PointsLent,
    /// So many points are missing here.
    PointsMissing(i64),
    /// The order is not paid yet.
    NotPaid,
    /// The order is not ready yet.
    NotReady,
    /// Nobody has had the order yet.
    NotHadYet,
    /// The order's invoice is numbered where it was placed.
    InvoiceElsewhere,
    /// The order is not one that is delivered, or not any more.
    NoDelivery,
    /// A courier has the order.
    WithCourier,
    /// No courier has taken the order along.
    NotOnItsWay,
    /// The order cannot be called back any more.
    NotRecallable,
    /// The kitchen does not have the order.
    NotInKitchen,
    /// There is nothing that no report has told.
    NothingToClose,
    /// The report before does not say what was sealed.
    ReportAltered,
    /// The order was handed over already.
    AlreadyCollected {
        /// At which replica; empty where that is not known.
        place: String,
        /// When; 0 where that is not known.
        at_ms: i64,
    },
    /// The order was called off.
    OrderCancelled,
    /// What orders from the web are refused for.
    Web(web::Rejection),
    /// The order was handed over, and cannot be called off any more.
    NotCancellable,
    /// So much can still be given back, in cents, and not more.
    RefundTooMuch(i64),
    /// Somebody gave money back meanwhile; so much in all, in cents.
    RefundChanged(i64),
    /// A field is missing, malformed or out of range.
    InvalidField(&'static str),
    /// A password is too short or too long.
    PasswordLength,
    /// A password is one of the first that anybody tries.
    PasswordCommon,
    /// A PIN has the wrong number of digits, or is one of the first that anybody tries.
    InvalidPin,
    /// Only an owner makes, changes or bars owners.
    OnlyOwners,
    /// The venue would have no owner.
    LastOwner,
    /// Whoever asks would lose the right to undo it.
    OwnLastRight,
    /// The device may not act until somebody lets it in again.
    DeviceBlocked,
    /// The device is out of use for good.
    DeviceRetired,
    /// A gateway or a standby keeps its name and its key.
    ReplicaStays,
    /// The venue has as many devices as it may.
    TooManyDevices,
    /// The number stands on another table.
    TableExists(u32),
    /// The venue has as many tables as it may.
    TooManyTables,
    /// There is no table of this number.
    UnknownTable(String),
    /// The order has a table, or wants none.
    NoTableWanted,
    /// The menu cannot be sold as it stands; every problem is listed.
    InvalidMenu(Vec<String>),
    /// The venue document is wrong; every problem is listed.
    InvalidVenueDocument(Vec<String>),
}

impl Rejection {
    /// Returns the stable code that callers may rely on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownProduct(_) => "unknown_product",
            Self::SoldOut(_) => "sold_out",
            Self::OnlyLeft(_) => "only_left",
            Self::StockOnSite => "stock_on_site",
            Self::InvalidQuantity => "invalid_quantity",
            Self::UnknownOption(_) => "unknown_option",
            Self::OptionRequired(_) => "option_required",
            Self::TooManyChoices(_) => "too_many_choices",
            Self::NotServedNow(_) => "not_served_now",
            Self::VenueClosed => "venue_closed",
            Self::UnknownIngredient(_) => "unknown_ingredient",
            Self::UnknownPart(_) => "unknown_part",
            Self::PartRequired(_) => "part_required",
            Self::InvalidWord => "invalid_word",
            Self::EmptyBasket => "empty_basket",
            Self::TooManyLines => "too_many_lines",
            Self::PriceChanged { .. } => "price_changed",
            Self::DeliveryOff => "delivery_off",
            Self::DeliveryNeedsAccount => "delivery_needs_account",
            Self::DeliveryOutside(_) => "delivery_outside",
            Self::DeliveryMinimum(_) => "delivery_minimum",
            Self::UnknownPromotion(_) => "unknown_promotion",
            Self::PromotionNotNow(_) => "promotion_not_now",
            Self::PromotionMinimum(_) => "promotion_minimum",
            Self::Time(why) => why.code(),
            Self::InvalidOrderId => "invalid_order_id",
            Self::OrderConflict(_) => "order_conflict",
            Self::NotPayable => "not_payable",
            Self::PointsOff => "points_off",
            Self::PointsElsewhere => "points_elsewhere",
            Self::PointsLent => "points_lent",
            Self::PointsMissing(_) => "points_missing",
            Self::NotPaid => "not_paid",
            Self::NotReady => "not_ready",
            Self::NotHadYet => "not_had_yet",
            Self::InvoiceElsewhere => "invoice_elsewhere",
            Self::NoDelivery => "no_delivery",
            Self::WithCourier => "with_courier",
            Self::NotOnItsWay => "not_on_its_way",
            Self::NotRecallable => "not_recallable",
            Self::NotInKitchen => "not_in_kitchen",
            Self::NothingToClose => "nothing_to_close",
            Self::ReportAltered => "report_altered",
            Self::AlreadyCollected { .. } => "already_collected",
            Self::OrderCancelled => "order_cancelled",
            Self::Web(why) => why.code(),
            Self::NotCancellable => "not_cancellable",
            Self::RefundTooMuch(_) => "refund_too_much",
            Self::RefundChanged(_) => "refund_changed",
            Self::InvalidField(_) => "invalid_field",
            Self::PasswordLength => "password_length",
            Self::PasswordCommon => "password_common",
            Self::InvalidPin => "invalid_pin",
            Self::OnlyOwners => "only_owners",
            Self::LastOwner => "last_owner",
            Self::OwnLastRight => "own_last_right",
            Self::DeviceBlocked => "device_blocked",
            Self::DeviceRetired => "device_retired",
            Self::ReplicaStays => "replica_stays",
            Self::TooManyDevices => "too_many_devices",
            Self::TableExists(_) => "table_exists",
            Self::TooManyTables => "too_many_tables",
            Self::UnknownTable(_) => "unknown_table",
            Self::NoTableWanted => "no_table_wanted",
            Self::InvalidMenu(_) => "invalid_menu",
            Self::InvalidVenueDocument(_) => "invalid_venue_document",
        }
    }

    /// Returns what it is about, for a program or a log: a product, a field, a list of problems.
    #[must_use]
    pub fn subject(&self) -> Vec<String> {
        match self {
            Self::UnknownProduct(id)
            | Self::SoldOut(id)
            | Self::OnlyLeft(id)
            | Self::UnknownOption(id)
            | Self::OptionRequired(id)
            | Self::TooManyChoices(id)
            | Self::DeliveryOutside(id)
            | Self::UnknownPromotion(id)
            | Self::PromotionNotNow(id)
            | Self::UnknownTable(id)
            | Self::NotServedNow(id)
            | Self::UnknownIngredient(id)
            | Self::UnknownPart(id)
            | Self::PartRequired(id)
            | Self::OrderConflict(id) => vec![id.clone()],
            Self::Time(why) => why.subject(),
            Self::TableExists(number) => vec![number.to_string()],
            Self::AlreadyCollected { place, at_ms } => vec![place.clone(), at_ms.to_string()],
            Self::PriceChanged { total_cents } => vec![total_cents.to_string()],
            Self::DeliveryMinimum(cents)
            | Self::PromotionMinimum(cents)
            | Self::RefundTooMuch(cents)
            | Self::RefundChanged(cents) => vec![cents.to_string()],
            Self::PointsMissing(points) => vec![points.to_string()],
            Self::InvalidField(field) => vec![(*field).to_owned()],
            Self::InvalidMenu(problems) | Self::InvalidVenueDocument(problems) => problems.clone(),
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code(), self.subject().join("; "))
    }
}

impl std::error::Error for Rejection {}
