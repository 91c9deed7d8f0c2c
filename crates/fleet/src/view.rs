//! What decisions and listings read: the fleet at one moment, record by record.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::{
    Account, AccountId, AddressPage, Batch, BatchId, Catalogue, Event, EventId, Extent, Group, Instance,
    InstanceId, Key, Label, Network, Policy, PoolId, Profile, PublicPool, ReceiptId, Record, Rule, Sequence,
    Spec, Stock, StockKey, Subnet, Template, TemplateNameKey, TemplateVersion, Token, TokenKey,
};

/// One typed reader for each kind of record. A record of another kind under the key cannot be (a
/// store checks kinds when it decodes), and counts as absent.
macro_rules! readers {
    ($($(#[$doc:meta])* $name:ident($argument:ident: $kind:ty) -> $value:ty, $key:expr, $pattern:pat => $found:expr;)+) => {
        $(
            $(#[$doc])*
            ///
            /// # Errors
            /// When the view cannot tell.
            fn $name(&self, $argument: $kind) -> Result<Option<$value>, Self::Failure> {
                match self.get(&$key)? {
                    Some($pattern) => Ok(Some($found)),
                    Some(_) | None => Ok(None),
                }
            }
        )+
    };
}

/// What a decision may read: the fleet at one moment.
///
/// A view may fail to read (its medium may be damaged); the core hands such a failure through and
/// knows nothing of it.
pub trait View {
    /// Why a record could not be read.
    type Failure;

    /// The record under `key`. The variant of the record is that of the key.
    ///
    /// # Errors
    /// When the view cannot tell.
    fn get(&self, key: &Key) -> Result<Option<Record>, Self::Failure>;

    /// The first `limit` keys from `from` to `to`, both included, in order.
    ///
    /// # Errors
    /// When the view cannot tell.
    fn keys(&self, from: &Key, to: &Key, limit: usize) -> Result<Vec<Key>, Self::Failure>;

    /// What can be asked for.
    fn catalogue(&self) -> &Catalogue;

    /// The times and limits that decisions go by.
    fn policy(&self) -> &Policy;

    readers! {
        /// An account.
        account(id: AccountId) -> Account, Key::Account(id), Record::Account(account) => account;
        /// What was changed of an instance.
        amendment(id: InstanceId) -> crate::Amendment, Key::Amendment(id), Record::Amendment(_, amendment) => amendment;
        /// A host of somebody's own.
        host(label: &Label) -> crate::Host, Key::Host(label.clone()), Record::Host(host) => host;
        /// The password of the instances of a launch.
        password(id: BatchId) -> crate::Secret, Key::Password(id), Record::Password(_, password) => password;
        /// What the instances of a launch run when they boot.
        user_data(id: BatchId) -> crate::Secret, Key::UserData(id), Record::UserData(_, data) => data;
        /// What became of a launch.
        batch(id: BatchId) -> Batch, Key::Batch(id), Record::Batch(batch) => batch;
        /// Addresses that an instance had.
        cooling(id: InstanceId) -> crate::Cooling, Key::Cooling(id), Record::Cooling(cooling) => cooling;
        /// An event.
        event(id: EventId) -> Event, Key::Event(id), Record::Event(event) => event;
        /// A group.
        group(label: &Label) -> Group, Key::Group(label.clone()), Record::Group(group) => group;
        /// An instance.
        instance(id: InstanceId) -> Instance, Key::Instance(id), Record::Instance(instance) => instance;
        /// A key pair of an account.
        key_pair(of: (AccountId, &Arc<str>)) -> crate::KeyPair, Key::KeyPair(of.0, of.1.clone()), Record::KeyPair(pair) => pair;
        /// A network.
        network(label: &Label) -> Network, Key::Network(label.clone()), Record::Network(network) => network;
        /// What an account has in a region.
        holdings_of(of: (AccountId, &Label)) -> crate::Holdings, Key::Holdings(of.0, of.1.clone()), Record::Holdings(holdings) => holdings;
        /// What came of a request with a token.
        receipt(id: ReceiptId) -> crate::Receipt, Key::Receipt(id), Record::Receipt(receipt) => receipt;
        /// The public addresses of a region.
        public_pool(region: &Label) -> PublicPool, Key::PublicPool(region.clone()), Record::PublicPool(pool) => pool;
        /// What the instances of a launch have in common.
        spec(id: BatchId) -> Arc<Spec>, Key::Spec(id), Record::Spec(_, spec) => spec;
        /// A stock.
        stock(key: &StockKey) -> Stock, Key::Stock(key.clone()), Record::Stock(stock) => stock;
        /// A subnet.
        subnet(label: &Label) -> Subnet, Key::Subnet(label.clone()), Record::Subnet(subnet) => subnet;
        /// A template.
        template(label: &Label) -> Template, Key::Template(label.clone()), Record::Template(template) => template;
        /// The template of this name, by its label.
        template_named(key: &TemplateNameKey) -> Label, Key::TemplateName(key.clone()), Record::TemplateName(_, label) => label;
        /// A used token.
        token(key: &TokenKey) -> Token, Key::Token(key.clone()), Record::Token(token) => token;
    }

    /// The group of `account` that goes by `label`, if its network is in `region`.
    ///
    /// # Errors
    /// When the view cannot tell.
    fn group_in(
        &self,
        account: AccountId,
        region: &Label,
        label: &Label,
    ) -> Result<Option<Group>, Self::Failure> {
        let Some(group) = self.group(label)?.filter(|group| group.account == account) else {
            return Ok(None);
        };
        let network = self.network(&group.network)?;
        Ok(network.is_some_and(|network| network.region == *region).then_some(group))
    }

    /// The rules of a group, oldest first.
    ///
    /// # Errors
    /// When the view cannot tell.
    fn rules(&self, group: &Group) -> Result<Vec<Rule>, Self::Failure> {
        let (first, last) = Key::rules(&group.label);
        let limit = usize::try_from(group.rules).unwrap_or(usize::MAX);
        let mut rules = Vec::new();
        for key in self.keys(&first, &last, limit)? {
            if let Some(Record::Rule(rule)) = self.get(&key)? {
                rules.push(rule);
            }
        }
        Ok(rules)
    }

    /// An instance with what it was launched as and what was changed since; `None` when its launch
    /// is not there.
    ///
    /// # Errors
    /// When the view cannot tell.
    fn profile(&self, instance: Instance) -> Result<Option<Profile>, Self::Failure> {
        let Some(spec) = self.spec(instance.batch)? else { return Ok(None) };
        let amendment = match instance.amended {
            true => self.amendment(instance.id)?.map(Arc::new),
            false => None,
        };
        Ok(Some(Profile { instance, spec, amendment }))
    }

    /// What became of all work items so far.
    ///
    /// # Errors
    /// When the view cannot tell.
    fn work_stats(&self) -> Result<crate::WorkStats, Self::Failure> {
        match self.get(&Key::WorkStats)? {
            Some(Record::WorkStats(stats)) => Ok(stats),
            Some(_) | None => Ok(crate::WorkStats::default()),
        }
    }

    /// The counter of ids; one that was never drawn from is at its start.
    ///
    /// # Errors
    /// When the view cannot tell.
    fn sequence(&self) -> Result<Sequence, Self::Failure> {
        match self.get(&Key::Sequence)? {
            Some(Record::Sequence(sequence)) => Ok(sequence),
            Some(_) | None => Ok(Sequence::START),
        }
    }

    /// Version `number` of a template.
    ///
    /// # Errors
    /// When the view cannot tell.
    fn template_version(
        &self,
        template: &Label,
        number: u32,
    ) -> Result<Option<TemplateVersion>, Self::Failure> {
        match self.get(&Key::TemplateVersion(template.clone(), number))? {
            Some(Record::TemplateVersion(version)) => Ok(Some(version)),
            Some(_) | None => Ok(None),
        }
    }

    /// A page of addresses; one that was never written is fresh.
    ///
    /// # Errors
    /// When the view cannot tell.
    fn address_page(&self, pool: &PoolId, extent: Extent, number: u8) -> Result<AddressPage, Self::Failure> {
        match self.get(&Key::AddressPage(pool.clone(), number))? {
            Some(Record::AddressPage(page)) => Ok(page),
            Some(_) | None => Ok(AddressPage::fresh(pool.clone(), extent, number)),
        }
    }
}
