//! Listings: pages of instances, events, networks, subnets and groups, each from one revision.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use fleet::{
    AccountId, BatchId, Event, EventFilter, EventId, Group, Instance, InstanceFilter, InstanceId, Key, Label,
    Network, Page, PageCollector, Paging, Record, Serial, Spec, Stock, Subnet, View as _,
};

use crate::engine::Order;
use crate::error::StoreError;
use crate::view::Snapshot;

impl Snapshot<'_> {
    /// The instances that `filter` shows, newest first, each with what it shares with its launch.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn instances(
        &self,
        filter: &InstanceFilter,
        paging: Paging<InstanceId>,
    ) -> Result<Page<(Instance, Arc<Spec>), InstanceId>, StoreError> {
        self.instances_where(filter.ids.as_ref(), paging, |instance, spec| {
            let instance_type = self.catalogue().instance_types.get(&spec.instance_type);
            Ok(filter.matches(instance, spec, instance_type.map(|found| &found.family)))
        })
    }

    /// The instances that `shows` says so of, of all accounts, newest first, each with what it shares
    /// with its launch; of these ids only, where some are given.
    ///
    /// # Errors
    /// When the store cannot be read, or `shows` fails.
    pub fn instances_where(
        &self,
        ids: Option<&BTreeSet<InstanceId>>,
        paging: Paging<InstanceId>,
        shows: impl Fn(&Instance, &Spec) -> Result<bool, StoreError>,
    ) -> Result<Page<(Instance, Arc<Spec>), InstanceId>, StoreError> {
        let mut collector = PageCollector::new(paging);
        let mut specs: HashMap<BatchId, Option<Arc<Spec>>> = HashMap::new();
        let mut failure = None;
        let mut see = |instance: Instance| {
            let spec = match specs.get(&instance.batch) {
                Some(spec) => spec.clone(),
                None => match self.spec(instance.batch) {
                    Ok(spec) => specs.entry(instance.batch).or_insert(spec).clone(),
                    Err(error) => {
                        failure = Some(error);
                        return ControlFlow::Break(());
                    }
                },
            };
            let Some(spec) = spec else { return ControlFlow::Continue(()) };
            match shows(&instance, &spec) {
                Ok(true) => collector.see(instance.id, || (instance, spec)),
                Ok(false) => {}
                Err(error) => {
                    failure = Some(error);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        };
        match ids {
            Some(ids) => {
                for id in ids.iter().rev() {
                    if let Some(instance) = self.instance(*id)?
                        && see(instance).is_break()
                    {
                        break;
                    }
                }
            }
            None => {
                let range =
                    (Key::Instance(InstanceId(Serial::LOWEST)), Key::Instance(InstanceId(Serial::HIGHEST)));
                self.walk((&range.0, &range.1), Order::Descending, |record| {
                    if let Record::Instance(instance) = record {
                        see(instance)
                    } else {
                        ControlFlow::Continue(())
                    }
                })?;
            }
        }
        failure.map_or_else(|| Ok(collector.into_page()), Err)
    }

    /// The events that `filter` shows, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn events(
        &self,
        filter: &EventFilter,
        paging: Paging<EventId>,
    ) -> Result<Page<Event, EventId>, StoreError> {
        let mut collector = PageCollector::new(paging);
        let range = (Key::Event(EventId(Serial::LOWEST)), Key::Event(EventId(Serial::HIGHEST)));
        self.walk((&range.0, &range.1), Order::Descending, |record| {
            if let Record::Event(event) = record
                && filter.matches(&event)
            {
                collector.see(event.id, || event);
            }
            ControlFlow::Continue(())
        })?;
        Ok(collector.into_page())
    }

    /// The networks of an account, by label.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn networks(&self, account: AccountId) -> Result<Vec<Network>, StoreError> {
        self.labelled(Key::Network, |record| {
            let Record::Network(network) = record else { return None };
            (network.account == account).then_some(network)
        })
    }

    /// The subnets of an account, by label.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn subnets(&self, account: AccountId) -> Result<Vec<Subnet>, StoreError> {
        self.labelled(Key::Subnet, |record| {
            let Record::Subnet(subnet) = record else { return None };
            (subnet.account == account).then_some(subnet)
        })
    }

    /// The groups of an account, by label.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn groups(&self, account: AccountId) -> Result<Vec<Group>, StoreError> {
        self.labelled(Key::Group, |record| {
            let Record::Group(group) = record else { return None };
            (group.account == account).then_some(group)
        })
    }

    /// All stocks, by zone and type.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn stocks(&self) -> Result<Vec<Stock>, StoreError> {
        let (first, last) = Key::stocks();
        let mut stocks = Vec::new();
        self.walk((&first, &last), Order::Ascending, |record| {
            if let Record::Stock(stock) = record {
                stocks.push(stock);
            }
            ControlFlow::Continue(())
        })?;
        Ok(stocks)
    }

    fn labelled<T>(
        &self,
        key: impl Fn(Label) -> Key,
        pick: impl Fn(Record) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        let (first, last) = (key(Label::lowest()), key(Label::highest()));
        self.walk((&first, &last), Order::Ascending, |record| {
            found.extend(pick(record));
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }
}
