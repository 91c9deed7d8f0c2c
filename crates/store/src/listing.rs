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
use crate::roster::{Facet, Lists, Plan, of_events, of_instances};
use crate::view::Snapshot;

/// Which instances a listing looks at.
#[derive(Clone, Copy, Debug)]
pub struct Among<'a> {
    /// Those of this account.
    pub account: AccountId,
    /// These only, where some are given.
    pub ids: Option<&'a BTreeSet<InstanceId>>,
    /// Only those that are attached to a subnet besides their own.
    pub attached: bool,
}

/// Judges instances one by one: reads what belongs to them, and keeps those that a listing shows.
struct Judge<'a, 's, M, S> {
    snapshot: &'a Snapshot<'s>,
    specs: HashMap<BatchId, Option<Arc<Spec>>>,
    may_show: M,
    shows: S,
}

impl<'a, 's, M, S> Judge<'a, 's, M, S>
where
    M: Fn(&Instance, &Spec) -> bool,
    S: Fn(&Profile) -> bool,
{
    fn new(snapshot: &'a Snapshot<'s>, may_show: M, shows: S) -> Self {
        Self { snapshot, specs: HashMap::new(), may_show, shows }
    }

    fn judge(&mut self, instance: Instance) -> Result<Option<Profile>, StoreError> {
        let spec = match self.specs.get(&instance.batch) {
            Some(spec) => spec.clone(),
            None => {
                let spec = self.snapshot.spec(instance.batch)?;
                self.specs.entry(instance.batch).or_insert(spec).clone()
            }
        };
        let Some(spec) = spec.filter(|spec| (self.may_show)(&instance, spec)) else { return Ok(None) };
        let amendment = match instance.amended {
            true => self.snapshot.amendment(instance.id)?.map(Arc::new),
            false => None,
        };
        let profile = Profile { instance, spec, amendment };
        Ok((self.shows)(&profile).then_some(profile))
    }

    fn read(&mut self, id: InstanceId) -> Result<Option<Profile>, StoreError> {
        match self.snapshot.instance(id)? {
            Some(instance) => self.judge(instance),
            None => Ok(None),
        }
    }
}

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
        let judge = Judge::new(
            self,
            |instance: &Instance, spec: &Spec| filter.may_match(instance, spec, family(spec)),
            |profile: &Profile| filter.matches(profile, family(&profile.spec)),
        );
        match &filter.ids {
            Some(ids) => of_ids(ids, paging, judge),
            None => self.planned(&of_instances(filter, self.catalogue()), paging, judge),
        }
    }

    /// The instances among some that `shows` says so of, newest first, each as it is now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn instances_where(
        &self,
        among: Among<'_>,
        paging: Paging<InstanceId>,
        shows: impl Fn(&Profile) -> bool,
    ) -> Result<Page<Profile, InstanceId>, StoreError> {
        let may_show = |instance: &Instance, _: &Spec| {
            instance.account == among.account && !(among.attached && instance.attached.is_empty())
        };
        let judge = Judge::new(self, may_show, shows);
        let mut facets = vec![Facet::Of(among.account)];
        facets.extend(among.attached.then_some(Facet::Attached));
        match among.ids {
            Some(ids) => of_ids(ids, paging, judge),
            None => self.planned(&Plan::all(facets).roughly(), paging, judge),
        }
    }

    /// The page of those that `plan` finds and `judge` shows.
    fn planned<M, S>(
        &self,
        plan: &Plan<Facet>,
        paging: Paging<InstanceId>,
        mut judge: Judge<'_, '_, M, S>,
    ) -> Result<Page<Profile, InstanceId>, StoreError>
    where
        M: Fn(&Instance, &Spec) -> bool,
        S: Fn(&Profile) -> bool,
    {
        let lists = self.lists()?;
        if let Some(found) = lists.and_then(|lists| lists.instances(self.revision(), plan)) {
            let page = found.page(paging, (InstanceId, |id: InstanceId| id.0), |id| judge.read(id))?;
            if let Some(page) = page {
                return Ok(page);
            }
        }
        lists.into_iter().for_each(Lists::count_untold);
        self.walked(paging, judge)
    }

    /// The page of those among all instances that `judge` shows.
    fn walked<M, S>(
        &self,
        paging: Paging<InstanceId>,
        mut judge: Judge<'_, '_, M, S>,
    ) -> Result<Page<Profile, InstanceId>, StoreError>
    where
        M: Fn(&Instance, &Spec) -> bool,
        S: Fn(&Profile) -> bool,
    {
        let mut collector = PageCollector::new(paging);
        let mut failure = None;
        let range = (Key::Instance(InstanceId(Serial::LOWEST)), Key::Instance(InstanceId(Serial::HIGHEST)));
        self.walk((&range.0, &range.1), Order::Descending, |record| {
            let Record::Instance(instance) = record else { return ControlFlow::Continue(()) };
            match judge.judge(instance) {
                Ok(None) => ControlFlow::Continue(()),
                Ok(Some(profile)) => {
                    collector.see(profile.instance.id, || profile);
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
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
        let read = |id| Ok::<_, StoreError>(self.event(id)?.filter(|event| filter.matches(event)));
        if let Some(ids) = &filter.ids {
            let mut collector = PageCollector::new(paging);
            for id in ids.iter().rev() {
                if let Some(event) = read(*id)? {
                    collector.see(event.id, || event);
                }
            }
            return Ok(collector.into_page());
        }
        let plan = of_events(filter);
        let lists = self.lists()?;
        let found = lists.and_then(|lists| lists.events(self.revision(), &plan));
        if let Some(found) = found
            && let Some(page) = found.page(paging, (EventId, |id: EventId| id.0), read)?
        {
            return Ok(page);
        }
        lists.into_iter().for_each(Lists::count_untold);
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

/// The page of those among `ids` that `judge` shows.
fn of_ids<M, S>(
    ids: &BTreeSet<InstanceId>,
    paging: Paging<InstanceId>,
    mut judge: Judge<'_, '_, M, S>,
) -> Result<Page<Profile, InstanceId>, StoreError>
where
    M: Fn(&Instance, &Spec) -> bool,
    S: Fn(&Profile) -> bool,
{
    let mut collector = PageCollector::new(paging);
    for id in ids.iter().rev() {
        if let Some(profile) = judge.read(*id)? {
            collector.see(*id, || profile);
        }
    }
    Ok(collector.into_page())
}
