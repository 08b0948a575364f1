//! Owns what every page shows: one file per page, a template over display-ready data.
//! It must not know requests, rows or business rules; handlers fill these structs.

mod account;
mod audit;
mod card;
mod catalogue;
mod counter;
mod deliveries;
mod devices;
mod floor;
mod history;
mod kitchen;
mod login;
mod loyalty;
mod menu;
mod notice;
mod order;
mod outbox;
mod own_orders;
mod people;
mod platform;
mod problem;
mod register;
mod shell;
mod staff;
mod stock;
mod styleguide;
mod sums;
mod sync_status;
mod terms;
mod ticket;
mod welcome;

pub use account::{AccountView, FactorView, PasswordView, SessionLine};
pub use audit::{ActChoice, AuditCheckView, AuditLine, AuditView, LifeView};
pub use card::{CardLine, CardView, MemberFound, MembersView};
pub use catalogue::{
    ArticleForm, ArticleLine, ArticleView, CatalogueView, PriceLine, ShelfView, SideView,
    TextField, Tick, VersionLine,
};
pub use counter::{CounterBoard, CounterView};
pub use deliveries::{DeliveriesBoard, DeliveriesView, DeliveryView, RideView};
pub use devices::{
    CodeShown, DeviceLine, DeviceView, DevicesView, EnrolView, KindChoice, StationLine,
};
pub use floor::{FloorBoard, FloorView, PastView, TableNote, TablePage, TileView};
pub use history::{Bar, Chart, Choice, HistoryLine, HistoryView, SalesView};
pub use kitchen::{KitchenBoard, KitchenView, ReadyBoard, ReadyView, SwitchView};
pub use login::{
    CodeView, Colleague, DemoKey, LeadView, LoginView, ProviderLink, SwitchStationView,
};
pub use loyalty::{PointsLine, PointsNote, PointsView};
pub use menu::{
    CategoryData, CategoryView, ChoiceData, GroupData, IngredientData, MarkData, MenuData,
    MenuShown, MenuView, PartData, ProductData, ProductView, SlotData,
};
pub use notice::{NoticeEditView, NoticeView, NoticeWords};
pub use order::{OrderView, Safe, WayView};
pub use outbox::{DemoMailView, DemoMailsView, MailView, OutboxView};
pub use own_orders::{
    AddressLine, AddressesView, InvoiceView, OwnOrder, OwnOrdersView, RatingLine, RatingsView,
};
pub use people::{PeopleView, PersonLine, PersonView, RoleChoice, SetupView};
pub use platform::{ModuleChoice, PlatformView, RecoverView, VenueLine};
pub use problem::ProblemView;
pub use register::{ConfirmView, EmailView, ForgotView, RegisterView};
pub use shell::{Shell, Surface};
pub use staff::{Door, LinkState, StaffView};
pub use stock::{StockLine, StockView};
pub use styleguide::StyleguideView;
pub use sums::{ContactView, DiscountLine, Sums, VatLine, percent};
pub use sync_status::{AsideView, LagView, Notice, PeerView, SyncRetireView, SyncStatusView};
pub use terms::{DeliveryForm, PromotionLine, RateLine, TermsView, ValueChoice};
pub use ticket::{LineView, Mode, State, TicketView};
pub use welcome::WelcomeView;

#[cfg(test)]
mod tests;
