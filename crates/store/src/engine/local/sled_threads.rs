//! Whether sled can have the threads that it works with: it waits for ever for one that could not be started.
//!
//! This is the only place where the library starts any, and they are gone again before an opening goes on.

use std::io;
use std::thread;

use parking_lot::Mutex;

/// How many threads have to be there at once for sled to be opened. It begins with one or two, and goes on with more
/// where it can.
const TRIED: usize = 4;

/// Makes sure that threads can be started.
pub(crate) fn try_them() -> io::Result<()> {
    let door = Mutex::new(());
    thread::scope(|scope| {
        // Shut until all are there.
        let _shut = door.lock();
        (0..TRIED).try_for_each(|_| {
            let started = thread::Builder::new().spawn_scoped(scope, || drop(door.lock()));
            started.map(drop)
        })
    })
}
