//! Every error code of this dialect, as constants: a code never comes from a text built where
//! something failed. The doc comment of each says which rule or document it is from.

mod amend;
mod catalogue;
mod group_rule;
mod instance;
mod key_pair;
mod launch_machine;
mod launch_place;
mod launch_terms;
mod launch_world;
mod network;
mod protocol;
mod tag;
mod template;

/// An error as the API reference lists it: code, HTTP status, message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Code {
    /// What clients compare with.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What people read.
    pub message: Message,
}

/// The message of a code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Message {
    /// The same every time.
    Fixed(&'static str),
    /// One value between two texts.
    Around {
        /// Before the value.
        before: &'static str,
        /// Behind the value.
        after: &'static str,
    },
    /// Free text: the reference says `%s`.
    Dynamic,
}

impl Code {
    /// The codes by the file that lists them.
    const LISTS: &[&[Self]] = &[
        protocol::PROTOCOL,
        launch_place::PLACE,
        launch_machine::MACHINE,
        launch_terms::TERMS,
        launch_world::WORLD,
        instance::INSTANCE,
        amend::AMEND,
        catalogue::CATALOGUE,
        network::NETWORK,
        key_pair::KEY_PAIR,
        group_rule::GROUP_RULE,
        tag::TAG,
        template::TEMPLATE,
    ];

    /// All codes, for the coverage page and its test.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        Self::LISTS.iter().copied().flatten()
    }
}

/// Writes `Code` constants and the list of them: name, status, code, message.
macro_rules! codes {
    ($list:ident; $($(#[$doc:meta])* $name:ident = $status:literal $code:literal $message:expr;)*) => {
        impl Code {
            $($(#[$doc])* pub const $name: Self = Self { code: $code, status: $status, message: $message };)*
        }

        pub(super) const $list: &[Code] = &[$(Code::$name),*];
    };
}
use codes;

#[cfg(test)]
mod tests;
