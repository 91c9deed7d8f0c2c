//! How long it takes from the bytes of a launch to what it means: decoding, parsing and every check
//! that needs no fleet. `cargo bench -p wire --bench parse` prints medians and the middle 90 %.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use fleet::{AccountId, Edition, Fingerprint};
use wire::ecs::request::{Action, Origin, parse};
use wire::{Params, time};

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
    &DataDisk.1.Size=200&DataDisk.1.PerformanceLevel=PL2_&DataDisk.1.DiskName=data&DataDisk.1.Device=/dev/xvdb\
    &DataDisk.1.DeleteWithInstance=true&DataDisk.1.Encrypted=false&DataDisk.1.BurstingEnabled=false\
    &HttpEndpoint=enabled&HttpTokens=required&CpuOptions.Core=1&CpuOptions.ThreadsPerCore=2\
    &NetworkInterface.1.NetworkInterfaceName=second&NetworkInterface.1.VSwitchId=vsw-bp1s5fnvk4gn2tws03624\
    &NetworkInterface.1.SecurityGroupId=sg-bp15ed6xe1yxeycg7ov3&HibernationOptions.Configured=false\
    &Tag.1.Key=team&Tag.1.Value=shop&Tag.2.Key=stage&Tag.2.Value=production";

fn main() {
    let full = FULL.replace("PL2_", "PL1");
    assert_eq!(full.split('&').count(), 60);
    report("60 parameters", &full);
    let unknown: String = (61..=1000).map(|n| format!("&FromTheFuture.{n}.Name=value-{n}")).collect();
    report("1000 parameters, 940 of them unknown", &format!("{full}{unknown}"));
    let tags: String = (1..=470).map(|n| format!("&Tag.{n}.Key=key-{n}&Tag.{n}.Value=value")).collect();
    report("1000 parameters, 940 of them tags: refused", &format!("{full}{tags}"));
    let beyond: String = (61..=1000).map(|n| format!("&DataDisk.{n}.Size=20")).collect();
    report("1000 parameters, 940 of them disks: refused", &format!("{full}{beyond}"));
}

fn report(what: &str, query: &str) {
    // A word on the command line picks the reports whose name has it.
    if std::env::args().skip(1).any(|word| !word.starts_with("--") && !what.contains(&word)) {
        return;
    }
    let now = time::parse("2026-01-02T03:04:05Z").unwrap();
    let (account, fingerprint) = (AccountId(7), Fingerprint([1; 32]));
    let origin = Origin { account, fingerprint, now, edition: Edition::Either };
    let decode = || Params::parse(black_box(query.as_bytes()), b"").unwrap();
    let read = || parse(Action::RunInstances, &mut decode(), &origin).is_ok();
    let good = read();
    println!("{what}; read: {good}");
    println!("  decoded            {}", measure(&mut || drop(black_box(decode()))));
    println!("  decoded and parsed {}", measure(&mut || assert!(read() == black_box(good))));
}

/// The median and the middle 90 % of how long `work` takes.
fn measure(work: &mut dyn FnMut()) -> String {
    let mut samples: Vec<Duration> = (0..SAMPLES)
        .map(|_| {
            let began = Instant::now();
            (0..PARSES).for_each(|_| work());
            began.elapsed() / PARSES
        })
        .collect();
    samples.sort();
    let at = |percent: usize| samples[SAMPLES * percent / 100];
    format!("{:?} ({:?} to {:?})", at(50), at(5), at(95))
}
