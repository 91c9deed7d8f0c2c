//! How long it takes from the bytes of a launch to what it means: decoding, parsing and every check that
//! needs no fleet.

use std::hint::black_box;
use std::time::Instant;

use hatchery::{AccountId, Edition, Fingerprint};
use wire::ecs::request::{Action, Origin, parse};
use wire::{Params, time};

use crate::measure::{Failure, Spread};
use crate::report::{Goal, Section, Table};

/// How many samples make a figure, and how many parses a sample: one is too short for the clock.
const SAMPLES: usize = 1001;
const PARSES: u32 = 20;

/// A launch as a thorough client sends it: 60 parameters, one after another as in the reference.
const FULL: &str = "RegionId=cn-hangzhou&ZoneId=cn-hangzhou-g&ImageId=aliyun_3_x64_20G_alibase.vhd\
    &InstanceType=ecs.g5.large&SecurityGroupId=sg-bp15ed6xe1yxeycg7ov3&VSwitchId=vsw-bp1s5fnvk4gn2tws03624\
    &Amount=8&MinAmount=2&InstanceName=web-%5B1%2C4%5D-prod&HostName=web-%5B1%2C4%5D&UniqueSuffix=false\
    &Description=the%20front%20of%20the%20shop&Password=EcsV587%21abc&PasswordInherit=false\
    &ClientToken=0c593ea1-3bea-11e9-b96b-88e9fe637760&DryRun=false&InternetChargeType=PayByTraffic\
    &InternetMaxBandwidthIn=200&InternetMaxBandwidthOut=10&IoOptimized=optimized\
    &InstanceChargeType=PrePaid&Period=1&PeriodUnit=Month&AutoRenew=true&AutoRenewPeriod=1\
    &UserData=IyEvYmluL3NoCmVjaG8gaGVsbG8gPiAvdG1wL2hlbGxvCg%3D%3D&KeyPairName=front&RamRoleName=front-role\
    &SecurityEnhancementStrategy=Active&DeletionProtection=false&SpotStrategy=NoSpot\
    &ResourceGroupId=rg-bp67acfmxazb4p&Tenancy=default&Affinity=default&CreditSpecification=Standard\
    &SystemDisk.Category=cloud_essd&SystemDisk.Size=40&SystemDisk.PerformanceLevel=PL1\
    &SystemDisk.DiskName=root&SystemDisk.Description=the%20root&DataDisk.1.Category=cloud_essd\
    &DataDisk.1.Size=200&DataDisk.1.PerformanceLevel=PL1&DataDisk.1.DiskName=data&DataDisk.1.Device=/dev/xvdb\
    &DataDisk.1.DeleteWithInstance=true&DataDisk.1.Encrypted=false&DataDisk.1.BurstingEnabled=false\
    &HttpEndpoint=enabled&HttpTokens=required&CpuOptions.Core=1&CpuOptions.ThreadsPerCore=2\
    &NetworkInterface.1.NetworkInterfaceName=second&NetworkInterface.1.VSwitchId=vsw-bp1s5fnvk4gn2tws03624\
    &NetworkInterface.1.SecurityGroupId=sg-bp15ed6xe1yxeycg7ov3&HibernationOptions.Configured=false\
    &Tag.1.Key=team&Tag.1.Value=shop&Tag.2.Key=stage&Tag.2.Value=production";

/// How many parameters the longer requests have.
const LONGER: [usize; 4] = [100, 200, 500, 1000];

pub(crate) fn run() -> Result<Section, Failure> {
    let mut table = Table::new(
        "One launch, µs: median (middle 90 %)",
        &["request", "what comes of it", "decoded", "decoded, parsed and checked"],
    );
    let (_, full) = measure_request(&mut table, "60 parameters", FULL)?;
    for count in LONGER {
        let rest = count - 60;
        let unknown: String = (0..rest).map(|n| format!("&FromTheFuture.{n}.Name=value-{n}")).collect();
        measure_request(
            &mut table,
            &format!("{count} parameters, {rest} of them unknown"),
            &format!("{FULL}{unknown}"),
        )?;
    }
    let tags: String = (3..473).map(|n| format!("&Tag.{n}.Key=key-{n}&Tag.{n}.Value=value")).collect();
    measure_request(&mut table, "1000 parameters, 940 of them tags", &format!("{FULL}{tags}"))?;
    let disks: String = (61..=1000).map(|n| format!("&DataDisk.{n}.Size=20")).collect();
    measure_request(&mut table, "1000 parameters, 940 of them disks", &format!("{FULL}{disks}"))?;
    Ok(Section {
        title: "Requests",
        about: format!(
            "From the bytes of a `RunInstances` to what it means, on one core: decoding, parsing, and every check that \
             needs no fleet. Signatures are not part of it. {SAMPLES} samples of {PARSES} requests."
        ),
        goals: vec![Goal::new(
            "60 parameters, decoded, parsed and checked, µs",
            "< 15",
            full.to_string(),
            full.median < 15.0,
        )],
        tables: vec![table],
        ..Section::default()
    })
}

/// Adds a row; the figures of it, in microseconds.
fn measure_request(table: &mut Table, what: &str, query: &str) -> Result<(Spread, Spread), Failure> {
    let origin = Origin {
        account: AccountId(7),
        fingerprint: Fingerprint([1; 32]),
        now: time::parse("2026-01-02T03:04:05Z")?,
        edition: Edition::Either,
    };
    let decode = || Params::parse(black_box(query.as_bytes()), b"");
    let read = || decode().is_ok_and(|mut params| parse(Action::RunInstances, &mut params, &origin).is_ok());
    let verdict = if read() { "a launch" } else { "a refusal" };
    let decoded = sample(&mut || drop(black_box(decode())));
    let parsed = sample(&mut || {
        black_box(read());
    });
    table.row([what.to_owned(), verdict.to_owned(), decoded.to_string(), parsed.to_string()]);
    Ok((decoded, parsed))
}

/// The median and the middle 90 % of how long `work` takes, in microseconds.
fn sample(work: &mut dyn FnMut()) -> Spread {
    let samples = (0..SAMPLES).map(|_| {
        let began = Instant::now();
        (0..PARSES).for_each(|_| work());
        began.elapsed().as_secs_f64() * 1e6 / f64::from(PARSES)
    });
    Spread::middle(samples.collect())
}
