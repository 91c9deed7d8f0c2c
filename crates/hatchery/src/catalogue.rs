//! A catalogue as people write it: TOML.
//!
//! One file of this folder for each kind of table. All of them take what they know out of a
//! [`Row`](read::Row), which notes mistakes and goes on, so that a file is told all that is wrong with it at once.

mod account;
mod assets;
mod bare_metal;
mod machines;
mod networks;
mod places;
mod problem;
mod read;
#[cfg(test)]
mod tests;
mod value;

use fleet::{
    AccountId, AddKeyPair, Catalogue, CreateGroup, CreateNetwork, CreateSubnet, LabelSource, LoadCatalogue,
    Marks, OpenAccount, Ready, SetAccountTerms,
};

use account::{AccountRow, KeyPairRow};
use networks::{GroupRow, NetworkRow, SubnetRow};
pub use problem::{CatalogueError, CatalogueMistake, CatalogueProblem};
use read::{Reading, Row};

/// A catalogue file: what can be asked for, and networks to begin with.
///
/// ```toml
/// [[region]]
/// id = "cn-hangzhou"
///
/// [[zone]]
/// id = "cn-hangzhou-g"
/// region = "cn-hangzhou"
///
/// [[instance_type]]
/// id = "ecs.g6.large"
/// family = "ecs.g6"
/// cpus = 2
/// memory_mib = 8192
/// stock = { cn-hangzhou-g = 100 }
///
/// [[image]]
/// id = "img-linux"
/// os = "linux"
/// size_gib = 20
/// ```
#[derive(Clone, Debug)]
pub struct CatalogueFile {
    load: LoadCatalogue,
    account: AccountRow,
    key_pairs: Vec<KeyPairRow>,
    networks: Vec<NetworkRow>,
    subnets: Vec<SubnetRow>,
    groups: Vec<GroupRow>,
}

impl CatalogueFile {
    /// The file that `text` spells.
    ///
    /// # Errors
    /// When it is not TOML, a table has a key that is not known or lacks one that is needed, a
    /// value is not what its key asks for, two items go by one id, or an id is named that nothing
    /// goes by. All of it is in the error, with lines and keys.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let (file, reading) = Reading::read(text, Self::read);
        reading.finish()?;
        Ok(file)
    }

    fn read(file: &mut Row<'_, '_>) -> Self {
        let mut catalogue = Catalogue::default();
        file.rows("region", places::region).into_iter().for_each(|region| catalogue.add(region));
        file.rows("zone", places::zone).into_iter().for_each(|zone| catalogue.add(zone));
        let mut offers = Vec::new();
        for (instance_type, offered) in file.rows("instance_type", machines::instance_type) {
            catalogue.add(instance_type);
            offers.extend(offered);
        }
        file.rows("image", machines::image).into_iter().for_each(|image| catalogue.add(image));
        assets::assets(file).into_iter().for_each(|asset| catalogue.add(asset));
        Self {
            load: LoadCatalogue { catalogue, offers, hosts: file.rows("host", places::host) },
            account: file.inner("account", "account", account::account).unwrap_or_default(),
            key_pairs: file.rows("key_pair", account::key_pair),
            networks: file.rows("network", networks::network),
            subnets: file.rows("subnet", networks::subnet),
            groups: file.rows("group", networks::group),
        }
    }

    /// The command that puts the catalogue in force.
    #[must_use]
    pub fn load(&self) -> LoadCatalogue {
        self.load.clone()
    }

    /// How many of each table there are, by the name of the table.
    #[must_use]
    pub fn counts(&self) -> [(&'static str, usize); 10] {
        let Catalogue { regions, zones, instance_types, images, assets } = &self.load.catalogue;
        [
            ("region", regions.len()),
            ("zone", zones.len()),
            ("instance type", instance_types.len()),
            ("image", images.len()),
            ("asset", assets.len()),
            ("host", self.load.hosts.len()),
            ("key pair", self.key_pairs.len()),
            ("network", self.networks.len()),
            ("subnet", self.subnets.len()),
            ("group", self.groups.len()),
        ]
    }

    /// The command that opens `account` as the file has it, with room for `instance_limit` instances where it does not say.
    #[must_use]
    pub fn open_account(&self, account: AccountId, instance_limit: u32) -> OpenAccount {
        let AccountRow { instance_limit: limit, balance, .. } = self.account;
        OpenAccount { id: account, instance_limit: limit.unwrap_or(instance_limit), grant: balance }
    }

    /// The command that sets what `account` may not do, and how much it may have.
    #[must_use]
    pub fn account_terms(&self, account: AccountId) -> SetAccountTerms {
        let AccountRow { quotas, bars, .. } = &self.account;
        SetAccountTerms { id: account, bars: bars.clone(), quotas: *quotas }
    }

    /// The commands that keep the key pairs of the file for `account`.
    pub fn key_pairs(&self, account: AccountId) -> impl Iterator<Item = AddKeyPair> + '_ {
        self.key_pairs.iter().map(move |row| AddKeyPair {
            account,
            name: row.name.as_str().into(),
            fingerprint: row.fingerprint.clone(),
            public_key: row.public_key.clone(),
            resource_group: None,
            tags: Vec::new(),
        })
    }

    /// The commands that make the networks of the file for `account`, or for the provider.
    pub fn networks(&self, account: AccountId) -> impl Iterator<Item = CreateNetwork> + '_ {
        self.networks.iter().map(move |row| CreateNetwork {
            account: if row.provider { AccountId::PROVIDER } else { account },
            label: LabelSource::Given(row.id.clone()),
            region: row.region.clone(),
            block: row.block,
            ipv6: row.ipv6,
            ready: Ready::AtOnce,
            name: row.name.clone(),
            description: String::new(),
            marks: Marks::default(),
        })
    }

    /// The commands that make the subnets of the file for whose network it is, to be run after the networks.
    pub fn subnets(&self, account: AccountId) -> impl Iterator<Item = CreateSubnet> + '_ {
        let provided =
            |network: &fleet::Label| self.networks.iter().any(|row| row.provider && row.id == *network);
        self.subnets.iter().map(move |row| CreateSubnet {
            account: if provided(&row.network) { AccountId::PROVIDER } else { account },
            label: LabelSource::Given(row.id.clone()),
            network: row.network.clone(),
            zone: row.zone.clone(),
            block: row.block,
            ipv6: row.ipv6,
            ready: Ready::AtOnce,
            name: row.name.clone(),
            description: String::new(),
            marks: Marks::default(),
        })
    }

    /// The commands that make the groups of the file for `account`, to be run after the networks.
    pub fn groups(&self, account: AccountId) -> impl Iterator<Item = CreateGroup> + '_ {
        self.groups.iter().map(move |row| CreateGroup {
            account,
            label: LabelSource::Given(row.id.clone()),
            network: row.network.clone(),
            name: row.name.clone(),
            description: String::new(),
            marks: Marks::default(),
        })
    }
}
