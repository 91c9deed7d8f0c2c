//! What a server does to clients that want too much or take too long, under overload, and when it
//! is told to stop.

#![allow(clippy::panic, clippy::unwrap_used)]

mod common;

use std::io::{ErrorKind, Read as _, Write as _};
use std::time::Duration;

use common::{House, LAUNCH, REGIONS, Reply, Setup, WATCHDOG, ends, get_request, query};
use server::Limits;

const SHORT: Duration = Duration::from_millis(100);

fn one_at_a_time() -> Setup {
    Setup { limits: Limits { requests: 1, ..Limits::default() }, ..Setup::default() }
}

#[test]
fn a_body_has_a_limit() {
    let house = House::new(Setup::default());
    for (length, expected) in [(256 * 1024, "400 MissingParameter"), (256 * 1024 + 1, "400 InvalidParameter")]
    {
        let value = "x".repeat(length - 2);
        let reply = house.send(&format!(
            "POST / HTTP/1.1\r\nHost: h\r\nAccept: application/json\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\na={value}"
        ));
        assert_eq!(reply.code(), expected);
        assert!(reply.body.contains("AccessKeyId") || reply.body.contains("262144"), "{reply:?}");
    }
}

#[test]
fn headers_have_a_limit() {
    let house = House::new(Setup::default());
    for (headers, status) in [(64, 200), (65, 431)] {
        let more = "X-More: 1\r\n".repeat(headers - 1);
        let reply = house.send(&format!("GET /?{} HTTP/1.1\r\nHost: h\r\n{more}\r\n", query(&REGIONS)));
        assert_eq!(reply.status, status, "{headers} headers");
    }
}

#[test]
fn a_target_has_a_limit() {
    let house = House::new(Setup::default());
    // "/?a=" and the rest: 65534 bytes are the most that the HTTP library takes for a target.
    for (length, status) in [(65_534, 400), (65_535, 414)] {
        let value = "x".repeat(length - 4);
        let reply = house.send(&format!("GET /?a={value} HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_eq!(reply.status, status, "{length} bytes");
    }
}

#[test]
fn a_client_that_says_nothing_is_dropped() {
    let limits = Limits { head: SHORT, ..Limits::default() };
    let house = House::new(Setup { limits, ..Setup::default() });
    assert!(ends(house.connect()), "nothing at all");

    let mut stream = house.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: ").unwrap();
    assert!(ends(stream), "half a head");

    let mut stream = house.connect();
    stream.write_all(get_request(&query(&REGIONS)).as_bytes()).unwrap();
    assert_eq!(Reply::read(&mut stream).status, 200);
    assert!(ends(stream), "nothing after a reply");
}

#[test]
fn a_body_has_a_deadline() {
    let limits = Limits { body: SHORT, ..Limits::default() };
    let house = House::new(Setup { limits, ..Setup::default() });
    let reply = house.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\na=");
    assert_eq!(reply.status, 408);
}

#[test]
fn clients_that_are_slow_with_a_body_keep_nobody_out() {
    let house = House::new(one_at_a_time());
    let mut slow = house.connect();
    // It is past its head for certain: the server asks for the body.
    slow.write_all(b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        .unwrap();
    let mut interim = [0; 25];
    slow.read_exact(&mut interim).unwrap();
    assert!(interim.starts_with(b"HTTP/1.1 100 "), "{interim:?}");
    assert_eq!(house.call(&REGIONS).code(), "200");
}

#[test]
fn a_client_that_takes_no_answers_is_dropped() {
    let limits = Limits { answer: SHORT, ..Limits::default() };
    let house = House::new(Setup { limits, ..Setup::default() });
    let mut stream = house.connect();
    // The host comes back in every answer.
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", "h".repeat(60_000));
    let error = loop {
        if let Err(error) = stream.write_all(request.as_bytes()) {
            break error;
        }
    };
    assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error}");
}

#[test]
fn connections_have_a_limit_and_wait_for_each_other() {
    let limits = Limits { connections: 1, ..Limits::default() };
    let house = House::new(Setup { limits, ..Setup::default() });
    let mut first = house.connect();
    first.write_all(get_request(&query(&REGIONS)).as_bytes()).unwrap();
    assert_eq!(Reply::read(&mut first).status, 200);

    let mut second = house.connect();
    second.write_all(get_request(&query(&REGIONS)).as_bytes()).unwrap();
    second.set_read_timeout(Some(SHORT)).unwrap();
    assert_eq!(second.peek(&mut [0; 1]).unwrap_err().kind(), ErrorKind::WouldBlock);

    drop(first);
    second.set_read_timeout(Some(WATCHDOG)).unwrap();
    assert_eq!(Reply::read(&mut second).status, 200);
}

#[test]
fn overload_is_told_at_once_and_changes_nothing() {
    let house = House::new(one_at_a_time());
    let before = house.hatchery.last().0;
    let gate = house.close_gate();
    let first = house.launch_under_way();
    for _ in 0..10 {
        let shed = house.launch();
        assert_eq!(shed.code(), "503 ServiceUnavailable");
        assert_eq!(shed.header("retry-after"), Some("1"));
        assert_eq!(shed.header("x-acs-request-id"), shed.json()["RequestId"].as_str());
    }
    assert_eq!(house.hatchery.last().0, before);

    drop(gate);
    assert_eq!(first.join().unwrap().status, 200);
    assert_eq!(house.hatchery.last().0, before.next().unwrap());
    assert_eq!(house.launch().code(), "200", "all is well again");
}

#[test]
fn a_client_that_goes_does_not_make_room_for_more_work() {
    let house = House::new(one_at_a_time());
    let gate = house.close_gate();
    let mut stream = house.connect();
    // Until one launch of this client is what keeps the server busy.
    loop {
        stream.write_all(get_request(&query(&LAUNCH)).as_bytes()).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        let refused = loop {
            if house.call(&REGIONS).status == 503 {
                break false;
            }
            if stream.peek(&mut [0; 1]).is_ok() {
                break true;
            }
        };
        if !refused {
            break;
        }
        stream.set_read_timeout(Some(WATCHDOG)).unwrap();
        assert_eq!(Reply::read(&mut stream).status, 503);
    }

    drop(stream);
    for _ in 0..100 {
        assert_eq!(house.call(&REGIONS).code(), "503 ServiceUnavailable");
    }
    drop(gate);
    while house.call(&REGIONS).status == 503 {}
}

#[test]
fn a_store_whose_queue_is_full_is_overload_too() {
    let options = hatchery::Options { waiting_max: 0, ..hatchery::Options::default() };
    let empty = hatchery::Hatchery::in_memory(options).unwrap();
    let house = House::over(std::sync::Arc::new(empty), Setup::default());
    let network = [("Action", "CreateVpc"), ("Version", "2016-04-28"), ("RegionId", "cn-hangzhou")];
    let reply = house.call(&network);
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")), "{reply:?}");
}

#[test]
fn stopping_lets_a_request_under_way_come_to_its_end() {
    let mut house = House::new(one_at_a_time());
    let before = house.hatchery.last().0;
    let gate = house.close_gate();
    let launch = house.launch_under_way();
    let idle = house.connect();
    house.tell_to_stop();
    assert!(ends(idle), "who has asked for nothing is not waited for");
    drop(gate);
    assert_eq!(launch.join().unwrap().status, 200);
    house.wait();
    assert_eq!(house.hatchery.last().0, before.next().unwrap());
    assert!(std::net::TcpStream::connect(house.address).is_err());
}

#[test]
fn stopping_does_not_wait_for_ever() {
    let setup = one_at_a_time();
    let limits = Limits { stop: SHORT, ..setup.limits };
    let mut house = House::new(Setup { limits, ..setup });
    let mut slow = house.connect();
    slow.write_all(b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        .unwrap();
    slow.read_exact(&mut [0; 25]).unwrap();
    let told = std::time::Instant::now();
    house.tell_to_stop();
    house.wait();
    assert!(told.elapsed() < Limits::default().stop, "the body alone would have taken longer");
}
