//! Listings: pages of instances, events, networks, subnets, groups and templates, each from one revision.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use fleet::{
    AccountId, BatchId, Event, EventFilter, EventId, Group, Instance, InstanceFilter, InstanceId, KeptDisk,
    Key, KeyPair, Label, Network, Page, PageCollector, Paging, Profile, Record, Serial, Spec, Stock, Subnet,
    Template, TemplateVersion, View as _,
};

use crate::engine::Order;
use crate::error::StoreError;
use crate::view::Snapshot;

impl Snapshot<'_> {
    /// The instances that `filter` shows, newest first, each as it is now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn instances(
        &self,
        filter: &InstanceFilter,
        paging: Paging<InstanceId>,
    ) -> Result<Page<Profile, InstanceId>, StoreError> {
        let types = &self.catalogue().instance_types;
        let family = |spec: &Spec| types.get(&spec.instance_type).map(|found| &found.family);
        self.instances_where(
            filter.ids.as_ref(),
            paging,
            |instance, spec| filter.may_match(instance, spec, family(spec)),
            |profile| filter.matches(profile, family(&profile.spec)),
        )
    }

    /// The instances that `shows` says so of, of all accounts, newest first, each as it is now; of
    /// these ids only, where some are given. What `may_show` denies is not looked at any further.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn instances_where(
        &self,
        ids: Option<&BTreeSet<InstanceId>>,
        paging: Paging<InstanceId>,
        may_show: impl Fn(&Instance, &Spec) -> bool,
        shows: impl Fn(&Profile) -> bool,
    ) -> Result<Page<Profile, InstanceId>, StoreError> {
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
            if !may_show(&instance, &spec) {
                return ControlFlow::Continue(());
            }
            let amendment = match instance.amended {
                true => match self.amendment(instance.id) {
                    Ok(amendment) => amendment.map(Arc::new),
                    Err(error) => {
                        failure = Some(error);
                        return ControlFlow::Break(());
                    }
                },
                false => None,
            };
            let profile = Profile { instance, spec, amendment };
            if shows(&profile) {
                collector.see(profile.instance.id, || profile);
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

    /// The disks of an account that outlived their instance, by the age of that.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn kept_disks(&self, account: AccountId) -> Result<Vec<KeptDisk>, StoreError> {
        let mut found = Vec::new();
        let range =
            (Key::Disk(InstanceId(Serial::LOWEST), 0), Key::Disk(InstanceId(Serial::HIGHEST), u8::MAX));
        self.walk((&range.0, &range.1), Order::Ascending, |record| {
            if let Record::Disk(disk) = record
                && disk.account == account
            {
                found.push(disk);
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
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

    /// The key pairs of an account, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn key_pairs(&self, account: AccountId) -> Result<Vec<KeyPair>, StoreError> {
        let (first, last) = Key::key_pairs(account);
        let mut found = Vec::new();
        self.walk((&first, &last), Order::Ascending, |record| {
            if let Record::KeyPair(pair) = record {
                found.push(pair);
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// The templates of an account, by label.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn templates(&self, account: AccountId) -> Result<Vec<Template>, StoreError> {
        self.labelled(Key::Template, |record| {
            let Record::Template(template) = record else { return None };
            (template.account == account).then_some(template)
        })
    }

    /// The versions of a template, by number.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn template_versions(&self, template: &Label) -> Result<Vec<TemplateVersion>, StoreError> {
        let (first, last) = Key::template_versions(template);
        let mut versions = Vec::new();
        self.walk((&first, &last), Order::Ascending, |record| {
            if let Record::TemplateVersion(version) = record {
                versions.push(version);
            }
            ControlFlow::Continue(())
        })?;
        Ok(versions)
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
